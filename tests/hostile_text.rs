//! Text from outside, meaning harm, through every field and into every form: what comes out is read
//! by a real parser, which finds what a harmless text would have given it, and nothing else.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking"
)]

use crate::support::hostile::{TEXTS, obeyed, outputs, would_obey};
use crate::support::shown::{COST, Situation};
use proptest::prelude::*;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use serde_json::json;
use std::time::Instant;
use tminus::base::finding::Finding;
use tminus::base::names::{BranchName, TagName};
use tminus::base::secrets::{Secrets, base64};
use tminus::base::word::Word;
use tminus::facts::{CheckState, Facts, FileAt, Seen};
use tminus::judge::case::Case;
use tminus::judge::gates;
use tminus::judge::ruling::{Answer, Ruling, Waived};
use tminus::planner::cost::costs;
use tminus::planner::steps::{Draft, Sent};
use tminus::project::manifest::Mode;
use tminus::release::waiver::UsedWaiver;
use tminus::report;
use tminus::report::annotations::annotations;
use tminus::report::check::{check, verdict};
use tminus::report::escape::markdown::{Within, block, code, message, text};
use tminus::report::escape::workflow;
use tminus::report::junit::junit;
use tminus::report::markdown::{MAX_COMMENT, MAX_SUMMARY, markdown};
use tminus::report::sarif::sarif;
use tminus::report::{Paint, Report, Sources, Trouble};

/// A situation in which everything that others write says this.
fn hostile(said: &str) -> Situation {
    let manifest = "schema: 1\nversion: { files: [Cargo.toml] }\ngates:\n  checks-green: \
        { required: [build] }\n";
    let mut situation = Situation::new(&json!({
        "manifest": { "name": "tminus.yaml", "text": manifest },
        "pinned": said,
    }));
    let facts = &mut situation.facts;
    facts.name = said.to_owned();
    if let Ok(branch) = BranchName::new(said) {
        facts.branch = Seen::Known(branch);
    }
    facts.files.insert(said.to_owned(), Seen::Known(FileAt::Text(format!("{said}\nsecond\n"))));
    if let Seen::Known(checks) = &mut facts.checks {
        let run = &mut checks.runs[0];
        run.name = said.to_owned();
        run.state = CheckState::Pending("waiting".into());
        run.environment = Some(said.to_owned());
        run.url = Some(said.to_owned());
    }
    if let Some((plan, _)) = &mut situation.plan {
        plan.name = said.to_owned();
        for planned in plan.stages.iter_mut().flat_map(|stage| &mut stage.steps) {
            if let Ok(draft) = planned.step.arguments::<Draft>() {
                let (notes, title) = (format!("{said}\n{said}"), said.to_owned());
                planned.step = Draft { notes, title, ..draft }.into();
            }
        }
    }
    let span = tminus::base::source::Span { start: 0, end: said.len() };
    let finding = |word: &str| {
        Finding::new(format!("{word} check `{said}` failed: {said}"))
            .at(said, span, said)
            .note(said)
            .note(format!("https://github.com/acme/widget/{said}"))
            .help(said)
    };
    let answer = |gate: &str, mode, ruling| Answer {
        gate: gate.into(),
        mode,
        ruling: Some(ruling),
        not_asked: None,
        notes: Vec::new(),
        waived: Vec::new(),
        is_waived: false,
    };
    let (summary, one) = (said.to_owned(), vec![finding("a"), finding("b")]);
    situation.poll.answers = vec![
        answer("version-increases", Mode::On, Ruling::go(said)),
        answer("checks-green", Mode::On, Ruling::NoGo { summary, findings: one }),
        answer("tree-clean", Mode::On, Ruling::unknown(finding("c"))),
        answer("changelog-entry", Mode::Inform, Ruling::no_go(finding("d"))),
        Answer {
            gate: "branch-allowed".into(),
            mode: Mode::On,
            ruling: None,
            not_asked: Some(said.to_owned()),
            notes: Vec::new(),
            waived: Vec::new(),
            is_waived: false,
        },
    ];
    let mut waived = answer("window-open", Mode::On, Ruling::no_go(finding("e")));
    waived.waived = vec![Waived { used: used(said), finding: finding("f") }];
    waived.is_waived = true;
    situation.poll.answers.push(waived);
    situation.poll.waiver_faults = vec![finding("g")];
    situation.poll.waiver_notes = vec![finding("h")];
    let listed = format!("#41: {said} (https://github.com/acme/widget/issues/41)");
    situation.poll.answers[0].notes = vec![finding("i").note(listed)];
    situation
}

