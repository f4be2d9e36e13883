//! The documentation says what is so: help texts, paths, modules, gates, links and workflows.
//!
//! `UPDATE=1 cargo test --test suite docs::` rewrites the help texts in `docs/commands.md`.

#![expect(clippy::panic, clippy::expect_used, clippy::unwrap_used, reason = "a test may fail")]

use clap::CommandFactory as _;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tminus::adapters::kinds;
use tminus::base::finding::Who;
use tminus::base::source::Source;
use tminus::cli::Args;
use tminus::judge::gates::GATES;
use tminus::project::manifest;
use tminus::release::outcome::Outcome;
use tminus::report::workflows::workflows;

const COMMANDS: &str = "docs/commands.md";
/// Columns that the help texts are wrapped at, whatever terminal the test runs in.
const WIDTH: usize = 100;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every command's name with its help: the program's own, then each subcommand's without the
/// options that all have.
fn helps() -> Vec<(String, String)> {
    let mut program = Args::command().term_width(WIDTH);
    program.build();
    let mut helps = vec![("tminus".to_owned(), program.render_help().to_string())];
    for command in program.get_subcommands_mut().filter(|command| command.get_name() != "help") {
        let name = format!("tminus {}", command.get_name());
        let mut command = command.clone().term_width(WIDTH);
        command = command.mut_args(|arg| {
            let common = arg.get_help_heading() == Some("Common options");
            arg.hide(common)
        });
        helps.push((name, command.render_help().to_string()));
    }
    helps
}

/// Puts a help text into the first fenced block of a command's section.
fn with_help(page: &str, name: &str, help: &str) -> String {
    let heading = format!("\n## {name}\n\n```text\n");
    let start =
        page.find(&heading).unwrap_or_else(|| panic!("{COMMANDS} has no `{}`", heading.trim()));
    let (before, rest) = page.split_at(start + heading.len());
    let end = rest.find("```").expect("a fence ends");
    let lines: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
    format!("{before}{}\n{}", lines.join("\n"), &rest[end..])
}

#[test]
fn the_command_page_contains_the_help_of_every_command() {
    let page = read(COMMANDS);
    let now = helps().iter().fold(page.clone(), |page, (name, help)| with_help(&page, name, help));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(root().join(COMMANDS), now).unwrap();
        return;
    }
    assert!(
        page == now,
        "{COMMANDS} differs from the program's help; run this test with UPDATE=1\n{now}"
    );
    assert_eq!(
        page.matches("\n## ").count(),
        helps().len(),
        "{COMMANDS} tells of a command that is not there"
    );
}

#[test]
fn the_reports_page_lists_everyone_who_can_act() {
    let page = read("docs/reports.md");
    for who in Who::ALL {
        let word = serde_json::to_value(who).unwrap();
        let row = format!("| `{}` | {}", word.as_str().unwrap(), who.words());
        assert!(page.contains(&row), "docs/reports.md lacks `{row}`");
    }
}

