//! `tminus init`: the shortest manifest that is right.

use super::args::{Common, Init};
use super::exit::Exit;
use super::file::read;
use super::out::Out;
use crate::adapters::git::{GitRemote, LocalRepository, Settings};
use crate::manifest::{Found, LOCATIONS, infer};
use crate::ports::Repository as _;
use crate::render::clean;
use anyhow::{Context as _, bail};
use std::collections::BTreeMap;
use std::path::Path;

/// Larger files are not looked into.
const MOST: usize = 1 << 20;

pub(super) fn run(args: &Init, common: &Common, out: Out) -> anyhow::Result<Exit> {
    let settings = Settings { remote: common.remote.clone(), ..Settings::default() };
    let repository = LocalRepository::discover(&common.directory, &settings)?;
    let remote = GitRemote::discover(&common.directory, &settings)?;
    let root = repository.root().context("a bare repository has no place for a manifest")?;
    let there = LOCATIONS.iter().find(|name| root.join(name).exists());
    if let (Some(name), false) = (there, args.force || args.print) {
        bail!("`{name}` is there already; `tminus init --print` shows what would be written");
    }
    let found = found(&repository, &remote, root)?;
    let inferred = infer(&found);
    for line in &inferred.because {
        out.progress(&format!("  {}", clean(line)));
    }
    if args.print {
        out.result(&inferred.text);
        return Ok(Exit::Go);
    }
    let name = there.unwrap_or(&"tminus.yaml");
    std::fs::write(root.join(name), out.redact(&inferred.text).as_ref())
        .with_context(|| format!("cannot write `{name}`"))?;
    out.result(&format!("wrote {name}; commit it, then run `tminus check`"));
    Ok(Exit::Go)
}

fn found(repository: &LocalRepository, remote: &GitRemote, root: &Path) -> anyhow::Result<Found> {
    let files = repository.tracked()?;
    let text = |path: &String| Some((path.clone(), read(&root.join(path), MOST).ok()?));
    let at_root = files.iter().filter(|path| !path.contains('/')).filter_map(text);
    let is_workflow = |path: &&String| path.starts_with(".github/workflows/");
    let workflows: BTreeMap<String, String> =
        files.iter().filter(is_workflow).filter_map(text).collect();
    let tags = repository.tags()?.into_iter();
    let tags = tags.filter_map(|tag| tag.name.strip_prefix("refs/tags/").map(str::to_owned));
    let branch = repository.head()?.and_then(|head| head.branch).map(|branch| branch.to_string());
    let github = remote.url().is_some_and(|url| url.contains("github"));
    Ok(Found {
        texts: at_root.collect(),
        tags: tags.collect(),
        branch,
        has_github_remote: github,
        workflows,
        files,
    })
}
