//! What can go wrong between the client and the API.

/// One mishap of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// The connection is cut and nothing happened.
    CutBefore,
    /// It took effect and the connection is cut.
    CutAfter,
    /// 502, nothing happened.
    BadGatewayBefore,
    /// 502, it took effect.
    BadGatewayAfter,
    /// It took effect; the answer is a web page with status 200.
    Html,
    /// It took effect; the JSON ends half way.
    Truncated,
    /// Nothing happens and nothing is answered until the connection is cut.
    Hang,
    /// 403 by the secondary limit, with `Retry-After: 1`.
    Secondary,
    /// 403 by the secondary limit, without any header that says so.
    SecondaryBare,
    /// 500, and an asset that blocks its name stays behind.
    BrokenUpload,
    /// 502, and a page that repeats what authorized the request.
    EchoPage,
    /// 422, and a message that repeats it.
    EchoMessage,
    /// GraphQL's 200 without data, and an error that repeats it.
    EchoError,
    /// The client is killed before anything happened.
    KillBefore,
    /// It took effect and the client is killed.
    KillAfter,
}

impl Mishap {
    /// Whether the request takes effect all the same.
    pub(crate) fn acts(self) -> bool {
        match self {
            Self::CutAfter
            | Self::BadGatewayAfter
            | Self::Html
            | Self::Truncated
            | Self::KillAfter => true,
            Self::CutBefore
            | Self::BadGatewayBefore
            | Self::Hang
            | Self::Secondary
            | Self::SecondaryBare
            | Self::BrokenUpload
            | Self::EchoPage
            | Self::EchoMessage
            | Self::EchoError
            | Self::KillBefore => false,
        }
    }
}

/// When a mishap happens.
#[derive(Debug, Clone)]
pub(crate) struct Strike {
    pub(crate) when: When,
    pub(crate) mishap: Mishap,
}

/// Which request is struck.
#[derive(Debug, Clone)]
pub(crate) enum When {
    /// The one with this number, from 1.
    Number(usize),
    /// The next one with this method whose path holds this.
    Next { method: String, path: String },
}

/// Takes the strike that is due.
pub(crate) fn due(strikes: &mut Vec<Strike>, n: usize, method: &str, path: &str) -> Option<Mishap> {
    let fits = |strike: &Strike| match &strike.when {
        When::Number(number) => *number == n,
        When::Next { method: verb, path: part } => verb == method && path.contains(part.as_str()),
    };
    let place = strikes.iter().position(fits)?;
    Some(strikes.remove(place).mishap)
}
