//! Flying a release: look, take the first missing step, record that it is meant, do it, look again.
//!
//! Resume, retry and "run it twice" are this one loop. What is done is never inferred from having
//! done it: only the world says so.

use crate::conflict::Conflict;
use crate::facts::{Facts, Release, Seen, Unseen};
use crate::gates::{self, Asking};
use crate::ledger::{Entry, Event, Evidence, Holder, HolderRun, LEASE, Ledger};
use crate::manifest::{Manifest, Reach, RunRules, Sign};
use crate::names::{StageName, StepKey};
use crate::observe::{environment, list_releases, look_again, survey};
use crate::plan::{Progress, Repair, Standing, is_latest, progress};
use crate::ports::{Change, Hands, NewDraft, NewTag, PortError, Publication};
use crate::ruling::{Permit, Poll};
use crate::step::{Asset, Plan, Planned, PlannedStage, Step};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

/// How often one step is tried before the flight stops.
const TRIES: usize = 4;

/// Waits between looks for a step that was done, or may have been, in seconds.
const LAG: [u64; 4] = [0, 2, 4, 8];

/// How long the flight waits for a rate limit to end before it stops.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// What is to be flown.
#[derive(Debug)]
pub struct Order<'a> {
    /// The manifest that judges.
    pub manifest: &'a Manifest,
    /// The plan, exactly as it will be performed.
    pub plan: &'a Plan,
    /// The last stage to be entered; all where `None`.
    pub through: Option<StageName>,
    /// Take the release from a holder that may be alive.
    pub take_over: bool,
}

/// How a flight ended.
#[derive(Debug)]
pub struct Landed {
    /// In what state.
    pub outcome: Outcome,
    /// The world as it was last seen.
    pub facts: Facts,
    /// How far the plan is fulfilled, where that could be told.
    pub progress: Progress,
}

/// What a flight came to.
#[derive(Debug)]
pub enum Outcome {
    /// Every step is done.
    Released,
    /// Every step up to the stage that was asked for is done.
    Through(StageName),
    /// Gates said something else than go.
    Gates(Poll),
    /// Something is done but different.
    Conflicts(Vec<Conflict>),
    /// Another runner has it.
    Attached {
        /// Who.
        holder: Holder,
        /// Until when, if it is not heard of again.
        until: Timestamp,
    },
    /// A step failed.
    Failed {
        /// Which; `None` for the record itself.
        step: Option<StepKey>,
        /// Why.
        error: PortError,
    },
    /// A step's standing could not be seen.
    Blind {
        /// Which.
        step: StepKey,
        /// Why.
        unseen: Unseen,
    },
}

