//! Posts a verdict to the forge. A failure to post is printed and changes nothing else.

use super::format::Post;
use super::out::Out;
use super::world::World;
use crate::base::names::Sha;
use crate::drive::execute::{Told, keep_comment};
use crate::judge::ruling::Verdict;
use crate::ports::{Annotation, ForgePost, NewCheckRun, NewStatus, PortError, StatusState};
use crate::report::annotations::{Kind, body, heading};
use crate::report::markdown::{MAX_COMMENT, markdown};
use crate::report::{Report, Sources, Tree, clean, clip};

/// The name of the status and of the check run.
const NAME: &str = "tminus";
/// Identifies our comment, if we are its author.
const MARKER: &str = "<!-- tminus: check -->";
/// Characters of a status's description.
const MAX_DESCRIPTION: usize = 140;
/// Characters of a check run's title and of an annotation's.
const MAX_TITLE: usize = 255;

/// Posts a report in the requested ways.
pub(super) async fn post(what: &[Post], world: &World, report: &Report<'_>, out: Out) {
    if what.is_empty() {
        return;
    }
    let teller = match world.forge_post() {
        Ok(teller) => teller,
        Err(why) => {
            return out.error(&clean(&format!(
                "nothing was posted, because no forge is connected: {why}"
            )));
        }
    };
    let posts = Posts { teller, report, out };
    for one in what {
        let (name, done) = match one {
            Post::Status => ("the commit status", posts.status().await),
            Post::CheckRun => ("the check run", posts.check_run().await),
            Post::Comment => ("the comment", posts.comment().await),
        };
        match done {
            Ok(said) => out.progress(&format!("posted {name}{said}")),
            Err(NotPosted::Nowhere) => out.error(&format!(
                "{name} was not posted: the workflow was not triggered by a pull request"
            )),
            Err(NotPosted::Port(error)) => out.error(&format!(
                "could not post {name}: {}; the verdict does not change",
                clean(&error.why())
            )),
        }
    }
}

enum NotPosted {
    /// There is no pull request.
    Nowhere,
    /// The forge refused it.
    Port(PortError),
}

impl From<PortError> for NotPosted {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

struct Posts<'a> {
    teller: &'a dyn ForgePost,
    report: &'a Report<'a>,
    out: Out,
}

impl Posts<'_> {
    fn verdict(&self) -> Verdict {
        self.report.poll.map_or(Verdict::Unknown, crate::judge::ruling::Poll::verdict)
    }

    async fn status(&self) -> Result<&'static str, NotPosted> {
        let state = match self.verdict() {
            Verdict::Go => StatusState::Success,
            Verdict::NoGo => StatusState::Failure,
            Verdict::Hold => StatusState::Pending,
            Verdict::Unknown => StatusState::Error,
        };
        // GitHub refuses a description with an emoji, and an older verdict would stand.
        let plain = |c: char| if c.len_utf8() > 3 { char::REPLACEMENT_CHARACTER } else { c };
        let title: String = self.title().chars().map(plain).collect();
        let (context, page) = (NAME.into(), self.report.pages.run.clone());
        let description = clip(&title, MAX_DESCRIPTION).into_owned();
        let status = NewStatus { commit: self.commit(), state, context, description, page };
        match self.teller.set_status(&status).await {
            // Better no words than no verdict.
            Err(PortError::Refused { .. }) => {
                let description = self.report.ending.outcome.to_string();
                self.teller.set_status(&NewStatus { description, ..status }).await?;
            }
            told => told?,
        }
        Ok("")
    }

    async fn check_run(&self) -> Result<&'static str, NotPosted> {
        let passed = match self.verdict() {
            Verdict::Go => Some(true),
            Verdict::NoGo | Verdict::Unknown => Some(false),
            Verdict::Hold => None,
        };
        let run = NewCheckRun {
            commit: self.commit(),
            name: NAME.into(),
            passed,
            title: clip(&self.title(), MAX_TITLE).into_owned(),
            summary: self.bare(&markdown(self.report, MAX_COMMENT)),
            page: self.report.pages.run.clone(),
            annotations: self.annotations(),
        };
        self.teller.make_check_run(&run).await?;
        Ok("")
    }

    async fn comment(&self) -> Result<&'static str, NotPosted> {
        let merge = self.report.facts.merge.as_ref();
        let pull = merge.and_then(|merge| merge.number).ok_or(NotPosted::Nowhere)?;
        let page = self.bare(&markdown(self.report, MAX_COMMENT - MARKER.len() - 2));
        match keep_comment(self.teller, pull, MARKER, &format!("{MARKER}\n{page}")).await? {
            Told::Written => Ok(""),
            Told::Changed => Ok(": updated the existing one"),
            Told::Same => Ok(": it was already up to date"),
        }
    }

    /// `no-go: 1 of 6 gates: check failed`, one line.
    fn title(&self) -> String {
        let ending = &self.report.ending;
        let sources = Sources::default();
        let first = self.report.reasons(&sources);
        let first = first.iter().find(|reason| reason.word == ending.outcome.word());
        let said = first.map_or_else(|| ending.sentence(), |reason| reason.finding.message.clone());
        let said = self.bare(&said);
        format!("{}: {}", ending.outcome, clean(&clip(&said, MAX_TITLE)))
    }

    /// A text without secrets: the whole post would be refused otherwise.
    fn bare(&self, text: &str) -> String {
        self.out.redact(text).into_owned()
    }

    fn annotations(&self) -> Vec<Annotation> {
        let sources = Sources::of_facts(self.report.facts);
        let reasons = self.report.reasons(&sources);
        let marks = reasons.iter().filter_map(|reason| {
            let spot = reason.spot.as_ref().filter(|spot| spot.tree == Tree::Judged)?;
            Some(Annotation {
                file: spot.path.to_owned(),
                line: spot.line,
                end_line: spot.end_line,
                columns: (spot.line == spot.end_line).then_some((spot.column, spot.end_column)),
                level: match Kind::of(reason.word) {
                    Kind::Error => "failure",
                    Kind::Warning => "warning",
                    Kind::Notice => "notice",
                },
                title: self.bare(&clip(&heading(reason), MAX_TITLE)),
                message: self.bare(&body(reason)),
            })
        });
        marks.collect()
    }

    /// The commit that people look at: of a merge its head, not the result that was judged.
    fn commit(&self) -> Sha {
        let facts = self.report.facts;
        facts.merge.as_ref().map_or(&facts.commit.sha, |merge| &merge.head).clone()
    }
}
