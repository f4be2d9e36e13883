//! `versions-agree`: all version files and lock files have the same version.

use super::gate::{Need, Rule};
use crate::base::finding::{Finding, Who};
use crate::judge::case::Case;
use crate::judge::ruling::{Ruling, Verdict};
use crate::judge::target::{self, Fetched, Files, NoTarget, no_site};
use crate::project::manifest::VersionSource;
use crate::project::versions::{self, FileState, Site, Tree};

/// The rule.
pub(super) struct VersionsAgree;

impl Rule for VersionsAgree {
    const ID: &'static str = "versions-agree";
    const ASKS: &'static str = "do all version files and lock files have the same version?";
    const PAGE: &'static str = include_str!("../../../docs/gates/versions-agree.md");
    type Settings = ();

    fn needs((): &()) -> Vec<Need> {
        vec![Need::Files]
    }

    fn by_default(case: &Case<'_>) -> bool {
        !case.manifest.version.files.is_empty()
    }

    fn rule(case: &Case<'_>, (): &()) -> Ruling {
        let (manifest, facts) = (case.manifest, case.facts);
        if let Err(none @ NoTarget::NotSet { .. }) = case.target() {
            return none.ruling();
        }
        let mut agreed = Vec::new();
        let mut first: Option<Site> = None;
        let mut findings: Vec<(Verdict, Finding)> = Vec::new();
        for file in &manifest.version.files {
            let sites = match sites(file, &facts.files) {
                Ok(sites) => sites,
                Err(none) => {
                    findings.push((none.ruling().verdict(), none.finding()));
                    continue;
                }
            };
            for site in sites {
                let truth = first.get_or_insert_with(|| site.clone());
                if site.version != truth.version {
                    findings.push((Verdict::NoGo, differs(&site, truth)));
                } else if !agreed.contains(&site.path) {
                    agreed.push(site.path);
                }
            }
        }
        conclude(findings, &agreed)
    }
}

/// The worst finding determines the ruling; the others become notes.
fn conclude(findings: Vec<(Verdict, Finding)>, agreed: &[String]) -> Ruling {
    let Some(worst) = findings.iter().map(|(verdict, _)| *verdict).max() else {
        return if agreed.is_empty() {
            let finding = Finding::new("no version files are listed");
            Ruling::no_go(finding.help("list them in `version.files`").who(Who::Author))
        } else {
            Ruling::go(agreed.join(", "))
        };
    };
    let (ruling, beside): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|(verdict, _)| *verdict == worst);
    let mut findings: Vec<Finding> = ruling.into_iter().map(|(_, finding)| finding).collect();
    if let Some(last) = findings.last_mut() {
        last.notes.extend(beside.into_iter().map(|(_, finding)| finding.message));
    }
    let summary = findings.first().map_or_else(String::new, |finding| finding.message.clone());
    match worst {
        Verdict::NoGo => Ruling::NoGo { summary, findings },
        Verdict::Go | Verdict::Hold | Verdict::Unknown => Ruling::Unknown { summary, findings },
    }
}

fn differs(site: &Site, truth: &Site) -> Finding {
    let (path, source) = (&site.path, &truth.path);
    Finding::new(format!("`{path}` says {}, `{source}` says {}", site.version, truth.version))
        .at(path, site.span, format!("{} expected", truth.version))
        .help(refresh(path))
        .who(Who::Author)
}

/// How to fix a file that differs.
fn refresh(path: &str) -> String {
    match versions::refresh(path) {
        Some(command) => format!("run `{command}` and commit the lock file"),
        None => "use the same version in both files".into(),
    }
}

/// The version in a file, in its lock files, and in the file that it was moved from.
fn sites(source: &VersionSource, files: &Files) -> Result<Vec<Site>, NoTarget> {
    let source = target::in_commit(source, files);
    let site = target::site(&source, files)?;
    let locked = versions::locked(&source, &site, &Recorded(Fetched(files)));
    let locked = locked.map_err(|error| no_site(&error))?;
    let former = target::former_site(&source, files)?;
    Ok([site].into_iter().chain(locked).chain(former).collect())
}

/// Facts files that were saved before this lock file was supported do not contain it; its absence
/// proves nothing.
struct Recorded<'f>(Fetched<'f>);

impl Tree for Recorded<'_> {
    fn look(&self, path: &str) -> FileState<'_> {
        match self.0.look(path) {
            FileState::NotFetched => FileState::Absent,
            seen @ (FileState::Text(_) | FileState::Absent | FileState::Unread(_)) => seen,
        }
    }
}
