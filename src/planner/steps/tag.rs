//! `tag`: the annotated tag, created in the remote.

use super::kind::{Denial, Planning, Requests, StepKind, step};
use crate::base::clean;
use crate::base::names::StepKey;
use crate::facts::{Facts, TagAt};
use crate::planner::conflict::Conflict;
use crate::planner::standing::StepState;
use crate::planner::view::View;
use crate::project::manifest::{ErasedSettings, Field, Reader, Shape, StepShape, Times, Touch};
use crate::release::ledger::Evidence;
use crate::release::plan::Plan;
use crate::release::step::{Planned, Reach, Sign, Step};
use serde::{Deserialize, Serialize};

/// The kind.
pub(super) struct Tag;

/// Its settings.
pub(super) struct Settings {
    sign: Sign,
}

/// Its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tagged {
    /// The tag's message.
    pub message: String,
    /// How it is signed.
    pub sign: Sign,
}

const SETTINGS: Shape<'static> = Shape::Object(&[Field::new(
    "sign",
    Shape::OneOf(&[
        ("auto", "as git is configured (`tag.gpgSign`, `gpg.format`)"),
        ("off", "not signed"),
        ("ssh", "with `ssh-keygen`"),
        ("gpg", "with `gpg`"),
    ]),
    "How the tag is signed.",
)
.default("auto")]);

fn read(reader: &Reader<'_>) -> Option<ErasedSettings> {
    let known = [("auto", Sign::Auto), ("off", Sign::Off), ("ssh", Sign::Ssh), ("gpg", Sign::Gpg)];
    Some(ErasedSettings::new(Settings { sign: reader.word("sign", &known)? }))
}

impl From<Tagged> for Step {
    fn from(tagged: Tagged) -> Self {
        Self::new(Tag::NAME, &tagged)
    }
}

impl Tag {
    /// Its name in a manifest.
    pub(super) const WRITTEN_AS: &'static str = "tag";
}

impl StepKind for Tag {
    const NAME: &'static str = "tag";
    const WRITTEN: Option<StepShape> = Some(StepShape {
        name: Self::WRITTEN_AS,
        doc: "Creates the annotated tag and pushes it.",
        settings: &SETTINGS,
        bare: true,
        times: Times::Once,
        touches: Self::TOUCHES,
        after: &[],
        faults: |_, _| Vec::new(),
        moves: |_| &[],
        usual: true,
        read,
    });
    const TOUCHES: &'static [Touch] = &[Touch::Tag];
    type Settings = Settings;
    type Arguments = Tagged;

    fn plan(settings: &Settings, planning: &Planning<'_>) -> Vec<Planned> {
        let (tag, notes) = (&planning.target.tag, planning.notes);
        let message =
            if notes.is_empty() { format!("{tag}\n") } else { format!("{tag}\n\n{notes}\n") };
        step::<Self>(Self::NAME, Reach::Public, &Tagged { message, sign: settings.sign })
    }

    fn standing(tagged: &Tagged, _: &StepKey, view: &mut View<'_>) -> StepState {
        let tag: &TagAt = match view.facts.tag.known() {
            Err(unseen) => return StepState::Unseen(unseen.clone()),
            Ok(None) => return StepState::Missing,
            Ok(Some(tag)) => tag,
        };
        if tag.commit != view.plan.commit {
            view.conflicts.push(Conflict::TagElsewhere {
                tag: view.plan.tag.clone(),
                wanted: view.plan.commit.clone(),
                found: tag.commit.clone(),
            });
        } else if !tag.annotated() && is_signed(tagged.sign) {
            view.conflicts.push(Conflict::TagUnsigned { tag: view.plan.tag.clone() });
        }
        let kind = if tag.annotated() { "annotated" } else { "lightweight" };
        StepState::Done { evidence: format!("{kind}, at {}", tag.commit.short()) }
    }

    fn absent(_: &Tagged, plan: &Plan) -> String {
        format!("tag `{}` does not exist", plan.tag)
    }

    fn denied(_: &Tagged, evidence: &Evidence, plan: &Plan, facts: &Facts) -> Denial {
        let now = facts.tag.known().map_err(Clone::clone)?.as_ref();
        let Some((now, then)) = now.zip(evidence.object.as_ref()) else { return Ok(None) };
        let other = now.object != *then;
        let (name, now, then) = (&plan.tag, now.object.short(), then.short());
        Ok(other.then(|| format!("tag `{name}` is now the object {now}, not {then}")))
    }

    fn title(tagged: &Tagged, plan: &Plan) -> String {
        let signed = if is_signed(tagged.sign) { ", signed" } else { "" };
        format!("tag {} at {}{signed}", clean::name(plan.tag.as_str()), plan.commit.short())
    }

    fn requests(_: &Tagged, requests: Requests) -> usize {
        requests.look
    }
}

/// Whether the manifest requires a signature, regardless of git's configuration.
fn is_signed(sign: Sign) -> bool {
    matches!(sign, Sign::Ssh | Sign::Gpg)
}
