//! The output of `replay`: past releases, each with the manifest's verdict.

use super::finding::Paint;
use crate::base::clean::{self, clean, clip};
use crate::base::word::{Tone, Word};
use crate::judge::replay::{Judgment, Replayed};
use crate::release::outcome::Outcome;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The maximum length of a reason, in characters.
const CLIP: usize = 120;

/// The manifest would have allowed it, but with another version or tag.
const WRONG: Word = Word::new("wrong", Tone::Bad);

/// One line per release, then how many the manifest allows.
#[must_use]
pub fn replay(replayed: &[Replayed], paint: Paint) -> String {
    let width = replayed.iter().map(|one| clean::name(one.release.tag.as_str()).len()).max();
    let width = width.unwrap_or(0);
    let mut text = String::new();
    for one in replayed {
        let (word, why) = describe(&one.judgment);
        let tag = clean::name(one.release.tag.as_str());
        let row = format!("  {} {}  {tag:<width$}  {why}", paint.word(word, 8), date(one.at));
        let _ = writeln!(text, "{}", row.trim_end());
    }
    if !replayed.is_empty() {
        text.push('\n');
    }
    text.push_str(&summary(replayed));
    text.push('\n');
    text
}

/// How many releases the manifest allows, in one line.
#[must_use]
pub fn summary(replayed: &[Replayed]) -> String {
    let right = replayed.iter().filter(|one| one.is_right()).count();
    match replayed.len() {
        0 => "there are no past releases to check".to_owned(),
        _ if replayed.iter().all(Replayed::is_unknown) => {
            "past releases could not be checked".to_owned()
        }
        1 if right == 1 => "the manifest would have allowed the last release".to_owned(),
        1 => "the manifest would not have allowed the last release".to_owned(),
        all if right == all => format!("the manifest would have allowed the last {all} releases"),
        all => format!("the manifest would have allowed {right} of the last {all} releases"),
    }
}

/// As JSON.
#[must_use]
pub fn document(replayed: &[Replayed]) -> Value {
    let one = |one: &Replayed| {
        let (word, why) = describe(&one.judgment);
        json!({
            "tag": one.release.tag,
            "version": one.release.version,
            "commit": one.release.commit,
            "date": date(one.at),
            "right": one.is_right(),
            "judgment": word.text,
            "why": why,
        })
    };
    let right = replayed.iter().filter(|one| one.is_right()).count();
    let releases: Vec<Value> = replayed.iter().map(one).collect();
    json!({ "schema": 1, "right": right, "releases": releases })
}

/// The word for a result, and its reason, in one line.
fn describe(judgment: &Judgment) -> (Word, String) {
    match judgment {
        Judgment::Right => (Outcome::Go.word(), String::new()),
        Judgment::OtherTag(tag) => {
            (WRONG, format!("the manifest expects the tag {}", clean::name(tag.as_str())))
        }
        Judgment::NothingToRelease(tag) => {
            (WRONG, format!("nothing to release: {} already exists", clean::name(tag.as_str())))
        }
        Judgment::Stopped { verdict, reasons, .. } => {
            let reason = |(gate, why): &(String, String)| match gate.as_str() {
                "" => clip(&clean(why), CLIP).into_owned(),
                gate => format!("{gate}: {}", clip(&clean(why), CLIP)),
            };
            let all: Vec<String> = reasons.iter().map(reason).collect();
            (verdict.word(), all.join("; "))
        }
    }
}

/// A date, in UTC; empty if the time is not in range.
fn date(at: i64) -> String {
    let at = Timestamp::from_second(at).ok();
    at.map(|at| at.to_zoned(TimeZone::UTC).date().to_string()).unwrap_or_default()
}
