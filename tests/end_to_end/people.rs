//! People who say something about a release: by signed entries of its ledger, with real keys.

use crate::saw;
use crate::support::fake_github::{Options, Scopes, TOKEN};
use crate::support::story::{MANIFEST, Said, Story, regex_of};
use serde_json::{Value, json};
use std::process::Command;
use tminus::adapters::sim::{Pull, SimAccount, SimReview};
use tminus::base::finding::{Finding, Who};
use tminus::base::names::{Person, Sha};
use tminus::base::word::Tone;
use tminus::planner::blockers::order;

/// Keys are new in every run, and with them the commit that holds them.
macro_rules! heard {
    ($story:expr, $name:expr, $said:expr) => {{
        let mut settings = insta::Settings::clone_current();
        let head = $story.sha("work", "HEAD");
        settings.add_filter(&regex_of(head.short()), "[HEAD]");
        settings.add_filter(r"plan [0-9a-f]{6}", "plan [PLAN]");
        settings.add_filter(r"the entry [0-9a-f]{7}", "the entry [ENTRY]");
        settings.add_filter(r"SHA256:[A-Za-z0-9+/]{43}", "[KEY]");
        settings.add_filter(r"[\d,]+ API requests remain", "[N] API requests remain");
        settings.bind(|| saw!($story, $name, $said.whole()));
    }};
}

const ROLES: &str = "\
roles:
  qa: [lin, omar]
  ops: [ada]
tasks:
  - { id: guide, text: Update the guide, role: qa, before: stable }
gates:
  approved: { roles: [qa, ops], distinct: true, valid: 7d }
  accepted: { role: qa, scenarios: [install, { id: upgrade, text: Upgrade from 1.0.0 }] }
";

const ALONE: &str = "\
schema: 1
name: widget
forge: none
branches: [main]
version: { files: [Cargo.toml] }
stages:
  - name: stable
    steps: [{ tag: { sign: 'off' } }]
";

/// A project whose last stage waits for people, and whose people have keys. Without `ssh-keygen`,
/// nothing is tested.
fn project() -> Option<Story> {
    let manifest = MANIFEST.replace("gates:\n  checks-green:", &format!("{ROLES}  checks-green:"));
    let manifest = manifest.replace("gates: [checks-green]", "gates: [approved, accepted]");
    project_of(Options::default(), &manifest)
}

fn project_of(options: Options, manifest: &str) -> Option<Story> {
    let story = Story::bare(options, manifest);
    let mut signers = String::new();
    for person in ["ada", "lin", "omar", "mallory"] {
        let key = story.path(format!("{person}.key"));
        let arguments = ["-q", "-t", "ed25519", "-N", "", "-f"];
        let made = Command::new("ssh-keygen").args(arguments).arg(&key).status();
        if !made.is_ok_and(|made| made.success()) {
            eprintln!("NOT TESTED: ssh-keygen is not installed, so nobody can sign");
            return None;
        }
        let public = std::fs::read_to_string(story.path(format!("{person}.key.pub"))).unwrap();
        let key: Vec<&str> = public.split(' ').take(2).collect();
        if person != "mallory" {
            signers += &format!("{person} {}\n", key.join(" "));
        }
    }
    story.write("work/.tminus/allowed-signers", signers);
    story.push("chore: the keys of the people who release");
    story.report("build", "success");
    let git = story.path("work/.git/config").display().to_string();
    story.git("work", &["config", "-f", &git, "gpg.format", "ssh"]);
    Some(story)
}

/// Runs the binary with the key of a person.
fn run_as(story: &Story, person: &str, arguments: &[&str]) -> Said {
    let key = story.path(format!("{person}.key.pub")).display().to_string();
    story.git("work", &["config", "user.signingkey", &key]);
    story.run(arguments)
}

