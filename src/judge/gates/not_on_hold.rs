//! `not-on-hold`: nobody put the release on hold.

use super::gate::{Need, Occasion, Rule};
use super::people::{cannot_read, no_candidate, where_to_say};
use crate::base::finding::Finding;
use crate::base::moment::short;
use crate::base::seen::{Seen, Unseen};
use crate::judge::case::Case;
use crate::judge::people::{Hold, RepositoryHold, Statements, repository_holds};
use crate::judge::ruling::Ruling;
use crate::project::manifest::Role;
use crate::release::statement::Says;
use jiff::Timestamp;

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

    /// If nobody ever set a hold, the report does not mention holds.
    fn by_default(case: &Case<'_>) -> bool {
        if !case.facts.repository_holds.is_not_asked() {
            return true;
        }
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
        let now = match case.now() {
            Ok(now) => now,
            Err(unseen) => return Ruling::unseen("the time", unseen),
        };
        match of_repository(case, now) {
            Ok(findings) if findings.is_empty() => {}
            Ok(findings) => return held(findings),
            Err(unseen) => return Ruling::unseen("the holds on the repository", unseen),
        }
        let statements = match Statements::new(case) {
            Ok(Some(statements)) => statements,
            Ok(None) => return no_candidate(case),
            Err(_) if case.facts.people.is_not_asked() => {
                return Ruling::go(match case.facts.repository_holds.is_not_asked() {
                    true => "nobody set a hold",
                    false => "no hold is in effect",
                });
            }
            Err(unseen) => return cannot_read(unseen),
        };
        let holds = statements.holds(&case.manifest.roles, now);
        let counts = |hold: &&Hold<'_>| hold.stage.is_none_or(|stage| case.stage() == Some(stage));
        let findings: Vec<Finding> =
            holds.iter().filter(counts).map(|hold| finding(&statements, hold)).collect();
        match (findings.is_empty(), holds.first()) {
            (false, _) => held(findings),
            (true, Some(later)) => {
                let stage = later.stage.map_or_else(String::new, ToString::to_string);
                Ruling::go(format!("only stage `{stage}` is on hold"))
            }
            (true, None) => Ruling::go("no hold is in effect"),
        }
    }
}

fn of_repository<'a>(case: &Case<'a>, now: Timestamp) -> Result<Vec<Finding>, &'a Unseen> {
    let roles = &case.manifest.roles;
    let holds = match &case.facts.repository_holds {
        Seen::Known(holds) => repository_holds(holds, roles, now),
        holds if holds.is_not_asked() => Vec::new(),
        Seen::Unseen(unseen) => return Err(unseen),
    };
    Ok(holds.iter().map(|hold| every_release(hold, roles)).collect())
}

fn held(findings: Vec<Finding>) -> Ruling {
    let summary = findings.first().map(|first| first.message.clone()).unwrap_or_default();
    Ruling::Hold { summary, findings }
}

fn every_release(hold: &RepositoryHold<'_>, roles: &[Role]) -> Finding {
    let RepositoryHold { by, at, reason, until } = hold;
    let until = until.map_or_else(String::new, |until| format!(" until {}", short(until)));
    let others = (!roles.is_empty()).then(|| "any member of a role".to_owned());
    Finding::new(format!("{by} put every release in the repository on hold{until}: {reason}"))
        .note(format!("since {}", short(*at)))
        .help("to lift it, run `tminus lift --repository`")
        .people([by.to_string()].into_iter().chain(others))
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
        .since(Some(hold.by.at))
}
