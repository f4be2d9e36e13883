//! Connects the ports to the real world, according to arguments and environment.

use super::options::{Common, Subject};
use super::out::Out;
use crate::adapters::clock::SystemClock;
use crate::adapters::files::{read, read_inside};
use crate::adapters::forge::{self, Connected, ConnectionInput, ForgeKind, NotConnected};
use crate::adapters::git::{Credentials, GitRemote, LocalRepository, Settings, Unshallow};
use crate::adapters::kinds;
use crate::adapters::process::{Identity, Processes};
use crate::base::names::Slug;
use crate::base::source::Source;
use crate::ci::Environment;
use crate::drive::observe::{NO_FORGE, ObserveRequest, Scope, two_manifests};
use crate::facts::{FileAt, Request};
use crate::judge::watch::RateLimit;
use crate::ports::{
    ForgePeopleChange, ForgePost, ForgeRead, ForgeWrite, ReadPorts, Remote, Repository as _,
    RepositoryError, WritePorts,
};
use crate::project::manifest::yaml::{MAX_BYTES, parse};
use crate::project::manifest::{Forge, ForgeFeatures, LOCATIONS};
use crate::report::Pages;
use crate::report::clean;
use crate::report::stats::Cost;
use crate::report::stats::Stats;
use anyhow::bail;
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;
use url::Url;

/// How much of the total time requests to the forge can take: the rest is for reporting the result.
fn ours(seconds: u64) -> Duration {
    let all = Duration::from_secs(seconds);
    all.saturating_sub((all / 10).min(LAST_WORDS))
}

const LAST_WORDS: Duration = Duration::from_secs(2);

/// The forge's git server, if nothing else is set.
const SERVER: &str = "https://github.com";

/// Whether the network can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    /// According to the arguments.
    Online,
    /// `--offline`.
    Offline,
}

/// The real implementations of the ports.
pub(super) struct World {
    pub(super) repository: LocalRepository,
    pub(super) remote: GitRemote,
    forge: Result<Box<dyn Connected>, String>,
    kind: &'static ForgeKind,
    processes: Processes,
    clock: SystemClock,
    began: Timestamp,
    network: Network,
    fetch: bool,
    root: PathBuf,
    environment: Environment,
    manifest: Option<PathBuf>,
}

impl World {
    pub(super) fn new(
        common: &Common,
        environment: &Environment,
        network: Network,
        out: Out,
    ) -> anyhow::Result<Self> {
        let clock =
            common.timeout.map_or_else(SystemClock::default, |all| SystemClock::with(ours(all)));
        let notice = Rc::new(move |line: &str| out.progress(&clean(line)));
        let given = git_settings(common, environment);
        let pauses = if environment.is_hurried() { clock.hurried() } else { clock };
        let settings = Settings { clock: Rc::new(pauses), notice, ..given };
        let repository = LocalRepository::discover(&common.directory, &settings)?;
        let remote = remote(common, &settings)?;
        let root = repository.root().unwrap_or(&common.directory).to_path_buf();
        let identity = Identity {
            user: environment.user().map(str::to_owned),
            host: None,
            run: environment.holder_run(),
            token_request: environment.token_request(),
        };
        let certificates = environment.get("SSL_CERT_FILE").map(PathBuf::from);
        let sink = Rc::new(move |line: &str| out.progress(&format!("    | {}", clean(line))));
        let given = common.manifest.as_deref();
        let kind = forge::to_connect(named(&repository, &root, given).as_deref());
        let repository = repository.for_forge(kind.assets);
        let forge = match network {
            Network::Offline => Err("`--offline` was given".into()),
            Network::Online => {
                match (kind.connect)(around(common, environment, &remote, &root, pauses, out)) {
                    Ok(forge) => Ok(forge),
                    Err(NotConnected::Missing(why)) => Err(why),
                    Err(NotConnected::Unsupported(why)) => bail!(why),
                }
            }
        };
        Ok(Self {
            processes: Processes::new(root.clone(), identity, environment.secrets(), sink)
                .trusting(certificates),
            began: crate::ports::Clock::now(&clock),
            environment: environment.clone(),
            fetch: !common.no_fetch && network == Network::Online,
            manifest: common.manifest.clone(),
            repository,
            remote,
            forge,
            kind,
            clock,
            network,
            root,
        })
    }

    /// The machine's clock.
    pub(super) fn clock(&self) -> SystemClock {
        self.clock
    }

