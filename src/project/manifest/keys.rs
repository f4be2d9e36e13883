//! Every key of the manifest: its form, its default and its words for people, in one place.
//!
//! A key that is not here does not exist. The gates' own settings are declared with the gates.

use super::kinds::{GateShape, Kinds, StepShape};
use super::shape::{Field, Shape, Word};

/// How a gate's entry is written where it has no settings.
const MODES: &[Word] = &[
    ("on", "its ruling counts"),
    ("inform", "it is asked and shown, and does not count"),
    ("off", "it is not asked, and listed as off"),
];

const MODE: Field<'static> = Field::new(
    "mode",
    Shape::OneOf(&[
        ("on", "its ruling counts"),
        ("inform", "it is asked and shown, and does not count"),
    ]),
    "Whether its ruling counts.",
)
.default("on");

const FORGES: &[Word] = &[
    ("github", "GitHub or GitHub Enterprise"),
    ("none", "a plain git remote: tags, commands and the ledger only"),
];

const VERSION_FILE: &[Shape<'static>] = &[
    Shape::Path,
    Shape::Object(&[
        Field::new("path", Shape::Path, "The file.").required(),
        Field::new(
            "pattern",
            Shape::LinePattern,
            "Finds the version: a regular expression whose only capture takes it. `^` and `$` are the \
             ends of a line. All that it finds in the file must be the same.",
        )
        .required(),
    ]),
];

const VERSION: &[Field<'static>] = &[
    Field::new(
        "files",
        Shape::List { of: &Shape::AnyOf(VERSION_FILE), min: 1 },
        "Files that carry the version. All must agree; the first is the source. \
         Each is a path, which is read by its kind, or a path with a pattern. \
         Left out, the version is computed by `policy`.",
    ),
    Field::new(
        "policy",
        Shape::OneOf(&[
            ("commits", "conventional commits since the last release"),
            ("manual", "a person, with `--version`"),
        ]),
        "Who decides what the next version is.",
    )
    .default("commits"),
    Field::new(
        "zero",
        Shape::OneOf(&[
            ("patch", "0.1.2 becomes 0.1.3"),
            ("minor", "0.1.2 becomes 0.2.0"),
            ("major", "0.1.2 becomes 1.0.0"),
        ]),
        "What a breaking change means below 1.0.",
    )
    .default("minor"),
    Field::new(
        "kinds",
        Shape::List { of: &Shape::Name, min: 0 },
        "Kinds of commits of the project's own (`wip: …`), beside the usual ones. They demand no \
         version.",
    )
    .default("[]"),
];

const CHANGELOG: &[Field<'static>] = &[
    Field::new("file", Shape::Path, "The changelog. One that is named here must exist.")
        .default("CHANGELOG.md"),
    Field::new(
        "style",
        Shape::OneOf(&[
            ("keep-a-changelog", "a file in the form of <https://keepachangelog.com>"),
            ("generated", "made from the commits since the last release"),
        ]),
        "Where release notes come from.",
    )
    .default("keep-a-changelog"),
];

const STAGE_BEFORE_STEPS: &[Field<'static>] = &[
    Field::new("name", Shape::Name, "Its name, unique in the manifest.").required(),
    Field::new(
        "gates",
        Shape::List { of: &Shape::Text, min: 0 },
        "Gates that are asked again on entering the stage.",
    )
    .default("[]"),
    Field::new(
        "environment",
        Shape::Text,
        "The environment that the stage's job runs in, as `tminus workflow` writes it: its \
         reviewers and wait timers hold the stage.",
    ),
    Field::new(
        "secrets",
        Shape::List { of: &Shape::Name, min: 0 },
        "Secrets that the stage's commands find in variables of the same names, as `tminus \
         workflow` writes it.",
    )
    .default("[]"),
];