/// Words, each with the digits of its exit code's cell, of the page's table of outcomes.
fn outcomes(page: &str) -> BTreeSet<(String, String)> {
    let (_, table) = page.split_once("| outcome | exit code | meaning |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.split('|').nth(1).zip(row.split('|').nth(2)));
    let pairs = cells.flat_map(|(words, exits)| {
        let digits: Vec<char> = exits.chars().filter(char::is_ascii_digit).collect();
        let pairs = quoted(words).into_iter().flat_map(move |word| {
            digits.clone().into_iter().map(move |digit| (word.clone(), digit.to_string()))
        });
        pairs.collect::<Vec<_>>()
    });
    pairs.collect()
}

#[test]
fn the_reports_page_has_every_outcome_with_its_exit_codes() {
    let mut page = outcomes(&read("docs/reports.md"));
    for outcome in Outcome::ALL {
        let pair = (outcome.word().text.to_owned(), outcome.exit().code().to_string());
        assert!(page.contains(&pair), "docs/reports.md lacks {pair:?}");
    }
    let known = Outcome::ALL.map(|it| (it.to_string(), it.exit().code().to_string()));
    page.retain(|pair| !known.contains(pair));
    assert!(page.is_empty(), "docs/reports.md has what no command says: {page:?}");
}

/// What stands between single backticks, code blocks left out.
fn quoted(text: &str) -> Vec<String> {
    let prose: Vec<&str> = text.split("```").step_by(2).collect();
    prose.iter().flat_map(|part| part.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// Whether a quoted text names a file or folder of this repository.
fn is_path(text: &str) -> bool {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    let (first, _) = text.split_once('/').unwrap_or((text, ""));
    let ours = ["src", "tests", "docs", "examples", "benches", ".ci"].contains(&first);
    plain && (ours && text.contains('/') || !text.contains('/') && root().join(text).is_file())
}

#[test]
fn every_path_on_the_architecture_page_exists() {
    for page in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let paths: Vec<String> =
            quoted(&read(page)).into_iter().filter(|text| is_path(text)).collect();
        assert!(paths.len() > 5, "{page} names only {paths:?}");
        for path in paths {
            assert!(root().join(&path).exists(), "{page} names `{path}`, which does not exist");
        }
    }
}

#[test]
fn the_architecture_page_names_every_module() {
    let quoted: BTreeSet<String> = quoted(&read("ARCHITECTURE.md")).into_iter().collect();
    let library = read("src/lib.rs");
    let modules =
        library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let missing: Vec<&str> = modules.filter(|name| !quoted.contains(*name)).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md does not name {missing:?}");
}

#[test]
fn the_notes_page_has_every_rule_with_its_sentence_and_every_heading() {
    let page = read("docs/notes.md");
    let rules = tminus::project::commits::Excluded::ALL;
    let rows = rules.map(|rule| format!("| `{}` | {} |\n", rule.name(), rule.sentence()));
    assert!(page.contains(&rows.concat()), "the table must be:\n{}", rows.concat());
    for group in tminus::project::commits::Group::ALL {
        assert!(page.contains(&format!("| {} |\n", group.heading())), "{}", group.heading());
    }
    // The output on the page is that of a test.
    let saved = read("tests/end_to_end/snapshots/accounting.snap");
    let shown = page.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert!(saved.contains(shown), "the page shows:\n{shown}\nand the test saw:\n{saved}");
}

#[test]
fn the_moving_tags_page_shows_the_printed_output() {
    let saved = ["moving-plan", "moving-plan-of-an-older-line"]
        .map(|name| read(&format!("tests/end_to_end/snapshots/{name}.snap")));
    let saved: Vec<&str> = saved.iter().flat_map(|text| text.lines()).collect();
    let page = read("docs/moving-tags.md");
    let is_step = |line: &&str| line.starts_with("    missing ") || line.starts_with("    done ");
    let shown: Vec<&str> = page.lines().filter(is_step).collect();
    assert_eq!(shown.len(), 5);
    for line in shown {
        assert!(saved.contains(&line), "{line}");
    }
}

#[test]
fn every_gate_is_in_the_index() {
    let index = read("docs/README.md");
    for gate in GATES {
        let link = format!("](gates/{}.md)", gate.id);
        assert!(index.contains(&link), "docs/README.md does not link the page of `{}`", gate.id);
    }
}

/// What the tests keep of the program's output, in one text.
fn saved(folder: &Path) -> String {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = paths.map(|path| match path.extension().and_then(|it| it.to_str()) {
        _ if path.is_dir() && !path.ends_with("node_modules") => saved(&path),
        Some("snap") => fs::read_to_string(&path).unwrap(),
        Some("txt") if path.ends_with("report.txt") => fs::read_to_string(&path).unwrap(),
        Some(_) | None => String::new(),
    });
    texts.collect()
}

#[test]
fn the_program_prints_every_message_in_troubleshooting() {
    let page = read("docs/troubleshooting.md");
    let printed = saved(&root().join("tests"));
    let messages: Vec<&str> = page
        .split("```text\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("\n```").map(|(message, _)| message))
        .collect();
    assert!(messages.len() > 10, "only {messages:?} are quoted");
    for message in messages {
        assert!(printed.contains(&format!("\n{message}\n")), "nothing printed is `{message}`");
    }
}

/// Pages of Markdown that people read.
fn pages() -> Vec<PathBuf> {
    let folders = ["", "docs", "docs/design", "docs/gates"].map(|folder| root().join(folder));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let paths = files.map(|file| file.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

/// Headings as GitHub makes anchors of them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |line: &str| {
        let words = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        words.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect::<String>()
    };
    headings.map(anchor).collect()
}

#[test]
fn every_link_resolves() {
    let mut links = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            links += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target =
                if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            assert!(target.exists(), "{}: `{link}` leads nowhere", page.display());
            if !anchor.is_empty() {
                let there = anchors(&fs::read_to_string(&target).unwrap());
                assert!(there.contains(anchor), "{}: `{link}` has no such heading", page.display());
            }
        }
    }
    assert!(links > 20, "only {links} links were found");
}

#[test]
fn the_workflow_page_shows_the_workflow_generated_from_its_manifest() {
    let page = read("docs/workflow.md");
    let blocks: Vec<&str> =
        page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [manifest, shown, ..] = blocks.as_slice() else { panic!("two blocks of YAML") };
    let source = Source { name: "tminus.yaml".into(), text: (*manifest).into() };
    let written = workflows(&manifest::read(source, &kinds()).unwrap()).unwrap();
    let (_, job) = shown.split_once("  stable:\n").expect("the job `stable`");
    assert!(written.iter().any(|file| file.text.ends_with(job)), "{shown}");
}

#[test]
fn two_commands_in_the_readme_can_be_copied() {
    let readme = read("README.md");
    for (section, command) in
        [("## Try it", "cargo run --quiet --example staged"), ("## Test it", "cargo test --locked")]
    {
        let (_, rest) = readme.split_once(&format!("\n{section}\n")).expect(section);
        let block = rest.split("```").nth(1).expect("a code block");
        assert_eq!(block, format!("sh\n{command}\n"), "the first block of `{section}`");
    }
}
