//! The tracking issue: opened by a release that waits for people, answered there, and closed at the end.

use crate::saw;
use crate::support::fake_github::{Options, Scopes, TOKEN};
use crate::support::story::{Said, Story, regex_of};
use jiff::SignedDuration;
use std::process::Stdio;
use tminus::adapters::clock::SystemClock;
use tminus::adapters::sim::{SimAccount, SimTracking};
use tminus::ports::{Clock as _, CloseReason, Reaction};

const MANIFEST: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
changelog: { file: CHANGELOG.md, style: keep-a-changelog }
roles:
  qa: [lin, omar]
  ops: { users: [ada] }
  testers: [grace]
tasks:
  - { id: guide, role: qa, text: 'Update the | guide of @everyone', before: stable }
gates:
  checks-green: { required: [build] }
  approved: { roles: [qa, ops] }
  accepted: { role: testers, scenarios: [{ id: upgrade, text: Upgrade from 1.0 }] }
stages:
  - name: candidate
    steps:
      - draft-release: { assets: ['dist/*'], checksums: sha256 }
  - name: stable
    gates: [approved, accepted, tasks-done]
    steps:
      - tag: { sign: 'off' }
      - publish-release
";

/// A release that waits for people before `stable`.
fn story() -> Story {
    let mut story = Story::bare(Options::default(), MANIFEST);
    story.hurry();
    story.report("build", "success");
    story
}

fn waiting() -> Story {
    let story = story();
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(3), "{}", said.whole());
    story
}

fn issues(story: &Story) -> Vec<SimTracking> {
    story.fake_github.with(|state| state.society.issues.clone())
}

fn issue(story: &Story) -> SimTracking {
    let all = issues(story);
    assert_eq!(all.len(), 1, "{all:?}");
    all.into_iter().next().unwrap()
}

/// Somebody comments, after everything that was recorded so far.
fn say_as(story: &Story, by: SimAccount, body: &str) -> u64 {
    let number = issues(story)[0].number;
    story.fake_github.with(|state| {
        state.now = state.now.max(SystemClock::default().now() + SignedDuration::from_secs(2));
        state.comment_on(number, by, body).unwrap()
    })
}

fn say(story: &Story, login: &str, body: &str) -> u64 {
    say_as(story, SimAccount::User(login.into()), body)
}

/// The same, but later than everything that was recorded, and not later than what is recorded from now
/// on. Times of comments have whole seconds.
fn say_now(story: &Story, login: &str, body: &str) {
    let number = issues(story)[0].number;
    story.fake_github.with(|state| {
        let now = SystemClock::default().now().max(state.now);
        state.now = now.saturating_add(SignedDuration::from_secs(1)).unwrap();
        state.comment_on(number, SimAccount::User(login.into()), body).unwrap()
    });
}

/// What became of a comment: our reactions.
fn reactions(story: &Story, id: u64) -> Vec<Reaction> {
    story.fake_github.with(|state| {
        let comment = state.issue_comment_mut(id).unwrap();
        comment.reactions.iter().map(|(_, reaction)| *reaction).collect()
    })
}

fn replies(story: &Story) -> Vec<String> {
    let bot = |author: &SimAccount| *author == SimAccount::Bot("github-actions[bot]".into());
    let comments = issues(story).into_iter().flat_map(|issue| issue.comments);
    comments.filter(|comment| bot(&comment.author)).map(|comment| comment.body).collect()
}

/// The lines of the ledger that say what people said.
fn recorded(story: &Story) -> Vec<String> {
    let log = story
        .git("remote.git", &["log", "--reverse", "--format=%s", "refs/tminus/releases/v1.1.0"]);
    let people = ["lin", "omar", "ada", "grace", "mallory"];
    let said = |line: &&str| people.iter().any(|name| line.starts_with(&format!("{name} ")));
    log.lines().filter(said).map(str::to_owned).collect()
}

