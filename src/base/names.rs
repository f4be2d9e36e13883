//! Newtypes for every name that crosses a module boundary, validated when they are created.
//!
//! Two adjacent `&str` parameters can be swapped by mistake; these types cannot.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a text is not a valid name of the requested type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not 40 or 64 hexadecimal digits.
    #[error("`{0}` is not a full commit id (40 or 64 hexadecimal digits)")]
    Sha(String),
    /// Breaks a rule of `git check-ref-format`.
    #[error("`{0}` is not a valid git ref name")]
    Ref(String),
    /// Not `sha256:` and 64 hexadecimal digits.
    #[error("`{0}` is not a sha256 digest")]
    Digest(String),
    /// Not `owner/name`.
    #[error("`{0}` is not a repository in the form `owner/name`")]
    Slug(String),
    /// Not letters, digits, `-`, `_` and `.`.
    #[error("`{0}` can contain only letters, digits, `-`, `_` and `.`")]
    Plain(String),
    /// Not a login or the principal of a key.
    #[error("`{0}` is not the name of a person (letters, digits, `-`, `_`, `.`, `@` and `+`)")]
    Person(String),
    /// Empty, too long, or with control characters.
    #[error("`{0}` is not the name of an environment (1 to 255 characters)")]
    Environment(String),
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $parse:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Validates the text.
            ///
            /// # Errors
            /// When the text is not a valid name of this type.
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                let parse: fn(String) -> Result<String, NameError> = $parse;
                parse(text).map(Self)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.pad(&self.0)
            }
        }
    };
}

name!(
    /// A full object id, SHA-1 or SHA-256, in lowercase.
    Sha,
    |text| {
        let fits = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
        if fits { Ok(text.to_ascii_lowercase()) } else { Err(NameError::Sha(text)) }
    }
);

name!(
    /// A tag's short name (`v1.1.0`), valid after `refs/tags/`.
    TagName,
    |text| if is_ref_name(&text) { Ok(text) } else { Err(NameError::Ref(text)) }
);

name!(
    /// A branch's short name (`main`), valid after `refs/heads/`.
    BranchName,
    |text| if is_ref_name(&text) { Ok(text) } else { Err(NameError::Ref(text)) }
);

name!(
    /// A SHA-256 digest as 64 lowercase hexadecimal digits, without prefix.
    Digest,
    |text| {
        let hex = text.strip_prefix("sha256:").unwrap_or(&text);
        let fits = hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit());
        if fits { Ok(hex.to_ascii_lowercase()) } else { Err(NameError::Digest(text)) }
    }
);

name!(
    /// A repository on a forge, `owner/name`.
    Slug,
    |text| {
        let plain = |part: &str| !part.is_empty() && is_plain(part) && part != "." && part != "..";
        let fits = matches!(text.split_once('/'), Some((a, b)) if plain(a) && plain(b));
        if fits { Ok(text) } else { Err(NameError::Slug(text)) }
    }
);

name!(
    /// A stage of the manifest (`candidate`).
    StageName,
    |text| if !text.is_empty() && is_plain(&text) { Ok(text) } else { Err(NameError::Plain(text)) }
);

name!(
    /// An environment (`production`), at most 255 characters
    /// (<https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments>).
    EnvironmentName,
    |text| {
        let fits = (1..=255).contains(&text.chars().count()) && !text.contains(char::is_control);
        if fits { Ok(text) } else { Err(NameError::Environment(text)) }
    }
);

name!(
    /// A role of the manifest (`qa`).
    RoleName,
    |text| if !text.is_empty() && is_plain(&text) { Ok(text) } else { Err(NameError::Plain(text)) }
);

name!(
    /// A task of the manifest, or a scenario of an acceptance test (`upgrade`).
    ItemId,
    |text| if !text.is_empty() && is_plain(&text) { Ok(text) } else { Err(NameError::Plain(text)) }
);

name!(
    /// A person: the login on the forge, or the principal of a signing key. In lowercase, because
    /// GitHub ignores case in logins.
    Person,
    |text| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+');
        let fits = (1..=100).contains(&text.len()) && text.chars().all(plain);
        if fits { Ok(text.to_ascii_lowercase()) } else { Err(NameError::Person(text)) }
    }
);

name!(
    /// The key of a step in plans and ledgers (`upload:widget.tar.gz`), unique in a plan.
    StepKey,
    Ok
);

impl Sha {
    /// Takes the bytes of an object id, 20 or 32.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self(hex::encode(bytes))
    }

    /// The first seven digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }
}

impl Digest {
    /// Takes what a hasher wrote: 64 lowercase hexadecimal digits.
    pub(crate) fn from_hex(hex: String) -> Self {
        Self(hex)
    }

    /// The first six digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..6).unwrap_or(&self.0)
    }
}

impl EnvironmentName {
    /// Whether this is the forge's name for the environment. Names are compared without regard to
    /// case.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.0.to_lowercase() == name.to_lowercase()
    }
}

impl Slug {
    /// The account.
    #[must_use]
    pub fn owner(&self) -> &str {
        self.0.split_once('/').map_or("", |(owner, _)| owner)
    }

    /// The repository's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, name)| name)
    }
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// The rules of `git check-ref-format` for the part after `refs/tags/` or `refs/heads/`.
fn is_ref_name(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with(".lock")
            && !part.ends_with('.')
    };
    let forbidden = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    !text.is_empty()
        && text != "@"
        && !text.starts_with('-')
        && !text.contains("..")
        && !text.contains("@{")
        && !text.contains(forbidden)
        && text.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ref_name_that_git_would_reject_is_rejected() {
        for bad in ["", "a b", "a..b", "/a", "a/", ".a", "a.lock", "a\n", "-x", "a:b", "@", "x@{0}"]
        {
            assert!(TagName::new(bad).is_err(), "{bad:?}");
        }
        for good in ["v1.0.0", "core/v1.0.0-rc.1+build.5", "ü"] {
            assert!(TagName::new(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn an_abbreviated_commit_id_is_rejected() {
        assert!(Sha::new("3f2a91c").is_err());
        assert_eq!(Sha::new("A".repeat(40)).unwrap().short(), "aaaaaaa");
    }

    #[test]
    fn a_repository_is_exactly_owner_and_name() {
        for bad in ["a", "a/b/c", "/b", "a/", "a/..", "a b/c"] {
            assert!(Slug::new(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Slug::new("acme/widget").unwrap().owner(), "acme");
    }
}
