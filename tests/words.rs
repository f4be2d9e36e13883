//! Text for users is plain: phrases that puzzled readers stay out of it.
//!
//! `PHRASES` is the only list. Add a phrase when a reader stumbles over it, with a sentence that
//! contains it and the plain sentence that replaces it.

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]

use clap::CommandFactory as _;
use std::fs;
use std::path::{Path, PathBuf};
use tminus::cli::Args;

/// A phrase, a sentence with it, and the same sentence in plain words.
///
/// Phrases are lowercase words. `*` at the end of one stands for the rest of a word.
const PHRASES: &[(&str, &str, &str)] = &[
    ("asked is", "Asked is about exactly the commit.", "Only the tagged commit is queried."),
    ("is asked", "The forge is asked about the push.", "tminus requests the push."),
    ("are asked", "Gates are asked again.", "The gates run again."),
    ("asks for", "It asks for the rights.", "It checks the permissions."),
    ("ask again", "Ask again for at most an hour.", "Check again for at most an hour."),
    ("asks the forge", "It asks the forge, so it needs a token.", "It needs a token."),
    ("is told", "Every wait is told.", "Every wait is reported."),
    ("are told", "Changes are told there.", "Changes are listed there."),
    ("tells of", "The page tells of `--facts`.", "The page describes `--facts`."),
    ("tells nothing", "The changelog tells nothing of it.", "The changelog has no entry for it."),
    ("tells which", "The note tells which.", "The note names it."),
    ("does not tell", "The event does not tell it.", "It cannot be inferred from the event."),
    ("heard of", "Until it is heard of again.", "Until its next entry."),
    ("mend*", "mend it or rerun the job", "fix it or rerun the job"),
    ("whose who", "They would be whose who proposed it.", "They would come from its author."),
    ("at stake", "The version at stake.", "The version to release."),
    ("is out", "1.1.0 is out.", "1.1.0 is released."),
    ("are out", "Two of them are out.", "Two of them are released."),
    ("begun", "Nothing is begun.", "Nothing was started."),
    ("is poll*", "The manifest is polled.", "The manifest is evaluated."),
    ("look* again", "It looks again.", "It reads the state again."),
    ("look* at is", "Looked at is the commit.", "The commit is checked."),
    ("stands on", "The tag stands on 3f2a91c.", "The tag is on 3f2a91c."),
    ("stands in", "The value stands in the file.", "The file contains the value."),
    ("how it stands", "It says how it stands.", "It reports the state."),
    ("as it stands", "The report as it stands.", "The current report."),
    ("flies", "It flies the plan.", "It runs the plan."),
    ("flight", "How the flight is told.", "Output format."),
    ("passes for", "Nothing passes for it.", "Nothing can impersonate it."),
    ("pass for", "It cannot pass for it.", "It cannot impersonate it."),
    ("as ever", "A commit is judged as ever.", "A commit is evaluated as usual."),
    ("anew", "It is written anew.", "It is written again."),
    ("for ever", "It waits for ever.", "It waits forever."),
    ("not wanted any more", "It is not wanted any more.", "It is no longer needed."),
    ("in passing", "A network that fails in passing.", "A temporary network failure."),
    ("the way out", "It is refused with the way out.", "tminus suggests an alternative."),
    ("where no", "Where no file carries it.", "If no file contains it."),
    ("where nothing", "Where nothing is due.", "If no release is due."),
    ("only where", "Only where it names one.", "Only if it names one."),
    ("where that is", "Up to STAGE where that is given.", "Through STAGE if given."),
    ("what cannot be", "What cannot be told changes nothing.", "A failure to post is ignored."),
    ("so is one", "It is lost; so is one of a fork.", "It is lost, and one of a fork too."),
    ("asked for", "It was not asked for.", "It was not read."),
    ("not asked", "Two gates were not asked.", "Two gates did not run."),
    ("was asked", "No gate was asked.", "No gate ran."),
    ("nobody asked", "Nobody asked for the checks.", "The checks were not read."),
    ("asking", "The server failed, asking again.", "The server failed, trying again."),
    ("ask* every", "Ask every gate.", "Run all gates."),
    ("ask* whether", "Ask whether git may push.", "Check whether git can push."),
    ("asked on", "The gate is asked on entering it.", "The gate runs when it starts."),
    ("asks it", "A stage asks it.", "A stage runs it."),
    ("as asked", "It went through build, as asked.", "It went through build, as requested."),
    ("forge told", "The forge told no rules.", "The response has no rules."),
    ("not tell", "The remote did not tell it.", "It cannot be inferred from the remote."),
    ("tells more", "`git fsck` tells more.", "Run `git fsck` for details."),
    ("tells whether", "Nothing tells whether it is.", "It is unknown whether it is."),
    ("demand*", "None of them demands a version.", "None of them requires a version."),
    ("is awaited", "The check is awaited.", "The check is expected."),
    ("in the way", "What stands in the way.", "What blocks it."),
    ("looked at", "Here is what it looked at.", "Here is the summary."),
    ("last look", "It was public at the last look.", "It was public when last checked."),
    ("next look", "The next look is in 5 s.", "The next update is in 5 s."),
    ("is another", "The manifest is another afterwards.", "The manifest differs afterwards."),
    ("written otherwise", "The section is written otherwise.", "The section changed."),
    ("to go on", "Run it again to go on.", "Run it again to continue."),
    ("wrong any more", "Nothing goes wrong any more.", "There are no more faults."),
    ("came out", "It came out whole.", "It was released completely."),
    ("went out", "It went out with tag `v1`.", "It was published with tag `v1`."),
    ("rightly", "All were judged rightly.", "All verdicts are right."),
    ("carries the version", "No file carries the version.", "No file contains the version."),
    ("take* it out", "Take it out of the stage.", "Remove it from the stage."),
    ("take out", "Take out the line.", "Remove the line."),
    ("leads out", "The path leads out of the repository.", "It points outside."),
    ("leads to", "`HEAD` leads to no object.", "`HEAD` points to no object."),
    ("links out", "It links out of the repository.", "It is a link to outside."),
    ("some seconds", "Run again in some seconds.", "Run again in a few seconds."),
    ("enters through", "The stage enters through a gate.", "The stage runs a gate first."),
    ("there already", "The tag is there already.", "The tag already exists."),
    ("br* off", "The list of refs breaks off.", "The list of refs is incomplete."),
    ("to no end", "It came to no end.", "It did not end."),
    ("makes no sense", "The answer makes no sense.", "The response cannot be parsed."),
    ("see that", "See that it is published.", "Check that it is published."),
    ("not seen", "The merge is not seen on `main`.", "The merge is not on `main`."),
    ("cannot see how", "It cannot see how it is.", "It cannot determine its state."),
    ("begin again", "Abort, then begin again.", "Abort, then start over."),
    ("taken up", "The release is taken up later.", "The release is resumed later."),
    ("built again", "The file was built again.", "The file was rebuilt."),
    ("somebody else wrote", "Somebody else wrote first.", "Another process changed it."),
    ("other content", "The asset has other content.", "The asset differs."),
    ("starts nothing", "A missing branch starts nothing.", "A missing branch is ignored."),
    ("of that name", "A job of that name.", "A job with that name."),
    ("and the limit is", "It has 9 bytes, and the limit is 8.", "It is too large."),
    ("ruling counts", "Whether its ruling counts.", "Whether the gate can block a release."),
    ("work tree", "The work tree is clean.", "The working tree is clean."),
    ("known kind", "The title has no known kind.", "The title has no known type."),
    ("forge's response", "The forge's response is empty.", "GitHub's response is empty."),
    ("app's token", "Use an app's token.", "Use a GitHub App token."),
    ("queue's group", "The merge queue's group.", "The merge group."),
    ("may report it", "`ci.yml` may report it.", "`ci.yml` might report the check."),
    ("start* no workflow", "The push starts no workflow.", "The push does not trigger workflows."),
    ("someone else wrote", "Someone else wrote first.", "Another process changed it first."),
    ("from line", "It differs from line 20.", "It differs, starting at line 20."),
    ("after more", "After more, a person decides.", "If there are more, a person must decide."),
    ("decides about", "The app decides about jobs only.", "The app can approve only jobs."),
    ("however often", "However often it runs.", "No matter how often you run it."),
    ("said of", "It is said of two commits.", "Two commits have identical content."),
    ("ends green", "A hold ends green.", "A run that ends with a hold succeeds."),
    (
        "comes back on",
        "The workflow comes back on a schedule.",
        "The workflow also runs on a schedule.",
    ),
    ("gave none", "A person gave none.", "No version was passed."),
    ("ways out", "There are two ways out.", "There are two options."),
    ("holds no", "The ref holds no commit.", "The ref does not point to a commit."),
    ("of no kind", "A policy of no kind that is known.", "A policy of an unknown kind."),
    ("tell the time", "It cannot tell the time.", "It cannot determine the time."),
    (
        "proven itself",
        "It waits until the result has proven itself.",
        "It waits before the next stage.",
    ),
    ("as things stand", "It is the latest, as things stand.", "It is the latest, given the facts."),
    ("stands there", "The version that stands there.", "The version in the environment."),
    ("stands behind", "What stands behind the numbers.", "The part after the numbers."),
    ("of which no*", "Of which nothing more is known.", "Without a later entry."),
    ("let* go", "The holder let go.", "The holder ended the lease."),
    ("given up", "The release was given up.", "The release was aborted."),
    ("what is so", "What is so instead.", "The actual state."),
    ("at work", "A release that is at work there.", "A release that is in progress there."),
    ("it takes until", "It takes until noon.", "This takes until noon at the earliest."),
    ("came to", "What the entries came to.", "The result of the entries."),
    ("comes to", "What a sample comes to.", "The result of a sample."),
    ("becomes of", "What becomes of every commit.", "Whether the notes list every commit."),
    ("has to decide", "A person has to decide.", "A person must decide."),
    (
        "whoever",
        "Whoever passes a version expects a release.",
        "`--version` means a release is due.",
    ),
    ("untold", "The start is untold.", "The start time is unknown."),
    ("betray*", "The shortest part that betrays it.", "The shortest part that reveals it."),
    ("bears", "The date that it bears.", "Its date."),
    ("gravest", "The gravest first.", "The most severe first."),
    ("go* on", "The release goes on.", "The release continues."),
    ("at hand", "If the file is at hand.", "If the file is known."),
    ("heard", "Until nothing more is heard.", "Until no entry follows."),
    ("judges", "The manifest that judges.", "The manifest that is used."),
    ("what became", "What became of the date.", "The result of the date."),
    ("takes it back", "A later commit takes it back.", "A later commit reverts it."),
    ("speaks for", "A title speaks for its commits.", "A title is listed instead of its commits."),
    ("be had", "It could not be had.", "It could not be read."),
    ("without a word", "GitHub renames it without a word.", "GitHub renames it silently."),
    ("one's own", "A server of one's own.", "A self-hosted server."),
    ("to say of", "There is something to say of it.", "There is a note about it."),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Lowercase words of a text. A hyphen or an underscore belongs to a word, so that names of files,
/// keys and outcomes (`not-begun`) are one word.
fn words(text: &str) -> Vec<String> {
    let separator = |c: char| !(c.is_alphanumeric() || "-_'`".contains(c));
    text.split(separator).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// Whether the words begin with a phrase.
fn begin(words: &[String], phrase: &str) -> bool {
    phrase.split(' ').enumerate().all(|(at, wanted)| match (words.get(at), wanted) {
        (None, _) => false,
        (Some(word), wanted) => match wanted.strip_suffix('*') {
            Some(start) => word.starts_with(start),
            None => word == wanted,
        },
    })
}

/// The phrases in a text, each with the words around it.
fn hits(text: &str) -> Vec<(&'static str, String)> {
    let words = words(text);
    let around = |at: usize| words[at.saturating_sub(6)..(at + 9).min(words.len())].join(" ");
    let at = |at: usize| {
        let here = PHRASES.iter().filter(|(phrase, ..)| begin(&words[at..], phrase));
        here.map(|(phrase, ..)| (*phrase, around(at))).collect::<Vec<_>>()
    };
    (0..words.len()).flat_map(at).collect()
}

/// The phrases in a text.
fn phrases(text: &str) -> Vec<&'static str> {
    hits(text).into_iter().map(|(phrase, _)| phrase).collect()
}

/// A text with its name.
type Named = (String, String);

/// Every phrase in these texts, a line each.
fn found(texts: &[Named]) -> Vec<String> {
    let in_text = |(name, text): &Named| -> Vec<String> {
        let hits = text.split("\n\n").flat_map(hits);
        hits.map(|(phrase, around)| format!("{name}: `{phrase}` in: {around}")).collect()
    };
    texts.iter().flat_map(in_text).collect()
}

fn check(texts: &[Named], at_least: usize) {
    assert!(texts.len() >= at_least, "only {} texts were read", texts.len());
    let found = found(texts);
    assert!(
        found.is_empty(),
        "{} phrases that `PHRASES` keeps out:\n{}",
        found.len(),
        found.join("\n")
    );
}

/// Files below a folder with this ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() && !path.ends_with("node_modules") {
            all.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            all.push(path);
        }
    }
    all.sort();
    all
}

