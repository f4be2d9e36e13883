//! Determines the GitHub server, the repository and the token from the arguments and the
//! environment, without I/O.

use crate::adapters::retry::PATIENCE;
use crate::adapters::web::is_loopback;
use crate::base::names::{NameError, Slug};
use crate::base::secrets::Secrets;
use secrecy::SecretString;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// The values from arguments, environment and repository; all of them are optional except the root.
#[derive(Debug, Clone, Default)]
pub struct SettingsInput {
    /// `--api-url`. If it is set, the other two URLs are derived only from it, so that a workflow's
    /// environment cannot redirect half of the requests.
    pub api_url_option: Option<String>,
    /// `GITHUB_API_URL`.
    pub api_url: Option<String>,
    /// `GITHUB_GRAPHQL_URL`.
    pub graphql_url: Option<String>,
    /// `GITHUB_SERVER_URL`.
    pub server_url: Option<String>,
    /// `--repo`.
    pub repository_option: Option<String>,
    /// `GITHUB_REPOSITORY`.
    pub repository: Option<String>,
    /// The address of the release's git remote.
    pub remote_url: Option<String>,
    /// The token.
    pub token: Option<SecretString>,
    /// The token that reads the members of teams, and nothing else.
    pub organization_token: Option<SecretString>,
    /// `SSL_CERT_FILE`.
    pub certificates: Option<PathBuf>,
    /// Never shown and never published, the token among them.
    pub secrets: Secrets,
    /// The repository's root: assets are read from here.
    pub root: PathBuf,
}

/// Everything that the adapter needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Base of the REST API, without a slash at its end (`https://api.github.com/`, the bare
    /// host's, keeps it).
    pub api_url: Url,
    /// The GraphQL endpoint, on the same host.
    pub graphql_url: Url,
    /// Base of the web pages and git remotes.
    pub server_url: Url,
    /// The repository.
    pub repository: Slug,
    /// The token; without a token, only public data can be read.
    pub token: Option<SecretString>,
    /// The token that reads the members of teams, and nothing else.
    pub organization_token: Option<SecretString>,
    /// Certificates to trust besides the machine's own, in PEM.
    pub certificates: Option<PathBuf>,
    /// Never shown and never published; the token is one of them.
    pub secrets: Secrets,
    /// Assets are read from here.
    pub root: PathBuf,
    /// The time limit of one request with its response; uploads get more, depending on their size.
    pub timeout: Duration,
    /// The longest total wait before retries of one call, if the clock has no deadline.
    pub patience: Duration,
}

/// Why no settings could be derived.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not an address.
    #[error("`{0}` is not an HTTP URL")]
    Address(String),
    /// A user name or password in an address would end up in logs.
    #[error("the URL of `{0}` contains credentials; pass the token separately")]
    Credentials(String),
    /// The token would be sent unencrypted.
    #[error("`{0}` uses plain HTTP, which is allowed only for this machine")]
    Plain(String),
    /// The token would go to two places.
    #[error("REST is on `{api}` but GraphQL on `{graphql}`")]
    TwoHosts {
        /// Host of the REST API.
        api: String,
        /// Host of the GraphQL API.
        graphql: String,
    },
    /// `--repo` or `GITHUB_REPOSITORY` is not one.
    #[error(transparent)]
    Repository(#[from] NameError),
    /// The remote is on another server.
    #[error(
        "the remote is not a repository on `{server}`; pass the repository with `--repo`, or \
         write `forge: none`"
    )]
    Foreign {
        /// The server's host.
        server: String,
    },
    /// Nothing names a repository.
    #[error("the repository is unknown because there is no remote; pass it with `--repo`")]
    Nameless,
    /// `SSL_CERT_FILE` is of no use.
    #[error("cannot load the certificates from `{path}` (set by `SSL_CERT_FILE`): {why}")]
    Certificates {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// The token cannot be sent in a header.
    #[error("the token contains characters that are not allowed in a token")]
    Token,
    /// The HTTP client could not be created (TLS, proxies).
    #[error("cannot set up the HTTP client: {0}")]
    Client(String),
}

impl Settings {
    /// Derives the settings.
    ///
    /// # Errors
    /// When a URL is invalid, or the repository cannot be determined.
    pub fn derive(given: SettingsInput) -> Result<Self, SettingsError> {
        let (api_url, graphql_url, server_url) = addresses(&given)?;
        let (api, graphql) = (host(&api_url), host(&graphql_url));
        if (&api, api_url.port_or_known_default())
            != (&graphql, graphql_url.port_or_known_default())
        {
            return Err(SettingsError::TwoHosts { api, graphql });
        }
        let repository = repository(&given, &host(&server_url))?;
        let (timeout, patience) = (DEFAULT_TIMEOUT, PATIENCE);
        let SettingsInput { token, organization_token, certificates, root, secrets, .. } = given;
        let secrets = secrets.and(token.iter().chain(&organization_token).cloned());
        Ok(Self {
            api_url,
            graphql_url,
            server_url,
            repository,
            token,
            organization_token,
            certificates,
            secrets,
            root,
            timeout,
            patience,
        })
    }
}

/// The repository of a git remote, if it is on this server. GitHub also offers `ssh.` before the
/// server's name, for networks that block ports.
#[must_use]
pub fn slug_of_remote(remote: &str, server: &str) -> Option<Slug> {
    let (host, path) = place_of_remote(remote)?;
    let bare = ["ssh.", "www."].iter().find_map(|before| host.strip_prefix(before));
    if host != server && bare != Some(server) {
        return None;
    }
    let path = path.trim_start_matches('/').trim_end_matches('/');
    Slug::new(path.strip_suffix(".git").unwrap_or(path)).ok()
}

