//! Settings that the caller passes to the git adapter, which reads no environment variables itself.

use crate::adapters::clock::SystemClock;
use crate::adapters::retry::{Notice, PATIENCE};
use crate::base::secrets::Secrets;
use crate::ports::Clock;
use secrecy::SecretString;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;
use url::Url;

/// How the git adapter works.
#[derive(Clone)]
pub struct Settings {
    /// The remote to release from; if not set, the branch's remote, `origin`, or the only remote.
    pub remote: Option<String>,
    /// A token for the forge's git server; without it, git uses the user's credential helpers.
    pub credentials: Option<Credentials>,
    /// Never shown and never published, the token among them.
    pub secrets: Secrets,
    /// The time limit of one git process.
    pub timeout: Duration,
    /// The clock with the remaining time, which no operation exceeds.
    pub clock: Rc<dyn Clock>,
    /// The longest wait of one read of the remote, if `clock` has no deadline.
    pub patience: Duration,
    /// Receives every wait that a person would notice.
    pub notice: Notice,
    /// The git program.
    pub program: PathBuf,
    /// Set in the git program's environment, over what it inherits.
    pub env: Vec<(String, String)>,
    /// How a shallow clone is completed.
    pub unshallow: Unshallow,
}

/// A token, and the only server that may see it.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The forge's web address (`https://github.com`).
    pub server: Url,
    /// The token.
    pub token: SecretString,
}

/// How a shallow clone is completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unshallow {
    /// With file contents: this is slower, but the clone stays an ordinary clone.
    Whole,
    /// Without file contents: this is fast, but the clone becomes a partial clone, for which later
    /// commands fetch missing files. Suitable for a temporary clone.
    WithoutBlobs,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            remote: None,
            credentials: None,
            secrets: Secrets::default(),
            timeout: Duration::from_secs(120),
            clock: Rc::new(SystemClock::default()),
            patience: PATIENCE,
            notice: Rc::new(|_| {}),
            program: "git".into(),
            env: Vec::new(),
            unshallow: Unshallow::Whole,
        }
    }
}

impl Credentials {
    /// The server's URL for git's configuration keys; `None` if the token would be sent
    /// unencrypted.
    pub(super) fn scope(&self) -> Option<String> {
        let host = self.server.host_str()?;
        let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        let safe = self.server.scheme() == "https" || (self.server.scheme() == "http" && local);
        let port = self.server.port().map_or(String::new(), |port| format!(":{port}"));
        safe.then(|| format!("{}://{host}{port}/", self.server.scheme()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_only_sent_over_encrypted_connections() {
        let scope = |server: &str| {
            let server = Url::parse(server).unwrap();
            Credentials { server, token: String::new().into() }.scope()
        };
        assert_eq!(scope("https://github.com"), Some("https://github.com/".into()));
        assert_eq!(scope("http://127.0.0.1:8080/x"), Some("http://127.0.0.1:8080/".into()));
        assert_eq!(scope("http://github.com"), None);
        assert_eq!(scope("http://localhost.evil.example"), None);
        assert_eq!(scope("ssh://git@github.com"), None);
    }
}
