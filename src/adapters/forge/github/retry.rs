//! Decides which requests are retried. Reads are (see `crate::adapters::retry`). Writes are not,
//! because a lost response does not show whether they took effect: the caller reads the state
//! before it writes again.

use super::client::{ApiRequest, Http};
use super::reply::{Reply, Trouble};
use super::verdict::{Limit, Verdict, header, verdict};
use crate::adapters::retry::{RetryPolicy, UNNAMED, UNNAMED_WAIT};
use crate::base::names::Slug;
use crate::ports::PortError;
use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Renamed twice is plausible; more is a loop.
const MOVES: usize = 3;

/// Retries a read until it succeeds, cannot succeed, or the time limit is reached.
pub(super) async fn read<T>(
    http: &Http,
    what: &str,
    endpoint: &'static str,
    attempt: impl AsyncFn() -> Result<T, Trouble>,
) -> Result<T, PortError> {
    let waits = |pause| http.meter.again(endpoint, pause);
    let patient = RetryPolicy {
        clock: http.clock.as_ref(),
        patience: http.settings.patience,
        notice: http.notice.as_ref(),
        waits: &waits,
    };
    patient.read(what, attempt).await
}

/// A page of JSON, and the URL of the next page.
pub(super) struct Page<T> {
    pub(super) value: T,
    pub(super) next: Option<String>,
}

/// Reads JSON with GET; `None` if the resource does not exist.
pub(super) async fn get<T: DeserializeOwned>(
    http: &Http,
    ask: &ApiRequest<'_>,
) -> Result<Option<Page<T>>, PortError> {
    read(http, ask.what, ask.endpoint, async || {
        let Some((reply, address)) = follow(http, ask).await? else { return Ok(None) };
        let value = reply.decode(ask.what)?;
        let next = next_page(http, ask.what, &reply)?;
        http.memory.keep(&address, &reply);
        Ok(Some(Page { value, next }))
    })
    .await
}

/// Reads all pages of a list, at most `pages`. `None` if the list does not exist.
pub(super) async fn get_all<T: DeserializeOwned>(
    http: &Http,
    ask: &ApiRequest<'_>,
    pages: usize,
) -> Result<Option<Vec<T>>, PortError> {
    let mut all = Vec::new();
    let mut target = ask.target.to_owned();
    for _ in 0..pages {
        let page = get::<Vec<T>>(http, &ApiRequest { target: &target, ..*ask }).await?;
        let Some(page) = page else { return Ok(None) };
        all.extend(page.value);
        match page.next {
            Some(next) => target = next,
            None => return Ok(Some(all)),
        }
    }
    let why = format!("the list has more than {pages} pages");
    Err(PortError::NoAnswer { what: ask.what.into(), why })
}

/// Sends a write once, and once more if the repository was renamed. A redirect means that nothing
/// was done. The method must not change: a client that follows redirects itself would turn the
/// write into a GET.
pub(super) async fn write(http: &Http, ask: &ApiRequest<'_>) -> Result<Reply, PortError> {
    let error = |trouble: Trouble| doubled(http, trouble).into_error(ask.what, http.clock.now());
    let reply = send(http, ask).await.map_err(error)?;
    let reply = if is_moved(http, &reply) && rename(http).await? {
        send(http, ask).await.map_err(error)?
    } else {
        reply
    };
    let reply = http.judge(ask, reply).map_err(error)?;
    http.unnamed.set(0);
    Ok(reply)
}

/// The wait for a rate limit without a reset time doubles with each consecutive write that hits it.
fn doubled(http: &Http, trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Limited(Limit::Unnamed, said) => {
            let before = http.unnamed.get().min(UNNAMED - 1);
            http.unnamed.set(before + 1);
            let wait = UNNAMED_WAIT * 2_i32.pow(before);
            let until = http.clock.now().saturating_add(wait);
            Trouble::Limited(until.map_or(Limit::Unnamed, Limit::Until), said)
        }
        Trouble::Limited(Limit::Until(_), _) | Trouble::Passing(_) | Trouble::Final(_) => trouble,
    }
}

