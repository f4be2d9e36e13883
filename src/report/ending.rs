//! How a run ended, and the parts of its last line. Every format takes the parts that it needs.

use super::finding::Paint;
use super::stats::Cost;
use crate::base::word::Word;
use crate::release::outcome::Outcome;

/// An outcome and a sentence about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// The outcome.
    pub outcome: Outcome,
    /// The sentence, one line; empty if the word says everything.
    pub said: String,
    /// The word that the last line starts with.
    word: Word,
    /// The text after that word in the last line, before the colon.
    of: String,
    /// The sentence of the last line, if it differs from `said`.
    last: Option<String>,
    /// The cost, at the end of the last line.
    cost: Option<Cost>,
}

impl Ending {
    /// An outcome and its sentence.
    #[must_use]
    pub fn new(outcome: Outcome, said: impl Into<String>) -> Self {
        let (said, word) = (said.into(), outcome.description());
        Self { outcome, said, word, of: String::new(), last: None, cost: None }
    }

    /// Sets another word for the last line.
    #[must_use]
    pub fn word(self, word: Word) -> Self {
        Self { word, ..self }
    }

    /// Adds text after the word of the last line: `[checks-green]`.
    #[must_use]
    pub fn of(self, of: impl Into<String>) -> Self {
        Self { of: of.into(), ..self }
    }

    /// Sets another sentence for the last line.
    #[must_use]
    pub fn last(self, last: impl Into<String>) -> Self {
        Self { last: Some(last.into()), ..self }
    }

    /// Adds the cost.
    #[must_use]
    pub fn cost(self, cost: Cost) -> Self {
        Self { cost: Some(cost), ..self }
    }

    /// The sentence with the cost.
    #[must_use]
    pub fn sentence(&self) -> String {
        let cost = self.cost.map(|cost| format!(" {cost}")).unwrap_or_default();
        format!("{}{cost}", self.said)
    }

    /// The last line of the text.
    #[must_use]
    pub fn line(&self, paint: Paint) -> String {
        let (word, of) = (paint.word(self.word, 0), &self.of);
        let said = self.last.as_ref().unwrap_or(&self.said);
        let cost = self.cost.map(|cost| format!(" {}", paint.dim(&cost.to_string())));
        format!("{word}{of}: {said}{}", cost.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_inside_a_sentence_does_not_split_it() {
        let ending = Ending::new(Outcome::NothingToRelease, "1.0: 2 steps");
        assert_eq!(ending.line(Paint::Plain), "nothing to release: 1.0: 2 steps");
        assert_eq!(ending.sentence(), "1.0: 2 steps");
        let ending = ending.of("[a: b]").cost(Cost { requests: 1, seconds: 0.4 });
        let line = "nothing to release[a: b]: 1.0: 2 steps (1 API request, 0.4 s)";
        assert_eq!(ending.line(Paint::Plain), line);
        assert_eq!(ending.sentence(), "1.0: 2 steps (1 API request, 0.4 s)");
    }
}