/// The host of a git remote, in lowercase.
#[must_use]
pub fn host_of_remote(remote: &str) -> Option<String> {
    place_of_remote(remote).map(|(host, _)| host)
}

/// The type of a host, according to its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostKind {
    /// github.com or a tenant of ghe.com.
    GitHub,
    /// A self-hosted GitHub server.
    GitHubServer,
    /// Another forge.
    OtherForge,
    /// Any of them.
    Unknown,
}

/// Other forges, by a part of their host names.
const OTHERS: [&str; 9] = [
    "gitlab",
    "bitbucket",
    "codeberg",
    "gitea",
    "forgejo",
    "dev.azure.com",
    "visualstudio.com",
    "sourceforge",
    "git.sr.ht",
];

/// The type of a remote's host, according to the given URLs or, otherwise, to its name.
#[must_use]
pub fn kind_of_host(name: &str, server: Option<&str>, api: Option<&str>) -> HostKind {
    let is = |other: &str| {
        ["", "ssh.", "www."].iter().any(|before| name.strip_prefix(before) == Some(other))
    };
    if is("github.com") || name.ends_with(".ghe.com") {
        return HostKind::GitHub;
    }
    let url = |text: Option<&str>| Url::parse(text?.trim()).ok();
    let given = url(server).into_iter().chain(url(api).map(|api| server_of(&api)));
    if given.map(|url| host(&url)).any(|given| is(&given)) || name.contains("github") {
        return HostKind::GitHubServer;
    }
    if OTHERS.iter().any(|part| name.contains(part)) {
        return HostKind::OtherForge;
    }
    HostKind::Unknown
}

/// The host, and the path there.
fn place_of_remote(remote: &str) -> Option<(String, String)> {
    match Url::parse(remote) {
        Ok(url)
            if matches!(url.scheme(), "https" | "http" | "ssh" | "git" | "git+ssh" | "ssh+git") =>
        {
            Some((host(&url), url.path().to_owned()))
        }
        // A text with `://` is a URL with an unknown scheme.
        Ok(_) if remote.contains("://") => None,
        Ok(_) | Err(_) => {
            let (place, path) = remote.split_once(':')?;
            let host = place.rsplit_once('@').map_or(place, |(_, host)| host);
            // `C:\\widget` is a folder, and so is a text with a slash before its colon.
            if host.len() < 2 || host.contains(['/', '\\']) {
                return None;
            }
            Some((host.to_ascii_lowercase(), path.to_owned()))
        }
    }
}

/// The host in lowercase; empty if there is none.
pub(super) fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_ascii_lowercase()
}

fn addresses(given: &SettingsInput) -> Result<(Url, Url, Url), SettingsError> {
    let environment = given.api_url_option.is_none();
    let only =
        |value: &Option<String>| value.clone().filter(|text| environment && !text.is_empty());
    let server = only(&given.server_url).map(|text| checked(&text)).transpose()?;
    let api = match given.api_url_option.clone().or_else(|| only(&given.api_url)) {
        Some(text) => checked(&text)?,
        None => api_of(server.as_ref())?,
    };
    let graphql = match only(&given.graphql_url) {
        Some(text) => checked(&text)?,
        None => graphql_of(&api),
    };
    let server = server.unwrap_or_else(|| server_of(&api));
    Ok((api, graphql, server))
}

fn checked(text: &str) -> Result<Url, SettingsError> {
    let bad = || SettingsError::Address(text.into());
    let mut url = Url::parse(text.trim()).map_err(|_| bad())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(SettingsError::Credentials(host(&url)));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err(SettingsError::Plain(text.into())),
        _ => return Err(bad()),
    }
    url.set_query(None);
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// github.com and its tenants on ghe.com have a host for the API; a self-hosted server has a path.
fn api_of(server: Option<&Url>) -> Result<Url, SettingsError> {
    let Some(server) = server else { return checked("https://api.github.com") };
    let name = host(server);
    if name == "github.com" || name.ends_with(".ghe.com") {
        return checked(&format!("https://api.{name}"));
    }
    checked(&format!("{}/api/v3", server.as_str().trim_end_matches('/')))
}

fn graphql_of(api: &Url) -> Url {
    let mut graphql = api.clone();
    let base = api.path().trim_end_matches('/');
    let path = match base.strip_suffix("/api/v3") {
        Some(front) => format!("{front}/api/graphql"),
        None => format!("{base}/graphql"),
    };
    graphql.set_path(&path);
    graphql
}

fn server_of(api: &Url) -> Url {
    let mut server = api.clone();
    let path = api.path().trim_end_matches('/');
    server.set_path(path.strip_suffix("/api/v3").unwrap_or(""));
    if let Some(name) = host(api).strip_prefix("api.") {
        // Only a host without the prefix; if the crate refuses it the API's own host stays.
        let _unchanged = server.set_host(Some(name));
    }
    server
}

fn repository(given: &SettingsInput, server: &str) -> Result<Slug, SettingsError> {
    let named = given.repository_option.as_ref().or(given.repository.as_ref());
    if let Some(text) = named.filter(|text| !text.is_empty()) {
        return Ok(Slug::new(text.as_str())?);
    }
    let remote = given.remote_url.as_ref().ok_or(SettingsError::Nameless)?;
    slug_of_remote(remote, server).ok_or_else(|| SettingsError::Foreign { server: server.into() })
}

#[cfg(test)]
mod tests;
