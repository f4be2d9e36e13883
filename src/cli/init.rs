//! `tminus init`: the shortest correct manifest.

use super::advice::advise;
use super::command::{Call, Done, Run};
use super::options::Common;
use super::world::{Network, World};
use crate::adapters::files::write_inside;
use crate::adapters::forge::{self, FORGES, Host, host_of_remote};
use crate::adapters::git::{GitRemote, LocalRepository};
use crate::adapters::kinds;
use crate::base::source::Source;
use crate::ci::Environment;
use crate::drive::replay::{ChosenManifest, PastReleases, prove};
use crate::drive::search::search;
use crate::facts::FileAt;
use crate::ports::{Clock as _, Repository as _};
use crate::project::commits::Commit;
use crate::project::infer::{RemotePlace, RepositoryInfo};
use crate::project::manifest::{self, Forge, LOCATIONS};
use crate::release::outcome::Exit;
use crate::report::{clean, replay as report};
use anyhow::{Context as _, bail};
use async_trait::async_trait;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Args};
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

/// How many commits are checked for Conventional Commits.
const COMMITS: usize = 200;

/// The time limit for checking past releases.
const LONGEST: Duration = Duration::from_secs(3);

/// Write a manifest for this repository.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// Print the manifest instead of writing it.
    #[arg(long)]
    print: bool,
    /// Overwrite an existing manifest.
    #[arg(long)]
    force: bool,
    /// The forge: the service that hosts the repository and its releases [default: inferred from
    /// the remote].
    #[arg(long, value_name = "FORGE", value_parser = Named)]
    forge: Option<Forge>,
}

/// A forge by its name.
#[derive(Debug, Clone, Copy)]
struct Named;

impl TypedValueParser for Named {
    type Value = Forge;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Forge, clap::Error> {
        let names = PossibleValuesParser::new(values());
        let name = names.parse_ref(command, argument, value)?;
        let kind = forge::find(&name);
        kind.map(|kind| kind.manifest).ok_or_else(|| clap::Error::new(ErrorKind::InvalidValue))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(values()))
    }
}

fn values() -> impl Iterator<Item = PossibleValue> {
    FORGES.iter().map(|kind| PossibleValue::new(kind.manifest.name).help(kind.doc))
}

#[async_trait(?Send)]
impl Run for Init {
    async fn run(&self, call: Call<'_>) -> Done {
        let write = async |world: &World| self.write(world, call).await;
        call.in_world(Network::Offline, write).await
    }
}

impl Init {
    async fn write(&self, world: &World, call: Call<'_>) -> anyhow::Result<Exit> {
        let Call { common, environment, out, .. } = call;
        let repository = &world.repository;
        let root =
            repository.root().context("a bare repository has no working tree for a manifest")?;
        let there = LOCATIONS.iter().find(|name| root.join(name).symlink_metadata().is_ok());
        if let (Some(name), false) = (there, self.force || self.print) {
            bail!(
                "`{name}` already exists; `tminus init --print` shows the new manifest, `--force` \
                 overwrites the file"
            );
        }
        let folder = folder(&common.directory, root);
        let place = place(self.forge, common, environment, &world.remote)?;
        let found = RepositoryInfo {
            place,
            branch: repository.default_branch().map(|branch| branch.to_string()),
            usual: kinds().usual(),
            ..search(repository, &folder)?
        };
        let shallow = found.is_shallow;
        let until = world.clock().now() + LONGEST;
        let past = PastReleases::read(
            world.read_ports(),
            kinds(),
            repository.default_branch(),
            Some(until),
        )?;
        let ChosenManifest { inferred, replayed } =
            prove(found, &past, &recent(repository)?).await?;
        for line in &inferred.because {
            out.progress(&format!("  {}", clean(line)));
        }
        if shallow {
            out.progress("  past releases were not checked, because the clone is shallow");
        } else if !replayed.is_empty() {
            out.progress("");
            out.progress(report::replay(&replayed, out.paint()).trim_end());
            out.progress("");
        }
        if self.print {
            out.document(&inferred.text);
            return Ok(Exit::Go);
        }
        let name = there.unwrap_or(&"tminus.yaml");
        write_inside(root, name, &out.redact(&inferred.text))?;
        let top = if folder.is_empty() { "" } else { " at the top of the repository" };
        let with = uncommitted(repository, &inferred.text)?;
        let with = if with.is_empty() { with } else { format!(" with {with}") };
        out.result(&format!("wrote {name}{top}; commit it{with}, then run `tminus check`"));
        let source = Source { name: (*name).into(), text: inferred.text.clone() };
        if let Ok(manifest) = manifest::read(source, &kinds()) {
            advise(&manifest, root, out);
        }
        Ok(Exit::Go)
    }
}