/// A waiver of which every part is hostile.
fn used(said: &str) -> UsedWaiver {
    UsedWaiver {
        gate: "window-open".into(),
        ruling: said.into(),
        said: said.into(),
        finding: Some(said.into()),
        version: said.into(),
        reason: said.into(),
        by: said.into(),
        until: said.into(),
    }
}

/// A pull request onto a branch.
fn facts_of_merge(base: BranchName) -> Facts {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gates/merge.json");
    let merge = std::fs::read_to_string(path).unwrap();
    let merge: serde_json::Value = serde_json::from_str(&merge).unwrap();
    let mut facts = Situation::new(&json!({ "merge": merge })).facts;
    facts.branch = Seen::Known(base);
    facts
}

fn report<'a>(situation: &'a Situation, said: &str) -> Report<'a> {
    let trouble = vec![Trouble { word: Word::CONFLICT, finding: Finding::new(said).note(said) }];
    let mut report = Report { trouble, ..situation.plan() };
    report.ending.said = said.to_owned();
    report
}

/// What a page is made of, as far as it could be forged.
#[derive(Debug, PartialEq, Eq)]
struct Anatomy {
    headings: Vec<HeadingLevel>,
    tables: Vec<(usize, usize)>,
    items: usize,
    details: usize,
    foreign: Vec<String>,
}

fn anatomy(page: &str) -> Anatomy {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM;
    let mut anatomy =
        Anatomy { headings: vec![], tables: vec![], items: 0, details: 0, foreign: vec![] };
    let (mut code_block, mut link) = (false, false);
    for event in Parser::new_ext(page, options) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => anatomy.headings.push(level),
            Event::Start(Tag::Table(columns)) => anatomy.tables.push((columns.len(), 0)),
            Event::Start(Tag::TableRow) => anatomy.tables.last_mut().unwrap().1 += 1,
            Event::Start(Tag::Item) => anatomy.items += 1,
            Event::Start(Tag::CodeBlock(_)) => code_block = true,
            Event::End(TagEnd::CodeBlock) => code_block = false,
            Event::Start(Tag::Link { dest_url, .. }) => {
                link = true;
                if !dest_url.starts_with("https://github.com/acme/widget/") {
                    anatomy.foreign.push(dest_url.to_string());
                }
            }
            Event::End(TagEnd::Link) => link = false,
            Event::Html(html) | Event::InlineHtml(html) => match html.trim() {
                "<details><summary>Release notes</summary>" | "</details>" => anatomy.details += 1,
                other => anatomy.foreign.push(other.to_owned()),
            },
            Event::Start(
                tag @ (Tag::Image { .. }
                | Tag::BlockQuote(_)
                | Tag::Emphasis
                | Tag::Strikethrough
                | Tag::FootnoteDefinition(_)
                | Tag::HtmlBlock),
            ) => match tag {
                Tag::HtmlBlock => {}
                // Where it was cut, and what stands under the notes, is ours.
                Tag::Emphasis => {}
                other => anatomy.foreign.push(format!("{other:?}")),
            },
            Event::InlineMath(math) | Event::DisplayMath(math) => {
                anatomy.foreign.push(math.to_string());
            }
            Event::FootnoteReference(name) => anatomy.foreign.push(name.to_string()),
            Event::TaskListMarker(_) | Event::Rule => anatomy.foreign.push(format!("{event:?}")),
            Event::Text(text) if !code_block && !link => linkified(&text, &mut anatomy.foreign),
            _ => {}
        }
    }
    anatomy
}

/// What GitHub makes links of in a finished page: mentions, references and bare addresses.
fn linkified(text: &str, foreign: &mut Vec<String>) {
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        let next = rest.chars().next().unwrap_or(' ');
        let mention = c == '@' && next.is_ascii_alphanumeric();
        let reference = c == '#' && next.is_ascii_digit();
        if mention || reference || text[at..].starts_with("://") || text[at..].starts_with("www.") {
            foreign.push(text[at..].chars().take(20).collect());
        }
    }
}

