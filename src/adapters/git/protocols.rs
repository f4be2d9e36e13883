//! The transports that git may use.

use git2::Repository;
use std::collections::BTreeSet;

/// The variable that limits git to a list of transports.
pub(super) const VARIABLE: &str = "GIT_ALLOW_PROTOCOL";

/// The built-in transports of git that do not run a program named in the URL.
const PLAIN: [&str; 5] = ["file", "git", "http", "https", "ssh"];

/// The plain transports and those of the configured remotes, so that the same transports work as on
/// the command line, but no others that a URL could introduce. `ext`, which runs any command, is
/// never allowed. `None` if the user has their own rules, which this list would override.
pub(super) fn allowed(repository: &Repository) -> Option<String> {
    let config = repository.config().ok()?.snapshot().ok()?;
    let mut rules = config.entries(Some("^protocol\\.")).ok()?;
    if rules.next().is_some() {
        return None;
    }
    let mut allowed: BTreeSet<String> = PLAIN.map(str::to_owned).into();
    let names = repository.remotes().ok()?;
    for name in names.iter().filter_map(Result::ok).flatten() {
        let Ok(remote) = repository.find_remote(name) else { continue };
        let addresses = [remote.url().ok(), remote.pushurl().ok().flatten()];
        allowed.extend(addresses.into_iter().flatten().filter_map(transport));
    }
    allowed.remove("ext");
    Some(allowed.into_iter().collect::<Vec<_>>().join(":"))
}

/// The transport that an address names (`codecommit::region://name`, `https://…`).
fn transport(address: &str) -> Option<String> {
    let (name, _) = address.split_once("://").into_iter().chain(address.split_once("::")).min()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_can_use_the_standard_transports_and_those_of_the_remotes() {
        let dir = tempfile::tempdir().unwrap();
        let repository = Repository::init(dir.path()).unwrap();
        let plain = "file:git:http:https:ssh";
        assert_eq!(allowed(&repository).as_deref(), Some(plain));
        repository.remote("a", "git@github.com:acme/widget.git").unwrap();
        repository.remote("b", "ext::sh -c touch% x").unwrap();
        assert_eq!(allowed(&repository).as_deref(), Some(plain));
        repository.remote("c", "codecommit::eu-west-1://widget").unwrap();
        assert_eq!(allowed(&repository).as_deref(), Some("codecommit:file:git:http:https:ssh"));
        repository.config().unwrap().set_str("protocol.http.allow", "never").unwrap();
        assert_eq!(allowed(&repository), None);
    }
}