fn shown(story: &Story, text: &str) -> String {
    let plan = story.git("remote.git", &["log", "--format=%s", "refs/tminus/releases/v1.1.0"]);
    let digest = plan.lines().find_map(|line| line.strip_prefix("sealed plan ")?.get(..6));
    digest.map_or(text.to_owned(), |digest| text.replace(digest, "[PLAN]"))
}

#[test]
fn a_release_waiting_for_people_opens_an_issue_and_continues_after_their_answers() {
    let story = waiting();
    let opened = issue(&story);
    assert!(opened.open && opened.title == "Release widget 1.1.0", "{opened:?}");
    saw!(story, "tracking-opened", shown(&story, &opened.body));
    say(&story, "Lin", "Looks good to me.\n/approve qa\n/done guide");
    say(&story, "grace", "/accept upgrade");
    assert_eq!(story.run(&["release"]).code, Some(3), "ops is missing");
    assert_eq!(
        recorded(&story),
        ["lin approved stable as qa", "lin finished the task guide", "grace accepted upgrade"]
    );
    saw!(story, "tracking-half", shown(&story, &issue(&story).body));
    say(&story, "ada", "/approve");
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let closed = issue(&story);
    assert_eq!((closed.open, closed.closed), (false, Some(CloseReason::Completed)));
    saw!(story, "tracking-closed", shown(&story, &closed.body));
    assert_eq!(replies(&story), Vec::<String>::new());
    for comment in &closed.comments {
        assert_eq!(reactions(&story, comment.id), [Reaction::Counted], "{comment:?}");
    }
}

#[test]
fn the_issue_text_is_edited_only_if_the_state_changed() {
    let story = waiting();
    story.run(&["release"]);
    let edits = issue(&story).edits;
    story.run(&["release"]);
    story.run(&["release"]);
    assert_eq!(issue(&story).edits, edits);
    let before = story.fake_github.requests().len();
    story.run(&["release"]);
    let requests = story.fake_github.requests();
    let about: Vec<String> = requests[before..]
        .iter()
        .filter(|one| {
            one.path.contains("issues") || one.request.to_string().contains("TrackingIssue")
        })
        .map(|one| format!("{} {}", one.method, one.path))
        .collect();
    assert!((1..=3).contains(&about.len()), "{about:?}");
    assert!(about.iter().all(|one| one == "POST /graphql"), "{about:?}");
}

#[test]
fn hostile_comments_have_no_effect() {
    let story = waiting();
    let bot = |name: &str| SimAccount::Bot(name.into());
    for (by, body) in [
        (SimAccount::User("mallory".into()), "/hold I say so\n/object no\n/approve qa\n/lift"),
        (SimAccount::User("l1n".into()), "/approve qa"),
        (SimAccount::User("lin-".into()), "/approve qa"),
        (bot("lin[bot]"), "/approve qa\n/hold it"),
        (SimAccount::Deleted, "/approve qa"),
        (
            SimAccount::User("lin".into()),
            "> /approve qa\n\n`/approve qa`\n\n```\n/approve qa\n```\n",
        ),
        (SimAccount::User("lin".into()), "<!--\n/approve qa\n-->\n- /approve qa"),
        (SimAccount::User("ada".into()), "<details>\n\n/approve ops\n\n</details>"),
    ] {
        say_as(&story, by, body);
    }
    let edited = say(&story, "omar", "/approve qa\n/done guide");
    story.fake_github.with(|state| {
        let now = state.now;
        state.issue_comment_mut(edited).unwrap().edited = Some(now);
    });
    let long = format!("/object {}", "x".repeat(65_536 - 8));
    say(&story, "mallory", &long);
    for n in 0..300 {
        say(&story, &format!("stranger-{n}"), "/approve qa\n/hold it\n/reject upgrade no");
    }
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(3), "{}", said.whole());
    assert_eq!(recorded(&story), Vec::<String>::new());
    let body = issue(&story).body;
    assert!(body.contains("0 of 1") && !body.contains("1 of 1"), "{body}");
    assert!(!body.contains("mallory") && !body.contains("stranger"), "{body}");
    let answers = replies(&story);
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert!(answers[0].contains("the comment was edited"), "{answers:?}");
    assert_eq!(reactions(&story, edited), [Reaction::Refused]);
}

