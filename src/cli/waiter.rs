//! `release --wait`: waits while only checks, time or a review hold the release, and then continues.

use super::out::Out;
use super::watch::wait;
use super::world::World;
use crate::drive::execute::{End, Listener, ReleaseOptions, ReleaseRun, release};
use crate::drive::observe::{ObserveRequest, Observed, observe};
use crate::facts::Facts;
use crate::judge::gates::held_by_checks;
use crate::judge::ruling::Verdict;
use crate::ports::Clock as _;
use crate::project::manifest::Manifest;
use jiff::{SignedDuration, Timestamp};

/// How often to check for a review.
const POLL: SignedDuration = SignedDuration::from_secs(60);

/// How long to wait, and what to read meanwhile.
pub(super) struct ReleaseWaiter<'a> {
    /// `None` without `--wait`.
    until: Option<Timestamp>,
    world: &'a World,
    order: ObserveRequest,
    out: Out,
}

impl<'a> ReleaseWaiter<'a> {
    pub(super) fn new(
        seconds: Option<u64>,
        world: &'a World,
        order: ObserveRequest,
        out: Out,
    ) -> Self {
        let until = seconds.map(|seconds| {
            let all = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
            world.clock().now().saturating_add(all).unwrap_or(Timestamp::MAX)
        });
        Self { until, world, order, out }
    }

    /// Runs the release, and runs it again after each wait, which resumes it.
    pub(super) async fn release(
        &self,
        manifest: &mut Manifest,
        facts: Facts,
        options: &ReleaseOptions,
        tell: Listener<'_>,
    ) -> anyhow::Result<ReleaseRun> {
        let write_ports = |manifest: &Manifest| self.world.write_ports(manifest.forge);
        let mut release_run =
            release(&write_ports(manifest), manifest, facts, options, &mut *tell).await;
        // `--take-over` applies only to the holder at that time.
        let options = &ReleaseOptions { take_over: false, ..options.clone() };
        while let Some(left) = self.left() {
            let facts = if let Some(pause) = self.until_next_try(&release_run) {
                if pause > left {
                    break;
                }
                self.out.progress(&release_run.ending().line(self.out.paint()));
                self.world.clock().sleep(pause.unsigned_abs()).await;
                let seen = observe(&self.world.read_ports(), &self.order).await?;
                *manifest = seen.manifest;
                seen.facts
            } else if let Some(selection) =
                release_run.poll().and_then(|poll| held_by_checks(poll, manifest))
            {
                let (manifest_now, facts, fetched) =
                    (manifest.clone(), release_run.facts, Vec::new());
                let mut seen = Observed { manifest: manifest_now, facts, fetched };
                wait(self.world, self.order.clone(), selection, left, &mut seen, self.out).await?;
                *manifest = seen.manifest;
                seen.facts
            } else {
                break;
            };
            release_run =
                release(&write_ports(manifest), manifest, facts, options, &mut *tell).await;
        }
        Ok(release_run)
    }

    /// The time until a stage on hold should be tried again.
    fn until_next_try(&self, release_run: &ReleaseRun) -> Option<SignedDuration> {
        let End::Held { held, .. } = &release_run.end else { return None };
        if held.verdict != Verdict::Hold {
            return None;
        }
        let now = release_run.facts.time.known().ok()?;
        Some(held.pause(*now).unwrap_or(POLL))
    }

    fn left(&self) -> Option<SignedDuration> {
        let left = self.until?.duration_since(self.world.clock().now());
        left.is_positive().then_some(left)
    }
}
