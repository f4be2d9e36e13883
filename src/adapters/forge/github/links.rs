//! The patterns of GitHub's web pages.

use crate::report::Links;

/// GitHub's pages.
pub const LINKS: Links = Links {
    commit: "/commit/{commit}",
    line: "/blob/{commit}/{path}#L{line}",
    file: "/blob/{commit}/{path}",
    range: "/compare/{from}...{commit}",
    history: "/commits/{commit}",
};
