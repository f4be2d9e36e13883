//! One workflow file.

use super::filter::{Filter, texts};
use super::job::{Job, ReportsCheck};
use crate::base::names::BranchName;
use crate::base::source::Source;
use crate::project::manifest::{Node, Value, yaml};

/// The app that runs workflows, on GitHub and on GitHub Enterprise Server.
pub const APP: &str = "github-actions";
/// Its number on github.com.
pub const APP_ID: i64 = 15368;
/// The description of `app` in a manifest, for the reference page.
pub const APP_DOC: &str = "Only reports of this app count (`github-actions`).";

/// The folder of GitHub's workflow files.
pub const FOLDER: &str = ".github/workflows";

/// The maximum number of changed files that GitHub compares with path filters
/// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#git-diff-comparisons>).
pub const MAX_CHANGED: usize = 300;
/// For a push with more commits than this, GitHub starts every workflow, regardless of path
/// filters.
pub const MAX_PUSHED: usize = 1000;

/// The parts of a workflow file that concern its checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// Where it is.
    pub path: String,
    /// Its name or, if it has none, its path.
    pub name: String,
    events: Vec<String>,
    push: Option<Push>,
    jobs: Vec<Job>,
}

/// The filters of `push`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Push {
    branches: Filter,
    tags: Filter,
    paths: Filter,
}

/// The effect of a push on a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnPush {
    /// The push starts it.
    Starts,
    /// Its path filters exclude the change.
    LeftOut,
    /// No push to that branch starts it.
    Elsewhere,
    /// This is unclear.
    Unclear,
}

impl Workflow {
    /// Parses a file; `None` if it cannot be parsed.
    #[must_use]
    pub fn read(source: &Source) -> Option<Self> {
        let root = yaml::parse(source).ok()?;
        let name = match root.get("name") {
            None => source.name.clone(),
            Some(name) => name.text()?.to_owned(),
        };
        let (events, push) = events(root.get("on")?)?;
        let Value::Map(jobs) = &root.get("jobs")?.value else { return None };
        let jobs = jobs.iter().map(|(id, job)| Job::read(&id.value, job)).collect::<Option<_>>()?;
        Some(Self { path: source.name.clone(), name, events, push, jobs })
    }

    /// Whether one of its jobs reports a check with that name. A workflow that is only called by
    /// other workflows reports no check under its own name.
    #[must_use]
    pub fn reports(&self, name: &str) -> ReportsCheck {
        if self.events.iter().all(|event| event == "workflow_call") {
            return ReportsCheck::No;
        }
        self.jobs.iter().map(|job| job.reports(name)).max().unwrap_or(ReportsCheck::No)
    }

    /// Whether an event starts it, possibly depending on filters.
    #[must_use]
    pub fn starts_on(&self, event: &str) -> bool {
        self.events.iter().any(|one| one == event)
    }

    /// Whether pushed tags start it, according to its filter for tags.
    #[must_use]
    pub fn waits_for_tags(&self) -> bool {
        self.push.as_ref().is_some_and(|push| push.tags != Filter::Absent)
    }

    /// Whether path filters decide if a push starts it.
    #[must_use]
    pub fn filters_paths(&self) -> bool {
        self.push.as_ref().is_some_and(|push| push.paths != Filter::Absent)
    }

    /// Whether a push to a branch starts it. `changed` contains the files that the push changed,
    /// with both names of a renamed file; `None` if they are unknown.
    #[must_use]
    pub fn on_push(&self, branch: &BranchName, changed: Option<&[String]>) -> OnPush {
        let Some(push) = &self.push else { return OnPush::Elsewhere };
        // If there are only filters for tags, all branches are excluded.
        if push.branches == Filter::Absent && push.tags != Filter::Absent {
            return OnPush::Elsewhere;
        }
        match push.branches.admits(branch.as_str()) {
            None => return OnPush::Unclear,
            Some(false) => return OnPush::Elsewhere,
            Some(true) if push.paths == Filter::Absent => return OnPush::Starts,
            Some(true) => {}
        }
        let Some(changed) = changed.filter(|changed| changed.len() <= MAX_CHANGED) else {
            return OnPush::Unclear;
        };
        let admitted: Option<Vec<bool>> =
            changed.iter().map(|path| push.paths.admits(path)).collect();
        match admitted {
            None => OnPush::Unclear,
            Some(admitted) if admitted.contains(&true) => OnPush::Starts,
            // A push without changed files does not trigger workflows with path filters.
            Some(_) if push.paths != Filter::Unclear => OnPush::LeftOut,
            Some(_) => OnPush::Unclear,
        }
    }
}

