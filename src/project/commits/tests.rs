//! What histories demand, as projects write them.

use super::{ChangeKinds, Commit, Excluded, account, changes};
use crate::base::names::Sha;
use crate::project::manifest::Bump;

/// A commit's id that is the same for the same number.
pub(super) fn sha(n: usize) -> String {
    format!("{:08x}{:032x}", n * 0x0123_4567 + 0x0a0b_0c0d, n)
}

fn commit(n: usize, message: &str) -> Commit {
    Commit::saying(Sha::new(sha(n)).unwrap(), message.into())
}

/// A straight history, told oldest first; `{N}` is the id of the commit at place N, counted from 1,
/// and `{N:7}` its first seven letters.
fn history(messages: &[&str]) -> Vec<Commit> {
    let fill = |message: &str| {
        (1..=9).fold(message.to_owned(), |text, n| {
            let short = &sha(n)[..7];
            text.replace(&format!("{{{n}}}"), &sha(n)).replace(&format!("{{{n}:7}}"), short)
        })
    };
    let told = messages.iter().enumerate().map(|(n, message)| commit(n + 1, &fill(message)));
    let mut commits: Vec<Commit> = told.collect();
    commits.reverse();
    commits
}

fn demand(messages: &[&str]) -> Option<Bump> {
    account(&history(messages), ChangeKinds::default()).demand().map(|(bump, _)| bump)
}

fn rows(rows: &[(&[&str], Option<Bump>)]) {
    for (messages, wanted) in rows {
        assert_eq!(demand(messages), *wanted, "{messages:#?}");
    }
}

const MAJOR: Option<Bump> = Some(Bump::Major);
const MINOR: Option<Bump> = Some(Bump::Minor);
const PATCH: Option<Bump> = Some(Bump::Patch);

#[test]
fn footers_are_read_even_below_a_wrapped_subject() {
    rows(&[
        (&["refactor(api): move everything to\nthe new place\n\nBREAKING CHANGE: gone"], MAJOR),
        (&["Move everything to\nthe new place\n\nBREAKING CHANGE: gone"], MAJOR),
        (&["fix: move\nto the new place\nBREAKING CHANGE: gone"], MAJOR),
        (&["fix: x\nBREAKING CHANGE: y"], MAJOR),
        (&["fix: x\nBREAKING-CHANGE: y"], MAJOR),
        (&["fix: x\nSigned-off-by: A <a@example.com>\nBREAKING CHANGE: y"], MAJOR),
        (&["fix: x\r\nBREAKING CHANGE: y\r\n"], MAJOR),
        (&["fix: x\r\n\r\nWords.\r\n\r\nBREAKING CHANGE: y\r\n"], MAJOR),
        (&["fix: x\n\nRefs #12\nBREAKING CHANGE: y\n\nSigned-off-by: A"], MAJOR),
        (&["fix: x\n\n- a point\n- another\n\nBREAKING CHANGE:\n\n- all of it"], MAJOR),
        (&["fix: x\n\nBREAKING CHANGE: the body\nof the footer is wrapped"], MAJOR),
        (&["fix: wrapped\nonce"], PATCH),
        (&["feat: wrapped\n  - with\n  - points"], MINOR),
    ]);
}

#[test]
fn a_wrapped_subject_is_shown_on_one_line() {
    let told =
        |message: &str| changes(&commit(1, message), ChangeKinds::default())[0].description.clone();
    assert_eq!(told("fix(api): move all\nto there\n\nWords."), "move all to there");
    assert_eq!(told("fix: x\n* a\n* b"), "x");
    let long = format!("fix: x\n{}", "words and more ".repeat(20));
    assert_eq!(told(&long), "x");
}

