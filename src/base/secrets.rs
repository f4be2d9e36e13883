//! Secrets, and how to mask them in text.
//!
//! Each secret is found in plain text, in hexadecimal, and in base64 at each of the three possible
//! offsets in a group of three bytes, so that it is also found inside `user:token`. All of these
//! are found behind percent-encoding, JSON escapes and numeric HTML entities too. If a secret was
//! cut off, the rest is found beside the mark of the cut. A secret that was encrypted or split in
//! another way is not found.

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use secrecy::{ExposeSecret as _, SecretString};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// The text that replaces a secret. GitHub uses the same.
const MASK: &str = "***";
/// A shorter secret is not masked: it would also match ordinary text, and the mask would reveal the
/// secret and damage the text. No forge's token is that short.
const SHORTEST: usize = 8;
/// The marks that show that a text was cut off: ours, and that of source lines.
const CUTS: [&[u8]; 2] = ["…".as_bytes(), b"..."];
/// A cut-off secret is not masked if fewer of its own bytes are left.
const PART: usize = 8;
/// The prefixes of GitHub's tokens.
const KINDS: [&str; 6] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];
/// How many nested encodings are decoded.
const DEPTH: usize = 3;
const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The known secrets. `Debug` shows only their number.
#[derive(Clone, Default)]
pub struct Secrets {
    values: Vec<SecretString>,
    search: Option<Search>,
}

#[derive(Clone)]
struct Search {
    forms: AhoCorasick,
    /// The forms in plain bytes, to search for parts of them.
    written: Arc<[Vec<u8>]>,
    /// The start and the end of each form, as long as a part must be to be found.
    tips: AhoCorasick,
    /// For each form, how many digits before and after it also depend on the secret.
    edges: Arc<[(usize, usize)]>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.values.len())
    }
}

impl Secrets {
    /// Creates the set of secrets. Surrounding white space is removed, as in a header.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = SecretString>) -> Self {
        let mut kept: Vec<SecretString> = Vec::new();
        for value in values {
            let text = value.expose_secret().trim();
            let known = kept.iter().any(|known| known.expose_secret() == text);
            if text.len() >= SHORTEST && !known {
                kept.push(text.into());
            }
        }
        let (mut forms, mut edges, mut tips) = (Vec::new(), Vec::new(), Vec::new());
        for value in &kept {
            let secret = value.expose_secret();
            for (form, edge) in encoded(secret) {
                tips.extend(self::tips(secret, &form));
                forms.push(form);
                edges.push(edge);
            }
        }
        // If the search could not be built, nothing would be masked; its limit is 2 GiB of forms.
        let build = |words: &[Vec<u8>]| {
            AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(words).ok()
        };
        let built = build(&forms).zip(build(&tips)).filter(|_| !kept.is_empty());
        let (written, edges) = (forms.into(), edges.into());
        let search = built.map(|(forms, tips)| Search { forms, written, tips, edges });
        Self { search, values: kept }
    }

    /// Adds more secrets.
    #[must_use]
    pub fn and(&self, more: impl IntoIterator<Item = SecretString>) -> Self {
        Self::of(self.values.iter().cloned().chain(more))
    }

    /// The text with all secrets masked. JSON stays valid, because the mask contains no special
    /// characters.
    #[must_use]
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.redact_bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// The same for bytes that may not be text.
    #[must_use]
    pub fn redact_bytes<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let places = self.places(text, |search, text, found| {
            search.whole(text, found);
            search.parts(text, found);
        });
        if places.is_empty() {
            return Cow::Borrowed(text);
        }
        let (mut clean, mut at) = (Vec::with_capacity(text.len()), 0);
        for (start, end) in places {
            clean.extend_from_slice(text.get(at..start).unwrap_or_default());
            clean.extend_from_slice(MASK.as_bytes());
            at = end;
        }
        clean.extend_from_slice(text.get(at..).unwrap_or_default());
        Cow::Owned(clean)
    }

    /// Whether the text contains a complete secret.
    #[must_use]
    pub fn are_in(&self, text: &str) -> bool {
        !self.places(text.as_bytes(), Search::whole).is_empty()
    }

    /// The positions of secrets, in order, without overlaps.
    fn places(
        &self,
        text: &[u8],
        look: impl Fn(&Search, &[u8], &mut dyn FnMut((usize, usize))),
    ) -> Vec<(usize, usize)> {
        let Some(search) = &self.search else { return Vec::new() };
        let mut found = Vec::new();
        look(search, text, &mut |place| found.push(place));
        let mut layers: Vec<Layer> = Vec::new();
        while layers.len() < DEPTH {
            let inner = layers.last().map_or(text, |layer| layer.bytes.as_slice());
            let Some(layer) = Layer::under(inner) else { break };
            layers.push(layer);
            let outward = |at: usize| layers.iter().rev().fold(at, |at, layer| layer.outer(at));
            let Some(last) = layers.last() else { break };
            look(search, &last.bytes, &mut |(start, end)| {
                found.push((outward(start), outward(end)));
            });
        }
        found.sort_unstable();
        let mut merged: Vec<(usize, usize)> = Vec::new();
        for (start, end) in found {
            match merged.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                Some(_) | None => merged.push((start, end)),
            }
        }
        merged
    }
}