/// What is told while flying.
#[derive(Debug)]
pub enum Report<'a> {
    /// The release was taken up, perhaps from another.
    Leased(Option<&'a str>),
    /// A stage is entered.
    Entered(&'a StageName),
    /// A step begins.
    Begins(&'a Planned),
    /// A step is done.
    Done(&'a Planned, &'a str),
    /// A step did not do as told, and is looked at again.
    Again(&'a Planned, &'a PortError),
    /// Something broken is removed.
    Repairs(&'a Repair),
}

/// Flies a plan. A [`Permit`] is demanded here once, and asked for afresh before every public step.
pub async fn fly(
    hands: &Hands<'_>,
    order: &Order<'_>,
    facts: Facts,
    permit: Permit,
    report: &mut dyn FnMut(&Report<'_>),
) -> Landed {
    let ledger = facts.ledger.known().cloned().unwrap_or_default();
    let release = ledger.release();
    let mut flight = Flight {
        hands,
        order,
        me: hands.runner.me(),
        fence: ledger.fence(),
        ledger,
        queued: Vec::new(),
        facts,
        release,
        tries: BTreeMap::new(),
        repairs: BTreeMap::new(),
        progress: Progress::default(),
        report,
    };
    let outcome = match flight.lease(&permit).await {
        Err(outcome) => outcome,
        Ok(()) => {
            let outcome = flight.steps(permit).await;
            flight.let_go(&outcome).await;
            outcome
        }
    };
    Landed { outcome, facts: flight.facts, progress: flight.progress }
}

struct Flight<'a> {
    hands: &'a Hands<'a>,
    order: &'a Order<'a>,
    me: Holder,
    fence: u64,
    /// As the remote has it, with what is queued at its end.
    ledger: Ledger,
    /// Entries that go out with the next push.
    queued: Vec<Entry>,
    facts: Facts,
    /// The release's number, known from the answer before the record has it.
    release: Option<u64>,
    tries: BTreeMap<StepKey, usize>,
    repairs: BTreeMap<String, usize>,
    progress: Progress,
    report: &'a mut dyn FnMut(&Report<'_>),
}

impl Flight<'_> {
    /// Takes the release into our hands, or says who has it.
    async fn lease(&mut self, permit: &Permit) -> Result<(), Outcome> {
        let took_over = match self.ledger.lease() {
            None => None,
            Some(lease) if *lease.holder == self.me => None,
            Some(lease) => {
                let now = self.hands.clock.now();
                let why = if self.hands.runner.gone(lease.holder) {
                    Some("its process is gone".to_owned())
                } else if superseded(lease.holder, &self.me) {
                    Some("the job was run again".to_owned())
                } else if lease.until <= now {
                    Some("its lease expired".to_owned())
                } else {
                    self.order.take_over.then(|| "asked to".to_owned())
                };
                match why {
                    Some(why) => Some(format!("{} had it: {why}", lease.holder.name)),
                    None => {
                        return Err(Outcome::Attached {
                            holder: lease.holder.clone(),
                            until: lease.until,
                        });
                    }
                }
            }
        };
        self.fence += 1;
        self.queue(Event::Leased { took_over: took_over.clone() }, LEASE);
        if self.ledger.plan().is_none() {
            debug_assert_eq!(permit.commit(), &self.order.plan.commit);
            let plan = Box::new(self.order.plan.clone());
            self.queue(Event::Sealed { digest: plan.digest(), plan }, LEASE);
        }
        self.push().await?;
        (self.report)(&Report::Leased(took_over.as_deref()));
        Ok(())
    }

    async fn steps(&mut self, mut permit: Permit) -> Outcome {
        let mut unlisted = true;
        loop {
            match self.compare().await {
                Ok(()) => {}
                Err(outcome) => return outcome,
            }
            if let Some(repair) = self.progress.repairs.first().cloned() {
                if let Err(outcome) = self.repair(&repair).await {
                    return outcome;
                }
                continue;
            }
            let plan = self.order.plan;
            let Some((stage, planned)) = self.progress.next(plan, self.order.through.as_ref()) else {
                return match &self.order.through {
                    Some(stage) if self.progress.next(plan, None).is_some() => {
                        Outcome::Through(stage.clone())
                    }
                    Some(_) | None => Outcome::Released,
                };
            };
            if let Standing::Unseen(unseen) = self.progress.of(&planned.key) {
                return Outcome::Blind { step: planned.key.clone(), unseen: unseen.clone() };
            }
            if planned.reach > Reach::Private && std::mem::take(&mut unlisted) {
                // A draft that an unanswered request left behind shows in the listing only.
                list_releases(&self.hands.eyes(), plan, &mut self.facts).await;
                continue;
            }
            match self.clear(stage, planned, permit).await {
                Ok(fresh) => permit = fresh,
                Err(outcome) => return outcome,
            }
            if let Err(outcome) = self.take(planned, &permit).await {
                return outcome;
            }
        }
    }

    /// Compares the plan with the world, and records what it shows done.
    async fn compare(&mut self) -> Result<(), Outcome> {
        self.progress = progress(self.order.plan, &self.facts).map_err(Outcome::Conflicts)?;
        if self.release.is_none() {
            self.release = self.progress.release.as_ref().map(|release| release.id);
        }
        let Some(doubted) = self.ledger.in_doubt().cloned() else { return Ok(()) };
        if let Standing::Done { evidence } = self.progress.of(&doubted) {
            let evidence = Evidence { text: evidence.clone(), release: self.release };
            self.settle(&doubted, evidence);
        }
        Ok(())
    }

    fn settle(&mut self, key: &StepKey, evidence: Evidence) {
        if let Some((_, planned)) = self.order.plan.steps().find(|(_, step)| step.key == *key) {
            (self.report)(&Report::Done(planned, &evidence.text));
        }
        self.queue(Event::Did { step: key.clone(), evidence }, LEASE);
    }

    /// Asks the gates that stand before a step; gives a permit that is fresh where it must be.
    async fn clear(
        &mut self,
        stage: &PlannedStage,
        planned: &Planned,
        permit: Permit,
    ) -> Result<Permit, Outcome> {
        let enters = self.ledger.entered(&stage.name).is_none();
        let asks = (enters && !stage.gates.is_empty()) || planned.reach > Reach::Private;
        let mut permit = permit;
        if asks {
            survey_again(self.hands, self.order.manifest, &mut self.facts).await;
            if enters && !stage.gates.is_empty() {
                let asking = Asking { only: stage.gates.clone(), offline: false };
                let poll = gates::poll(self.order.manifest, &self.facts, &asking);
                poll.permit(&self.facts).ok_or(Outcome::Gates(poll))?;
            }
            let poll = gates::poll(self.order.manifest, &self.facts, &Asking::default());
            permit = poll.permit(&self.facts).ok_or(Outcome::Gates(poll))?;
        }
        if enters {
            self.queue(Event::Entered { stage: stage.name.clone() }, LEASE);
            (self.report)(&Report::Entered(&stage.name));
        }
        Ok(permit)
    }

    /// Records a step as meant, does it, and looks again.
    async fn take(&mut self, planned: &Planned, permit: &Permit) -> Result<(), Outcome> {
        let tries = self.tries.entry(planned.key.clone()).or_default();
        *tries += 1;
        let tries = *tries;
        let lasts = match &planned.step {
            Step::Run(run) => SignedDuration::from_secs(i64::try_from(run.timeout_seconds).unwrap_or(0)),
            Step::DraftRelease { .. }
            | Step::Upload { .. }
            | Step::Tag { .. }
            | Step::PublishRelease { .. } => SignedDuration::ZERO,
        };
        self.queue(Event::Meant { step: planned.key.clone() }, LEASE + lasts);
        self.push().await?;
        (self.report)(&Report::Begins(planned));
        let done = self.act(planned, permit).await;
        if let (Ok(text), Step::Run(RunRules { probe: None, .. })) = (&done, &planned.step) {
            // Nothing can be asked about it afterwards: its own exit is the evidence.
            let evidence = Evidence { text: text.clone(), release: None };
            self.settle(&planned.key, evidence);
        }
        let unsure = matches!(done, Ok(_) | Err(PortError::NoAnswer { .. }));
        if self.shows(planned, unsure).await? {
            return Ok(());
        }
        let error = match done {
            Ok(_) => PortError::NoAnswer {
                what: planned.key.to_string(),
                why: "it was done and is not seen".into(),
            },
            Err(error) => error,
        };
        (self.report)(&Report::Again(planned, &error));
        let failed = |error| Outcome::Failed { step: Some(planned.key.clone()), error };
        match error {
            PortError::NoAnswer { .. } if tries < TRIES => Ok(()),
            PortError::Limited { until, .. } if tries < TRIES => {
                let wait = until.duration_since(self.hands.clock.now());
                if wait > PATIENCE {
                    return Err(failed(error));
                }
                self.hands.clock.sleep(wait.max(SignedDuration::ZERO).unsigned_abs()).await;
                Ok(())
            }
            PortError::NoAnswer { .. }
            | PortError::Limited { .. }
            | PortError::Refused { .. }
            | PortError::Denied { .. }
            | PortError::Behind { .. } => Err(failed(error)),
        }
    }

    /// Looks until the world shows a step done, or something of it that must be repaired. Looks more
    /// than once where the outcome is unsure: forges show their own writes late.
    async fn shows(&mut self, planned: &Planned, unsure: bool) -> Result<bool, Outcome> {
        // Without the release's number the listing is read, which waits by itself.
        let waits = if unsure && self.release.is_some() { &LAG[..] } else { &[0] };
        for seconds in waits {
            self.hands.clock.sleep(Duration::from_secs(*seconds)).await;
            let eyes = self.hands.eyes();
            let (plan, key) = (self.order.plan, Some(&planned.key));
            look_again(&eyes, plan, &mut self.facts, self.release, key).await;
            let seen = progress(plan, &self.facts).map_err(Outcome::Conflicts)?;
            if seen.is_done(&planned.key) || !seen.repairs.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// One effect. What is public demands the permit.
    async fn act(&mut self, planned: &Planned, permit: &Permit) -> Result<String, PortError> {
        match &planned.step {
            Step::DraftRelease { title, notes, prerelease } => {
                let plan = self.order.plan;
                let body = format!("{notes}\n\n{}", plan.marker());
                let draft = NewDraft {
                    tag: plan.tag.clone(),
                    commit: plan.commit.clone(),
                    title: title.clone(),
                    body: body.trim_start().to_owned(),
                    prerelease: *prerelease,
                };
                let release = self.forge()?.create_draft(&draft).await?;
                self.release = Some(release.id);
                Ok(format!("draft {}", release.id))
            }
            Step::Upload { asset } => self.upload(asset).await,
            Step::Tag { message, sign } => self.tag(message, *sign, permit).await,
            Step::PublishRelease { latest } => {
                let latest = is_latest(*latest, self.order.plan, &self.facts);
                self.publish(latest, permit).await
            }
            Step::Run(run) => self.run(run, permit).await,
        }
    }

    fn forge(&self) -> Result<&dyn Change, PortError> {
        self.hands.forge.map_err(|why| PortError::Refused { what: "the forge".into(), why: why.into() })
    }

    fn own_release(&self, what: &str) -> Result<&Release, PortError> {
        self.progress.release.as_ref().ok_or_else(|| PortError::NoAnswer {
            what: what.into(),
            why: "the draft is not seen".into(),
        })
    }

    async fn upload(&self, asset: &Asset) -> Result<String, PortError> {
        let release = self.own_release("upload")?;
        let there = self.forge()?.upload(release, asset).await?;
        Ok(format!("asset {}", there.id))
    }

    async fn tag(&self, message: &str, sign: Sign, permit: &Permit) -> Result<String, PortError> {
        let tag = NewTag {
            tag: self.order.plan.tag.clone(),
            commit: permit.commit().clone(),
            message: message.to_owned(),
            sign,
            at: self.hands.clock.now(),
        };
        let object = self.hands.remote.create_tag(&tag).await?;
        Ok(format!("tag object {}", object.short()))
    }

    async fn publish(&self, latest: bool, permit: &Permit) -> Result<String, PortError> {
        let plan = self.order.plan;
        let publication = Publication {
            release: self.own_release("publish release")?.id,
            tag: plan.tag.clone(),
            commit: permit.commit().clone(),
            latest,
            prerelease: !plan.version.pre.is_empty(),
        };
        let release = self.forge()?.publish(&publication).await?;
        Ok(release.url)
    }

    async fn run(&self, run: &RunRules, _permit: &Permit) -> Result<String, PortError> {
        let timeout = Duration::from_secs(run.timeout_seconds);
        let env = environment(self.order.plan);
        let ended = self.hands.runner.run(&run.command, &env, timeout).await?;
        let why = match ended.code {
            Some(0) => return Ok("exited with 0".into()),
            Some(code) => format!("exited with {code}"),
            None => "was killed or timed out".into(),
        };
        let last = ended.tail.lines().rev().find(|line| !line.trim().is_empty());
        let why = last.map_or_else(|| why.clone(), |last| format!("{why}: {}", last.trim()));
        Err(PortError::Refused { what: format!("`{}`", run.name), why })
    }

    async fn repair(&mut self, repair: &Repair) -> Result<(), Outcome> {
        (self.report)(&Report::Repairs(repair));
        let key = match repair {
            Repair::RemoveAsset { asset, .. } => format!("remove asset {asset}"),
            Repair::RemoveDraft { release, .. } => format!("remove draft {release}"),
        };
        let failed = |error| Outcome::Failed { step: None, error };
        let tries = self.repairs.entry(key).or_default();
        *tries += 1;
        let last = *tries >= TRIES;
        // Removing needs the lease as much as any step does.
        self.push().await?;
        let forge = self.forge().map_err(failed)?;
        let done = match repair {
            Repair::RemoveAsset { asset, .. } => forge.delete_asset(*asset).await,
            Repair::RemoveDraft { release, .. } => forge.delete_draft(*release).await,
        };
        match done {
            Err(error) if last => return Err(failed(error)),
            Ok(()) | Err(_) => {}
        }
        if let Repair::RemoveDraft { release, .. } = repair
            && let Seen::Known(drafts) = &mut self.facts.drafts
        {
            drafts.retain(|draft| draft.id != *release);
        }
        let eyes = self.hands.eyes();
        look_again(&eyes, self.order.plan, &mut self.facts, self.release, None).await;
        Ok(())
    }

    /// Writes an entry that goes out with the next push; it counts at once.
    fn queue(&mut self, event: Event, lasts: SignedDuration) {
        let at = self.hands.clock.now();
        let entry = Entry {
            format: 1,
            at,
            by: self.me.clone(),
            fence: self.fence,
            lease_until: at.checked_add(lasts).unwrap_or(at),
            event,
        };
        self.ledger.entries.push(entry.clone());
        self.queued.push(entry);
        self.facts.ledger = Seen::Known(self.ledger.clone());
    }

    /// Sends what is queued. The push is the lock: who finds the record longer than it knew stops.
    async fn push(&mut self) -> Result<(), Outcome> {
        if self.queued.is_empty() {
            return Ok(());
        }
        let tag = &self.order.plan.tag;
        let mut tries = 0;
        loop {
            tries += 1;
            let head = self.ledger.head.as_ref();
            match self.hands.remote.append(tag, head, &self.queued).await {
                Ok(head) => {
                    self.ledger.head = Some(head);
                    self.queued.clear();
                    return Ok(());
                }
                Err(PortError::Behind { .. }) => return Err(self.lost().await),
                Err(PortError::NoAnswer { .. }) if tries < TRIES => {
                    self.hands.clock.sleep(Duration::from_secs(1 << tries)).await;
                    if self.arrived().await {
                        return Ok(());
                    }
                }
                Err(error) => return Err(Outcome::Failed { step: None, error }),
            }
        }
    }

    /// Whether entries whose push was not answered are there all the same.
    async fn arrived(&mut self) -> bool {
        let Ok(now) = self.hands.remote.ledger(&self.order.plan.tag).await else { return false };
        let arrived = now.entries == self.ledger.entries && now.head != self.ledger.head;
        if arrived {
            self.ledger.head = now.head;
            self.queued.clear();
        }
        arrived
    }

    /// Somebody else wrote first: who?
    async fn lost(&mut self) -> Outcome {
        match self.hands.remote.ledger(&self.order.plan.tag).await {
            Ok(now) => {
                let lease = now.lease().map(|lease| (lease.holder.clone(), lease.until));
                self.queued.clear();
                self.ledger = now;
                match lease {
                    Some((holder, until)) => Outcome::Attached { holder, until },
                    None => {
                        let error = PortError::Behind { what: "the ledger".into() };
                        Outcome::Failed { step: None, error }
                    }
                }
            }
            Err(error) => Outcome::Failed { step: None, error },
        }
    }

    /// Closes the record of this flight. If that fails, the lease runs out by itself.
    async fn let_go(&mut self, outcome: &Outcome) {
        let event = match outcome {
            Outcome::Attached { .. } => return,
            Outcome::Released => Event::Finished,
            Outcome::Through(stage) => Event::Stopped { why: format!("through {stage}, as asked") },
            Outcome::Gates(poll) => Event::Stopped { why: format!("gates: {}", poll.verdict()) },
            Outcome::Conflicts(conflicts) => {
                let first = conflicts.first().map(|conflict| conflict.finding().message);
                Event::Stopped { why: format!("conflict: {}", first.unwrap_or_default()) }
            }
            Outcome::Failed { error, .. } => Event::Stopped { why: error.to_string() },
            Outcome::Blind { step, unseen } => {
                Event::Stopped { why: format!("cannot see {step}: {}", unseen.why) }
            }
        };
        self.queue(event, SignedDuration::ZERO);
        let _ = self.push().await;
    }
}

/// Whether our workflow run is the holder's, run again: an attempt starts when the one before ended.
/// The same job of the same attempt proves nothing, since the legs of a matrix share its name.
fn superseded(holder: &Holder, me: &Holder) -> bool {
    let again = |(old, new): (&HolderRun, &HolderRun)| old.id == new.id && new.attempt > old.attempt;
    holder.run.as_ref().zip(me.run.as_ref()).is_some_and(again)
}

async fn survey_again(hands: &Hands<'_>, manifest: &Manifest, facts: &mut Facts) {
    let published = facts.published.clone();
    survey(&hands.eyes(), manifest, facts).await;
    // The survey's view of the release has no digests; the number's own is the better one.
    facts.published = published;
}
