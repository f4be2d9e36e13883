//! Versions and the commits since: truncated clones, odd messages, other lines.

use crate::support::bench_repo::{Bench, versions};
use tminus::adapters::git::{LocalRepository, Settings, Unshallow};
use tminus::facts::{FileAt, History, Seen};
use tminus::ports::{Fetch, Remote as _, Repository as _};

fn seen(local: &LocalRepository) -> Seen<History> {
    let head = local.head().unwrap().unwrap().commit;
    local.history(&head, versions(local)).unwrap()
}

fn history(local: &LocalRepository) -> History {
    seen(local).known().unwrap().clone()
}

fn told(history: &History) -> (Option<&str>, Option<&str>, Vec<&str>) {
    let name = |tag: &Option<tminus::facts::VersionTag>| {
        tag.as_ref().map(|tag| tag.tag.as_str().to_owned())
    };
    let (last, base) = (name(&history.last), name(&history.base));
    let leak = |name: Option<String>| name.map(|name| &*name.leak());
    (leak(last), leak(base), history.since.iter().map(|commit| commit.subject()).collect())
}

#[test]
fn a_tag_without_a_version_does_not_affect_the_history() {
    let bench = Bench::with_remote();
    bench.git("work", &["tag", "nightly"]);
    bench.git("work", &["tag", "-m", "x", "vnext"]);
    let local = bench.local("work");
    assert_eq!(local.tags().unwrap().len(), 3);
    let history = history(&local);
    assert_eq!(told(&history), (Some("v1.0.0"), Some("v1.0.0"), vec!["feat: four", "fix: three"]));
}

#[test]
fn loose_and_packed_tags_resolve_to_their_commits() {
    let bench = Bench::with_remote();
    bench.git("work", &["tag", "light"]);
    let blob = bench.git("work", &["hash-object", "-w", "-t", "blob", "/dev/null"]);
    bench.git("work", &["tag", "blob", &blob]);
    let loose = bench.local("work").tags().unwrap();
    bench.git("work", &["pack-refs", "--all"]);
    let mut packed = bench.local("work").tags().unwrap();
    assert_eq!(packed, loose);
    bench.git("work", &["tag", "-f", "-m", "again", "light"]);
    packed = bench.local("work").tags().unwrap();
    let light = packed.iter().find(|at| at.name == "refs/tags/light").unwrap();
    assert_eq!(light.commit, bench.sha("work", "HEAD"));
    assert_ne!(light.object, light.commit);
}

#[test]
fn a_pre_release_is_the_last_version_but_not_the_start_of_the_changes() {
    let bench = Bench::with_remote();
    bench.git("work", &["tag", "v1.1.0-rc.1", "HEAD~1"]);
    let history = history(&bench.local("work"));
    assert_eq!(
        told(&history),
        (Some("v1.1.0-rc.1"), Some("v1.0.0"), vec!["feat: four", "fix: three"])
    );
}

#[test]
fn a_higher_version_on_another_line_is_not_the_last() {
    let bench = Bench::with_remote();
    bench.git("work", &["checkout", "-q", "-b", "next", "HEAD~1"]);
    bench.commit("work", "feat!: next", 9000);
    bench.git("work", &["tag", "v2.0.0"]);
    bench.git("work", &["checkout", "-q", "main"]);
    let history = history(&bench.local("work"));
    assert_eq!(told(&history).0, Some("v1.0.0"));
    assert_eq!(history.tags.len(), 2);
}

#[test]
fn a_non_utf8_message_in_the_history_stays_readable() {
    let bench = Bench::with_remote();
    let mut commit = bench.command("git", "work", 6000);
    commit.args([
        "-c",
        "i18n.commitEncoding=ISO-8859-1",
        "commit",
        "-q",
        "--allow-empty",
        "-F",
        "../m",
    ]);
    bench.write("m", b"fix: caf\xe9\n");
    assert!(commit.status().unwrap().success());
    let history = history(&bench.local("work"));
    assert_eq!(history.since[0].subject(), "fix: caf\u{fffd}");
}

/// A clone that ends `depth` commits below the end of main.
fn shallow(bench: &Bench, depth: &str) -> LocalRepository {
    let url = format!("file://{}", bench.path("remote.git").display());
    bench.git(".", &["clone", "-q", "--no-tags", "--depth", depth, &url, "shallow"]);
    bench.local("shallow")
}

