//! Which authors are bots.

/// Accounts of bots whose names do not show that they are bots.
const NAMED: [&str; 9] = [
    "allcontributors",
    "dependabot",
    "dependabot-preview",
    "github actions",
    "greenkeeper",
    "pre-commit-ci",
    "pyup-bot",
    "renovate",
    "snyk-bot",
];

/// Whether an author, `Name <address> …` as git keeps it, is a bot: the name or the account in the
/// address ends with `[bot]` or `-bot`, or is one that is known.
#[must_use]
pub fn is_bot(author: &str) -> bool {
    let (name, rest) = author.split_once('<').unwrap_or((author, ""));
    let address = rest.split('>').next().unwrap_or_default();
    let account = address.split('@').next().unwrap_or_default();
    let account = account.rsplit('+').next().unwrap_or_default();
    [name, account].into_iter().any(|word| {
        let word = word.trim().to_ascii_lowercase();
        word.ends_with("[bot]") || word.ends_with("-bot") || NAMED.contains(&word.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::is_bot;

    #[test]
    fn a_bot_is_recognized_by_its_name_or_email() {
        for bot in [
            "dependabot[bot] <49699333+dependabot[bot]@users.noreply.example> 5 +0000",
            "Mend Renovate <29139614+renovate[bot]@users.noreply.example> 5 +0000",
            "acme-bot <ci@example.com>",
            "Renovate <bot@renovateapp.example>",
        ] {
            assert!(is_bot(bot), "{bot}");
        }
        for person in ["Ada <ada@example.com> 5 +0000", "Talbot <t@example.com>", "", "<>", "A <b"]
        {
            assert!(!is_bot(person), "{person}");
        }
    }
}
