//! `move-tag`: tags that point to the highest final version of a range, such as `v1`.
//!
//! A moving tag points directly to the commit. If it pointed to the tag object of the release, git
//! would warn that `v1` is really named `v1.2.3`; a tag object of its own would have to be signed
//! again each time.

use super::kind::{Planning, Requests, StepKind, step};
use super::publish_release::PublishRelease;
use super::tag::Tag;
use crate::base::clean;
use crate::base::finding::Finding;
use crate::base::names::StepKey;
use crate::base::source::Spanned;
use crate::base::version::Scheme;
use crate::facts::{Facts, MovingTag};
use crate::judge::moving::{Motion, Moving};
use crate::planner::conflict::{Conflict, TagOwner};
use crate::planner::standing::StepState;
use crate::planner::view::View;
use crate::project::manifest::{
    ErasedSettings, MovingTemplate, Node, Predecessor, Reader, Shape, StepFault, StepShape,
    TagTemplate, Times, Touch, WrittenStep,
};
use crate::release::ledger::Ledger;
use crate::release::plan::Plan;
use crate::release::step::{Planned, Reach, Step};

/// The kind.
pub(super) struct MoveTag;

/// Its settings.
pub(super) struct Settings {
    tags: Vec<Spanned<MovingTemplate>>,
}

const SETTINGS: Shape<'static> = Shape::List { of: &Shape::Text, min: 1 };

fn read(reader: &Reader<'_>) -> Option<ErasedSettings> {
    let template =
        |item: &Node| Some(Spanned::new(MovingTemplate::new(item.text()?).ok()?, item.span));
    let tags = reader.items().iter().map(template).collect::<Option<_>>()?;
    Some(ErasedSettings::new(Settings { tags }))
}

fn moves(settings: &ErasedSettings) -> &[Spanned<MovingTemplate>] {
    settings.get().map_or(&[], |settings: &Settings| &settings.tags)
}

fn faults(step: &WrittenStep<'_>, root: &Node) -> Vec<StepFault> {
    let release = root.get("tag").and_then(Node::text).unwrap_or("v{version}");
    let release = TagTemplate::new(release).ok();
    let scheme = root.get("version").and_then(|version| version.get("scheme")?.text());
    let scheme = Scheme::ALL.into_iter().find(|known| Some(known.name()) == scheme);
    let mut seen: Vec<&str> = Vec::new();
    let mut faults = Vec::new();
    for item in step.settings.map_or(&[][..], Node::items) {
        let Some(text) = item.text() else { continue };
        let twice = seen.contains(&text);
        seen.push(text);
        let found = match MovingTemplate::new(text) {
            _ if text.is_empty() => continue,
            Err(error) => Finding::new(format!("invalid `move-tag`: {error}"))
                .help("the usual forms are `v{major}` and `v{major}.{minor}`"),
            Ok(_) if twice => Finding::new(format!("`{text}` is listed twice")),
            Ok(template) => {
                match release.as_ref().and_then(|release| template.clash(release, scheme)) {
                    None => continue,
                    Some(tag) => Finding::new(format!("`{text}` can be the tag of a release"))
                        .note(format!("`{tag}`, for example"))
                        .help("use a format that differs from `tag`"),
                }
            }
        };
        faults.push(StepFault { finding: found, at: item.span, label: "" });
    }
    faults
}

impl From<Moving> for Step {
    fn from(moving: Moving) -> Self {
        Self::new(MoveTag::NAME, &moving)
    }
}

impl StepKind for MoveTag {
    const NAME: &'static str = "move-tag";
    const WRITTEN: Option<StepShape> = Some(StepShape {
        name: Self::NAME,
        doc: "Moves tags such as `v{major}` and `v{major}.{minor}` to the release. Each tag points \
              to the highest final version of its range; a tag without a placeholder, such as \
              `latest`, follows all versions. Runs last in its stage. Put this step in the same \
              stage as `publish-release`, or in a later one.",
        settings: &SETTINGS,
        bare: false,
        times: Times::Once,
        touches: Self::TOUCHES,
        after: &[
            Predecessor::Required { step: Tag::WRITTEN_AS, to: "release the version" },
            Predecessor::IfPresent(PublishRelease::WRITTEN_AS),
        ],
        faults,
        moves,
        usual: false,
        read,
    });
    const TOUCHES: &'static [Touch] = &[Touch::MovingTag];
    const LAST: bool = true;
    type Settings = Settings;
    type Arguments = Moving;

    fn plan(_: &Settings, planning: &Planning<'_>) -> Vec<Planned> {
        // Users of the tag get the release immediately.
        let one = |moving: &Moving| {
            step::<Self>(&format!("{}:{}", Self::NAME, moving.tag), Reach::Irreversible, moving)
        };
        planning.moving.iter().flat_map(one).collect()
    }

    fn standing(moving: &Moving, key: &StepKey, view: &mut View<'_>) -> StepState {
        let evidence = match moving.motion(&view.plan.version, &view.plan.commit, view.facts) {
            Err(unseen) => return StepState::Unseen(unseen),
            Ok(Motion::PreRelease) => "not moved for a pre-release".into(),
            Ok(Motion::Stays { higher, now }) => {
                let higher = clean::name(higher.tag.as_str());
                match &now.at {
                    Some(at) => format!("stays at {}, {higher} is higher", at.commit.short()),
                    None => format!("not created, {higher} is higher"),
                }
            }
            Ok(Motion::There(at)) => {
                let evidence = format!("at {}", at.commit.short());
                if view.facts.ledger.known().is_ok_and(|ledger| is_begun(ledger, key)) {
                    return StepState::Done { evidence };
                }
                evidence
            }
            Ok(Motion::Due(now)) => {
                view.conflicts.extend(owned(moving, now));
                return StepState::Missing;
            }
        };
        // The step made nothing of this release public.
        view.idle.push(key.clone());
        StepState::Done { evidence }
    }

    fn absent(moving: &Moving, plan: &Plan) -> String {
        format!("tag `{}` does not point to {}", moving.tag, plan.commit.short())
    }

    fn title(moving: &Moving, plan: &Plan) -> String {
        format!("move-tag {} to {}", clean::name(moving.tag.as_str()), plan.commit.short())
    }

    fn detail(moving: &Moving, _: &Plan, facts: &Facts) -> String {
        let Some(now) = facts.moving.known().ok().and_then(|known| known.get(&moving.tag)) else {
            return String::new();
        };
        let Some(at) = &now.at else { return "new".into() };
        let tags = facts.history.known().map_or(&[][..], |history| &history.tags);
        let version =
            tags.iter().find(|tag| tag.commit == at.commit && moving.covers(&tag.version));
        let version = version.map(|tag| format!(" ({})", clean::name(tag.tag.as_str())));
        format!("from {}{}", at.commit.short(), version.unwrap_or_default())
    }

    fn requests(_: &Moving, requests: Requests<'_>) -> usize {
        requests.look
    }

    fn moves(moving: Moving) -> Option<Moving> {
        Some(moving)
    }
}

fn is_begun(ledger: &Ledger, key: &StepKey) -> bool {
    ledger.did(key).is_some() || ledger.in_doubt().contains(&key)
}

/// The conflict if the tag cannot be moved.
fn owned(moving: &Moving, now: &MovingTag) -> Option<Conflict> {
    let owner = match (now.locked.known(), now.recorded) {
        (Ok(true), _) => TagOwner::Immutable,
        (_, true) => TagOwner::Recorded,
        (Ok(false) | Err(_), false) => return None,
    };
    Some(Conflict::MovingTagOwned { tag: moving.tag.clone(), owner })
}