/// The same; it must be recorded.
fn say(story: &Story, person: &str, arguments: &[&str]) {
    let said = run_as(story, person, arguments);
    assert_eq!(said.code, Some(0), "{person}: {}", said.whole());
}

#[test]
fn a_release_waits_for_people_and_continues_after_their_approval() {
    let Some(story) = project() else { return };
    heard!(story, "people-plan", story.run(&["plan"]));
    heard!(story, "people-waits", story.run(&["release"]));
    heard!(story, "people-next", story.run(&["next"]));
    heard!(story, "people-approved", run_as(&story, "ada", &["approve"]));
    say(&story, "omar", &["done", "guide"]);
    say(&story, "lin", &["accept", "install"]);
    say(&story, "lin", &["reject", "upgrade", "--reason", "the settings are lost"]);
    heard!(story, "people-rejected", story.run(&["release"]));
    say(&story, "lin", &["accept", "upgrade"]);
    heard!(story, "people-next-later", story.run(&["next"]));
    say(&story, "lin", &["approve", "qa"]);
    heard!(story, "people-released", story.run(&["release"]));
    heard!(story, "people-finished", run_as(&story, "ada", &["approve"]));
    let left = story.left();
    let again = story.run(&["release"]);
    assert_eq!(again.code, Some(0), "{}", again.whole());
    assert_eq!(story.left(), left, "one more run changes nothing");
}

/// Writes the ledger of a finished release: it was shown to people at ten, and `ada` and `omar`
/// answered some hours later.
fn finished_before(story: &Story, tag: &str, hours: u8) {
    let commit = story.sha("work", "HEAD");
    let about = json!({ "version": &tag[1..], "commit": commit, "manifest": "0".repeat(64) });
    let said = |by: &str, says: Value| json!({ "said": { "by": by, "says": says, "about": about, "source": "signature" } });
    let shown = json!({ "tracked": { "issue": 1, "url": "https://example.org/1" } });
    let events = [
        (10, shown),
        (10 + hours, said("ada", json!({ "approve": { "stage": "stable" } }))),
        (10 + 2 * hours, said("omar", json!({ "done": { "task": "guide" } }))),
        (23, json!("finished")),
    ];
    let mut last: Option<String> = None;
    for (hour, event) in events {
        let at = format!("2026-01-01T{hour}:00:00Z");
        let by =
            json!({ "name": "ci", "machine": "m", "process": 1, "started": null, "run": null });
        let entry = json!({
            "format": 1, "at": at, "by": by, "fence": 1, "lease_until": at, "event": event,
        });
        story.write("entry.json", entry.to_string());
        let file = story.path("entry.json").display().to_string();
        let blob = story.git("remote.git", &["hash-object", "-w", &file]);
        story.write("tree", format!("100644 blob {blob}\tentry.json\n"));
        let mut make = story.command("git", "remote.git");
        make.args(["mktree"]).stdin(std::fs::File::open(story.path("tree")).unwrap());
        let tree = String::from_utf8(make.output().unwrap().stdout).unwrap().trim().to_owned();
        let parent = last.map_or_else(Vec::new, |last| vec!["-p".to_owned(), last]);
        let mut arguments = vec!["commit-tree", "-m", "entry", &tree];
        arguments.extend(parent.iter().map(String::as_str));
        last = Some(story.git("remote.git", &arguments));
    }
    let last = last.unwrap_or_default();
    story.git("remote.git", &["update-ref", &format!("refs/tminus/releases/{tag}"), &last]);
    story.git("remote.git", &["update-ref", &format!("refs/tags/{tag}"), commit.as_str()]);
}

