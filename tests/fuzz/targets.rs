//! What is fuzzed: each target takes bytes from anywhere and panics where a promise is broken. Run by
//! libFuzzer (`cargo fuzz`) and, on the saved corpus, by `tests/fuzz.rs`.
use std::cell::RefCell;
use tminus::adapters::forge::github::hostile::Hostile;
use tminus::adapters::forge::saved;
use tminus::adapters::kinds;
use tminus::base::finding::Finding;
use tminus::base::names::BranchName;
use tminus::base::secrets::Secrets;
use tminus::base::source::{Source, Span, Spanned};
use tminus::base::version::Version;
use tminus::base::word::Word;
use tminus::facts::event;
use tminus::judge::case::Case;
use tminus::judge::gates::{self, GateSelection};
use tminus::judge::notes;
use tminus::judge::ruling::Verdict;
use tminus::project::changelog;
use tminus::project::commits;
use tminus::project::commits::Commit;
use tminus::project::manifest::{self, VersionSource};
use tminus::project::schedule::{Calendar, zone};
use tminus::project::versions;
use tminus::project::waivers::{self, NewWaiver, Waivers};
use tminus::project::workflow::Workflow;
use tminus::release::comment;
use tminus::release::ledger::{Entry, Ledger};
use tminus::report::check::{check, table};
use tminus::report::{Paint, Sources, clean, finding};

/// The bytes are what the target reads.
pub(crate) type Target = fn(&[u8]);

/// By their names, which are those of the corpus's folders.
pub(crate) const TARGETS: [(&str, Target); 11] = [
    ("manifest", a_manifest),
    ("waivers", some_waivers),
    ("reply", a_reply),
    ("event", an_event),
    ("workflow", a_workflow),
    ("ledger", a_ledger),
    ("facts", some_facts),
    ("history", a_history),
    ("text", a_text),
    ("calendar", a_calendar),
    ("comment", a_comment),
];

/// A calendar is read or refused at one of its lines; its times are in order and in bounds.
pub(crate) fn a_calendar(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let utc = zone("UTC").expect("UTC is a zone");
    let time = |text: &str| text.parse().expect("a time");
    let span = (time("2026-01-01T00:00:00Z"), time("2028-03-01T00:00:00Z"));
    let read = Calendar::read(text);
    match read.and_then(|calendar| calendar.occurrences(&utc, span)) {
        Ok(found) => {
            assert!(found.is_sorted_by_key(|one| one.from), "not in order");
            for one in found {
                assert!(one.from < one.until && one.from < span.1 && one.until > span.0);
            }
        }
        Err(error) => {
            assert!((1..=text.lines().count().max(1)).contains(&error.line), "no such line");
        }
    }
}

/// A comment has few commands, each of them a line of it that begins with a slash.
pub(crate) fn a_comment(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Some(commands) = comment::commands(&text) else { return };
    assert!(commands.len() <= comment::MOST);
    for command in &commands {
        let shown = command.line.trim_end_matches('…');
        assert!(shown.starts_with('/') && text.contains(shown), "{text:?}: {command:?}");
        let quoted: String = text.split(['\n', '\r']).map(|line| format!("> {line}\n")).collect();
        assert_eq!(comment::commands(&quoted).map(|all| all.len()), Some(0), "{quoted:?}");
    }
}

/// A manifest is read or refused with findings, each at a place that is there.
pub(crate) fn a_manifest(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let source = Source { name: "tminus.yaml".into(), text: text.into() };
    match manifest::read(source.clone(), &kinds()) {
        Ok(read) => {
            assert!(!read.stages.is_empty(), "a manifest without stages");
        }
        Err(findings) => {
            assert!(!findings.is_empty(), "refused without a reason");
            for one in &findings {
                at_a_place(one, &source);
            }
            visible(&finding::all(
                Word::ERROR,
                None,
                &findings,
                &Sources::of(&source),
                Paint::Plain,
            ));
        }
    }
}

