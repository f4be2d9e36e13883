//! What people did, and by that alone whether a release could go on.
//!
//! Nothing here asks the judge. Every attempt to record that a stage is entered is compared with what
//! its process could have read by then: the yes of enough members to the plan that is performed, no
//! objection, no hold.

use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use tminus::adapters::sim::{Effect, EffectKind, FaultKind};

/// The roles that each person is given at first.
pub(crate) const CAST: &[(&str, &[&str])] = &[
    ("ada", &["qa", "ops"]),
    ("grace", &["ops"]),
    ("eve", &["qa", "ops"]),
    ("lin", &["qa"]),
    ("omar", &["qa", "testers"]),
    ("bob", &["qa"]),
    ("kim", &["testers"]),
    ("tess", &["testers"]),
    ("max", &["qa"]),
    ("zoe", &["testers"]),
];
/// People without a role, two of them with names that look like a member's.
pub(crate) const STRANGERS: &[&str] = &["mallory", "0mar", "ada-"];
/// Whose role is in the manifest, so that they cannot leave it.
const LISTED: (&str, &str) = ("grace", "ops");
/// Who wrote the commits.
pub(crate) const AUTHOR: &str = "lin";
/// The stages that wait for people.
pub(crate) const GATED: [&str; 2] = ["staging", "stable"];
/// How long a yes is valid.
const VALID: SignedDuration = SignedDuration::from_hours(12);
/// A process that is held up may judge by an earlier moment.
const HELD_UP: SignedDuration = SignedDuration::from_mins(10);

