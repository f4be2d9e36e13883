//! The output of `plan --accounting`: for every commit since the last release, whether the notes
//! list it.

use super::finding::Paint;
use crate::base::clean::{LONGEST_NAME, clean, clip};
use crate::base::word::{Tone, Word};
use crate::planner::accounting::{Accounting, State};
use serde_json::{Value, json};
use std::fmt::Write as _;

impl State {
    /// Its word and tone.
    #[must_use]
    pub const fn word(&self) -> Word {
        match self {
            Self::Listed(_) => Word::new("listed", Tone::Good),
            Self::LeftOut(_) => Word::new("left-out", Tone::Off),
            Self::Unknown(_) => Word::new("unknown", Tone::Doubtful),
        }
    }

    /// The headings, the rule that leaves the commit out, or why its state is unknown.
    #[must_use]
    pub fn said(&self) -> String {
        match self {
            Self::Listed(places) => places.join(", "),
            Self::LeftOut(rule) => rule.name().into(),
            Self::Unknown(why) => why.clone(),
        }
    }
}

/// The number of commits, in total and by state.
#[must_use]
pub fn summary(accounting: &Accounting) -> String {
    let count = match accounting.rows.len() {
        1 => "1 commit".to_owned(),
        n => format!("{n} commits"),
    };
    let tag = accounting.since.as_ref();
    let since = tag.map(|tag| format!(" since {}", clean(tag.as_str()))).unwrap_or_default();
    let [listed, out, unknown] = accounting.counts();
    format!("{count}{since}: {listed} listed, {out} left out, {unknown} unknown")
}

/// As text.
#[must_use]
pub fn text(accounting: &Accounting, paint: Paint) -> String {
    let mut text = format!("{}\n", paint.bold(&summary(accounting)));
    let subjects: Vec<String> = accounting.rows.iter().map(|row| subject(&row.subject)).collect();
    let width = subjects.iter().map(|one| one.chars().count()).max().unwrap_or_default();
    for (row, subject) in accounting.rows.iter().zip(&subjects) {
        let (word, said) = (paint.word(row.state.word(), 8), row.state.said());
        let commit = row.commit.short();
        let line = format!("  {word} {commit}  {subject:<width$}  {}", clean(&said));
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let rules = accounting.rules();
    if !rules.is_empty() {
        text.push('\n');
    }
    let width = rules.iter().map(|rule| rule.name().len()).max().unwrap_or_default();
    for rule in rules {
        let _ = writeln!(text, "  {:<width$}  {}", rule.name(), rule.sentence());
    }
    text
}

/// A subject in a row.
fn subject(subject: &str) -> String {
    clean(&clip(subject, LONGEST_NAME / 2)).into_owned()
}

/// As JSON.
#[must_use]
pub fn document(accounting: &Accounting) -> Value {
    let [listed, out, unknown] = accounting.counts();
    let rules = accounting.rules().into_iter();
    json!({
        "since": accounting.since,
        "listed": listed,
        "left_out": out,
        "unknown": unknown,
        "commits": accounting.rows.iter().map(|row| {
            let (places, rule, why) = match &row.state {
                State::Listed(places) => (Some(places), None, None),
                State::LeftOut(rule) => (None, Some(rule.name()), None),
                State::Unknown(why) => (None, None, Some(why)),
            };
            json!({
                "commit": row.commit,
                "subject": row.subject,
                "state": row.state.word().text,
                "places": places,
                "rule": rule,
                "why": why,
            })
        }).collect::<Vec<_>>(),
        "rules": rules.map(|rule| (rule.name().to_owned(), rule.sentence().into()))
            .collect::<serde_json::Map<String, Value>>(),
    })
}