fn read(path: &Path) -> Named {
    let name = path.strip_prefix(root()).unwrap_or(path).display().to_string();
    (name, fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// A page without its code blocks: those show output and files.
fn prose((name, text): Named) -> Named {
    let mut open = false;
    let mut kept = |line: &&str| {
        let fence = line.trim_start().starts_with("```");
        open ^= fence;
        !open && !fence
    };
    let lines: Vec<&str> = text.lines().filter(|line| kept(line)).collect();
    (name, lines.join("\n"))
}

/// String literals of Rust source, before its unit tests.
fn literals((name, text): Named) -> Named {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '/']) {
        let (before, here) = rest.split_at(at);
        rest = match here.as_bytes() {
            [b'/', b'/', ..] => here.find('\n').map_or("", |end| &here[end..]),
            [b'\'', b'\\', ..] => here.get(3..).unwrap_or_default(),
            [b'\'', b'"', b'\'', ..] => &here[3..],
            [b'"', ..] => {
                let hashes = before.len() - before.trim_end_matches('#').len();
                let raw = before.trim_end_matches('#').ends_with('r');
                let (literal, after) = literal(&here[1..], raw, hashes);
                out += literal;
                out += "\n\n";
                after
            }
            _ => here.get(1..).unwrap_or_default(),
        };
    }
    (name, out)
}

