//! `tminus waive`: adds a waiver to the file in the working tree, for a reviewed change.

use super::check::unknown_gate;
use super::command::{Call, Done, Run};
use super::out::Out;
use super::values::{duration, version};
use super::world::{Network, World};
use crate::adapters::files::{read_inside, write_inside};
use crate::base::clean::clean;
use crate::base::finding::Finding;
use crate::base::source::Source;
use crate::base::version::Version;
use crate::base::word::Word;
use crate::drive::observe::{Observed, Scope, observe};
use crate::judge::gates::{self, Gate, GateSelection};
use crate::project::manifest::yaml::MAX_BYTES;
use crate::project::manifest::{Manifest, Mode};
use crate::project::waivers::{NewWaiver, PATH, Until, Versions, append};
use crate::release::outcome::Exit;
use crate::report::{Sources, finding};
use anyhow::{Context as _, anyhow, bail};
use async_trait::async_trait;
use clap::Args;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::path::Path;

/// Add a waiver of a gate to `.tminus/waivers.yaml`, for review.
#[derive(Debug, Args)]
pub(super) struct Waive {
    /// The gate to waive.
    #[arg(value_name = "GATE")]
    gate: String,
    /// Why the gate is waived; every report shows it.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// When the waiver ends: its last day, such as `2026-12-31`, a time with a UTC offset, or a
    /// duration such as `14d`; at most 90 days away.
    #[arg(long, value_name = "TIME")]
    until: String,
    /// The version, or a range such as `>=1.4.0, <1.5.0` [default: the version to release].
    #[arg(long = "version", id = "waived-version", value_name = "VERSION")]
    version: Option<String>,
    /// Waive only findings whose message contains this text.
    #[arg(long, value_name = "TEXT")]
    finding: Option<String>,
    /// Who grants the waiver [default: your name in git's configuration].
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

#[async_trait(?Send)]
impl Run for Waive {
    async fn run(&self, call: Call<'_>) -> Done {
        let waive = async |world: &World| self.waive(world, call).await;
        call.in_world(Network::Offline, waive).await
    }
}

impl Waive {
    async fn waive(&self, world: &World, call: Call<'_>) -> anyhow::Result<Exit> {
        let out = call.out;
        let Some(gate) = gates::find(&self.gate) else { bail!(unknown_gate(&self.gate)) };
        if !gate.waivable {
            bail!("gate `{}` cannot be waived; fix the problem that it reports", gate.id);
        }
        let root = world.repository.root();
        let root = root.context("a bare repository has no working tree for the waivers")?;
        let now = crate::ports::Clock::now(&world.clock());
        let waiver = self.waiver(world, gate, now).await?;
        self.refuse(&waiver, now, out)?;
        let there = root.join(PATH).symlink_metadata().is_ok();
        let old = there.then(|| read_inside(root, PATH, MAX_BYTES)).transpose()?;
        let old = old.map(|text| Source { name: PATH.into(), text });
        let text = append(old.as_ref(), &waiver).map_err(|found| {
            let none = Source { name: PATH.into(), text: String::new() };
            wrong(&found, old.as_ref().unwrap_or(&none), out)
        })?;
        self.write(root, &text, out)?;
        let (version, until) = (&waiver.version, &waiver.until);
        out.result(&format!(
            "added a waiver of `{}` for {} to {PATH}; commit it, and merge it into the release branch",
            gate.id,
            clean(version)
        ));
        out.progress(&format!(
            "it applies once it is on that branch in the remote, including to a release in \
             progress, until {}; to withdraw it, remove the entry",
            clean(until)
        ));
        Ok(Exit::Go)
    }

    fn write(&self, root: &Path, text: &str, out: Out) -> anyhow::Result<()> {
        if out.redact(text) != text {
            bail!(
                "the waiver contains a secret that is available to this run; nothing was written"
            );
        }
        Ok(write_inside(root, PATH, text)?)
    }