#[test]
fn prose_and_quotations_require_no_bump() {
    rows(&[
        (&["Tell of it\n\nThe tool looks for the words\nBREAKING CHANGE: in a body."], None),
        (&["docs: tell\n\nThe tool looks for the words\nBREAKING CHANGE: in a body."], None),
        (&["docs: tell\n\nNote: as follows\n\nThe words\nBREAKING CHANGE: in a body."], None),
        (&["docs: tell\n\n```\nfeat: x\n\nBREAKING CHANGE: y\n```"], None),
        (&["docs: tell\n\n~~~text\nBREAKING CHANGE: y\n~~~\n"], None),
        (&["docs: tell\n\n    feat: x\n\n    BREAKING CHANGE: y"], None),
        (&["docs: tell\n\n> feat!: x\n>\n> BREAKING CHANGE: y"], None),
        (&["docs: tell\n\n<!--\nBREAKING CHANGE: say what\n-->"], None),
        (&["docs: tell\n\n<details>\n\nBREAKING CHANGE: y\n\n</details>"], None),
        (&["docs: tell\n\n* BREAKING CHANGE: y"], None),
        (&["docs: tell (#3)\n\nSubjects are\n\n* feat: a\n* feat!: b"], None),
        (&["docs: tell\n\nSubjects are\n\n* feat: a\n* feat!: b"], None),
        (&["docs: tell (#3)\n\n* feat: a\n* feat!: b"], None),
        (&["docs: tell (#3)\n\n```\n\n* feat: a\n\n```"], None),
        (&["docs: tell\n* feat!: x"], None),
        (&["Notes of 1.2.0\n\n* feat: a\n\n* fix!: b"], None),
        (&["chore: a change is\n\nno BREAKING CHANGE: at all"], None),
    ]);
}

#[test]
fn release_notes_quoted_by_a_bot_require_no_bump() {
    let bump = "chore(deps): update dependency foo to v2 (#9)\n\n";
    let quoted = [
        "### Release Notes\n\n* feat!: drop node 16 by @x in https://example.com/1",
        "### Release Notes\n\nBREAKING CHANGE: node 16 is dropped",
        "* feat!: drop node 16 by @x in https://example.com/1",
        "## Changelog\n\n### 2.0.0\n\nBREAKING CHANGE: gone\n\n* feat: x",
        "#### [v2.0.0](https://example.com)\n\nBREAKING CHANGE: gone",
        "<details>\n<summary>Release notes</summary>\n<blockquote>\n\nBREAKING CHANGE: gone\n\n\
         </blockquote>\n</details>",
        "Bumps foo from 1 to 2.\n- [Commits](https://example.com)\n\n* feat!: x\n\n---\n\
         updated-dependencies:\n- dependency-name: foo\n...\n\nSigned-off-by: bot",
    ];
    for body in quoted {
        rows(&[
            (&[&format!("{bump}{body}")], None),
            (&[&format!("Bump foo from 1 to 2 (#9)\n\n{body}")], None),
            (&[&format!("fix(deps): bump foo (#9)\n\n{body}")], PATCH),
        ]);
    }
    rows(&[
        // The author's own words after quoted notes still count, and so does a subject.
        (&["feat: x\n\n## Changelog\n\n- a\n\nBREAKING CHANGE: y"], MAJOR),
        (&["feat: x\n\n## Changelog\n\n- a\n\n## Upgrading\n\nBREAKING CHANGE: y\n\nMore."], MAJOR),
        (&["feat: x\n\n## Breaking changes\n\nBREAKING CHANGE: y\n\n## Tests\n\nNone."], MAJOR),
        (&["chore(deps)!: update foo\n\n### Release Notes\n\n* fix: x"], MAJOR),
    ]);
}

#[test]
fn a_quoted_body_never_changes_the_required_bump() {
    let subjects =
        ["feat: x", "fix: x (#3)", "Words", "chore(deps): bump y (#4)", "feat!: x\nwrapped"];
    let footers = ["", "\n\nRefs: #1\nBREAKING CHANGE: z", "\n\nSigned-off-by: A"];
    let said = [
        "feat: a",
        "feat!: b",
        "BREAKING CHANGE: c",
        "* feat: d",
        "* fix!: e",
        "- feat!: f",
        "This reverts commit 0a0b0c0d.",
        "Reverts acme/widget#3",
        "",
        "Some words.",
        "## 2.0.0",
    ];
    // A small generator of its own; the seed is the loop's counter.
    for seed in 0..2_000_u64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = |n: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % n as u64).unwrap()
        };
        let lines: Vec<&str> = (0..1 + next(6)).map(|_| said[next(said.len())]).collect();
        let each = |begin: &str| {
            lines.iter().map(|line| format!("{begin}{line}")).collect::<Vec<_>>().join("\n")
        };
        let quoted = match next(5) {
            0 => format!("```\n{}\n```", each("")),
            1 => each("> "),
            2 => format!("As in\n\n{}", each("    ")),
            3 => format!("<details>\n<summary>Notes</summary>\n\n{}\n\n</details>", each("")),
            _ => format!("<!--\n{}\n-->", lines.join(" ")),
        };
        let (subject, footer) = (subjects[next(subjects.len())], footers[next(footers.len())]);
        let of = |body: &str| demand(&["fix: before", &format!("{subject}{body}{footer}")]);
        assert_eq!(
            of(&format!("\n\n{quoted}")),
            of(""),
            "seed {seed}: {subject}\n\n{quoted}{footer}"
        );
    }
}