/// What a person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// The stage may be entered: in one role or in all of them.
    Approve(Option<&'static str>),
    /// The same about a plan that is not the sealed one.
    ApproveOther(&'static str),
    Object,
    Withdraw,
    Done,
    Accept,
    Reject,
    Hold(Option<&'static str>),
    Lift(Option<&'static str>),
}

/// Where it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A comment on an issue.
    Comment { issue: u64, id: u64 },
    /// A signed entry of the ledger about this stage. If its process died or got no answer, it may
    /// not be there.
    Entry { stage: &'static str, certain: bool },
}

/// One thing that a person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Said(&'static str, Word, Place),
    /// The comment was edited or deleted.
    Gone(u64),
    Left(&'static str),
    Joined(&'static str),
}

/// When it was done: after so many effects.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub(crate) after: usize,
    pub(crate) at: Timestamp,
    pub(crate) deed: Deed,
}

/// Everything that happened.
pub(crate) struct Record<'a> {
    pub(crate) effects: &'a [Effect],
    pub(crate) log: &'a [Line],
}

/// What a process had read when it did something.
struct Reading<'a> {
    record: &'a Record<'a>,
    /// The number of what it did.
    n: usize,
    /// The last reading of the issue, of permissions, of the team, and of the ledger before that.
    issue: Option<&'a Effect>,
    permissions: usize,
    team: usize,
    ledger: usize,
    plan: Option<String>,
}

impl<'a> Record<'a> {
    /// The first thing that a process did without the consent of enough people.
    pub(crate) fn judged(&self) -> Result<(), String> {
        for effect in self.effects {
            let wrong = match effect.kind {
                EffectKind::Append => GATED.iter().find_map(|stage| {
                    let enters = effect.line.contains(&format!(" entered {stage}"))
                        || effect.line.contains(&format!("; entered {stage}"));
                    enters.then(|| self.entered(effect, stage).err()).flatten()
                }),
                EffectKind::CreateTag | EffectKind::Publish => self.went_on(effect, "stable").err(),
                EffectKind::Run if effect.line.contains("./deploy") => {
                    self.went_on(effect, "staging").err()
                }
                EffectKind::Run => self.went_on(effect, "stable").err(),
                _ => None,
            };
            if let Some(wrong) = wrong {
                return Err(format!("effect {}, {}: {wrong}", effect.n, effect.line));
            }
        }
        Ok(())
    }

    fn before(&self, n: usize, process: u32) -> impl DoubleEndedIterator<Item = &'a Effect> {
        let effects = &self.effects[..n - 1];
        effects.iter().filter(move |effect| effect.process == process)
    }

    /// The beginning of the digest of the plan that was sealed after so many effects.
    pub(crate) fn plan(&self, after: usize) -> Option<String> {
        let changes = self.effects[..after].iter().rev().filter(|effect| is_written(effect));
        for effect in changes {
            if let Some((_, rest)) = effect.line.split_once("sealed plan ") {
                return rest.split(' ').next().map(str::to_owned);
            }
            if effect.line.contains(": aborted, removed ") {
                return None;
            }
        }
        None
    }

    /// The stage that waited for people after so many effects.
    fn stage(&self, after: usize) -> Option<&'static str> {
        let since = self.effects[..after]
            .iter()
            .rposition(|effect| is_written(effect) && effect.line.contains(": aborted, removed "));
        let current = &self.effects[since.unwrap_or(0)..after];
        GATED.into_iter().find(|stage| {
            !current.iter().any(|effect| {
                is_written(effect) && effect.line.contains(&format!(" entered {stage}"))
            })
        })
    }

    fn reading(&'a self, effect: &Effect) -> Reading<'a> {
        let last = |kind: EffectKind, line: &str| {
            let mut before = self.before(effect.n, effect.process).rev();
            before.find(|one| one.kind == kind && one.answer == "ok" && one.line.contains(line))
        };
        let issue = last(EffectKind::Issue, "read issue");
        let number = |one: Option<&Effect>| one.map_or(0, |one| one.n);
        let judged = issue.or(last(EffectKind::People, "")).map_or(effect.n, |one| one.n);
        let mut known = self.before(judged, effect.process).rev();
        let ledger = known.find(|one| {
            one.answer == "ok" && matches!(one.kind, EffectKind::Ledger | EffectKind::Append)
        });
        Reading {
            record: self,
            n: effect.n,
            issue,
            permissions: number(last(EffectKind::People, "read the permissions")),
            team: number(last(EffectKind::People, "read the members")),
            ledger: number(ledger),
            plan: self.plan(effect.n - 1),
        }
    }

    /// A process tries to record that a stage is entered.
    fn entered(&self, effect: &Effect, stage: &'static str) -> Result<(), String> {
        let reading = self.reading(effect);
        let acts = |kind| {
            use EffectKind::{CreateDraft, CreateTag, MoveTag, Publish, Run, Upload};
            matches!(kind, CreateDraft | Upload | CreateTag | Publish | MoveTag | Run)
        };
        let acted = self.before(effect.n, effect.process).rfind(|one| acts(one.kind));
        if let (Some(acted), Some(issue)) = (acted, reading.issue)
            && issue.n < acted.n
        {
            return Err(format!("the issue was read before effect {}", acted.n));
        }
        let says = reading.comments();
        reading.stopped(stage, says.clone())?;
        reading.approved(stage, effect.at)?;
        if stage == "stable" {
            reading.accepted()?;
            reading.done()?;
        }
        Ok(())
    }

    /// A process does something public. What was in the ledger before it recorded the step must have
    /// stopped it.
    fn went_on(&self, effect: &Effect, stage: &'static str) -> Result<(), String> {
        let reading = self.reading(effect);
        let meant = self.before(effect.n, effect.process).rfind(|one| is_written(one));
        let Some(meant) = meant else { return Err("nothing records it".into()) };
        let entries: Vec<&Line> = self
            .log
            .iter()
            .filter(|line| match line.deed {
                Deed::Said(_, _, Place::Entry { certain, .. }) => certain && line.after < meant.n,
                Deed::Said(_, Word::Withdraw | Word::Lift(_), Place::Comment { .. }) => {
                    line.after < effect.n
                }
                _ => false,
            })
            .collect();
        reading.stopped(stage, entries)
    }
}

/// Whether an entry of the ledger was written, as far as that can be told.
fn is_written(effect: &Effect) -> bool {
    let silent = matches!(effect.fault, Some(FaultKind::AnswerLost | FaultKind::CrashAfter));
    effect.kind == EffectKind::Append && (effect.answer == "ok" || silent)
}

