//! `tminus replay`: past releases, judged by the manifest of today.

use super::args::{Common, Replay, Subject};
use super::format::ReplayFormat;
use super::environment::Environment;
use super::exit::Exit;
use super::out::Out;
use super::world::{Network, World};
use crate::drive::observe::{ObserveError, Scope, manifest_source};
use crate::drive::replay::{PastReleases, replay};
use crate::report::replay as report;

pub(super) async fn run(
    args: &Replay,
    common: &Common,
    environment: &Environment,
    out: Out,
) -> anyhow::Result<Exit> {
    let world = World::new(common, environment, Network::Offline, out)?;
    let order = world.order(&Subject::default(), Scope::Plan)?;
    let source = manifest_source(&world.eyes(), &order)?;
    let past = PastReleases::read(world.eyes(), world.repository.usual_branch())
        .map_err(ObserveError::from)?;
    let replayed = replay(&past, &source, args.last).await?;
    match args.format {
        ReplayFormat::Text => {
            out.result(report::replay(&replayed, out.paint()).trim_end());
        }
        ReplayFormat::Json => {
            out.json(&serde_json::to_string_pretty(&report::document(&replayed))?);
        }
    }
    Ok(match (replayed.is_empty(), replayed.iter().all(|one| one.is_right())) {
        (true, _) => Exit::Unknown,
        (false, true) => Exit::Go,
        (false, false) => Exit::NoGo,
    })
}
