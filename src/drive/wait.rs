//! Checks again until the verdict is no longer hold.

use crate::drive::observe::{ObserveError, ObserveRequest, Observed, checks_again, observe};
use crate::facts::{BranchPosition, Check, Facts, Seen};
use crate::judge::gates::{self, GateSelection, Need};
use crate::judge::ruling::{Poll, Verdict};
use crate::judge::watch::{Board, NextRead, Pace, RateLimit};
use crate::ports::{PortError, ReadPorts};
use crate::project::manifest::Manifest;
use jiff::{SignedDuration, Timestamp};

/// How many reads in a row can fail.
const TROUBLES: usize = 5;

/// The parameters of a wait.
pub struct Waiter<'a> {
    /// The ports.
    pub read_ports: ReadPorts<'a>,
    /// The request.
    pub order: ObserveRequest,
    /// Which gates run.
    pub selection: GateSelection,
    /// The longest time to wait.
    pub max_wait: SignedDuration,
    /// The remaining rate limit, if known.
    pub rate_limit: &'a dyn Fn() -> Option<RateLimit>,
    /// Receives the progress, if set.
    pub watcher: Option<&'a dyn Fn(Board)>,
}

/// The result of reading only the checks.
enum ChecksRefresh {
    Seen,
    Passing(String),
    Final(PortError),
}

/// Whether the commit is not pushed to its branch yet.
fn is_ahead(facts: &Facts) -> bool {
    facts.branch_head.known().is_ok_and(|head| head.commit == BranchPosition::Ahead)
}

impl Waiter<'_> {
    /// Waits while the verdict is hold, and stores the latest state in `seen`. While waiting, it
    /// reads only the checks. It confirms any other verdict by reading everything again. The future
    /// can be dropped at any time: between reads, `seen` is complete.
    ///
    /// # Errors
    /// As [`observe`].
    pub async fn wait(mut self, seen: &mut Observed) -> Result<(), ObserveError> {
        // Use the requested commit, even if the branch moves. A release in progress keeps its own
        // commit.
        if seen.facts.pinned.is_none() {
            self.order.commit = Some(seen.facts.commit.sha.to_string());
        }
        let until =
            self.read_ports.clock.now().saturating_add(self.max_wait).unwrap_or(Timestamp::MAX);
        let mut past = None;
        let (mut pace, mut troubles, mut trouble, mut whole) = (Pace::default(), 0, None, true);
        loop {
            let poll = gates::poll(&seen.case(), &self.selection);
            let verdict = poll.verdict();
            if verdict != Verdict::Hold && !whole {
                self.show(seen, &poll, &past, &trouble, NextRead { next: None, until });
                *seen = observe(&self.read_ports, &self.order).await?;
                whole = true;
                continue;
            }
            match verdict {
                Verdict::Hold => {}
                Verdict::Unknown if troubles < TROUBLES && self.needs_checks(seen) => {
                    troubles += 1;
                    // A value that is unseen because there was no response may become available. A
                    // value that is unseen because of a missing permission will not.
                    match self.refresh(&seen.manifest, &mut seen.facts.clone()).await {
                        ChecksRefresh::Passing(why) => trouble = Some(why),
                        ChecksRefresh::Seen if troubles == 1 => {
                            *seen = observe(&self.read_ports, &self.order).await?;
                            continue;
                        }
                        ChecksRefresh::Seen | ChecksRefresh::Final(_) => return Ok(()),
                    }
                }
                Verdict::Go | Verdict::NoGo | Verdict::Unknown => return Ok(()),
            }
            let now = self.read_ports.clock.now();
            if now >= until {
                return Ok(());
            }
            if past.is_none() && self.watcher.is_some() && verdict == Verdict::Hold {
                past = Some(self.past(seen).await);
            }
            let dice = now.subsec_nanosecond() / 1_000_000;
            let pause = pace.next(dice, now, (self.rate_limit)()).min(until.duration_since(now));
            let next = now.saturating_add(pause).unwrap_or(until);
            self.show(seen, &poll, &past, &trouble, NextRead { next: Some(next), until });
            self.read_ports.clock.sleep(pause.unsigned_abs()).await;
            if is_ahead(&seen.facts) {
                // Reading only the checks would not detect the expected push.
                *seen = observe(&self.read_ports, &self.order).await?;
                (whole, trouble) = (true, None);
                continue;
            }
            (whole, trouble) = (false, None);
            let needs_checks = self.needs_checks(seen);
            let refreshed = if needs_checks {
                self.refresh(&seen.manifest, &mut seen.facts).await
            } else {
                ChecksRefresh::Seen
            };
            seen.facts.at = self.read_ports.clock.now();
            match refreshed {
                ChecksRefresh::Seen => troubles = 0,
                ChecksRefresh::Passing(why) if troubles < TROUBLES => {
                    troubles += 1;
                    trouble = Some(why);
                }
                // The complete read that follows reports it.
                ChecksRefresh::Passing(why) => seen.facts.checks = Seen::unseen(why),
                ChecksRefresh::Final(error) => seen.facts.checks = Seen::unseen(error.why()),
            }
        }
    }

    fn show(
        &self,
        seen: &Observed,
        poll: &Poll,
        past: &Option<Vec<Check>>,
        trouble: &Option<String>,
        horizon: NextRead,
    ) {
        let Some(watcher) = self.watcher else { return };
        let past = past.as_deref().unwrap_or_default();
        let board = Board::new(&seen.case(), poll, past, horizon);
        watcher(Board { trouble: trouble.clone(), ..board });
    }

    /// How long earlier runs took; this is optional.
    async fn past(&self, seen: &Observed) -> Vec<Check> {
        match (self.needs_checks(seen), self.read_ports.forge) {
            (true, Ok(forge)) => forge.past(&seen.facts.commit.sha).await.unwrap_or_default(),
            (true, Err(_)) | (false, _) => Vec::new(),
        }
    }

    /// Whether any gate needs the checks.
    fn needs_checks(&self, seen: &Observed) -> bool {
        seen.manifest.forge.has_releases()
            && gates::needs(&seen.manifest, &self.selection).contains(&Need::Checks)
    }

    /// Reads only the checks. If that fails, the earlier state stays.
    async fn refresh(&self, manifest: &Manifest, facts: &mut Facts) -> ChecksRefresh {
        match checks_again(&self.read_ports, manifest, facts).await {
            Ok(()) => ChecksRefresh::Seen,
            Err(error @ (PortError::NoAnswer { .. } | PortError::Limited { .. })) => {
                ChecksRefresh::Passing(error.why())
            }
            Err(error) => ChecksRefresh::Final(error),
        }
    }
}
