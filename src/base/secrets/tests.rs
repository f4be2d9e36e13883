use super::*;
use proptest::prelude::*;

const TOKEN: &str = "ghs_S3cr3t+to/ken==~x";

fn secrets() -> Secrets {
    Secrets::of([TOKEN.into()])
}

#[test]
fn a_token_is_redacted_in_every_encoding() {
    let basic = base64(format!("x-access-token:{TOKEN}").as_bytes());
    let safe = basic.replace('+', "-").replace('/', "_");
    let hex: String = TOKEN.bytes().map(|byte| format!("{byte:02x}")).collect();
    for (text, clean) in [
        (format!("a {TOKEN} b {TOKEN}"), "a *** b ***"),
        ("?t=ghs_S3cr3t%2Bto%2fken%3D%3d~x&b".into(), "?t=***&b"),
        ("?t=%67hs_S3cr3t+to/ken==%7Ex&b".into(), "?t=***&b"),
        ("ghs_S3cr3t%252Bto%252Fken%253D%253D~x".into(), "***"),
        (r#"{"a":"ghs_S3cr3t+to\/ken=\u003d~x"}"#.into(), r#"{"a":"***"}"#),
        (r"ghs_S3cr3t\u{2b}to/ken=\x3d~x".into(), "***"),
        ("ghs_S3cr3t&#43;to&#x2F;ken==~x".into(), "***"),
        (hex.to_ascii_uppercase(), "***"),
        (format!("<{hex}>"), "<***>"),
        (format!("basic {}", base64(TOKEN.as_bytes())), "basic ***="),
        (format!("{TOKEN}{TOKEN}"), "***"),
        ("ghs_S3cr3t+to/ken==~".into(), "ghs_S3cr3t+to/ken==~"),
    ] {
        // Of padding only its length is told.
        assert_eq!(secrets().redact(&text).trim_end_matches('='), clean.trim_end_matches('='));
    }
    for text in [basic, safe] {
        let clean = secrets().redact(&text).into_owned();
        assert!(clean.starts_with("eC1hY2Nlc3MtdG9rZW4") && clean.len() < 26, "{clean}");
    }
}

#[test]
fn a_truncated_token_is_redacted_completely() {
    let hex: String = TOKEN.bytes().map(|byte| format!("{byte:02x}")).collect();
    for (text, clean) in [
        ("a ghs_S3cr3t+t…", "a ***…"),
        ("ghs_S3cr3t+to/ken==~…", "***…"),
        (r"ghs\_S3cr3t+t…", "***…"),
        ("t=ghs_S3cr3t%2Bto…", "t=***…"),
        ("ghs_S3cr3t+t...", "***..."),
        ("...3t+to/ken==~x b", "...*** b"),
        (&format!("{}…", &hex[..25]), "***…"),
        ("ghs_S3cr3t…", "ghs_S3cr3t…"),
        ("ghs_S3cr3t+t, and …", "ghs_S3cr3t+t, and …"),
    ] {
        assert_eq!(secrets().redact(text), clean);
    }
    assert!(!secrets().are_in("ghs_S3cr3t+t…"), "what is left of one is not one");
}

#[test]
fn a_common_prefix_of_all_secrets_of_a_kind_is_not_redacted() {
    let header = base64(br#"{"typ":"JWT","alg":"RS256"}"#).replace('=', "");
    let token =
        format!("{header}.{}.sig", base64(b"0123456789012345678901234567890").replace('=', ""));
    let secrets = Secrets::of([token.as_str().into(), "github_pat_11ABCDEFGHIJKLMN".into()]);
    for text in
        [&format!("log 'Bearer {}...' no more", &header[..16]), "tokens like github_pat_..."]
    {
        assert_eq!(secrets.redact(text), *text);
    }
    assert!(secrets.redact(&format!("{}…", &token[..header.len() + 12])).starts_with(MASK));
}

/// Where each mark is compared with every part of every secret, this takes longer than anybody waits.
#[test]
fn redacting_text_with_many_truncation_marks_is_fast() {
    let secrets = Secrets::of([format!("ghs_{}", "x9".repeat(1000)).into(), TOKEN.into()]);
    for text in [".".repeat(2 << 20), "…".repeat(1 << 19), "x9...".repeat(1 << 18)] {
        assert_eq!(secrets.redact(&text).len(), text.len());
    }
}

proptest! {
    #[test]
    fn a_base64_encoded_token_is_redacted_at_every_offset(before in "[a-z:]{0,9}", after in "[a-z:]{0,9}") {
        let coded = base64(format!("{before}{TOKEN}{after}").as_bytes());
        for text in [coded.clone(), coded.replace('+', "-").replace('/', "_"), coded.replace('=', "")] {
            let clean = secrets().redact(&text).into_owned();
            prop_assert!(clean.contains(MASK));
            // No digit is left that holds a part of the token.
            let left = clean.replace(MASK, "").trim_end_matches('=').len();
            let around = before.len() * 8 / 6 + (after.len() * 8).div_ceil(6);
            prop_assert!(left <= around, "{clean}");
        }
    }

    #[test]
    fn text_without_a_token_is_unchanged(text in r"[a-z%\\&#;u0-9{}+/= ]{0,40}") {
        prop_assert!(matches!(secrets().redact(&text), Cow::Borrowed(_)));
    }

    #[test]
    fn redacted_text_contains_no_further_secret(text in r"[a-z%\\&#;u0-9{}]{0,9}", escape in "%67|\\\\u0067|g") {
        let text = format!("{text}{escape}{}{text}", &TOKEN[1..]);
        let clean = secrets().redact(&text).into_owned();
        prop_assert!(clean.contains(MASK) && !secrets().are_in(&clean), "{text} {clean}");
    }
}

#[test]
fn short_or_empty_values_are_not_secrets() {
    let secrets = Secrets::of(["".into(), "   ".into(), "release".into()]);
    assert_eq!(secrets.redact("release"), "release");
    assert_eq!(format!("{secrets:?}"), "Secrets(0)");
    assert_eq!(Secrets::of([format!(" {TOKEN}\n").into()]).redact(TOKEN), "***");
}

#[test]
fn credentials_in_urls_are_secrets() {
    let of = |text: &str| -> Vec<String> {
        let secrets = Secrets::of(in_addresses(text));
        secrets.values.iter().map(|value| value.expose_secret().to_owned()).collect()
    };
    assert_eq!(of("https://ada:p%40ssword@example.com/x"), ["p%40ssword", "p@ssword"]);
    assert_eq!(of("https://ghp_0123456789:x-oauth-basic@github.com"), ["ghp_0123456789"]);
    assert_eq!(of("a http://x:password-1@h b http://y:password-2@h"), ["password-1", "password-2"]);
    assert_eq!(of("https://ada:a/pass/word@h/x"), ["a/pass/word"]);
    for none in [
        "https://host:8080/package@v2",
        "https://host/long/package@v2",
        "git@github.com:acme/widget",
        "https://octocats@github.com",
        "ssh://git@h/x",
    ] {
        assert!(of(none).is_empty(), "{none}");
    }
}

#[test]
fn base64_matches_the_rfc() {
    for (text, coded) in
        [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
    {
        assert_eq!(base64(text.as_bytes()), coded);
    }
}