/// The same page with harmless text in the place of the hostile.
fn like(said: &str, of: fn(&Report<'_>) -> String) -> (Anatomy, Anatomy) {
    let (bad, good) = (hostile(said), hostile("word"));
    (anatomy(&of(&report(&bad, said))), anatomy(&of(&report(&good, "word"))))
}

fn same_shape(said: &str) {
    let (bad, good) = like(said, |report| markdown(report, MAX_SUMMARY));
    assert_eq!(bad.foreign, Vec::<String>::new(), "{said:?}");
    assert_eq!(bad.headings, good.headings, "{said:?}");
    assert_eq!(bad.tables, good.tables, "{said:?}");
    assert_eq!(bad.details, good.details, "{said:?}");
    // Each of nine findings loses its note where that has no words.
    let blank = if said.trim().is_empty() { 9 } else { 0 };
    assert_eq!(bad.items + blank, good.items, "{said:?}");
}

#[test]
fn hostile_text_does_not_change_the_structure_of_a_page() {
    for said in TEXTS {
        same_shape(said);
        same_shape(&format!("a{said}"));
        same_shape(&format!("{said} {said}`{said}"));
    }
}

#[test]
fn a_workflow_log_executes_only_our_own_commands() {
    for said in TEXTS {
        let situation = hostile(said);
        let report = report(&situation, said);
        let commands = annotations(&report);
        let taken = obeyed(&commands.join("\n"));
        assert_eq!(taken.len(), commands.len(), "{said:?}");
        for command in &taken {
            assert!(["error", "warning", "notice"].contains(&command.name.as_str()));
            let known = ["file", "line", "endLine", "col", "endColumn", "title"];
            assert!(
                command.properties.keys().all(|key| known.contains(&key.as_str())),
                "{command:?}"
            );
            assert!(command.data.chars().count() <= workflow::MAX_MESSAGE);
        }
        let text = check(&situation.facts, None, &situation.poll, Paint::Plain);
        let text = format!("{text}\n{}", verdict(&situation.poll, COST).line(Paint::Plain));
        assert_eq!(would_obey(&workflow::plain(&text)), [], "{said:?}");
        assert_eq!(would_obey(&workflow::plain(said)), [], "{said:?}");
    }
}

#[test]
fn no_git_name_changes_the_text_direction_around_it() {
    for mark in ["\u{61c}", "\u{200e}", "\u{200f}", "\u{202e}", "\u{2066}", "\u{feff}"] {
        let tag = TagName::new(format!("v1{mark}0")).unwrap();
        let branch = BranchName::new(format!("ma{mark}in")).unwrap();
        let mut situation = hostile("word");
        situation.facts.branch = Seen::Known(branch.clone());
        let (plan, _) = situation.plan.as_mut().unwrap();
        plan.tag = tag.clone();
        plan.previous = Some(tag.clone());
        for planned in plan.stages.iter_mut().flat_map(|stage| &mut stage.steps) {
            if let Ok(Sent { mut asset }) = planned.step.arguments() {
                asset.name = format!("a{mark}b");
                planned.step = Sent { asset }.into();
            }
        }
        situation.target.as_mut().unwrap().tag = tag;
        let Situation { facts, target, poll, plan, .. } = &situation;
        let (target, (plan, progress)) = (target.as_ref().unwrap(), plan.as_ref().unwrap());
        let report = report(&situation, "word");
        let kinds = tminus::adapters::kinds();
        let manifest = tminus::project::manifest::read(facts.manifest.clone(), &kinds).unwrap();
        let costs = costs(plan, progress, facts, &manifest);
        let sources = Sources::of_facts(facts);
        let blocking = report.blocking(&sources);
        let mut shown = vec![
            check(facts, Some(target), poll, Paint::Plain),
            report::plan::plan(
                plan,
                progress,
                (facts, None, &report.dates),
                target,
                &costs,
                Paint::Plain,
            ),
            report::status::status(plan, progress, (&blocking, &blocking), facts, Paint::Plain),
            markdown(&report, MAX_SUMMARY),
            junit(&report).unwrap(),
        ];
        shown.extend(annotations(&report));
        let merge = facts_of_merge(branch);
        shown.push(check(&merge, None, poll, Paint::Plain));
        for text in shown {
            assert!(!text.contains(mark), "{mark:?} in {text}");
        }
    }
}

#[test]
fn a_title_with_backticks_becomes_a_single_code_span() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gates/merge.json");
    let merge = std::fs::read_to_string(path).unwrap();
    let mut merge: serde_json::Value = serde_json::from_str(&merge).unwrap();
    merge["title"] = "let `widget` spin `faster`".into();
    merge["commits"] = json!({ "known": [] });
    let facts = Situation::new(&json!({ "merge": merge })).facts;
    let ruling = gates::find("change-described").unwrap();
    let manifest =
        tminus::project::manifest::read(facts.manifest.clone(), &tminus::adapters::kinds())
            .unwrap();
    let ruling = ruling.rule(&Case::new(&manifest, &facts));
    let page = message(&ruling.findings()[0].message, Within::Line);
    let codes = Parser::new(&page).filter(|event| matches!(event, Event::Code(_)));
    assert_eq!(codes.collect::<Vec<_>>(), [Event::Code("let 'widget' spin 'faster'".into())]);
}

