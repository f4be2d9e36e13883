//! Simulated statuses, check runs and comments.

use super::effect::EffectKind;
use super::refusal::Refusal;
use super::state::State;
use super::world::World;
use crate::ports::{Comment, ForgePost, NewCheckRun, NewStatus, PortError};
use async_trait::async_trait;

/// The account that the program writes under.
pub const ME: &str = "github-actions[bot]";

/// What GitHub takes of a comment.
const MAX_COMMENT: usize = 65_536;

#[async_trait(?Send)]
impl ForgePost for World {
    async fn set_status(&self, status: &NewStatus) -> Result<(), PortError> {
        let line = format!("status {} on {}", status.context, status.commit.short());
        self.effect(EffectKind::ForgePost, line, |state, _| state.set_status(status)).await
    }

    async fn make_check_run(&self, run: &NewCheckRun) -> Result<(), PortError> {
        let line = format!("check run {} on {}", run.name, run.commit.short());
        self.effect(EffectKind::ForgePost, line, |state, _| state.make_check_run(run)).await
    }

    async fn login(&self) -> Result<String, PortError> {
        self.effect(EffectKind::Told, "look up the account".into(), |_, _| Ok(ME.into())).await
    }

    async fn comments(&self, pull: u64) -> Result<Vec<Comment>, PortError> {
        self.effect(EffectKind::Told, format!("comments on {pull}"), |state, _| {
            Ok(state.comments_on(pull))
        })
        .await
    }

    async fn comment(&self, pull: u64, body: &str) -> Result<(), PortError> {
        self.effect(EffectKind::ForgePost, format!("comment on {pull}"), |state, _| {
            state.comment(pull, ME, body).map(|_| ())
        })
        .await
    }

    async fn edit_comment(&self, comment: u64, body: &str) -> Result<(), PortError> {
        self.effect(EffectKind::ForgePost, format!("update comment {comment}"), |state, _| {
            state.edit_comment(comment, body).map(|_| ())
        })
        .await
    }

    async fn delete_comment(&self, comment: u64) -> Result<(), PortError> {
        self.effect(EffectKind::ForgePost, format!("remove comment {comment}"), |state, _| {
            state.delete_comment(comment)
        })
        .await
    }
}

impl State {
    /// Sets a status; the last one of a context counts.
    ///
    /// # Errors
    /// Where the rights do not reach it, or its description is too long or holds an emoji.
    pub fn set_status(&mut self, status: &NewStatus) -> Result<(), Refusal> {
        self.may_tell("statuses: write")?;
        if status.description.chars().count() > 140 {
            let why = "description is too long (maximum is 140 characters)";
            return Err(Refusal::invalid("Status", "custom", "description", why));
        }
        if status.description.chars().any(|c| c.len_utf8() == 4) {
            let why = "description doesn't accept 4-byte Unicode";
            return Err(Refusal::invalid("Status", "custom", "description", why));
        }
        self.board.statuses.push(status.clone());
        Ok(())
    }

    /// Makes a check run.
    ///
    /// # Errors
    /// Where the rights do not reach it, or its summary is too long.
    pub fn make_check_run(&mut self, run: &NewCheckRun) -> Result<(), Refusal> {
        self.may_tell("checks: write")?;
        if run.summary.len() > 65_535 {
            let why = "summary exceeds a maximum bytesize of 65535";
            return Err(Refusal::invalid("CheckRun", "custom", "summary", why));
        }
        self.board.check_runs.push(run.clone());
        Ok(())
    }

    /// Comments on a pull request, oldest first.
    #[must_use]
    pub fn comments_on(&self, pull: u64) -> Vec<Comment> {
        let these = self.board.comments.iter().filter(|(number, _)| *number == pull);
        these.map(|(_, comment)| comment.clone()).collect()
    }

    /// Writes a comment, as anybody.
    ///
    /// # Errors
    /// Where the rights do not reach it, or it is too long.
    pub fn comment(&mut self, pull: u64, author: &str, body: &str) -> Result<Comment, Refusal> {
        self.may_tell("pull-requests: write")?;
        refuse_long(body)?;
        let comment = Comment { id: self.id(), author: Some(author.into()), body: body.into() };
        self.board.comments.push((pull, comment.clone()));
        Ok(comment)
    }

    /// Changes a comment, whoever wrote it.
    ///
    /// # Errors
    /// Where there is none, the rights do not reach it, or it is too long.
    pub fn edit_comment(&mut self, id: u64, body: &str) -> Result<(u64, Comment), Refusal> {
        self.may_tell("pull-requests: write")?;
        refuse_long(body)?;
        let found = self.board.comments.iter_mut().find(|(_, comment)| comment.id == id);
        let (pull, comment) = found.ok_or(Refusal::Missing)?;
        comment.body = body.into();
        Ok((*pull, comment.clone()))
    }

    /// Removes a comment, whoever wrote it.
    ///
    /// # Errors
    /// Where there is none, or the rights do not reach it.
    pub fn delete_comment(&mut self, id: u64) -> Result<(), Refusal> {
        self.may_tell("pull-requests: write")?;
        let comments = &mut self.board.comments;
        let at = comments.iter().position(|(_, comment)| comment.id == id);
        comments.remove(at.ok_or(Refusal::Missing)?);
        Ok(())
    }

