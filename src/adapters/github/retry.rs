//! Which tries are repeated: reads are, with growing pauses and in the bounds of one patience;
//! writes never are, because a lost answer does not tell whether they took effect.

use super::client::{Ask, Http, Reply, Trouble};
use super::verdict::{Verdict, header, verdict};
use crate::ports::PortError;
use backon::{BackoffBuilder, ExponentialBuilder};
use http::Method;
use serde::de::DeserializeOwned;
use std::time::Duration;

const AGAIN: usize = 3;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Renamed twice is plausible; more is a loop.
const MOVES: usize = 3;

/// Repeats what only reads until it succeeds, cannot succeed, or patience ends.
pub(super) async fn read<T>(
    http: &Http,
    what: &str,
    endpoint: &'static str,
    attempt: impl AsyncFn() -> Result<T, Trouble>,
) -> Result<T, PortError> {
    let backoff = ExponentialBuilder::default().with_min_delay(FIRST_PAUSE).with_max_times(AGAIN);
    let mut pauses = backoff.with_jitter().build();
    let mut patience = http.settings.patience;
    loop {
        let trouble = match attempt().await {
            Ok(value) => return Ok(value),
            Err(trouble) => trouble,
        };
        let pause = match &trouble {
            Trouble::Final(_) => None,
            Trouble::Passing(_) => pauses.next(),
            Trouble::Limited(until) => {
                let wait = until.duration_since(http.clock.now());
                let wait = Duration::try_from(wait).unwrap_or_default();
                // Not all that wait for one moment should come at once.
                pauses.next().map(|spread| wait + spread.min(2 * FIRST_PAUSE))
            }
        };
        match pause.filter(|pause| *pause <= patience) {
            Some(pause) => {
                tracing::debug!(what, ?trouble, ?pause, "asking again");
                patience = patience.saturating_sub(pause);
                http.meter.again(endpoint, pause);
                http.clock.sleep(pause).await;
            }
            None => return Err(trouble.into_error(what)),
        }
    }
}

/// A page of JSON and where the next one is.
pub(super) struct Page<T> {
    pub(super) value: T,
    pub(super) next: Option<String>,
}

/// Reads JSON by GET; `None` where there is no such thing.
pub(super) async fn get<T: DeserializeOwned>(
    http: &Http,
    ask: &Ask<'_>,
) -> Result<Option<Page<T>>, PortError> {
    read(http, ask.what, ask.endpoint, async || {
        let Some(reply) = follow(http, ask).await? else { return Ok(None) };
        let value = reply.decode(ask.what)?;
        let next = next_page(http, ask.what, &reply)?;
        Ok(Some(Page { value, next }))
    })
    .await
}

/// Reads all pages of a list, at most `pages`. `None` where there is no such list.
pub(super) async fn get_all<T: DeserializeOwned>(
    http: &Http,
    ask: &Ask<'_>,
    pages: usize,
) -> Result<Option<Vec<T>>, PortError> {
    let mut all = Vec::new();
    let mut target = ask.target.to_owned();
    for _ in 0..pages {
        let page = get::<Vec<T>>(http, &Ask { target: &target, ..*ask }).await?;
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

/// Sends a write, once.
pub(super) async fn write(http: &Http, ask: &Ask<'_>) -> Result<Reply, PortError> {
    let sent = http.rest(ask).await.and_then(|reply| http.judge(ask, reply));
    sent.map_err(|trouble| trouble.into_error(ask.what))
}

/// One GET, on to where the thing has moved as long as that is the same host.
async fn follow(http: &Http, ask: &Ask<'_>) -> Result<Option<Reply>, Trouble> {
    let mut target = ask.target.to_owned();
    for _ in 0..MOVES {
        let ask = Ask { target: &target, method: &Method::GET, body: None, ..*ask };
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
            Some(url) => target = url.into(),
            None => return http.judge(&ask, reply).map(Some),
        }
    }
    let (what, why) = (ask.what.to_owned(), "it moved in a circle".to_owned());
    Err(Trouble::Final(PortError::Refused { what, why }))
}

/// The `next` of a `Link` header, to be followed as it stands: GitHub's pages may be addressed by
/// numbers that nobody can compose. One that cannot be followed is not the end of the list.
fn next_page(http: &Http, what: &str, reply: &Reply) -> Result<Option<String>, Trouble> {
    let links = header(&reply.headers, "link").unwrap_or_default();
    let Some(next) = links.split(',').find(|link| link.contains("rel=\"next\"")) else {
        return Ok(None);
    };
    let address = next.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    match address.and_then(|(address, _)| http.own_address(address)) {
        Some(url) => Ok(Some(url.into())),
        None => {
            let why = format!("the next page cannot be asked for: `{}`", next.trim());
            Err(Trouble::Final(PortError::NoAnswer { what: what.into(), why }))
        }
    }
}
