//! `approved`: enough members of each role approved the release.

use super::gate::{GateSettings, Need, Occasion, Rule, typed};
use super::people::{cannot_read, entering, named_roles, no_candidate, where_to_say};
use crate::base::finding::{Finding, Who};
use crate::base::names::{Person, RoleName, StageName};
use crate::base::seen::Seen;
use crate::judge::case::Case;
use crate::judge::people::{Membership, Statements, assign};
use crate::judge::ruling::Ruling;
use crate::project::manifest::{Field, Manifest, Preset, Reader, Role, Shape};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// The approvals of a role, for reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    /// The role.
    pub role: RoleName,
    /// The number of approvals that it needs.
    pub needed: usize,
    /// People whose approval counts.
    pub given: Vec<Person>,
}

/// The approvals that a release needs, and those that it has; `None` if the manifest needs none or
/// they cannot be read.
#[must_use]
pub fn sign_offs(case: &Case<'_>) -> Option<Vec<SignOff>> {
    let manifest = case.manifest;
    let stage = manifest.first_stage_with(APPROVED);
    let named = manifest.gates.iter().flatten().any(|entry| entry.id.value == APPROVED);
    if stage.is_none() && !named {
        return None;
    }
    let settings = typed::<Approved>(manifest)?;
    let settings = settings.get::<Settings>()?;
    let statements = Statements::new(case).ok()??;
    let stage = match entering(case, APPROVED) {
        Ok(stage) => stage,
        Err(entered) => Some(entered),
    };
    let approvals = approvals(case, settings, &statements, stage).ok()?;
    let given = counted(settings, &approvals);
    let all = approvals.iter().zip(given).map(|(role, given)| SignOff {
        role: role.role.clone(),
        needed: role.needed,
        given: given.into_iter().cloned().collect(),
    });
    Some(all.collect())
}

/// Whether approvals of the authors of the release do not count, so that the authors must be known.
#[must_use]
pub fn asks_authors(manifest: &Manifest) -> bool {
    let settings = typed::<Approved>(manifest);
    let settings = settings.as_ref().and_then(|settings| settings.get::<Settings>());
    settings.is_some_and(|settings| settings.not_own)
}

/// The name of the gate.
pub const APPROVED: &str = Approved::ID;

/// The rule.
pub(super) struct Approved;

/// Its settings.
pub(super) struct Settings {
    roles: Vec<(RoleName, usize)>,
    distinct: bool,
    not_own: bool,
    valid: Option<SignedDuration>,
}

impl GateSettings for Settings {
    const SHAPE: Shape<'static> = Shape::Object(&[
        Field::new(
            "roles",
            Shape::AnyOf(&[
                Shape::List { of: &Shape::Name, min: 1 },
                Shape::Dictionary(&Shape::Integer { min: 1, max: 100 }),
            ]),
            "The roles that must approve: a list, or a mapping of each role to the number of approvals. \
             If omitted, one member of every role of the manifest.",
        ),
        Field::new(
            "distinct",
            Shape::Flag,
            "Whether each approval must come from another person. Otherwise, one person with several roles \
             approves for all of them.",
        )
        .preset(Preset::Flag(false)),
        Field::new(
            "not-own",
            Shape::Flag,
            "Whether the approvals of people who wrote commits of the release do not count.",
        )
        .preset(Preset::Flag(false)),
        Field::new(
            "valid",
            Shape::Duration,
            "How long an approval is valid. If omitted, it does not expire.",
        ),
    ]);

    fn read(reader: &Reader<'_>) -> Option<Self> {
        let seconds = reader.optional("valid", Reader::seconds)?;
        Some(Self {
            roles: named_roles(reader)?,
            distinct: reader.flag("distinct")?,
            not_own: reader.flag("not-own")?,
            valid: seconds.map(|seconds| {
                SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
            }),
        })
    }
}

impl Rule for Approved {
    const ID: &'static str = "approved";
    const ASKS: &'static str = "did enough members of each role approve the release?";
    const PAGE: &'static str = include_str!("../../../docs/gates/approved.md");
    const AT: &'static [Occasion] = &[Occasion::Check, Occasion::Release];
    type Settings = Settings;

    fn needs(_: &Settings) -> Vec<Need> {
        vec![Need::Branch, Need::People]
    }

    fn by_default(case: &Case<'_>) -> bool {
        case.manifest.first_stage_with(Self::ID).is_some()
    }

    /// An objection stops a release from the start.
    fn before(case: &Case<'_>) -> Option<StageName> {
        let objections = |said: Statements<'_>| !said.objections(&case.manifest.roles).is_empty();
        let objected = Statements::new(case).ok().flatten().is_some_and(objections);
        case.manifest.first_stage_with(Self::ID).filter(|_| !objected).cloned()
    }

    fn rule(case: &Case<'_>, settings: &Settings) -> Ruling {
        let statements = match Statements::new(case) {
            Ok(Some(statements)) => statements,
            Ok(None) => return no_candidate(case),
            Err(unseen) => return cannot_read(unseen),
        };
        if let Some(ruling) = objection(case, &statements) {
            return ruling;
        }
        let entering = match entering(case, Self::ID) {
            Ok(stage) => stage,
            Err(entered) => {
                return Ruling::go(format!("`{entered}` was entered; nobody objects"));
            }
        };
        match approvals(case, settings, &statements, entering) {
            Ok(approvals) => judge(case, settings, &statements, entering, &approvals),
            Err(ruling) => ruling,
        }
    }
}

