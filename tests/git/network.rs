//! Tags in a remote: created once, never moved, signed, removed only by their maker.

use crate::support::bench_repo::{Bench, script, tag};
use async_trait::async_trait;
use jiff::Timestamp;
use std::cell::RefCell;
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tminus::adapters::git::{Credentials, GitRemote, LocalRepository, Settings};
use tminus::base::names::Sha;
use tminus::ports::Repository as _;
use tminus::ports::{Clock, Fetch, NewTag, PortError, Remote as _, RemoteChange as _};
use tminus::release::step::Sign;
use url::Url;

fn new(bench: &Bench, name: &str, sign: Sign, second: i64) -> NewTag {
    let at = Timestamp::from_second(1_750_000_000 + second).unwrap();
    let message = format!("{name}\n\nnotes\n");
    NewTag { tag: tag(name), commit: bench.sha("work", "HEAD"), message, sign, at }
}

#[tokio::test]
async fn creating_an_existing_tag_never_moves_it() {
    let bench = Bench::with_remote();
    let before = bench.sha("remote.git", "v1.0.0");
    let error =
        bench.remote("work").create_tag(&new(&bench, "v1.0.0", Sign::Off, 0)).await.unwrap_err();
    assert!(matches!(error, PortError::Behind { .. }), "{error}");
    assert_eq!(bench.sha("remote.git", "v1.0.0"), before);
    assert_eq!(bench.sha("work", "v1.0.0"), before);
}

#[tokio::test]
async fn only_one_of_two_concurrent_tag_creations_succeeds() {
    let bench = Bench::with_remote();
    bench.git(".", &["clone", "-q", "remote.git", "other"]);
    let (one, other) = (bench.remote("work"), bench.remote("other"));
    let (first, second) =
        (new(&bench, "v1.1.0", Sign::Off, 1), new(&bench, "v1.1.0", Sign::Off, 2));
    let (a, b) = tokio::join!(one.create_tag(&first), other.create_tag(&second));
    let behind = |result: &Result<Sha, PortError>| matches!(result, Err(PortError::Behind { .. }));
    assert!(a.is_ok() != b.is_ok() && (behind(&a) || behind(&b)), "{a:?} {b:?}");
    assert_eq!(bench.sha("remote.git", "v1.1.0"), a.or(b).unwrap());
}

#[tokio::test]
async fn a_new_tag_is_annotated_and_has_the_given_time() {
    let bench = Bench::with_remote();
    let object =
        bench.remote("work").create_tag(&new(&bench, "core/v1.1.0", Sign::Auto, 5)).await.unwrap();
    let head = bench.sha("work", "HEAD");
    let text = bench.git("remote.git", &["cat-file", "tag", "core/v1.1.0"]);
    let tagger = "tagger Ada <ada@example.com> 1750000005 +0000";
    let lines =
        format!("object {head}\ntype commit\ntag core/v1.1.0\n{tagger}\n\ncore/v1.1.0\n\nnotes");
    assert_eq!(text, lines);
    assert_eq!(bench.sha("work", "refs/tags/core/v1.1.0"), object);
    bench.git("remote.git", &["fsck", "--strict"]);
    let refs = bench.remote("work").refs().await.unwrap();
    let at = refs.iter().find(|at| at.name == "refs/tags/core/v1.1.0").unwrap();
    assert_eq!((&at.object, &at.commit), (&object, &head));
}

#[tokio::test]
async fn tags_are_created_under_the_name_tminus_without_a_git_identity() {
    let bench = Bench::with_remote();
    let env: Vec<_> =
        bench.env().into_iter().filter(|(name, _)| !name.starts_with("GIT_COMMITTER")).collect();
    let settings = Settings { env, ..Settings::default() };
    let remote = GitRemote::discover(&bench.path("work"), &settings).unwrap();
    remote.create_tag(&new(&bench, "v1.1.0", Sign::Off, 0)).await.unwrap();
    let text = bench.git("remote.git", &["cat-file", "tag", "v1.1.0"]);
    assert!(text.contains("tagger tminus <tminus@localhost> 1750000000 +0000"), "{text}");
}

