//! `/releases`.

use super::links;
use super::message::Answer;
use super::visit::{Visit, refused};
use super::{bare, wire};
use serde::Deserialize;
use tminus::adapters::sim::{Author, SimRelease, State};
use tminus::base::names::{Sha, TagName};
use tminus::ports::{NewDraft, Publication};

/// What may be sent to make or change a release.
#[derive(Debug, Default, Deserialize)]
struct Wish {
    tag_name: Option<String>,
    target_commitish: Option<String>,
    name: Option<String>,
    body: Option<String>,
    draft: Option<bool>,
    prerelease: Option<bool>,
    make_latest: Option<String>,
}

impl Wish {
    fn read(visit: &Visit<'_>) -> Result<Self, Answer> {
        serde_json::from_value(visit.ask.json()?)
            .map_err(|error| Answer::invalid("Release", "invalid", "body", &error.to_string()))
    }
}

pub(crate) fn list(visit: &Visit<'_>) -> Result<Answer, Answer> {
    let mut shown = listed(&mut *visit.shared.world()?, visit.scopes.write);
    shown.reverse();
    let shown = shown.iter().map(|held| wire::release(&visit.places, held)).collect();
    Ok(links::page(visit.ask, shown, &visit.list("releases")))
}

/// The listing, perhaps as it was a while ago.
pub(crate) fn listed(world: &mut State, drafts: bool) -> Vec<SimRelease> {
    let shown = world.listing().into_iter().filter(|release| drafts || !release.draft);
    let shown: Vec<_> = shown.collect();
    let held = |release: tminus::facts::Release| {
        let known = world.find(release.id);
        SimRelease {
            created: known.map_or(world.now, |held| held.created),
            published: known.and_then(|held| held.published).filter(|_| !release.draft),
            published_by: None,
            immutable: known.is_some_and(|held| held.immutable && !release.draft),
            release,
        }
    };
    shown.into_iter().map(held).collect()
}

pub(crate) fn one(visit: &Visit<'_>, id: u64) -> Result<Answer, Answer> {
    let world = visit.shared.world()?;
    Ok(Answer::json(200, &wire::release(&visit.places, visible(visit, &world, id)?)))
}

pub(crate) fn by_tag(visit: &Visit<'_>, tag: &str) -> Result<Answer, Answer> {
    let shown = listed(&mut *visit.shared.world()?, false);
    let found = shown.iter().find(|held| held.release.tag == tag);
    found
        .map(|held| Answer::json(200, &wire::release(&visit.places, held)))
        .ok_or_else(Answer::missing)
}

pub(crate) fn latest(visit: &Visit<'_>) -> Result<Answer, Answer> {
    let world = visit.shared.world()?;
    let found = world.latest.and_then(|id| world.find(id)).filter(|held| !held.release.draft);
    found
        .map(|held| Answer::json(200, &wire::release(&visit.places, held)))
        .ok_or_else(Answer::missing)
}

pub(crate) fn create(visit: &Visit<'_>) -> Result<Answer, Answer> {
    visit.writer()?;
    let wish = Wish::read(visit)?;
    let Some(name) = &wish.tag_name else {
        return Err(Answer::invalid("Release", "missing_field", "tag_name", ""));
    };
    let tag = tag_name(name)?;
    let draft = wish.draft.unwrap_or(false);
    let prerelease = wish.prerelease.unwrap_or(false);
    refuse_latest(&wish, draft, prerelease)?;
    let target = wish.target_commitish.clone().unwrap_or(visit.shared.options.branch.clone());
    let mut world = visit.shared.world()?;
    let commit = resolve(visit, &world, &tag, &target)?;
    if !draft && world.published(name).is_some() {
        return Err(Answer::invalid("Release", "already_exists", "tag_name", ""));
    }
    let new = NewDraft {
        tag: tag.clone(),
        commit: commit.clone(),
        title: wish.name.clone().unwrap_or_default(),
        body: wish.body.clone().unwrap_or_default(),
        prerelease,
    };
    let made = world.create_draft(&new).map_err(refused)?;
    if let Some(held) = world.find_mut(made.id) {
        held.release.target = target;
    }
    if !draft {
        publish(visit, &mut world, &wish, made.id, tag, commit)?;
    }
    let held = world.find(made.id).ok_or_else(Answer::missing)?;
    let place = format!("{}/releases/{}", visit.places.repo(), made.id);
    Ok(Answer::json(201, &wire::release(&visit.places, held)).with("location", place))
}