    /// The user's commands.
    pub(super) fn processes(&self) -> &Processes {
        &self.processes
    }

    /// The ports that only read.
    pub(super) fn read_ports(&self) -> ReadPorts<'_> {
        ReadPorts {
            repository: &self.repository,
            remote: self.remote(),
            forge: self.forge(),
            prober: &self.processes,
            clock: &self.clock,
        }
    }

    fn connected(&self) -> Result<&dyn Connected, &str> {
        self.forge.as_deref().map_err(String::as_str)
    }

    /// The forge, or why there is none.
    pub(super) fn forge(&self) -> Result<&dyn ForgeRead, &str> {
        self.connected().map(|forge| forge as &dyn ForgeRead)
    }

    /// The git remote, if the network may be used.
    pub(super) fn remote(&self) -> Option<&dyn Remote> {
        let asked = self.network == Network::Online && self.fetch;
        asked.then_some(&self.remote as &dyn Remote)
    }

    /// All ports, with the forge if the manifest has one.
    pub(super) fn write_ports(&self, forge: Forge) -> WritePorts<'_> {
        let forge = match forge.hosts {
            ForgeFeatures::Releases => self.connected(),
            ForgeFeatures::Nothing => Err(NO_FORGE),
        };
        WritePorts {
            repository: &self.repository,
            remote: &self.remote,
            forge: forge.map(|forge| forge as &dyn ForgeWrite),
            runner: &self.processes,
            clock: &self.clock,
        }
    }

    /// What the user should know about the forge.
    pub(super) fn notes(&self) -> Option<String> {
        let place = self.connected().ok()?.moved()?;
        let help = "use the new name in the remote's URL and in the workflow";
        Some(format!("note: the repository has moved to `{}`; {help}", clean(&place)))
    }

    /// Web pages of the repository and of this run.
    pub(super) fn pages(&self) -> Pages {
        match self.connected() {
            Ok(forge) => {
                let run = self.environment.holder_run().map(|run| run.url);
                forge.pages(run.as_deref())
            }
            Err(_) => self.environment.pages(),
        }
    }

    /// Write access for posting a verdict, if there is a forge.
    pub(super) fn forge_post(&self) -> Result<&dyn ForgePost, &str> {
        self.connected().map(|forge| forge as &dyn ForgePost)
    }

    /// Where the tracking issue is written, if there is a forge that has issues.
    pub(super) fn tracker(&self) -> Option<&dyn ForgePeopleChange> {
        self.connected().ok()?.tracker()
    }

    /// The requests and the time so far.
    pub(super) fn cost(&self) -> Cost {
        self.stats().cost()
    }

    /// The remaining rate limit.
    pub(super) fn rate_limit(&self) -> Option<RateLimit> {
        self.connected().ok()?.rate_limit()
    }

    /// The requests so far, and the forge's rate limits.
    pub(super) fn stats(&self) -> Stats {
        let seconds =
            crate::ports::Clock::now(&self.clock).duration_since(self.began).as_secs_f64();
        let asked = self.connected().map(Connected::stats).unwrap_or_default();
        Stats { seconds, ..asked }
    }

    /// What to observe.
    pub(super) fn order(&self, subject: &Subject, depth: Scope) -> anyhow::Result<ObserveRequest> {
        Ok(ObserveRequest {
            commit: subject.commit.clone(),
            branch: subject.branch.clone(),
            event_branch: self.environment.branch(),
            event_tag: self.environment.tag(),
            manifest: self.manifest(subject)?,
            name: self.name(),
            request: Request { version: subject.version.clone(), ..Request::default() },
            own_run: self.environment.own_run(),
            fetch: self.fetch,
            merging: None,
            promotion: None,
            depth,
            kinds: kinds(),
            forge: self.kind.manifest.name,
        })
    }

    /// The manifest, if it is not the commit's own: passed with `--manifest`, or not committed yet.
    fn manifest(&self, subject: &Subject) -> anyhow::Result<Option<Source>> {
        if let Some(path) = &self.manifest {
            let name = path.display().to_string();
            return Ok(Some(Source { text: read(path, MAX_BYTES)?, name }));
        }
        if subject.commit.is_some() {
            return Ok(None);
        }
        let Some(head) = self.repository.head()? else { return Ok(None) };
        for name in LOCATIONS {
            let committed = self.repository.file(&head.commit, name)?;
            if committed != crate::facts::FileAt::Absent {
                return Ok(None);
            }
        }
        let mut there = LOCATIONS.into_iter().filter(|name| self.root.join(name).is_file());
        match (there.next(), there.next()) {
            (Some(_), Some(_)) => Err(two_manifests().into()),
            (Some(name), None) => {
                let text = read_inside(&self.root, name, MAX_BYTES)?;
                Ok(Some(Source { name: name.into(), text }))
            }
            (None, _) => Ok(None),
        }
    }

    /// The repository's name on the forge or, if it is unknown, the name of its folder.
    fn name(&self) -> String {
        if let Some((_, name)) = self.environment.repository().and_then(|r| r.split_once('/')) {
            return name.to_owned();
        }
        if let Some(name) = self.remote.url().as_deref().and_then(last_part) {
            return name;
        }
        let folder = self.root.canonicalize().unwrap_or_else(|_| self.root.clone());
        folder
            .file_name()
            .map_or_else(|| "release".into(), |name| name.to_string_lossy().into_owned())
    }
}

