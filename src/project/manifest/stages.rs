//! The `stages` section, once it has been checked.

use super::leaf::seconds;
use super::model::{Forge, Latest, Reach, RunRules, Sign, Stage, StepRules};
use super::node::{Node, Value};
use super::rules::Step;
use super::values::{patterns, word};
use crate::base::names::StageName;
use crate::base::source::{Span, Spanned};

/// How long a `run` may take where it does not say, in seconds.
const TIMEOUT_SECONDS: u64 = 600;

/// The stages as written.
pub(super) fn lower(section: &Node) -> Option<Vec<Stage>> {
    section.items().iter().map(stage).collect()
}

/// What a manifest without `stages` means.
pub(super) fn usual(forge: Forge) -> Option<Vec<Stage>> {
    let draft = StepRules::DraftRelease { assets: Vec::new(), checksums: false };
    let tag = StepRules::Tag { sign: Sign::Auto };
    let publish = StepRules::PublishRelease { latest: Latest::Auto };
    let steps = match forge {
        Forge::GitHub => vec![draft, tag, publish],
        Forge::None => vec![tag],
    };
    let unwritten = |step| Spanned::new(step, Span::default());
    Some(vec![Stage {
        name: Spanned::new(StageName::new("release").ok()?, Span::default()),
        gates: Vec::new(),
        environment: None,
        secrets: Vec::new(),
        steps: steps.into_iter().map(unwritten).collect(),
    }])
}

fn stage(node: &Node) -> Option<Stage> {
    let name = node.get("name")?;
    let gates = node.get("gates").map_or(&[][..], Node::items);
    let secrets = node.get("secrets").map_or(&[][..], Node::items);
    let gate = |item: &Node| Some(Spanned::new(item.text()?.to_owned(), item.span));
    Some(Stage {
        name: Spanned::new(StageName::new(name.text()?).ok()?, name.span),
        gates: gates.iter().map(gate).collect::<Option<_>>()?,
        environment: word(Some(node), "environment").map(Into::into),
        secrets: secrets.iter().filter_map(Node::text).map(Into::into).collect(),
        steps: node.get("steps")?.items().iter().map(step).collect::<Option<_>>()?,
    })
}

fn step(node: &Node) -> Option<Spanned<StepRules>> {
    let Step { name, at, settings } = Step::read(node)?;
    let rules = match name {
        "draft-release" => {
            let assets = settings.and_then(|node| node.get("assets"));
            let assets = assets.map_or_else(|| Some(Vec::new()), patterns)?;
            let checksums = !assets.is_empty() && word(settings, "checksums") != Some("none");
            StepRules::DraftRelease { assets, checksums }
        }
        "tag" => StepRules::Tag {
            sign: match word(settings, "sign") {
                Some("off") => Sign::Off,
                Some("ssh") => Sign::Ssh,
                Some("gpg") => Sign::Gpg,
                Some(_) | None => Sign::Auto,
            },
        },
        "publish-release" => StepRules::PublishRelease {
            latest: match word(settings, "latest") {
                Some("yes") => Latest::Yes,
                Some("no") => Latest::No,
                Some(_) | None => Latest::Auto,
            },
        },
        "run" => StepRules::Run(run(&Step { name, at, settings })?),
        _ => return None,
    };
    Some(Spanned::new(rules, at))
}

fn run(step: &Step<'_>) -> Option<RunRules> {
    let settings = step.settings?;
    let words = |list: &Node| -> Option<Vec<String>> {
        list.items().iter().map(|item| item.text().map(Into::into)).collect()
    };
    let optional = |key: &str| match settings.get(key) {
        Some(list) => words(list).map(Some),
        None => Some(None),
    };
    Some(RunRules {
        name: step.run_name()?.into(),
        command: words(settings.get("command")?)?,
        probe: optional("probe")?,
        rehearse: optional("rehearse")?,
        reach: match word(Some(settings), "reach") {
            Some("private") => Reach::Private,
            Some("public") => Reach::Public,
            Some(_) | None => Reach::Irreversible,
        },
        repeatable: settings.get("repeatable").is_some_and(|it| it.value == Value::Bool(true)),
        timeout_seconds: match word(Some(settings), "timeout") {
            Some(text) => seconds(text)?,
            None => TIMEOUT_SECONDS,
        },
    })
}