const LABELS: &[Shape<'static>] = &[Shape::Text, Shape::List { of: &Shape::Text, min: 1 }];

const RUNNER: &[Shape<'static>] = &[
    Shape::Text,
    Shape::List { of: &Shape::Text, min: 1 },
    Shape::Object(&[
        Field::new("group", Shape::Text, "The group's name.").required(),
        Field::new("labels", Shape::AnyOf(LABELS), "Labels that the runner must have as well."),
    ]),
];

const WORKFLOW: &[Field<'static>] = &[
    Field::new(
        "build",
        Shape::Path,
        "A workflow with `on: workflow_call` that builds the assets and leaves them in an artifact: \
         `.github/workflows/FILE.yml`, or `OWNER/REPO/.github/workflows/FILE.yml@COMMIT`. Needed where \
         a stage has assets.",
    ),
    Field::new(
        "attest",
        Shape::OneOf(&[
            ("on", "it may: `id-token: write` and `attestations: write`"),
            ("off", "it may not"),
        ]),
        "Whether the build workflow may attest what it builds.",
    )
    .default("off"),
    Field::new("artifact", Shape::Name, "The artifact's name.").default("dist"),
    Field::new(
        "runner",
        Shape::AnyOf(RUNNER),
        "What the jobs run on (`runs-on`): a label, a list of labels that one runner has all of, or a \
         group of runners.",
    )
    .default("ubuntu-latest"),
    Field::new(
        "wait",
        Shape::Duration,
        "How long each job of the release waits for checks that are still running.",
    )
    .default("30m"),
    Field::new(
        "action",
        Shape::Text,
        "The action that the jobs use, `OWNER/REPO@COMMIT # TAG` or a path. Left out, the one of \
         the version that writes them, by its tag.",
    ),
    Field::new(
        "install",
        Shape::OneOf(&[
            ("release", "the published binary"),
            ("source", "built by cargo from the action's own commit"),
        ]),
        "Where the action takes tminus from.",
    )
    .default("release"),
    Field::new(
        "release",
        Shape::OneOf(&[
            ("on", "the workflow that releases is written too"),
            ("off", "the project has its own"),
        ]),
        "Whether `tminus-release.yml` is written.",
    )
    .default("on"),
];

const BEFORE_GATES: &[Field<'static>] = &[
    Field::new("schema", Shape::Integer { min: 1, max: 1 }, "The manifest's format.").default("1"),
    Field::new(
        "name",
        Shape::Text,
        "The project's name in headlines. Left out, the one that the version files give their package, \
         else the repository's.",
    ),
    Field::new("forge", Shape::OneOf(FORGES), "Where releases are published.").default("github"),
    Field::new(
        "branches",
        Shape::List { of: &Shape::Glob, min: 1 },
        "Branches that releases may be cut from, as globs.",
    )
    .default("[main, master]"),
    Field::new("version", Shape::Object(VERSION), "How the version is found."),
    Field::new("tag", Shape::Tag, "How a version becomes a tag.").default("v{version}"),
    Field::new("changelog", Shape::Object(CHANGELOG), "Where the changes are told."),
];

const AFTER_STAGES: Field<'static> = Field::new(
    "workflow",
    Shape::Object(WORKFLOW),
    "What `tminus workflow` writes into `.github/workflows`.",
);

/// Makes the shape of a whole manifest, with these gates and steps, and hands it over.
pub fn with_root<T>(kinds: &Kinds, use_it: impl FnOnce(&Shape<'_>) -> T) -> T {
    let settings: Vec<Vec<Field<'static>>> = kinds.gates.iter().map(settings_and_mode).collect();
    let forms: Vec<[Shape<'_>; 2]> =
        settings.iter().map(|fields| [Shape::OneOf(MODES), Shape::Object(fields)]).collect();
    let entries: Vec<Field<'_>> = kinds
        .gates
        .iter()
        .zip(&forms)
        .map(|(gate, forms)| Field::new(gate.id, Shape::AnyOf(forms), gate.asks))
        .collect();
    let gates = Field::new(
        "gates",
        Shape::Named { noun: "gate", fields: &entries },
        "The conditions of a release. Each is `on`, `inform`, `off`, or its settings. \
         Left out, the usual ones are asked.",
    );
    let steps: Vec<Field<'_>> = kinds.steps.iter().map(step).collect();
    let choice = Shape::Choice { noun: "step", fields: &steps };
    let steps = Field::new(
        "steps",
        Shape::List { of: &choice, min: 1 },
        "What is done there. A step without settings is its bare name (`- tag`).",
    )
    .required();
    let stage: Vec<Field<'_>> = STAGE_BEFORE_STEPS.iter().copied().chain([steps]).collect();
    let stage = Shape::Object(&stage);
    let stages = Field::new(
        "stages",
        Shape::List { of: &stage, min: 1 },
        "The places a release goes through, in order. Left out, one stage named `release` with \
         `draft-release`, `tag` and `publish-release`; with `forge: none`, with `tag` alone.",
    );
    let root: Vec<Field<'_>> =
        BEFORE_GATES.iter().copied().chain([gates, stages, AFTER_STAGES]).collect();
    use_it(&Shape::Object(&root))
}

fn step(kind: &StepShape) -> Field<'static> {
    let field = Field::new(kind.name, *kind.settings, kind.doc);
    if kind.bare { field } else { field.required() }
}

fn settings_and_mode(gate: &GateShape) -> Vec<Field<'static>> {
    let own: &[Field<'static>] = match gate.settings {
        Shape::Object(fields) => fields,
        Shape::Text | Shape::Name | Shape::Flag | Shape::Integer { .. } | Shape::OneOf(_) => &[],
        Shape::Glob | Shape::Files | Shape::Path | Shape::Duration | Shape::Tag => &[],
        Shape::LinePattern => &[],
        Shape::Argv | Shape::List { .. } | Shape::Named { .. } | Shape::Choice { .. } => &[],
        Shape::AnyOf(_) => &[],
    };
    own.iter().copied().chain([MODE]).collect()
}
