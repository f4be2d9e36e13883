//! Keeps one comment on a pull request up to date.

use crate::ports::{Comment, ForgePost, PortError};

/// How often duplicate comments are read again, because other jobs may be removing them too.
const ROUNDS: usize = 3;

/// The result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommentResult {
    /// A new comment was created.
    Written,
    /// Our comment was updated.
    Changed,
    /// Our comment is up to date.
    Same,
}

/// Creates a comment that starts with the marker, or updates our earlier one.
///
/// Jobs that run at the same time can each create one. So comments are listed again after one was
/// created, and the oldest stays, with the latest body. There is no lock: the next run removes
/// duplicates that remain.
///
/// Anyone can copy the marker, and a token with write access can change any comment, so only our
/// own comments count. If there is only another author's copy, our comment is created beside it.
///
/// # Errors
/// When the forge does not respond or refuses, or does not report our account if it is needed.
pub async fn keep_comment(
    forge: &dyn ForgePost,
    pull: u64,
    marker: &str,
    body: &str,
) -> Result<CommentResult, PortError> {
    let marked = marked(forge, pull, marker).await?;
    let ours = if marked.is_empty() { marked } else { ours(forge, marked).await? };
    match ours.as_slice() {
        [] => {
            forge.comment(pull, body).await?;
            remove_duplicates(forge, pull, marker, body).await?;
            Ok(CommentResult::Written)
        }
        [one] if says(one, body) => Ok(CommentResult::Same),
        [one] => forge.edit_comment(one.id, body).await.map(|()| CommentResult::Changed),
        [_, _, ..] => {
            remove_duplicates(forge, pull, marker, body).await.map(|()| CommentResult::Changed)
        }
    }
}

/// Removes all of our comments except the oldest.
async fn remove_duplicates(
    forge: &dyn ForgePost,
    pull: u64,
    marker: &str,
    body: &str,
) -> Result<(), PortError> {
    let mut last = Ok(());
    for _ in 0..ROUNDS {
        let marked = marked(forge, pull, marker).await?;
        if marked.len() < 2 {
            return Ok(());
        }
        let ours = ours(forge, marked).await?;
        let [oldest, others @ ..] = ours.as_slice() else { return Ok(()) };
        if others.is_empty() {
            return Ok(());
        }
        // Another run may remove the same ones at the same time: the next list shows what is left.
        last = reduce(forge, oldest, others, body).await;
    }
    last
}

async fn reduce(
    forge: &dyn ForgePost,
    oldest: &Comment,
    others: &[Comment],
    body: &str,
) -> Result<(), PortError> {
    if !says(oldest, body) {
        forge.edit_comment(oldest.id, body).await?;
    }
    let mut done = Ok(());
    for other in others {
        done = done.and(forge.delete_comment(other.id).await);
    }
    done
}

/// Whether a comment already has this text. The forge may return line endings as `\r\n`.
fn says(comment: &Comment, body: &str) -> bool {
    comment.body.replace("\r\n", "\n").trim_end() == body.trim_end()
}

async fn marked(forge: &dyn ForgePost, pull: u64, marker: &str) -> Result<Vec<Comment>, PortError> {
    let mut comments = forge.comments(pull).await?;
    comments.retain(|comment| comment.body.trim_start().starts_with(marker));
    Ok(comments)
}

/// Our comments, oldest first.
async fn ours(forge: &dyn ForgePost, mut marked: Vec<Comment>) -> Result<Vec<Comment>, PortError> {
    let me = forge.login().await?;
    // REST calls an app's account `name[bot]`; GraphQL sometimes omits `[bot]`.
    let bot = format!("{me}[bot]");
    let ours = |author: &str| author == me || author == bot;
    marked.retain(|comment| comment.author.as_deref().is_some_and(ours));
    marked.sort_by_key(|comment| comment.id);
    Ok(marked)
}