#[tokio::test]
async fn git_verifies_an_ssh_signature_as_good() {
    let bench = Bench::with_remote();
    let key = bench.path("key with space");
    let made =
        Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
    let Ok(made) = made else {
        eprintln!("NOT TESTED: ssh-keygen is not installed, so no signature was made or verified");
        return;
    };
    assert!(made.success());
    let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    bench.write("allowed", format!("ada@example.com {public}"));
    let allowed = bench.path("allowed");
    for (name, value) in [
        ("user.signingkey", key.to_str().unwrap()),
        ("gpg.ssh.allowedSignersFile", allowed.to_str().unwrap()),
        ("gpg.format", "ssh"),
    ] {
        bench.git("work", &["config", name, value]);
    }
    let remote = bench.remote("work");
    remote.create_tag(&new(&bench, "v1.1.0", Sign::Ssh, 0)).await.unwrap();
    remote.create_tag(&new(&bench, "v1.2.0", Sign::Auto, 0)).await.unwrap();
    bench.git("work", &["config", "tag.gpgSign", "true"]);
    remote.create_tag(&new(&bench, "v1.3.0", Sign::Auto, 0)).await.unwrap();
    bench.git("work", &["fetch", "-q", "--tags"]);
    let verify = |name: &str| {
        let done = bench.command("git", "work", 0).args(["tag", "-v", name]).output().unwrap();
        String::from_utf8_lossy(&done.stderr).into_owned()
    };
    assert!(
        verify("v1.1.0").contains("Good \"git\" signature for ada@example.com"),
        "{}",
        verify("v1.1.0")
    );
    assert!(verify("v1.2.0").contains("no signature found"), "{}", verify("v1.2.0"));
    assert!(verify("v1.3.0").contains("Good \"git\" signature"), "{}", verify("v1.3.0"));
}

#[tokio::test]
async fn git_verifies_a_gpg_signature_as_good() {
    let bench = Bench::with_remote();
    let home = bench.path("gpg");
    std::os::unix::fs::DirBuilderExt::mode(&mut std::fs::DirBuilder::new(), 0o700)
        .create(&home)
        .unwrap();
    let gpg = |program: &str, arguments: &[&str]| {
        Command::new(program).env("GNUPGHOME", &home).args(arguments).output()
    };
    let user = "Ada <ada@example.com>";
    let key = ["--batch", "--passphrase", "", "--quick-gen-key", user, "ed25519", "sign", "never"];
    let Ok(made) = gpg("gpg", &key) else {
        eprintln!("NOT TESTED: gpg is not installed, so no signature was made or verified");
        return;
    };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut settings = bench.settings();
    settings.env.push(("GNUPGHOME".into(), home.to_str().unwrap().into()));
    let remote = GitRemote::discover(&bench.path("work"), &settings).unwrap();
    remote.create_tag(&new(&bench, "v1.1.0", Sign::Gpg, 0)).await.unwrap();
    let mut verify = bench.command("git", "work", 0);
    let done = verify.env("GNUPGHOME", &home).args(["tag", "-v", "v1.1.0"]).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    gpg("gpgconf", &["--kill", "gpg-agent"]).unwrap();
    assert!(said.contains("Good signature from \"Ada <ada@example.com>\""), "{said}");
}

