//! Appends a person's statement to the ledger, beside the run that may hold the lease.

use crate::base::finding::{Finding, Who};
use crate::base::names::{Person, TagName};
use crate::ports::{PortError, WritePorts};
use crate::release::ledger::{Event, Ledger};
use crate::release::signature::EntrySignature;
use crate::release::statement::{Candidate, LONGEST_REASON, Says, Statement, StatementSource};

/// How often a statement is appended again after another process wrote first.
const TRIES: usize = 20;

/// Why a statement was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum NotSaid {
    /// The statement is not valid.
    #[error("{}", .0.message)]
    Refused(Box<Finding>),
    /// The ledger could not be read or written.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Who makes statements on this machine: the person whose key git signs with.
///
/// # Errors
/// [`NotSaid::Refused`] if no allowed signer has the key.
pub async fn speaker(
    write_ports: &WritePorts<'_>,
    allowed: &str,
    branch: &str,
) -> Result<Person, NotSaid> {
    let file = crate::drive::observe::SIGNERS;
    let refused = |why: &str| {
        let help = format!(
            "configure git to sign with an SSH key (`gpg.format`, `user.signingkey`), and add the \
             line `YOUR-LOGIN PUBLIC-KEY` to `{file}` on `{branch}`"
        );
        let finding = Finding::new(format!("cannot prove who makes this statement: {why}"));
        NotSaid::Refused(Box::new(finding.help(help).who(Who::Operator)))
    };
    match write_ports.remote.signer(allowed, write_ports.clock.now()).await {
        Ok(EntrySignature::Good { by }) => {
            Person::new(by).map_err(|error| refused(&error.to_string()))
        }
        Ok(EntrySignature::Unsigned) => Err(refused("git is not configured to sign")),
        Ok(EntrySignature::Bad { why } | EntrySignature::Unchecked { why }) => Err(refused(&why)),
        Err(PortError::Refused { why, .. }) => Err(refused(&why)),
        Err(error) => Err(error.into()),
    }
}

/// Records a statement about a candidate. If the plan was sealed or replaced in the meantime, nothing
/// is recorded, because the statement would be about another plan.
///
/// # Errors
/// If it is not recorded.
pub async fn say(
    write_ports: &WritePorts<'_>,
    tag: &TagName,
    ledger: &Ledger,
    (by, says): (Person, Says),
    about: Candidate,
) -> Result<Statement, NotSaid> {
    if let Some(long) = reason(&says).filter(|text| text.chars().count() > LONGEST_REASON) {
        let message = format!("the reason has {} characters", long.chars().count());
        let help = format!("write at most {LONGEST_REASON}, and link to the rest");
        return Err(NotSaid::Refused(Box::new(Finding::new(message).help(help))));
    }
    let sealed = ledger.plan().map(|plan| plan.digest());
    let statement = Statement { by, says, about, source: StatementSource::Signature };
    let mut ledger = ledger.clone();
    for _ in 0..TRIES {
        let event = Event::Said(Box::new(statement.clone()));
        let entry = ledger.aside(event, write_ports.runner.me(), write_ports.clock.now());
        match write_ports.remote.append(tag, ledger.head.as_ref(), &[entry]).await {
            Ok(_) => return Ok(statement),
            Err(PortError::Behind { .. }) => {
                ledger = write_ports.remote.ledger(tag).await?;
                if ledger.plan().map(|plan| plan.digest()) != sealed {
                    let finding =
                        Finding::new("the plan of the release has changed in the meantime")
                            .help("check `tminus status`, then run the command again");
                    return Err(NotSaid::Refused(Box::new(finding.who(Who::Operator))));
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(PortError::Behind { what: format!("append to the ledger of {tag}") }.into())
}

fn reason(says: &Says) -> Option<&str> {
    match says {
        Says::Object { reason } | Says::Reject { reason, .. } | Says::Hold { reason, .. } => {
            Some(reason)
        }
        Says::Approve { .. }
        | Says::WithdrawObjection
        | Says::Done { .. }
        | Says::Accept { .. }
        | Says::Lift { .. } => None,
    }
}
