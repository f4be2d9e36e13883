//! Where a moving tag stands, and what a plan says of it.

use super::fixture::*;
use crate::adapters::sim::{Author, SimRepository, World};
use crate::base::names::{BranchName, Sha, TagName};
use crate::drive::observe::{ObserveRequest, Observed, Scope, observe};
use crate::facts::Request;
use crate::facts::tag_rules::{TagRule, TagRuleset};
use crate::judge::gates::{self, GateSelection};
use crate::judge::moving::Moving;
use crate::planner::{StepState, progress, steps};
use crate::ports::*;
use crate::release::ledger::Event;
use crate::release::plan::Plan;
use crate::release::step::{Planned, Reach, Step};

const MANIFEST: &str = "\
schema: 1
version: { files: [Cargo.toml] }
changelog: { style: none }
stages:
  - name: stable
    steps:
      - move-tag: [\"v{major}\", \"v{major}.{minor}\", latest]
      - draft-release
      - tag
      - publish-release
";

fn name(tag: &str) -> TagName {
    TagName::new(tag).unwrap()
}

/// A repository with two commits, whose head has a version; and a remote with some tags: at the
/// first commit (`1`), at the head (`2`), or at a commit that the clone does not have (`x`).
struct Project {
    world: World,
    repository: SimRepository,
    commits: [Sha; 2],
}

impl Project {
    fn new(version: &str, tags: &[(&str, char)]) -> Self {
        let world = World::new(jiff::Timestamp::UNIX_EPOCH);
        let mut repository = SimRepository::default();
        let one = repository.add_commit("feat: one").unwrap();
        let two = repository.add_commit("feat: two").unwrap();
        repository.branch = Some(BranchName::new("main").unwrap());
        let cargo = format!("[package]\nname = \"widget\"\nversion = \"{version}\"\n");
        repository.files.insert("Cargo.toml".into(), cargo);
        repository.files.insert("tminus.yaml".into(), MANIFEST.into());
        for (tag, at) in tags {
            let commit = match at {
                '1' => one.clone(),
                '2' => two.clone(),
                other => sha(other.to_ascii_lowercase()),
            };
            world.with(|state| state.put_light_tag(&name(tag), &commit, Author::Foreign));
        }
        Self { world, repository, commits: [one, two] }
    }

    async fn seen(&self) -> Observed {
        let (remote, forge) = (Some(&self.world as &dyn Remote), Ok(&self.world as &dyn ForgeRead));
        let (prober, clock) = (&self.world, &self.world);
        let ports = ReadPorts { repository: &self.repository, remote, forge, prober, clock };
        let order = ObserveRequest {
            merging: None,
            promotion: None,
            commit: None,
            branch: None,
            event_branch: None,
            event_tag: None,
            manifest: None,
            name: "widget".into(),
            request: Request::default(),
            own_run: None,
            fetch: true,
            depth: Scope::Plan,
            kinds: crate::adapters::kinds(),
            forge: "github",
        };
        observe(&ports, &order).await.unwrap()
    }

    /// The moving tags as a plan shows them: the state of each step, and what it says.
    async fn says(&self) -> Vec<String> {
        let seen = self.seen().await;
        let plan = crate::planner::plan(&seen.case()).unwrap();
        let progress = progress(&plan, &seen.facts).unwrap();
        let step = |planned: &Planned| {
            let state = progress.of(&planned.key);
            let said = state.said().map(str::to_owned);
            let said = said.unwrap_or_else(|| steps::detail(&plan, planned, &seen.facts));
            let moving = steps::moved(&planned.step)?;
            Some(format!("{} {}: {said}", state.word().text, moving.tag))
        };
        let said: Vec<String> = plan.steps().filter_map(|(_, planned)| step(planned)).collect();
        let idle = said.iter().filter(|said| said.starts_with("done")).count();
        assert_eq!(progress.idle.len(), idle, "nothing of it was done by this release");
        assert_eq!(progress.reached(&plan), None, "so nothing is public");
        let [one, two] = &self.commits;
        let known = |text: String| text.replace(one.short(), "one").replace(two.short(), "two");
        said.into_iter().map(known).collect()
    }
}

#[tokio::test]
async fn missing_moving_tags_are_new() {
    let said = Project::new("1.1.0", &[("v1.0.0", '1')]).says().await;
    assert_eq!(said, ["missing v1: new", "missing v1.1: new", "missing latest: new"]);
}

#[tokio::test]
async fn moving_tags_of_an_older_version_are_moved_from_it() {
    let tags = [("v1.0.0", '1'), ("v1", '1'), ("v1.1", 'a'), ("latest", '1')];
    let said = Project::new("1.1.0", &tags).says().await;
    let expected = [
        "missing v1: from one (v1.0.0)",
        "missing v1.1: from aaaaaaa",
        "missing latest: from one (v1.0.0)",
    ];
    assert_eq!(said, expected);
}

#[tokio::test]
async fn a_moving_tag_already_at_the_commit_is_done() {
    let tags = [("v1.0.0", '1'), ("v1", '2'), ("v1.1", '2'), ("latest", '2')];
    let said = Project::new("1.1.0", &tags).says().await;
    assert_eq!(said, ["done v1: at two", "done v1.1: at two", "done latest: at two"]);
}

#[tokio::test]
async fn a_moving_tag_stays_on_a_higher_version_of_its_range() {
    // `v1` is behind: the release of 1.2.0 is not finished, or its tag was moved by hand.
    let tags = [("v1.0.0", '1'), ("v1.2.0", 'a'), ("v1", '1'), ("v1.2", 'a'), ("latest", 'a')];
    let said = Project::new("1.0.1", &tags).says().await;
    let expected = [
        "done v1: stays at one, v1.2.0 is higher",
        "missing v1.0: new",
        "done latest: stays at aaaaaaa, v1.2.0 is higher",
    ];
    assert_eq!(said, expected);
    let said = Project::new("1.0.1", &[("v1.0.0", '1'), ("v2.0.0", 'a')]).says().await;
    let expected =
        ["missing v1: new", "missing v1.0: new", "done latest: not created, v2.0.0 is higher"];
    assert_eq!(said, expected);
}

#[tokio::test]
async fn a_pre_release_neither_moves_nor_blocks_moving_tags() {
    let tags = [("v1.0.0", '1'), ("v1", '1'), ("v1.2.0-rc.1", 'a')];
    let said = Project::new("1.1.0-rc.1", &tags).says().await;
    assert!(said.iter().all(|said| said.ends_with(": not moved for a pre-release")), "{said:?}");
    let said = Project::new("1.1.0", &tags).says().await;
    assert_eq!(said[0], "missing v1: from one (v1.0.0)");
}

#[tokio::test]
async fn a_moving_tag_is_not_read_as_a_version() {
    // Read as versions, `v1.9` and `v2.0` would be above the release.
    let project = Project::new("1.1.0", &[("v1.0.0", '1'), ("v1.9", 'a'), ("v2.0", 'a')]);
    let seen = project.seen().await;
    let tags = &seen.facts.history.known().unwrap().tags;
    let tags: Vec<&str> = tags.iter().map(|tag| tag.tag.as_str()).collect();
    assert_eq!(tags, ["v1.0.0"]);
}

#[tokio::test]
async fn moving_tags_are_always_the_last_steps() {
    let seen = Project::new("1.1.0", &[]).seen().await;
    let plan = crate::planner::plan(&seen.case()).unwrap();
    let keys: Vec<&str> = plan.steps().map(|(_, planned)| planned.key.as_str()).collect();
    let moves = ["move-tag:v1", "move-tag:v1.1", "move-tag:latest"];
    assert_eq!(keys, [&["draft-release", "tag", "publish-release"][..], &moves].concat());
    assert!(plan.steps().skip(3).all(|(_, planned)| planned.reach == Reach::Irreversible));
}

#[tokio::test]
async fn a_tag_of_an_immutable_release_is_a_conflict_before_anything_is_public() {
    let project = Project::new("1.1.0", &[("v1.0.0", '1'), ("v1", '1')]);
    let draft = NewDraft { tag: name("v1"), commit: project.commits[0].clone(), ..new_draft() };
    project.world.with(|state| {
        let id = state.create_draft(&draft).unwrap().id;
        let publication = Publication { release: id, tag: draft.tag, ..publication(id) };
        state.publish(&publication, Author::Foreign).unwrap();
    });
    let seen = project.seen().await;
    let plan = crate::planner::plan(&seen.case()).unwrap();
    let conflicts = progress(&plan, &seen.facts).unwrap_err();
    let said: Vec<String> = conflicts.iter().map(|one| one.finding().message).collect();
    assert_eq!(said, ["tag `v1` belongs to an immutable release, so it cannot be moved"]);
    let poll = gates::poll(&seen.case(), &GateSelection::release());
    assert!(poll.deciding().contains(&"rights-suffice"), "{:?}", poll.deciding());
}

#[tokio::test]
async fn a_moving_tag_that_already_has_a_ledger_is_a_conflict() {
    let project = Project::new("1.1.0", &[("v1.0.0", '1'), ("v1.1", '1')]);
    let leased = entry(&project.world, 1, Event::Leased { took_over: None });
    project.world.append(&name("v1.1"), None, &[leased]).await.unwrap();
    let seen = project.seen().await;
    let plan = crate::planner::plan(&seen.case()).unwrap();
    let conflicts = progress(&plan, &seen.facts).unwrap_err();
    let said: Vec<String> = conflicts.iter().map(|one| one.finding().message).collect();
    assert_eq!(said, ["tag `v1.1` is the tag of a release, so it cannot be moved"]);
}

#[tokio::test]
async fn unreadable_moving_tags_are_unseen_and_not_moved() {
    let mut seen = Project::new("1.1.0", &[("v1", '1')]).seen().await;
    let plan = crate::planner::plan(&seen.case()).unwrap();
    seen.facts.moving = crate::facts::Seen::unseen("the remote does not answer");
    let progress = progress(&plan, &seen.facts).unwrap();
    let moves = plan.steps().filter(|(_, planned)| steps::moved(&planned.step).is_some());
    for (_, planned) in moves {
        assert!(matches!(progress.of(&planned.key), StepState::Unseen(_)), "{}", planned.key);
    }
}

#[tokio::test]
async fn a_ruleset_that_forbids_moving_tags_is_reported_before_the_release() {
    for (rule, tags, refused) in [
        ("update", &[("v1.0.0", '1'), ("v1", '1')][..], true),
        ("update", &[("v1.0.0", '1')], false),
        ("creation", &[("v1.0.0", '1'), ("v1", '1')], false),
        ("creation", &[("v1.0.0", '1')], true),
        ("deletion", &[("v1.0.0", '1'), ("v1", '1')], false),
        ("non_fast_forward", &[("v1.0.0", '1'), ("v1", '1')], false),
        ("non_fast_forward", &[("v1.0.0", '1'), ("v1", 'a')], true),
    ] {
        let project = Project::new("1.1.0", tags);
        project.world.with(|state| {
            state.tag_rules.push(TagRuleset {
                id: None,
                name: "moving".into(),
                include: vec!["refs/tags/v1".into()],
                exclude: Vec::new(),
                rules: vec![TagRule { kind: rule.into(), pattern: None }],
                bypass: crate::facts::Seen::Known(false),
            });
        });
        let seen = project.seen().await;
        let poll = gates::poll(&seen.case(), &GateSelection::release());
        let says = poll.deciding().contains(&"rights-suffice");
        assert_eq!(says, refused, "{rule} {tags:?}");
    }
}

/// The plan of the fixture, with a moving tag.
fn moving_plan() -> Plan {
    let mut plan = plan();
    let moving = Moving { tag: name("v1"), range: vec![1] };
    let step =
        Planned { key: key("move-tag:v1"), reach: Reach::Irreversible, step: Step::from(moving) };
    plan.stages[0].steps.push(step);
    plan
}

/// The violations of a process that moves `v1` to the release, after it saw `tags`.
async fn violations(of: Plan, seen: &[&str], released: bool) -> Vec<String> {
    let world = ready();
    let sealed = Event::Sealed { digest: of.digest(), plan: Box::new(of.clone()) };
    write(&world, 1, Event::Leased { took_over: None }).await.unwrap();
    write(&world, 1, sealed).await.unwrap();
    if released {
        look(&world).await.unwrap();
        world.create_tag(&new_tag()).await.unwrap();
    }
    for tag in seen {
        world.with(|state| state.put_light_tag(&name(tag), &sha('b'), Author::Foreign));
    }
    let from = world.refs().await.unwrap();
    let from = from.into_iter().find(|at| at.name == "refs/tags/v1").map(|at| at.object);
    look(&world).await.unwrap();
    let order = TagMove { tag: name("v1"), from, to: sha('a') };
    world.move_tag(&order).await.unwrap();
    world.violations()
}

#[tokio::test]
async fn the_simulator_detects_a_tag_move_below_a_known_higher_version() {
    assert_eq!(violations(moving_plan(), &["v1.0.0", "v1", "v2.0.0"], true).await, [""; 0]);
    let found = violations(moving_plan(), &["v1.2.0", "v1"], true).await;
    assert_eq!(found, ["move tag v1: moved to v1.1.0, although v1.2.0 is there"]);
    let found = violations(moving_plan(), &[], false).await;
    assert_eq!(found, ["move tag v1: moved before v1.1.0 is there"]);
    let found = violations(plan(), &[], true).await;
    assert!(found.contains(&"move tag v1: no sealed plan contains it".into()), "{found:?}");
}
