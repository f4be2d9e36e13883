//! Signs tags in the way that git is configured to.

use super::identity::Identity;
use super::output::Output;
use super::remote::GitRemote;
use crate::ports::PortError;
use crate::release::step::Sign;
use std::collections::HashMap;
use std::io::Write as _;

/// The user's configuration that bears on signing; names in lowercase.
struct Configuration(HashMap<String, String>);

/// What makes the signature.
enum Signer {
    Ssh,
    Gpg,
}

impl GitRemote {
    /// The signature over a payload, to be appended to it; empty where none is wanted.
    pub(super) async fn signature(
        &self,
        what: &str,
        sign: Sign,
        payload: &str,
        identity: &Identity,
    ) -> Result<String, PortError> {
        let refused = |why: String| PortError::Refused { what: what.into(), why };
        let configuration = self.configuration();
        let signer = match sign {
            Sign::Off => return Ok(String::new()),
            Sign::Ssh => Signer::Ssh,
            Sign::Gpg => Signer::Gpg,
            Sign::Auto if !configuration.signs() => return Ok(String::new()),
            Sign::Auto => configuration.signer().map_err(refused)?,
        };
        match signer {
            Signer::Ssh => self.ssh(what, payload, &configuration).await,
            Signer::Gpg => self.gpg(what, payload, &configuration, identity).await,
        }
    }

    fn configuration(&self) -> Configuration {
        let keys = r"^(tag\.gpgsign|tag\.forcesignannotated|gpg\..*|user\.signingkey)$";
        // Git exits with 1 where nothing is set.
        let text = self.git.ask(&["config", "-z", "--get-regexp", keys]).unwrap_or_default();
        let pairs = text.split('\0').filter(|pair| !pair.is_empty());
        // A name without value is a boolean that is true.
        let pairs = pairs.map(|pair| pair.split_once('\n').unwrap_or((pair, "true")));
        Configuration(pairs.map(|(name, value)| (name.to_lowercase(), value.into())).collect())
    }

    async fn ssh(
        &self,
        what: &str,
        payload: &str,
        configuration: &Configuration,
    ) -> Result<String, PortError> {
        let refused = |why: String| PortError::Refused { what: what.into(), why };
        let key = configuration.get("user.signingkey").ok_or_else(|| {
            refused("no key to sign with: set `git config user.signingkey` to an SSH key".into())
        })?;
        let program = configuration.get("gpg.ssh.program").unwrap_or("ssh-keygen");
        let literal = key.strip_prefix("key::").or_else(|| key.starts_with("ssh-").then_some(key));
        let mut file = None;
        let path = match literal {
            Some(literal) => {
                let written = tempfile::NamedTempFile::new().and_then(|mut made| {
                    writeln!(made, "{literal}")?;
                    Ok(made)
                });
                let made = file.insert(written.map_err(|error| refused(error.to_string()))?);
                made.path().to_string_lossy().into_owned()
            }
            // As a path, so that git expands `~`.
            None => self
                .git
                .ask(&["config", "--type=path", "user.signingkey"])
                .map_or_else(|_| key.to_owned(), |path| path.trim_end_matches('\n').to_owned()),
        };
        let mut arguments = vec!["-Y", "sign", "-n", "git", "-f", &path];
        if literal.is_some() {
            arguments.push("-U");
        }
        let output = self.git.tool(what, program, &arguments, payload.as_bytes()).await?;
        checked(&output, "-----BEGIN SSH SIGNATURE-----").map_err(refused)
    }

    async fn gpg(
        &self,
        what: &str,
        payload: &str,
        configuration: &Configuration,
        identity: &Identity,
    ) -> Result<String, PortError> {
        let program = configuration.get("gpg.openpgp.program").or(configuration.get("gpg.program"));
        let key = configuration.get("user.signingkey").unwrap_or(identity.as_str());
        let arguments = ["--status-fd=2", "-bsau", key];
        let program = program.unwrap_or("gpg");
        let output = self.git.tool(what, program, &arguments, payload.as_bytes()).await?;
        checked(&output, "-----BEGIN PGP SIGNATURE-----")
            .map_err(|why| PortError::Refused { what: what.into(), why })
    }
}

impl Configuration {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn signs(&self) -> bool {
        let is = |name| {
            self.get(name).is_some_and(|value| {
                matches!(value.to_lowercase().as_str(), "true" | "yes" | "on" | "1")
            })
        };
        is("tag.gpgsign") || is("tag.forcesignannotated")
    }

    fn signer(&self) -> Result<Signer, String> {
        match self.get("gpg.format").unwrap_or("openpgp") {
            "ssh" => Ok(Signer::Ssh),
            "openpgp" => Ok(Signer::Gpg),
            other => Err(format!("unsupported `gpg.format`: `{other}`")),
        }
    }
}

/// A signature, if the program really made one.
fn checked(output: &Output, begin: &str) -> Result<String, String> {
    let text = output.text().replace('\r', "");
    if output.ok && text.starts_with(begin) && text.ends_with('\n') {
        return Ok(text);
    }
    let said: Vec<&str> =
        output.stderr.lines().filter(|line| !line.starts_with("[GNUPG:]")).collect();
    Err(format!("signing failed: {}", said.join(" / ").trim()))
}