#[test]
fn a_version_is_never_guessed_from_truncated_history() {
    let bench = Bench::with_remote();
    let local = shallow(&bench, "1");
    assert!(local.shallow());
    let Seen::Unseen(unseen) = seen(&local) else { panic!("known") };
    assert_eq!(unseen.why, "the clone is shallow, and its history is too short");
    assert!(unseen.help.unwrap().contains("git fetch --unshallow --tags"));
    // Told of a tag whose commit is beyond the end, it still knows better than to guess.
    let head = local.head().unwrap().unwrap().commit;
    let remote = versions(&bench.local("work"));
    assert!(local.history(&head, remote.clone()).unwrap().known().is_err());
    assert!(local.is_ancestor(&remote[0].commit, &head).is_err());
    assert!(local.is_ancestor(&head, &head).unwrap());
}

#[test]
fn truncated_history_that_contains_the_answer_is_sufficient() {
    let bench = Bench::with_remote();
    let local = shallow(&bench, "3");
    assert!(local.shallow());
    let head = local.head().unwrap().unwrap().commit;
    let tags = versions(&bench.local("work"));
    let seen = local.history(&head, tags).unwrap();
    let history = seen.known().unwrap();
    assert_eq!(told(history), (Some("v1.0.0"), Some("v1.0.0"), vec!["feat: four", "fix: three"]));
}

#[test]
fn a_shallow_clone_that_may_hide_a_higher_version_is_unknown() {
    let bench = Bench::with_remote();
    bench.git("work", &["tag", "v3.0.0", "HEAD~3"]);
    let local = shallow(&bench, "3");
    let head = local.head().unwrap().unwrap().commit;
    assert!(local.history(&head, versions(&bench.local("work"))).unwrap().known().is_err());
}

#[tokio::test]
async fn fetching_the_missing_history_completes_a_shallow_clone() {
    let bench = Bench::with_remote();
    let whole = history(&bench.local("work"));
    let local = shallow(&bench, "1");
    let remote = bench.remote("shallow");
    remote.fetch(&Fetch::History).await.unwrap();
    bench.git("shallow", &["fetch", "-q", "--tags"]);
    assert!(!local.shallow());
    assert_eq!(history(&local), whole);
    let configuration = bench.git("shallow", &["config", "--list", "--local"]);
    assert!(!configuration.contains("promisor"), "it became a partial clone: {configuration}");
}

#[tokio::test]
async fn the_history_of_a_pull_request_merge_commit_is_completed_in_a_shallow_clone() {
    let bench = Bench::with_remote();
    bench.git("work", &["checkout", "-q", "-b", "pull", "HEAD~1"]);
    bench.commit("work", "fix: five", 5000);
    bench.git("work", &["merge", "-q", "--no-ff", "-m", "merge", "main"]);
    bench.git("work", &["push", "-q", "origin", "HEAD:refs/pull/1/merge"]);
    bench.git(".", &["init", "-q", "ci"]);
    let url = format!("file://{}", bench.path("remote.git").display());
    bench.git("ci", &["remote", "add", "origin", &url]);
    bench.git("ci", &["fetch", "-q", "--no-tags", "--depth=1", "origin", "refs/pull/1/merge"]);
    bench.git("ci", &["checkout", "-q", "FETCH_HEAD"]);
    let settings = Settings { unshallow: Unshallow::WithoutBlobs, ..bench.settings() };
    let remote = tminus::adapters::git::GitRemote::discover(&bench.path("ci"), &settings).unwrap();
    remote.fetch(&Fetch::History).await.unwrap();
    bench.git("ci", &["fetch", "-q", "--tags"]);
    let history = history(&bench.local("ci"));
    assert_eq!(told(&history).2, ["merge", "fix: five", "feat: four", "fix: three"]);
}

/// A line of 200 commits with `v1.0.0` near its beginning, and one that leaves it at the 150th and
/// carries higher versions, as many as asked for.
fn two_lines(bench: &Bench, higher: usize) {
    use std::fmt::Write as _;
    let mut text = String::new();
    let mut commit = |branch: &str, n: usize, from: usize| {
        let time = 1_700_000_000 + n;
        write!(
            text,
            "commit refs/heads/{branch}\nmark :{n}\ncommitter A <a@b> {time} +0000\ndata 1\nx\n"
        )
        .unwrap();
        if from > 0 {
            writeln!(text, "from :{from}").unwrap();
        }
    };
    for n in 1..=200 {
        commit("main", n, n - 1);
    }
    for n in 0..higher {
        commit("next", 300 + n, if n == 0 { 150 } else { 299 + n });
    }
    for n in 0..higher {
        writeln!(text, "reset refs/tags/v2.0.{n}\nfrom :{}\n", 300 + n).unwrap();
    }
    writeln!(text, "reset refs/tags/v1.0.0\nfrom :20\n").unwrap();
    bench.write("stream", text);
    let stream = std::fs::File::open(bench.path("stream")).unwrap();
    let done =
        bench.command("git", "work", 0).args(["fast-import", "--quiet"]).stdin(stream).status();
    assert!(done.unwrap().success());
}

