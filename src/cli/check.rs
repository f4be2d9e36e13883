//! `tminus check`: all gates, one verdict.

use super::command::{Call, Done, Run};
use super::deliver::{keep, refused, show};
use super::format::{Post, ReportFile, printed};
use super::list::{Posts, gates as gate_list, reports};
use super::merge::refuse_checkout;
use super::options::Due;
use super::out::Out;
use super::post::post;
use super::values::{duration, moment, number};
use super::watch::watch;
use super::world::{Network, World};
use crate::adapters::files::read;
use crate::adapters::forge::saved;
use crate::adapters::kinds;
use crate::base::finding::{Finding, Who};
use crate::ci::Environment;
use crate::drive::observe::{ObserveRequest, Scope, merging, observe};
use crate::facts::{FORMAT, Facts};
use crate::judge::case::Case;
use crate::judge::gates::{self, GateSelection, Occasion};
use crate::judge::ruling::Poll;
use crate::project::manifest::{self, Manifest};
use crate::release::outcome::{Exit, Outcome};
use crate::report::formats::{Format, Reader};
use crate::report::stats::Stats;
use crate::report::{Ending, Kind, Pages, Report, Sources};
use anyhow::{Context as _, bail};
use async_trait::async_trait;
use clap::Args;
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// The maximum size of a facts file.
const MAX_FACTS: usize = 64 << 20;

/// Check whether a commit can be released; changes nothing, except with `--post`.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The commit to use.
    #[command(flatten)]
    due: Due,
    /// Check what merging this pull request would produce [default: the pull request that triggered
    /// the workflow].
    #[arg(long, value_name = "NUMBER", value_parser = number::<u64>, conflicts_with_all = ["commit", "offline", "facts"])]
    pr: Option<u64>,
    /// Check only gates that do not need the network.
    #[arg(long, conflicts_with = "wait")]
    offline: bool,
    /// Evaluate the schedule for this time, such as `2026-12-24T10:00:00Z`, instead of now.
    #[arg(long, value_name = "TIME", conflicts_with = "wait", value_parser = moment)]
    at: Option<Timestamp>,
    /// If the verdict is hold, wait and check again, for at most this long [default: 1h].
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "1h", value_parser = duration)]
    wait: Option<u64>,
    /// Exit with 0 if only the schedule (a freeze, a window or a train) holds the release.
    #[arg(long)]
    hold_ok: bool,
    /// Check only these gates; separate them with commas, or repeat the option.
    #[arg(long = "gate", value_name = "ID", value_parser = gate_list)]
    gates: Vec<Vec<String>>,
    /// Output format.
    #[arg(long, value_parser = printed(Kind::Verdict), default_value = "text")]
    format: Format,
    /// Write a report to a file; repeat the option for several reports.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = reports(Kind::Verdict))]
    reports: Vec<Vec<ReportFile>>,
    /// Post the verdict to GitHub; a failure to post does not change the verdict.
    #[arg(long, value_parser = Posts, value_name = "WHAT", conflicts_with_all = ["offline", "facts", "gates"])]
    post: Vec<Vec<Post>>,
    /// Evaluate the gates offline, using the facts that `--facts-out` saved to this file.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["offline", "wait", "commit"])]
    facts: Option<PathBuf>,
    /// Save the facts (the data that the verdict is based on) to a file.
    #[arg(long, value_name = "FILE")]
    facts_out: Option<PathBuf>,
}

#[async_trait(?Send)]
impl Run for Check {
    async fn run(&self, call: Call<'_>) -> Done {
        let selection = match self.selection() {
            Ok(selection) => selection,
            Err(error) => return Err(error).into(),
        };
        if let Some(path) = &self.facts {
            return self.replay(path, selection, call).into();
        }
        let network = if self.offline { Network::Offline } else { Network::Online };
        let judge = async |world: &World| self.judge(world, selection, call).await;
        call.in_world(network, judge).await
    }

    fn listener(&self) -> Reader {
        self.format.reader
    }
}

impl Check {
    fn selection(&self) -> anyhow::Result<GateSelection> {
        let only = self.gates.concat();
        if let Some(id) = only.iter().find(|id| gates::find(id).is_none()) {
            bail!(unknown_gate(id));
        }
        Ok(GateSelection { only, offline: self.offline, ..GateSelection::default() })
    }

    /// Evaluates facts from a file.
    fn replay(
        &self,
        path: &Path,
        selection: GateSelection,
        call: Call<'_>,
    ) -> anyhow::Result<Exit> {
        let (manifest, facts) = kept(path)?;
        let case = Case::new(&manifest, &facts);
        let occasion = facts.merge.as_ref().map_or(Occasion::Check, |_| Occasion::Merge);
        let poll = gates::poll(&case, &GateSelection { occasion, ..selection });
        let around = ReportContext { args: self, environment: call.environment, out: call.out };
        around.show(&case, &poll, Stats::default(), &call.environment.pages())?;
        Ok(self.exit(&poll))
    }

