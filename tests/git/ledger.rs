//! The ledger in a remote: appended to by compare-and-swap, read strictly.

use crate::support::bench_repo::{Bench, script, tag};
use jiff::{SignedDuration, Timestamp};
use tminus::adapters::git::{GitRemote, Settings};
use tminus::base::names::{Sha, StepKey};
use tminus::ports::{PortError, Remote as _, RemoteChange as _, Repository as _};
use tminus::release::ledger::{Entry, Event, Evidence, Holder};

const REF: &str = "refs/tminus/releases/v1.0.0";

fn entry(name: &str, event: Event) -> Entry {
    let at = Timestamp::from_second(1_750_000_000).unwrap();
    let by =
        Holder { name: name.into(), machine: "m".into(), process: 1, started: None, run: None };
    Entry {
        format: 1,
        at,
        by,
        fence: 1,
        lease_until: at + SignedDuration::from_mins(10),
        event,
        reader: None,
    }
}

fn leased(name: &str) -> Entry {
    entry(name, Event::Leased { took_over: None })
}

fn did(text: &str) -> Entry {
    let evidence = Evidence { text: text.into(), ..Evidence::default() };
    entry("ada@one", Event::Did { step: StepKey::new("tag").unwrap(), evidence })
}

#[tokio::test]
async fn what_was_appended_is_read_back_by_another_clone() {
    let bench = Bench::with_remote();
    bench.git(".", &["clone", "-q", "remote.git", "other"]);
    let (one, other) = (bench.remote("work"), bench.remote("other"));
    assert_eq!(one.ledger(&tag("v1.0.0")).await.unwrap().head, None);
    let first = one.append(&tag("v1.0.0"), None, &[leased("ada@one")]).await.unwrap();
    let more = [did("line\n\u{1b}[31mtwo"), did("x")];
    let second = one.append(&tag("v1.0.0"), Some(&first), &more).await.unwrap();
    let read = other.ledger(&tag("v1.0.0")).await.unwrap();
    assert_eq!(read.head, Some(second));
    assert_eq!(read.entries, [leased("ada@one"), more[0].clone(), more[1].clone()]);
    assert_eq!(one.ledger(&tag("v1.0.0")).await.unwrap(), read);
    let ledgers = other.refs().await.unwrap();
    assert!(ledgers.iter().any(|at| at.name == REF), "{ledgers:?}");
}

#[tokio::test]
async fn git_log_reads_the_ledger() {
    let bench = Bench::with_remote();
    let one = bench.remote("work");
    let entries = [leased("ada@one"), did("line\n\u{1b}[31mtwo")];
    one.append(&tag("v1.0.0"), None, &entries).await.unwrap();
    let log = bench.git("remote.git", &["log", REF, "--format=%s|%an|%at"]);
    assert_eq!(
        log,
        "completed tag: line  [31mtwo|Ada|1750000000\nleased by ada@one|Ada|1750000000"
    );
    let json = bench.git("remote.git", &["show", &format!("{REF}:entry.json")]);
    assert!(json.starts_with("{\n  \"format\": 1,\n"), "{json}");
    bench.git("remote.git", &["fsck", "--strict"]);
}

#[tokio::test]
async fn of_two_who_append_at_once_one_is_behind() {
    let bench = Bench::with_remote();
    bench.git(".", &["clone", "-q", "remote.git", "other"]);
    let (one, other) = (bench.remote("work"), bench.remote("other"));
    let name = tag("v1.0.0");
    for head in [None, Some(())] {
        let head = match head {
            None => None,
            Some(()) => one.ledger(&name).await.unwrap().head,
        };
        let (first, second) = ([leased("ada@one")], [leased("bob@two")]);
        let (a, b) = tokio::join!(
            one.append(&name, head.as_ref(), &first),
            other.append(&name, head.as_ref(), &second)
        );
        let won = [&a, &b].into_iter().filter(|result| result.is_ok()).count();
        let behind =
            |result: &Result<Sha, PortError>| matches!(result, Err(PortError::Behind { .. }));
        assert!(won == 1 && (behind(&a) || behind(&b)), "{a:?} {b:?}");
        let winner = a.or(b).unwrap();
        assert_eq!(one.ledger(&name).await.unwrap().head, Some(winner));
    }
}

#[tokio::test]
async fn who_comes_late_is_behind_and_changes_nothing() {
    let bench = Bench::with_remote();
    bench.git(".", &["clone", "-q", "remote.git", "other"]);
    let (one, other, name) = (bench.remote("work"), bench.remote("other"), tag("v1.0.0"));
    let first = one.append(&name, None, &[leased("ada@one")]).await.unwrap();
    let second = one.append(&name, Some(&first), &[did("x")]).await.unwrap();
    for stale in [None, Some(&first)] {
        let late = other.append(&name, stale, &[leased("bob@two")]).await;
        assert!(matches!(late, Err(PortError::Behind { .. })), "{late:?}");
        assert_eq!(bench.sha("remote.git", REF), second);
    }
}

