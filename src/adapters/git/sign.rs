//! Signs tags and ledger entries with the signing configuration of git.

use super::configuration::{Configuration, Signer};
use super::identity::Identity;
use super::output::Output;
use super::remote::GitRemote;
use crate::ports::PortError;
use crate::release::step::Sign;
use std::io::Write as _;

impl GitRemote {
    /// The signature of a payload, to be appended to it; empty if no signature is required.
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

    /// The signature over an entry of the ledger; empty unless the entry must be signed or
    /// `tminus.sign` is true.
    pub(super) async fn entry_signature(
        &self,
        what: &str,
        payload: &str,
        identity: &Identity,
        required: bool,
    ) -> Result<String, PortError> {
        let refused = |why: String| PortError::Refused { what: what.into(), why };
        // A release appends an entry every few seconds.
        let configuration = self.signing.get_or_init(|| self.configuration());
        if !required && !configuration.signs_entries().map_err(refused)? {
            return Ok(String::new());
        }
        match configuration.signer().map_err(refused)? {
            Signer::Ssh => self.ssh(what, payload, configuration).await,
            Signer::Gpg => self.gpg(what, payload, configuration, identity).await,
        }
    }

    fn configuration(&self) -> Configuration {
        let keys =
            r"^(tminus\.sign|tag\.gpgsign|tag\.forcesignannotated|gpg\..*|user\.signingkey)$";
        // git exits with 1 if nothing is set.
        let text = self.git.ask(&["config", "-z", "--get-regexp", keys]).unwrap_or_default();
        let pairs = text.split('\0').filter(|pair| !pair.is_empty());
        // A key without a value is a boolean that is true.
        Configuration::new(pairs.map(|pair| pair.split_once('\n').unwrap_or((pair, "true"))))
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

/// The signature, if the program printed one.
fn checked(output: &Output, begin: &str) -> Result<String, String> {
    let text = output.text().replace('\r', "");
    if output.ok && text.starts_with(begin) && text.ends_with('\n') {
        return Ok(text);
    }
    let said: Vec<&str> =
        output.stderr.lines().filter(|line| !line.starts_with("[GNUPG:]")).collect();
    Err(format!("signing failed: {}", said.join(" / ").trim()))
}