#[test]
fn what_earlier_releases_took_is_an_estimate_from_three_on() {
    let Some(story) = project() else { return };
    finished_before(&story, "v0.7.0", 6);
    finished_before(&story, "v0.8.0", 1);
    story.run(&["release"]);
    assert!(!story.run(&["next"]).stdout.contains("usually"), "two say nothing");
    finished_before(&story, "v0.9.0", 4);
    heard!(story, "people-next-usually", story.run(&["next"]));
    heard!(story, "people-status-usually", story.run(&["status"]));
    let said = story.run(&["next", "--format", "json"]);
    let said: Value = serde_json::from_str(&said.stdout).unwrap();
    let tasks = said["blockers"].as_array().unwrap();
    let guide = tasks.iter().find(|it| it["gate"] == "tasks-done").unwrap();
    assert_eq!(guide["usually_seconds"], 8 * 3_600);
    assert_eq!(guide["usually_releases"], 3);
    assert_eq!(guide["since"], said["since"]);
}

#[test]
fn what_needs_a_commit_comes_first_then_what_is_due_first_and_last_what_takes_time() {
    let due = |hour: u8| Some(format!("2026-01-10T{hour:02}:00:00Z").parse().unwrap());
    let task = |name: &str| Finding::new(name).people(["ada".to_owned()]);
    let mut all = [
        (Tone::Wait, Finding::new("time").who(Who::Nobody)),
        (Tone::Wait, task("someday")),
        (Tone::Wait, task("later").due(due(12))),
        (Tone::Wait, task("soon").due(due(11))),
        (Tone::Doubtful, Finding::new("unknown")),
        (Tone::Bad, Finding::new("commit").who(Who::Author)),
    ];
    all.sort_by_key(|(tone, finding)| order(*tone, finding));
    let names = all.map(|(_, finding)| finding.message);
    assert_eq!(names, ["commit", "unknown", "soon", "later", "someday", "time"]);
}

#[test]
fn a_statement_counts_only_with_a_known_key_for_its_person_and_role() {
    let Some(story) = project() else { return };
    story.run(&["release"]);
    heard!(story, "people-unknown-key", run_as(&story, "mallory", &["approve"]));
    heard!(story, "people-not-in-the-role", run_as(&story, "ada", &["approve", "qa"]));
    heard!(story, "people-no-such-role", run_as(&story, "ada", &["approve", "opps"]));
    heard!(story, "people-no-such-task", run_as(&story, "lin", &["done", "giude"]));
    heard!(story, "people-no-such-scenario", run_as(&story, "lin", &["accept", "instal"]));
    story.git("work", &["config", "--unset", "user.signingkey"]);
    heard!(story, "people-no-key", story.run(&["approve"]));
    let log = story.git("remote.git", &["log", "--format=%s", "refs/tminus/releases/v1.1.0"]);
    assert!(!log.contains("approved"), "nothing of this was recorded: {log}");
}

