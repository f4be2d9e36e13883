//! The output of `status --verify`: whether a ledger is true.

use super::ending::Ending;
use super::finding::{Paint, Sources, finding};
use super::json::FORMAT;
use crate::base::clean::{clean, name};
use crate::base::finding::Finding;
use crate::base::names::TagName;
use crate::facts::Facts;
use crate::planner::audit::{EntryFinding, Signed, audit, signatures};
use crate::planner::claims::{Claims, claims};
use crate::release::ledger::{Event, Ledger};
use crate::release::outcome::Outcome;
use crate::release::plan::Plan;
use crate::release::signature::LedgerProof;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The result of verifying a ledger.
#[derive(Debug)]
pub struct Audited<'a> {
    tag: &'a TagName,
    ledger: &'a Ledger,
    signed: Signed,
    claims: Claims,
    wrong: Vec<EntryFinding>,
    unknown: Vec<EntryFinding>,
    gone: bool,
}

impl<'a> Audited<'a> {
    /// Verifies a ledger.
    #[must_use]
    pub fn new(tag: &'a TagName, ledger: &'a Ledger, facts: &Facts, proof: &LedgerProof) -> Self {
        let (signed, claims) = (signatures(ledger, &proof.signatures), claims(ledger, facts));
        let mut wrong = audit(ledger);
        wrong.extend(signed.wrong.iter().chain(&claims.wrong).cloned());
        wrong.sort_by_key(|found| found.entry);
        let mut unknown: Vec<EntryFinding> =
            signed.unchecked.iter().chain(&claims.unseen).cloned().collect();
        unknown.sort_by_key(|found| found.entry);
        Self { tag, ledger, signed, claims, wrong, unknown, gone: proof.gone }
    }

    /// No-go if something is wrong, unknown if something could not be read.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if self.gone || !self.wrong.is_empty() {
            Outcome::NoGo
        } else if !self.unknown.is_empty() {
            Outcome::Unknown
        } else {
            Outcome::Go
        }
    }

    /// The finding that the ledger was deleted.
    fn deleted(&self) -> Finding {
        let copy = format!("refs/tminus/remote/{}", self.tag);
        Finding::new(format!(
            "the ledger of {} was deleted since this clone last read it",
            self.tag
        ))
        .note(format!("`git log {copy}` shows its entries"))
        .help(format!(
            "if that was intended, run `git update-ref -d {copy}`; `tminus release` continues \
                 from the actual state"
        ))
    }

    fn findings(&self) -> impl Iterator<Item = (Outcome, Option<usize>, Finding)> {
        let gone = self.gone.then(|| (Outcome::NoGo, None, self.deleted()));
        let of = |outcome| {
            move |found: &EntryFinding| (outcome, Some(found.entry), found.finding.clone())
        };
        gone.into_iter()
            .chain(self.wrong.iter().map(of(Outcome::NoGo)))
            .chain(self.unknown.iter().map(of(Outcome::Unknown)))
    }

    fn leases(&self) -> usize {
        let leased = |event: &Event| matches!(event, Event::Leased { .. });
        self.ledger.entries.iter().filter(|entry| leased(&entry.event)).count()
    }

    /// The sentence at the end of the last line.
    fn said(&self) -> String {
        match (self.findings().count(), self.outcome()) {
            (_, Outcome::Go) if self.ledger.entries.is_empty() => {
                format!("there is no ledger of {}", self.tag)
            }
            (_, Outcome::Go) => format!("every claim of the ledger of {} is true", self.tag),
            (1, _) => format!("1 finding in the ledger of {}", self.tag),
            (n, _) => format!("{n} findings in the ledger of {}", self.tag),
        }
    }

    /// As text.
    #[must_use]
    pub fn text(&self, paint: Paint) -> String {
        let mut text = String::new();
        for (outcome, _, found) in self.findings() {
            let found = finding(outcome, Some("ledger"), &found, &Sources::default(), paint);
            let _ = writeln!(text, "{found}\n");
        }
        if !self.ledger.entries.is_empty() {
            let _ =
                writeln!(text, "{}", paint.bold(&format!("ledger of {}", name(self.tag.as_str()))));
            let (entries, leases) = (self.ledger.entries.len(), self.leases());
            let (entries, leases) =
                (count(entries, "entry", "entries"), count(leases, "lease", "leases"));
            let plan = match self.ledger.plan() {
                Some(plan) => format!("plan {}", plan.digest().short()),
                None => "no plan".into(),
            };
            let _ = writeln!(text, "  {entries}, {leases}, {plan}");
            let _ = writeln!(text, "  {}", self.signers());
            let steps = count(self.claims.count, "step", "steps");
            let _ = writeln!(text, "  {steps} recorded as done");
        }
        let _ = writeln!(text, "{}", Ending::new(self.outcome(), clean(&self.said())).line(paint));
        text
    }

    fn signers(&self) -> String {
        let all: usize = self.signed.by.values().sum();
        if all == 0 {
            let signed = !self.signed.wrong.is_empty() || !self.signed.unchecked.is_empty();
            let is = if signed { "has a valid signature" } else { "is signed" };
            return format!("no entry {is}");
        }
        let by = self.signed.by.iter().map(|(who, n)| format!("{} ({n})", clean(who)));
        let by: Vec<String> = by.collect();
        format!(
            "{all} of {} signed, by {}",
            count(self.ledger.entries.len(), "entry", "entries"),
            by.join(", ")
        )
    }

    /// As JSON.
    #[must_use]
    pub fn document(&self) -> Value {
        let findings = self.findings().map(|(outcome, entry, finding)| {
            json!({ "entry": entry, "word": outcome.word().text, "finding": finding })
        });
        json!({
            "format": FORMAT,
            "outcome": self.outcome().word().text,
            "exit": self.outcome().exit().code(),
            "tag": self.tag,
            "head": self.ledger.head,
            "entries": self.ledger.entries.len(),
            "leases": self.leases(),
            "digest": self.ledger.plan().map(Plan::digest),
            "steps": self.claims.count,
            "signed": self.signed.by,
            "findings": findings.collect::<Vec<_>>(),
        })
    }
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