/// A literal's text and what follows it, given what follows its opening quote.
fn literal(text: &str, raw: bool, hashes: usize) -> (&str, &str) {
    let end = if raw { format!("\"{}", "#".repeat(hashes)) } else { "\"".to_owned() };
    let mut from = 0;
    while let Some(at) = text[from..].find(&end).map(|at| from + at) {
        let escapes = text[..at].len() - text[..at].trim_end_matches('\\').len();
        if raw || escapes.is_multiple_of(2) {
            return (&text[..at], &text[at + end.len()..]);
        }
        from = at + 1;
    }
    (text, "")
}

#[test]
fn every_banned_phrase_is_found_in_its_example_but_not_in_the_plain_one() {
    for (phrase, sentence, plain) in PHRASES {
        assert!(phrases(sentence).contains(phrase), "`{phrase}` is not found in: {sentence}");
        assert!(phrases(plain).is_empty(), "{:?} in the plain: {plain}", phrases(plain));
    }
    assert!(phrases("recommend `not-begun` where, nowhere, or a standing order").is_empty());
    assert_eq!(phrases("it is\n  told"), ["is told"], "a phrase may cross a line");
}

#[test]
fn literals_are_extracted_from_source_without_comments() {
    let source = "// \"is told\"\nlet a = '\"'; let b = \"x \\\" mend\"; let c = r#\"is \"out\"#;\n\
                  #[cfg(test)] mod tests { \"anew\" }";
    let (_, text) = literals((String::new(), source.to_owned()));
    assert_eq!(text, "x \\\" mend\n\nis \"out\n\n");
    let page = (String::new(), "a\n```text\nis told\n```\nb".to_owned());
    assert_eq!(prose(page).1, "a\nb");
}

