//! Determines whether git can push, without pushing.

use super::push::pushed;
use super::redact::words;
use super::remote::{GitRemote, without_credentials};
use crate::base::names::Sha;
use crate::facts::rights::{Permission, Push, PushIdentity};
use crate::ports::PortError;
use url::Url;

/// A ref that is never created. For an existing ref, the content could be the reason for a
/// rejection.
const NOWHERE: &str = "refs/tminus/may-push";

/// The part of a URL that identifies the repository on its server, independent of the protocol.
fn repository(url: &str) -> Vec<&str> {
    let path = url.trim_end_matches('/').trim_end_matches(".git");
    path.rsplit(['/', ':', '\\']).take(2).collect()
}

impl GitRemote {
    /// Does a dry run of a push. It requests the refs from the service that receives pushes, which
    /// the server offers only to users who may push.
    pub(super) async fn leave_to_push(&self, commit: &Sha) -> Result<Push, PortError> {
        let what = "check whether git can push";
        let Some(name) = self.name() else {
            return Ok(Push { leave: Permission::Granted, with: PushIdentity::Nobody });
        };
        // The URL after git's configuration was applied.
        let url = |which: &[&str]| {
            let asked = self.git.ask(&[&["remote", "get-url"], which, &[name]].concat());
            let asked = asked.map(|urls| urls.lines().next().unwrap_or_default().to_owned());
            asked.map_err(|error| PortError::NoAnswer { what: what.into(), why: error.why })
        };
        let (read, written) = (url(&[])?, url(&["--push"])?);
        if repository(&read) != repository(&written) {
            let (read, written) = (without_credentials(&read), without_credentials(&written));
            let why = format!(
                "`{name}` fetches from {read} but pushes to {written}, so tminus cannot \
                 verify what it pushes; with `--remote`, pass a remote with the same fetch and push URL"
            );
            return Err(PortError::Refused { what: what.into(), why });
        }
        let with = self.pusher(&written);
        let spec = format!("{commit}:{NOWHERE}");
        let arguments = [
            "push",
            "--dry-run",
            "--porcelain",
            // Hooks must not run for a push that does not happen.
            "--no-verify",
            "--no-follow-tags",
            "--recurse-submodules=no",
            self.place(),
            &spec,
        ];
        let asked = self.git.repeated(what, async || {
            let output = self.git.run(what, &arguments, b"").await?;
            match pushed(what, &output) {
                Ok(()) => Ok(Permission::Granted),
                Err(PortError::Denied { needs, .. }) => {
                    let why = Some(words(&output.stderr)).filter(|why| !why.is_empty());
                    Ok(Permission::Denied { needs, why })
                }
                Err(error) => Err(error),
            }
        });
        asked.await.map(|leave| Push { leave, with })
    }

    /// The identity that git uses for a URL.
    fn pusher(&self, url: &str) -> PushIdentity {
        let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            Some("http" | "https") if self.git.sends_token(&without_user(url)) => {
                PushIdentity::Token
            }
            Some("http" | "https") => PushIdentity::Helper,
            Some("ssh" | "git+ssh" | "ssh+git") => PushIdentity::Key,
            Some("file") => PushIdentity::Nobody,
            Some(_) => PushIdentity::Helper,
            // As in git, `host:path` is SSH, unless a slash comes before the colon.
            None => match url.split_once(':') {
                Some((host, _)) if !host.contains('/') => PushIdentity::Key,
                Some(_) | None => PushIdentity::Nobody,
            },
        }
    }
}

/// A URL without user name and password, which do not affect where headers are sent.
fn without_user(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else { return String::new() };
    // Only an address without a host refuses, and has neither.
    let _ = (url.set_username(""), url.set_password(None));
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::git::{Credentials, Settings};

    #[test]
    fn the_push_identity_is_derived_from_the_remote_url() {
        let dir = tempfile::tempdir().unwrap();
        git2::Repository::init(dir.path()).unwrap();
        let credentials = Some(Credentials {
            server: Url::parse("https://github.com").unwrap(),
            token: "secret".to_owned().into(),
        });
        let settings = Settings { credentials, ..Settings::default() };
        let remote = GitRemote::discover(dir.path(), &settings).unwrap();
        for (url, with) in [
            ("https://github.com/acme/widget", PushIdentity::Token),
            ("https://ada:secret@github.com/acme/widget", PushIdentity::Token),
            ("https://github.com.evil.example/acme/widget", PushIdentity::Helper),
            ("https://git.example.com/acme/widget", PushIdentity::Helper),
            ("ssh://git@github.com/acme/widget", PushIdentity::Key),
            ("git@github.com:acme/widget.git", PushIdentity::Key),
            ("../remote.git", PushIdentity::Nobody),
            ("./odd:name", PushIdentity::Nobody),
            ("file:///srv/remote.git", PushIdentity::Nobody),
        ] {
            assert_eq!(remote.pusher(url), with, "{url}");
        }
    }
}
