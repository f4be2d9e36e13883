//! The output of `plan`: the version and its reason, the notes, and every step with its state and
//! reach.

use super::check::verdict;
use super::dates::{Dates, TaskState};
use super::ending::Ending;
use super::finding::Paint;
use super::since::released;
use super::stats::Cost;
use crate::base::clean::{self, LONGEST_NAME, clean, clip};
use crate::base::moment::{length, short};
use crate::base::names::{Digest, StageName};
use crate::base::word::{Tone, Word};
use crate::facts::environment::{AllowedRefs, Protection};
use crate::facts::{Facts, Seen};
use crate::judge::ruling::{Poll, Verdict};
use crate::judge::target::{Origin, Target};
use crate::planner::cost::Costs;
use crate::planner::forecast::forecast;
use crate::planner::steps::{self, detail, title};
use crate::planner::{Progress, Repair, later_files};
use crate::project::schedule::{Entry, Schedule};
use crate::release::outcome::Outcome;
use crate::release::plan::{Plan, PlannedStage};
use crate::release::step::{Planned, Reach};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The maximum length of a line of the notes, in characters.
const MAX_LINE: usize = 400;

/// The word before all steps.
const FIRST: Word = Word::new("first", Tone::Plain);

/// The word after all steps.
const NOTE: Word = Word::new("note", Tone::Plain);

/// The whole plan.
#[must_use]
pub fn plan(
    plan: &Plan,
    progress: &Progress,
    (facts, schedule, dates): (&Facts, Option<&Schedule>, &Dates),
    target: &Target,
    costs: &Costs,
    paint: Paint,
) -> String {
    let digest = match final_digest(plan) {
        Some(digest) => digest.short().to_owned(),
        None => "without a digest: some files have not been built".into(),
    };
    let (name, version, commit) = (clean::name(&plan.name), &plan.version, plan.commit.short());
    let head = format!("{name} {version} from {commit}, plan {digest}");
    let mut text = format!("{}\n", paint.bold(&head));
    if let Some(why) = &facts.pinned {
        let _ =
            writeln!(text, "{}", paint.dim(&format!("at {}: {}", plan.commit.short(), clean(why))));
    }
    let _ = writeln!(text, "  version   {}", why(plan, target, facts));
    if let Some(notes) = steps::notes(plan) {
        let mut lines = notes.lines().filter(|line| !line.trim().is_empty());
        let _ = writeln!(text, "  notes     {}", line(lines.next().unwrap_or("")));
        for line in lines {
            let _ = writeln!(text, "            {}", self::line(line));
        }
    }
    text.push_str(&dated(dates));
    text.push('\n');
    text.push_str(&steps(
        plan,
        progress,
        (facts, schedule),
        Some(costs).filter(|costs| costs.total() > 0),
        paint,
    ));
    if !progress.is_complete(plan) && costs.total() > 0 {
        let line = format!("the rest of the release takes {}", left(costs));
        let _ = writeln!(text, "  {}", paint.dim(&line));
    }
    text
}

/// The train, and the tasks that have a date.
fn dated(dates: &Dates) -> String {
    let mut text = String::new();
    if let Some(train) = &dates.train {
        let _ = writeln!(text, "  train     {}, {}", clean(&train.name), train.said());
    }
    for task in &dates.tasks {
        let (id, what) = (clean(&task.id), line(&task.text));
        let state = match task.state {
            TaskState::Open => String::new(),
            TaskState::Done | TaskState::Overdue => format!(", {}", task.state.word()),
        };
        let _ = writeln!(text, "  due       {}{state}: {id}, {what}", task.due.local);
    }
    text
}

/// The digest of a plan; `None` while steps wait for files, because it depends on them.
#[must_use]
pub fn final_digest(plan: &Plan) -> Option<Digest> {
    steps::pending_checks(plan).is_empty().then(|| plan.digest())
}

/// What is left, in words.
fn left(costs: &Costs) -> String {
    let all = api_requests(costs.total());
    match (costs.runs, costs.waiting) {
        (runs @ 2.., Some(waiting)) => {
            format!(
                "{all} in at least {runs} runs; each additional run that has to wait takes {waiting}"
            )
        }
        (_, _) => all,
    }
}

/// The number of requests, in words.
#[must_use]
pub fn api_requests(count: usize) -> String {
    match count {
        0 => "no API requests".into(),
        1 => "1 API request".into(),
        n => format!("{n} API requests"),
    }
}

/// A line of the notes, shortened. The release contains the whole line.
fn line(text: &str) -> String {
    clean(&clip(text, MAX_LINE)).into_owned()
}