#[tokio::test]
async fn an_append_whose_answer_was_lost_is_found_to_have_worked() {
    let bench = Bench::with_remote();
    let wrapper = bench.path("git-loses-the-answer");
    script(
        &wrapper,
        "#!/bin/sh\ngit \"$@\"\ncode=$?\ncase \" $* \" in *' push '*) exit 1;; esac\nexit $code\n",
    );
    let settings = Settings { program: wrapper.clone(), ..bench.settings() };
    let remote = GitRemote::discover(&bench.path("work"), &settings).unwrap();
    let head = remote.append(&tag("v1.0.0"), None, &[leased("ada@one")]).await.unwrap();
    assert_eq!(bench.sha("remote.git", REF), head);

    // And one that never got there is not.
    script(&wrapper, "#!/bin/sh\ncase \" $* \" in *' push '*) exit 1;; esac\nexec git \"$@\"\n");
    let error = remote.append(&tag("v1.0.0"), Some(&head), &[did("x")]).await.unwrap_err();
    assert!(matches!(error, PortError::NoAnswer { .. }), "{error}");
    assert_eq!(bench.sha("remote.git", REF), head);
}

/// Puts a commit with this file at the end of the remote's ledger.
fn plant(bench: &Bench, file: &str, content: &str) -> String {
    bench.write("planted", content);
    let blob = bench.git("remote.git", &["hash-object", "-w", "../planted"]);
    bench.write("tree", format!("100644 blob {blob}\t{file}\n"));
    let mut make = bench.command("git", "remote.git", 0);
    let tree = make.arg("mktree").stdin(std::fs::File::open(bench.path("tree")).unwrap());
    let tree = String::from_utf8(tree.output().unwrap().stdout).unwrap();
    let commit = bench.git("remote.git", &["commit-tree", tree.trim(), "-m", "x"]);
    bench.git("remote.git", &["update-ref", REF, &commit]);
    commit
}

#[tokio::test]
async fn a_ledger_that_cannot_be_read_is_no_answer_and_never_empty() {
    let bench = Bench::with_remote();
    let good = serde_json::to_value(leased("ada@one")).unwrap();
    let with = |key: &str, value: serde_json::Value| {
        let mut entry = good.clone();
        entry[key] = value;
        entry.to_string()
    };
    let cases = [
        ("entry.json", "{".into(), "contains no valid entry"),
        (
            "entry.json",
            with("format", 2.into()),
            "has format 2, but this version of tminus reads format 1",
        ),
        (
            "entry.json",
            with("event", 7.into()),
            "unknown type `something`; reading it requires a newer",
        ),
        (
            "entry.json",
            with("event", "exploded".into()),
            "unknown type `exploded`; reading it requires a newer",
        ),
        ("other.json", good.to_string(), "contains more than one entry"),
        ("entry.json", " ".repeat((4 << 20) + 1), "contains an entry larger than 4 MiB"),
    ];
    for (file, content, why) in cases {
        let commit = plant(&bench, file, &content);
        let error = bench.remote("work").ledger(&tag("v1.0.0")).await.unwrap_err().to_string();
        let placed = error.contains(&commit) || error.contains("entry 1 of the ledger");
        assert!(error.contains(why) && placed, "{error}");
    }
    let remote = bench.remote("work");
    bench.git("remote.git", &["update-ref", REF, "main"]);
    assert!(remote.ledger(&tag("v1.0.0")).await.is_err());
}

#[tokio::test]
async fn a_remote_that_cannot_be_reached_is_no_answer() {
    let bench = Bench::with_remote();
    let remote = bench.remote("work");
    std::fs::rename(bench.path("remote.git"), bench.path("gone.git")).unwrap();
    assert!(matches!(remote.ledger(&tag("v1.0.0")).await, Err(PortError::NoAnswer { .. })));
    assert!(matches!(remote.refs().await, Err(PortError::NoAnswer { .. })));
    let error = remote.append(&tag("v1.0.0"), None, &[leased("ada@one")]).await.unwrap_err();
    assert!(matches!(error, PortError::NoAnswer { .. }), "{error}");
}

#[tokio::test]
async fn a_partial_clone_gets_the_entries_too() {
    let bench = Bench::with_remote();
    bench.git("remote.git", &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", bench.path("remote.git").display());
    bench.git(".", &["clone", "-q", "--filter=tree:0", "--depth=1", &url, "partial"]);
    let head =
        bench.remote("work").append(&tag("v1.0.0"), None, &[leased("ada@one")]).await.unwrap();
    let partial = bench.remote("partial");
    assert_eq!(partial.ledger(&tag("v1.0.0")).await.unwrap().entries.len(), 1);
    partial.append(&tag("v1.0.0"), Some(&head), &[did("x")]).await.unwrap();
    assert_eq!(bench.remote("work").ledger(&tag("v1.0.0")).await.unwrap().entries.len(), 2);
}

#[tokio::test]
async fn without_a_remote_the_local_repository_keeps_the_ledger() {
    let bench = Bench::with_work();
    bench.commit("work", "feat: one", 1000);
    let local = bench.remote("work");
    assert_eq!(local.name(), None);
    let name = tag("v1.0.0");
    let (first, second) = ([leased("ada@one")], [leased("bob@two")]);
    let (a, b) =
        tokio::join!(local.append(&name, None, &first), local.append(&name, None, &second));
    assert_eq!([&a, &b].into_iter().filter(|result| result.is_ok()).count(), 1, "{a:?} {b:?}");
    let head = a.or(b).unwrap();
    assert_eq!(local.ledger(&name).await.unwrap().head, Some(head));
    assert!(local.refs().await.unwrap().iter().any(|at| at.name == REF));
    assert_eq!(bench.local("work").dirty().unwrap(), Vec::<String>::new());
}
