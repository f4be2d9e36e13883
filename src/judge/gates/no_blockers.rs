//! `no-blockers`: no open issue or pull request blocks the release.

use super::gate::{Covered, GateSettings, Need, Occasion, Rule, typed};
use crate::base::clean::clip;
use crate::base::finding::{Finding, Who};
use crate::facts::{Blocker, BlockerKind, BlockerQuery, Blockers};
use crate::judge::case::Case;
use crate::judge::ruling::Ruling;
use crate::project::manifest::{ErasedSettings, Field, Mode, Preset, Reader, Shape};

/// The maximum number of blockers that are reported as findings.
const NAMED: usize = 20;
/// The maximum length of a title, in characters.
const TITLE: usize = 120;

/// The rule.
pub(super) struct NoBlockers;

/// Its settings.
pub(super) struct Settings {
    labels: Vec<String>,
    milestone: bool,
}

impl GateSettings for Settings {
    const SHAPE: Shape<'static> = Shape::Object(&[
        Field::new(
            "labels",
            Shape::List { of: &Shape::Text, min: 0 },
            "Labels; an open issue or pull request with one of them blocks the release. At most 20.",
        )
        .preset(Preset::List(&["release-blocker"])),
        Field::new(
            "milestone",
            Shape::Flag,
            "Whether open issues and pull requests in the milestone of the version block the release. \
             Its title is the version or the tag.",
        )
        .preset(Preset::Flag(true)),
    ]);

    fn read(reader: &Reader<'_>) -> Option<Self> {
        let milestone = reader.flag("milestone")?;
        Some(Self { labels: reader.texts("labels")?, milestone })
    }
}

impl Rule for NoBlockers {
    const ID: &'static str = "no-blockers";
    const ASKS: &'static str = "is the release free of open blockers?";
    const PAGE: &'static str = include_str!("../../../docs/gates/no-blockers.md");
    const AT: &'static [Occasion] = &[];
    const NAMED_AT: &'static [Occasion] = &[Occasion::Check, Occasion::Release];
    const SPLITS: bool = true;
    type Settings = Settings;

    fn needs(_: &Settings) -> Vec<Need> {
        vec![Need::Blockers]
    }

    fn rule(case: &Case<'_>, settings: &Settings) -> Ruling {
        if settings.labels.is_empty() && !settings.milestone {
            let finding = Finding::new(
                "nothing can block a release: no label is listed, and `milestone` is `false`",
            )
            .help("list a label under `labels`, or set `milestone: true`");
            return Ruling::no_go(pointed(case, finding.who(Who::Author)));
        }
        let blockers = match case.facts.blockers.known() {
            Ok(blockers) => blockers,
            Err(unseen) => return Ruling::unseen("the open issues and pull requests", unseen),
        };
        if !blockers.open.is_empty() {
            return held(blockers);
        }
        if let Some(label) = blockers.missing_labels.first() {
            let finding = Finding::new(format!("the repository has no label `{label}`"))
                .note("no issue can have it, so nothing would ever block a release")
                .help("create the label, or correct `labels`");
            return Ruling::no_go(pointed(case, finding.who(Who::Author)));
        }
        match (settings.milestone, case.target()) {
            (true, Err(none)) => none.ruling(),
            (true, Ok(_)) | (false, _) => Ruling::go(looked_at(&blockers.query)),
        }
    }

    fn without(case: &Case<'_>, settings: &Settings, covered: &Covered<'_>) -> Ruling {
        let ruling = Self::rule(case, settings);
        let Ruling::Hold { summary, mut findings } = ruling else { return ruling };
        findings.retain(|finding| !covered(finding));
        match findings.is_empty() {
            true => Ruling::go("everything else that is open blocks nothing"),
            false => Ruling::Hold { summary, findings },
        }
    }
}

/// The query for the forge, if the gate is not off.
#[must_use]
pub fn blocker_query(case: &Case<'_>) -> Option<BlockerQuery> {
    let entry = case.manifest.gates.iter().flatten().find(|it| it.id.value == NoBlockers::ID);
    if entry.is_some_and(|entry| entry.mode == Mode::Off) {
        return None;
    }
    let erased = typed::<NoBlockers>(case.manifest);
    let settings: &Settings = erased.as_ref().and_then(ErasedSettings::get)?;
    let target = case.target().ok().filter(|_| settings.milestone);
    let titles = target.map(|target| [target.version.to_string(), target.tag.to_string()]);
    let mut milestones: Vec<String> = titles.into_iter().flatten().collect();
    milestones.dedup();
    Some(BlockerQuery { labels: settings.labels.clone(), milestones, only: None })
}

fn pointed(case: &Case<'_>, finding: Finding) -> Finding {
    let mut entries = case.manifest.gates.iter().flatten();
    match entries.find(|entry| entry.id.value == NoBlockers::ID) {
        Some(entry) => finding.at(&case.manifest.source.name, entry.id.span, "required here"),
        None => finding,
    }
}

fn looked_at(query: &BlockerQuery) -> String {
    let quoted = |names: &[String]| {
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
    };
    match (query.labels.as_slice(), query.milestones.as_slice()) {
        (labels, []) => format!("no open issue or pull request has the label {}", quoted(labels)),
        ([], milestones) => {
            format!("no open issue or pull request is in milestone {}", quoted(milestones))
        }
        (labels, milestones) => format!(
            "no open issue or pull request has the label {} or is in milestone {}",
            quoted(labels),
            quoted(milestones)
        ),
    }
}

fn held(blockers: &Blockers) -> Ruling {
    let named = blockers.open.iter().take(NAMED);
    let mut findings: Vec<Finding> = named.map(finding).collect();
    let total = blockers.total.max(blockers.open.len());
    let more = total - findings.len();
    if more > 0 {
        let said = format!("{more} more issues and pull requests block the release");
        findings.push(Finding::new(said).who(Who::Writer));
    }
    let first = blockers.open.first().map(name).unwrap_or_default();
    let summary = match total {
        1 => format!("{first} is open"),
        2 => format!("{first} and 1 more are open"),
        n => format!("{first} and {} more are open", n - 1),
    };
    Ruling::Hold { summary, findings }
}

fn name(blocker: &Blocker) -> String {
    match blocker.kind {
        BlockerKind::Issue => format!("issue #{}", blocker.number),
        BlockerKind::PullRequest => format!("pull request #{}", blocker.number),
    }
}

fn finding(blocker: &Blocker) -> Finding {
    let title = clip(&blocker.title, TITLE);
    let mut reasons: Vec<String> =
        blocker.labels.iter().map(|label| format!("label `{label}`")).collect();
    reasons.extend(blocker.milestone.iter().map(|title| format!("milestone `{title}`")));
    let finding = Finding::new(format!("{} blocks the release: {title}", name(blocker)))
        .note(reasons.join(", "))
        .note(blocker.url.clone());
    let finding = match blocker.assignees.as_slice() {
        [] => finding.note("nobody is assigned"),
        who => finding.note(format!("assigned to {}", who.join(", "))),
    };
    let close = match blocker.kind {
        BlockerKind::Issue => "close it",
        BlockerKind::PullRequest => "merge or close it",
    };
    let help = match (blocker.labels.is_empty(), blocker.milestone.is_some()) {
        (false, false) => format!("{close}, or remove the label"),
        (true, true) => format!("{close}, or move it to another milestone"),
        (false, true) | (true, false) => {
            format!("{close}, or remove the label and move it to another milestone")
        }
    };
    finding.help(help).who(Who::Writer)
}
