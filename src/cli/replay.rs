//! `tminus replay`: evaluates past releases with the current manifest.

use super::command::{Call, Done, Run};
use super::deliver::print;
use super::format::replayed;
use super::options::Subject;
use super::values::number;
use super::world::{Network, World};
use crate::adapters::kinds;
use crate::drive::observe::{ObserveError, Scope, manifest_source};
use crate::drive::replay::{PastReleases, replay};
use crate::judge::replay::Replayed;
use crate::release::outcome::{Exit, Outcome};
use crate::report::formats::{Format, Reader};
use crate::report::replay as report;
use async_trait::async_trait;
use clap::Args;

/// Show which past releases the manifest would have allowed.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// The number of releases to check, newest first.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = number::<usize>)]
    last: usize,
    /// Output format.
    #[arg(long, value_name = "FORMAT", value_parser = replayed(), default_value = "text")]
    format: Format,
}

#[async_trait(?Send)]
impl Run for Replay {
    async fn run(&self, call: Call<'_>) -> Done {
        let replay = async |world: &World| self.replay(world, call).await;
        call.in_world(Network::Offline, replay).await
    }

    fn listener(&self) -> Reader {
        self.format.reader
    }
}

impl Replay {
    async fn replay(&self, world: &World, call: Call<'_>) -> anyhow::Result<Exit> {
        let order = world.order(&Subject::default(), Scope::Plan)?;
        let source = manifest_source(&world.read_ports(), &order)?;
        let past = PastReleases::read(
            world.read_ports(),
            kinds(),
            world.repository.default_branch(),
            None,
        )
        .map_err(ObserveError::from)?;
        let replayed = replay(&past, &source, self.last).await?;
        match self.format.replay.filter(|_| self.format.reader != Reader::Person) {
            Some(render) => print(self.format.media, &render(&replayed)?, call.out),
            None => call.out.result(report::replay(&replayed, call.out.paint()).trim_end()),
        }
        let unknown = replayed.iter().all(Replayed::is_unknown);
        let outcome = match (unknown, replayed.iter().all(Replayed::is_right)) {
            (true, _) => Outcome::Unknown,
            (false, true) => Outcome::Go,
            (false, false) => Outcome::NoGo,
        };
        Ok(outcome.exit())
    }
}
