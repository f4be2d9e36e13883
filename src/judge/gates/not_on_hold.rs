//! `not-on-hold`: nobody put the release on hold.

use super::gate::{Need, Occasion, Rule};
use super::people::{cannot_read, no_candidate, where_to_say};
use crate::base::finding::Finding;
use crate::base::moment::short;
use crate::judge::case::Case;
use crate::judge::people::{Hold, Statements};
use crate::judge::ruling::Ruling;
use crate::release::statement::Says;

/// The rule.
pub(super) struct NotOnHold;

impl Rule for NotOnHold {
    const ID: &'static str = "not-on-hold";
    const ASKS: &'static str = "is the release free of holds?";
    const PAGE: &'static str = include_str!("../../../docs/gates/not-on-hold.md");
    const AT: &'static [Occasion] = &[Occasion::Check, Occasion::Release];
    type Settings = ();

    fn needs((): &()) -> Vec<Need> {
        vec![Need::Branch, Need::People]
    }

    /// Where nobody ever set a hold, nothing is said about holds.
    fn by_default(case: &Case<'_>) -> bool {
        let holds = |says: &Says| matches!(says, Says::Hold { .. });
        let recorded =
            case.facts.ledger.known().is_ok_and(|ledger| {
                ledger.statements().any(|(.., statement)| holds(&statement.says))
            });
        let said = case.facts.people.known().is_ok_and(|people| {
            people.statements.iter().any(|proven| holds(&proven.statement.says))
        });
        recorded || said
    }

    fn rule(case: &Case<'_>, (): &()) -> Ruling {
        let statements = match Statements::new(case) {
            Ok(Some(statements)) => statements,
            Ok(None) => return no_candidate(case),
            Err(_) if case.facts.people.is_not_asked() => return Ruling::go("nobody set a hold"),
            Err(unseen) => return cannot_read(unseen),
        };
        let now = match case.now() {
            Ok(now) => now,
            Err(unseen) => return Ruling::unseen("the time", unseen),
        };
        let holds = statements.holds(&case.manifest.roles, now);
        let counts = |hold: &&Hold<'_>| hold.stage.is_none_or(|stage| case.stage() == Some(stage));
        let findings: Vec<Finding> =
            holds.iter().filter(counts).map(|hold| finding(&statements, hold)).collect();
        match (findings.first(), holds.first()) {
            (Some(first), _) => Ruling::Hold { summary: first.message.clone(), findings },
            (None, Some(later)) => {
                let stage = later.stage.map_or_else(String::new, ToString::to_string);
                Ruling::go(format!("only stage `{stage}` is on hold"))
            }
            (None, None) => Ruling::go("no hold is in effect"),
        }
    }
}

fn finding(statements: &Statements<'_>, hold: &Hold<'_>) -> Finding {
    let by = &hold.by.statement.by;
    let what = hold.stage.map_or_else(|| "the release".to_owned(), |stage| format!("`{stage}`"));
    let until = hold.until.map_or_else(String::new, |until| format!(" until {}", short(until)));
    let option = hold.stage.map_or_else(String::new, |stage| format!(" --stage {stage}"));
    let comment = hold.stage.map_or_else(String::new, |stage| format!(" {stage}"));
    let help =
        where_to_say(statements, &format!("tminus lift{option}"), &format!("/lift{comment}"));
    Finding::new(format!("{by} put {what} on hold{until}: {}", hold.reason))
        .note(format!("since {}", short(hold.by.at)))
        .help(format!("to lift it, {help}"))
        .people([by.to_string(), "any member of a role".into()])
}
