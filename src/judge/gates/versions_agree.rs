//! `versions-agree`: all version files and lock files have the same version.

use super::gate::{Need, Rule};
use crate::base::finding::{Finding, Who};
use crate::facts::{Facts, FileAt, Seen};
use crate::judge::case::Case;
use crate::judge::ruling::{Ruling, Verdict};
use crate::judge::target::{self, NoTarget, no_site};
use crate::project::versions::{self, Site};

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
        let mut agreed = Vec::new();
        let mut first: Option<(String, Site)> = None;
        let mut findings: Vec<(Verdict, Finding)> = Vec::new();
        for file in &manifest.version.files {
            let path = &file.value;
            let sites = match sites(path, facts) {
                Ok(sites) => sites,
                Err(none) => {
                    findings.push((none.ruling().verdict(), none.finding()));
                    continue;
                }
            };
            for (path, site) in sites {
                let (source, truth) = first.get_or_insert_with(|| (path.clone(), site.clone()));
                if site.version == truth.version {
                    agreed.push(path);
                } else {
                    findings.push((Verdict::NoGo, differs(&path, &site, source, truth)));
                }
            }
        }
        conclude(findings, &agreed)
    }
}

/// The worst of the findings rules; lesser ones are noted beside it.
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

fn differs(path: &str, site: &Site, source: &str, truth: &Site) -> Finding {
    Finding::new(format!("`{path}` says {}, `{source}` says {}", site.version, truth.version))
        .at(path, site.span, format!("{} expected", truth.version))
        .help(refresh(path))
        .who(Who::Author)
}

/// How to fix a file that differs.
fn refresh(path: &str) -> String {
    match versions::refresh(path) {
        Some(command) => format!("run `{command}` and commit the lock file"),
        None => "write the same version to both".into(),
    }
}

/// The version in a file, and in the lock file beside it if that is there.
fn sites(path: &str, facts: &Facts) -> Result<Vec<(String, Site)>, NoTarget> {
    let text = target::text(&facts.files, path)?;
    let site = versions::read(path, text).map_err(|error| no_site(path, &error))?;
    let package = site.package.clone();
    let mut sites = vec![(path.to_owned(), site)];
    let Some(lock) = versions::lock_beside(path) else { return Ok(sites) };
    if let None | Some(Seen::Known(FileAt::Absent)) = facts.files.get(&lock) {
        return Ok(sites);
    }
    let text = target::text(&facts.files, &lock)?;
    let locked = versions::read_lock(&lock, text, package.as_deref().unwrap_or_default());
    match (locked.map_err(|error| no_site(&lock, &error))?, package) {
        (Some(site), _) => sites.push((lock, site)),
        (None, Some(package)) => {
            let finding = Finding::new(format!("`{lock}` has no version of `{package}`"));
            let finding = finding.help(refresh(&lock)).who(Who::Author);
            return Err(NoTarget::Wrong(Box::new(finding)));
        }
        // A workspace without a package of its own: the lock file tells only its members.
        (None, None) => {}
    }
    Ok(sites)
}
