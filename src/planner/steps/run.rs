//! `run`: a command of the user.

use super::kind::{Planning, Requests, StepKind, step};
use crate::base::clean::{self, typed};
use crate::base::finding::Finding;
use crate::base::names::StepKey;
use crate::facts::{Facts, Seen, Unseen};
use crate::planner::standing::StepState;
use crate::planner::view::View;
use crate::project::manifest::{
    ErasedSettings, Field, Node, Preset, Reader, Shape, StepFault, StepShape, Times, Touch, Value,
    WrittenStep,
};
use crate::release::plan::Plan;
use crate::release::step::{Command, Planned, Reach, Step};

/// The kind.
pub(super) struct Run;

const SETTINGS: Shape<'static> = Shape::Object(&[
    Field::new(
        "name",
        Shape::Text,
        "The name of the step in plans. If omitted, the name of the program.",
    ),
    Field::new("command", Shape::Argv, "The program and its arguments. It runs without a shell.")
        .required(),
    Field::new(
        "probe",
        Shape::Argv,
        "A command that reports whether the step is done. Exit code 0 means done, 1 means not \
         done, and any other code means unknown.",
    ),
    Field::new("rehearse", Shape::Argv, "The command that `tminus rehearse` runs instead."),
    Field::new(
        "reach",
        Shape::OneOf(&[
            ("private", "only people with write access to the repository see it"),
            ("public", "everybody can see it; it can be reverted"),
            ("irreversible", "it cannot be reverted"),
        ]),
        "Who can see the effect of the command, and whether it can be undone. The steps of a stage \
         run in the order private, public, irreversible.",
    )
    .default("irreversible"),
    Field::new(
        "repeatable",
        Shape::Flag,
        "Whether the command can safely run twice. Required if there is no `probe`.",
    )
    .preset(Preset::Flag(false)),
    Field::new(
        "timeout",
        Shape::Duration,
        "The time after which tminus stops the command and treats it as failed.",
    )
    .default("10m"),
]);

fn read(reader: &Reader<'_>) -> Option<ErasedSettings> {
    let known = [
        ("private", Reach::Private),
        ("public", Reach::Public),
        ("irreversible", Reach::Irreversible),
    ];
    let command = reader.texts("command")?;
    Some(ErasedSettings::new(Command {
        name: reader.text("name").or_else(|| command.first().cloned())?,
        command,
        probe: reader.optional("probe", Reader::texts)?,
        rehearse: reader.optional("rehearse", Reader::texts)?,
        reach: reader.word("reach", &known)?,
        repeatable: reader.flag("repeatable")?,
        timeout_seconds: reader.seconds("timeout")?,
    }))
}

/// Its name or, if it has none, its program.
fn name(step: &WrittenStep<'_>) -> Option<String> {
    let program = || step.get("command")?.items().first()?.text();
    step.get("name").and_then(Node::text).or_else(program).map(Into::into)
}

fn faults(step: &WrittenStep<'_>, _: &Node) -> Vec<StepFault> {
    let repeatable = step.get("repeatable").map(|node| &node.value) == Some(&Value::Bool(true));
    if step.settings.is_none() || step.get("probe").is_some() || repeatable {
        return Vec::new();
    }
    let finding = Finding::new("tminus cannot tell whether this `run` step is already done")
        .note("an interrupted release is resumed, which may run this step again")
        .help(
            "add `probe`, a command that exits 0 when it is done and 1 when it is not; or \
             `repeatable: true` if running it twice does no harm",
        );
    vec![StepFault { finding, at: step.at, label: "needs `probe` or `repeatable: true`" }]
}

impl From<Command> for Step {
    fn from(run: Command) -> Self {
        Self::new(Run::NAME, &run)
    }
}

impl StepKind for Run {
    const NAME: &'static str = "run";
    const WRITTEN: Option<StepShape> = Some(StepShape {
        name: Self::NAME,
        doc: "Runs your own command.",
        settings: &SETTINGS,
        bare: false,
        times: Times::Named(name),
        touches: Self::TOUCHES,
        after: &[],
        faults,
        moves: |_| &[],
        usual: false,
        read,
    });
    const TOUCHES: &'static [Touch] = &[Touch::Command];
    type Settings = Command;
    type Arguments = Command;

    fn plan(settings: &Command, planning: &Planning<'_>) -> Vec<Planned> {
        let key = format!("run:{}/{}", planning.stage, settings.name);
        step::<Self>(&key, settings.reach, settings)
    }

    fn standing(run: &Command, key: &StepKey, view: &mut View<'_>) -> StepState {
        if run.probe.is_some() {
            return match view.facts.probes.get(key) {
                Some(Seen::Known(true)) => {
                    StepState::Done { evidence: "confirmed by its probe".into() }
                }
                Some(Seen::Known(false)) => StepState::Missing,
                Some(Seen::Unseen(unseen)) => StepState::Unseen(unseen.clone()),
                None => StepState::Unseen(Unseen {
                    why: "its probe did not run".into(),
                    help: None,
                    who: None,
                }),
            };
        }
        match view.facts.ledger.known() {
            Err(unseen) => StepState::Unseen(unseen.clone()),
            Ok(ledger) => ledger.did(key).map_or(StepState::Missing, |evidence| StepState::Done {
                evidence: format!("recorded: {}", evidence.text),
            }),
        }
    }

    fn absent(run: &Command, _: &Plan) -> String {
        match run.probe {
            Some(_) => "its probe reports that it is not done".into(),
            None => "it is not done".into(),
        }
    }

    fn title(run: &Command, _: &Plan) -> String {
        format!("run {}", clean::name(&run.name))
    }

    fn detail(run: &Command, _: &Plan, _: &Facts) -> String {
        typed(&run.command)
    }

    fn requests(_: &Command, requests: Requests<'_>) -> usize {
        requests.look
    }

    fn seconds(run: &Command) -> u64 {
        run.timeout_seconds
    }

    fn command(run: Command) -> Option<Command> {
        Some(run)
    }

    fn runs(settings: &Command) -> Option<&Command> {
        Some(settings)
    }
}