#[tokio::test]
async fn a_tag_that_cannot_be_signed_is_not_created() {
    let bench = Bench::with_remote();
    let remote = bench.remote("work");
    let error = remote.create_tag(&new(&bench, "v1.1.0", Sign::Ssh, 0)).await.unwrap_err();
    assert!(error.to_string().contains("set `git config user.signingkey`"), "{error}");
    bench.git("work", &["config", "user.signingkey", "/nonexistent/key"]);
    let error = remote.create_tag(&new(&bench, "v1.1.0", Sign::Ssh, 0)).await.unwrap_err();
    assert!(error.to_string().contains("signing failed"), "{error}");
    bench.git("work", &["config", "gpg.program", "false"]);
    let error = remote.create_tag(&new(&bench, "v1.1.0", Sign::Gpg, 0)).await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error}");
    assert_eq!(bench.git("remote.git", &["tag"]), "v1.0.0");
}

#[tokio::test]
async fn a_tag_message_that_imitates_a_signature_is_rejected() {
    let bench = Bench::with_remote();
    let mut forged = new(&bench, "v1.1.0", Sign::Off, 0);
    forged.message = "x\n-----BEGIN SSH SIGNATURE-----\n".into();
    assert!(bench.remote("work").create_tag(&forged).await.is_err());
}

#[tokio::test]
async fn a_tag_creation_with_a_lost_response_is_found_on_the_remote() {
    let bench = Bench::with_remote();
    let wrapper = bench.path("git-loses-the-answer");
    script(
        &wrapper,
        "#!/bin/sh\ngit \"$@\"\ncode=$?\ncase \" $* \" in *' push '*) exit 1;; esac\nexit $code\n",
    );
    let settings = Settings { program: wrapper, ..bench.settings() };
    let remote = GitRemote::discover(&bench.path("work"), &settings).unwrap();
    let object = remote.create_tag(&new(&bench, "v1.1.0", Sign::Off, 0)).await.unwrap();
    assert_eq!(bench.sha("remote.git", "v1.1.0"), object);
    remote.delete_tag(&tag("v1.1.0"), &object).await.unwrap();
    assert_eq!(bench.git("remote.git", &["tag"]), "v1.0.0");
}

#[tokio::test]
async fn a_tag_is_deleted_only_if_it_has_the_expected_object() {
    let bench = Bench::with_remote();
    let remote = bench.remote("work");
    let object = remote.create_tag(&new(&bench, "v1.1.0", Sign::Off, 0)).await.unwrap();
    let other = bench.sha("work", "v1.0.0");
    let error = remote.delete_tag(&tag("v1.1.0"), &other).await.unwrap_err();
    assert!(matches!(error, PortError::Behind { .. }), "{error}");
    assert_eq!(bench.sha("remote.git", "v1.1.0"), object);
    remote.delete_tag(&tag("v1.1.0"), &object).await.unwrap();
    remote.delete_tag(&tag("v1.1.0"), &object).await.unwrap();
    assert_eq!(bench.git("remote.git", &["tag"]), "v1.0.0");
    assert_eq!(bench.git("work", &["tag"]), "v1.0.0");
}

#[tokio::test]
async fn a_rejection_by_a_rule_of_the_remote_is_quoted() {
    let bench = Bench::with_remote();
    let hook = bench.path("remote.git/hooks/pre-receive");
    script(&hook, "#!/bin/sh\necho 'error: GH013: Repository rule violations found' >&2\nexit 1\n");
    let error =
        bench.remote("work").create_tag(&new(&bench, "v1.1.0", Sign::Off, 0)).await.unwrap_err();
    let PortError::Refused { why, .. } = &error else { panic!("{error:?}") };
    assert!(why.starts_with("error: GH013: Repository rule violations found"), "{why}");
}

