//! What generated notes list of a history, and by which rule they leave a commit out.

use super::tests::sha;
use super::{ChangeKinds, Commit, Fate, Listing, listing};
use crate::base::names::Sha;

/// A commit with its parents, by their numbers: the newest has the highest.
struct One<'a>(usize, &'a [usize], &'a str);

fn history(ones: &[One<'_>]) -> Vec<Commit> {
    let id = |n: &usize| Sha::new(sha(*n)).unwrap();
    let made = ones.iter().rev().map(|One(n, parents, message)| Commit {
        parents: parents.len().max(1),
        parent_commits: parents.iter().map(id).collect(),
        ..Commit::saying(id(n), (*message).to_owned())
    });
    made.collect()
}

fn straight(messages: &[&str]) -> Vec<Commit> {
    let ones: Vec<One<'_>> =
        messages.iter().enumerate().map(|(n, message)| One(n + 1, &[], message)).collect();
    history(&ones)
}

/// A branch of some commits on top of 1, and its merge by this message.
fn merged(branch: &[&str], merge: &str) -> Vec<Commit> {
    let id = |n: usize| Sha::new(sha(n)).unwrap();
    let mut commits = straight(&[&["chore: base"], branch, &[merge]].concat());
    let last = commits.len();
    for (at, commit) in commits.iter_mut().enumerate() {
        let n = last - at;
        commit.parent_commits = match n {
            1 => Vec::new(),
            n if n == last => vec![id(1), id(n - 1)],
            n => vec![id(n - 1)],
        };
        commit.parents = commit.parent_commits.len().max(1);
    }
    commits
}

fn listed(commits: &[Commit]) -> Listing {
    listing(commits, ChangeKinds::default(), "widget")
}

/// The lines, and the name of the rule or the word for each commit, oldest first.
fn shown(commits: &[Commit]) -> (Vec<String>, Vec<String>) {
    let all = listed(commits);
    let lines = all.entries.iter().map(|entry| {
        let pull = entry.pull.as_deref().map(|pull| format!(" ({pull})")).unwrap_or_default();
        format!("{}: {}{pull}", entry.group.heading(), entry.change.description)
    });
    let fates = all.fates.iter().rev().map(|fate| match fate {
        Fate::Listed(_) => "listed".to_owned(),
        Fate::LeftOut(rule) => rule.name().to_owned(),
        Fate::UnknownKind(word) => format!("unknown {word}"),
        Fate::NoMessage => "no message".to_owned(),
    });
    (lines.collect(), fates.collect())
}

#[test]
fn every_commit_kind_has_a_heading_or_is_excluded_by_name() {
    let (lines, fates) = shown(&straight(&[
        "feat: a",
        "fix: b",
        "perf: c",
        "docs: d",
        "deps: e",
        "security: f",
        "i18n: g",
        "Revert \"feat: old\"",
        "words",
        "feature: h",
        "ci: i",
        "test: j",
        "chore: k",
        "style: l",
        "refactor: m",
        "build: n",
        "refactor!: o",
    ]));
    assert_eq!(
        lines,
        [
            "Breaking changes: o",
            "Features: a",
            "Fixes: b",
            "Performance: c",
            "Security: f",
            "Reverts: Revert \"feat: old\"",
            "Documentation: d",
            "Translations: g",
            "Dependencies: e",
            "Other changes: feature: h",
            "Other changes: words",
        ]
    );
    assert_eq!(fates.iter().filter(|fate| *fate == "kind-not-listed").count(), 6);
    assert_eq!(fates[9], "unknown feature");
    assert_eq!(fates.iter().filter(|fate| *fate == "listed").count(), 10);
}

#[test]
fn every_commit_has_exactly_one_fate() {
    let commits = straight(&["feat: a", "", "fixup! feat: a", "chore: release 1.1.0", "x"]);
    let all = listed(&commits);
    assert_eq!(all.fates.len(), commits.len());
    let (_, fates) = shown(&commits);
    assert_eq!(fates, ["listed", "no message", "fixup", "release-commit", "listed"]);
}

#[test]
fn a_change_is_listed_once() {
    for (messages, wanted) in [
        (
            &["feat: third (#3)\n\n* feat: third\n\n* fix: review"][..],
            &["Features: third (#3)", "Fixes: review"][..],
        ),
        (&["feat: third (#3)\n\n* feat!: third"], &["Breaking changes: third (#3)"]),
        (&["fix: typo", "fix: typo", "fix(api): typo"], &["Fixes: typo", "Fixes: typo"]),
        (&["fix: typo (#3)", "fix: typo (#4)"], &["Fixes: typo (#4)"]),
    ] {
        assert_eq!(shown(&straight(messages)).0, wanted);
    }
    let twice = listed(&straight(&["fix: typo", "fix: typo"]));
    assert_eq!(twice.entries[0].commits.len(), 2, "both commits are named");
}

/// The branch, its merge, the lines, and what becomes of the branch's commits and of the merge.
type Told<'a> = (&'a [&'a str], String, &'a [&'a str], &'a [&'a str]);

fn told(rows: &[Told<'_>]) {
    for (branch, merge, lines, fates) in rows {
        let (said, became) = shown(&merged(branch, merge));
        assert_eq!(said, *lines, "{branch:?} {merge}");
        assert_eq!(became[1..], **fates, "{branch:?} {merge}");
    }
}

#[test]
fn the_title_of_a_pull_request_covers_its_commits() {
    let github = "Merge pull request #3 from acme/f\n\n";
    told(&[
        // No kinds anywhere: the title alone.
        (
            &["wip", "more"][..],
            format!("{github}Third widget"),
            &["Other changes: Third widget (#3)"][..],
            &["pull-request", "pull-request", "listed"][..],
        ),
        // The title has a kind.
        (
            &["wip", "fix: review"],
            format!("{github}feat: third"),
            &["Features: third (#3)"],
            &["pull-request", "pull-request", "listed"],
        ),
        // The commits have kinds and the title has none.
        (
            &["feat: a", "fix: b"],
            format!("{github}Third widget"),
            &["Features: a", "Fixes: b"],
            &["listed", "listed", "merge-commit"],
        ),
        (
            &["feat: a", "wip"],
            format!("{github}Third widget"),
            &["Features: a", "Other changes: Third widget (#3)"],
            &["listed", "pull-request", "listed"],
        ),
        // The same words on both sides.
        (
            &["feat: third"],
            "feat: third (#3)".into(),
            &["Features: third (#3)"],
            &["listed", "merge-commit"],
        ),
        (
            &["feat: third"],
            format!("{github}feat: third"),
            &["Features: third (#3)"],
            &["listed", "merge-commit"],
        ),
    ]);
}

#[test]
fn a_pull_request_title_does_not_cover_larger_changes_or_other_pull_requests() {
    let github = "Merge pull request #3 from acme/f\n\n";
    told(&[
        // A commit that requires more than the title says stays.
        (
            &["feat!: api", "wip"],
            format!("{github}fix: third"),
            &["Breaking changes: api", "Fixes: third (#3)"],
            &["listed", "pull-request", "listed"],
        ),
        (
            &["feat!: api\n\nBREAKING CHANGE: use y"],
            format!("{github}feat!: third"),
            &["Breaking changes: third (#3)", "Breaking changes: api"],
            &["listed", "listed"],
        ),
        // Squashed pull requests in the branch are their own.
        (
            &["One (#1)", "Two (#2)"],
            format!("{github}Develop"),
            &["Other changes: Two (#2)", "Other changes: One (#1)"],
            &["listed", "listed", "merge-commit"],
        ),
        // A release is no change; what it merges is.
        (
            &["words"],
            format!("{github}Release 1.1.0"),
            &["Other changes: words"],
            &["listed", "merge-commit"],
        ),
        (
            &["ci: a", "chore: b"],
            format!("{github}Better CI"),
            &[],
            &["kind-not-listed", "kind-not-listed", "kind-not-listed"],
        ),
        (&["feat: a"], "Merge branch 'f'".into(), &["Features: a"], &["listed", "merge-commit"]),
        (
            &["wip"],
            "Merge branch 'f' into 'main'\n\nThird\n\nSee merge request a/b!3".into(),
            &["Other changes: Third (!3)"],
            &["pull-request", "listed"],
        ),
    ]);
}

#[test]
fn a_nested_pull_request_title_covers_its_own_commits() {
    let pull = |n: usize| format!("Merge pull request #{n} from acme/f\n\nPart {n}");
    let (inner, outer) = (pull(1), pull(2));
    let commits = history(&[
        One(1, &[], "chore: base"),
        One(2, &[1], "wip a"),
        One(3, &[2], "wip b"),
        One(4, &[2, 3], &inner),
        One(5, &[1, 4], &outer),
    ]);
    let (lines, fates) = shown(&commits);
    assert_eq!(lines, ["Other changes: Part 2 (#2)", "Other changes: Part 1 (#1)"]);
    assert_eq!(fates[1..], ["pull-request", "pull-request", "listed", "listed"]);
}

#[test]
fn a_bot_commit_is_excluded_unless_it_requires_a_version() {
    let bots = |messages: &[&str]| {
        let mut commits = straight(messages);
        commits.iter_mut().for_each(|commit| commit.bot = true);
        shown(&commits)
    };
    assert_eq!(bots(&["Bump x from 1 to 2 (#4)", "chore(deps): y"]).1, ["bot", "bot"]);
    assert_eq!(bots(&["fix(deps): update x"]).0, ["Fixes: update x"]);
    let mut commits = merged(&["Bump x"], "Merge pull request #4 from bot/x\n\nBump x from 1 to 2");
    commits[1].bot = true;
    assert_eq!(shown(&commits).1[1..], ["bot", "bot"], "its pull request neither");
}

#[test]
fn breaking_changes_are_described_in_full() {
    let of = |message: &str| listed(&straight(&[message])).entries[0].change.notes.clone();
    assert_eq!(of("feat!: x\n\nBREAKING CHANGE: use y instead of x"), ["use y instead of x"]);
    assert_eq!(of("feat: x\n\nBREAKING-CHANGE: use y\n  instead"), ["use y\n  instead"]);
    assert_eq!(
        of(
            "feat: x\r\n\r\nBREAKING CHANGE: use y\r\n\r\nBefore: x()\r\n\r\n```\r\nFixes: no\r\n```\r\n\r\nSigned-off-by: A"
        ),
        ["use y\n\nBefore: x()\n\n```\nFixes: no\n```"],
        "paragraphs and code belong to it, footers do not"
    );
    assert_eq!(
        of("feat: x\n\nBREAKING CHANGE: one\nBREAKING CHANGE: two\nFixes #3"),
        ["one", "two"]
    );
    assert_eq!(
        of(
            "feat: x\n\n- a list\n\nBREAKING CHANGE: use y\n\n- first\n- second\n\n## Tests\n\nNone."
        ),
        ["use y\n\n- first\n- second"]
    );
    assert!(of("feat!: x\n\nNothing else.").is_empty());
    assert!(of("docs: x\n\n> BREAKING CHANGE: quoted").is_empty());
    let squash = "Things (#3)\n\n* feat!: a\n\nBREAKING CHANGE: use b\n\n* fix: c\n\nwords";
    let entries = listed(&straight(&[squash])).entries;
    assert_eq!(entries[0].change.notes, ["use b"], "{entries:?}");
}

#[test]
fn a_pull_request_title_with_a_commit_type_counts_like_a_commit() {
    let demand = |title: &str| {
        let merge = format!("Merge pull request #3 from acme/f\n\n{title}");
        super::account(&merged(&["wip"], &merge), ChangeKinds::default())
            .demand()
            .map(|(bump, _)| bump)
    };
    use crate::project::manifest::Bump;
    assert_eq!(demand("feat: third"), Some(Bump::Minor));
    assert_eq!(demand("feat: third\n\nBREAKING CHANGE: use y"), Some(Bump::Major));
    assert_eq!(demand("Third"), None);
    assert_eq!(demand("revert: feat: old"), None);
}