#[test]
fn the_help_of_every_command_uses_plain_words() {
    let mut program = Args::command();
    program.build();
    let mut helps = vec![("tminus".to_owned(), program.render_long_help().to_string())];
    for command in program.get_subcommands_mut() {
        let name = format!("tminus {}", command.get_name());
        helps.push((name, command.render_long_help().to_string()));
    }
    check(&helps, 12);
}

#[test]
fn every_page_uses_plain_words() {
    let mut pages = files(&root().join("docs"), ".md");
    let others = [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "ARCHITECTURE.md",
        "SECURITY.md",
        "action.yml",
        ".github/PULL_REQUEST_TEMPLATE.md",
        ".github/ISSUE_TEMPLATE/bug.yml",
        ".github/ISSUE_TEMPLATE/config.yml",
        ".github/ISSUE_TEMPLATE/feature.yml",
    ];
    // The published package does not have all of them.
    pages.extend(others.map(|name| root().join(name)).into_iter().filter(|page| page.exists()));
    let texts: Vec<Named> = pages.iter().map(|page| prose(read(page))).collect();
    check(&texts, 30);
}

#[test]
fn comments_in_scripts_and_workflows_use_plain_words() {
    if !root().join(".ci").exists() {
        return; // The published package has no scripts.
    }
    let mut scripts = files(&root().join(".ci"), "");
    scripts.extend(files(&root().join(".github/action"), ".sh"));
    scripts.extend(files(&root().join(".github/workflows"), ".yml"));
    scripts.extend(["justfile", "tminus.yaml"].map(|name| root().join(name)));
    let texts: Vec<Named> = scripts.iter().map(|script| read(script)).collect();
    check(&texts, 15);
}