/// The remote. A `--remote` that the repository does not have is a usage error.
pub(super) fn remote(common: &Common, settings: &Settings) -> anyhow::Result<GitRemote> {
    GitRemote::discover(&common.directory, settings).map_err(|error| {
        let known = GitRemote::names(&common.directory);
        let is_known = |name| known.as_ref().map_or(true, |known| known.contains(name));
        match &common.remote {
            Some(name) if !is_known(name) => UsageError(error).into(),
            Some(_) | None => error.into(),
        }
    })
}

/// An argument that is invalid for this repository.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct UsageError(pub(super) RepositoryError);

/// The last part of a remote's URL: `widget` of `git@github.com:acme/widget.git`.
fn last_part(url: &str) -> Option<String> {
    let path = url.trim_end_matches('/');
    let name = path.rsplit(['/', ':', '\\']).next()?;
    let name = name.strip_suffix(".git").unwrap_or(name);
    (!name.is_empty()).then(|| name.to_owned())
}

fn git_settings(common: &Common, environment: &Environment) -> Settings {
    let server = environment.server_url().unwrap_or(SERVER);
    let credentials = Url::parse(server).ok().zip(environment.token());
    Settings {
        remote: common.remote.clone(),
        credentials: credentials.map(|(server, token)| Credentials { server, token }),
        secrets: environment.secrets().clone(),
        env: ["GIT_ALLOW_PROTOCOL"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), environment.get(name)?.to_owned())))
            .collect(),
        // A clone on a CI runner is temporary; a person's clone must not change.
        unshallow: match environment.is_runner() {
            true => Unshallow::WithoutBlobs,
            false => Unshallow::Whole,
        },
        ..Settings::default()
    }
}

/// The input for creating the forge's client.
fn around(
    common: &Common,
    environment: &Environment,
    remote: &GitRemote,
    root: &Path,
    clock: SystemClock,
    out: Out,
) -> ConnectionInput {
    let variables = environment.clone();
    ConnectionInput {
        api_url: common.api_url.clone(),
        repository: common.repo.as_ref().map(Slug::to_string),
        environment: Box::new(move |name| variables.get(name).map(str::to_owned)),
        remote: remote.url(),
        token: environment.token(),
        organization_token: environment.organization_token(),
        secrets: environment.secrets().clone(),
        root: root.to_path_buf(),
        clock: Rc::new(clock),
        notice: Rc::new(move |line| out.progress(&clean(line))),
    }
}

/// The forge in the manifest, as far as the manifest can be read. It is only used to connect: the
/// commit's manifest is compared with it later.
fn named(repository: &LocalRepository, root: &Path, given: Option<&Path>) -> Option<String> {
    let committed = |name: &str| {
        let head = repository.head().ok()??;
        match repository.file(&head.commit, name).ok()? {
            FileAt::Text(text) => Some(text),
            FileAt::Absent | FileAt::Binary | FileAt::TooLarge { .. } => None,
        }
    };
    let text = match given {
        Some(path) => read(path, MAX_BYTES).ok(),
        None => LOCATIONS.into_iter().find_map(committed).or_else(|| {
            LOCATIONS.into_iter().find_map(|name| read_inside(root, name, MAX_BYTES).ok())
        }),
    };
    let source = Source { name: String::new(), text: text? };
    let forge = parse(&source).ok()?.get("forge")?.text()?.to_owned();
    Some(forge)
}
