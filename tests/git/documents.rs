//! Documents in a remote: replaced by compare-and-swap, and read strictly.

use crate::support::bench_repo::{Bench, script, tag};
use jiff::Timestamp;
use tminus::adapters::git::{GitRemote, Settings};
use tminus::base::names::{EnvironmentName, Sha};
use tminus::ports::{Document, DocumentChange, PortError, Remote as _, RemoteChange as _};

const REF: &str = "refs/tminus/environments/production";

fn production() -> Document {
    Document::Environment(EnvironmentName::new("production").unwrap())
}

async fn write(
    remote: &GitRemote,
    which: &Document,
    at: Option<&Sha>,
    text: &str,
) -> Result<Sha, PortError> {
    let now = Timestamp::from_second(1_750_000_000).unwrap();
    let line = "1.1.0\nentered \u{1b}[31m";
    remote.replace_document(&DocumentChange { which, at, text, line, now }).await
}

#[tokio::test]
async fn a_document_written_by_one_clone_is_read_by_another() {
    let bench = Bench::with_remote();
    bench.git(".", &["clone", "-q", "remote.git", "other"]);
    let (one, other, which) = (bench.remote("work"), bench.remote("other"), production());
    let first = write(&one, &which, None, "{}").await.unwrap();
    assert_eq!(other.document(&which).await.unwrap(), Some((first.clone(), "{}".into())));
    let second = write(&other, &which, Some(&first), "{\"a\": 1}\n").await.unwrap();
    let read = one.document(&which).await.unwrap();
    assert_eq!(read, Some((second, "{\"a\": 1}\n".into())));
}

#[tokio::test]
async fn only_one_of_two_identical_concurrent_writes_succeeds() {
    let bench = Bench::with_remote();
    bench.git(".", &["clone", "-q", "remote.git", "other"]);
    let (one, other, which) = (bench.remote("work"), bench.remote("other"), production());
    let mut at = None;
    for _ in 0..2 {
        let (a, b) = tokio::join!(
            write(&one, &which, at.as_ref(), "{}"),
            write(&other, &which, at.as_ref(), "{}")
        );
        let behind = |it: &Result<Sha, PortError>| matches!(it, Err(PortError::Behind { .. }));
        let won = [&a, &b].into_iter().filter(|it| it.is_ok()).count();
        assert!(won == 1 && (behind(&a) || behind(&b)), "{a:?} {b:?}");
        let winner = a.or(b).unwrap();
        assert_eq!(bench.sha("remote.git", REF), winner);
        at = Some(winner);
    }
}

#[tokio::test]
async fn git_log_shows_every_environment_change_but_only_the_newest_samples() {
    let bench = Bench::with_remote();
    let remote = bench.remote("work");
    for which in [production(), Document::Samples(tag("v1.1.0"))] {
        let first = write(&remote, &which, None, "1").await.unwrap();
        write(&remote, &which, Some(&first), "2").await.unwrap();
    }
    let log = |name: &str| bench.git("remote.git", &["log", name, "--format=%s|%an|%at"]);
    let line = "1.1.0 entered  [31m|Ada|1750000000";
    assert_eq!(log(REF), [line, line].join("\n"));
    assert_eq!(log("refs/tminus/samples/v1.1.0"), line);
    let text = bench.git("remote.git", &["show", &format!("{REF}:document.json")]);
    assert_eq!(text, "2");
    bench.git("remote.git", &["fsck", "--strict"]);
}

