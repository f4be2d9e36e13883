//! Releases that wait for people, who approve, object, change their mind and leave meanwhile.
//!
//! *Safety*: no stage is entered without the yes of enough members to the plan that is performed, as
//! `consent` judges from what they did. *Liveness*: once enough of them say yes and nobody says no,
//! the release comes out whole.

#![expect(clippy::wildcard_enum_match_arm, reason = "a story has many events; few matter here")]

use super::consent::{AUTHOR, CAST, Deed, GATED, Line, Place, Record, STRANGERS, Word};
use super::harness::{Failing, Project, Story, all, block_on, pause, repository, shrink, world};
use jiff::SignedDuration;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tminus::adapters::sim::{FaultKind, Faults, Outcome, SimAccount, World};
use tminus::base::names::{BranchName, ItemId, Person, RoleName, Sha, StageName, TagName};
use tminus::drive::execute::{
    End, IssueEnd, ReleaseOptions, ReleaseRun, Tracker, abandon, plan_of, release, say,
};
use tminus::drive::observe::{Observed, observe};
use tminus::facts::Facts;
use tminus::judge::case::Case;
use tminus::judge::gates::stage_to_approve;
use tminus::planner::progress;
use tminus::ports::{ForgeWrite, IssueText, WritePorts};
use tminus::project::manifest::{Manifest, Permission};
use tminus::release::ledger::{Event, Ledger};
use tminus::release::statement::{Candidate, Page, Says, Shown, Statement, StatementSource};

const MANIFEST: &str = r#"
schema: 1
version:
  files: [Cargo.toml]
roles:
  qa: { permission: write }
  ops: { users: [grace], permission: maintain }
  testers: { team: acme/pilot }
tasks:
  - { id: guide, role: qa, text: Update the guide, before: stable }
gates:
  checks-green:
    required: [build, test]
  approved: { roles: { qa: 2, ops: 1 }, distinct: true, not-own: true, valid: 12h }
  accepted: { role: testers, scenarios: [upgrade], count: 2 }
stages:
  - name: candidate
    steps:
      - draft-release: { assets: ["dist/*"] }
  - name: staging
    gates: [checks-green, approved]
    steps:
      - run: { name: deploy, command: [./deploy], probe: [./deployed], reach: public }
  - name: stable
    gates: [checks-green, approved, accepted, tasks-done]
    steps:
      - tag
      - publish-release
      - run: { name: announce, command: [./announce], probe: [./announced] }
"#;