/// Which pre-release a final version was promoted from, and its plan.
#[must_use]
pub fn promoted(plan: &Plan) -> Option<String> {
    let from = plan.promoted.as_ref()?;
    let tag = clean::name(from.tag.as_str());
    Some(format!("promoted from {tag}, plan {}", from.plan.short()))
}

/// The origin of the version, in one line.
fn why(plan: &Plan, target: &Target, facts: &Facts) -> String {
    let from = plan
        .previous
        .as_ref()
        .map_or_else(String::new, |tag| format!("{} -> ", clean::name(tag.as_str())));
    let tag = clean::name(plan.tag.as_str());
    if let Ok(Some(at)) = facts.tag.known() {
        return format!("{from}{tag}, already tagged at {}", at.commit.short());
    }
    if let Some(promoted) = promoted(plan) {
        return format!("{from}{tag}, {promoted}");
    }
    let because = match &target.origin {
        Origin::File { path, .. } => format!("from `{}`", clean::name(path)),
        Origin::Asked => "as requested".into(),
        Origin::Commits { by, description, .. } => {
            format!("required by {} {}", by.short(), clean(&clip(description, LONGEST_NAME)))
        }
        Origin::First => "the first release".into(),
        Origin::Last => "no later change requires a higher version".into(),
    };
    format!("{from}{tag}, {because}")
}

/// When a stage can be entered at the earliest, and why.
#[must_use]
pub fn not_before(entry: &Entry) -> String {
    let why = entry.rule.as_ref().map(|rule| format!(" ({})", clean(&rule.to_string())));
    let why = why.unwrap_or_default();
    match entry.at {
        Some(at) => format!("not before {}{why}", short(at)),
        None => format!("never{why}"),
    }
}

/// Every step in its stage, with its number of requests if known.
#[must_use]
pub fn steps(
    plan: &Plan,
    progress: &Progress,
    (facts, schedule): (&Facts, Option<&Schedule>),
    costs: Option<&Costs>,
    paint: Paint,
) -> String {
    let width =
        plan.steps().map(|(_, planned)| title(plan, planned).chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    let mut returning = true;
    let forecast: BTreeMap<StageName, Entry> =
        forecast(plan, progress, facts, schedule).into_iter().collect();
    for stage in &plan.stages {
        let gates = match stage.gates.as_slice() {
            [] => String::new(),
            gates => format!("   gates: {}", gates.join(", ")),
        };
        let place = environment(stage, facts).map_or_else(String::new, |(name, protection)| {
            format!("   in environment {} ({protection})", clean(&name))
        });
        let earliest = forecast
            .get(&stage.name)
            .map_or_else(String::new, |entry| format!("   {}", not_before(entry)));
        let aside = paint.dim(&format!("{place}{gates}{earliest}"));
        let _ = writeln!(text, "  {}{aside}", paint.bold(stage.name.as_str()));
        for planned in &stage.steps {
            if planned.reach == Reach::Irreversible && std::mem::take(&mut returning) {
                let _ = writeln!(text, "    {}", paint.dim("-------- point of no return"));
            }
            let standing = progress.of(&planned.key);
            let said = match standing.said() {
                None => detail(plan, planned, facts),
                Some(said) => said.to_owned(),
            };
            let title = title(plan, planned);
            let asks = costs.map_or_else(String::new, |costs| {
                let said = match costs.of(&planned.key) {
                    0 => String::new(),
                    1 => "1 request".into(),
                    n => format!("{n} requests"),
                };
                paint.dim(&format!("{said:<12}"))
            });
            let row = format!(
                "    {} {title:<width$}  {:<12}  {asks}{}",
                paint.word(standing.word(), 8),
                reach(planned.reach),
                clean(&said)
            );
            let _ = writeln!(text, "{}", row.trim_end());
        }
    }
    for repair in &progress.repairs {
        let _ = writeln!(text, "  {} {}", paint.word(FIRST, 8), repaired(repair));
    }
    if let Some(said) = later(plan, progress, facts, paint) {
        let _ = writeln!(text, "{said}");
    }
    text
}

/// Names files on disk that the release was started without, and says what to do; two lines.
#[must_use]
pub fn later(plan: &Plan, progress: &Progress, facts: &Facts, paint: Paint) -> Option<String> {
    let names = later_files(plan, facts);
    let (verb, them) = match names.len() {
        0 => return None,
        1 => ("is", "it"),
        _ => ("are", "them"),
    };
    let names: Vec<String> = names.iter().map(|name| format!("`{}`", clean::name(name))).collect();
    let (word, names) = (paint.word(NOTE, 8), names.join(", "));
    let help = match progress.is_public(plan) {
        true => format!("the next release can include {them}"),
        false => format!("to include {them}, start over with `tminus abort`"),
    };
    let said = format!("{names} {verb} on disk, but did not exist when the release was started");
    Some(format!("  {word} {said}\n           = help: {help}"))
}

/// The environment of a stage, with its protection.
pub(super) fn environment(stage: &PlannedStage, facts: &Facts) -> Option<(String, String)> {
    let name = stage.environment.as_ref()?;
    let state = facts.environments.get(name);
    let guard = match state.map(|state| state.protection.known()) {
        Some(Ok(Some(protection))) => guards(protection),
        Some(Ok(None)) => "does not exist".into(),
        Some(Err(_)) | None => "protection unknown".into(),
    };
    let inside = match state.map(|state| &state.inside) {
        Some(Seen::Known(true)) => ", entered by this job",
        Some(Seen::Known(false) | Seen::Unseen(_)) | None => "",
    };
    Some((name.to_string(), format!("{guard}{inside}")))
}

/// The protection of an environment, in a few words.
#[must_use]
pub fn guards(protection: &Protection) -> String {
    let mut rules = Vec::new();
    if !protection.reviewers.is_empty() {
        rules.push("required reviewers".to_owned());
    }
    if protection.wait_minutes > 0 {
        rules.push(format!("wait timer {}", length(protection.wait_minutes * 60)));
    }
    match &protection.refs {
        AllowedRefs::Any => {}
        AllowedRefs::Protected => rules.push("protected branches only".into()),
        AllowedRefs::Patterns(_) => rules.push("selected branches and tags only".into()),
    }
    rules.extend(protection.apps.iter().map(|app| format!("app {}", clean(app))));
    if rules.is_empty() { "no protection rules".into() } else { rules.join(", ") }
}

/// A repair, in words.
#[must_use]
pub fn repaired(repair: &Repair) -> String {
    match repair {
        Repair::RemoveAsset { name, .. } => {
            format!("remove the broken upload `{}`", clean::name(name))
        }
        Repair::RemoveDraft { release, kept } => {
            format!("remove draft {release}, an empty duplicate of {kept}")
        }
    }
}

/// The reach of a step, as a word.
#[must_use]
pub fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Private => "private",
        Reach::Public => "public",
        Reach::Irreversible => "irreversible",
    }
}