/// Waivers are read or refused, and one that is added leaves the others as they are.
pub(crate) fn some_waivers(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let source = Source { name: waivers::PATH.into(), text: text.into() };
    let read = Waivers::read(&source);
    let now = "2026-01-10T14:30:00Z".parse().expect("a moment");
    let faults = gates::waiver_faults(&source, now);
    for one in read.problems.iter().chain(&faults) {
        at_a_place(one, &source);
    }
    visible(&finding::all(Word::ERROR, None, &faults, &Sources::of(&source), Paint::Plain));
    let new = NewWaiver {
        gate: "tree-clean".into(),
        finding: None,
        version: "1.0.0".into(),
        reason: text.chars().take(80).filter(|c| !c.is_control()).collect(),
        by: "grace".into(),
        until: "2026-01-31".into(),
    };
    let Ok(added) = waivers::append(Some(&source), &new) else { return };
    let after = Waivers::read(&Source { text: added, ..source });
    assert!(after.problems.is_empty(), "what was added cannot be read");
    let kept = after.waivers.iter().zip(&read.waivers);
    let same = kept.filter(|(now, then)| now.gate.value == then.gate.value);
    assert_eq!(same.count(), read.waivers.len(), "another waiver changed");
    assert_eq!(after.waivers.last().map(|it| it.reason.as_str()), Some(new.reason.as_str()));
}

/// A reply of the forge is understood or not; what is said of it is text.
pub(crate) fn a_reply(bytes: &[u8]) {
    thread_local! {
        static FORGE: RefCell<Option<(tokio::runtime::Runtime, Hostile)>> = const { RefCell::new(None) };
    }
    FORGE.with(|forge| {
        let mut forge = forge.borrow_mut();
        let (runtime, hostile) = forge.get_or_insert_with(|| {
            let _installed = rustls::crypto::ring::default_provider().install_default();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime");
            let hostile = runtime.block_on(async { Hostile::new() }).expect("a client");
            (runtime, hostile)
        });
        let said = runtime.block_on(hostile.read(bytes));
        assert!(!said.is_empty(), "nothing was said");
    });
}

/// The file of an event, after its name on the first line, is understood or is one clear error.
pub(crate) fn an_event(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (name, file) = text.split_once('\n').unwrap_or((text, ""));
    if let Err(error) = event::read(name, file) {
        assert!(!error.to_string().is_empty(), "refused without a reason");
    }
}

/// A workflow file answers every question, or none.
pub(crate) fn a_workflow(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let source = Source { name: ".github/workflows/ci.yml".into(), text: text.into() };
    let Some(workflow) = Workflow::read(&source) else { return };
    let main = BranchName::new("main").expect("a branch");
    let _filters = workflow.filters_paths();
    for name in ["build", "build (linux, 1.0)", "call / build", ""] {
        let _reports = workflow.reports(name);
    }
    for changed in [None, Some(&[][..]), Some(&["src/main.rs".to_owned(), "\u{0}".to_owned()][..])]
    {
        let _pushed = workflow.on_push(&main, changed);
    }
}

/// An entry comes back as it was written; a chain of any entries answers every question.
pub(crate) fn a_ledger(bytes: &[u8]) {
    let entries: Vec<Entry> = bytes
        .split(|byte| *byte == 0)
        .filter_map(|entry| serde_json::from_slice(entry).ok())
        .collect();
    for entry in &entries {
        let text = serde_json::to_string_pretty(entry).expect("an entry is JSON");
        let again: Entry = serde_json::from_str(&text).expect("what was written is read");
        assert_eq!(*entry, again);
        let _line = entry.line();
    }
    let ledger = Ledger { head: None, entries };
    let _lease = ledger.lease();
    let _all = (ledger.fence(), ledger.in_doubt(), ledger.release(), ledger.aborted());
    if let Some(plan) = ledger.plan() {
        let _done = plan.steps().filter(|(_, one)| ledger.did(&one.key).is_some()).count();
        let _entered = plan.stages.iter().filter_map(|stage| ledger.entered(&stage.name)).count();
        assert_eq!(plan.digest(), plan.digest());
    }
    assert!(!(ledger.under_way() && ledger.finished()));
}

/// Any facts get a ruling from every gate, and a report.
pub(crate) fn some_facts(bytes: &[u8]) {
    let Ok(facts) = saved(bytes) else { return };
    let Ok(manifest) = manifest::read(facts.manifest.clone(), &kinds()) else { return };
    for offline in [false, true] {
        let case = Case::new(&manifest, &facts);
        let poll = gates::poll(&case, &GateSelection { offline, ..GateSelection::release() });
        visible(&check(&facts, case.target().ok(), &poll, Paint::Plain));
        visible(&table(&poll, Paint::Plain));
        let _notes = notes::notes(&case);
    }
    let plan = tminus::drive::execute::plan_of(&Case::new(&manifest, &facts));
    if let Ok(plan) = plan {
        let _progress = tminus::planner::progress(&plan, &facts);
    }
}