#[test]
fn any_number_of_higher_versions_on_another_line_hides_nothing() {
    for higher in [1, 10, 63, 64, 90] {
        let bench = Bench::with_work();
        two_lines(&bench, higher);
        let local = bench.local("work");
        let main = bench.sha("work", "main");
        let seen = local.history(&main, versions(&local)).unwrap();
        let history = seen.known().unwrap();
        assert_eq!((told(history).0, history.since.len()), (Some("v1.0.0"), 180), "{higher}");
        let next = bench.sha("work", "next");
        let seen = local.history(&next, versions(&local)).unwrap();
        let name = format!("v2.0.{}", higher - 1);
        assert_eq!(told(seen.known().unwrap()), (Some(&*name), Some(&*name), vec![]), "{higher}");
    }
}

#[test]
fn a_shallow_clone_that_reaches_the_common_ancestor_is_sufficient() {
    let bench = Bench::with_work();
    two_lines(&bench, 3);
    bench.git("work", &["tag", "v1.1.0", "main~20"]);
    let url = format!("file://{}", bench.path("work").display());
    bench.git(".", &["clone", "-q", "--depth=60", "--no-single-branch", &url, "shallow"]);
    let local = bench.local("shallow");
    let main = bench.sha("work", "main");
    let seen = local.history(&main, versions(&bench.local("work"))).unwrap();
    assert_eq!(told(seen.known().unwrap()).1, Some("v1.1.0"));
}

#[test]
fn a_malformed_commit_line_is_tolerated_but_a_malformed_parent_is_an_error() {
    let bench = Bench::with_work();
    bench.write("work/a.txt", "a");
    bench.git("work", &["add", "."]);
    let below = bench.commit("work", "feat: one", 1000);
    let tree = bench.git("work", &["write-tree"]);
    let odd = |lines: &str| {
        let head = bench.git("work", &["rev-parse", "HEAD"]);
        bench.write("odd", format!("tree {tree}\nparent {head}\n{lines}\n\nfix: odd\n"));
        let file = bench.path("odd");
        let arguments =
            ["hash-object", "--literally", "-t", "commit", "-w", file.to_str().unwrap()];
        bench.git("work", &arguments)
    };
    let whole = "committer Ada <ada@example.com> 1700005000 +0000";
    for lines in [
        format!("author nobody\n{whole}"),
        "author Ada <ada@example.com> 5 +0000\ncommitter nobody\nencoding \u{1}".into(),
        whole.to_owned(),
    ] {
        let at = odd(&lines);
        bench.git("work", &["update-ref", "refs/heads/main", &at]);
        bench.git("work", &["update-ref", "refs/tags/v1", &at]);
        let local = bench.local("work");
        let sha = local.head().unwrap().unwrap().commit;
        assert_eq!(sha.as_str(), at);
        for name in ["main", "HEAD", "v1", &at] {
            assert_eq!(local.resolve(name).unwrap(), sha, "{name}");
        }
        assert_eq!(local.commit(&sha).unwrap().subject(), "fix: odd");
        assert_eq!(local.file(&sha, "a.txt").unwrap(), FileAt::Text("a".into()));
        assert_eq!(local.changed(&below, &sha, 9).unwrap(), Vec::<String>::new());
        assert!(local.ahead(&below, &sha, 9).unwrap() >= 1);
        assert_eq!(local.tags().unwrap()[0].commit, sha);
    }
    let bad = odd(&format!("parent zzz\n{whole}"));
    std::fs::write(bench.path("work/.git/refs/heads/main"), format!("{bad}\n")).unwrap();
    let local = bench.local("work");
    let sha = local.head().unwrap().unwrap().commit;
    let why = local.commit(&sha).unwrap_err().why;
    assert_eq!(why, format!("commit {bad} has a parent that is not an object id"));
}
