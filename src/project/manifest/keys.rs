//! Every key of the manifest: its shape, its default and its description, in one place.
//!
//! Other keys are unknown. The gates declare their own settings.

use super::kinds::{GateShape, Kinds, StepShape};
use super::shape::{Field, Shape, Word};

/// How a gate's entry is written where it has no settings.
const MODES: &[Word] = &[
    ("on", "it can block a release"),
    ("inform", "its result is shown but does not block a release"),
    ("off", "it does not run, and is listed as off"),
];

const MODE: Field<'static> = Field::new(
    "mode",
    Shape::OneOf(&[
        ("on", "it can block a release"),
        ("inform", "its result is shown but does not block a release"),
    ]),
    "Whether the gate can block a release.",
)
.default("on");

const VERSION_FILE: &[Shape<'static>] = &[
    Shape::Path,
    Shape::Object(&[
        Field::new("path", Shape::Path, "The file.").required(),
        Field::new(
            "pattern",
            Shape::LinePattern,
            "A regular expression with one capture group, which matches the version. `^` and `$` match \
             at line boundaries. If the pattern matches several times, all matches must be equal.",
        )
        .required(),
    ]),
];

const VERSION: &[Field<'static>] = &[
    Field::new(
        "files",
        Shape::List { of: &Shape::AnyOf(VERSION_FILE), min: 1 },
        "Files that contain the version. All must agree; the first is the source. \
         Each item is a path, or a path with a pattern. Without a pattern, the file type \
         determines how the version is read. If omitted, `policy` determines the version.",
    ),
    Field::new(
        "scheme",
        Shape::OneOf(&[
            ("semver", "`1.2.3-rc.1`, <https://semver.org>"),
            ("pep440", "`1.2.3rc1`, <https://peps.python.org/pep-0440/>"),
            ("calendar", "`2026.11.0` or `26.1`; the next version is not computed from commits"),
            ("dotted", "two or more numbers, `1.7`"),
        ]),
        "How versions are written and ordered. If omitted, the scheme of each version is inferred.",
    ),
    Field::new(
        "policy",
        Shape::OneOf(&[
            ("commits", "computed from the Conventional Commits since the last release"),
            ("manual", "passed with `--version`"),
        ]),
        "How the next version is determined.",
    )
    .default("commits"),
    Field::new(
        "zero",
        Shape::OneOf(&[
            ("patch", "0.1.2 becomes 0.1.3"),
            ("minor", "0.1.2 becomes 0.2.0"),
            ("major", "0.1.2 becomes 1.0.0"),
        ]),
        "What a breaking change requires below 1.0.",
    )
    .default("minor"),
    Field::new(
        "kinds",
        Shape::List { of: &Shape::Name, min: 0 },
        "Additional commit types (such as `wip`). They do not require a version bump.",
    )
    .default("[]"),
];