/// Whether somebody objects.
fn objection(case: &Case<'_>, statements: &Statements<'_>) -> Option<Ruling> {
    let objections = statements.objections(&case.manifest.roles);
    let finding = |by: &Person, reason: &str| {
        Finding::new(format!("{by} objects: {reason}"))
            .help(format!("{by} can run `tminus object --withdraw`"))
            .people([by.to_string()])
    };
    let members = objections.iter().filter(|(.., member)| *member == Membership::Member);
    let findings: Vec<Finding> =
        members.map(|(proven, reason, _)| finding(&proven.statement.by, reason)).collect();
    if let Some(first) = findings.first() {
        return Some(Ruling::NoGo { summary: first.message.clone(), findings });
    }
    objections.iter().find_map(|(proven, _, membership)| {
        let Membership::Unseen(unseen) = membership else { return None };
        let what = format!(
            "{} objects, and whether that person has a role is unknown",
            proven.statement.by
        );
        Some(Ruling::unknown(unseen.finding(&what)))
    })
}

/// A role, the number of approvals that it needs, and who approved in it.
struct RoleApprovals<'a> {
    role: RoleName,
    needed: usize,
    members: BTreeSet<&'a Person>,
    /// People whose membership could not be read.
    unseen: bool,
}

fn approvals<'a>(
    case: &Case<'a>,
    settings: &Settings,
    statements: &Statements<'a>,
    stage: Option<&StageName>,
) -> Result<Vec<RoleApprovals<'a>>, Ruling> {
    let now = case.now().map_err(|unseen| Ruling::unseen("the time", unseen))?;
    let after = settings.valid.map(|valid| now.checked_sub(valid).unwrap_or(Timestamp::MIN));
    let own = match (settings.not_own, &statements.people().authors) {
        (false, _) => None,
        (true, Seen::Known(authors)) => Some(authors),
        (true, Seen::Unseen(unseen)) => {
            return Err(Ruling::unseen("who wrote the commits of the release", unseen));
        }
    };
    let every: Vec<(RoleName, usize)> =
        case.manifest.roles.iter().map(|role| (role.name.clone(), 1)).collect();
    let roles = if settings.roles.is_empty() { &every } else { &settings.roles };
    let approvals = roles.iter().map(|(role, needed)| {
        let mut unseen = false;
        let mut members = statements.approvals(role, stage, after);
        members.retain(|person| {
            let membership = statements.membership(role, person);
            unseen |= matches!(membership, Membership::Unseen(_));
            membership == Membership::Member && own.is_none_or(|own| !own.contains(*person))
        });
        RoleApprovals { role: role.clone(), needed: *needed, members, unseen }
    });
    Ok(approvals.collect())
}

fn judge(
    case: &Case<'_>,
    settings: &Settings,
    statements: &Statements<'_>,
    stage: Option<&StageName>,
    approvals: &[RoleApprovals<'_>],
) -> Ruling {
    if approvals.is_empty() {
        let finding = Finding::new("the manifest defines no role that can approve the release")
            .help("add `roles` to the manifest")
            .who(Who::Author);
        return Ruling::no_go(finding);
    }
    let given = counted(settings, approvals);
    let missing: Vec<(&RoleApprovals<'_>, usize, &[&Person])> = (approvals.iter().zip(&given))
        .map(|(role, given)| (role, role.needed.saturating_sub(given.len()), given.as_slice()))
        .filter(|(_, missing, _)| *missing > 0)
        .collect();
    if missing.is_empty() {
        let who = approvals.iter().zip(&given).map(|(role, given)| {
            let names: Vec<String> = given.iter().map(ToString::to_string).collect();
            format!("{}: {}", role.role, names.join(", "))
        });
        return Ruling::go(who.collect::<Vec<_>>().join("; "));
    }
    if let Some((role, ..)) = missing.iter().find(|(role, ..)| role.unseen)
        && let Some(unseen) = statements.unseen_members(&role.role)
    {
        return Ruling::unseen(&format!("the members of the role `{}`", role.role), unseen);
    }
    let findings = missing.iter().map(|(role, missing, given)| {
        let needs = match missing {
            1 => format!("waiting for approval from the role `{}`", role.role),
            n => format!("waiting for {n} approvals from the role `{}`", role.role),
        };
        let members = case.manifest.role(&role.role).map(Role::described).unwrap_or_default();
        let finding = Finding::new(needs);
        let finding = match given {
            [] => finding,
            given => {
                let names: Vec<String> = given.iter().map(ToString::to_string).collect();
                finding.note(format!("approved so far: {}", names.join(", ")))
            }
        };
        let stage = stage.map_or_else(String::new, |stage| format!(" --stage {stage}"));
        let command = format!("tminus approve {}{stage}", role.role);
        let comment = format!("/approve {}", role.role);
        let help = where_to_say(statements, &command, &comment);
        finding.help(help).people(members)
    });
    let names: Vec<String> =
        missing.iter().map(|(role, missing, _)| format!("{missing} from {}", role.role)).collect();
    let summary = format!("waiting for approvals: {}", names.join(", "));
    Ruling::Hold { summary, findings: findings.collect() }
}

/// The approvals that count for each role.
fn counted<'p>(settings: &Settings, approvals: &[RoleApprovals<'p>]) -> Vec<Vec<&'p Person>> {
    if !settings.distinct {
        let all = |role: &RoleApprovals<'p>| role.members.iter().copied().collect();
        return approvals.iter().map(all).collect();
    }
    let places: Vec<(usize, BTreeSet<&Person>)> = (approvals.iter().enumerate())
        .flat_map(|(at, role)| (0..role.needed).map(move |_| (at, role.members.clone())))
        .collect();
    let sets: Vec<BTreeSet<&Person>> = places.iter().map(|(_, members)| members.clone()).collect();
    let mut given = vec![Vec::new(); approvals.len()];
    for ((at, _), person) in places.iter().zip(assign(&sets)) {
        if let (Some(given), Some(person)) = (given.get_mut(*at), person) {
            given.push(person);
        }
    }
    given
}