impl Search {
    fn whole(&self, text: &[u8], found: &mut dyn FnMut((usize, usize))) {
        let digit = |at: usize| {
            let byte = text.get(at).copied().unwrap_or(b' ');
            usize::from(STANDARD.contains(&byte) || URL_SAFE.contains(&byte))
        };
        for hit in self.forms.find_overlapping_iter(text) {
            let (before, after) =
                self.edges.get(hit.pattern().as_usize()).copied().unwrap_or_default();
            let (start, end) = (hit.start(), hit.end());
            let before = if before == 0 || start == 0 { 0 } else { digit(start - 1) };
            let after = if after == 0 { 0 } else { digit(end) };
            found((start - before, end + after));
        }
    }

    /// The rest of a secret where a text was cut off: its start before the mark, or its end after
    /// the mark.
    fn parts(&self, text: &[u8], found: &mut dyn FnMut((usize, usize))) {
        for hit in self.tips.find_overlapping_iter(text) {
            let tip = hit.pattern().as_usize();
            let Some(form) = self.written.get(tip / 2) else { continue };
            if tip % 2 == 0 {
                let here = text.get(hit.start()..).unwrap_or_default();
                let same = form.iter().zip(here).take_while(|(a, b)| a == b).count();
                let rest = here.get(same..).unwrap_or_default();
                if CUTS.iter().any(|cut| rest.starts_with(cut)) {
                    found((hit.start(), hit.start() + same));
                }
            } else {
                let here = text.get(..hit.end()).unwrap_or_default();
                let backward = form.iter().rev().zip(here.iter().rev());
                let start = hit.end() - backward.take_while(|(a, b)| a == b).count();
                let before = text.get(..start).unwrap_or_default();
                if CUTS.iter().any(|cut| before.ends_with(cut)) {
                    found((start, hit.end()));
                }
            }
        }
    }
}

/// The shortest start and end of a form that reveal it. A prefix that all tokens of its kind have
/// is not enough.
fn tips(secret: &str, form: &[u8]) -> [Vec<u8>; 2] {
    let kind = KINDS.iter().find(|kind| secret.starts_with(**kind)).map_or(0, |kind| kind.len());
    // All JSON Web Tokens (RFC 7519) of one server have the same header.
    let header = secret.find('.').filter(|_| secret.starts_with("eyJ")).map_or(0, |dot| dot + 1);
    let written = |bytes: usize| (bytes * form.len()).div_ceil(secret.len()).min(form.len());
    let (begin, end) = (written(kind.max(header) + PART), form.len() - written(PART));
    [form.get(..begin), form.get(end..)].map(|tip| tip.unwrap_or_default().to_vec())
}

/// The possible encodings of a secret, and how many digits at their edges also depend on adjacent
/// bytes.
fn encoded(secret: &str) -> Vec<(Vec<u8>, (usize, usize))> {
    let bytes = secret.as_bytes();
    let hex = [hex::encode(bytes), hex::encode_upper(bytes)].map(String::into_bytes);
    let mut forms = vec![(bytes.to_vec(), (0, 0))];
    forms.extend(hex.map(|form| (form, (0, 0))));
    for digits in [STANDARD, URL_SAFE] {
        forms.extend((0..3).map(|before| inside(bytes, before, digits)));
    }
    forms
}

/// The base64 digits that depend only on the secret, if this number of bytes precedes it in its
/// group.
fn inside(bytes: &[u8], before: usize, digits: &[u8; 64]) -> (Vec<u8>, (usize, usize)) {
    let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(bytes.iter().copied()).collect();
    let bit = |at: usize| padded.get(at / 8).map_or(0, |byte| (byte >> (7 - at % 8)) & 1);
    let first = (before * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    let one = |place: usize| {
        let value = (0..6).fold(0, |value, n| (value << 1) | bit(place * 6 + n));
        digits.get(usize::from(value)).copied().unwrap_or(b'=')
    };
    let edges = (usize::from(before > 0), usize::from(!(padded.len() * 8).is_multiple_of(6)));
    ((first..last).map(one).collect(), edges)
}

/// RFC 4648, with padding.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    let mut padded = bytes.to_vec();
    padded.resize(bytes.len().next_multiple_of(3), 0);
    let mut text = inside(&padded, 0, STANDARD).0;
    text.truncate((bytes.len() * 8).div_ceil(6));
    text.resize(text.len().next_multiple_of(4), b'=');
    text.into_iter().map(char::from).collect()
}