const CHANGELOG: &[Field<'static>] = &[
    Field::new("file", Shape::Path, "The changelog. If you set it, the file must exist.")
        .default("CHANGELOG.md"),
    Field::new(
        "style",
        Shape::OneOf(&[
            (
                "keep-a-changelog",
                "the changelog section for the version, in the [Keep a Changelog](https://keepachangelog.com) \
                 format or in the format that the file already uses",
            ),
            ("generated", "generated from the commits since the last release"),
            ("none", "releases have no notes"),
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
        "Gates that run again when the stage starts.",
    )
    .default("[]"),
    Field::new(
        "environment",
        Shape::Text,
        "The GitHub environment for the stage's job in the generated workflow. The job waits for its \
         protection rules.",
    ),
    Field::new(
        "secrets",
        Shape::List { of: &Shape::Name, min: 0 },
        "Secrets that the generated workflow passes to the commands of the stage, as environment \
         variables with the same names.",
    )
    .default("[]"),
];

const LABELS: &[Shape<'static>] = &[Shape::Text, Shape::List { of: &Shape::Text, min: 1 }];

const RUNNER: &[Shape<'static>] = &[
    Shape::Text,
    Shape::List { of: &Shape::Text, min: 1 },
    Shape::Object(&[
        Field::new("group", Shape::Text, "The group's name.").required(),
        Field::new("labels", Shape::AnyOf(LABELS), "Labels that the runner must also have."),
    ]),
];

const WORKFLOW: &[Field<'static>] = &[
    Field::new(
        "build",
        Shape::Path,
        "A workflow with `on: workflow_call` that builds the assets and stores them in an artifact: \
         `.github/workflows/FILE.yml`, or `OWNER/REPO/.github/workflows/FILE.yml@COMMIT`. Required if \
         a stage has assets.",
    ),
    Field::new(
        "attest",
        Shape::OneOf(&[
            ("on", "the build workflow gets `id-token: write` and `attestations: write`"),
            ("off", "the build workflow gets neither"),
        ]),
        "Whether the build workflow can create attestations.",
    )
    .default("off"),
    Field::new("artifact", Shape::Name, "The artifact's name.").default("dist"),
    Field::new(
        "runner",
        Shape::AnyOf(RUNNER),
        "The runner of the jobs (`runs-on`): a label, a list of labels that the runner must have, or a \
         group of runners.",
    )
    .default("ubuntu-latest"),
    Field::new(
        "wait",
        Shape::Duration,
        "How long each job of the release waits for running checks.",
    )
    .default("30m"),
    Field::new(
        "action",
        Shape::Text,
        "The action that the jobs use, `OWNER/REPO@COMMIT # TAG` or a path. If omitted, the tag of \
         the tminus version that writes the workflows.",
    ),
    Field::new(
        "install",
        Shape::OneOf(&[
            ("release", "the published binary"),
            ("source", "built by cargo from the action's own commit"),
        ]),
        "Where the action gets tminus from.",
    )
    .default("release"),
    Field::new(
        "release",
        Shape::OneOf(&[
            ("on", "the release workflow is written too"),
            ("off", "the project has its own release workflow"),
        ]),
        "Whether `tminus-release.yml` is written.",
    )
    .default("on"),
];

const BEFORE_FORGE: &[Field<'static>] = &[
    Field::new("schema", Shape::Integer { min: 1, max: 1 }, "The manifest's format.").default("1"),
    Field::new(
        "name",
        Shape::Text,
        "The project's name in headlines. If omitted, the package name in the version files, or the \
         name of the repository.",
    ),
];

const BEFORE_GATES: &[Field<'static>] = &[
    Field::new(
        "branches",
        Shape::List { of: &Shape::Glob, min: 1 },
        "Branches from which releases are allowed, as glob patterns.",
    )
    .default("[main, master]"),
    Field::new("version", Shape::Object(VERSION), "How the version is determined."),
    Field::new(
        "tag",
        Shape::Tag,
        "The tag format: `{version}`, or `{major}`, `{minor}` and, optionally, `{patch}`, with any \
         other text. `{name}` is the name of the project or package.",
    )
    .default("v{version}"),
    Field::new(
        "changelog",
        Shape::Object(CHANGELOG),
        "The changelog and the source of the release notes.",
    ),
];

const AFTER_STAGES: Field<'static> = Field::new(
    "workflow",
    Shape::Object(WORKFLOW),
    "What `tminus workflow` writes into `.github/workflows`.",
);

/// Builds the shape of a whole manifest with these gates and steps, and passes it to a closure.
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
         If omitted, the default gates run.",
    );
    let steps: Vec<Field<'_>> = kinds.steps.iter().map(step).collect();
    let choice = Shape::Choice { noun: "step", fields: &steps };
    let steps = Field::new(
        "steps",
        Shape::List { of: &choice, min: 1 },
        "The steps of the stage. If a step has no settings, write only its name (`- tag`).",
    )
    .required();
    let stage: Vec<Field<'_>> = STAGE_BEFORE_STEPS.iter().copied().chain([steps]).collect();
    let stage = Shape::Object(&stage);
    let stages = Field::new(
        "stages",
        Shape::List { of: &stage, min: 1 },
        "The stages of a release, in order. If omitted, one stage named `release` with \
         `draft-release`, `tag` and `publish-release`; with `forge: none`, with `tag` alone.",
    );
    let forges: Vec<Word> = kinds.forges.iter().map(|forge| (forge.name, forge.doc)).collect();
    let mut forge = Field::new("forge", Shape::OneOf(&forges), "Where releases are published.");
    forge.default = kinds.usual();
    let root: Vec<Field<'_>> = BEFORE_FORGE
        .iter()
        .copied()
        .chain([forge])
        .chain(BEFORE_GATES.iter().copied())
        .chain([gates, stages, AFTER_STAGES])
        .collect();
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
