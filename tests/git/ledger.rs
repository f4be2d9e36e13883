//! The ledger in a remote: appended to by compare-and-swap, read strictly.

use crate::support::bench_repo::{Bench, script, tag};
use jiff::{SignedDuration, Timestamp};
use tminus::adapters::git::{GitRemote, Settings};
use tminus::base::names::{Sha, StepKey};
use tminus::ports::{PortError, Remote as _, RemoteChange as _, Repository as _};
use tminus::release::ledger::{Entry, Event, Evidence, Holder};
use tminus::release::signature::EntrySignature;

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
async fn an_appended_entry_is_read_by_another_clone() {
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
async fn only_one_of_two_concurrent_appends_succeeds() {
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
async fn a_late_append_is_rejected_as_behind_and_changes_nothing() {
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
async fn a_ledger_append_with_a_lost_response_is_found_to_have_succeeded() {
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
async fn an_unreadable_ledger_is_an_error_and_never_empty() {
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
        ("other.json", good.to_string(), "contains no `entry.json`"),
        ("entry.json", " ".repeat((4 << 20) + 1), "contains an entry larger than 4 MiB"),
    ];
    for (file, content, why) in cases {
        let commit = plant(&bench, file, &content);
        let error = bench.remote("work").ledger(&tag("v1.0.0")).await.unwrap_err().to_string();
        bench.git("work", &["update-ref", "-d", "refs/tminus/remote/v1.0.0"]);
        let placed = error.contains(&commit) || error.contains("entry 1 of the ledger");
        assert!(error.contains(why) && placed, "{error}");
    }
    let remote = bench.remote("work");
    bench.git("remote.git", &["update-ref", REF, "main"]);
    assert!(remote.ledger(&tag("v1.0.0")).await.is_err());
}

#[tokio::test]
async fn an_unreachable_remote_is_an_error_for_the_ledger() {
    let bench = Bench::with_remote();
    let remote = bench.remote("work");
    std::fs::rename(bench.path("remote.git"), bench.path("gone.git")).unwrap();
    assert!(matches!(remote.ledger(&tag("v1.0.0")).await, Err(PortError::NoAnswer { .. })));
    assert!(matches!(remote.refs().await, Err(PortError::NoAnswer { .. })));
    let error = remote.append(&tag("v1.0.0"), None, &[leased("ada@one")]).await.unwrap_err();
    assert!(matches!(error, PortError::NoAnswer { .. }), "{error}");
}

#[tokio::test]
async fn a_partial_clone_fetches_the_ledger_entries() {
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

/// A tag's ledger of three entries that `work` read.
async fn three(bench: &Bench) -> (GitRemote, Vec<Sha>) {
    let (remote, name) = (bench.remote("work"), tag("v1.0.0"));
    let mut heads: Vec<Sha> = Vec::new();
    for entry in [leased("ada@one"), did("x"), entry("ada@one", Event::Finished)] {
        heads.push(remote.append(&name, heads.last(), &[entry]).await.unwrap());
    }
    remote.ledger(&name).await.unwrap();
    (remote, heads)
}

/// Why a ledger is damaged, and the help.
fn damage(error: PortError) -> (String, String) {
    if let PortError::Damaged { why, help, .. } = error {
        return (why, help);
    }
    (format!("{error:?}"), String::new())
}

#[tokio::test]
async fn a_truncated_ledger_is_an_error_until_its_reader_accepts_it() {
    let bench = Bench::with_remote();
    let (remote, heads) = three(&bench).await;
    bench.git("remote.git", &["update-ref", REF, heads[0].as_str()]);
    for _ in 0..2 {
        let (why, help) = damage(remote.ledger(&tag("v1.0.0")).await.unwrap_err());
        let (two, three) = (heads[1].short(), heads[2].short());
        assert_eq!(
            why,
            format!(
                "it was truncated since this clone last read it: 2 entries are missing: \
                 `{two} completed tag: x`, `{three} finished`"
            )
        );
        assert_eq!(
            help,
            "if that was intended, run `git update-ref -d refs/tminus/remote/v1.0.0`, and tminus \
             continues from the actual state; if not, `git push --force origin \
             refs/tminus/remote/v1.0.0:refs/tminus/releases/v1.0.0` restores the entries"
        );
    }
    // Another clone never saw the entries.
    bench.git(".", &["clone", "-q", "remote.git", "other"]);
    assert_eq!(bench.remote("other").ledger(&tag("v1.0.0")).await.unwrap().entries.len(), 1);
    let restored = "refs/tminus/remote/v1.0.0:refs/tminus/releases/v1.0.0";
    bench.git("work", &["push", "-q", "--force", "origin", restored]);
    assert_eq!(remote.ledger(&tag("v1.0.0")).await.unwrap().entries.len(), 3);
    bench.git("remote.git", &["update-ref", REF, heads[0].as_str()]);
    bench.git("work", &["update-ref", "-d", "refs/tminus/remote/v1.0.0"]);
    assert_eq!(remote.ledger(&tag("v1.0.0")).await.unwrap().entries.len(), 1);
}

#[tokio::test]
async fn a_rewritten_ledger_is_an_error() {
    let bench = Bench::with_remote();
    let (remote, heads) = three(&bench).await;
    let content = serde_json::to_string(&leased("eve@three")).unwrap();
    plant(&bench, "entry.json", &content);
    let (why, _) = damage(remote.ledger(&tag("v1.0.0")).await.unwrap_err());
    let short: Vec<&str> = heads.iter().map(Sha::short).collect();
    assert_eq!(
        why,
        format!(
            "it was rewritten since this clone last read it: 3 entries are missing: \
             `{} leased by ada@one`, `{} completed tag: x`, `{} finished`",
            short[0], short[1], short[2]
        )
    );
}

#[tokio::test]
async fn ledger_entries_lost_by_the_clone_are_still_reported_as_missing() {
    let bench = Bench::with_remote();
    let (remote, heads) = three(&bench).await;
    bench.git("remote.git", &["update-ref", REF, heads[0].as_str()]);
    let (folder, file) = heads[2].as_str().split_at(2);
    std::fs::remove_file(bench.path(&format!("work/.git/objects/{folder}/{file}"))).unwrap();
    // The process that wrote it may have it in memory.
    drop(remote);
    let error = bench.remote("work").ledger(&tag("v1.0.0")).await.unwrap_err();
    assert!(
        error.to_string().contains(heads[2].short()) || matches!(error, PortError::NoAnswer { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_new_ledger_after_a_deletion_is_not_a_rewrite_for_its_writer() {
    let bench = Bench::with_remote();
    let (remote, _) = three(&bench).await;
    bench.git("remote.git", &["update-ref", "-d", REF]);
    let name = tag("v1.0.0");
    let empty = remote.ledger(&name).await.unwrap();
    assert!(remote.proof(&name, &empty).await.unwrap().gone);
    let head = remote.append(&name, None, &[leased("bob@two")]).await.unwrap();
    let ledger = remote.ledger(&name).await.unwrap();
    assert_eq!((ledger.head.as_ref(), ledger.entries.len()), (Some(&head), 1));
    assert!(!remote.proof(&name, &ledger).await.unwrap().gone);
}

#[tokio::test]
async fn clones_that_append_in_turn_see_no_rewrite() {
    let bench = Bench::with_remote();
    bench.git(".", &["clone", "-q", "remote.git", "other"]);
    let (one, other, name) = (bench.remote("work"), bench.remote("other"), tag("v1.0.0"));
    let same = bench.remote("work");
    let mut head = None;
    for n in 0..3 {
        for remote in [&one, &other, &same] {
            assert_eq!(remote.ledger(&name).await.unwrap().head, head);
            head =
                Some(remote.append(&name, head.as_ref(), &[did(&format!("{n}"))]).await.unwrap());
            let (a, b) = tokio::join!(one.ledger(&name), same.ledger(&name));
            assert_eq!((a.unwrap().head, b.unwrap().head), (head.clone(), head.clone()));
        }
    }
}

#[tokio::test]
async fn a_damaged_ledger_is_reported_with_its_commit_and_the_fix() {
    let bench = Bench::with_remote();
    let content = serde_json::to_string(&leased("ada@one")).unwrap();
    let (first, second) = (plant(&bench, "entry.json", &content), plant(&bench, "x", &content));
    let tree = bench.git("remote.git", &["rev-parse", &format!("{first}^{{tree}}")]);
    let merge = ["commit-tree", &tree, "-p", &first, "-p", &second, "-m", "x"];
    let merge = bench.git("remote.git", &merge);
    let foreign = bench.sha("work", "HEAD").to_string();
    for (commit, why) in [(merge, "is a merge commit"), (foreign, "contains no `entry.json`")] {
        bench.git("remote.git", &["update-ref", REF, &commit]);
        let error = bench.remote("work").ledger(&tag("v1.0.0")).await.unwrap_err();
        let (said, help) = damage(error);
        assert_eq!(said, format!("commit {commit} {why}"));
        assert_eq!(
            help,
            "run `git push origin :refs/tminus/releases/v1.0.0` to delete the ledger; the next run \
             continues from the actual state"
        );
    }
}

/// Makes a key, and lets `work` sign entries with it.
fn signs(bench: &Bench, name: &str) -> Option<String> {
    let key = bench.path(name);
    let arguments = ["-q", "-t", "ed25519", "-N", "", "-f"];
    let Ok(made) = std::process::Command::new("ssh-keygen").args(arguments).arg(&key).status()
    else {
        eprintln!("NOT TESTED: ssh-keygen is not installed, so no entry was signed or verified");
        return None;
    };
    assert!(made.success());
    for (name, value) in
        [("user.signingkey", key.to_str().unwrap()), ("gpg.format", "ssh"), ("tminus.sign", "true")]
    {
        bench.git("work", &["config", name, value]);
    }
    Some(std::fs::read_to_string(key.with_extension("pub")).unwrap())
}

#[tokio::test]
async fn git_verifies_signed_entries_and_tminus_reports_the_signer() {
    let bench = Bench::with_remote();
    let Some(public) = signs(&bench, "key") else { return };
    let name = tag("v1.0.0");
    let remote = bench.remote("work");
    let first = remote.append(&name, None, &[leased("ada@one"), did("x")]).await.unwrap();
    bench.git("remote.git", &["fsck", "--strict"]);
    let proof = async || {
        let remote = bench.remote("work");
        let ledger = remote.ledger(&name).await.unwrap();
        remote.proof(&name, &ledger).await.unwrap().signatures
    };
    let why = "`gpg.ssh.allowedSignersFile` is not set".to_owned();
    assert_eq!(proof().await, vec![EntrySignature::Unchecked { why }; 2]);

    bench.write("allowed", format!("ada@example.com {public}"));
    let allowed = bench.path("allowed");
    bench.git("work", &["config", "gpg.ssh.allowedSignersFile", allowed.to_str().unwrap()]);
    let good = EntrySignature::Good { by: "ada@example.com".into() };
    assert_eq!(proof().await, vec![good.clone(); 2]);
    bench.git("work", &["verify-commit", "refs/tminus/remote/v1.0.0"]);

    // Another key, and none.
    signs(&bench, "other");
    let second = bench.remote("work").append(&name, Some(&first), &[did("y")]).await.unwrap();
    bench.git("work", &["config", "tminus.sign", "false"]);
    let remote = bench.remote("work");
    let third = remote.append(&name, Some(&second), &[did("z")]).await.unwrap();
    let signatures = proof().await;
    assert_eq!(signatures[..2], [good.clone(), good]);
    let EntrySignature::Bad { why } = &signatures[2] else { panic!("{signatures:?}") };
    assert!(why.starts_with("`gpg.ssh.allowedSignersFile` does not contain the key SHA"), "{why}");
    assert_eq!(signatures[3], EntrySignature::Unsigned);

    // An entry that was changed after it was signed.
    let text = bench.git("work", &["cat-file", "commit", first.as_str()]);
    bench.write("changed", text.replace("completed tag: x", "completed tag: z") + "\n");
    let changed = bench.git("remote.git", &["hash-object", "-t", "commit", "-w", "../changed"]);
    bench.git("remote.git", &["update-ref", REF, &changed]);
    bench.git("work", &["update-ref", "-d", "refs/tminus/remote/v1.0.0"]);
    let signatures = proof().await;
    let why = "it does not match the entry".to_owned();
    assert_eq!(signatures[1], EntrySignature::Bad { why });
    drop(third);
}

#[tokio::test]
async fn a_ledger_entry_that_cannot_be_signed_as_required_is_not_written() {
    let bench = Bench::with_remote();
    let name = tag("v1.0.0");
    for (value, why) in [
        ("true", "no key to sign with: set `git config user.signingkey` to an SSH key"),
        ("maybe", "the git config `tminus.sign` is `maybe`, not `true` or `false`"),
    ] {
        bench.git("work", &["config", "gpg.format", "ssh"]);
        bench.git("work", &["config", "tminus.sign", value]);
        let error = bench.remote("work").append(&name, None, &[leased("ada@one")]).await;
        assert_eq!(
            error.unwrap_err().to_string(),
            format!("append to the ledger of v1.0.0: refused: {why}")
        );
        assert_eq!(bench.git("remote.git", &["for-each-ref", "refs/tminus"]), "");
    }
}