#[tokio::test]
async fn a_document_write_with_a_lost_response_is_found_to_have_succeeded() {
    let bench = Bench::with_remote();
    let wrapper = bench.path("git-loses-the-answer");
    script(
        &wrapper,
        "#!/bin/sh\ngit \"$@\"\ncode=$?\ncase \" $* \" in *' push '*) exit 1;; esac\nexit $code\n",
    );
    let settings = Settings { program: wrapper.clone(), ..bench.settings() };
    let remote = GitRemote::discover(&bench.path("work"), &settings).unwrap();
    let which = production();
    let at = write(&remote, &which, None, "{}").await.unwrap();
    assert_eq!(bench.sha("remote.git", REF), at);

    // Here the push never arrives.
    script(&wrapper, "#!/bin/sh\ncase \" $* \" in *' push '*) exit 1;; esac\nexec git \"$@\"\n");
    let lost = write(&remote, &which, Some(&at), "2").await;
    assert!(matches!(lost, Err(PortError::NoAnswer { .. })), "{lost:?}");
    assert_eq!(bench.sha("remote.git", REF), at);

    // And here another process was first, so that the lost answer is of no use.
    let other = write(&bench.remote("work"), &which, Some(&at), "3").await.unwrap();
    let late = write(&remote, &which, Some(&at), "2").await;
    assert!(matches!(late, Err(PortError::Behind { .. })), "{late:?}");
    assert_eq!(bench.sha("remote.git", REF), other);
}

#[tokio::test]
async fn an_unreachable_remote_is_not_treated_as_one_without_a_document() {
    let bench = Bench::with_remote();
    let remote = bench.remote("work");
    std::fs::rename(bench.path("remote.git"), bench.path("moved.git")).unwrap();
    remote.document(&production()).await.unwrap_err();
    write(&remote, &production(), None, "{}").await.unwrap_err();
}

#[tokio::test]
async fn a_document_that_contains_a_secret_is_not_written() {
    let bench = Bench::with_remote();
    let secrets = tminus::base::secrets::Secrets::of(["ghs_veryverysecret".into()]);
    let settings = Settings { secrets, ..bench.settings() };
    let remote = GitRemote::discover(&bench.path("work"), &settings).unwrap();
    let error = write(&remote, &production(), None, "\"ghs_veryverysecret\"").await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error}");
    assert!(!error.to_string().contains("very"), "{error}");
}

/// Names and contents.
type Files<'a> = &'a [(&'a str, &'a [u8])];

/// A commit of somebody else in the place of the document.
fn put(bench: &Bench, files: Files<'_>) {
    bench.git("work", &["checkout", "-q", "--orphan", "foreign"]);
    bench.git("work", &["rm", "-rfq", "--ignore-unmatch", "."]);
    for (name, bytes) in files {
        bench.write(&format!("work/{name}"), bytes);
        bench.git("work", &["add", "-f", name]);
    }
    bench.git("work", &["commit", "-q", "--allow-empty", "-m", "foreign"]);
    bench.git("work", &["push", "-q", "-f", "origin", &format!("HEAD:{REF}")]);
    bench.git("work", &["checkout", "-qf", "main"]);
    bench.git("work", &["branch", "-qD", "foreign"]);
}

#[tokio::test]
async fn a_document_not_written_by_tminus_is_an_error() {
    let bench = Bench::with_remote();
    let remote = bench.remote("work");
    let large = vec![b' '; (1 << 20) + 1];
    let cases: [(Files<'_>, &str); 6] = [
        (&[], "was not written by tminus"),
        (&[("other.json", b"{}")], "was not written by tminus"),
        (&[("document.json", b"{}"), ("other.json", b"{}")], "was not written by tminus"),
        (&[("document.json/document.json", b"{}")], "was not written by tminus"),
        (&[("document.json", &large)], "contains a file larger than 1 MiB"),
        (&[("document.json", b"\xff\xfe")], "contains a file that is not UTF-8"),
    ];
    for (files, why) in cases {
        put(&bench, files);
        let commit = bench.sha("remote.git", REF);
        let error = remote.document(&production()).await.unwrap_err();
        let expected = format!("read `{REF}`: no usable response: commit {commit} {why}");
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn a_ref_that_does_not_point_to_a_commit_is_an_error() {
    let bench = Bench::with_remote();
    let remote = bench.remote("work");
    bench.write("work/blob", "{}");
    let blob = bench.git("work", &["hash-object", "-w", "blob"]);
    bench.git("work", &["push", "-q", "origin", &format!("{blob}:{REF}")]);
    let error = remote.document(&production()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("read `{REF}`: no usable response: it does not point to a commit")
    );
}
