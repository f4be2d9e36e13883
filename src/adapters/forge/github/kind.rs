//! GitHub's entry in the registry: its name, its hosts, its environment variables.

use super::forge::GitHub;
use super::limits::ASSETS;
use super::links::LINKS;
use super::meter::{Count, Meter};
use super::settings::{HostKind, Settings, SettingsInput, kind_of_host};
use super::words::{NAME, WORDS};
use crate::adapters::forge::kind::{
    Connected, ConnectionInput, ForgeKind, Host, HostMatch, NotConnected,
};
use crate::base::clean::clean;
use crate::facts::rights::Quota;
use crate::judge::watch::RateLimit;
use crate::ports::ForgePeopleChange;
use crate::project::manifest::{Forge, ForgeFeatures};
use crate::report::Pages;
use crate::report::stats::{Endpoint, Left, Stats};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// GitHub.
pub const KIND: ForgeKind = ForgeKind {
    name: NAME,
    manifest: Forge {
        name: "github",
        doc: "GitHub or GitHub Enterprise",
        hosts: ForgeFeatures::Releases,
        longest_notes: Some(LONGEST_NOTES),
        words: &WORDS,
    },
    doc: "GitHub: github.com, GitHub Enterprise Cloud or GitHub Enterprise Server",
    assets: ASSETS,
    recognises,
    connect,
};

/// A longer body is refused: "body is too long (maximum is 125000 characters)".
const LONGEST_NOTES: usize = 125_000;

fn recognises(host: &Host<'_>) -> HostMatch {
    let environment = |name| (host.environment)(name);
    let (server, api) = (environment("GITHUB_SERVER_URL"), environment("GITHUB_API_URL"));
    let name = host.name;
    match kind_of_host(name, server.as_deref(), host.api_url.or(api.as_deref())) {
        HostKind::GitHub => HostMatch::Yes(None),
        HostKind::GitHubServer => HostMatch::Yes(Some(format!(
            "the remote is on the GitHub server {name}; set `GITHUB_SERVER_URL` or pass \
             `--api-url` in later runs too"
        ))),
        HostKind::OtherForge => HostMatch::No,
        HostKind::Unknown => HostMatch::Perhaps(format!(
            "for GitHub Enterprise Server, set `GITHUB_SERVER_URL=https://{name}` or pass \
             `--api-url https://{name}/api/v3`; for an SSH alias of GitHub, pass `--forge github`"
        )),
    }
}

fn connect(around: ConnectionInput) -> Result<Box<dyn Connected>, NotConnected> {
    let environment = around.environment;
    let given = SettingsInput {
        api_url_option: around.api_url,
        api_url: environment("GITHUB_API_URL"),
        graphql_url: environment("GITHUB_GRAPHQL_URL"),
        server_url: environment("GITHUB_SERVER_URL"),
        repository_option: around.repository,
        repository: environment("GITHUB_REPOSITORY"),
        remote_url: around.remote,
        token: around.token,
        organization_token: around.organization_token,
        certificates: environment("SSL_CERT_FILE").map(PathBuf::from),
        secrets: around.secrets,
        root: around.root,
    };
    let missing = |why: String| NotConnected::Missing(why);
    let settings = Settings::derive(given).map_err(|error| missing(error.to_string()))?;
    // Only the first call installs the provider; later calls have no effect.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let forge = GitHub::new(settings, around.clock).map_err(|error| missing(error.to_string()))?;
    Ok(Box::new(forge.telling(around.notice)))
}

impl Connected for GitHub {
    fn moved(&self) -> Option<String> {
        Self::moved(self)
    }

    fn pages(&self, run: Option<&str>) -> Pages {
        let (server, repository) = self.home();
        Pages::of(LINKS, Some(server.as_str()), Some(repository), run)
    }

    fn stats(&self) -> Stats {
        let meter = self.meter();
        let endpoint = |(name, count): (&str, Count)| Endpoint {
            name: name.to_owned(),
            requests: count.requests,
            not_modified: count.not_modified,
            retried: count.retried,
        };
        let theirs = self.organization_meter().map(Meter::counts).unwrap_or_default();
        let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
        for (name, count) in meter.counts().into_iter().chain(theirs) {
            let all = counts.entry(name).or_default();
            all.requests += count.requests;
            all.not_modified += count.not_modified;
            all.retried += count.retried;
        }
        let left = |quota: Quota| Left {
            resource: clean(&quota.resource).into_owned(),
            remaining: quota.remaining,
            limit: quota.limit,
            resets: quota.resets,
        };
        Stats {
            endpoints: counts.into_iter().map(endpoint).collect(),
            quotas: meter.quotas().into_values().map(left).collect(),
            waited: meter.waited().as_secs_f64(),
            ..Stats::default()
        }
    }

    fn tracker(&self) -> Option<&dyn ForgePeopleChange> {
        Some(self)
    }

    fn rate_limit(&self) -> Option<RateLimit> {
        let quotas = self.meter().quotas();
        let Quota { remaining, resets, .. } = quotas.get("graphql")?;
        Some(RateLimit { remaining: *remaining, resets: *resets })
    }
}
