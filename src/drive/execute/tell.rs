//! Keeps one comment on a pull request up to date.

use crate::ports::{Comment, ForgePost, PortError};

/// How often too many comments are looked at again: others may be at it as well.
const ROUNDS: usize = 3;

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A new one was written.
    Written,
    /// Ours was changed.
    Changed,
    /// Ours says so already.
    Same,
}

/// Writes a comment that begins with the marker, or changes the one that we wrote before.
///
/// Jobs that run at the same time each write one, because none sees the others'. So comments are
/// listed again after one was written, and of several the oldest stays, with the body of whoever
/// looks last. Nothing locks: what two runs leave behind all the same, the next run removes.
///
/// Anybody can copy the marker, and a token that may write may change anybody's comment: only what
/// we wrote ourselves is ours. Where a stranger's copy is all there is, a comment of our own is
/// written beside it.
///
/// # Errors
/// When the forge does not answer or refuses, or does not tell who we are where that matters.
pub async fn keep_comment(
    forge: &dyn ForgePost,
    pull: u64,
    marker: &str,
    body: &str,
) -> Result<Told, PortError> {
    let marked = marked(forge, pull, marker).await?;
    let ours = if marked.is_empty() { marked } else { ours(forge, marked).await? };
    match ours.as_slice() {
        [] => {
            forge.comment(pull, body).await?;
            one_alone(forge, pull, marker, body).await?;
            Ok(Told::Written)
        }
        [one] if says(one, body) => Ok(Told::Same),
        [one] => forge.edit_comment(one.id, body).await.map(|()| Told::Changed),
        [_, _, ..] => one_alone(forge, pull, marker, body).await.map(|()| Told::Changed),
    }
}

/// Leaves the oldest of our comments alone.
async fn one_alone(
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
        // Another run may remove the same ones at the same time: the next look tells.
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

/// Whether a comment says it already. The forge may send line ends back as `\r\n`.
fn says(comment: &Comment, body: &str) -> bool {
    comment.body.replace("\r\n", "\n").trim_end() == body.trim_end()
}

async fn marked(forge: &dyn ForgePost, pull: u64, marker: &str) -> Result<Vec<Comment>, PortError> {
    let mut comments = forge.comments(pull).await?;
    comments.retain(|comment| comment.body.trim_start().starts_with(marker));
    Ok(comments)
}

/// Those that we wrote, oldest first.
async fn ours(forge: &dyn ForgePost, mut marked: Vec<Comment>) -> Result<Vec<Comment>, PortError> {
    let me = forge.login().await?;
    // REST calls an app's account `name[bot]`, GraphQL not everywhere.
    let bot = format!("{me}[bot]");
    let ours = |author: &str| author == me || author == bot;
    marked.retain(|comment| comment.author.as_deref().is_some_and(ours));
    marked.sort_by_key(|comment| comment.id);
    Ok(marked)
}