#[test]
fn a_workflow_output_is_always_one_complete_entry() {
    let mut file = String::new();
    for (at, said) in TEXTS.iter().enumerate() {
        let at = u128::try_from(at).unwrap();
        file.push_str(&workflow::output("first", said, at * 2 + 1).unwrap());
        file.push_str(&workflow::output("second", "fine", at * 2 + 2).unwrap());
        let read = outputs(&file);
        assert_eq!(read.keys().collect::<Vec<_>>(), ["first", "second"]);
        assert_eq!(read["first"], *said);
        assert_eq!(read["second"], "fine");
    }
}

#[test]
fn machine_readable_documents_parse_and_match_their_schema() {
    for said in TEXTS {
        let situation = hostile(said);
        let report = report(&situation, said);
        let log = serde_json::to_string(&sarif(&report)).unwrap();
        let log: serde_json::Value = serde_json::from_str(&log).unwrap();
        for result in log["runs"][0]["results"].as_array().unwrap() {
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b);
            assert!(uri.bytes().all(plain), "{uri}");
            let text = result["message"]["text"].as_str().unwrap();
            assert!(!text.contains(|c: char| c.is_control()), "{text:?}");
            assert!(!text.contains("]("), "a link: {text:?}");
        }
        assert_eq!(cases(&junit(&report).unwrap()), 7, "{said:?}");
        assert!(!check(&situation.facts, None, &situation.poll, Paint::Plain).contains('\u{1b}'));
    }
}

/// Test cases of a document, read to its end.
fn cases(xml: &str) -> usize {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut cases = 0;
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {xml}")) {
            quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    let _value = attribute.unwrap();
                }
                cases += usize::from(tag.name().as_ref() == b"testcase");
            }
            quick_xml::events::Event::Eof => return cases,
            _ => {}
        }
    }
}

#[test]
fn an_endless_title_fits_every_limit_in_reasonable_time() {
    let began = Instant::now();
    let mixed = "x`|@a ::error::x\n<\u{1b}https://x.test/ #1";
    for (unit, size) in [
        ("`", 1 << 18),
        ("|", 1 << 18),
        ("::error::x\n", 1 << 18),
        ("\u{1b}", 1 << 18),
        (mixed, 10 << 20),
    ] {
        let said = unit.repeat(size / unit.len());
        let situation = hostile(&said);
        let report = report(&situation, &said);
        for most in [MAX_SUMMARY, MAX_COMMENT] {
            let page = markdown(&report, most);
            assert!(page.len() <= most, "{unit:?}: {} > {most}", page.len());
            assert!(anatomy(&page).foreign.is_empty(), "{unit:?}");
        }
        assert!(annotations(&report).iter().all(|command| command.len() < 4 * 4096 * 3));
        assert!(junit(&report).unwrap().len() < 1 << 20);
        assert!(serde_json::to_string(&sarif(&report)).unwrap().len() < 64 << 20);
        let plain = workflow::plain(&said);
        assert!(would_obey(plain.get(..1 << 16).unwrap_or(&plain)).is_empty());
    }
    // Generous: a form that took the square of it would need days.
    assert!(began.elapsed().as_secs() < 300, "{:?}", began.elapsed());
}

