//! Everything that was reported on one commit, page by page.
//!
//! No page is skipped silently: if there are more pages than tminus requests, [`Checks::total`]
//! shows it.

use super::checks::{Contexts, Gathered, Suites};
use super::client::Http;
use super::graphql::ask;
use super::part::unless_limited;
use crate::base::names::Sha;
use crate::facts::{Checks, Seen};
use crate::ports::PortError;
use serde::Deserialize;
use serde_json::json;

const MORE: &str = concat!(
    include_str!("more.graphql"),
    include_str!("context.graphql"),
    include_str!("suites.graphql"),
);
const WHAT: &str = "read more of the commit's checks";
/// As many check suites as GitHub lists of one commit.
const MOST: usize = 1000;

/// A commit with what was reported on it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reported {
    #[serde(rename = "__typename")]
    pub(super) kind: String,
    status_check_rollup: Option<Rollup>,
    check_suites: Option<Suites>,
}

#[derive(Debug, Deserialize)]
struct Rollup {
    contexts: Option<Contexts>,
}

/// Reads the remaining checks of a commit, `page` at a time.
pub(super) async fn reported(
    http: &Http,
    commit: &Sha,
    first: Reported,
    page: usize,
) -> Result<Seen<Checks>, PortError> {
    let mut gathered = Gathered::default();
    let mut node = first;
    for left in (0..MOST.div_ceil(page)).rev() {
        let rollup = node.status_check_rollup.take();
        let contexts = rollup.and_then(|rollup| rollup.contexts).unwrap_or_default();
        let suites = node.check_suites.take().unwrap_or_default();
        let next = (contexts.page_info.next(), suites.page_info.next());
        gathered.contexts(contexts);
        gathered.suites(suites);
        if next == (None, None) || left == 0 {
            break;
        }
        node = match more(http, commit, next, page).await {
            Ok(Seen::Known(node)) => node.unwrap_or_default(),
            Ok(Seen::Unseen(unseen)) => return Ok(Seen::Unseen(unseen)),
            Err(error) => return unless_limited(error),
        };
    }
    Ok(Seen::Known(gathered.finish(commit)))
}

async fn more(
    http: &Http,
    commit: &Sha,
    (contexts, suites): (Option<String>, Option<String>),
    page: usize,
) -> Result<Seen<Option<Reported>>, PortError> {
    let variables = json!({
        "commit": commit.as_str(),
        "page": page,
        "hasContexts": contexts.is_some(),
        "contexts": contexts,
        "hasSuites": suites.is_some(),
        "suites": suites,
    });
    Ok(ask(http, WHAT, MORE, variables).await?.part("commit"))
}
