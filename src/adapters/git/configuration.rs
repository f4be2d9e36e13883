//! How git is configured to sign.

use std::collections::HashMap;

/// The user's configuration for signing; names in lowercase.
pub(super) struct Configuration(HashMap<String, String>);

/// What makes the signature.
pub(super) enum Signer {
    Ssh,
    Gpg,
}

impl Configuration {
    /// From names and values.
    pub(super) fn new<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        Self(pairs.map(|(name, value)| (name.to_lowercase(), value.into())).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn signs(&self) -> bool {
        let is = |name| {
            self.get(name).is_some_and(|value| {
                matches!(value.to_lowercase().as_str(), "true" | "yes" | "on" | "1")
            })
        };
        is("tag.gpgsign") || is("tag.forcesignannotated")
    }

    /// Whether entries of the ledger are signed. A value that is not a boolean must not mean no.
    pub(super) fn signs_entries(&self) -> Result<bool, String> {
        match self.get("tminus.sign").map(str::to_lowercase).as_deref() {
            None | Some("false" | "no" | "off" | "0") => Ok(false),
            Some("true" | "yes" | "on" | "1") => Ok(true),
            Some(other) => {
                Err(format!("the git config `tminus.sign` is `{other}`, not `true` or `false`"))
            }
        }
    }

    pub(super) fn signer(&self) -> Result<Signer, String> {
        match self.get("gpg.format").unwrap_or("openpgp") {
            "ssh" => Ok(Signer::Ssh),
            "openpgp" => Ok(Signer::Gpg),
            other => Err(format!("unsupported `gpg.format`: `{other}`")),
        }
    }
}
