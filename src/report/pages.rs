//! Web pages that a report links to.

use super::escape::uri;
use crate::base::names::{Sha, Slug, TagName};

/// Web pages that a report links to, if known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pages {
    /// The repository's web address, without a slash at its end.
    pub repository: Option<String>,
    /// The workflow run of tminus.
    pub run: Option<String>,
    /// The patterns of the repository's pages.
    pub links: Links,
}

/// The patterns of a forge's pages, relative to the repository's address. `{commit}`, `{path}` and
/// `{line}` are replaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Links {
    /// A commit.
    pub commit: &'static str,
    /// A line of a file at a commit.
    pub line: &'static str,
    /// A file at a tag, which replaces `{commit}`.
    pub file: &'static str,
    /// The commits from one tag, `{from}`, to another, which replaces `{commit}`.
    pub range: &'static str,
    /// All commits up to a tag, which replaces `{commit}`.
    pub history: &'static str,
}

impl Pages {
    /// Pages of a repository on a server. Invalid URLs are omitted.
    #[must_use]
    pub fn of(
        links: Links,
        server: Option<&str>,
        repository: Option<&Slug>,
        run: Option<&str>,
    ) -> Self {
        let server = server.and_then(uri::address);
        let repository = server.zip(repository).map(|(server, slug)| {
            format!("{}/{}", server.trim_end_matches('/'), uri::path(slug.as_str()))
        });
        Self { repository, run: run.and_then(uri::address), links }
    }

    /// A commit's page.
    #[must_use]
    pub fn commit(&self, sha: &Sha) -> Option<String> {
        let page = self.repository.as_ref().filter(|_| !self.links.commit.is_empty())?;
        Some(format!("{page}{}", self.links.commit.replace("{commit}", sha.as_str())))
    }

    /// A line of a file at a commit.
    #[must_use]
    pub fn line(&self, sha: &Sha, file: &str, line: usize) -> Option<String> {
        let page = self.repository.as_ref().filter(|_| !self.links.line.is_empty())?;
        let at = self.links.line.replace("{commit}", sha.as_str());
        let at = at.replace("{line}", &line.to_string()).replace("{path}", &uri::path(file));
        Some(format!("{page}{at}"))
    }

    /// A file at a tag.
    #[must_use]
    pub fn file(&self, tag: &TagName, file: &str) -> Option<String> {
        let page = self.repository.as_ref().filter(|_| !self.links.file.is_empty())?;
        let at = self.links.file.replace("{commit}", &uri::path(tag.as_str()));
        Some(format!("{page}{}", at.replace("{path}", &uri::path(file))))
    }

    /// The commits from one tag to another, or all up to it.
    #[must_use]
    pub fn commits(&self, from: Option<&TagName>, to: &TagName) -> Option<String> {
        let form = if from.is_some() { self.links.range } else { self.links.history };
        let page = self.repository.as_ref().filter(|_| !form.is_empty())?;
        let at = form.replace("{commit}", &uri::path(to.as_str()));
        let from = from.map(|tag| uri::path(tag.as_str())).unwrap_or_default();
        Some(format!("{page}{}", at.replace("{from}", &from)))
    }

    /// An external URL, if it is a page of this repository.
    #[must_use]
    pub fn own(&self, address: &str) -> Option<String> {
        let address = uri::address(address)?;
        let rest = address.strip_prefix(self.repository.as_deref()?)?;
        rest.starts_with('/').then(|| address.clone())
    }
}
