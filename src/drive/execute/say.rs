//! Appends a person's statement to the ledger, beside the run that may hold the lease.

use crate::base::finding::{Finding, Who};
use crate::base::names::{Person, Sha, TagName};
use crate::ports::{PortError, WritePorts};
use crate::release::ledger::{Event, Ledger};
use crate::release::signature::EntrySignature;
use crate::release::statement::{
    Candidate, LONGEST_REASON, RepositoryStatement, RepositoryWord, Says, Statement,
    StatementSource,
};

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

/// Who makes statements on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeakerOnMachine {
    /// The person.
    pub by: Person,
    /// Whether the forge must verify the signature, because no allowed signer has the key.
    pub needs_forge: bool,
}

/// Who makes statements on this machine: the person whose key git signs with. If no allowed signer has
/// the key, it is the owner of the forge's token, and the forge has to verify the signature.
///
/// # Errors
/// [`NotSaid::Refused`] if nobody could prove who speaks.
pub async fn speaker(
    write_ports: &WritePorts<'_>,
    allowed: &str,
    branch: &str,
    owner: Option<Person>,
) -> Result<SpeakerOnMachine, NotSaid> {
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
        Ok(EntrySignature::Good { by }) => match Person::new(by) {
            Ok(by) => Ok(SpeakerOnMachine { by, needs_forge: false }),
            Err(error) => Err(refused(&error.to_string())),
        },
        Ok(EntrySignature::Foreign { why }) => match owner {
            Some(by) => Ok(SpeakerOnMachine { by, needs_forge: true }),
            None => Err(refused(&why)),
        },
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
) -> Result<(Statement, Sha), NotSaid> {
    refuse_long(reason(&says))?;
    let sealed = ledger.plan().map(|plan| plan.digest());
    let statement = Statement { by, says, about, source: StatementSource::Signature };
    let mut ledger = ledger.clone();
    for _ in 0..TRIES {
        let event = Event::Said(Box::new(statement.clone()));
        let now = write_ports.read_ports().entry_time();
        let entry = ledger.aside(event, write_ports.runner.me(), now);
        match write_ports.remote.append(tag, ledger.head.as_ref(), &[entry]).await {
            Ok(entry) => return Ok((statement, entry)),
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

/// Records a statement about the whole repository. A hold that somebody sets in the meantime is not
/// lifted.
///
/// # Errors
/// If it is not recorded.
pub async fn say_of_repository(
    write_ports: &WritePorts<'_>,
    judged: Option<&Sha>,
    statement: &RepositoryStatement,
) -> Result<Sha, NotSaid> {
    refuse_long(match &statement.says {
        RepositoryWord::Hold { reason, .. } => Some(reason),
        RepositoryWord::Lift => None,
    })?;
    for _ in 0..TRIES {
        let chain = write_ports.remote.holds().await?;
        if statement.says == RepositoryWord::Lift && chain.head.as_ref() != judged {
            let finding = Finding::new("the holds of the repository changed in the meantime")
                .help("look at `tminus next`, and run the command again");
            return Err(NotSaid::Refused(Box::new(finding.who(Who::Operator))));
        }
        let event = Event::Repository(Box::new(statement.clone()));
        let now = write_ports.read_ports().entry_time();
        let entry = chain.aside(event, write_ports.runner.me(), now);
        match write_ports.remote.append_hold(chain.head.as_ref(), &entry).await {
            Ok(entry) => return Ok(entry),
            Err(PortError::Behind { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(PortError::Behind { what: "append to the holds of the repository".into() }.into())
}

fn refuse_long(reason: Option<&str>) -> Result<(), NotSaid> {
    let length = reason.map_or(0, |reason| reason.chars().count());
    if length <= LONGEST_REASON {
        return Ok(());
    }
    let help = format!("write at most {LONGEST_REASON}, and link to the rest");
    let finding = Finding::new(format!("the reason has {length} characters")).help(help);
    Err(NotSaid::Refused(Box::new(finding)))
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