#[test]
fn commits_listed_by_a_squash_merge_count_with_their_footers() {
    rows(&[
        (&["Add things (#3)\n\n* feat: one\n\n* fix: two"], MINOR),
        (&["Add things (#3)\n\n* fix: one\n\nBREAKING CHANGE: gone\n\n* fix: two"], MAJOR),
        (
            &["Add things (#3)\n\n* wip\n\nwords\n\n* feat: two\n\n---------\n\nCo-authored-by: A"],
            MINOR,
        ),
        (&["Add things (#3)\n\n* wip\n\n---------\n\nBREAKING CHANGE: gone"], MAJOR),
        (&["fix: x (#3)\n\n* feat!: one"], MAJOR),
        (&["Add things (!3)\n\n* feat: one\n\n* fix: two"], MINOR),
        (&["Add things\n\n* feat: one\n\n* fix: two\n\nSee merge request a/b!3"], MINOR),
        (&["Add things (pull request #3)\n\n* feat: one\n\n* fix: two"], MINOR),
        (&["Add things (#3)\r\n\r\n* feat: one\r\n\r\n* fix: two\r\n"], MINOR),
        (&["Add things (#3)\n\n* fixup! feat: one\n\n* fix: two"], PATCH),
        (
            &[
                "fix: x (#3)\n\n* feat: y\n\n* Revert \"feat: y\"\n\nThis reverts commit 0123456789.",
            ],
            PATCH,
        ),
    ]);
}

#[test]
fn a_squash_merge_that_repeats_its_title_is_counted_once() {
    let told = |message: &str| {
        let changes = changes(&commit(1, message), ChangeKinds::default());
        changes.into_iter().map(|change| change.description).collect::<Vec<_>>()
    };
    assert_eq!(
        told("feat: third (#3)\n\n* feat: third\n\n* fix: review"),
        ["third (#3)", "review"]
    );
    assert_eq!(told("feat: third (#3)\n\n* fix: a\n\n* fix: a"), ["third (#3)", "a"]);
    assert_eq!(told("feat: third (#3)\n\n* feat!: third"), ["third (#3)", "third"]);
}

#[test]
fn a_merge_that_repeats_the_title_of_its_commit_is_counted_once() {
    let mut commits = history(&["docs: x", "feat: third", "feat: third (#3)"]);
    let ids: Vec<Sha> = commits.iter().map(|commit| commit.sha.clone()).collect();
    (commits[0].parents, commits[0].parent_commits) = (2, vec![ids[2].clone(), ids[1].clone()]);
    let told = account(&commits, ChangeKinds::default());
    assert_eq!(told.changes.len(), 2);
    assert_eq!(told.excluded, [(ids[0].clone(), Excluded::Merge)]);
    commits[0].message = "feat!: third (#3)".into();
    assert_eq!(account(&commits, ChangeKinds::default()).demand().unwrap().0, Bump::Major);
}

#[test]
fn a_revert_can_name_commits_in_many_formats() {
    let base = ["fix: second", "feat: third"];
    for revert in [
        "Revert \"feat: third\"\n\nThis reverts commit {2}.",
        "Revert \"feat: third\"\n\nThis reverts commit {2:7} (feat: third (#3), 2026-01-02).",
        "Revert \"words\"\n\nThis reverts commit {2:7}.",
        "Revert \"words\"\n\nIt broke. This reverts commit {2} because of that.",
        "Back out the third\n\nThis reverts commit {2}.",
        "back out\n\nthis reverts commit {2:7}\n",
        "revert: feat: third\n\nRefs: {2:7}",
        "revert: let us never again speak of it\n\nRefs: 676104e, {2:7}",
        "revert: feat: third",
        "revert(api): third",
        "revert: feat: third\n\nThis reverts commit {2}.",
        "Revert \"feat: third\" (#4)\n\nReverts acme/widget#3",
        "chore: take the third back\n\nThis reverts commit {2}.",
        "Revert \"feat: third\"\r\n\r\nThis reverts commit {2}.\r\n",
        "Revert \"feat: third\"\n\nThis reverts\ncommit {2}.",
    ] {
        // What is named and not in range was released: to take it back is a patch.
        assert_eq!(demand(&[base[0], base[1], revert]), PATCH, "{revert}");
        let only = !revert.contains("676104e") && !revert.starts_with("chore");
        let excluded =
            account(&history(&[base[0], base[1], revert]), ChangeKinds::default()).excluded;
        assert_eq!(excluded.len(), 1 + usize::from(only), "{revert}");
    }
}