#[test]
fn an_unsigned_or_foreign_signed_statement_does_not_count() {
    let Some(story) = project() else { return };
    story.run(&["release"]);
    say(&story, "ada", &["approve"]);
    let name = "refs/tminus/releases/v1.1.0";
    let written = story.git("remote.git", &["show", &format!("{name}:entry.json")]);
    // Mallory writes the same entry in the name of lin, with a key of her own and without any.
    let forged = written.replace("\"by\": \"ada\"", "\"by\": \"lin\"");
    assert_ne!(forged, written);
    story.git("work", &["fetch", "-q", "origin", &format!("+{name}:refs/forged")]);
    for key in [Some("mallory"), Some("ada"), None] {
        story.write("forged.json", &forged);
        let file = story.path("forged.json").display().to_string();
        let blob = story.git("work", &["hash-object", "-w", &file]);
        story.write("tree", format!("100644 blob {blob}\tentry.json\n"));
        let mut make = story.command("git", "work");
        make.args(["mktree"]).stdin(std::fs::File::open(story.path("tree")).unwrap());
        let made = make.output().unwrap();
        let tree = String::from_utf8(made.stdout).unwrap().trim().to_owned();
        let mut arguments = vec!["commit-tree".to_owned(), "-p".into(), "refs/forged".into()];
        if let Some(person) = key {
            let path = story.path(format!("{person}.key.pub")).display().to_string();
            story.git("work", &["config", "user.signingkey", &path]);
            arguments.push("-S".into());
        }
        arguments.extend(["-m".into(), "lin approved stable".into(), tree]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let commit = story.git("work", &arguments);
        story.git("work", &["update-ref", "refs/forged", &commit]);
    }
    story.git("work", &["push", "-q", "origin", &format!("refs/forged:{name}")]);
    let said = story.run(&["next"]);
    assert!(said.stdout.contains("waiting for approval from the role `qa`"), "{}", said.whole());
    assert_eq!(said.code, Some(3), "{}", said.whole());
}

#[test]
fn a_hold_or_an_objection_stops_the_release_until_withdrawn() {
    let Some(story) = project() else { return };
    let until = ["hold", "--reason", "a customer reports data loss"];
    heard!(story, "people-hold", run_as(&story, "omar", &until));
    heard!(story, "people-on-hold", story.run(&["release"]));
    heard!(story, "people-lift", run_as(&story, "ada", &["lift"]));
    heard!(story, "people-nothing-to-lift", run_as(&story, "ada", &["lift"]));
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(5), "it goes on to the stage of the people: {}", said.whole());
    for (person, arguments) in [
        ("ada", &["approve"][..]),
        ("lin", &["approve"]),
        ("lin", &["accept", "install"]),
        ("lin", &["accept", "upgrade"]),
        ("lin", &["done", "guide"]),
        ("omar", &["object", "--reason", "the migration is not tested"]),
    ] {
        say(&story, person, arguments);
    }
    heard!(story, "people-objection", story.run(&["release"]));
    say(&story, "omar", &["object", "--withdraw"]);
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

#[test]
fn a_hold_of_the_repository_stops_every_release_until_it_is_lifted() {
    let Some(story) = project() else { return };
    let hold = ["hold", "--repository", "--reason", "the signing key leaked"];
    heard!(story, "people-repository-hold", run_as(&story, "lin", &hold));
    heard!(story, "people-repository-on-hold", story.run(&["release"]));
    heard!(story, "people-repository-next", story.run(&["next"]));
    heard!(story, "people-repository-status", story.run(&["status"]));
    let lift = ["lift", "--repository"];
    heard!(story, "people-repository-unknown-key", run_as(&story, "mallory", &lift));
    heard!(story, "people-repository-lift", run_as(&story, "ada", &lift));
    heard!(story, "people-repository-nothing-to-lift", run_as(&story, "ada", &lift));
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(5), "it goes on to the stage of the people: {}", said.whole());
    say(&story, "lin", &hold);
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(5), "a release that is under way stops too: {}", said.whole());
    assert!(said.whole().contains("lin put every release in the repository on hold"));
    let log = story.git("remote.git", &["log", "--format=%s", "refs/tminus/holds"]);
    assert_eq!(log.lines().count(), 3, "{log}");
}

#[test]
fn a_hold_of_the_repository_that_nobody_signed_stops_nothing_and_a_damaged_ref_is_unknown() {
    let Some(story) = project() else { return };
    say(
        &story,
        "ada",
        &["hold", "--repository", "--reason", "wait", "--until", "2999-01-01T00:00:00Z"],
    );
    let entry = story.git("remote.git", &["rev-parse", "refs/tminus/holds^{tree}"]);
    story.git("work", &["fetch", "-q", "origin", "refs/tminus/holds"]);
    let unsigned =
        story.git("work", &["commit-tree", "-m", "ada put every release on hold", &entry]);
    let push = |commit: &str| {
        story.git("work", &["push", "-q", "-f", "origin", &format!("{commit}:refs/tminus/holds")]);
        story.git("work", &["update-ref", "-d", "refs/tminus/remote-holds"]);
    };
    push(&unsigned);
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(5), "nobody signed it: {}", said.whole());
    push("HEAD");
    let said = story.run(&["next"]);
    assert_eq!(said.code, Some(4), "{}", said.whole());
    assert!(said.stdout.contains("unknown[not-on-hold]"), "{}", said.whole());
}