/// Rounds in which anything happens, with a pause after each.
const ROUNDS: usize = 10;
/// Runs that a calm world is given to finish.
const CALM_RUNS: usize = 14;
/// About as many effects as the rounds have.
const EFFECTS: usize = 700;

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Happening {
    /// A fault strikes an effect.
    Strike(usize, FaultKind),
    /// After so many effects somebody does something.
    Act(usize, Act),
    /// So many hours pass after a round.
    Wait(usize, i64),
    /// The release is given up after a round and starts again from another commit.
    Recut(usize),
}

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Comments(&'static str, Word),
    /// Says it where it does not count: an app of that name, a deleted account, a quotation, code.
    Pretends(&'static str, Word, usize),
    Signs(&'static str, Word, &'static str),
    /// A stranger writes an entry in the name of a member, about a comment or with their own key.
    Forges(&'static str, Word),
    /// The author of a comment edits it to a yes.
    Edits(usize),
    Deletes(usize),
    Leaves(&'static str),
    Joins(&'static str),
}

/// Splitmix64, as the simulator's.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn anybody(&mut self) -> &'static str {
        match self.below(8) {
            0 => self.one_of(STRANGERS),
            _ => self.one_of(CAST).0,
        }
    }

    fn word(&mut self) -> Word {
        let stage = [None, Some("staging"), Some("stable")];
        match self.below(40) {
            0..16 => Word::Approve(None),
            16..19 => Word::Approve(Some("qa")),
            19..22 => Word::Approve(Some("ops")),
            22..24 => Word::ApproveOther(self.one_of(&["qa", "ops"])),
            24..27 => Word::Done,
            27..33 => Word::Accept,
            33 => Word::Reject,
            34..36 => Word::Object,
            36 | 37 => Word::Withdraw,
            38 => Word::Hold(self.one_of(&stage)),
            _ => Word::Lift(self.one_of(&stage)),
        }
    }

    fn act(&mut self) -> Act {
        let who = self.anybody();
        match self.below(20) {
            0..9 => Act::Comments(who, self.word()),
            9 => Act::Pretends(who, self.word(), self.below(4)),
            10..15 => Act::Signs(who, self.word(), self.one_of(&GATED)),
            15 => Act::Forges(who, self.word()),
            16 => Act::Edits(self.below(30)),
            17 => Act::Deletes(self.below(30)),
            18 => Act::Leaves(who),
            _ => Act::Joins(who),
        }
    }
}

const KINDS: &[FaultKind] = &[
    FaultKind::CrashBefore,
    FaultKind::CrashAfter,
    FaultKind::Lost,
    FaultKind::AnswerLost,
    FaultKind::Refused,
    FaultKind::Limited,
    FaultKind::StaleReads,
    FaultKind::BrokenUpload,
    FaultKind::RunFailsBefore,
    FaultKind::RunFailsAfter,
    FaultKind::ClockForward,
    FaultKind::ClockBack,
];

/// What a seed brings.
fn script(seed: u64) -> Vec<Happening> {
    let mut dice = Dice(seed);
    let mut all = Vec::new();
    for _ in 0..dice.below(90) {
        all.push(Happening::Act(dice.below(EFFECTS), dice.act()));
    }
    for _ in 0..dice.below(16) {
        all.push(Happening::Strike(1 + dice.below(EFFECTS), dice.one_of(KINDS)));
    }
    for round in 0..ROUNDS {
        match dice.below(12) {
            0 => all.push(Happening::Wait(round, 11)),
            1 => all.push(Happening::Recut(round)),
            _ => {}
        }
    }
    all
}

/// People and what they did so far.
struct Crowd {
    world: World,
    log: RefCell<Vec<Line>>,
    /// What they still do, the next one last.
    acts: RefCell<Vec<(usize, Act)>>,
    /// Comments with their issue and author, to be edited or deleted.
    comments: RefCell<Vec<(u64, &'static str)>>,
}

impl Crowd {
    fn note(&self, deed: Deed) {
        let (after, at) = (self.world.effect_count(), self.world.with(|state| state.now));
        self.log.borrow_mut().push(Line { after, at, deed });
    }

    fn ledger(&self) -> Ledger {
        self.world.with(|state| state.ledger(&tag()))
    }

    /// Acts while some processes run, until all of them have ended.
    async fn beside(&self, runners: &[World], project: &Project) {
        let running = Cell::new(runners.len());
        let runs = runners.iter().map(|world| {
            let running = &running;
            async move {
                drop(world.run(once(world, project)).await);
                running.set(running.get() - 1);
            }
        });
        tokio::join!(all(runs.collect()), self.acts(project, &running));
    }

    /// Does what is due, until nobody runs.
    async fn acts(&self, project: &Project, running: &Cell<usize>) {
        while running.get() > 0 {
            let now = self.world.effect_count();
            let due = self.acts.borrow_mut().pop_if(|(after, _)| *after <= now);
            match due {
                Some((_, act)) => self.act(project, act).await,
                None => breathe().await,
            }
        }
    }

    async fn act(&self, project: &Project, act: Act) {
        self.world.with(|state| state.advance(SignedDuration::from_secs(1)));
        match act {
            Act::Comments(by, word) => self.comment(by, &[word]),
            Act::Pretends(by, word, how) => self.pretend(by, word, how),
            Act::Signs(by, word, stage) => self.sign(project, by, word, stage).await,
            Act::Forges(as_who, word) => self.forge(project, as_who, word).await,
            Act::Edits(which) => self.change(which, true),
            Act::Deletes(which) => self.change(which, false),
            Act::Leaves(who) if CAST.iter().any(|(name, _)| *name == who) => self.leave(who),
            Act::Joins(who) => self.join(who),
            Act::Leaves(_) => {}
        }
    }

    /// What a comment says, about the plan as it is now.
    fn text(&self, word: Word) -> String {
        match word {
            Word::Approve(None) => "/approve".into(),
            Word::Approve(Some(role)) => format!("/approve {role}"),
            Word::ApproveOther(role) => format!("/approve {role} {}", self.other().1),
            Word::Object => "/object it is slow".into(),
            Word::Withdraw => "/withdraw-objection".into(),
            Word::Done => "/done guide".into(),
            Word::Accept => "/accept upgrade".into(),
            Word::Reject => "/reject upgrade it loses data".into(),
            Word::Hold(stage) => format!("/hold {} wait", stage.unwrap_or("please")),
            Word::Lift(None) => "/lift".into(),
            Word::Lift(Some(stage)) => format!("/lift {stage}"),
        }
    }

    /// Another plan than the sealed one: that of an earlier attempt, if there was one.
    fn other(&self) -> (Option<Candidate>, String) {
        let ledger = self.ledger();
        let now = ledger.plan().map(|plan| plan.digest());
        let earlier = ledger.entries.iter().find_map(|entry| match &entry.event {
            Event::Sealed { plan, digest } if Some(digest) != now.as_ref() => Some(plan.clone()),
            _ => None,
        });
        let text = earlier.as_ref().map_or("0123456789ab".into(), |plan| plan.digest().to_string());
        (earlier.map(|plan| Candidate::of(&plan)), text)
    }

    fn comment(&self, by: &'static str, words: &[Word]) {
        let Some((issue, _)) = self.ledger().issue().map(|(at, url)| (at, url.to_owned())) else {
            return;
        };
        let text: Vec<String> = words.iter().map(|word| self.text(*word)).collect();
        let account = SimAccount::User(by.into());
        let id = self.world.with(|state| state.comment_on(issue, account, &text.join("\n")));
        let id = id.unwrap();
        self.comments.borrow_mut().push((id, by));
        for word in words {
            self.note(Deed::Said(by, *word, Place::Comment { issue, id }));
        }
    }

    fn pretend(&self, by: &'static str, word: Word, how: usize) {
        let Some(issue) = self.ledger().issue().map(|(at, _)| at) else { return };
        let (account, text) = (SimAccount::User(by.into()), self.text(word));
        let (account, text) = match how {
            0 => (SimAccount::Bot(format!("{by}[bot]")), text),
            1 => (SimAccount::Deleted, text),
            2 => (account, format!("> {text}")),
            _ => (account, format!("```\n{text}\n```")),
        };
        self.world.with(|state| state.comment_on(issue, account, &text)).unwrap();
    }

    fn change(&self, which: usize, edits: bool) {
        let mut comments = self.comments.borrow_mut();
        if comments.is_empty() {
            return;
        }
        let at = which % comments.len();
        let (id, _) = comments.remove(at);
        self.world.with(|state| {
            let now = state.now;
            if let Some(comment) = state.issue_comment_mut(id).filter(|_| edits) {
                (comment.edited, comment.body) = (Some(now), "/approve".into());
            }
            for issue in &mut state.society.issues {
                issue.comments.retain(|comment| edits || comment.id != id);
            }
        });
        drop(comments);
        self.note(Deed::Gone(id));
    }

    fn leave(&self, who: &'static str) {
        self.world.with(|state| {
            state.society.permissions.remove(&person(who));
            state.society.teams.get_mut("acme/pilot").unwrap().remove(&person(who));
        });
        self.note(Deed::Left(who));
    }

    fn join(&self, who: &'static str) {
        let Some((_, roles)) = CAST.iter().find(|(name, _)| *name == who) else { return };
        self.world.with(|state| {
            let permission = match (roles.contains(&"ops"), roles.contains(&"qa")) {
                (true, true) => Permission::Maintain,
                (false, true) => Permission::Write,
                (_, false) => Permission::Read,
            };
            state.society.permissions.insert(person(who), permission);
            let team = state.society.teams.entry("acme/pilot".into()).or_default();
            if roles.contains(&"testers") {
                team.insert(person(who));
            }
        });
        self.note(Deed::Joined(who));
    }

    async fn sign(&self, project: &Project, by: &'static str, word: Word, stage: &'static str) {
        let ledger = self.ledger();
        let Some(now) = ledger.plan().map(Candidate::of) else { return };
        let (about, says) = match word {
            Word::Approve(role) => {
                (now, Says::Approve { role: role.map(role_name), stage: Some(stage_name(stage)) })
            }
            Word::ApproveOther(role) => {
                let Some(about) = self.other().0 else { return };
                let (role, stage) = (Some(role_name(role)), Some(stage_name(stage)));
                (about, Says::Approve { role, stage })
            }
            Word::Object => (now, Says::Object { reason: "it is slow".into() }),
            Word::Withdraw => (now, Says::WithdrawObjection),
            Word::Done => (now, Says::Done { task: item("guide") }),
            Word::Accept => (now, Says::Accept { scenario: item("upgrade") }),
            Word::Reject => {
                (now, Says::Reject { scenario: item("upgrade"), reason: "it loses data".into() })
            }
            Word::Hold(stage) => {
                let stage = stage.map(stage_name);
                (now, Says::Hold { stage, reason: "wait".into(), until: None })
            }
            Word::Lift(stage) => (now, Says::Lift { stage: stage.map(stage_name) }),
        };
        let machine = self.world.on_machine_of(&person(by));
        let ports = ports(&machine, project);
        let begun = self.world.effect_count();
        let said = machine.run(say(&ports, &tag(), &ledger, (person(by), says), about)).await;
        let certain = match said {
            Outcome::Ended(Ok(_)) => true,
            Outcome::Ended(Err(_)) | Outcome::Crashed => false,
        };
        // A yes that may have arrived counts from when it was sent.
        let (now, at) = (self.world.effect_count(), self.world.with(|state| state.now));
        let after = if certain { now } else { begun };
        let deed = Deed::Said(by, word, Place::Entry { stage, certain });
        self.log.borrow_mut().push(Line { after, at, deed });
    }

    /// Mallory can push: entries in another's name, signed with her own key, and such that claim to
    /// come from a comment.
    async fn forge(&self, project: &Project, as_who: &'static str, word: Word) {
        let ledger = self.ledger();
        let Some(about) = ledger.plan().map(Candidate::of) else { return };
        let stage = Some(stage_name("stable"));
        let says = match word {
            Word::Done => Says::Done { task: item("guide") },
            Word::Accept => Says::Accept { scenario: item("upgrade") },
            Word::Withdraw => Says::WithdrawObjection,
            Word::Lift(stage) => Says::Lift { stage: stage.map(stage_name) },
            _ => Says::Approve { role: None, stage },
        };
        let machine = self.world.on_machine_of(&person("mallory"));
        let comment = self.comments.borrow().last().map(|(id, _)| *id);
        let source = match comment.filter(|id| id % 2 == 0) {
            None => StatementSource::Signature,
            Some(id) => StatementSource::Comment(Page { id, url: "https://example.com".into() }),
        };
        let statement = Statement { by: person(as_who), says, about, source };
        let ports = ports(&machine, project);
        let event = Event::Said(Box::new(statement));
        let entry = ledger.aside(event, ports.runner.me(), ports.clock.now());
        let (tag, entries) = (tag(), [entry]);
        let append = ports.remote.append(&tag, ledger.head.as_ref(), &entries);
        drop(machine.run(append).await);
    }

    /// Everybody who has a role comes back, takes every no back, and says yes.
    fn agree(&self) {
        for (who, roles) in CAST {
            self.join(who);
            let mut words = vec![Word::Withdraw, Word::Lift(None)];
            words.extend(GATED.map(|stage| Word::Lift(Some(stage))));
            words.push(Word::Approve(None));
            if roles.contains(&"testers") {
                words.push(Word::Accept);
            }
            if roles.contains(&"qa") {
                words.push(Word::Done);
            }
            self.world.with(|state| state.advance(SignedDuration::from_secs(1)));
            self.comment(who, &words);
        }
    }
}

fn tag() -> TagName {
    TagName::new("v1.1.0").unwrap()
}

fn person(name: &str) -> Person {
    Person::new(name).unwrap()
}

fn role_name(name: &str) -> RoleName {
    RoleName::new(name).unwrap()
}

fn stage_name(name: &str) -> StageName {
    StageName::new(name).unwrap()
}

fn item(name: &str) -> ItemId {
    ItemId::new(name).unwrap()
}

/// Lets others go on.
async fn breathe() {
    let mut breathed = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut breathed, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

fn ports<'a>(world: &'a World, project: &'a Project) -> WritePorts<'a> {
    let forge = Ok(world as &dyn ForgeWrite);
    WritePorts {
        repository: &project.repository,
        remote: world,
        forge,
        runner: world,
        clock: world,
    }
}

fn tracker<'a>(world: &'a World, project: &'a Project) -> Tracker<'a> {
    Tracker { remote: world, forge: world, read_ports: ports(world, project).read_ports() }
}

/// What `tminus release` does, the issue included.
async fn once(world: &World, project: &Project) -> Option<ReleaseRun> {
    let ports = ports(world, project);
    let seen = observe(&ports.read_ports(), &project.order()).await.ok()?;
    let Observed { manifest, mut facts, .. } = seen;
    drop(tracker(world, project).record(&tag(), &manifest, &mut facts).await);
    let options = ReleaseOptions::default();
    let mut run = Box::pin(release(&ports, &manifest, facts, &options, &mut |_, _| {})).await;
    let text = run.outcome().to_string();
    let waits = matches!(run.end, End::Gates(_));
    let plan = run.plan.as_ref();
    let next = plan.and_then(|plan| Some(run.progress.next(plan, None)?.0.name.clone()));
    track((world, project), (&manifest, &mut run.facts), next.as_ref(), text, waits).await;
    Some(run)
}

/// Records what was said on the issue, answers it, and keeps its text; opens it if the release waits.
async fn track(
    (world, project): (&World, &Project),
    (manifest, facts): (&Manifest, &mut Facts),
    next: Option<&StageName>,
    body: String,
    waits: bool,
) {
    let tracker = tracker(world, project);
    drop(tracker.record(&tag(), manifest, facts).await);
    drop(tracker.acknowledge(manifest, facts).await);
    let finished = facts.ledger.known().is_ok_and(Ledger::finished);
    let end = if finished { IssueEnd::Finished } else { IssueEnd::Open };
    let text = IssueText { title: "Release widget 1.1.0".into(), body };
    let case = Case::new(manifest, facts);
    let stage = stage_to_approve(&case, next);
    let shows = case.candidate().map(|about| Shown { about, stage });
    let exists = facts.people.known().is_ok_and(|people| people.issue.is_some());
    if exists || waits {
        drop(tracker.keep(&tag(), facts, shows.as_ref(), &text, end).await);
    }
}

/// The release is given up, if it still can be, and another commit is to be released.
async fn recut(world: &World, project: &mut Project) {
    let removed = async {
        let ports = ports(world, project);
        let Ok(seen) = observe(&ports.read_ports(), &project.order()).await else { return false };
        let Observed { manifest, mut facts, .. } = seen;
        let Ok(plan) = plan_of(&Case::new(&manifest, &facts)) else { return false };
        let Ok(progress) = progress(&plan, &facts) else { return false };
        let result = abandon(&ports, &plan, &progress, &mut facts, false).await;
        matches!(result, tminus::drive::execute::AbortResult::Removed(_))
    };
    if !matches!(world.run(removed).await, Outcome::Ended(true)) {
        return;
    }
    // What was deployed is not what is deployed next.
    world.with(|state| state.done.clear());
    let head = project.repository.add_commit("fix: third").unwrap();
    head_is(world, &head);
}

fn head_is(world: &World, head: &Sha) {
    let main = BranchName::new("main").unwrap();
    world.with(|state| {
        state.heads.insert(main, head.clone());
        state.society.authors.insert(head.clone(), BTreeSet::from([person(AUTHOR)]));
    });
    for name in ["build", "test"] {
        world.check(head, name, "success");
    }
    world.about(&tag(), head);
}

fn begin(happenings: &[Happening]) -> (Crowd, Project) {
    let (world, mut project) = (world(), repository());
    project.repository.files.insert("tminus.yaml".into(), MANIFEST.into());
    head_is(&world, &project.repository.commits[0].sha.clone());
    let strikes = happenings.iter().filter_map(|one| match one {
        Happening::Strike(n, kind) => Some((*n, *kind)),
        Happening::Act(..) | Happening::Wait(..) | Happening::Recut(_) => None,
    });
    world.faults(Faults::at(strikes.collect()));
    let acts = happenings.iter().filter_map(|one| match one {
        Happening::Act(after, act) => Some((*after, *act)),
        Happening::Strike(..) | Happening::Wait(..) | Happening::Recut(_) => None,
    });
    let mut acts: Vec<(usize, Act)> = acts.collect();
    acts.sort_by_key(|(after, _)| std::cmp::Reverse(*after));
    let crowd = Crowd {
        world,
        log: RefCell::default(),
        acts: RefCell::new(acts),
        comments: RefCell::default(),
    };
    for (who, _) in CAST {
        crowd.join(who);
    }
    (crowd, project)
}

/// Flies a story; an error is what came of it.
fn flown(seed: u64, happenings: &[Happening]) -> Result<(), String> {
    let (crowd, mut project) = begin(happenings);
    let story = AssertUnwindSafe(|| attempted(seed, happenings, &crowd, &mut project));
    let why = match catch_unwind(story) {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(why)) => why,
        Err(panicked) => {
            let text = panicked.downcast_ref::<String>().cloned();
            text.unwrap_or_else(|| "it panicked".into())
        }
    };
    let did = crowd.log.take().into_iter();
    let did: String =
        did.map(|line| format!("after {:>4} {:?}\n", line.after, line.deed)).collect();
    Err(format!("{why}\n{did}"))
}

fn attempted(
    seed: u64,
    happenings: &[Happening],
    crowd: &Crowd,
    project: &mut Project,
) -> Result<(), String> {
    let world = &crowd.world;
    let name = format!("seed {seed}");
    let story = Story::over(world.clone());
    let mut dice = Dice(seed ^ 0xf11e);
    for round in 0..ROUNDS {
        let runners: Vec<World> = (0..1 + dice.below(2)).map(|_| world.another()).collect();
        block_on(crowd.beside(&runners, project));
        judge(&story, crowd, &name)?;
        pause(world);
        for happening in happenings {
            match happening {
                Happening::Wait(when, hours) if *when == round => {
                    world.with(|state| state.advance(SignedDuration::from_hours(*hours)));
                }
                Happening::Recut(when) if *when == round => block_on(recut(world, project)),
                Happening::Strike(..)
                | Happening::Act(..)
                | Happening::Wait(..)
                | Happening::Recut(_) => {}
            }
        }
    }
    finish(&story, crowd, project, &name)
}

fn judge(story: &Story, crowd: &Crowd, name: &str) -> Result<(), String> {
    story.safe(name)?;
    let effects = crowd.world.effects();
    let judged = Record { effects: &effects, log: &crowd.log.borrow() }.judged();
    judged.map_err(|why| format!("{name}: {why}\n{}", story.log()))
}

fn finish(story: &Story, crowd: &Crowd, project: &Project, name: &str) -> Result<(), String> {
    let world = &crowd.world;
    world.calm();
    let mut last = String::new();
    for _ in 0..CALM_RUNS {
        crowd.agree();
        let run = block_on(world.run(once(world, project)));
        judge(story, crowd, name)?;
        let Outcome::Ended(Some(run)) = run else {
            return Err(format!("{name}: died in a calm world\n{}", story.log()));
        };
        if matches!(run.end, End::Nothing) {
            return story.whole(name, project, &run, false);
        }
        last = super::harness::told(&run);
        pause(world);
    }
    Err(format!("{name}: did not finish in a calm world: {last}\n{}", story.log()))
}

/// Flies what a seed brings. A story that fails is reported with the least that makes it fail.
fn fly(seed: u64) {
    let all = script(seed);
    let fails = |happenings: &[Happening]| {
        let why = flown(seed, happenings).err()?;
        Some(Failing { faults: happenings.to_vec(), why })
    };
    if let Some(first) = fails(&all) {
        println!("seed {seed} fails; looking for the least that makes it fail");
        let least = shrink(first, &fails);
        let (few, many) = (least.faults.len(), all.len());
        panic!(
            "seed {seed} fails with {few} of {many} happenings: {:#?}\n{}",
            least.faults, least.why
        );
    }
}

/// Everybody comments while two runners work, each so many effects after the one before.
fn together(first: usize, gap: usize, strike: Option<(usize, FaultKind)>) -> (Story, Vec<String>) {
    let (mut crowd, project) = begin(&[]);
    drop(block_on(crowd.world.run(once(&crowd.world, &project))));
    pause(&crowd.world);
    let now = crowd.world.effect_count();
    let wrong = ("bob", Word::Approve(Some("ops")));
    let all = CAST.iter().map(|(who, _)| (*who, Word::Approve(None))).chain([wrong]);
    let mut acts: Vec<(usize, Act)> = all
        .enumerate()
        .map(|(at, (who, word))| (now + first + gap * at, Act::Comments(who, word)))
        .collect();
    acts.reverse();
    crowd.acts = RefCell::new(acts);
    crowd
        .world
        .faults(Faults::at(strike.into_iter().map(|(after, kind)| (now + after, kind)).collect()));
    let runners = [crowd.world.another(), crowd.world.another()];
    block_on(crowd.beside(&runners, &project));
    crowd.world.calm();
    // Whatever was said after the last one looked, and what a dead one left.
    while let Some((_, act)) = { crowd.acts.borrow_mut().pop() } {
        block_on(crowd.act(&project, act));
    }
    pause(&crowd.world);
    drop(block_on(crowd.world.run(once(&crowd.world, &project))));
    let story = Story::over(crowd.world.clone());
    let mut wrong = Vec::new();
    wrong.extend(judge(&story, &crowd, "together").err());
    let recorded = |id: u64| {
        let ledger = crowd.ledger();
        let of = |said: &Statement| said.source.page().is_some_and(|page| page.id == id);
        ledger.statements().filter(|(_, _, said)| of(said)).count()
    };
    let comments = crowd.comments.borrow();
    for (at, (id, by)) in comments.iter().enumerate() {
        let reactions = crowd.world.with(|state| {
            state.issue_comment_mut(*id).map_or(0, |comment| comment.reactions.len())
        });
        let expected = usize::from(at < CAST.len());
        if (recorded(*id), reactions) != (expected, 1) {
            wrong.push(format!("{by}: recorded {} times, {reactions} reactions", recorded(*id)));
        }
    }
    let bot = |account: &SimAccount| matches!(account, SimAccount::Bot(_));
    let replies = crowd.world.with(|state| {
        let comments = state.society.issues.iter().flat_map(|issue| &issue.comments);
        comments.filter(|comment| bot(&comment.author)).count()
    });
    if replies > 1 || (replies == 0 && strike.is_none()) {
        wrong.push(format!("{replies} explanations"));
    }
    (story, wrong)
}

#[test]
fn two_runners_and_ten_commenters_lose_no_statement_and_acknowledge_each_once() {
    assert_eq!(CAST.len(), 10);
    let crash = |after| Some((after, FaultKind::CrashAfter));
    let stories = (0..60)
        .step_by(4)
        .flat_map(|first| [(first, 0, None), (first, 2, None), (first, 1, crash(first + 20))]);
    for (first, gap, strike) in stories {
        let (story, wrong) = together(first, gap, strike);
        let name = format!("first after {first}, then every {gap}, {strike:?}");
        assert!(wrong.is_empty(), "{name}: {wrong:#?}\n{}", story.log());
    }
}

#[test]
fn a_release_finishes_when_enough_people_say_yes() {
    if let Err(why) = flown(0, &[]) {
        panic!("{why}");
    }
}

/// The yes comes while the stage is entered, and is recorded after that.
#[test]
fn a_yes_to_one_stage_is_no_yes_to_the_next_one() {
    for after in 20..45 {
        let say = |who, word| Happening::Act(after, Act::Comments(who, word));
        let approvals =
            ["ada", "grace", "eve", "bob", "omar"].map(|who| say(who, Word::Approve(None)));
        let rest = [say("kim", Word::Accept), say("tess", Word::Accept), say("bob", Word::Done)];
        let all = [&approvals[..], &rest[..]].concat();
        if let Err(why) = flown(0, &all) {
            panic!("after {after} effects: {why}");
        }
    }
}

#[test]
fn an_issue_that_was_opened_while_the_plan_was_sealed_takes_approvals_once_it_shows_the_plan() {
    let (crowd, project) = begin(&[]);
    let (one, two) = (crowd.world.another(), crowd.world.another());
    block_on(async {
        let (ports_one, ports_two) = (ports(&one, &project), ports(&two, &project));
        let order = project.order();
        let mut early = observe(&ports_one.read_ports(), &order).await.unwrap();
        let Observed { manifest, facts, .. } =
            observe(&ports_two.read_ports(), &order).await.unwrap();
        let options = ReleaseOptions::default();
        let run = release(&ports_two, &manifest, facts, &options, &mut |_, _| {}).await;
        assert!(matches!(run.end, End::Gates(_)));
        // The second one dies here.
        let read = (&early.manifest, &mut early.facts);
        track((&one, &project), read, None, "not started".into(), true).await;
    });
    pause(&crowd.world);
    let story = Story::over(crowd.world.clone());
    if let Err(why) = finish(&story, &crowd, &project, "opened meanwhile") {
        panic!("{why}");
    }
}

/// The yes comes before the plan is sealed, and is recorded after that.
#[test]
fn a_plan_that_was_sealed_by_a_clock_that_is_behind_gets_no_earlier_approvals() {
    for after in 0..40 {
        let (crowd, project) = begin(&[]);
        let world = &crowd.world;
        block_on(async {
            let seen = observe(&ports(world, &project).read_ports(), &project.order()).await;
            let Observed { manifest, mut facts, .. } = seen.unwrap();
            let read = (&manifest, &mut facts);
            track((world, &project), read, None, "not started".into(), true).await;
        });
        world.with(|state| state.skew = SignedDuration::from_hours(-1));
        let when = world.effect_count() + after;
        let yes = |who| (when, Act::Comments(who, Word::Approve(None)));
        crowd.acts.replace(["ada", "grace", "eve", "bob", "omar"].map(yes).to_vec());
        let story = Story::over(world.clone());
        for _ in 0..3 {
            block_on(crowd.beside(&[world.another()], &project));
            if let Err(why) = judge(&story, &crowd, &format!("after {after} effects")) {
                panic!("{why}");
            }
            world.with(|state| state.advance(SignedDuration::from_mins(5)));
        }
    }
}

#[test]
fn comments_approve_the_stage_that_waits_if_the_one_before_has_nothing_left_to_do() {
    let (crowd, project) = begin(&[]);
    let deployed = vec!["./deploy".to_owned()];
    crowd.world.with(|state| state.done.insert(deployed, 1));
    drop(block_on(crowd.world.run(once(&crowd.world, &project))));
    pause(&crowd.world);
    for who in ["ada", "grace", "eve", "bob", "omar"] {
        block_on(crowd.act(&project, Act::Comments(who, Word::Approve(None))));
    }
    for (who, word) in [("kim", Word::Accept), ("tess", Word::Accept), ("bob", Word::Done)] {
        block_on(crowd.act(&project, Act::Comments(who, word)));
    }
    pause(&crowd.world);
    let run = block_on(crowd.world.run(once(&crowd.world, &project)));
    let Outcome::Ended(Some(run)) = run else { panic!("it died") };
    let log = Story::over(crowd.world.clone()).log();
    assert!(matches!(run.end, End::Released), "{:?}\n{log}", run.outcome());
}

/// How many random stories the normal run flies.
const SEEDS: u64 = 400;

in_quarters!(whatever_people_do_no_stage_is_entered_without_enough_of_them, seeds);

fn seeds(quarter: usize) {
    for seed in super::seeds_of(quarter, SEEDS) {
        fly(seed);
    }
}