/// Whether the state of steps on the forge should be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// It should.
    Network,
    /// It should not (`--offline`), so unknown states are not an error.
    Offline,
}

/// The outcome of the plan, regardless of the gates: complete, known, or unknown.
#[must_use]
pub fn standing(plan: &Plan, progress: &Progress, (nothing, sight): (Outcome, Sight)) -> Outcome {
    let waiting = !steps::pending_checks(plan).is_empty();
    match (progress.is_complete(plan), progress.unseen(plan)) {
        (true, _) => nothing,
        (false, unseen) if !waiting && (unseen == 0 || sight == Sight::Offline) => Outcome::Go,
        (false, _) => Outcome::Unknown,
    }
}

/// The end of a plan: its outcome or, if it has none, the verdict of the gates.
#[must_use]
pub fn ending(
    plan: &Plan,
    progress: &Progress,
    poll: &Poll,
    idle: (Outcome, Sight),
    cost: Cost,
) -> Ending {
    match (standing(plan, progress, idle), poll.verdict()) {
        (standing, _) if progress.is_complete(plan) => {
            Ending::new(standing, released(&plan.version, &plan.tag, &plan.commit))
        }
        (Outcome::Unknown, Verdict::Go | Verdict::Hold | Verdict::Unknown) => {
            let (unread, all) = (progress.unseen(plan), plan.steps().count());
            let said = match steps::pending_checks(plan).as_slice() {
                [] => format!("the state of {unread} of {all} steps cannot be read"),
                files => not_built(plan, files),
            };
            Ending::new(Outcome::Unknown, said).cost(cost)
        }
        _ => verdict(poll, cost),
    }
}

/// Which files are not built, and what to do.
fn not_built(plan: &Plan, files: &[String]) -> String {
    let waiting =
        |(_, planned): &(&PlannedStage, &Planned)| !steps::awaits(&planned.step).is_empty();
    let (count, all) = (plan.steps().filter(waiting).count(), plan.steps().count());
    let files: Vec<String> = files.iter().map(|file| format!("`{file}`")).collect();
    let wait = if count == 1 { "waits" } else { "wait" };
    let files = files.join(", ");
    format!(
        "{count} of {all} steps {wait} for {files}; build the files and run `tminus plan` again"
    )
}