#[test]
fn a_rejected_comment_command_is_explained_only_once() {
    let story = waiting();
    let ids = [
        say(&story, "lin", "/approve ops"),
        say(&story, "lin", "/approve qa 000000"),
        say(&story, "ada", "/done nothing\n/accept nothing"),
        say(&story, "ada", "/accept upgrade"),
        say(&story, "omar", "/object"),
    ];
    story.run(&["release"]);
    story.run(&["release"]);
    saw!(story, "tracking-refused", shown(&story, &replies(&story).join("\n")));
    for id in ids {
        assert_eq!(reactions(&story, id), [Reaction::Refused]);
    }
    assert_eq!(recorded(&story), Vec::<String>::new());
}

#[test]
fn an_approval_can_name_the_plan() {
    let story = waiting();
    let log = story.git("remote.git", &["log", "--format=%s", "refs/tminus/releases/v1.1.0"]);
    let digest = log.lines().find_map(|line| line.strip_prefix("sealed plan ")?.get(..6)).unwrap();
    say(&story, "lin", &format!("/approve qa {digest}\n/done guide"));
    say(&story, "ada", &format!("/approve {digest}"));
    say(&story, "grace", "/accept upgrade");
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    assert_eq!(replies(&story), Vec::<String>::new());
}

#[test]
fn deleting_a_comment_revokes_its_approval_but_not_its_objection() {
    let story = waiting();
    let yes = say(&story, "lin", "/approve qa");
    let no = say(&story, "omar", "/object it is slow");
    assert_eq!(story.run(&["release"]).code, Some(1));
    assert_eq!(recorded(&story).len(), 2);
    story.fake_github.with(|state| {
        for issue in &mut state.society.issues {
            issue.comments.retain(|comment| comment.id != yes && comment.id != no);
        }
    });
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(1), "{}", said.whole());
    assert!(said.stdout.contains("omar objects: it is slow"), "{}", said.whole());
    say(&story, "omar", "/withdraw-objection");
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(3), "{}", said.whole());
    assert!(said.stdout.contains("1 from qa"), "{}", said.whole());
}

#[test]
fn an_issue_comment_can_hold_the_release_and_lift_the_hold() {
    let story = waiting();
    say(&story, "lin", "/approve qa\n/done guide");
    say(&story, "ada", "/approve ops\n/hold stable the database is being moved");
    say(&story, "grace", "/accept upgrade");
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(3), "{}", said.whole());
    assert!(said.stdout.contains("ada put `stable` on hold"), "{}", said.whole());
    say(&story, "omar", "/lift stable");
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