#[test]
fn every_message_uses_plain_words() {
    let sources = files(&root().join("src"), ".rs").into_iter().filter(|path| {
        let name = path.to_string_lossy();
        !name.contains("/tests/") && !name.ends_with("tests.rs") && !name.contains("/sim/")
    });
    let mut texts: Vec<Named> = sources.map(|path| literals(read(&path))).collect();
    texts.extend(files(&root().join("tests"), ".snap").iter().map(|path| read(path)));
    texts.extend(files(&root().join("src"), ".snap").iter().map(|path| read(path)));
    texts.extend(files(&root().join("tests/gates"), "report.txt").iter().map(|path| read(path)));
    check(&texts, 400);
}

/// The comments of Rust source, before its unit tests.
fn comments((name, text): Named) -> Named {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut out = String::new();
    for line in text.lines() {
        match line.trim_start().strip_prefix("//") {
            Some(comment) => out += comment.trim_start_matches(['/', '!']),
            None => out += "\n",
        }
        out += "\n";
    }
    (name, out)
}

#[test]
fn comments_are_extracted_from_source_without_code() {
    let source = "//! a\n\n/// is\n/// told\nfn anew() {} // b\n#[cfg(test)] // c";
    let (_, text) = comments((String::new(), source.to_owned()));
    assert_eq!(text.split("\n\n").map(str::trim).collect::<Vec<_>>(), ["a", "is\n told", ""]);
}

#[test]
fn comments_in_the_code_use_plain_words() {
    let sources = files(&root().join("src"), ".rs").into_iter().filter(|path| {
        let name = path.to_string_lossy();
        !name.contains("/tests/") && !name.ends_with("tests.rs") && !name.contains("/sim/")
    });
    let texts: Vec<Named> = sources.map(|path| comments(read(&path))).collect();
    check(&texts, 300);
}
