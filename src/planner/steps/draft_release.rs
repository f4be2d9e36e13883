//! `draft-release`: a draft with its notes and its assets, which only people with write access see.

use super::kind::{Planning, Requests, StepKind, step};
use super::upload::{Awaited, uploads};
use crate::base::clean;
use crate::base::names::StepKey;
use crate::base::source::Spanned;
use crate::facts::Facts;
use crate::planner::standing::StepState;
use crate::planner::view::View;
use crate::project::manifest::{
    ErasedSettings, Field, Pattern, Preset, Reader, Shape, StepShape, Times, Touch,
};
use crate::release::plan::Plan;
use crate::release::step::{Asset, Planned, Reach, SUMS, Step};
use serde::{Deserialize, Serialize};

/// The kind.
pub(super) struct DraftRelease;

/// Its settings.
pub(super) struct Settings {
    assets: Vec<Spanned<Pattern>>,
    checksums: bool,
}

/// Its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The draft's title.
    pub title: String,
    /// Its notes, Markdown.
    pub notes: String,
    /// Whether the release is a pre-release.
    pub prerelease: bool,
}

const SETTINGS: Shape<'static> = Shape::Object(&[
    Field::new(
        "assets",
        Shape::List { of: &Shape::Files, min: 0 },
        "Files to upload, as globs. `*` does not match `/`; `**` does.",
    )
    .preset(Preset::List(&[])),
    Field::new(
        "checksums",
        Shape::OneOf(&[
            ("sha256", "adds `SHA256SUMS` if there are assets"),
            ("none", "adds nothing"),
        ]),
        "Whether to add a file with the assets' digests.",
    )
    .default("sha256"),
]);

fn read(reader: &Reader<'_>) -> Option<ErasedSettings> {
    let assets = reader.patterns("assets")?;
    let checksums = reader.word("checksums", &[("sha256", true), ("none", false)])?;
    Some(ErasedSettings::new(Settings { checksums: checksums && !assets.is_empty(), assets }))
}

impl From<Draft> for Step {
    fn from(draft: Draft) -> Self {
        Self::new(DraftRelease::NAME, &draft)
    }
}

impl DraftRelease {
    /// Its name in a manifest.
    pub(super) const WRITTEN_AS: &'static str = "draft-release";
}

impl StepKind for DraftRelease {
    const NAME: &'static str = "draft-release";
    const WRITTEN: Option<StepShape> = Some(StepShape {
        name: Self::WRITTEN_AS,
        doc: "Creates a draft release with its assets, visible only to people with write access.",
        settings: &SETTINGS,
        bare: true,
        times: Times::Once,
        touches: &[Touch::Draft, Touch::Asset],
        after: &[],
        faults: |_, _| Vec::new(),
        moves: |_| &[],
        usual: true,
        read,
    });
    const TOUCHES: &'static [Touch] = &[Touch::Draft];
    type Settings = Settings;
    type Arguments = Draft;

    fn plan(settings: &Settings, planning: &Planning<'_>) -> Vec<Planned> {
        let target = planning.target;
        let draft = Draft {
            title: target.tag.to_string(),
            notes: planning.notes.to_owned(),
            prerelease: !target.version.is_final(),
        };
        let (there, awaited) = (planning.assets, planning.awaited);
        let mut assets = there.to_vec();
        let file =
            |pattern: &String| Awaited { name: pattern.clone(), awaits: vec![pattern.clone()] };
        let mut files: Vec<Awaited> = awaited.iter().map(file).collect();
        if settings.checksums && !awaited.is_empty() {
            files.push(Awaited { name: SUMS.into(), awaits: awaited.to_vec() });
        } else if settings.checksums && !there.is_empty() {
            assets.push(Asset::checksums(there));
        }
        let uploads = uploads(assets, files);
        step::<Self>(Self::NAME, Reach::Private, &draft).into_iter().chain(uploads).collect()
    }

    fn standing(_: &Draft, _: &StepKey, view: &mut View<'_>) -> StepState {
        view.place.draft()
    }

    fn absent(_: &Draft, plan: &Plan) -> String {
        format!("there is no release and no draft of {}", plan.version)
    }

    fn title(_: &Draft, plan: &Plan) -> String {
        format!("draft-release {}", clean::name(plan.tag.as_str()))
    }

    fn detail(draft: &Draft, _: &Plan, _: &Facts) -> String {
        if draft.prerelease { "pre-release".into() } else { String::new() }
    }

    fn requests(_: &Draft, _: Requests) -> usize {
        1
    }

    fn notes(draft: Draft) -> Option<String> {
        Some(draft.notes).filter(|notes| !notes.is_empty())
    }

    fn files(settings: &Settings) -> &[Spanned<Pattern>] {
        &settings.assets
    }

    fn sums(settings: &Settings) -> bool {
        settings.checksums
    }
}
