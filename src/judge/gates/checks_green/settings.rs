//! The settings of `checks-green`.

use super::requirement::{Requirement, WANT, listed};
use crate::facts::Conclusion;
use crate::judge::gates::gate::GateSettings;
use crate::project::manifest::{Field, Node, Preset, Reader, Shape};
use jiff::SignedDuration;

/// Its settings.
pub(in crate::judge::gates) struct Settings {
    pub(super) required: Required,
    pub(super) from_rules: bool,
    pub(super) lineage: Lineage,
    pub(super) accept: Vec<Conclusion>,
    pub(super) grace: SignedDuration,
    pub(super) max_age: Option<SignedDuration>,
    pub(super) min_duration: Option<SignedDuration>,
}

/// Which checks are required by the manifest.
pub(super) enum Required {
    /// Everything that was reported.
    Reported,
    /// Nothing.
    None,
    /// These.
    Listed(Vec<Requirement>),
}

/// Which commits' checks count in addition to those of the commit itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lineage {
    /// None.
    Exact,
    /// Those of commits with the same tree.
    Tree,
    /// No other commits, and a run of the merge queue on the commit is sufficient.
    MergeGroup,
}

impl GateSettings for Settings {
    const SHAPE: Shape<'static> = Shape::Object(&[
        Field::new(
            "required",
            Shape::AnyOf(&[
                Shape::OneOf(&[
                    (
                        "reported",
                        "every check that was reported on the commit; there must be at least one",
                    ),
                    ("none", "no check is required"),
                ]),
                Shape::List { of: &Shape::AnyOf(&[Shape::Glob, WANT]), min: 0 },
            ]),
            "Which checks must be green: names or patterns, `reported`, or `none`.",
        )
        .default("reported"),
        Field::new(
            "from-rules",
            Shape::Flag,
            "Whether to also require the checks that the branch's rules require.",
        )
        .preset(Preset::Flag(true)),
        Field::new(
            "lineage",
            Shape::OneOf(&[
                ("exact", "checks of the commit itself"),
                ("tree", "also checks of commits with the same tree"),
                (
                    "merge-group",
                    "checks of the commit itself; a result from the merge queue stays valid while \
                     another event runs the same job again",
                ),
            ]),
            "Which commits' checks count.",
        )
        .default("exact"),
        Field::new(
            "accept",
            Shape::List {
                of: &Shape::OneOf(&[
                    ("skipped", "a skipped required check passes"),
                    ("neutral", "a neutral required check passes"),
                ]),
                min: 0,
            },
            "Conclusions that count as passing, in addition to success.",
        )
        .preset(Preset::List(&[])),
        Field::new(
            "grace",
            Shape::Duration,
            "How long a required check may take to appear before it counts as never reported.",
        )
        .default("10m"),
        Field::new(
            "max-age",
            Shape::Duration,
            "A check is no-go if it succeeded longer ago than this.",
        ),
        Field::new(
            "min-duration",
            Shape::Duration,
            "A check is no-go if it succeeded in less time than this.",
        ),
    ]);

    fn read(reader: &Reader<'_>) -> Option<Self> {
        let duration = |reader: &Reader<'_>, key: &str| {
            let seconds = i64::try_from(reader.seconds(key)?).unwrap_or(i64::MAX);
            Some(SignedDuration::from_secs(seconds))
        };
        let lineages = [
            ("exact", Lineage::Exact),
            ("tree", Lineage::Tree),
            ("merge-group", Lineage::MergeGroup),
        ];
        Some(Self {
            required: required(&*reader.value("required")?)?,
            from_rules: reader.flag("from-rules")?,
            lineage: reader.word("lineage", &lineages)?,
            accept: reader.texts("accept")?.into_iter().map(Conclusion::from).collect(),
            grace: duration(reader, "grace")?,
            max_age: reader.optional("max-age", duration)?,
            min_duration: reader.optional("min-duration", duration)?,
        })
    }
}

fn required(node: &Node) -> Option<Required> {
    match node.text() {
        Some("none") => Some(Required::None),
        Some("reported") => Some(Required::Reported),
        Some(_) => None,
        None => node.items().iter().map(listed).collect::<Option<_>>().map(Required::Listed),
    }
}
