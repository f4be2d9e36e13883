//! `tminus init`: the shortest correct manifest.

use super::advice::advise;
use super::command::{Call, Done, Run};
use super::options::Common;
use super::world::{Network, World};
use crate::adapters::files::{read_inside, write_inside};
use crate::adapters::forge::{self, FORGES, Host, HostMatch, host_of_remote};
use crate::adapters::git::{GitRemote, LocalRepository};
use crate::adapters::kinds;
use crate::base::names::Sha;
use crate::base::source::Source;
use crate::base::version::Version;
use crate::ci::Environment;
use crate::drive::replay::{ChosenManifest, PastReleases, prove};
use crate::facts::{FileAt, LARGEST_FILE};
use crate::ports::{Clock as _, RefAt, Repository as _};
use crate::project::commits::Commit;
use crate::project::infer::{Changelogs, RemotePlace, RepositoryInfo, changelogs};
use crate::project::manifest::{self, Forge, LOCATIONS};
use crate::project::sources::{self, Known, Wanted};
use crate::project::tags::Dated;
use crate::release::outcome::Exit;
use crate::report::workflows::MARK;
use crate::report::{clean, replay as report};
use anyhow::{Context as _, bail};
use async_trait::async_trait;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Args};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

/// How many commits show whether they follow a convention.
const COMMITS: usize = 200;

/// For how long past releases are judged.
const LONGEST: Duration = Duration::from_secs(3);

/// How often files may lead to further ones.
const ROUNDS: usize = 12;

/// How many releases show which file is the changelog.
const RELEASES: usize = 5;

/// Larger files are not looked into.
const MOST: usize = 1 << 20;

/// Write a manifest for this repository.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// Print the manifest instead of writing it.
    #[arg(long)]
    print: bool,
    /// Overwrite an existing manifest.
    #[arg(long)]
    force: bool,
    /// Where releases are published [default: inferred from the remote].
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
        let found = found(repository, place, root, &folder)?;
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

/// The folder that it was started in, as seen from the top: empty, or with a slash at its end.
fn folder(started: &Path, root: &Path) -> String {
    let path = |path: &Path| path.canonicalize().ok();
    let (Some(started), Some(root)) = (path(started), path(root)) else { return String::new() };
    let inner = started.strip_prefix(root).ok().and_then(Path::to_str).unwrap_or_default();
    if inner.is_empty() { String::new() } else { format!("{}/", inner.replace('\\', "/")) }
}

fn found(
    repository: &LocalRepository,
    place: RemotePlace,
    root: &Path,
    folder: &str,
) -> anyhow::Result<RepositoryInfo> {
    let files = repository.files()?;
    let text = |path: &str| read_inside(root, path, MOST).ok();
    let inside = |folder: &str| -> BTreeMap<String, String> {
        let names = files.iter().filter_map(|path| path.strip_prefix(folder));
        let names = names.filter(|name| !name.contains('/'));
        names
            .filter_map(|name| Some((name.to_owned(), text(&format!("{folder}{name}"))?)))
            .collect()
    };
    let folder = if sources::places(&files, folder).is_empty() { "" } else { folder };
    // One that was written for another manifest tells nothing of the project's checks.
    let mut workflows = inside(".github/workflows/");
    workflows.retain(|_, text| !text.starts_with(MARK));
    let refs = repository.tags()?;
    let commit = |tag: &'_ RefAt| {
        Some((tag.name.strip_prefix("refs/tags/")?.to_owned(), tag.commit.clone()))
    };
    let commits: BTreeMap<String, Sha> = refs.iter().filter_map(commit).collect();
    let dated = repository.dated(refs)?.into_iter();
    let tags = dated.filter_map(|(tag, at)| {
        let name = tag.name.strip_prefix("refs/tags/")?.to_owned();
        Some(Dated { name, at: at.unwrap_or(0) })
    });
    let tags: Vec<Dated> = tags.collect();
    let names: Vec<String> = tags.iter().map(|tag| tag.name.clone()).collect();
    let mut search = Search {
        repository,
        root,
        commits,
        tags: &names,
        places: sources::places(&files, folder),
        known: Known::default(),
    };
    search.run()?;
    let changelogs = search.changelogs(&changelogs(&files, folder), &tags);
    let Search { places, known, .. } = search;
    Ok(RepositoryInfo {
        changelogs,
        places,
        known,
        folder: folder.to_owned(),
        tags,
        branch: repository.default_branch().map(|branch| branch.to_string()),
        place,
        usual: kinds().usual(),
        is_shallow: repository.shallow(),
        workflows,
        files,
        lines: Vec::new(),
    })
}

