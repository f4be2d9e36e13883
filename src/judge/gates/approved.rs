//! `approved`: enough members of each role approved the release.

use super::approvers::{Approvers, Counted, RoleApprovals, listed};
use super::gate::{GateSettings, Need, Occasion, Rule, typed};
use super::people::{cannot_read, entering, named_roles, no_candidate};
use crate::base::finding::{Finding, Who};
use crate::base::names::{Person, RoleName, StageName};
use crate::base::seen::Seen;
use crate::facts::people::{Proven, Review, ReviewedPull};
use crate::judge::case::Case;
use crate::judge::people::{ApprovalSource, Membership, Statements, assign};
use crate::judge::ruling::Ruling;
use crate::project::manifest::{Field, Manifest, Mode, Preset, Reader, Shape};
use crate::release::ledger::Ledger;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// The approvals of a role, for reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    /// The role.
    pub role: RoleName,
    /// The number of approvals that it needs.
    pub needed: usize,
    /// People whose approval counts, each with where it was given.
    pub given: Vec<(Person, String)>,
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
        given: given.into_iter().map(|(who, from)| (who.clone(), from.to_string())).collect(),
    });
    Some(all.collect())
}

/// Whether approvals from a source count, so that it must be read.
#[must_use]
pub fn counts_approvals_from(manifest: &Manifest, source: ApprovalSource) -> bool {
    let named = manifest.gates.iter().flatten().find(|entry| entry.id.value == APPROVED);
    let settings = typed::<Approved>(manifest);
    let settings = settings.as_ref().and_then(|settings| settings.get::<Settings>());
    named.is_some_and(|entry| entry.mode != Mode::Off)
        && settings.is_some_and(|settings| settings.from.contains(&source))
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

/// The stage that waits for approvals: the first one with this gate that was not entered, starting
/// with the stage that has the next step.
#[must_use]
pub fn stage_to_approve(case: &Case<'_>, next: Option<&StageName>) -> Option<StageName> {
    let ledger = case.facts.ledger.known().ok();
    let entered = |name: &StageName| ledger.and_then(|it| Ledger::entered(it, name)).is_some();
    let position = |name| case.manifest.position(name);
    let first = next.and_then(position);
    let mut stages = case.manifest.stages_with(APPROVED);
    stages.find(|name| position(name) >= first && !entered(name)).cloned()
}

/// The rule.
pub(super) struct Approved;

/// Its settings.
pub(super) struct Settings {
    roles: Vec<(RoleName, usize)>,
    distinct: bool,
    not_own: bool,
    valid: Option<SignedDuration>,
    from: Vec<ApprovalSource>,
}

/// The words of the sources.
const SOURCES: [(&str, ApprovalSource); 4] = [
    ("signed", ApprovalSource::Signed),
    ("comments", ApprovalSource::Comments),
    ("reviews", ApprovalSource::Reviews),
    ("environments", ApprovalSource::Environments),
];

impl GateSettings for Settings {
    const SHAPE: Shape<'static> = Shape::Object(&[
        Field::new(
            "roles",
            Shape::AnyOf(&[
                Shape::List { of: &Shape::Name, min: 1 },
                Shape::Dictionary(&Shape::Integer { min: 1, max: 100 }),
            ]),
            "The roles that must approve: a list, or a mapping of each role to the number of \
             approvals. If omitted, one member of every role of the manifest.",
        ),
        Field::new(
            "distinct",
            Shape::Flag,
            "Whether each approval must come from a different person. Otherwise, one person with \
             several roles approves for all of them.",
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
        Field::new(
            "from",
            Shape::List {
                of: &Shape::OneOf(&[
                    ("signed", "`tminus approve`, which appends a signed entry to the ledger"),
                    ("comments", "comments on the tracking issue"),
                    ("reviews", "reviews of the pull request that the released commit comes from"),
                    ("environments", "approvals of deployments to the environment of the stage"),
                ]),
                min: 1,
            },
            "Where people approve. An objection counts from every source that is read.",
        )
        .preset(Preset::List(&["signed", "comments"])),
    ]);

    fn read(reader: &Reader<'_>) -> Option<Self> {
        let seconds = reader.optional("valid", Reader::seconds)?;
        Some(Self {
            roles: named_roles(reader)?,
            distinct: reader.flag("distinct")?,
            not_own: reader.flag("not-own")?,
            from: reader
                .texts("from")?
                .iter()
                .map(|text| SOURCES.iter().find(|(word, _)| word == text).map(|(_, it)| *it))
                .collect::<Option<_>>()?,
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
        let roles = &case.manifest.roles;
        let objections = |said: Statements<'_>| {
            !said.objections(roles).is_empty() || !said.change_requests(roles).is_empty()
        };
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
        let reviews = &statements.people().reviews;
        if let (true, Seen::Unseen(unseen)) =
            (settings.from.contains(&ApprovalSource::Reviews), reviews)
        {
            return Ruling::unseen("the reviews of the release's pull request", unseen);
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
    let finding = |proven: &Proven, reason: &str| {
        let by = &proven.statement.by;
        Finding::new(format!("{by} objects: {reason}"))
            .since(Some(proven.at))
            .help(format!("{by} can run `tminus object --withdraw`"))
            .people([by.to_string()])
    };
    let requests = statements.change_requests(&case.manifest.roles);
    let members = objections.iter().filter(|(.., member)| *member == Membership::Member);
    let mut findings: Vec<Finding> =
        members.map(|(proven, reason, _)| finding(proven, reason)).collect();
    let members = requests.iter().filter(|(.., member)| *member == Membership::Member);
    findings.extend(members.map(|(pull, review, _)| changes(pull, review)));
    if let Some(first) = findings.first() {
        return Some(Ruling::NoGo { summary: first.message.clone(), findings });
    }
    let said = objections.iter().map(|(proven, _, member)| (&proven.statement.by, member));
    let reviewed = requests.iter().map(|(_, review, member)| (&review.by, member));
    said.chain(reviewed).find_map(|(by, membership)| {
        let Membership::Unseen(unseen) = membership else { return None };
        let what = format!("{by} objects, and whether that person has a role is unknown");
        Some(Ruling::unknown(unseen.finding(&what)))
    })
}

fn changes(pull: &ReviewedPull, review: &Review) -> Finding {
    let (by, number) = (&review.by, pull.number);
    Finding::new(format!("{by} requested changes on #{number}"))
        .note(review.url.clone())
        .help(format!("{by} can approve #{number}, or somebody can dismiss the review"))
        .people([by.to_string()])
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
            return Err(Ruling::unseen("the authors of the release's commits", unseen));
        }
    };
    let every: Vec<(RoleName, usize)> =
        case.manifest.roles.iter().map(|role| (role.name.clone(), 1)).collect();
    let roles = if settings.roles.is_empty() { &every } else { &settings.roles };
    let approvals = roles.iter().map(|(role, needed)| {
        let (mut unseen, mut rejected) = (false, Vec::new());
        let mut members = statements.approvals(role, stage, after, &settings.from);
        members.retain(|person, _| {
            let membership = statements.membership(role, person);
            unseen |= matches!(membership, Membership::Unseen(_));
            let member = membership == Membership::Member;
            let is_own = own.is_some_and(|own| own.contains(person));
            if member && is_own {
                rejected.push(person.clone());
            }
            member && !is_own
        });
        RoleApprovals { role: role.clone(), needed: *needed, members, own: rejected, unseen }
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
    let missing: Vec<_> = (approvals.iter().zip(&given))
        .map(|(role, given)| (role, role.needed.saturating_sub(given.len()), given.as_slice()))
        .filter(|(_, missing, _)| *missing > 0)
        .collect();
    if missing.is_empty() {
        let who = approvals
            .iter()
            .zip(&given)
            .map(|(role, given)| format!("{}: {}", role.role, listed(given)));
        return Ruling::go(who.collect::<Vec<_>>().join("; "));
    }
    if let Some((role, ..)) = missing.iter().find(|(role, ..)| role.unseen)
        && let Some(unseen) = statements.unseen_members(&role.role)
    {
        return Ruling::unseen(&format!("the members of the role `{}`", role.role), unseen);
    }
    if settings.from.contains(&ApprovalSource::Environments)
        && let Some((name, Seen::Unseen(unseen))) = statements.run_approvals(stage)
    {
        return Ruling::unseen(&format!("the approvals of the environment `{name}`"), unseen);
    }
    let own = settings.not_own.then(|| statements.people().authors.known().ok()).flatten();
    let from = settings.from.as_slice();
    let approvers = Approvers { case, statements, from, stage, own, approvals, given: &given };
    let findings =
        missing.iter().map(|(role, missing, so_far)| approvers.finding(role, *missing, so_far));
    let names: Vec<String> =
        missing.iter().map(|(role, missing, _)| format!("{missing} from {}", role.role)).collect();
    let summary = format!("waiting for approvals: {}", names.join(", "));
    Ruling::Hold { summary, findings: findings.collect() }
}

/// The approvals that count for each role.
fn counted<'p>(settings: &Settings, approvals: &'p [RoleApprovals<'p>]) -> Vec<Counted<'p>> {
    if !settings.distinct {
        let all = |role: &'p RoleApprovals<'p>| role.members.iter().map(|(who, from)| (who, *from));
        return approvals.iter().map(|role| all(role).collect()).collect();
    }
    let places: Vec<(usize, &RoleApprovals<'_>)> = (approvals.iter().enumerate())
        .flat_map(|(at, role)| (0..role.needed).map(move |_| (at, role)))
        .collect();
    let sets: Vec<BTreeSet<&Person>> =
        places.iter().map(|(_, role)| role.members.keys().collect()).collect();
    let mut given = vec![Vec::new(); approvals.len()];
    for ((at, role), person) in places.iter().zip(assign(&sets)) {
        let from = person.and_then(|person| role.members.get(person));
        if let (Some(given), Some(person), Some(from)) = (given.get_mut(*at), person, from) {
            given.push((person, *from));
        }
    }
    given
}
