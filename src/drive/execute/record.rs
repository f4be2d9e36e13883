//! Writes the ledger: the lease, and the push that is its lock.

use super::end::End;
use crate::base::names::TagName;
use crate::ports::{PortError, WritePorts};
use crate::release::ledger::{Entry, Event, Holder, HolderRun, LEASE, Ledger};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// The maximum number of attempts of a push that gets no response.
const TRIES: u32 = 4;

/// How often entries are appended again because people made statements in the meantime.
const REBASES: u32 = 20;

/// The ledger, written by one runner.
pub(super) struct Record<'a> {
    write_ports: &'a WritePorts<'a>,
    tag: &'a TagName,
    me: Holder,
    fence: u64,
    /// The remote's ledger, with the queued entries at its end.
    ledger: Ledger,
    /// Entries that the next push sends.
    queued: Vec<Entry>,
    /// Whether people said something that was not taken note of.
    heard: bool,
}

impl<'a> Record<'a> {
    /// Prepares to acquire the lease: its entry is queued, and the first push sends it. If the
    /// lease was taken from another runner, returns the reason.
    pub(super) fn lease(
        write_ports: &'a WritePorts<'a>,
        tag: &'a TagName,
        ledger: Ledger,
        take_over: bool,
    ) -> Result<(Self, Option<String>), End> {
        let me = write_ports.runner.me();
        let took_over = match ledger.lease() {
            Some(lease) if *lease.holder != me => {
                // If its process is running, an expired lease proves nothing: the process may have
                // been paused, and would continue its step.
                let alive = write_ports.runner.alive(lease.holder);
                let expired = lease.until <= write_ports.clock.now();
                let why = if write_ports.runner.gone(lease.holder) {
                    "its process has ended"
                } else if !alive && superseded(lease.holder, &me) {
                    "its workflow run was started again"
                } else if !alive && expired {
                    "its lease expired"
                } else if take_over {
                    "`--take-over` was passed"
                } else {
                    let holder = Box::new(lease.holder.clone());
                    let until = (!expired).then_some(lease.until);
                    return Err(End::Attached { holder, until });
                };
                Some(format!("from {}: {why}", lease.holder.name))
            }
            Some(_) | None => None,
        };
        let fence = ledger.fence() + 1;
        let mut record =
            Self { write_ports, tag, me, fence, ledger, queued: Vec::new(), heard: false };
        record.queue(Event::Leased { took_over: took_over.clone() }, SignedDuration::ZERO);
        Ok((record, took_over))
    }

    /// The ledger, including queued entries.
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Queues an entry for the next push. The entry extends the lease by [`LEASE`] and by the time
    /// that its step may take.
    pub(super) fn queue(&mut self, event: Event, takes: SignedDuration) {
        let at = self.write_ports.read_ports().entry_time();
        let lease_until = at.checked_add(LEASE.saturating_add(takes)).unwrap_or(Timestamp::MAX);
        let (by, fence, reader) = (self.me.clone(), self.fence, event.reader());
        let entry = Entry { format: 1, at, by, fence, lease_until, event, reader };
        self.ledger.entries.push(entry.clone());
        self.queued.push(entry);
    }

    /// Pushes the queued entries. The push is the lock: a runner that does not know the newest
    /// entry stops.
    pub(super) async fn push(&mut self) -> Result<(), End> {
        if self.queued.is_empty() {
            return Ok(());
        }
        let failed = |error| End::Failed { step: None, error };
        let mut tries = 0;
        loop {
            tries += 1;
            let head = self.ledger.head.as_ref();
            match self.write_ports.remote.append(self.tag, head, &self.queued).await {
                Ok(head) => {
                    self.ledger.head = Some(head);
                    self.queued.clear();
                    return Ok(());
                }
                // Our own earlier push can cause "behind" if its response came late.
                Err(PortError::Behind { .. }) if self.arrived().await => return Ok(()),
                Err(PortError::Behind { .. }) if tries < REBASES && self.rebased().await => {}
                Err(PortError::Behind { .. }) => return Err(self.lost().await),
                Err(PortError::NoAnswer { .. }) if tries < TRIES => {
                    self.write_ports.clock.sleep(Duration::from_secs(1 << tries)).await;
                    if self.arrived().await {
                        return Ok(());
                    }
                }
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// Whether the remote has the entries although their push got no response.
    async fn arrived(&mut self) -> bool {
        let Ok(now) = self.write_ports.remote.ledger(self.tag).await else { return false };
        let arrived = now.entries == self.ledger.entries && now.head != self.ledger.head;
        if arrived {
            self.ledger.head = now.head;
            self.queued.clear();
        }
        arrived
    }

    /// If only people said something in the meantime, the queued entries follow theirs.
    async fn rebased(&mut self) -> bool {
        let Ok(mut now) = self.write_ports.remote.ledger(self.tag).await else { return false };
        let known = self.ledger.entries.len() - self.queued.len();
        let earlier = self.ledger.entries.get(..known).unwrap_or_default();
        if now.head == self.ledger.head || !now.only_adds_aside(earlier) {
            return false;
        }
        now.entries.extend(self.queued.iter().cloned());
        self.ledger = now;
        self.heard = true;
        true
    }

    /// Whether people said something since it was last taken note of.
    pub(super) fn heard(&self) -> bool {
        self.heard
    }

    /// The same, and takes note of it.
    pub(super) fn take_heard(&mut self) -> bool {
        std::mem::take(&mut self.heard)
    }

    /// Another runner wrote first: find out which one.
    async fn lost(&self) -> End {
        let error = match self.write_ports.remote.ledger(self.tag).await {
            Ok(now) => {
                if let Some(lease) = now.lease().filter(|lease| *lease.holder != self.me) {
                    let (holder, until) = (Box::new(lease.holder.clone()), Some(lease.until));
                    return End::Attached { holder, until };
                }
                PortError::Behind { what: "the ledger".into() }
            }
            Err(error) => error,
        };
        End::Failed { step: None, error }
    }
}

/// Whether this is a later attempt of the holder's workflow run: an attempt starts when the
/// previous one has ended. The same job of the same attempt proves nothing, because all jobs of a
/// matrix share its name.
fn superseded(holder: &Holder, me: &Holder) -> bool {
    let again =
        |(old, new): (&HolderRun, &HolderRun)| old.id == new.id && new.attempt > old.attempt;
    holder.run.as_ref().zip(me.run.as_ref()).is_some_and(again)
}
