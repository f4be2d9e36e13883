//! The runner of a generated workflow.

use crate::project::manifest::Runner;
use crate::report::job_limits::scalar;

/// The value of `runs-on`, after the colon.
pub(super) fn runs_on(runner: &Runner) -> String {
    let labels: Vec<String> = runner.labels.iter().map(|label| scalar(label)).collect();
    let list = |labels: &[String]| match labels {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    };
    match &runner.group {
        None => format!(" {}\n", list(&labels)),
        Some(group) => {
            let labels = match labels.as_slice() {
                [] => String::new(),
                some => format!("      labels: {}\n", list(some)),
            };
            format!("\n      group: {}\n{labels}", scalar(group))
        }
    }
}
