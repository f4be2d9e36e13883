//! The origin of a check, and GitHub's conclusions in tminus's own words.

use crate::facts::{Check, CheckCreator, CheckKind, CheckState, Conclusion, Origin};
use crate::project::workflow::APP;

/// The path segment between a run's URL and the job ID.
const JOB: &str = "/job/";
/// The path segment before a run ID.
const RUN: &str = "/actions/runs/";
/// GitHub's word for a workflow that could not start.
const NOT_STARTED: &str = "startup_failure";

/// The origin of a check, from its app and its page. The page of a GitHub Actions job is the job's,
/// and that of a run without jobs is the run's; a check that a job creates with its token has
/// another. [`Check::id`] consists of digits only if it is the number of a job.
pub(super) fn origin(kind: CheckKind, app: Option<&str>, id: &str, url: Option<&str>) -> Origin {
    if kind == CheckKind::Status || app != Some(APP) {
        return Origin { maker: CheckCreator::Other, job: None };
    }
    let page = url.and_then(|url| url.rsplit_once(JOB)).map(|(_, job)| job);
    let number = id.chars().all(|c| c.is_ascii_digit()).then_some(id);
    let written = page.is_none() && url.is_some_and(|url| !is_page_of_run(url));
    Origin {
        maker: if written { CheckCreator::Job } else { CheckCreator::CiHost },
        job: page.or(number).map(str::to_owned),
    }
}

/// The origin of a run without jobs.
pub(super) fn of_run(app: Option<&str>) -> Origin {
    let maker = if app == Some(APP) { CheckCreator::CiHost } else { CheckCreator::Other };
    Origin { maker, job: None }
}

fn is_page_of_run(url: &str) -> bool {
    url.split_once(RUN).is_some_and(|(_, rest)| rest.chars().all(|c| c.is_ascii_digit()))
}

/// How a check ended, from GitHub's word in any case.
pub(super) fn conclusion(word: &str) -> Conclusion {
    match word.to_ascii_lowercase() {
        word if word == NOT_STARTED => Conclusion::NotStarted,
        word => word.into(),
    }
}

/// Completes a check in facts that an older version wrote: those have no origin, and use GitHub's
/// own word for a workflow that could not start.
pub(in crate::adapters::forge) fn complete(check: &mut Check) {
    if let CheckState::Finished(Conclusion::Other(word)) = &check.state
        && word == NOT_STARTED
    {
        check.state = CheckState::Finished(Conclusion::NotStarted);
    }
    if check.origin.is_none() {
        let (app, url) = (check.app.as_deref(), check.url.as_deref());
        check.origin = Some(origin(check.kind, app, &check.id, url));
    }
}
