//! `tminus workflow`: the workflows that the manifest needs.

use super::advice::advise;
use super::command::{Call, Done, Run};
use super::options::Common;
use super::out::Out;
use crate::adapters::files::{read, read_inside, write_inside};
use crate::adapters::git::{LocalRepository, Settings};
use crate::adapters::kinds;
use crate::base::source::Source;
use crate::drive::observe::{ObserveError, two_manifests};
use crate::project::manifest::{self, LOCATIONS, Manifest, Pattern, yaml::MAX_BYTES};
use crate::release::outcome::{Exit, Outcome};
use crate::report::clean;
use crate::report::workflows::{ACTION, MARK, PATHS, workflows};
use anyhow::{Context as _, bail};
use async_trait::async_trait;
use clap::Args;
use std::path::Path;

/// The maximum size of a workflow file that is compared.
const MOST: usize = 1 << 20;

/// Write the GitHub workflows for the manifest.
#[derive(Debug, Args)]
pub(super) struct Workflow {
    /// Report which workflows are outdated, without writing anything.
    #[arg(long)]
    check: bool,
    /// Print the workflows instead of writing them.
    #[arg(long, conflicts_with = "check")]
    print: bool,
    /// Overwrite files that tminus did not write.
    #[arg(long, conflicts_with_all = ["check", "print"])]
    force: bool,
}

#[async_trait(?Send)]
impl Run for Workflow {
    async fn run(&self, call: Call<'_>) -> Done {
        self.write(call.common, call.out).into()
    }
}

impl Workflow {
    fn write(&self, common: &Common, out: Out) -> anyhow::Result<Exit> {
        let settings = Settings { remote: common.remote.clone(), ..Settings::default() };
        let repository = LocalRepository::discover(&common.directory, &settings)?;
        let root =
            repository.root().context("a bare repository has no working tree for workflows")?;
        let manifest = on_disk(common, root)?;
        let wanted = match workflows(&manifest) {
            Ok(wanted) => wanted,
            Err(finding) => {
                let (source_file, findings) = (manifest.source.clone(), vec![*finding]);
                return Err(ObserveError::Manifest { source_file, findings }.into());
            }
        };
        if self.print && !wanted.is_empty() {
            let texts: Vec<String> =
                wanted.iter().map(|file| format!("# {}\n{}", file.name, file.text)).collect();
            out.document(&texts.join("\n"));
            return Ok(Exit::Go);
        }
        let drifted: Vec<&Source> = wanted.iter().filter(|file| !stands(root, file)).collect();
        // Even if no workflow is needed, old ones must be removed.
        let left = left(&wanted, root);
        if wanted.is_empty() && left.is_empty() {
            out.result(
                "no workflow is needed: with `forge: none`, run `tminus check` and `tminus release` from \
                 your own CI",
            );
            return Ok(Exit::Go);
        }
        if self.check {
            return Ok(told(&drifted, &left, root, &manifest, out));
        }
        let foreign = drifted.iter().find(|file| is_foreign(root, file));
        if let (Some(file), false) = (foreign, self.force) {
            bail!("`{}` was not written by tminus; {}", file.name, overwrite_help(file));
        }
        for file in &drifted {
            write_inside(root, &file.name, &file.text)?;
        }
        for name in &left {
            std::fs::remove_file(root.join(name))
                .with_context(|| format!("cannot remove `{name}`"))?;
        }
        for file in &wanted {
            let wrote = drifted.iter().any(|other| other.name == file.name);
            out.result(&format!("{} {}", if wrote { "wrote" } else { "unchanged" }, file.name));
        }
        for name in left {
            out.result(&format!("removed {name}, which is no longer needed"));
        }
        if !wanted.is_empty() {
            notes(&manifest, &repository, out);
            advise(&manifest, root, out);
        }
        Ok(Exit::Go)
    }
}

