//! A report as JUnit XML: one suite, with a case for each gate.

use super::annotations::body;
use super::finding::Sources;
use super::model::{Reason, Report};
use crate::base::clean::{clean, clip};
use crate::base::word::Tone;
use crate::judge::ruling::{Answer, Verdict};
use crate::project::manifest::Mode;
use quick_junit::{
    NonSuccessKind, Report as Suites, SerializeError, TestCase, TestCaseStatus, TestSuite,
};

/// The maximum length of a message, in characters.
const MOST: usize = 2000;

/// The whole document.
///
/// # Errors
/// When it cannot be written as XML.
pub fn junit(report: &Report<'_>) -> Result<String, SerializeError> {
    let sources = Sources::of_facts(report.facts);
    let reasons = report.reasons(&sources);
    let mut suite = TestSuite::new("tminus");
    for answer in report.poll.into_iter().flat_map(|poll| &poll.answers) {
        suite.add_test_case(case(answer, &reasons));
    }
    for reason in report.troubles(&sources) {
        let mut status = TestCaseStatus::non_success(match reason.word.tone {
            Tone::Doubtful => NonSuccessKind::Error,
            Tone::Good
            | Tone::Wait
            | Tone::Unfinished
            | Tone::Bad
            | Tone::Remark
            | Tone::Open
            | Tone::Off
            | Tone::Plain => NonSuccessKind::Failure,
        });
        status.set_message(line(&reason.finding.message)).set_description(body(&reason));
        suite.add_test_case(TestCase::new(format!("release: {}", reason.word), status));
    }
    let mut suites = Suites::new("tminus");
    suites.add_test_suite(suite);
    suites.to_string()
}

fn case(answer: &Answer, reasons: &[Reason<'_>]) -> TestCase {
    let mine = reasons.iter().filter(|reason| reason.gates.contains(&answer.gate.as_str()));
    let details: Vec<String> = mine.map(place_and_body).collect();
    let details = details.join("\n\n");
    let mut out = None;
    let status = match (&answer.ruling, answer.mode) {
        (_, Mode::Off) => skipped("off"),
        (None, Mode::On | Mode::Inform) => {
            skipped(answer.not_asked.as_deref().unwrap_or("not run"))
        }
        (Some(ruling), Mode::Inform) => {
            out = Some(format!("{}: {}", ruling.verdict(), line(ruling.summary())));
            TestCaseStatus::success()
        }
        (Some(ruling), Mode::On) => match ruling.verdict() {
            Verdict::Go => {
                out = Some(line(ruling.summary()));
                TestCaseStatus::success()
            }
            // A hold is not a failure. It is shown as skipped, with the reason.
            held @ Verdict::Hold => skipped(&format!("{held}: {}", ruling.summary())),
            no @ Verdict::NoGo => failed(NonSuccessKind::Failure, no, ruling.summary(), &details),
            not @ Verdict::Unknown => {
                failed(NonSuccessKind::Error, not, ruling.summary(), &details)
            }
        },
    };
    let mut case = TestCase::new(answer.gate.as_str(), status);
    case.set_classname("tminus");
    if let Some(out) = out {
        case.set_system_out(out);
    }
    case
}

fn place_and_body(reason: &Reason<'_>) -> String {
    match &reason.spot {
        Some(spot) => {
            format!("{}:{}:{}: {}", line(spot.file), spot.line, spot.column, body(reason))
        }
        None => body(reason),
    }
}

fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(line(why));
    status
}

fn failed(kind: NonSuccessKind, verdict: Verdict, summary: &str, details: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(line(summary)).set_type(verdict.word().text);
    if !details.is_empty() {
        status.set_description(details);
    }
    status
}

fn line(text: &str) -> String {
    clean(&clip(text, MOST)).into_owned()
}
