//! Posts a verdict to the forge. A failure to post is printed and changes nothing else.

use super::format::Post;
use super::out::Out;
use super::world::World;
use crate::base::names::Sha;
use crate::drive::execute::{CommentResult, keep_comment};
use crate::judge::ruling::Verdict;
use crate::ports::{ForgePost, NewCheckRun, NewStatus, PortError, StatusState};
use crate::report::posts::{MARKER, Posts};
use crate::report::{Report, clean};

/// The name of the status and of the check run.
const NAME: &str = "tminus";

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
    let bare = |text: &str| out.redact(text).into_owned();
    let posts = Posting { teller, report, texts: Posts::new(report, &bare) };
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

struct Posting<'a> {
    teller: &'a dyn ForgePost,
    report: &'a Report<'a>,
    texts: Posts<'a>,
}

impl Posting<'_> {
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
        let (context, page) = (NAME.into(), self.report.pages.run.clone());
        let description = self.texts.description();
        let status = NewStatus { commit: self.commit(), state, context, description, page };
        match self.teller.set_status(&status).await {
            // A status without a description is better than no status.
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
            title: self.texts.title(),
            summary: self.texts.summary(),
            page: self.report.pages.run.clone(),
            annotations: self.texts.annotations(),
        };
        self.teller.make_check_run(&run).await?;
        Ok("")
    }

    async fn comment(&self) -> Result<&'static str, NotPosted> {
        let merge = self.report.facts.merge.as_ref();
        let pull = merge.and_then(|merge| merge.number).ok_or(NotPosted::Nowhere)?;
        match keep_comment(self.teller, pull, MARKER, &self.texts.comment()).await? {
            CommentResult::Written => Ok(""),
            CommentResult::Changed => Ok(": updated the existing one"),
            CommentResult::Same => Ok(": it was already up to date"),
        }
    }

    /// The commit to post to: for a merge, its head, and not the result that was evaluated.
    fn commit(&self) -> Sha {
        let facts = self.report.facts;
        facts.merge.as_ref().map_or(&facts.commit.sha, |merge| &merge.head).clone()
    }
}