    fn may_tell(&self, needs: &str) -> Result<(), Refusal> {
        if self.rights.tell { Ok(()) } else { Err(Refusal::Denied { needs: needs.into() }) }
    }
}

fn refuse_long(body: &str) -> Result<(), Refusal> {
    if body.encode_utf16().count() > MAX_COMMENT {
        let why = "body is too long (maximum is 65536 characters)";
        return Err(Refusal::invalid("IssueComment", "unprocessable", "data", why));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::execute::{CommentResult, keep_comment};
    use jiff::Timestamp;
    use std::cell::Cell;

    const MARK: &str = "<!-- mark -->";

    fn keep(world: &dyn ForgePost, body: &str) -> Result<CommentResult, PortError> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(keep_comment(world, 7, MARK, &format!("{MARK}\n{body}")))
    }

    #[test]
    fn a_comment_is_created_then_updated_then_left_unchanged() {
        let world = World::new(Timestamp::UNIX_EPOCH);
        assert_eq!(keep(&world, "hold"), Ok(CommentResult::Written));
        assert_eq!(keep(&world, "hold"), Ok(CommentResult::Same));
        assert_eq!(keep(&world, "go"), Ok(CommentResult::Changed));
        let comments = world.with(|state| state.comments_on(7));
        assert_eq!(comments.len(), 1);
        assert!(comments[0].body.ends_with("go"));
    }

    /// A world in which others post between our look and our comment, and remove what we would.
    struct Crowd {
        world: World,
        /// What others post, once.
        posts: Cell<&'static [&'static str]>,
        /// Whether others remove an extra comment just before we do.
        quicker: bool,
    }

    #[async_trait(?Send)]
    impl ForgePost for Crowd {
        async fn set_status(&self, status: &NewStatus) -> Result<(), PortError> {
            self.world.set_status(status).await
        }
        async fn make_check_run(&self, run: &NewCheckRun) -> Result<(), PortError> {
            self.world.make_check_run(run).await
        }
        async fn login(&self) -> Result<String, PortError> {
            self.world.login().await
        }
        async fn comments(&self, pull: u64) -> Result<Vec<Comment>, PortError> {
            self.world.comments(pull).await
        }
        async fn comment(&self, pull: u64, body: &str) -> Result<(), PortError> {
            for said in self.posts.take() {
                let said = format!("{MARK}\n{said}");
                self.world.with(|state| state.comment(pull, ME, &said)).unwrap();
            }
            self.world.comment(pull, body).await
        }
        async fn edit_comment(&self, comment: u64, body: &str) -> Result<(), PortError> {
            self.world.edit_comment(comment, body).await
        }
        async fn delete_comment(&self, comment: u64) -> Result<(), PortError> {
            if self.quicker {
                self.world.with(|state| state.delete_comment(comment)).unwrap();
            }
            self.world.delete_comment(comment).await
        }
    }

    #[test]
    fn three_jobs_posting_at_once_leave_one_comment_with_the_last_verdict() {
        for quicker in [false, true] {
            let world = World::new(Timestamp::UNIX_EPOCH);
            let copy = world.with(|state| state.comment(7, "mallory", MARK)).unwrap();
            let crowd = Crowd { world, posts: Cell::new(&["no-go", "hold"]), quicker };
            assert_eq!(keep(&crowd, "go"), Ok(CommentResult::Written));
            let comments = crowd.world.with(|state| state.comments_on(7));
            let [first, ours] = comments.as_slice() else { panic!("{comments:?}") };
            assert_eq!(first, &copy, "a stranger's copy is left alone");
            assert!(ours.body.ends_with("go") && !ours.body.ends_with("no-go"), "{comments:?}");
        }
    }

    #[test]
    fn duplicate_comments_of_earlier_runs_are_deleted() {
        let world = World::new(Timestamp::UNIX_EPOCH);
        for said in ["no-go", "go", "hold"] {
            world.with(|state| state.comment(7, ME, &format!("{MARK}\n{said}"))).unwrap();
        }
        assert_eq!(keep(&world, "go"), Ok(CommentResult::Changed));
        let comments = world.with(|state| state.comments_on(7));
        assert_eq!(comments.len(), 1, "{comments:?}");
        assert_eq!(comments[0].body, format!("{MARK}\ngo"));
    }

    #[test]
    fn a_comment_by_someone_else_with_a_copied_marker_is_not_changed() {
        let world = World::new(Timestamp::UNIX_EPOCH);
        world.with(|state| state.comment(7, "mallory", MARK)).unwrap();
        assert_eq!(keep(&world, "go"), Ok(CommentResult::Written));
        assert_eq!(keep(&world, "no-go"), Ok(CommentResult::Changed));
        assert_eq!(world.with(|state| state.comments_on(7))[0].body, MARK);
    }

    #[test]
    fn a_comment_without_permission_is_denied() {
        let world = World::new(Timestamp::UNIX_EPOCH);
        world.with(|state| state.rights.tell = false);
        assert!(matches!(keep(&world, "go"), Err(PortError::Denied { .. })));
    }
}