/// Sends a POST that changes nothing: it is retried like a read, and sent again if the repository
/// was renamed.
pub(super) async fn probe<T: DeserializeOwned>(
    http: &Http,
    ask: &ApiRequest<'_>,
) -> Result<T, PortError> {
    let sent = async || {
        read(http, ask.what, ask.endpoint, async || {
            let reply = http.rest(ask).await?;
            if is_moved(http, &reply) {
                return Ok(None);
            }
            http.judge(ask, reply)?.decode(ask.what).map(Some)
        })
        .await
    };
    let answer = match sent().await? {
        None if rename(http).await? => sent().await?,
        answer => answer,
    };
    let moved = || PortError::Refused { what: ask.what.into(), why: "it moved".into() };
    answer.ok_or_else(moved)
}

async fn send(http: &Http, ask: &ApiRequest<'_>) -> Result<Reply, Trouble> {
    http.pace.next(http.clock.as_ref()).await;
    http.rest(ask).await
}

/// Whether a response only says that the resource has moved.
pub(super) fn is_moved(http: &Http, reply: &Reply) -> bool {
    let text = String::from_utf8_lossy(&reply.body);
    let verdict = verdict(reply.status, &reply.headers, &text, http.clock.now());
    matches!(verdict, Verdict::Moved(_))
}

#[derive(Deserialize)]
struct Named {
    full_name: Slug,
}

/// Requests the repository's current name, and stores it. Returns whether the repository was
/// renamed.
pub(super) async fn rename(http: &Http) -> Result<bool, PortError> {
    let known = http.renamed();
    let old = known.as_ref().unwrap_or(&http.settings.repository);
    let target = format!("/repos/{old}");
    let ask = ApiRequest {
        what: "look up the repository's new name",
        endpoint: "GET /repos/{}",
        method: &Method::GET,
        target: &target,
        body: None,
        needs: "metadata: read",
    };
    let named = get::<Named>(http, &ask).await?;
    let Some(name) = named.map(|page| page.value.full_name).filter(|name| name != old) else {
        return Ok(false);
    };
    http.rename(name);
    Ok(true)
}

/// Sends a GET and follows redirects on the same host. Returns the final URL too.
async fn follow(http: &Http, ask: &ApiRequest<'_>) -> Result<Option<(Reply, String)>, Trouble> {
    let mut target = ask.target.to_owned();
    for _ in 0..MOVES {
        let address = http.placed(&target).into_owned();
        let ask = ApiRequest { target: &address, method: &Method::GET, body: None, ..*ask };
        let reply = http.rest(&ask).await?;
        let text = String::from_utf8_lossy(&reply.body);
        let moved = match verdict(reply.status, &reply.headers, &text, http.clock.now()) {
            Verdict::Missing => return Ok(None),
            Verdict::Moved(Some(to)) => http.own_address(&to),
            Verdict::Moved(None)
            | Verdict::Fine
            | Verdict::Unauthenticated
            | Verdict::Denied(_)
            | Verdict::Limited(_)
            | Verdict::Refused(_)
            | Verdict::Passing
            | Verdict::Stranger => None,
        };
        match moved {
            Some(url) => {
                http.moved(&target, &url);
                target = url.into();
            }
            None => return http.judge(&ask, reply).map(|reply| Some((reply, address))),
        }
    }
    let (what, why) = (ask.what.to_owned(), "its redirects form a loop".to_owned());
    Err(Trouble::Final(PortError::Refused { what, why }))
}

/// The `next` URL of a `Link` header, used unchanged, because the URLs of GitHub's pages can
/// contain opaque cursors. If it cannot be used, that is not the end of the list.
fn next_page(http: &Http, what: &str, reply: &Reply) -> Result<Option<String>, Trouble> {
    let links = header(&reply.headers, "link").unwrap_or_default();
    let Some(next) = links.split(',').find(|link| link.contains("rel=\"next\"")) else {
        return Ok(None);
    };
    let address = next.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    match address.and_then(|(address, _)| http.own_address(address)) {
        Some(url) => Ok(Some(url.into())),
        None => {
            let why = format!("the next page cannot be requested: `{}`", next.trim());
            Err(Trouble::Final(PortError::NoAnswer { what: what.into(), why }))
        }
    }
}