#[test]
fn deleting_the_ref_of_the_holds_lifts_no_hold_that_this_clone_has_read() {
    let Some(story) = project() else { return };
    story.write("work/tminus.yaml", ALONE);
    story.push("chore: without a forge");
    say(&story, "omar", &["hold", "--repository", "--reason", "wait"]);
    story.git("remote.git", &["update-ref", "-d", "refs/tminus/holds"]);
    heard!(story, "people-repository-deleted", story.run(&["release"]));
    heard!(
        story,
        "people-repository-deleted-lift",
        run_as(&story, "omar", &["lift", "--repository"])
    );
    let restore = "refs/tminus/remote-holds:refs/tminus/holds";
    story.git("work", &["push", "-q", "--force", "origin", restore]);
    assert_eq!(story.run(&["release"]).code, Some(3), "the entries were restored");
    story.git("remote.git", &["update-ref", "-d", "refs/tminus/holds"]);
    story.git("work", &["update-ref", "-d", "refs/tminus/remote-holds"]);
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "the deletion was accepted: {}", said.whole());
}

#[test]
fn a_hold_of_the_repository_needs_no_roles_and_no_forge() {
    let Some(story) = project() else { return };
    story.write("work/tminus.yaml", ALONE);
    story.push("chore: without a forge");
    say(&story, "omar", &["hold", "--repository", "--reason", "wait"]);
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(3), "{}", said.whole());
    assert!(said.whole().contains("omar put every release in the repository on hold: wait"));
    let refused = run_as(&story, "ada", &["lift", "--repository"]);
    assert_eq!(refused.code, Some(1), "ada has no role: {}", refused.whole());
    say(&story, "omar", &["lift", "--repository"]);
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
}

/// The whole release waits for a member of `ops`.
const BEFORE: &str = "\
schema: 1
name: widget
branches: [main]
version: { files: [Cargo.toml] }
roles:
  ops: [ada]
gates:
  approved: { roles: [ops] }
  checks-green: { required: [build] }
stages:
  - name: stable
    steps: [draft-release, { tag: { sign: 'off' } }, publish-release]
";

/// A project whose token is that of ada.
fn of_ada(manifest: &str) -> Option<Story> {
    let mut options = Options::default();
    options.tokens.insert(TOKEN.into(), Scopes::OWNER);
    project_of(options, manifest)
}

#[test]
fn a_key_that_no_allowed_signer_has_counts_if_github_verifies_the_entry() {
    let Some(story) = of_ada(BEFORE) else { return };
    let refused = run_as(&story, "mallory", &["approve"]);
    heard!(story, "people-not-verified", refused);
    let waits = story.run(&["next"]);
    assert_eq!(waits.code, Some(3), "{}", waits.whole());
    story.fake_github.with(|state| {
        let ada = Person::new("ada").unwrap();
        state.society.emails.insert("ada@example.com".into(), ada);
    });
    heard!(story, "people-verified", run_as(&story, "mallory", &["approve"]));
    let check = story.run(&["check", "--gate", "approved"]);
    assert!(check.whole().contains("ops: ada (signed)"), "{}", check.whole());
    let plan: serde_json::Value =
        serde_json::from_str(&story.run(&["plan", "--format", "json"]).stdout).unwrap();
    let before = story.fake_github.requests().len();
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let asked = story.fake_github.requests().len() - before;
    assert_eq!(plan["release_requests"].as_u64(), Some(asked as u64));
}

/// Signs with anything, as gpg would.
const GPG: &str = "#!/bin/sh\ncat >/dev/null\nprintf '%s\\n' '-----BEGIN PGP SIGNATURE-----' '' 'iQ==' \
                   '-----END PGP SIGNATURE-----'\n";