    /// Evaluates the current state.
    async fn judge(
        &self,
        world: &World,
        selection: GateSelection,
        call: Call<'_>,
    ) -> anyhow::Result<Exit> {
        let Call { common, environment, out, .. } = call;
        let around = ReportContext { args: self, environment, out };
        let (trigger, read_ports) = (environment.trigger()?, world.read_ports());
        refuse_checkout(&trigger, &read_ports)?;
        let merging = match self.due.subject.commit {
            Some(_) => None,
            None => merging(self.pr, &trigger, &read_ports).await?,
        };
        let occasion = merging.as_ref().map_or(Occasion::Check, |_| Occasion::Merge);
        let selection = GateSelection { occasion, ..selection };
        let scope = Scope::Check(selection.clone());
        let mut order = ObserveRequest { merging, ..world.order(&self.due.subject, scope)? };
        order.request.expect_release = self.due.expect_release;
        order.request.at = self.at;
        if order.merging.is_some() {
            if common.manifest.is_some() {
                bail!(
                    "a pull request is always checked with the manifest on its base branch: remove `--manifest`"
                );
            }
            // The working tree can contain files of the pull request.
            order.manifest = None;
        }
        let seen = match self.wait {
            None => Some(observe(&world.read_ports(), &order).await?),
            Some(seconds) => watch(world, order, selection.clone(), seconds, out).await?,
        };
        let Some(seen) = seen else { return Ok(around.blind()) };
        for what in &seen.fetched {
            out.progress(&format!("fetched {what}"));
        }
        let case = seen.case();
        let poll = gates::poll(&case, &selection);
        around.show(&case, &poll, world.stats(), &world.pages())?;
        around.post(world, &case, &poll).await;
        Ok(self.exit(&poll))
    }

    fn exit(&self, poll: &Poll) -> Exit {
        match self.hold_ok && gates::held_by_schedule(poll) {
            true => Exit::Go,
            false => poll.verdict().outcome().exit(),
        }
    }
}

/// The message for an unknown gate, with the closest known name.
pub(super) fn unknown_gate(id: &str) -> String {
    let known: Vec<&str> = gates::GATES.iter().map(|gate| gate.id).collect();
    match manifest::nearest(id, known.iter().copied()) {
        Some(near) => format!("there is no gate `{id}`; did you mean `{near}`?"),
        None => format!("there is no gate `{id}`; the gates are {}", known.join(", ")),
    }
}

/// The facts in a file, and their manifest.
fn kept(path: &Path) -> anyhow::Result<(Manifest, Facts)> {
    let text = read(path, MAX_FACTS)?;
    let facts = saved(text.as_bytes())
        .with_context(|| format!("`{}` was not written by `--facts-out`", path.display()))?;
    if facts.format != FORMAT {
        bail!(
            "`{}` has format {}, but this version of tminus reads format \
               {FORMAT}",
            path.display(),
            facts.format
        );
    }
    let manifest = manifest::read(facts.manifest.clone(), &kinds()).map_err(|findings| {
        crate::drive::observe::ObserveError::Manifest {
            source_file: facts.manifest.clone(),
            findings,
        }
    })?;
    Ok((manifest, facts))
}

/// The data that all ways to end share.
struct ReportContext<'a> {
    args: &'a Check,
    environment: &'a Environment,
    out: Out,
}

impl ReportContext<'_> {
    fn show(
        &self,
        case: &Case<'_>,
        poll: &Poll,
        stats: Stats,
        pages: &Pages,
    ) -> anyhow::Result<()> {
        let Self { args, environment, out } = *self;
        if let Some(path) = &args.facts_out {
            let text = serde_json::to_string_pretty(case.facts)?;
            keep(path, &format!("{text}\n"), out)
                .with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        let judged = Report::judged(case, poll, pages, stats);
        show(&judged, args.format, &args.reports.concat(), environment, out)
    }

    /// Reports that the command was stopped before its first read was complete.
    fn blind(&self) -> Exit {
        let Self { args, environment, out } = *self;
        let ending = Ending::new(Outcome::Unknown, "stopped before anything was read");
        let out = match args.format.reader {
            Reader::Person | Reader::Runner => out,
            Reader::Program => out.aside(),
        };
        out.result(&ending.line(out.paint()));
        let finding = [Finding::new(&ending.said).who(Who::Operator)];
        refused(&ending, &finding, &Sources::default(), environment, out);
        ending.outcome.exit()
    }

    /// Posts the verdict to the forge, if requested.
    async fn post(&self, world: &World, case: &Case<'_>, poll: &Poll) {
        let what = self.args.post.concat();
        if !what.is_empty() && self.environment.trigger().is_ok_and(|it| it.is_from_a_fork()) {
            return self.out.progress("nothing is posted for a pull request from a fork");
        }
        let pages = world.pages();
        let judged = Report::judged(case, poll, &pages, world.stats());
        post(&what, world, &judged, self.out).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Error, FromArgMatches as _};

    fn parsed(argument: &str) -> Result<Check, Error> {
        let command = Check::augment_args(clap::Command::new("check"));
        let given = command.try_get_matches_from(["check", argument])?;
        Check::from_arg_matches(&given)
    }

    fn check(argument: &str) -> Check {
        parsed(argument).unwrap()
    }

    #[test]
    fn a_list_option_accepts_commas_spaces_and_line_breaks() {
        for list in [
            "status,comment",
            "status, comment",
            "status comment",
            " status ,\n comment,\n",
            "status\ncomment\n",
            "status\r\ncomment\r\n",
            "- status\n- comment\n",
        ] {
            let check = check(&format!("--post={list}"));
            assert_eq!(check.post.concat(), [Post::Status, Post::Comment], "{list:?}");
        }
        assert_eq!(check("--post=\n").post.concat(), []);
        assert!(parsed("--post=status, tweet").is_err());
        let check = check("--gate=tree-clean, checks-green\n");
        assert_eq!(check.gates.concat(), ["tree-clean", "checks-green"]);
    }

    #[test]
    fn report_options_are_separated_by_lines() {
        let check = check("--report=\n  - json=a, b.json\r\n  sarif=c.sarif  \n\n");
        let all = check.reports.concat();
        let paths: Vec<&str> = all.iter().filter_map(|file| file.path.to_str()).collect();
        assert_eq!(paths, ["a, b.json", "c.sarif"]);
    }
}