#[tokio::test]
async fn a_pull_request_merge_commit_is_fetched_and_a_missing_one_is_an_error() {
    let bench = Bench::with_remote();
    bench.git("work", &["push", "-q", "origin", "HEAD:refs/pull/7/merge"]);
    bench.git(
        ".",
        &[
            "clone",
            "-q",
            "--depth=1",
            &format!("file://{}", bench.path("remote.git").display()),
            "ci",
        ],
    );
    let remote = bench.remote("ci");
    remote.fetch(&Fetch::Pull(7)).await.unwrap();
    let merge = bench.sha("work", "HEAD");
    assert_eq!(bench.sha("ci", "refs/tminus/pull/7/merge"), merge);
    assert!(remote.fetch(&Fetch::Pull(8)).await.is_err());
    let parent = bench.local("ci").parents(&merge).unwrap();
    assert_eq!(parent, [bench.sha("work", "HEAD~1")], "told beyond the end of the clone");
    remote.fetch(&Fetch::Commit(parent[0].clone())).await.unwrap();
    assert_eq!(bench.git("ci", &["cat-file", "-t", &format!("{}^{{tree}}", parent[0])]), "tree");
}

#[tokio::test]
async fn a_hanging_remote_is_abandoned() {
    let bench = Bench::with_remote();
    let wrapper = bench.path("git-hangs");
    script(&wrapper, "#!/bin/sh\nexec sleep 600\n");
    let timeout = Duration::from_millis(200);
    let settings = Settings { program: wrapper, timeout, ..bench.settings() };
    let remote = GitRemote::discover(&bench.path("work"), &settings).unwrap();
    let start = Instant::now();
    assert!(matches!(remote.refs().await, Err(PortError::NoAnswer { .. })));
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[tokio::test]
async fn the_token_is_on_no_command_line_and_in_no_git_error() {
    let bench = Bench::with_remote();
    let wrapper = bench.path("git-tells");
    script(&wrapper, "#!/bin/sh\necho \"args: $*\" >&2\nprintenv TMINUS_GIT_HEADER >&2\nexit 1\n");
    let server = Url::parse("https://github.com").unwrap();
    let credentials = Some(Credentials { server, token: "s3cret-t0ken".to_owned().into() });
    let settings = Settings { program: wrapper, credentials, ..bench.settings() };
    let remote = GitRemote::discover(&bench.path("work"), &settings).unwrap();
    let error = remote.refs().await.unwrap_err().to_string();
    let (arguments, environment) = error.split_once(" / ").unwrap();
    assert!(
        arguments.contains("--config-env=http.https://github.com/.extraheader=TMINUS_GIT_HEADER"),
        "{error}"
    );
    assert!(!arguments.contains("***"), "{error}");
    assert_eq!(environment, "AUTHORIZATION: basic ***");
}

#[tokio::test]
async fn git_sends_the_token_once_and_only_to_its_server() {
    let bench = Bench::with_remote();
    let config = "--get-urlmatch";
    let wrapper = bench.path("git-asks");
    let ask = |url: &str| {
        format!(
            "#!/bin/sh\ngit \"$1\" \"$2\" \"$3\" config {config} http.extraheader {url} >&2\nexit 1\n"
        )
    };
    let server = Url::parse("https://github.com").unwrap();
    let credentials = Some(Credentials { server, token: "s3cret".to_owned().into() });
    let settings = Settings { program: wrapper.clone(), credentials, ..bench.settings() };
    let remote = GitRemote::discover(&bench.path("work"), &settings).unwrap();
    script(&wrapper, &ask("https://github.com/acme/widget.git"));
    assert!(remote.refs().await.unwrap_err().to_string().contains("AUTHORIZATION: basic ***"));
    script(&wrapper, &ask("https://github.com.evil.example/acme/widget.git"));
    assert!(!remote.refs().await.unwrap_err().to_string().contains("AUTHORIZATION"));
}

#[test]
fn the_remote_is_the_requested_the_upstream_origin_or_the_only_one() {
    let bench = Bench::with_remote();
    let at = |asked: Option<&str>| {
        let settings = Settings { remote: asked.map(str::to_owned), ..bench.settings() };
        GitRemote::discover(&bench.path("work"), &settings)
            .map(|remote| remote.name().map(str::to_owned))
    };
    bench.git("work", &["remote", "add", "up", "../remote.git"]);
    assert_eq!(at(None).unwrap().as_deref(), Some("origin"));
    assert_eq!(at(Some("up")).unwrap().as_deref(), Some("up"));
    assert_eq!(at(Some("nope")).unwrap_err().why, "no remote is named `nope`");
    bench.git("work", &["config", "branch.main.remote", "up"]);
    assert_eq!(at(None).unwrap().as_deref(), Some("up"));
    bench.git("work", &["config", "branch.main.remote", "."]);
    bench.git("work", &["remote", "rename", "origin", "down"]);
    bench.git("work", &["config", "branch.main.remote", "."]);
    assert!(at(None).unwrap_err().help.unwrap().contains("--remote"));
    bench.git("work", &["remote", "remove", "down"]);
    assert_eq!(at(None).unwrap().as_deref(), Some("up"));
}

#[tokio::test]
async fn the_local_repository_is_used_if_there_is_no_remote() {
    let bench = Bench::with_work();
    bench.commit("work", "feat: one", 1000);
    let remote = bench.remote("work");
    let object = remote.create_tag(&new(&bench, "v1.0.0", Sign::Off, 0)).await.unwrap();
    assert_eq!(bench.sha("work", "v1.0.0"), object);
    let again = remote.create_tag(&new(&bench, "v1.0.0", Sign::Off, 1)).await.unwrap_err();
    assert!(matches!(again, PortError::Behind { .. }), "{again}");
    let refs = remote.refs().await.unwrap();
    let tags = refs.iter().filter(|at| at.name.starts_with("refs/tags/"));
    assert_eq!(tags.count(), 1, "{refs:?}");
    remote.fetch(&Fetch::History).await.unwrap();
    remote.delete_tag(&tag("v1.0.0"), &object).await.unwrap();
    assert_eq!(bench.git("work", &["tag"]), "");
}

#[tokio::test]
async fn a_remote_with_a_different_push_repository_is_rejected() {
    let bench = Bench::with_remote();
    let head = bench.sha("work", "HEAD");
    let remote = |push: &str| {
        bench.git("work", &["remote", "set-url", "--push", "origin", push]);
        bench.remote("work")
    };
    let same = bench.path("remote.git/");
    assert!(remote(same.to_str().unwrap()).may_push(&head).await.is_ok());
    bench.git(".", &["clone", "-q", "--bare", "remote.git", "fork.git"]);
    let elsewhere = bench.path("fork.git");
    let error = remote(elsewhere.to_str().unwrap()).may_push(&head).await.unwrap_err();
    assert!(error.why().contains("fork.git, so tminus cannot verify what it pushes"), "{error}");
}

/// A remote whose git program is a script; `$REAL` in it is the real one.
fn scripted(bench: &Bench, name: &str, text: &str) -> GitRemote {
    let wrapper = bench.path(name);
    script(&wrapper, &format!("#!/bin/sh\n{text}\n"));
    let settings = Settings { program: wrapper, ..bench.settings() };
    GitRemote::discover(&bench.path("work"), &settings).unwrap()
}

#[tokio::test]
async fn a_remote_that_responds_with_nothing_is_an_error_and_not_a_remote_without_tags() {
    let bench = Bench::with_remote();
    let head = bench.sha("work", "HEAD");
    let silent = scripted(&bench, "git-silent", "exit 0");
    let error = silent.refs().await.unwrap_err();
    assert!(error.why().contains("it has no branches"), "{error}");
    assert!(matches!(silent.ledger(&tag("v1.0.0")).await, Err(PortError::NoAnswer { .. })));
    assert!(silent.create_tag(&new(&bench, "v1.1.0", Sign::Off, 0)).await.is_err());
    let words = "case \"$*\" in *get-url*) git \"$@\";; esac";
    let error = scripted(&bench, "git-mute", words).may_push(&head).await.unwrap_err();
    assert_eq!(error.why(), "`git push` did not report that it is done");

    let portal = "case \"$*\" in *fetch*) echo \"fatal: couldn't find remote ref refs/tminus/x\" >&2; exit 128;; esac";
    let portal = scripted(&bench, "git-portal", portal);
    assert!(portal.ledger(&tag("v1.0.0")).await.is_err(), "a record that is not seen is not empty");
}

#[tokio::test]
async fn a_remote_with_branches_but_no_tags_has_no_tags() {
    let bench = Bench::with_remote();
    bench.git("remote.git", &["tag", "-d", "v1.0.0"]);
    let remote = bench.remote("work");
    assert_eq!(names(&remote).await, ["refs/heads/main"]);
    assert_eq!(remote.ledger(&tag("v1.0.0")).await.unwrap().head, None);
    bench.git("remote.git", &["symbolic-ref", "HEAD", "refs/heads/unborn"]);
    assert_eq!(names(&remote).await, ["refs/heads/main"]);
}

#[tokio::test]
async fn an_empty_remote_is_an_error_because_it_looks_like_a_silent_one() {
    let bench = Bench::with_remote();
    bench.git(".", &["init", "-q", "--bare", "new.git"]);
    bench.git("work", &["remote", "set-url", "origin", "../new.git"]);
    let error = bench.remote("work").refs().await.unwrap_err();
    assert!(error.why().contains("a new repository needs a first push"), "{error}");
}

#[tokio::test]
async fn refs_that_only_end_like_tags_are_not_tags() {
    let bench = Bench::with_remote();
    bench.git("work", &["push", "-q", "origin", "HEAD:refs/x/refs/tags/v9.0.0"]);
    bench.git("work", &["push", "-q", "origin", "HEAD:refs/heads/refs/tags/v8.0.0"]);
    let names = names(&bench.remote("work")).await;
    assert_eq!(names, ["refs/heads/main", "refs/heads/refs/tags/v8.0.0", "refs/tags/v1.0.0"]);
}

async fn names(remote: &GitRemote) -> Vec<String> {
    remote.refs().await.unwrap().into_iter().map(|at| at.name).collect()
}

/// A clock that stands still, and remembers how long it was to wait.
struct Still {
    slept: RefCell<Vec<Duration>>,
    left: Option<Duration>,
}

#[async_trait(?Send)]
impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_750_000_000).unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        self.slept.borrow_mut().push(duration);
    }

    fn left(&self) -> Option<Duration> {
        self.left
    }
}