/// Two runs at once.
fn together(story: &Story) -> Vec<Said> {
    let start = || {
        let mut command = story.tminus("work", &["release"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let both = [start(), start()];
    let said = both.map(|child| {
        let done = child.wait_with_output().unwrap();
        story.wrote("a run", &done.stderr);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { code: done.status.code(), stdout: text(done.stdout), stderr: text(done.stderr) }
    });
    said.into()
}

#[test]
fn two_runs_and_ten_commenters_lose_no_statement_and_get_one_reply_each() {
    let manifest = MANIFEST
        .replace("qa: [lin, omar]", "qa: [lin, omar, q0, q1, q2, q3, q4, q5, q6, q7, q8, q9]");
    let mut story = Story::bare(Options::default(), &manifest);
    story.hurry();
    story.report("build", "success");
    assert_eq!(story.run(&["release"]).code, Some(3));
    let good: Vec<u64> = (0..10).map(|n| say(&story, &format!("q{n}"), "/approve qa")).collect();
    let bad: Vec<u64> = (0..5).map(|n| say(&story, &format!("q{n}"), "/approve ops")).collect();
    let said = together(&story);
    assert!(said.iter().all(|said| said.code == Some(3)), "{said:#?}");
    let log = story.git("remote.git", &["log", "--format=%s", "refs/tminus/releases/v1.1.0"]);
    let mut approved: Vec<&str> = log.lines().filter(|line| line.contains(" approved ")).collect();
    approved.sort_unstable();
    let expected: Vec<String> = (0..10).map(|n| format!("q{n} approved stable as qa")).collect();
    assert_eq!(approved, expected);
    for id in good {
        assert_eq!(reactions(&story, id), [Reaction::Counted]);
    }
    for id in bad {
        assert_eq!(reactions(&story, id), [Reaction::Refused]);
    }
    assert_eq!(replies(&story).len(), 5);
}

#[test]
fn two_concurrent_runs_leave_only_one_open_issue() {
    let story = story();
    let said = together(&story);
    assert!(said.iter().all(|said| said.code == Some(3)), "{said:#?}");
    story.run(&["release"]);
    let open: Vec<u64> = issues(&story).iter().filter(|it| it.open).map(|it| it.number).collect();
    assert_eq!(open.len(), 1, "{said:#?}");
    let log = story.git("remote.git", &["log", "--format=%s", "refs/tminus/releases/v1.1.0"]);
    let tracked: Vec<&str> = log.lines().filter(|line| line.starts_with("tracked in")).collect();
    assert_eq!(tracked, [format!("tracked in issue {}", open[0])]);
}

#[test]
fn an_issue_that_cannot_be_written_does_not_change_the_verdict() {
    let mut options = Options::default();
    options.tokens.insert(TOKEN.into(), Scopes { write_issues: false, ..Scopes::ALL });
    let mut story = Story::bare(options, MANIFEST);
    story.hurry();
    story.report("build", "success");
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(3), "{}", said.whole());
    let line =
        "could not write the tracking issue: permission denied: the token lacks `issues: write`";
    assert!(said.stderr.contains(line), "{}", said.whole());
    assert_eq!(issues(&story).len(), 0);
}

#[test]
fn plan_opens_an_issue_on_request_and_an_approval_applies_to_the_shown_commit() {
    let story = story();
    let plan = ["plan", "--post", "issue"];
    let said = story.run(&plan);
    assert!(said.stderr.contains("opened the tracking issue"), "{}", said.whole());
    let digest = regex::Regex::new("plan: `[0-9a-f]+`").unwrap();
    saw!(story, "tracking-planned", digest.replace(&issue(&story).body, "plan: `[PLAN]`"));
    say(&story, "ada", "/object wait for the fix");
    story.run(&plan);
    assert_eq!(recorded(&story), ["ada objected: wait for the fix"]);
    let first = story.sha("work", "HEAD");
    story.push("fix: the fix");
    story.report("build", "success");
    story.run(&plan);
    let body = issue(&story).body;
    assert!(!body.contains(&format!("- commit: [`{}`]", &first.as_str()[..7])), "{body}");
    assert!(body.contains("ada objects: wait for the fix"), "{body}");
    let tracked = story.git("remote.git", &["log", "--format=%s", "refs/tminus/releases/v1.1.0"]);
    assert_eq!(tracked.matches("tracked in issue").count(), 2, "{tracked}");
}

#[test]
fn an_approval_of_a_plan_counts_if_exactly_this_plan_is_sealed_later() {
    let story = story();
    let plan = ["plan", "--post", "issue"];
    story.run(&plan);
    say_now(&story, "ada", "/approve");
    say_now(&story, "lin", "/approve qa\n/done guide");
    say_now(&story, "grace", "/accept upgrade");
    story.write("work/dist/widget.txt", "another file\n");
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(3), "the plan has other files: {}", said.whole());
    assert!(said.whole().contains("waiting for approval from the role `ops`"), "{}", said.whole());
    story.run(&["abort"]);

    let story = self::story();
    story.run(&plan);
    let body = issue(&story).body;
    assert!(body.contains("`, not started yet"), "{body}");
    say_now(&story, "ada", "/approve");
    say_now(&story, "lin", "/approve qa\n/done guide");
    say_now(&story, "grace", "/accept upgrade");
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

#[test]
fn the_plan_and_the_issue_show_the_train_and_when_tasks_are_due() {
    let train = "schedule:\n  timezone: Europe/Paris\n  trains:\n    - { name: yearly, dates: \
                 ['2099-01-06 10:00'], cut-off: 1d, stages: [stable] }\nstages:\n";
    let manifest = MANIFEST
        .replace("stages:\n", train)
        .replace("before: stable }", "before: stable, due: -2d }");
    let mut story = Story::bare(Options::default(), &manifest);
    story.hurry();
    story.report("build", "success");
    let said = story.run(&["plan", "--post", "issue"]);
    let leaves =
        "leaves Tue 6 Jan 2099 10:00 Europe/Paris, cut-off Mon 5 Jan 2099 10:00 Europe/Paris";
    let due = "Sun 4 Jan 2099 10:00 Europe/Paris";
    let lines = [
        format!("  train     yearly, {leaves}\n"),
        format!("  due       {due}: guide, Update the | guide of @everyone\n"),
    ];
    assert!(said.stdout.contains(&lines.concat()), "{}", said.whole());
    let body = issue(&story).body;
    assert!(body.contains(&format!("- train: `yearly`, {leaves}\n")), "{body}");
    assert!(body.contains(&format!("| `stable` | {due} | ⏳ open |")), "{body}");
    let said = story.run(&["plan", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(plan["dates"]["train"]["leaves"], "2099-01-06T09:00:00Z");
    assert_eq!(plan["dates"]["tasks"][0]["due"], "2099-01-04T09:00:00Z");
}

#[test]
fn the_issue_of_an_aborted_release_is_closed() {
    let story = waiting();
    let said = story.run(&["abort"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let closed = issue(&story);
    assert_eq!((closed.open, closed.closed), (false, Some(CloseReason::NotPlanned)));
}

#[test]
fn comments_written_by_tminus_contain_no_commands() {
    let story = waiting();
    say(&story, "lin", "/approve ops");
    story.run(&["release"]);
    let ours = [issue(&story).body, replies(&story).join("\n")];
    for text in ours {
        let commands = tminus::release::comment::commands(&text).unwrap();
        assert_eq!(commands, [], "{text}");
    }
}

/// Requests of a run, which ends with this code.
fn asked(story: &Story, code: i32) -> usize {
    let before = story.fake_github.requests().len();
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(code), "{}", said.whole());
    story.fake_github.requests().len() - before
}

#[test]
fn gates_about_people_cost_three_requests_and_one_per_new_comment() {
    let (_, stages) = MANIFEST.split_once("stages:").unwrap();
    let stages = stages.replace("approved, accepted, tasks-done", "checks-green");
    let plain = format!(
        "schema: 1\nname: widget\nbranches: [main]\nversion: {{ files: [Cargo.toml] }}\ngates:\n  \
         checks-green: {{ required: [build] }}\nstages:{stages}"
    );
    let mut other = Story::bare(Options::default(), &plain);
    other.hurry();
    other.report("build", "success");
    assert_eq!(other.run(&["release", "--through", "candidate"]).code, Some(0));
    let without = asked(&other, 0);

    let story = waiting();
    say(&story, "lin", "/approve qa\n/done guide");
    say(&story, "grace", "/accept upgrade");
    asked(&story, 3);
    say(&story, "ada", "/approve");
    let planned = story.run(&["plan", "--format", "json"]);
    let planned: serde_json::Value = serde_json::from_str(&planned.stdout).unwrap();
    let stated = planned["release_requests"].as_u64().unwrap();
    let with = asked(&story, 0);
    assert_eq!((with, with as u64), (without + 3 + 1, stated), "{without} without people");
}