#[test]
fn a_truncated_secret_is_not_shown_in_part() {
    const TOKEN: &str = "ghs_S3cr3tOfManyLettersThatNobodyMayRead";
    let secrets = Secrets::of([TOKEN.into()]);
    let basic = base64(TOKEN.as_bytes());
    // Wherever a message is cut, by hundreds of characters, it is cut within the token once.
    for written in [TOKEN, basic.as_str()] {
        for before in [45, 60, 73, 80, 165, 180, 965, 975, 985, 1965, 1975, 3970] {
            let said =
                format!("{}{written} and more{}", "x ".repeat(before / 2), " y".repeat(2100));
            let situation = hostile(&said);
            let report = report(&situation, &said);
            let log = serde_json::to_string(&sarif(&report)).unwrap();
            let mut shown = vec![
                check(&situation.facts, None, &situation.poll, Paint::Plain),
                markdown(&report, MAX_SUMMARY),
                junit(&report).unwrap(),
                log,
            ];
            shown.extend(annotations(&report));
            for text in shown {
                let bare = secrets.redact(&text);
                // Four letters of the kind, and seven that nobody can use.
                let part = (12 * written.len()).div_ceil(TOKEN.len());
                assert!(!bare.contains(&written[..part]), "{before}: {bare}");
            }
        }
    }
}

#[test]
fn a_truncated_page_says_so_and_stays_well_formed() {
    let mut situation = hostile("word");
    let finding = |n: usize| Finding::new(format!("reason {n} {}", "long ".repeat(300)));
    let findings: Vec<Finding> = (0..2000).map(finding).collect();
    situation.poll.answers[1].ruling = Some(Ruling::NoGo { summary: "many".into(), findings });
    for most in [MAX_SUMMARY, MAX_COMMENT, 3000] {
        let page = markdown(&report(&situation, "word"), most);
        assert!(page.len() <= most);
        assert!(page.contains("This report is cut off here"));
        assert_eq!(anatomy(&page).foreign, Vec::<String>::new());
    }
}

#[test]
fn overlong_notes_are_cut_inside_their_block() {
    let mut situation = hostile("word");
    for planned in situation.plan.iter_mut().flat_map(|(plan, _)| &mut plan.stages) {
        for planned in &mut planned.steps {
            if let Ok(draft) = planned.step.arguments::<Draft>() {
                let notes = "a line of notes\n".repeat(10_000);
                planned.step = Draft { notes, ..draft }.into();
            }
        }
    }
    let page = markdown(&report(&situation, "word"), MAX_COMMENT);
    assert!(page.len() <= MAX_COMMENT);
    assert_eq!(anatomy(&page).details, 2, "opened and closed");
    assert!(page.contains("The notes are cut off here"));
}

fn harm() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(TEXTS).prop_map(str::to_owned),
        "[`|*_<>&@#:!\\[\\]()\\\\$~+=. \\n\\r-]{0,12}",
        any::<String>().prop_map(|text| text.chars().take(12).collect()),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_keeps_the_structure_of_a_page(said in harm()) {
        same_shape(&said);
    }

    #[test]
    fn any_text_stays_inline(said in harm()) {
        for shown in [text(&said), message(&said, Within::Line), code(&said, Within::Line)] {
            let page = format!("before {shown} after");
            let found = anatomy(&page);
            prop_assert_eq!(&found.foreign, &Vec::<String>::new(), "{:?} gave {:?}", said, page);
            prop_assert!(found.headings.is_empty() && found.items == 0);
            let page = format!("{shown}\n");
            let found = anatomy(&page);
            prop_assert!(found.headings.is_empty() && found.items == 0, "{:?} gave {:?}", said, page);
        }
        let page = format!("{}\n\nafter\n", block(&said, ""));
        prop_assert_eq!(anatomy(&page).foreign, Vec::<String>::new());
        prop_assert!(Parser::new(&page).any(|event| event == Event::Text("after".into())));
    }

    #[test]
    fn any_printed_text_contains_no_workflow_command(said in harm()) {
        prop_assert_eq!(would_obey(&workflow::plain(&said)), vec![]);
    }

    #[test]
    fn any_workflow_output_is_read_back_unchanged(said in harm(), word in any::<u128>()) {
        let file = workflow::output("name", &said, word).unwrap();
        let read = outputs(&file);
        prop_assert_eq!(read.len(), 1);
        prop_assert_eq!(&read["name"], &said);
    }
}