#[test]
fn a_statement_is_signed_with_openpgp_only_where_github_can_verify_it() {
    let Some(story) = project_of(Options::default(), ALONE) else { return };
    let openpgp = |story: &Story| {
        story.script("bin/gpg", GPG);
        story.git("work", &["config", "gpg.format", "openpgp"]);
        story.git("work", &["config", "user.signingkey", "ada@example.com"]);
    };
    openpgp(&story);
    let hold = ["hold", "--repository", "--reason", "wait"];
    heard!(story, "people-openpgp-refused", story.run(&hold));
    let refs = story.git("remote.git", &["for-each-ref", "refs/tminus/"]);
    assert!(!refs.contains("refs/tminus/holds"), "{refs}");
    let Some(story) = of_ada(BEFORE) else { return };
    openpgp(&story);
    story.fake_github.with(|state| {
        let ada = Person::new("ada").unwrap();
        state.society.emails.insert("ada@example.com".into(), ada);
    });
    let said = story.run(&hold);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let said = story.run(&["release"]);
    assert!(said.whole().contains("ada put every release in the repository on hold: wait"));
    assert_eq!(said.code, Some(3), "{}", said.whole());
}

#[test]
fn a_review_of_the_released_commit_counts_where_the_manifest_says_so() {
    let manifest = BEFORE.replace("roles: [ops] }", "roles: [ops], from: [reviews] }");
    let story = Story::bare(Options::default(), &manifest);
    story.report("build", "success");
    let waits = story.run(&["release"]);
    assert_eq!(waits.code, Some(3), "{}", waits.whole());
    let head = Sha::new(story.sha("work", "HEAD").as_str()).unwrap();
    let review = |state: &'static str| {
        let (author, commit) = (SimAccount::User("ada".into()), head.clone());
        story.fake_github.with(|world| {
            world.advance(jiff::SignedDuration::from_mins(1));
            let at = world.now;
            world.pulls =
                vec![Pull { head: head.clone(), merge: None, merged_at: None, fork: false }];
            world.society.reviews.push(SimReview { pull: 1, author, at, state, commit });
        });
    };
    review("CHANGES_REQUESTED");
    let against = story.run(&["release"]);
    assert_eq!(against.code, Some(1), "{}", against.whole());
    assert!(against.whole().contains("ada requested changes on #1"));
    review("APPROVED");
    let check = story.run(&["check", "--gate", "approved"]);
    assert!(check.whole().contains("ops: ada (review of #1)"), "{}", check.whole());
    let plan: serde_json::Value =
        serde_json::from_str(&story.run(&["plan", "--format", "json"]).stdout).unwrap();
    let before = story.fake_github.requests().len();
    let said = story.run(&["release"]);
    assert_eq!(said.code, Some(0), "{}", said.whole());
    let asked = story.fake_github.requests().len() - before;
    assert_eq!(plan["release_requests"].as_u64(), Some(asked as u64));
}

#[test]
fn concurrent_approvals_are_all_recorded() {
    let Some(story) = project() else { return };
    story.run(&["release"]);
    let clones = ["ada", "lin", "omar"];
    for person in clones {
        let (from, to) = (story.path("work"), story.path(person));
        let copied = Command::new("cp").arg("-r").arg(from).arg(to).status().unwrap();
        assert!(copied.success());
        let key = story.path(format!("{person}.key.pub")).display().to_string();
        story.git(person, &["config", "user.signingkey", &key]);
    }
    let children: Vec<_> = (0..3)
        .flat_map(|_| clones)
        .map(|person| story.tminus(person, &["approve"]).spawn().unwrap())
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let log = story.git("remote.git", &["log", "--format=%s", "refs/tminus/releases/v1.1.0"]);
    for person in clones {
        let of = format!("{person} approved stable");
        assert_eq!(log.lines().filter(|line| **line == of).count(), 3, "{log}");
    }
}
