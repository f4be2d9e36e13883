//! Text in URLs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything except the unreserved characters of RFC 3986.
pub(crate) const RESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same, except slashes.
const IN_PATHS: &AsciiSet = &RESERVED.remove(b'/');

/// The characters that RFC 3986 allows in a URL stay, except parentheses, quotes and asterisks.
const IN_ADDRESSES: &AsciiSet = &IN_PATHS
    .remove(b':')
    .remove(b'?')
    .remove(b'#')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'%')
    .remove(b'[')
    .remove(b']');

/// A path for a URL: everything except slashes and the unreserved characters of RFC 3986 is
/// percent-encoded. The result is ASCII without special meaning in Markdown, XML and JSON.
#[must_use]
pub fn path(path: &str) -> String {
    utf8_percent_encode(path, IN_PATHS).to_string()
}

/// An external URL, if it is `http` or `https` without credentials. Characters that could end a
/// Markdown link are percent-encoded.
#[must_use]
pub fn address(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none();
    let fits = matches!(url.scheme(), "http" | "https") && plain && url.has_host();
    fits.then(|| utf8_percent_encode(url.as_str(), IN_ADDRESSES).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_url_cannot_break_out_of_its_link() {
        assert_eq!(path("a b/(ü).md"), "a%20b/%28%C3%BC%29.md");
        assert_eq!(address("https://x.test/a)(b").as_deref(), Some("https://x.test/a%29%28b"));
        assert_eq!(address("https://x.test/a%20b").as_deref(), Some("https://x.test/a%20b"));
        for bad in ["javascript:alert(1)", "https://u:p@x.test/", "no address", "data:text/html,x"]
        {
            assert_eq!(address(bad), None, "{bad}");
        }
    }
}
