//! Parses the output of `git ls-remote` strictly: incomplete output, or output of another program,
//! must not look like a short list.

use crate::base::names::Sha;
use crate::ports::RefAt;
use git2::Reference;
use std::collections::HashSet;

/// Refs that are requested in addition: a repository with commits has at least one of them, so a
/// list without any ref is not that of a repository that merely has no tags.
const ALWAYS: [&str; 2] = ["HEAD", "refs/heads/*"];

/// The arguments of `git ls-remote` that list what fits some patterns.
pub(super) fn arguments<'a>(place: &'a str, patterns: &[&'a str]) -> Vec<&'a str> {
    [&["ls-remote", "--", place], &ALWAYS[..], patterns].concat()
}

/// Reads the list. An object id has 40 or 64 digits, a ref a valid name and one line, and a peeled
/// tag follows its tag. An empty list is an error: even a repository without tags has a branch.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<RefAt>, String> {
    if bytes.is_empty() {
        let why = "it has no branches; a new repository needs a first push";
        return Err(why.into());
    }
    // A name that is not UTF-8 cannot be ours; it is skipped, and the others remain valid.
    let text = String::from_utf8_lossy(bytes);
    let lines = text.strip_suffix('\n').ok_or("the list of its refs is incomplete")?;
    let mut refs: Vec<RefAt> = Vec::new();
    let mut names = HashSet::new();
    let mut peeled = false;
    for line in lines.split('\n') {
        let odd = || format!("the list of its refs contains the invalid line `{}`", start(line));
        let (id, name) = line.split_once('\t').ok_or_else(odd)?;
        let id = Sha::new(id).map_err(|_| odd())?;
        if id.as_str().bytes().all(|digit| digit == b'0') {
            return Err(odd());
        }
        if refs.first().is_some_and(|first| first.object.as_str().len() != id.as_str().len()) {
            return Err(odd());
        }
        if let Some(tag) = name.strip_suffix("^{}") {
            let last = refs.last_mut().filter(|last| last.name == tag && !peeled);
            last.ok_or_else(odd)?.commit = id;
            peeled = true;
            continue;
        }
        let valid = Reference::is_valid_name(name) && (name == "HEAD" || name.starts_with("refs/"));
        if !valid || !names.insert(name) {
            return Err(odd());
        }
        refs.push(RefAt { name: name.into(), object: id.clone(), commit: id });
        peeled = false;
    }
    Ok(refs)
}

/// The quoted part of an invalid line.
fn start(line: &str) -> String {
    line.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_truncated_or_malformed_ref_list_is_rejected() {
        let id = "1".repeat(40);
        let long = "2".repeat(64);
        for odd in [
            "",
            "\n",
            "<html>a portal</html>",
            "<html>a portal</html>\n",
            "warning: redirecting\n",
            "12\tx\n",
            &format!("{id} refs/tags/v1\n"),
            &format!("{id}\trefs/tags/v1"),
            &format!("{id}\trefs/tags/v1\n\n"),
            &format!("{id}\trefs/tags/v1\r\n"),
            &format!("{id}\trefs/tags/v1\n{id}\trefs/ta"),
            &format!("{id}\trefs/tags/v1^{{}}\n"),
            &format!("{id}\trefs/tags/v1\n{id}\trefs/tags/v2^{{}}\n"),
            &format!("{id}\trefs/tags/v1\n{id}\trefs/tags/v1^{{}}\n{id}\trefs/tags/v1^{{}}\n"),
            &format!("{id}\trefs/tags/v1\n{id}\trefs/tags/v1\n"),
            &format!("{id}\trefs/tags/v1\n{long}\trefs/tags/v2\n"),
            &format!("{id}\trefs/tags/v\u{1b}[1\n"),
            &format!("{id}\trefs/tags/a b\n"),
            &format!("{id}\trefs/tags/\n"),
            &format!("{id}\tv1\n"),
        ] {
            assert!(parse(odd.as_bytes()).is_err(), "{odd:?}");
        }
    }

    #[test]
    fn refs_are_parsed_with_the_commits_of_their_tags() {
        for digits in [40, 64] {
            let (id, commit) = ("1".repeat(digits), "2".repeat(digits));
            let text = format!("{id}\tHEAD\n{id}\trefs/tags/v1\n{commit}\trefs/tags/v1^{{}}\n");
            let refs = parse(text.as_bytes()).unwrap();
            let told: Vec<_> =
                refs.iter().map(|at| (at.name.as_str(), at.commit.as_str())).collect();
            assert_eq!(told, [("HEAD", id.as_str()), ("refs/tags/v1", commit.as_str())]);
        }
    }

    #[test]
    fn a_ref_name_in_another_encoding_does_not_hide_the_other_refs() {
        let mut text = format!("{}\trefs/heads/", "1".repeat(40)).into_bytes();
        text.extend(b"gr\xfcn\n");
        assert_eq!(parse(&text).unwrap().len(), 1);
    }
}
