//! The settings of `checks-green`, as they are written and as they are used.

use super::want::{WANT, Want, listed};
use crate::project::manifest::{Field, Node, Shape, Value, seconds};
use jiff::SignedDuration;

/// How long a required check may take to appear.
const GRACE: SignedDuration = SignedDuration::from_mins(10);

/// Its settings.
pub(in crate::judge::gates) struct Settings {
    pub(super) required: Required,
    pub(super) from_rules: bool,
    pub(super) lineage: Lineage,
    pub(super) accept: Vec<String>,
    pub(super) grace: SignedDuration,
    pub(super) max_age: Option<SignedDuration>,
    pub(super) min_duration: Option<SignedDuration>,
}

/// Which checks are required by the manifest.
pub(super) enum Required {
    /// Everything that reported.
    Reported,
    /// Nothing.
    None,
    /// These.
    Listed(Vec<Want>),
}

/// Whose checks count besides those of the commit itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lineage {
    /// Nobody's.
    Exact,
    /// Those of commits with the very same tree.
    Tree,
    /// Nobody's, and what the merge queue ran on the commit need not be run again.
    MergeGroup,
}

/// Their form.
pub(super) const SHAPE: Shape<'static> = Shape::Object(&[
    Field::new(
        "required",
        Shape::AnyOf(&[
            Shape::OneOf(&[
                ("reported", "everything that reported on the commit, at least one check"),
                ("none", "no check is needed"),
            ]),
            Shape::List { of: &Shape::AnyOf(&[Shape::Glob, WANT]), min: 0 },
        ]),
        "Which checks must be green: names or patterns, `reported`, or `none`.",
    )
    .default("reported"),
    Field::new(
        "from-rules",
        Shape::Flag,
        "Whether checks that the branch's rules require are required too.",
    )
    .default("true"),
    Field::new(
        "lineage",
        Shape::OneOf(&[
            ("exact", "checks of the commit itself"),
            ("tree", "also those of commits with the very same tree"),
            ("merge-group", "what the merge queue ran on the commit is not waited for again"),
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
        "Conclusions besides success that pass.",
    )
    .default("[]"),
    Field::new(
        "grace",
        Shape::Duration,
        "How long a required check may take to appear before it counts as never reported.",
    )
    .default("10m"),
    Field::new("max-age", Shape::Duration, "A success older than this is stale evidence."),
    Field::new("min-duration", Shape::Duration, "A success faster than this is suspicious."),
]);

/// Takes settings of that form.
pub(super) fn settings(node: Option<&Node>) -> Settings {
    let get = |key: &'static str| node.and_then(|node| node.get(key));
    let duration = |key| {
        let seconds = get(key).and_then(Node::text).and_then(seconds)?;
        Some(SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX)))
    };
    let words = |key: &'static str| {
        let items = get(key).map_or(&[][..], Node::items);
        items.iter().filter_map(Node::text).map(str::to_owned).collect()
    };
    Settings {
        required: get("required").map_or(Required::Reported, required),
        from_rules: !matches!(get("from-rules").map(|node| &node.value), Some(Value::Bool(false))),
        lineage: match get("lineage").and_then(Node::text) {
            Some("tree") => Lineage::Tree,
            Some("merge-group") => Lineage::MergeGroup,
            Some(_) | None => Lineage::Exact,
        },
        accept: words("accept"),
        grace: duration("grace").unwrap_or(GRACE),
        max_age: duration("max-age"),
        min_duration: duration("min-duration"),
    }
}

fn required(node: &Node) -> Required {
    match node.text() {
        Some("none") => Required::None,
        Some(_) => Required::Reported,
        None => Required::Listed(node.items().iter().filter_map(listed).collect()),
    }
}