/// A remote whose first `fails` reads end with `words`, and what it waited.
fn failing(
    bench: &Bench,
    fails: usize,
    words: &str,
    left: Option<Duration>,
) -> (GitRemote, Rc<Still>) {
    let (wrapper, count) = (bench.path("git-fails"), bench.path("count"));
    let _ = std::fs::remove_file(&count);
    let count = count.display();
    script(
        &wrapper,
        &format!(
            "#!/bin/sh\ncase \" $* \" in *' ls-remote '*|*' fetch '*|*' push '*) echo >> {count}\n\
             if [ $(wc -l < {count}) -le {fails} ]; then echo \"{words}\" >&2; exit 128; fi;; esac\n\
             exec git \"$@\"\n"
        ),
    );
    let clock = Rc::new(Still { slept: RefCell::default(), left });
    let settings = Settings { program: wrapper, clock: clock.clone(), ..bench.settings() };
    (GitRemote::discover(&bench.path("work"), &settings).unwrap(), clock)
}

const BAD_GATEWAY: &str = "fatal: unable to access 'x': The requested URL returned error: 502";

#[tokio::test]
async fn a_temporarily_failing_read_is_retried() {
    let bench = Bench::with_remote();
    let head = bench.sha("work", "HEAD");
    let (remote, clock) = failing(&bench, 2, BAD_GATEWAY, None);
    assert_eq!(names(&remote).await, ["refs/heads/main", "refs/tags/v1.0.0"]);
    assert_eq!(clock.slept.borrow().len(), 2);
    assert!(clock.slept.borrow().iter().all(|pause| *pause >= Duration::from_secs(1)));
    let (remote, clock) = failing(&bench, 1, "error: RPC failed; Connection reset by peer", None);
    remote.fetch(&Fetch::Commit(head.clone())).await.unwrap();
    assert_eq!(clock.slept.borrow().len(), 1);
    let (remote, clock) = failing(&bench, 1, BAD_GATEWAY, None);
    assert_eq!(remote.ledger(&tag("v1.0.0")).await.unwrap().head, None);
    assert_eq!(clock.slept.borrow().len(), 1);
    let (remote, clock) = failing(&bench, 1, BAD_GATEWAY, None);
    remote.may_push(&head).await.unwrap();
    assert_eq!(clock.slept.borrow().len(), 1);
}