/// Notes about what tminus did not verify: the action's tag, and the branches.
fn notes(manifest: &Manifest, repository: &LocalRepository, out: Out) {
    if manifest.workflow.action.is_none() {
        out.progress(&format!(
            "note: the jobs use {ACTION}. If this tag does not exist, or to pin a commit, set \
             `workflow.action` in {} to `tminus-dev/tminus@COMMIT # TAG`. If the commit is not a \
             release, also set `install: source`",
            clean(&manifest.source.name)
        ));
    }
    let Ok(there) = repository.known_branches() else { return };
    let known = |pattern: &Pattern| there.iter().any(|branch| pattern.matches(branch.as_str()));
    let missing: Vec<String> = manifest
        .branches
        .iter()
        // A pattern can be for branches that do not exist yet.
        .filter(|branch| !branch.value.is_wild() && !known(&branch.value))
        .map(|branch| format!("`{}`", clean(branch.value.as_str())))
        .collect();
    if !missing.is_empty() {
        out.progress(&format!(
            "note: this clone has no branch {}; list your release branches in {} under `branches`",
            missing.join(", "),
            clean(&manifest.source.name)
        ));
    }
}

/// The manifest in the working tree: workflows are committed together with it.
fn on_disk(common: &Common, root: &Path) -> anyhow::Result<Manifest> {
    let source = match &common.manifest {
        Some(path) => {
            let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
            Source { text: read(path, MAX_BYTES)?, name }
        }
        None => {
            let mut there = LOCATIONS.iter().filter(|name| root.join(name).is_file());
            let (one, other) = (there.next(), there.next());
            if other.is_some() {
                return Err(two_manifests().into());
            }
            let name = one.ok_or_else(|| ObserveError::NoManifest("the working tree".into()))?;
            Source { text: read_inside(root, name, MAX_BYTES)?, name: (*name).into() }
        }
    };
    let read = manifest::read(source.clone(), &kinds());
    Ok(read.map_err(|findings| ObserveError::Manifest { source_file: source, findings })?)
}

fn stands(root: &Path, file: &Source) -> bool {
    read_inside(root, &file.name, MOST).is_ok_and(|text| text == file.text)
}

/// Files that tminus wrote for an earlier manifest. A file with such a name that tminus did not
/// write belongs to the project.
fn left(wanted: &[Source], root: &Path) -> Vec<&'static str> {
    let ours = |name: &&str| {
        let text = read_inside(root, name, MOST);
        wanted.iter().all(|file| file.name != **name) && text.is_ok_and(|it| it.starts_with(MARK))
    };
    PATHS.into_iter().filter(ours).collect()
}

/// Reports which files differ from the manifest, and from which line.
fn told(drifted: &[&Source], left: &[&str], root: &Path, manifest: &Manifest, out: Out) -> Exit {
    for file in drifted {
        let there = read_inside(root, &file.name, MOST).unwrap_or_default();
        let same = there.lines().zip(file.text.lines()).take_while(|(a, b)| a == b).count();
        out.detail(&if is_foreign(root, file) {
            format!("{} was not written by tminus; {}", file.name, overwrite_help(file))
        } else if there.is_empty() {
            format!("{} is missing", file.name)
        } else {
            format!("{} differs, starting at line {}", file.name, same + 1)
        });
    }
    for name in left {
        out.detail(&format!("{name} is no longer needed"));
    }
    let paint = out.paint();
    if drifted.is_empty() && left.is_empty() {
        out.result(&format!(
            "{}: the workflows match `{}`",
            paint.word(Outcome::Go, 0),
            manifest.source.name
        ));
        return Exit::Go;
    }
    let force = if drifted.iter().any(|file| is_foreign(root, file)) { " --force" } else { "" };
    out.result(&format!(
        "{}: run `tminus workflow{force}` and commit the changes",
        paint.word(Outcome::NoGo, 0)
    ));
    Exit::NoGo
}

/// Whether a file exists that tminus did not write. A file that cannot be read counts as one.
fn is_foreign(root: &Path, file: &Source) -> bool {
    let path = root.join(&file.name);
    path.exists() && !read_inside(root, &file.name, MOST).is_ok_and(|text| text.starts_with(MARK))
}

/// What to do about a file that already exists.
fn overwrite_help(file: &Source) -> &'static str {
    let [_, releases, _] = PATHS;
    if file.name == releases {
        "to overwrite it, pass `--force`; to keep it, set `workflow: { release: off }`"
    } else {
        "to overwrite it, pass `--force`"
    }
}