impl<'a> Reading<'a> {
    fn log(&self) -> impl Iterator<Item = &'a Line> {
        self.record.log.iter().filter(|line| line.after < self.n)
    }

    /// Whether a person was a member when the process read who is.
    fn is_member(&self, role: &str, person: &str) -> bool {
        let given = CAST.iter().any(|(name, roles)| *name == person && roles.contains(&role));
        let read = if role == "testers" { self.team } else { self.permissions };
        (person, role) == LISTED || (given && self.is_present(person, read))
    }

    fn is_present(&self, person: &str, read: usize) -> bool {
        let mut moves = self.record.log.iter().rev().filter(|line| line.after < read);
        let last = moves.find_map(|line| match line.deed {
            Deed::Left(who) if who == person => Some(false),
            Deed::Joined(who) if who == person => Some(true),
            _ => None,
        });
        read > 0 && last.unwrap_or(true)
    }

    fn has_role(&self, person: &str) -> bool {
        ["qa", "ops", "testers"].iter().any(|role| self.is_member(role, person))
    }

    /// What the process could have read: comments that were there, entries that may be there, and of
    /// what stops a release only what it must have read.
    fn comments(&self) -> Vec<&'a Line> {
        let read = self.issue.map_or(0, |issue| issue.n);
        let on = self.issue.and_then(|issue| issue.line.rsplit(' ').next()?.parse::<u64>().ok());
        let gone: BTreeSet<u64> = self
            .log()
            .filter(|line| line.after < read)
            .filter_map(|line| if let Deed::Gone(id) = line.deed { Some(id) } else { None })
            .collect();
        self.log()
            .filter(|line| match line.deed {
                Deed::Said(_, _, Place::Comment { issue, id }) => {
                    line.after < read && Some(issue) == on && !gone.contains(&id)
                }
                Deed::Said(_, word, Place::Entry { certain, .. }) => match word {
                    Word::Object | Word::Hold(_) | Word::Reject => {
                        certain && line.after < self.ledger
                    }
                    _ => true,
                },
                Deed::Gone(_) | Deed::Left(_) | Deed::Joined(_) => false,
            })
            .collect()
    }

    fn stopped(&self, stage: &str, said: Vec<&Line>) -> Result<(), String> {
        let mut objections = BTreeSet::new();
        let mut holds: Vec<(&str, Option<&str>)> = Vec::new();
        for line in said {
            let Deed::Said(by, word, _) = line.deed else { continue };
            match word {
                Word::Object => drop(objections.insert(by)),
                Word::Withdraw => drop(objections.remove(by)),
                Word::Hold(what) => holds.push((by, what)),
                Word::Lift(what) => {
                    let may = |setter: &str| setter == by || self.has_role(by);
                    holds.retain(|(setter, held)| *held != what || !may(setter));
                }
                _ => {}
            }
        }
        if let Some(by) = objections.iter().find(|by| self.has_role(by)) {
            return Err(format!("{by} objects"));
        }
        let holds = holds.iter().filter(|(_, what)| what.is_none_or(|what| what == stage));
        match holds.into_iter().find(|(by, _)| self.has_role(by)) {
            Some((by, _)) => Err(format!("{by} put it on hold")),
            None => Ok(()),
        }
    }

    /// Two of `qa` and one of `ops`, three people, none of them the author.
    fn approved(&self, stage: &str, now: Timestamp) -> Result<(), String> {
        let judged = self.issue.map_or(now, |issue| issue.at.min(now));
        let after = judged - VALID - HELD_UP;
        let (mut qa, mut ops) = (BTreeSet::new(), BTreeSet::new());
        for line in self.comments() {
            let Deed::Said(by, Word::Approve(named), place) = line.deed else { continue };
            let about = match place {
                Place::Entry { stage, .. } => Some(stage),
                Place::Comment { .. } => self.record.stage(line.after),
            };
            let plan = self.record.plan(line.after);
            if about != Some(stage) || plan.is_none() || plan != self.plan || line.at <= after {
                continue;
            }
            for (role, people) in [("qa", &mut qa), ("ops", &mut ops)] {
                let meant = named.is_none_or(|named| named == role);
                if meant && by != AUTHOR && self.is_member(role, by) {
                    people.insert(by);
                }
            }
        }
        let enough = ops.iter().any(|one| qa.iter().filter(|other| *other != one).count() >= 2);
        match enough {
            true => Ok(()),
            false => {
                Err(format!("{stage}, plan {:?}: only {qa:?} and {ops:?} approved", self.plan))
            }
        }
    }

    /// Two testers, and no tester says no.
    fn accepted(&self) -> Result<(), String> {
        let mut last = BTreeMap::new();
        for line in self.comments() {
            let Deed::Said(by, word, _) = line.deed else { continue };
            let yes = match word {
                Word::Accept => true,
                Word::Reject => false,
                _ => continue,
            };
            let plan = self.record.plan(line.after);
            if plan.is_some() && plan == self.plan && self.is_member("testers", by) {
                last.insert(by, yes);
            }
        }
        match last.values().filter(|yes| **yes).count() >= 2 && last.values().all(|yes| *yes) {
            true => Ok(()),
            false => Err(format!("testers said {last:?}")),
        }
    }

    fn done(&self) -> Result<(), String> {
        let done = self.comments().iter().any(
            |line| matches!(line.deed, Deed::Said(by, Word::Done, _) if self.is_member("qa", by)),
        );
        if done { Ok(()) } else { Err("the guide is not done".into()) }
    }
}