/// The names of the events that start it, and the filters of `push`.
fn events(on: &Node) -> Option<(Vec<String>, Option<Push>)> {
    let whole = || Push { branches: Filter::Absent, tags: Filter::Absent, paths: Filter::Absent };
    let Value::Map(entries) = &on.value else {
        let names: Vec<String> = texts(on)?.into_iter().map(str::to_owned).collect();
        let push = names.iter().any(|name| name == "push").then(whole);
        return Some((names, push));
    };
    let names = entries.iter().map(|(name, _)| name.value.clone()).collect();
    let push = match on.get("push") {
        None => None,
        Some(event) => match &event.value {
            Value::Null => Some(whole()),
            Value::Map(_) => Some(Push {
                branches: Filter::read(event, "branches"),
                tags: Filter::read(event, "tags"),
                paths: Filter::read(event, "paths"),
            }),
            Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => return None,
        },
    };
    Some((names, push))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Workflow> {
        Workflow::read(&Source { name: ".github/workflows/ci.yml".into(), text: text.into() })
    }

    fn on(on: &str) -> Workflow {
        read(&format!("on: {on}\njobs: {{ build: {{ runs-on: x }} }}\n")).unwrap()
    }

    fn push(filters: &str, branch: &str, changed: &[&str]) -> OnPush {
        let changed: Vec<String> = changed.iter().map(|path| (*path).to_owned()).collect();
        let branch = BranchName::new(branch).unwrap();
        on(&format!("{{ push: {{ {filters} }} }}")).on_push(&branch, Some(&changed))
    }

    #[test]
    fn a_workflow_without_a_name_is_named_after_its_path() {
        assert_eq!(on("push").name, ".github/workflows/ci.yml");
        assert_eq!(read("name: CI\non: push\njobs: {}").unwrap().name, "CI");
    }

    #[test]
    fn path_filters_are_applied_in_order() {
        let main = |filters: &str, changed: &[&str]| push(filters, "main", changed);
        let paths = "paths: ['sub/**', '!sub/docs/**', 'sub/docs/api/**']";
        assert_eq!(main(paths, &["sub/a.rs", "x"]), OnPush::Starts);
        assert_eq!(main(paths, &["sub/docs/a.md"]), OnPush::LeftOut);
        assert_eq!(main(paths, &["sub/docs/api/a.md"]), OnPush::Starts);
        assert_eq!(main(paths, &["other"]), OnPush::LeftOut);
        let ignore = "paths-ignore: ['docs/**', '*.md']";
        assert_eq!(main(ignore, &["docs/a", "README.md"]), OnPush::LeftOut);
        assert_eq!(main(ignore, &["docs/a", "src/a.rs"]), OnPush::Starts);
        assert_eq!(main("paths: [src/**]", &[]), OnPush::LeftOut);
        assert_eq!(main("branches: [main]", &["any"]), OnPush::Starts);
    }

    #[test]
    fn a_push_to_another_branch_does_not_start_the_workflow() {
        let branch = |filters: &str, branch: &str| push(filters, branch, &["src/a"]);
        assert_eq!(branch("branches: ['release/*', '!release/old']", "release/1"), OnPush::Starts);
        assert_eq!(
            branch("branches: ['release/*', '!release/old']", "release/old"),
            OnPush::Elsewhere
        );
        assert_eq!(branch("branches: [main]", "dev"), OnPush::Elsewhere);
        assert_eq!(branch("branches-ignore: [main]", "main"), OnPush::Elsewhere);
        assert_eq!(branch("tags: ['v*']", "main"), OnPush::Elsewhere);
        assert_eq!(branch("tags: ['v*'], branches: [main]", "main"), OnPush::Starts);
        let main = BranchName::new("main").unwrap();
        assert_eq!(on("[push, pull_request]").on_push(&main, None), OnPush::Starts);
        assert_eq!(on("pull_request").on_push(&main, None), OnPush::Elsewhere);
        assert_eq!(on("{ push: }").on_push(&main, None), OnPush::Starts);
    }

    #[test]
    fn unrecognized_workflow_filters_are_unclear() {
        let odd = [
            "paths: [a], paths-ignore: [b]",
            "paths: ['!a']",
            "paths: []",
            "paths: { a: b }",
            "paths-ignore: ['!a']",
            "paths: ['a{b,c}']",
            "branches: [main], branches-ignore: [dev]",
        ];
        for filters in odd {
            assert_eq!(push(filters, "main", &["a"]), OnPush::Unclear, "{filters}");
            assert_eq!(push(filters, "main", &[]), OnPush::Unclear, "{filters}");
        }
        let many: Vec<String> = (0..301).map(|n| format!("docs/{n}")).collect();
        let main = BranchName::new("main").unwrap();
        let filtered = on("{ push: { paths: [src/**] } }");
        assert_eq!(filtered.on_push(&main, Some(&many)), OnPush::Unclear);
        assert_eq!(filtered.on_push(&main, many.get(..300)), OnPush::LeftOut);
        assert_eq!(filtered.on_push(&main, None), OnPush::Unclear);
        assert!(filtered.filters_paths() && !on("push").filters_paths());
    }

    #[test]
    fn a_file_without_triggers_and_jobs_is_not_a_workflow() {
        for text in [
            "",
            "- a",
            "on: push",
            "jobs: {}",
            "on: push\njobs: []",
            "on: 1\njobs: {}",
            "on: {push: 3}\njobs: {}",
            "on: push\njobs: { a: 1 }",
            "on: push\njobs: { a: {} }\njobs: {}",
            "on: push\n\tjobs: {}",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn check_names_are_derived_from_their_jobs() {
        let text = "on: push\njobs:\n  build: {}\n  lint: { name: Lint it }\n  \
            test: { strategy: { matrix: { os: [a, b] } } }\n  \
            named: { name: 'on ${{ matrix.os }} now', strategy: { matrix: { os: [a] } } }\n  \
            call: { uses: ./.github/workflows/x.yml }\n  \
            odd: { name: '${{ inputs.x', strategy: '${{ fromJSON(x) }}' }\n";
        let mut workflow = read(text).unwrap();
        workflow.jobs.pop();
        let names = [
            ("build", ReportsCheck::Yes),
            ("build (a)", ReportsCheck::No),
            ("lint", ReportsCheck::No),
            ("Lint it", ReportsCheck::Yes),
            ("test (a, b)", ReportsCheck::Yes),
            ("test", ReportsCheck::Perhaps),
            ("on a now", ReportsCheck::Perhaps),
            ("on a later", ReportsCheck::No),
            ("call / deep / job", ReportsCheck::Yes),
            ("call", ReportsCheck::No),
            ("Build", ReportsCheck::No),
        ];
        for (name, reports) in names {
            assert_eq!(workflow.reports(name), reports, "{name}");
        }
        assert_eq!(read(text).unwrap().reports("whatever"), ReportsCheck::Perhaps);
    }

    #[test]
    fn a_workflow_that_is_only_called_reports_no_checks_itself() {
        assert_eq!(on("workflow_call").reports("build"), ReportsCheck::No);
        assert_eq!(on("[workflow_call, push]").reports("build"), ReportsCheck::Yes);
    }
}