#[tokio::test]
async fn a_read_that_cannot_succeed_or_has_no_time_left_is_not_retried() {
    let bench = Bench::with_remote();
    let denied = "fatal: The requested URL returned error: 403";
    let (remote, clock) = failing(&bench, 9, denied, None);
    assert!(matches!(remote.refs().await, Err(PortError::Denied { .. })));
    assert!(clock.slept.borrow().is_empty());
    let (remote, clock) = failing(&bench, 9, BAD_GATEWAY, Some(Duration::from_secs(2)));
    assert!(matches!(remote.refs().await, Err(PortError::NoAnswer { .. })));
    assert_eq!(clock.slept.borrow().len(), 1, "the next pause would outlast the command");
    let (remote, clock) = failing(&bench, 99, BAD_GATEWAY, None);
    assert!(remote.refs().await.unwrap_err().why().contains("error: 502"));
    assert_eq!(clock.slept.borrow().len(), 4);
}

#[tokio::test]
async fn a_push_is_never_retried_automatically() {
    let bench = Bench::with_remote();
    let (remote, clock) = failing(&bench, 1, BAD_GATEWAY, None);
    let error = remote.create_tag(&new(&bench, "v1.1.0", Sign::Off, 0)).await.unwrap_err();
    assert!(matches!(error, PortError::NoAnswer { .. }), "{error}");
    assert!(clock.slept.borrow().is_empty());
}