/// One of each kind of version file.
const VERSION_FILES: &[&str] = &[
    "Cargo.toml",
    "package.json",
    "pyproject.toml",
    "VERSION",
    "a.yaml",
    "a.json",
    "a.toml",
    "pom.xml",
    "a.csproj",
    "a.properties",
    "build.gradle",
    "setup.cfg",
    "setup.py",
    "a.py",
    "a.gemspec",
    "a.rb",
    "mix.exs",
    "a.php",
    "a.go",
    "a.h",
    "a.swift",
    "a.js",
    "CMakeLists.txt",
    "configure.ac",
    "meson.build",
    "a.podspec",
    "a.cabal",
];

/// A commit in which every file has the same text.
struct Same<'t>(&'t str);

impl versions::Tree for Same<'_> {
    fn look(&self, _: &str) -> versions::Look<'_> {
        versions::Look::Text(self.0.into())
    }
}

/// Commits, a changelog and version files, of any content: every commit is accounted for, and every
/// place is in its file.
pub(crate) fn a_history(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let source = Source { name: "CHANGELOG.md".into(), text: text.into() };
    for section in changelog::sections(&source).unwrap_or_default().iter() {
        let _empty = (section.is_empty(), section.is_unreleased());
    }
    for name in VERSION_FILES {
        match versions::read_path(name, text, &versions::SingleFile) {
            Ok(site) => in_text(site.span, text),
            Err(error) => {
                if let Some(span) = error.span() {
                    in_text(span, text);
                }
            }
        }
        let source = VersionSource {
            former: None,
            path: Spanned::new((*name).to_owned(), Span::default()),
            pattern: None,
        };
        let site = versions::read_path("VERSION", "1.2.3", &versions::SingleFile);
        for package in [Some("widget".to_owned()), None] {
            let site = site.clone().map(|site| versions::Site { package, ..site });
            for locked in
                site.and_then(|site| versions::locked(&source, &site, &Same(text))).iter().flatten()
            {
                in_text(locked.span, text);
            }
        }
    }
    let base = serde_json::json!({
        "sha": "1".repeat(40), "message": "", "committed_at": 1_768_000_000, "parents": 1,
    });
    let made = text.split('\0').filter_map(|message| {
        let mut one = base.clone();
        one["message"] = message.into();
        serde_json::from_value::<Commit>(one).ok()
    });
    let made: Vec<Commit> = made.collect();
    assert!(!made.is_empty(), "the commits of this target are none");
    let account = commits::account(&made, commits::ChangeKinds::default());
    let _demand = account.demand();
    for change in &account.changes {
        if let Some(bump) = change.bump() {
            let base = Version::new(1, 0, 0);
            assert!(base.bumped(bump, bump).unwrap() > base, "a change that raises nothing");
        }
    }
}

/// Nothing that a terminal obeys comes through, and no secret.
pub(crate) fn a_text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let clean = clean(&text);
    assert!(!clean.contains(char::is_control), "{clean:?}");
    let message = Finding::new(text.as_ref()).note(text.as_ref()).help(text.as_ref());
    let source = Source { name: "a".into(), text: text.as_ref().into() };
    let middle = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let message = message.at("a", Span { start: middle, end: text.len() }, text.as_ref());
    visible(&finding::all(Verdict::NoGo, None, &[message], &Sources::of(&source), Paint::Plain));

    const SECRET: &str = "ghs_S3cr3t+to/ken==~x";
    let secrets = Secrets::of([SECRET.into()]);
    let hidden = secrets.redact(&text);
    assert!(!secrets.are_in(&hidden), "{text:?} became {hidden:?}");
    let around = format!("{text}{SECRET}{text}");
    assert!(!secrets.redact(&around).contains(SECRET), "{around:?}");
    let _found = tminus::base::secrets::in_addresses(&text).count();
}

fn at_a_place(finding: &Finding, source: &Source) {
    let Some(place) = &finding.place else { return };
    assert_eq!(place.file, source.name);
    in_text(place.span, &source.text);
}

fn in_text(span: Span, text: &str) {
    assert!(
        text.get(span.start..span.end).is_some(),
        "{span:?} is not in a text of {}",
        text.len()
    );
}

/// A report is lines of text without anything that a terminal obeys.
fn visible(report: &str) {
    let odd = report.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(odd, None, "{report:?}");
}
