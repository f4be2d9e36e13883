//! Finding a secret in anything that was written, however it was encoded. Written without regard to
//! how the program hides it: here everything is decoded, and then searched.
#![allow(dead_code, clippy::indexing_slicing, reason = "each suite uses another part")]

/// How a secret stands in some bytes; `None` where it does not.
pub(crate) fn leak(bytes: &[u8], secret: &str) -> Option<&'static str> {
    let secret = secret.as_bytes();
    if holds(bytes, secret) {
        return Some("as it is");
    }
    let bare: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != b'\\').collect();
    if holds(&bare, secret) || holds(&percent(bytes), secret) {
        return Some("escaped");
    }
    if (0..4).any(|skip| runs(bytes, is_base64).any(|run| holds(&base64(run, skip), secret))) {
        return Some("in base64");
    }
    let in_hex = |run: &[u8]| (0..2).any(|skip| holds(&hex(run, skip), secret));
    runs(bytes, |byte| byte.is_ascii_hexdigit()).any(in_hex).then_some("in hexadecimal")
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    let Some(first) = part.first() else { return false };
    let starts = bytes.iter().enumerate().filter(|(_, byte)| *byte == first);
    starts.into_iter().any(|(at, _)| bytes[at..].starts_with(part))
}

fn runs(bytes: &[u8], belongs: fn(u8) -> bool) -> impl Iterator<Item = &[u8]> {
    bytes.split(move |byte| !belongs(*byte)).filter(|run| run.len() >= 16)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte)
}

fn base64(run: &[u8], skip: usize) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' | b'-' => 62,
        _ => 63,
    };
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0, 0);
    for byte in run.iter().skip(skip) {
        held = ((held << 6) | digit(*byte)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    bytes
}

fn hex(run: &[u8], skip: usize) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or_default() as u8;
    run[skip..].chunks_exact(2).map(|pair| (digit(pair[0]) << 4) | digit(pair[1])).collect()
}

fn percent(bytes: &[u8]) -> Vec<u8> {
    let (mut plain, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        let coded = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match coded.filter(|_| bytes[at] == b'%') {
            Some(byte) => {
                plain.push(byte);
                at += 3;
            }
            None => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    plain
}
