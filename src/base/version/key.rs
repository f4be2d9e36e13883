//! The sort key of versions: one type for all schemes, exact for each.

use super::scheme::Scheme;
use pep440_rs::LocalSegment;
use semver::BuildMetadata;
use std::cmp::Ordering;

/// The parts of a version that are compared.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// The epoch of PEP 440, otherwise 0.
    pub(super) epoch: u64,
    /// The release numbers. Trailing zeros are not compared.
    pub(super) numbers: Vec<u64>,
    /// The separator between the numbers.
    pub(super) separator: char,
    /// The part after the numbers, ending with `End`.
    pub(super) tail: Vec<Token>,
    /// The local version of PEP 440.
    pub(super) local: Vec<LocalSegment>,
    /// Semver's build metadata, which only breaks ties.
    pub(super) build: BuildMetadata,
}

/// A part after the release numbers, in ascending order. In SemVer, an end is lower than a number
/// or a word; in PEP 440, `.dev` is lower than an end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token {
    /// Development before the version in front of it.
    Development,
    /// The end.
    End,
    /// A number: its number of digits, then the digits without leading zeros.
    Number(usize, String),
    /// A word of a pre-release.
    Word(String),
    /// No pre-release.
    Final,
    /// A release after the final one.
    Post,
}

impl Token {
    pub(super) fn number(digits: &str) -> Self {
        let digits = match digits.trim_start_matches('0') {
            "" => "0",
            digits => digits,
        };
        Self::Number(digits.len(), digits.into())
    }
}

impl Key {
    /// The key of a final version.
    pub(super) fn numbers(numbers: Vec<u64>) -> Self {
        let tail = vec![Token::Final, Token::End];
        let (local, build) = (Vec::new(), BuildMetadata::EMPTY);
        Self { epoch: 0, numbers, separator: '.', tail, local, build }
    }

    pub(super) fn is_final(&self) -> bool {
        matches!(self.tail.first(), Some(Token::Final | Token::Post))
            && !self.tail.contains(&Token::Development)
    }

    pub(super) fn is_development(&self, scheme: Scheme) -> bool {
        let word = |token: &Token| match token {
            Token::Development => true,
            Token::Word(word) if scheme != Scheme::Pep440 => {
                let word = word.to_ascii_lowercase();
                let alone = self.tail.len() == 2;
                let last = word.rsplit('-').next().unwrap_or(&word);
                is_development_word(last) || (last == "next" && alone)
            }
            Token::Word(_) | Token::End | Token::Number(..) | Token::Final | Token::Post => false,
        };
        self.tail.iter().any(word)
    }

    fn compared(&self) -> &[u64] {
        let zeros = self.numbers.iter().rev().take_while(|number| **number == 0).count();
        self.numbers.get(..self.numbers.len() - zeros).unwrap_or_default()
    }

    pub(super) fn cmp_precedence(&self, other: &Self) -> Ordering {
        let first = self.epoch.cmp(&other.epoch);
        let then = first.then_with(|| self.compared().cmp(other.compared()));
        then.then_with(|| self.tail.cmp(&other.tail)).then_with(|| self.local.cmp(&other.local))
    }

    pub(super) fn cmp(&self, other: &Self) -> Ordering {
        self.cmp_precedence(other).then_with(|| self.build.cmp(&other.build))
    }
}

/// Words that mark the version on a branch between two releases.
pub(super) fn is_development_word(word: &str) -> bool {
    ["dev", "devel", "development", "snapshot", "git", "unreleased", "trunk", "wip"].contains(&word)
}