#[test]
fn a_revert_may_name_a_pull_request() {
    for third in ["feat: third (#3)", "feat: third (!3)", "feat: third\n\nSee merge request a/b!3"]
    {
        for revert in [
            "Revert \"The third\" (#4)\n\nReverts acme/widget#3",
            "Take it back (#4)\n\nReverts #3.",
            "Take it back\n\nThis reverts pull request #3.",
            "Take it back\n\nThis reverts merge request !3",
            "Take it back\n\nReverts https://github.com/acme/widget/pull/3",
        ] {
            assert_eq!(demand(&[third, revert]), None, "{third}, {revert}");
        }
    }
    rows(&[
        (&["feat: third (#3)", "feat: other\n\nReverts acme/widget#3"], MINOR),
        (&["feat: third (#3)", "Words\n\nIt reverts to what was there, see #3"], MINOR),
        (&["feat: third (#3)", "Revert \"x\" (#5)\n\nReverts acme/widget#4"], MINOR),
        (&["feat: a (#3)", "feat: b (#4)", "Out (#5)\n\nReverts #3 and #4"], None),
    ]);
}

#[test]
fn one_message_can_revert_several_commits() {
    rows(&[
        (
            &[
                "feat: a",
                "feat: b",
                "Back out (#9)\n\n* Revert \"feat: a\"\n\nThis reverts commit {1}.\n\n\
                 * Revert \"feat: b\"\n\nThis reverts commit {2}.",
            ],
            None,
        ),
        (&["feat: a", "feat: b", "Out\n\nThis reverts commits {1} and {2:7}."], None),
        (
            &["feat: a", "feat: b", "Out\n\nThis reverts commit {1}.\nThis reverts commit {2}."],
            None,
        ),
        (&["feat: a", "Out\n\nThis reverts commit {1}.\n\nThis reverts commit deadbeef01."], PATCH),
        (&["feat: a", "feat: b", "Revert \"feat: a\" and more\n\nThis reverts commit {1}."], MINOR),
    ]);
}

#[test]
fn a_revert_of_a_released_change_requires_a_patch() {
    rows(&[
        (&["Revert \"feat: first\"\n\nThis reverts commit deadbeef0123."], PATCH),
        (&["Revert \"first\" (#4)\n\nReverts acme/widget#3"], PATCH),
        (&["revert: feat: first\n\nRefs: deadbeef"], PATCH),
        (&["Back out\n\nThis reverts commit deadbeef0123."], PATCH),
        (&["chore: back out\n\nThis reverts commit deadbeef0123."], None),
    ]);
}

#[test]
fn a_commit_that_does_more_than_revert_is_kept() {
    rows(&[
        (
            &[
                "fix: old",
                "feat: new api (#5)\n\n* feat: new api\n\n* Revert \"fix: old\"\n\nThis reverts commit {1}.",
            ],
            MINOR,
        ),
        (&["fix: old", "feat: new parser\n\nThis reverts commit {1} and does it better."], MINOR),
        (&["fix: old", "feat: new parser\n\nThis reverts commit {1}."], MINOR),
        (&["feat: old", "fix: no old\n\nThis reverts commit {1}."], PATCH),
        // In part, or in another's words: it stays.
        (&["feat: old", "fix: x\n\nThis reverts commit {1} in part."], MINOR),
        (&["feat: old", "docs: x\n\n> This reverts commit {1}."], MINOR),
        (&["feat: old", "docs: x\n\nThe words This reverts commit {1}."], MINOR),
    ]);
}

