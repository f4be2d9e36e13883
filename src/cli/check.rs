//! `tminus check`: all gates, one verdict.

use super::command::{Call, Done, Run};
use super::deliver::{Shown, keep, refused, workflow};
use super::exit::Exit;
use super::format::{Format, Post, ReportFile};
use super::list::{Posts, gates as gate_list, judgements};
use super::listener::Listener;
use super::merge::refuse_checkout;
use super::options::Due;
use super::out::Out;
use super::post::post;
use super::values::{duration, number};
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
use crate::judge::gates::{self, Asking, Occasion};
use crate::judge::ruling::Poll;
use crate::project::manifest::{self, Manifest};
use crate::release::outcome::Outcome;
use crate::report::check::{check as report, verdict_line};
use crate::report::since::{headline, not_due, not_given};
use crate::report::stats::Stats;
use crate::report::{Ending, Pages, Report, Sources, clean, json};
use anyhow::{Context as _, bail};
use async_trait::async_trait;
use clap::Args;
use std::path::{Path, PathBuf};

/// The largest file of facts that is read.
const MAX_FACTS: usize = 64 << 20;

/// Check whether a commit can be released; change nothing.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Which commit.
    #[command(flatten)]
    due: Due,
    /// Check the merge of this pull request before you merge it [default: the pull request of the
    /// workflow's event].
    #[arg(long, value_name = "NUMBER", value_parser = number::<u64>, conflicts_with_all = ["commit", "offline", "facts"])]
    pr: Option<u64>,
    /// Check only gates that do not need the network.
    #[arg(long, conflicts_with = "wait")]
    offline: bool,
    /// If the verdict is hold, wait and check again, for at most this long [default: 1h].
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "1h", value_parser = duration)]
    wait: Option<u64>,
    /// Check only these gates; separate them with commas, or repeat the option.
    #[arg(long = "gate", value_name = "ID", value_parser = gate_list)]
    gates: Vec<Vec<String>>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write a report to a file; repeat the option for several reports.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = judgements)]
    reports: Vec<Vec<ReportFile>>,
    /// Post the verdict to GitHub; a failure to post does not change the verdict.
    #[arg(long, value_parser = Posts, value_name = "WHAT", conflicts_with_all = ["offline", "facts", "gates"])]
    post: Vec<Vec<Post>>,
    /// Check the facts in this file, as written by `--facts-out`; do not use the network.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["offline", "wait", "commit"])]
    facts: Option<PathBuf>,
    /// Write the facts behind the verdict to a file.
    #[arg(long, value_name = "FILE")]
    facts_out: Option<PathBuf>,
}

#[async_trait(?Send)]
impl Run for Check {
    async fn run(&self, call: Call<'_>) -> Done {
        let asking = match self.asking() {
            Ok(asking) => asking,
            Err(error) => return Err(error).into(),
        };
        if let Some(path) = &self.facts {
            return self.replay(path, asking, call).into();
        }
        let network = if self.offline { Network::Offline } else { Network::Online };
        let judge = async |world: &World| self.judge(world, asking, call).await;
        call.in_world(network, judge).await
    }

    fn listener(&self) -> Listener {
        self.format.into()
    }
}

impl Check {
    fn asking(&self) -> anyhow::Result<Asking> {
        let only = self.gates.concat();
        if let Some(id) = only.iter().find(|id| gates::find(id).is_none()) {
            bail!(unknown_gate(id));
        }
        Ok(Asking { only, offline: self.offline, ..Asking::default() })
    }

    /// Evaluates facts from a file.
    fn replay(&self, path: &Path, asking: Asking, call: Call<'_>) -> anyhow::Result<Exit> {
        let (manifest, facts) = kept(path)?;
        let case = Case::new(&manifest, &facts);
        let occasion = facts.merge.as_ref().map_or(Occasion::Check, |_| Occasion::Merge);
        let poll = gates::poll(&case, &Asking { occasion, ..asking });
        let around = Around { args: self, environment: call.environment, out: call.out };
        around.show(&case, &poll, &Stats::default(), &call.environment.pages())?;
        Ok(poll.verdict().outcome().exit())
    }

