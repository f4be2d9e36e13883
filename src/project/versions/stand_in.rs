//! Placeholders that are replaced by a version later.

/// Whether a text is only a placeholder for a version: zeros, or very high numbers
/// (`0.0.0-development`, `999.9.9-SNAPSHOT`), or a variable (`@version@`, `${version}`).
pub(super) fn is_stand_in(text: &str) -> bool {
    let text = text.trim().trim_start_matches(['v', 'V']);
    if text.contains(['@', '$', '{', '%', '<', '#']) && !text.contains('!') {
        return true;
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let numbers: Vec<&str> = numbers.split('.').filter(|number| !number.is_empty()).collect();
    let Some(first) = numbers.first() else { return !text.is_empty() && no_number(text) };
    let zero = numbers.iter().all(|number| number.bytes().all(|digit| digit == b'0'));
    let nines = |number: &&str| number.bytes().all(|digit| digit == b'9');
    let all_nines = numbers.len() > 1 && numbers.iter().all(nines);
    let unreached = all_nines && (first.len() > 2 || numbers.len() > 2 && first.len() > 1)
        || (numbers.len() > 2 && numbers.iter().all(|number| *number == "255"));
    zero && !is_pre_release(rest) || unreached
}

/// Words that are used in place of a version contain no number: `HEAD`, `unknown`.
fn no_number(text: &str) -> bool {
    let word = text.to_ascii_lowercase();
    ["dev", "devel", "development", "unknown", "head", "main", "master", "local", "unreleased"]
        .contains(&word.as_str())
}

/// A pre-release of 0.0.0 is a real version if it has a number.
fn is_pre_release(rest: &str) -> bool {
    let rest = rest.trim_start_matches(['-', '.', '_']).to_ascii_lowercase();
    let named = ["alpha", "beta", "rc", "a", "b"].into_iter().find_map(|name| {
        let after = rest.strip_prefix(name)?.trim_start_matches(['.', '-']);
        Some(!after.is_empty() && after.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
    });
    named == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_not_versions() {
        for text in [
            "0.0.0",
            "0.0.0-dev",
            "0.0.0-development",
            "0.0.0-semantically-released",
            "0.0.0.dev0",
            "0.0.0+unknown",
            "0",
            "0.0",
            "v0.0.0",
            "999.9.9-SNAPSHOT",
            "999.0-SNAPSHOT".replace("0-", "9-").as_str(),
            "999.999.999",
            "99.99.99",
            "255.255.255",
            "@package_version@",
            "${revision}",
            "{{version}}",
            "%VERSION%",
            "$(Version)",
            "dev",
            "unknown",
        ] {
            assert!(is_stand_in(text), "{text}");
        }
    }

    #[test]
    fn small_and_large_versions_are_not_placeholders() {
        for text in [
            "0.0.1",
            "0.1.0",
            "1.0.0",
            "9.9.9",
            "99.0.0",
            "2025.12.1",
            "0.0.0-alpha.1",
            "0.0.0rc1",
            "1.2.3-SNAPSHOT",
            "9.9",
            "255.0.1",
            "1!2.0",
        ] {
            assert!(!is_stand_in(text), "{text}");
        }
    }
}
