//! One comment that is kept up to date.

use crate::ports::{PortError, Tell};

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
/// Anybody can copy the marker, and a token that may write may change anybody's comment: only what
/// we wrote ourselves is ours. Where a stranger's copy is all there is, a comment of our own is
/// written beside it.
///
/// # Errors
/// When the forge does not answer or refuses, or does not tell who we are where that matters.
pub async fn keep_comment(
    forge: &dyn Tell,
    pull: u64,
    marker: &str,
    body: &str,
) -> Result<Told, PortError> {
    let comments = forge.comments(pull).await?;
    let mut marked =
        comments.iter().filter(|comment| comment.body.trim_start().starts_with(marker)).peekable();
    if marked.peek().is_some() {
        let me = forge.login().await?;
        // REST calls an app's account `name[bot]`, GraphQL not everywhere.
        let bot = format!("{me}[bot]");
        let ours = |author: &str| author == me || author == bot;
        if let Some(old) = marked.find(|comment| comment.author.as_deref().is_some_and(ours)) {
            // The forge may send line ends back as `\r\n`.
            if old.body.replace("\r\n", "\n").trim_end() == body.trim_end() {
                return Ok(Told::Same);
            }
            forge.edit_comment(old.id, body).await?;
            return Ok(Told::Changed);
        }
    }
    forge.comment(pull, body).await?;
    Ok(Told::Written)
}