    /// Evaluates the current state.
    async fn judge(&self, world: &World, asking: Asking, call: Call<'_>) -> anyhow::Result<Exit> {
        let Call { common, environment, out, .. } = call;
        let around = Around { args: self, environment, out };
        let (trigger, eyes) = (environment.trigger()?, world.eyes());
        refuse_checkout(&trigger, &eyes)?;
        let merging = match self.due.subject.commit {
            Some(_) => None,
            None => merging(self.pr, &trigger, &eyes).await?,
        };
        let occasion = merging.as_ref().map_or(Occasion::Check, |_| Occasion::Merge);
        let asking = Asking { occasion, ..asking };
        let scope = Scope::Check(asking.clone());
        let mut order = ObserveRequest { merging, ..world.order(&self.due.subject, scope)? };
        order.request.expect_release = self.due.expect_release;
        if order.merging.is_some() {
            if common.manifest.is_some() {
                bail!("a merge is evaluated with the manifest of its base: remove `--manifest`");
            }
            // What lies in the work tree may be the pull request's own.
            order.manifest = None;
        }
        let seen = match self.wait {
            None => Some(observe(&world.eyes(), &order).await?),
            Some(seconds) => watch(world, order, asking.clone(), seconds, out).await?,
        };
        let Some(seen) = seen else { return Ok(around.blind()) };
        for what in &seen.fetched {
            out.progress(&format!("fetched {what}"));
        }
        let case = seen.case();
        let poll = gates::poll(&case, &asking);
        around.show(&case, &poll, &world.stats(), &world.pages())?;
        around.post(world, &case, &poll).await;
        Ok(poll.verdict().outcome().exit())
    }
}

/// Why a gate's name is unknown, with the closest known name.
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
        .with_context(|| format!("`{}` does not contain facts", path.display()))?;
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

/// What all endings share.
struct Around<'a> {
    args: &'a Check,
    environment: &'a Environment,
    out: Out,
}

impl Around<'_> {
    fn show(
        &self,
        case: &Case<'_>,
        poll: &Poll,
        stats: &Stats,
        pages: &Pages,
    ) -> anyhow::Result<()> {
        let Self { args, environment, out } = *self;
        let (facts, target) = (case.facts, case.target().ok());
        if let Some(path) = &args.facts_out {
            let text = serde_json::to_string_pretty(facts)?;
            keep(path, &format!("{text}\n"), out)
                .with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        let (since, early) = (case.since(), case.in_development());
        let body = |paint| {
            let since = since.as_ref().map(|since| format!("{}\n", headline(since, paint)));
            let early = early.map(|(target, path)| {
                let help = format!("write the version to release to `{}`", clean(path));
                format!("{}\n  = help: {help}\n\n", not_due(&target.version, path, paint))
            });
            let given = case.not_given().map(|since| format!("{}\n\n", not_given(since, paint)));
            since.or(early).or(given).unwrap_or_default() + &report(facts, target, poll, paint)
        };
        let text = |paint| {
            let line = verdict_line(poll, stats.cost(), paint);
            format!("{}\n{line}\n", body(paint))
        };
        let judged = Report::judged(case, poll, pages, stats.cost());
        let json = json::check(facts, target, poll, &judged.ending, stats);
        let shown = Shown { report: &judged, json, text: &text };
        match args.format {
            Format::Text | Format::Github => {
                out.detail(&body(out.paint()));
                out.detail("");
                out.result(&verdict_line(poll, stats.cost(), out.paint()));
            }
            Format::Json | Format::Markdown | Format::Sarif | Format::Junit => {
                shown.print(args.format, out)?;
            }
        }
        shown.files(&args.reports.concat(), out);
        if args.format == Format::Github {
            workflow(&judged, None, None, environment, out);
        }
        Ok(())
    }

    /// Reports that the command was stopped before its first read was complete.
    fn blind(&self) -> Exit {
        let Self { args, environment, out } = *self;
        let ending = Ending {
            outcome: Outcome::Unknown,
            said: "stopped before anything was read".to_owned(),
        };
        let out = match args.format {
            Format::Text | Format::Github => out,
            Format::Json | Format::Markdown | Format::Sarif | Format::Junit => out.aside(),
        };
        out.result(&format!("{}: {}", out.paint().word(ending.outcome, 0), ending.said));
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
        let (pages, cost) = (world.pages(), world.cost());
        let judged = Report::judged(case, poll, &pages, cost);
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
    fn a_list_takes_commas_blanks_and_line_breaks() {
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
    fn reports_are_lines() {
        let check = check("--report=\n  - json=a, b.json\r\n  sarif=c.sarif  \n\n");
        let all = check.reports.concat();
        let paths: Vec<&str> = all.iter().filter_map(|file| file.path.to_str()).collect();
        assert_eq!(paths, ["a, b.json", "c.sarif"]);
    }
}