/// The files that may carry the version, and what they say in the work tree and at the releases.
struct Search<'r> {
    repository: &'r LocalRepository,
    root: &'r Path,
    commits: BTreeMap<String, Sha>,
    tags: &'r [String],
    places: Vec<(usize, String)>,
    known: Known,
}

impl Search<'_> {
    /// Looks in the usual places; where nothing there went with a release, for files that say the
    /// version of the newest one.
    fn run(&mut self) -> anyhow::Result<()> {
        self.read();
        if sources::choose(&self.places, self.tags, &self.known).prefix.is_some() {
            return Ok(());
        }
        let mut said = Vec::new();
        for (tag, version) in sources::newest(self.tags) {
            if let Some(commit) = self.commits.get(&tag) {
                said.extend(self.repository.files_containing(commit, &version)?);
            }
        }
        let more = sources::in_unusual_places(said, &self.places);
        if !more.is_empty() {
            self.places.extend(more);
            self.read();
        }
        Ok(())
    }

    fn read(&mut self) {
        for _ in 0..ROUNDS {
            let wanted = sources::wanted(&self.places, self.tags, &self.known);
            if wanted.is_empty() {
                return;
            }
            for Wanted { tag, path } in wanted {
                let text = match &tag {
                    None => read_inside(self.root, &path, MOST).ok(),
                    Some(tag) => self.at(tag, &path),
                };
                match tag {
                    None => self.known.now.insert(path, text),
                    Some(tag) => self.known.past.entry(tag).or_default().insert(path, text),
                };
            }
        }
    }

    /// What the files that may be the changelog say, now and at the last releases.
    fn changelogs(&self, files: &[String], tags: &[Dated]) -> Changelogs {
        let sources = sources::choose(&self.places, self.tags, &self.known);
        let newest = || {
            let newest = sources::newest(self.tags).into_iter().next();
            newest.and_then(|(tag, _)| sources::prefix(&tag).map(str::to_owned))
        };
        let prefix = sources.prefix.clone().or_else(newest).unwrap_or_default();
        let text =
            |path: &String| Some((path.clone(), read_inside(self.root, path, LARGEST_FILE).ok()?));
        let mut releases: Vec<(i64, &str, Version)> = tags
            .iter()
            .filter_map(|tag| {
                Some((tag.at, tag.name.as_str(), sources::release(&tag.name, &prefix)?))
            })
            .collect();
        releases.sort_by(|one, other| (other.0, &other.2).cmp(&(one.0, &one.2)));
        let past = releases.into_iter().take(RELEASES).map(|(_, tag, version)| {
            let text = |path: &String| Some((path.clone(), self.at(tag, path)?));
            (version, files.iter().filter_map(text).collect())
        });
        Changelogs { now: files.iter().filter_map(text).collect(), past: past.collect() }
    }

    fn at(&self, tag: &str, path: &str) -> Option<String> {
        match self.repository.file(self.commits.get(tag)?, path) {
            Ok(FileAt::Text(text)) => Some(text),
            Ok(FileAt::Absent | FileAt::Binary | FileAt::TooLarge { .. }) | Err(_) => None,
        }
    }
}

/// Where the remote is, by its host's name: nobody is asked.
///
/// # Errors
/// When that could be a GitHub server or not: a guess would leave CI unread.
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
    let mut perhaps = Vec::new();
    for kind in FORGES {
        match (kind.recognises)(&host) {
            HostMatch::Yes(note) => return Ok(RemotePlace::On { forge: kind.manifest, note }),
            HostMatch::No => {}
            HostMatch::Perhaps(help) => perhaps.push((kind.name, help)),
        }
    }
    if perhaps.is_empty() {
        return Ok(RemotePlace::Elsewhere { host: name });
    }
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

/// The files that a manifest names and the last commit lacks, for a sentence: what is judged is a
/// commit.
fn uncommitted(repository: &LocalRepository, text: &str) -> anyhow::Result<String> {
    let source = Source { name: LOCATIONS[0].into(), text: text.into() };
    let Ok(manifest) = manifest::read(source, &kinds()) else { return Ok(String::new()) };
    let head = repository.head()?;
    let mut names = Vec::new();
    let versions = manifest.version.files.into_iter().map(|file| file.path.value);
    let changelog = Some(manifest.changelog.file);
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
