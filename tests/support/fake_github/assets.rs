//! Assets of releases.

use super::books::Shared;
use super::links;
use super::message::{Answer, Ask};
use super::releases::visible;
use super::visit::{Visit, refused};
use super::wire;
use std::sync::PoisonError;
use tminus::adapters::sim::{SimRelease, State};
use tminus::facts::RemoteAsset;
use tminus::release::step::sha256;

/// Where the bytes of assets are: another host in reality.
pub(crate) const STORAGE: &str = "/storage/";

pub(crate) fn list(visit: &Visit<'_>, release: u64) -> Result<Answer, Answer> {
    let world = visit.shared.world()?;
    let held = visible(visit, &world, release)?;
    let all = held.release.assets.iter().map(|one| wire::asset(&visit.places, held, one));
    let at = visit.list(&format!("releases/{release}/assets"));
    Ok(links::page(visit.ask, all.collect(), &at))
}

pub(crate) fn one(visit: &Visit<'_>, id: u64) -> Result<Answer, Answer> {
    let world = visit.shared.world()?;
    let (held, asset) = find(visit, &world, id)?;
    if visit.ask.header("accept") == Some("application/octet-stream") {
        let to = format!("{}{STORAGE}{id}", visit.shared.base);
        return Ok(Answer::empty(302).with("location", to));
    }
    Ok(Answer::json(200, &wire::asset(&visit.places, held, asset)))
}

pub(crate) fn delete(visit: &Visit<'_>, id: u64) -> Result<Answer, Answer> {
    let mut world = visit.shared.world()?;
    find(visit, &world, id)?;
    visit.writer()?;
    world.delete_asset(id).map_err(refused)?;
    Ok(Answer::empty(204))
}

pub(crate) fn upload(visit: &Visit<'_>, release: u64) -> Result<Answer, Answer> {
    let mut world = visit.shared.world()?;
    visible(visit, &world, release)?;
    visit.writer()?;
    let Some(name) = visit.ask.query("name") else {
        return Err(Answer::invalid("ReleaseAsset", "missing_field", "name", ""));
    };
    if visit.ask.header("content-type").is_none() {
        return Err(Answer::error(400, "Content-Type header is missing"));
    }
    let body = &visit.ask.body;
    let made = world.upload(release, &name, body.len() as u64, &sha256(body)).map_err(refused)?;
    let mut stored = visit.shared.stored.lock().unwrap_or_else(PoisonError::into_inner);
    stored.insert(made.id, body.clone());
    let held = world.find(release).ok_or_else(Answer::missing)?;
    let place = format!("{}/releases/assets/{}", visit.places.repo(), made.id);
    Ok(Answer::json(201, &wire::asset(&visit.places, held, &made)).with("location", place))
}

/// The bytes of an asset. A request that is authorized in two ways is refused: the address is enough.
pub(crate) fn stored(shared: &Shared, ask: &Ask, id: &str) -> Result<Answer, Answer> {
    if ask.header("authorization").is_some() {
        return Err(Answer::error(400, "Only one auth mechanism allowed"));
    }
    let stored = shared.stored.lock().unwrap_or_else(PoisonError::into_inner);
    let bytes = id.parse().ok().and_then(|id: u64| stored.get(&id)).ok_or_else(Answer::missing)?;
    let mut answer = Answer::empty(200).with("content-type", "application/octet-stream");
    answer.body.clone_from(bytes);
    Ok(answer)
}

/// An upload that breaks off: what is left blocks the name.
pub(crate) fn break_off(shared: &Shared, ask: &Ask) {
    let mut segments = ask.path.rsplit('/').skip(1);
    let release = segments.next().and_then(|id| id.parse().ok());
    if let (Some(release), Some(name), Ok(mut world)) = (release, ask.query("name"), shared.world())
    {
        // Where the real upload would be refused, nothing is left.
        let _left = world.break_upload(release, &name);
    }
}

fn find<'a>(
    visit: &Visit<'_>,
    world: &'a State,
    id: u64,
) -> Result<(&'a SimRelease, &'a RemoteAsset), Answer> {
    let shown = world.releases.iter().filter(|held| visit.scopes.write || !held.release.draft);
    let mut pairs =
        shown.flat_map(|held| held.release.assets.iter().map(move |asset| (held, asset)));
    pairs.find(|(_, asset)| asset.id == id).ok_or_else(Answer::missing)
}