#[test]
fn a_reverted_and_reapplied_change_counts_once() {
    let once = |messages: &[&str]| {
        let told = account(&history(messages), ChangeKinds::default());
        assert_eq!(told.changes.len(), 1, "{messages:?}: {told:?}");
        assert_eq!(told.demand().unwrap().0, Bump::Minor, "{messages:?}");
    };
    let undo = "Revert \"feat: x\"\n\nThis reverts commit {1}.";
    once(&["feat: x", undo, "feat: x"]);
    once(&["feat: x", undo, "feat: x\n\nThis reverts commit {2}."]);
    once(&["feat: x", undo, "Reapply \"feat: x\"\n\nThis reverts commit {2}."]);
    once(&["feat: x", undo, "Revert \"Revert \"feat: x\"\"\n\nThis reverts commit {2}."]);
    once(&["feat: x", undo, "Reland \"feat: x\""]);
    once(&["feat: x (#1)", "Revert \"feat: x (#1)\" (#2)\n\nReverts a/b#1", "feat: x (#3)"]);
    once(&[
        "feat: x (#1)",
        "Revert \"feat: x (#1)\" (#2)\n\nReverts a/b#1",
        "Revert \"Revert \"feat: x (#1)\"\" (#3)\n\nReverts a/b#2",
    ]);
    once(&["feat: x", undo, "Reapply \"feat: x\"", "Revert \"Reapply \"feat: x\"\"", "feat: x"]);
    // Released long ago, taken back and brought again since: nothing changes for anybody.
    assert_eq!(demand(&["Revert \"feat: x\"", "Reapply \"feat: x\""]), None);
    // Only what is older can be quoted.
    assert_eq!(demand(&["Revert \"feat: x\"", "feat: x"]), MINOR);
}

/// A merge of one branch with the commits 2 and 3 onto 1, then what follows.
fn merged(after: &[&str]) -> Vec<Commit> {
    let mut told =
        vec!["docs: x", "feat: a", "fix: b", "Merge pull request #3 from acme/f\n\nThird"];
    told.extend(after);
    let mut commits = history(&told);
    let id = |n: usize| Sha::new(sha(n)).unwrap();
    for commit in &mut commits {
        let n = (1..=told.len()).find(|n| id(*n) == commit.sha).unwrap();
        commit.parent_commits = match n {
            1 => Vec::new(),
            2 | 3 => vec![id(n - 1)],
            4 => vec![id(1), id(3)],
            n => vec![id(n - 1)],
        };
        commit.parents = commit.parent_commits.len();
    }
    commits
}

#[test]
fn a_revert_of_a_merge_reverts_its_commits() {
    let of = |after: &[&str]| {
        account(&merged(after), ChangeKinds::default()).demand().map(|(bump, _)| bump)
    };
    assert_eq!(of(&[]), MINOR);
    for revert in [
        "Revert \"Merge pull request #3 from acme/f\"\n\nThis reverts commit {4}, reversing\nchanges made to {1}.",
        "Revert \"Merge pull request #3 from acme/f\"\n\nThis reverts commit {4:7}.",
        "Revert \"Merge pull request #3 from acme/f\"",
        "Revert \"Third\" (#5)\n\nReverts acme/widget#3",
        "Back out (#5)\n\nReverts acme/widget#3",
    ] {
        assert_eq!(of(&[revert]), None, "{revert}");
        let again = format!("Revert \"Back out\"\n\nThis reverts commit {}.", sha(5));
        assert_eq!(of(&[revert, &again]), MINOR, "{revert}");
        assert_eq!(of(&[revert, "fix: c"]), PATCH, "{revert}");
    }
    // The other side of the merge is what is restored: what was there before the branch goes.
    let other = "Revert \"Merge\"\n\nThis reverts commit {4}, reversing\nchanges made to {3}.";
    assert_eq!(of(&[other]), MINOR);
}

#[test]
fn commits_outside_the_folder_of_the_package_do_not_count() {
    let mut commits = history(&["feat!: only b", "fix: a"]);
    commits[1].elsewhere = true;
    let told = account(&commits, ChangeKinds::default());
    assert_eq!(told.demand().unwrap().0, Bump::Patch);
    assert_eq!(told.excluded, [(commits[1].sha.clone(), Excluded::Elsewhere)]);
}

#[test]
fn a_commit_without_the_newer_fields_round_trips_unchanged() {
    let old = format!(r#"{{"sha":"{}","message":"feat: x","committed_at":0,"parents":1}}"#, sha(1));
    let commit: Commit = serde_json::from_str(&old).unwrap();
    assert_eq!(serde_json::to_string(&commit).unwrap(), old);
}
