//! `publish-release`: the draft is published.

use super::draft_release::DraftRelease;
use super::kind::{Planning, Requests, StepKind, step};
use super::tag::Tag;
use crate::base::names::StepKey;
use crate::facts::Facts;
use crate::judge::target::is_highest;
use crate::planner::standing::StepState;
use crate::planner::view::View;
use crate::project::manifest::{
    ErasedSettings, Field, Predecessor, Reader, Shape, StepShape, Times, Touch,
};
use crate::release::plan::Plan;
use crate::release::step::{Planned, Reach, Step};
use serde::{Deserialize, Serialize};

/// The kind.
pub(super) struct PublishRelease;

/// Its settings and its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publish {
    /// Whether it becomes the latest release; `auto` is resolved when the release is published.
    pub latest: Latest,
}

/// Whether a release becomes the latest release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Latest {
    /// When no higher final version exists on any line.
    Auto,
    /// Always.
    Yes,
    /// Never.
    No,
}

impl Publish {
    /// Whether the release becomes the latest release, given the facts.
    #[must_use]
    pub fn is_latest(&self, plan: &Plan, facts: &Facts) -> bool {
        match self.latest {
            Latest::Yes => true,
            Latest::No => false,
            Latest::Auto => {
                facts.history.known().is_ok_and(|history| is_highest(&plan.version, &history.tags))
            }
        }
    }
}

const SETTINGS: Shape<'static> = Shape::Object(&[Field::new(
    "latest",
    Shape::OneOf(&[
        ("auto", "if no higher final version has been released"),
        ("yes", "always"),
        ("no", "never"),
    ]),
    "Whether to mark the release as the latest release.",
)
.default("auto")]);

fn read(reader: &Reader<'_>) -> Option<ErasedSettings> {
    let known = [("auto", Latest::Auto), ("yes", Latest::Yes), ("no", Latest::No)];
    Some(ErasedSettings::new(Publish { latest: reader.word("latest", &known)? }))
}

impl From<Publish> for Step {
    fn from(publish: Publish) -> Self {
        Self::new(PublishRelease::NAME, &publish)
    }
}

impl PublishRelease {
    /// Its name in a manifest.
    pub(super) const WRITTEN_AS: &'static str = "publish-release";
}

impl StepKind for PublishRelease {
    const NAME: &'static str = "publish-release";
    const WRITTEN: Option<StepShape> = Some(StepShape {
        name: Self::WRITTEN_AS,
        doc: "Publishes the draft release. Put this step in the same stage as `draft-release` and \
              `tag`, or in a later one.",
        settings: &SETTINGS,
        bare: true,
        times: Times::Once,
        touches: Self::TOUCHES,
        after: &[
            Predecessor::Required { step: DraftRelease::WRITTEN_AS, to: "publish" },
            Predecessor::IfPresent(Tag::WRITTEN_AS),
        ],
        faults: |_, _| Vec::new(),
        moves: |_| &[],
        usual: true,
        read,
    });
    const TOUCHES: &'static [Touch] = &[Touch::Publication];
    type Settings = Publish;
    type Arguments = Publish;

    fn plan(settings: &Publish, _: &Planning<'_>) -> Vec<Planned> {
        step::<Self>(Self::NAME, Reach::Irreversible, settings)
    }

    fn standing(_: &Publish, _: &StepKey, view: &mut View<'_>) -> StepState {
        view.place.published()
    }

    fn absent(_: &Publish, plan: &Plan) -> String {
        format!("{} is not published", plan.version)
    }

    fn title(_: &Publish, _: &Plan) -> String {
        Self::NAME.into()
    }

    fn detail(publish: &Publish, plan: &Plan, facts: &Facts) -> String {
        let yes = publish.is_latest(plan, facts);
        let why = match publish.latest {
            Latest::Auto if !yes && plan.version.is_final() => ", a higher version is released",
            Latest::Auto | Latest::Yes | Latest::No => "",
        };
        format!("latest: {}{why}", if yes { "yes" } else { "no" })
    }

    fn requests(_: &Publish, requests: Requests) -> usize {
        1 + requests.asset_pages + requests.look
    }
}
