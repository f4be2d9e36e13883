//! Text in addresses.

use std::fmt::Write as _;

/// A path below an address: everything that RFC 3986 does not call unreserved is percent-encoded,
/// slashes aside. What comes out is ASCII that means the same in Markdown, XML and JSON.
#[must_use]
pub fn path(path: &str) -> String {
    encoded(path, b"-._~/")
}

/// A whole address that others gave, if it is `http` or `https` without credentials; what could
/// end a Markdown link is percent-encoded.
#[must_use]
pub fn address(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none();
    let fits = matches!(url.scheme(), "http" | "https") && plain && url.has_host();
    // All of RFC 3986's own characters but parentheses, quotes and asterisks.
    fits.then(|| encoded(url.as_str(), b"-._~/:?#@!$&+,;=%[]"))
}

fn encoded(text: &str, kept: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_never_leaves_its_link() {
        assert_eq!(path("a b/(ü).md"), "a%20b/%28%C3%BC%29.md");
        assert_eq!(address("https://x.test/a)(b").as_deref(), Some("https://x.test/a%29%28b"));
        assert_eq!(address("https://x.test/a%20b").as_deref(), Some("https://x.test/a%20b"));
        for bad in ["javascript:alert(1)", "https://u:p@x.test/", "no address", "data:text/html,x"]
        {
            assert_eq!(address(bad), None, "{bad}");
        }
    }
}