/// The last commits.
fn recent(repository: &LocalRepository) -> anyhow::Result<Vec<Commit>> {
    let Some(head) = repository.head()? else { return Ok(Vec::new()) };
    Ok(repository.recent(&head.commit, COMMITS)?)
}

/// The folder in which the command was started, relative to the root: empty, or with a slash at its
/// end.
fn folder(started: &Path, root: &Path) -> String {
    let path = |path: &Path| path.canonicalize().ok();
    let (Some(started), Some(root)) = (path(started), path(root)) else { return String::new() };
    let inner = started.strip_prefix(root).ok().and_then(Path::to_str).unwrap_or_default();
    if inner.is_empty() { String::new() } else { format!("{}/", inner.replace('\\', "/")) }
}

/// The forge of the remote, by its host name, without a request.
///
/// # Errors
/// When it is unclear whether the host is a GitHub server: a wrong guess would leave CI checks
/// unread.
fn place(
    forge: Option<Forge>,
    common: &Common,
    environment: &Environment,
    remote: &GitRemote,
) -> anyhow::Result<RemotePlace> {
    if let Some(forge) = forge {
        return Ok(RemotePlace::Told(forge));
    }
    let Some(name) = remote.url().as_deref().and_then(host_of_remote) else {
        return Ok(RemotePlace::Nowhere);
    };
    let variables = |name: &str| environment.get(name).map(str::to_owned);
    let host = Host { name: &name, api_url: common.api_url.as_deref(), environment: &variables };
    let perhaps = match forge::place(&host) {
        Ok(place) => return Ok(place),
        Err(perhaps) => perhaps,
    };
    let names: Vec<&str> = perhaps.iter().map(|(name, _)| *name).collect();
    let helps: Vec<&str> = perhaps.iter().map(|(_, help)| help.as_str()).collect();
    bail!(
        "cannot tell whether {name} (remote `{}`) is {}: {}; for any other host, pass `--forge none` \
         (a release then consists of a tag only, and CI checks are not read)",
        remote.name().unwrap_or("origin"),
        names.join(" or "),
        helps.join("; ")
    )
}

/// The files in a manifest that the last commit lacks, as part of a sentence: only committed files
/// are used.
fn uncommitted(repository: &LocalRepository, text: &str) -> anyhow::Result<String> {
    let source = Source { name: LOCATIONS[0].into(), text: text.into() };
    let Ok(manifest) = manifest::read(source, &kinds()) else { return Ok(String::new()) };
    let head = repository.head()?;
    let mut names = Vec::new();
    let versions = manifest.version.files.into_iter().map(|file| file.path.value);
    let changelog = manifest.changelog.file.fixed().map(str::to_owned);
    let there = |name: &String| repository.root().is_some_and(|root| root.join(name).exists());
    for name in versions.chain(changelog.filter(there)) {
        let committed = match &head {
            Some(head) => repository.file(&head.commit, &name)? != FileAt::Absent,
            None => false,
        };
        if !committed {
            names.push(format!("`{}`", clean(&name)));
        }
    }
    Ok(names.join(", "))
}