pub(crate) fn edit(visit: &Visit<'_>, id: u64) -> Result<Answer, Answer> {
    let mut world = visit.shared.world()?;
    let held = visible(visit, &world, id)?.clone();
    visit.writer()?;
    let wish = Wish::read(visit)?;
    let draft = wish.draft.unwrap_or(held.release.draft);
    let prerelease = wish.prerelease.unwrap_or(held.release.prerelease);
    refuse_latest(&wish, draft, prerelease)?;
    let name = wish.tag_name.clone().unwrap_or(held.release.tag.clone());
    let renames = name != held.release.tag || draft != held.release.draft;
    if held.immutable && renames {
        let why = "Cannot change the tag of an immutable release.";
        return Err(Answer::invalid("Release", "custom", "tag_name", why));
    }
    if held.release.draft && !draft {
        if name.starts_with("untagged-") {
            let why = "Published releases must have a valid tag";
            return Err(Answer::invalid("Release", "custom", "tag_name", why));
        }
        let tag = tag_name(&name)?;
        let target = wish.target_commitish.clone().unwrap_or(held.release.target.clone());
        let commit = resolve(visit, &world, &tag, &target)?;
        publish(visit, &mut world, &wish, id, tag, commit)?;
    } else {
        world.remember_listing();
        let latest = wish.make_latest.as_deref() == Some("true");
        if latest {
            world.latest = Some(id);
        }
    }
    let held = world.find_mut(id).ok_or_else(Answer::missing)?;
    let release = &mut held.release;
    release.tag = name;
    release.draft = draft;
    release.prerelease = prerelease;
    release.name = wish.name.unwrap_or(std::mem::take(&mut release.name));
    release.body = wish.body.unwrap_or(std::mem::take(&mut release.body));
    release.target = wish.target_commitish.unwrap_or(std::mem::take(&mut release.target));
    Ok(Answer::json(200, &wire::release(&visit.places, held)))
}

pub(crate) fn delete(visit: &Visit<'_>, id: u64) -> Result<Answer, Answer> {
    let mut world = visit.shared.world()?;
    visible(visit, &world, id)?;
    visit.writer()?;
    world.delete_release(id).map_err(refused)?;
    Ok(Answer::empty(204))
}

/// A release that the asker may see.
pub(crate) fn visible<'a>(
    visit: &Visit<'_>,
    world: &'a State,
    id: u64,
) -> Result<&'a SimRelease, Answer> {
    let found = world.find(id).filter(|held| visit.scopes.write || !held.release.draft);
    found.ok_or_else(Answer::missing)
}

fn publish(
    visit: &Visit<'_>,
    world: &mut State,
    wish: &Wish,
    release: u64,
    tag: TagName,
    commit: Sha,
) -> Result<(), Answer> {
    let held = world.find(release).ok_or_else(Answer::missing)?;
    let prerelease = wish.prerelease.unwrap_or(held.release.prerelease);
    // Left out it means yes, where that is possible.
    let latest = wish.make_latest.as_deref().is_none_or(|word| word != "false") && !prerelease;
    let publication = Publication { release, tag, commit, latest, prerelease };
    world.publish(&publication, Author::Us).map_err(refused)?;
    if let Some(path) = &visit.shared.options.bare {
        bare::give(path, world).map_err(|error| Answer::error(500, error.message()))?;
    }
    Ok(())
}

fn refuse_latest(wish: &Wish, draft: bool, prerelease: bool) -> Result<(), Answer> {
    match wish.make_latest.as_deref() {
        Some("true") if draft || prerelease => {
            let why = "Latest release cannot be draft or prerelease.";
            Err(Answer::invalid("Release", "invalid", "make_latest", why))
        }
        Some("true" | "false" | "legacy") | None => Ok(()),
        Some(_) => Err(Answer::invalid("Release", "invalid", "make_latest", "")),
    }
}

fn tag_name(name: &str) -> Result<TagName, Answer> {
    let why = "tag_name is not a valid tag";
    TagName::new(name).map_err(|_| Answer::invalid("Release", "custom", "tag_name", why))
}

/// The commit that the tag is made on if it is not there; then the target is not looked at.
fn resolve(visit: &Visit<'_>, world: &State, tag: &TagName, target: &str) -> Result<Sha, Answer> {
    if let Some(at) = world.tags.get(tag) {
        return Ok(at.commit.clone());
    }
    let options = &visit.shared.options;
    let found = match &options.bare {
        Some(path) => bare::commit(path, target),
        None if target == options.branch => Sha::new("0".repeat(40)).ok(),
        None => Sha::new(target).ok(),
    };
    found.ok_or_else(|| Answer::invalid("Release", "invalid", "target_commitish", ""))
}