#[tokio::test]
async fn a_rate_limit_of_the_git_server_is_waited_for_as_stated() {
    let bench = Bench::with_remote();
    let words = "remote: secondary rate limit, Retry-After: 30\nfatal: returned error: 403";
    let (remote, clock) = failing(&bench, 1, words, None);
    assert_eq!(names(&remote).await, ["refs/heads/main", "refs/tags/v1.0.0"]);
    let slept = clock.slept.borrow()[0];
    assert!(slept >= Duration::from_secs(30) && slept < Duration::from_secs(40), "{slept:?}");
    let (remote, _) = failing(&bench, 9, words, Some(Duration::from_secs(20)));
    let PortError::Limited { until, .. } = remote.refs().await.unwrap_err() else { panic!() };
    assert_eq!(until, Timestamp::from_second(1_750_000_030).unwrap());
}

#[tokio::test]
async fn git_calls_do_not_exceed_the_remaining_time() {
    let bench = Bench::with_remote();
    let wrapper = bench.path("git-sleeps");
    script(&wrapper, "#!/bin/sh\nsleep 600\n");
    let left = Some(Duration::from_millis(200));
    let clock = Rc::new(Still { slept: RefCell::default(), left });
    let settings = Settings { program: wrapper, clock, ..bench.settings() };
    let start = Instant::now();
    let remote = GitRemote::discover(&bench.path("work"), &settings).unwrap();
    assert!(remote.refs().await.unwrap_err().why().contains("it timed out after 1 s"));
    let local = LocalRepository::discover(&bench.path("work"), &settings).unwrap();
    assert!(local.dirty().unwrap_err().why.contains("it timed out after 1 s"));
    assert!(start.elapsed() < Duration::from_secs(60));
}