    /// The waiver, with defaults for values that were not passed.
    async fn waiver(
        &self,
        world: &World,
        gate: &Gate,
        now: Timestamp,
    ) -> anyhow::Result<NewWaiver> {
        let version = match &self.version {
            Some(version) => version.clone(),
            None => self.due(world, gate).await?.to_string(),
        };
        let by = self.by.clone().or_else(|| world.remote.author());
        let by = by.context("it is unknown who grants the waiver; pass a name with `--by`")?;
        Ok(NewWaiver {
            gate: gate.id.to_owned(),
            finding: self.finding.clone(),
            version,
            reason: self.reason.clone(),
            by,
            until: self.last_day(now),
        })
    }

    /// The end as it was passed, or the day on which a duration ends.
    fn last_day(&self, now: Timestamp) -> String {
        let seconds = duration(&self.until).ok().and_then(|seconds| i64::try_from(seconds).ok());
        let end =
            seconds.and_then(|seconds| now.checked_add(SignedDuration::from_secs(seconds)).ok());
        match end {
            Some(end) => end.to_zoned(TimeZone::UTC).date().to_string(),
            None => self.until.clone(),
        }
    }

    /// The version to release, if the gate can block a release according to the manifest.
    async fn due(&self, world: &World, gate: &Gate) -> anyhow::Result<Version> {
        let only = vec![gate.id.to_owned()];
        let scope = Scope::Check(GateSelection { only, offline: true, ..GateSelection::default() });
        let order = world.order(&super::options::Subject::default(), scope)?;
        let seen: Observed = observe(&world.read_ports(), &order).await?;
        counts(gate, &seen.manifest)?;
        match seen.case().target() {
            Ok(target) => Ok(target.version.clone()),
            Err(none) => {
                let why = none.finding().message;
                bail!("the version to release is unknown: {why}; pass it with `--version`")
            }
        }
    }

    /// Rejects a waiver that would never apply.
    fn refuse(&self, waiver: &NewWaiver, now: Timestamp, out: Out) -> anyhow::Result<()> {
        if let Err(error) = Versions::read(&waiver.version) {
            let bare = waiver.version.strip_prefix(['v', 'V']).filter(|it| version(it).is_ok());
            match bare {
                Some(bare) => bail!("write the version without the `v`: `{bare}`"),
                None => bail!("{error}; write `1.4.0`, or `>=1.4.0, <1.5.0`"),
            }
        }
        match Until::read(&waiver.until) {
            None => bail!(
                "`{}` is not a date; write `2026-12-31`, `2026-12-31T18:00:00Z` or `14d`",
                clean(&waiver.until)
            ),
            Some(until) if until.is_past(now) => bail!("{} is in the past", clean(&waiver.until)),
            Some(_) => {}
        }
        let text = append(None, waiver).map_err(|found| {
            anyhow!(found.into_iter().next().map_or_else(String::new, |one| one.message))
        })?;
        let source = Source { name: "the new waiver".into(), text };
        match gates::waiver_faults(&source, now) {
            found if found.is_empty() => Ok(()),
            found => Err(wrong(&found, &source, out)),
        }
    }
}

/// A gate that blocks nothing needs no waiver.
fn counts(gate: &Gate, manifest: &Manifest) -> anyhow::Result<()> {
    let word = match gate.entry(manifest).map(|entry| entry.mode) {
        Some(Mode::On) | None => return Ok(()),
        Some(Mode::Inform) => "inform",
        Some(Mode::Off) => "off",
    };
    bail!("gate `{}` is `{word}` in the manifest, so it blocks nothing", gate.id)
}

/// Prints what is wrong with a file.
fn wrong(found: &[Finding], source: &Source, out: Out) -> anyhow::Error {
    out.error(&finding::all(Word::ERROR, None, found, &Sources::of(source), out.paint()));
    anyhow!("nothing was written")
}