/// A text with one encoding decoded, and a map from its offsets to those of the original text.
struct Layer {
    bytes: Vec<u8>,
    /// After each decoded item: the offset in the decoded text, and the offset in the original
    /// text.
    jumps: Vec<(usize, usize)>,
}

impl Layer {
    /// `None` if nothing is encoded.
    fn under(text: &[u8]) -> Option<Self> {
        if !text.iter().any(|byte| b"%\\&".contains(byte)) {
            return None;
        }
        let mut layer = Self { bytes: Vec::with_capacity(text.len()), jumps: Vec::new() };
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            match text.get(at..).and_then(undone) {
                Some((c, length)) => {
                    match c {
                        Meant::Byte(byte) => layer.bytes.push(byte),
                        Meant::Char(c) => {
                            layer.bytes.extend(c.encode_utf8(&mut [0; 4]).bytes());
                        }
                    }
                    at += length;
                    layer.jumps.push((layer.bytes.len(), at));
                }
                None => {
                    layer.bytes.push(*byte);
                    at += 1;
                }
            }
        }
        (!layer.jumps.is_empty()).then_some(layer)
    }

    fn outer(&self, at: usize) -> usize {
        let past = self.jumps.partition_point(|(here, _)| *here <= at);
        match past.checked_sub(1).and_then(|last| self.jumps.get(last)) {
            Some((here, there)) => there + (at - here),
            None => at,
        }
    }
}

enum Meant {
    Byte(u8),
    Char(char),
}

/// The meaning and the length of the escape at the start of a text.
fn undone(text: &[u8]) -> Option<(Meant, usize)> {
    let number = |digits: &[u8], radix: u32| {
        let digits = std::str::from_utf8(digits).ok().filter(|text| !text.starts_with('+'))?;
        u32::from_str_radix(digits, radix).ok()
    };
    let closed = |from: usize, end: u8| -> Option<(&[u8], usize)> {
        let length = text.iter().skip(from).take(9).position(|byte| *byte == end)?;
        Some((text.get(from..from + length)?, from + length + 1))
    };
    let char_of = |number: u32, length| Some((Meant::Char(char::from_u32(number)?), length));
    match text {
        [b'%', rest @ ..] => {
            let byte = u8::try_from(number(rest.get(..2)?, 16)?).ok()?;
            Some((Meant::Byte(byte), 3))
        }
        [b'\\', b'u', b'{', ..] => {
            let (digits, length) = closed(3, b'}')?;
            char_of(number(digits, 16)?, length)
        }
        [b'\\', b'u', rest @ ..] => char_of(number(rest.get(..4)?, 16)?, 6),
        [b'\\', b'x', rest @ ..] => char_of(number(rest.get(..2)?, 16)?, 4),
        [b'\\', byte, ..] if byte.is_ascii_punctuation() => Some((Meant::Byte(*byte), 2)),
        [b'&', b'#', b'x' | b'X', ..] => {
            let (digits, length) = closed(3, b';')?;
            char_of(number(digits, 16)?, length)
        }
        [b'&', b'#', ..] => {
            let (digits, length) = closed(2, b';')?;
            char_of(number(digits, 10)?, length)
        }
        _ => None,
    }
}

/// The credentials in the URLs of a text: passwords, and user names that are tokens. Other user
/// names are not secret.
pub fn in_addresses(text: &str) -> impl Iterator<Item = SecretString> {
    let addresses = text.split("://").skip(1).map(|rest| {
        let end = rest.find(|c: char| c.is_whitespace() || "'\"`".contains(c));
        rest.split_at(end.unwrap_or(rest.len())).0
    });
    // A password can contain an unescaped slash, and a path can contain an `@` after a port.
    let user_infos = addresses.filter_map(|address| Some(address.rsplit_once('@')?.0));
    user_infos.flat_map(|info| {
        let (user, password) = info.split_once(':').unwrap_or((info, ""));
        let is_port = password.split('/').next().is_some_and(|word| word.parse::<u16>().is_ok());
        let password = if is_port && password.contains('/') { "" } else { password };
        // GitHub accepts a token as the user name with this password.
        let password = Some(password).filter(|word| *word != "x-oauth-basic");
        let user = Some(user).filter(|user| looks_like_a_token(user));
        let both = user.into_iter().chain(password);
        both.flat_map(|word| [word.to_owned(), plain(word)]).map(SecretString::from)
    })
}

/// GitHub's oldest tokens have forty hexadecimal digits.
fn looks_like_a_token(word: &str) -> bool {
    KINDS.iter().any(|kind| word.starts_with(kind))
        || (word.len() == 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Without percent-encoding.
fn plain(word: &str) -> String {
    let layer = Layer::under(word.as_bytes());
    layer.map_or(word.into(), |layer| String::from_utf8_lossy(&layer.bytes).into_owned())
}

#[cfg(test)]
mod tests;
