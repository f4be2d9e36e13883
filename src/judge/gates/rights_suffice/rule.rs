//! The gate itself.

use super::needs::{Needs, TagCreator};
use super::tag::Tag;
use super::tally::RulingBuilder;
use super::words::{grant, grant_push, moment, token_description};
use crate::base::finding::{Finding, Who};
use crate::base::number::grouped;
use crate::facts::Seen;
use crate::facts::rights::{Permission, PushIdentity, Rights, TokenKind};
use crate::judge::case::Case;
use crate::judge::gates::counts_approvals_from;
use crate::judge::gates::gate::{GateSettings, Need, Occasion, Rule};
use crate::judge::people::ApprovalSource;
use crate::judge::ruling::Ruling;
use crate::project::manifest::{Field, ForgeMessages, Manifest, Preset, Reader, Shape};

/// The rule.
pub(in crate::judge::gates) struct RightsSuffice;

/// Its settings.
pub(in crate::judge::gates) struct Settings {
    bypass: Vec<String>,
}

impl GateSettings for Settings {
    const SHAPE: Shape<'static> = Shape::Object(&[Field::new(
        "bypass",
        Shape::List { of: &Shape::Text, min: 0 },
        "Names of the tag rulesets that the deploy key or account used by git can bypass. Set this \
         if git does not push with the API token, because GitHub does not report what another key \
         or account can bypass.",
    )
    .preset(Preset::List(&[]))]);

    fn read(reader: &Reader<'_>) -> Option<Self> {
        Some(Self { bypass: reader.texts("bypass")? })
    }
}

impl Rule for RightsSuffice {
    const ID: &'static str = "rights-suffice";
    const ASKS: &'static str = "do the credentials have the permissions that the release needs?";
    const PAGE: &'static str = include_str!("../../../../docs/gates/rights-suffice.md");
    const AT: &'static [Occasion] = &[Occasion::Release];
    const NAMED_AT: &'static [Occasion] = &[Occasion::Check];
    const WAIVABLE: bool = false;
    type Settings = Settings;

    fn needs(_: &Settings) -> Vec<Need> {
        vec![Need::Rights, Need::Tag]
    }

    fn rule(case: &Case<'_>, settings: &Settings) -> Ruling {
        let (manifest, facts) = (case.manifest, case.facts);
        let rights = match facts.rights.known() {
            Ok(rights) => rights,
            Err(unseen) => return Ruling::unseen("the permissions of the credentials", unseen),
        };
        let (needs, words) = (Needs::of(case), manifest.forge.words);
        let mut tally = RulingBuilder::default();
        if needs.api {
            releases(rights, words, &mut tally);
        }
        push(rights, &needs, words, &mut tally);
        if let Some(maker) = needs.tag.filter(|_| manifest.forge.has_releases()) {
            match case.target() {
                Ok(target) => {
                    let bypass = &settings.bypass;
                    let (tag, now) = (&target.tag, None);
                    let tag = Tag { facts, rights, tag, now, maker, bypass, words };
                    tag.rules(&mut tally);
                    tag.workflows(&mut tally);
                }
                Err(none) => tally.unknown(none.finding()),
            }
        }
        if manifest.forge.has_releases() && manifest.moving_tags().next().is_some() {
            moving(case, rights, settings, &mut tally);
        }
        if manifest.forge.has_releases() {
            environments(rights, manifest, &mut tally);
            issues(rights, manifest, &mut tally);
            deployments(rights, manifest, &mut tally);
        }
        if needs.api {
            immutable(rights, &mut tally);
        }
        blockers(case, &mut tally);
        feedback(case, &mut tally);
        quotas(rights, &needs, &mut tally);
        tally.ruling()
    }
}

/// Whether the moving tags can be moved.
fn moving(case: &Case<'_>, rights: &Rights, settings: &Settings, tally: &mut RulingBuilder) {
    let facts = case.facts;
    if let Err(unseen) = facts.moving.known() {
        return tally.unseen("where the moving tags are", unseen);
    }
    for (moving, known) in case.due_to_move() {
        let (tag, now, maker) = (&moving.tag, known.at.as_ref(), TagCreator::Git);
        let (bypass, words) = (&settings.bypass, case.manifest.forge.words);
        Tag { facts, rights, tag, now, maker, bypass, words }.rules(tally);
        match known.locked.known() {
            _ if now.is_none() => {}
            Ok(false) => {}
            Ok(true) => tally.no(Finding::new(format!(
                "tag `{tag}` belongs to an immutable release, so it cannot be moved"
            ))
            .help("remove the tag from `move-tag`, or use another name for the moving tag")
            .who(Who::Author)),
            Err(unseen) => {
                tally.unseen(&format!("whether an immutable release has the tag `{tag}`"), unseen);
            }
        }
    }
}

fn releases(rights: &Rights, words: &ForgeMessages, tally: &mut RulingBuilder) {
    let denied = match rights.releases.known() {
        Ok(Permission::Granted) => return tally.fine("can create releases"),
        Ok(Permission::Denied { needs, why }) => (needs, why),
        Err(unseen) => return tally.unseen("whether the token can create releases", unseen),
    };
    let (needs, why) = denied;
    if is_archived(why.as_ref()) {
        return tally.no(archived());
    }
    // If the missing item is not a permission, the token itself is invalid.
    let (message, help) = if needs.contains(':') {
        (format!("cannot create releases: the token lacks `{needs}`"), grant(&rights.token, words))
    } else {
        let message = "cannot create releases: the token is missing, expired or invalid";
        (message.to_owned(), words.set_token)
    };
    let mut finding = Finding::new(message);
    finding.notes.extend(why.clone());
    finding.notes.extend(token_description(&rights.token, words));
    tally.no(finding.help(help).who(Who::Grantor));
}

fn push(rights: &Rights, needs: &Needs, words: &ForgeMessages, tally: &mut RulingBuilder) {
    let push = match rights.push.known() {
        Ok(push) => push,
        Err(unseen) => return tally.unseen("whether git can push", unseen),
    };
    match &push.leave {
        Permission::Granted => tally.fine("git can push"),
        // This was already reported for the same token.
        Permission::Denied { .. }
            if push.with == PushIdentity::Token
                && needs.api
                && matches!(rights.releases, Seen::Known(Permission::Denied { .. })) => {}
        Permission::Denied { why, .. } if is_archived(why.as_ref()) => tally.no(archived()),
        Permission::Denied { needs, why } => {
            let why = why.as_ref().map_or_else(|| format!("this needs {needs}"), Clone::clone);
            tally.no(Finding::new(format!("git cannot push to the remote: {why}"))
                .note("tminus pushes the tag and the ledger with git")
                .help(grant_push(push.with, &rights.token, words))
                .who(granter(push.with)));
        }
    }
}

/// Whether the other side's message says that the repository is archived.
fn is_archived(why: Option<&String>) -> bool {
    why.is_some_and(|why| why.contains("archived"))
}

fn archived() -> Finding {
    Finding::new("the repository is archived: nothing can be written to it")
        .help("unarchive it in the repository's settings first")
        .who(Who::Administrator)
}

/// Who can grant git the permission to push.
fn granter(with: PushIdentity) -> Who {
    match with {
        PushIdentity::Token | PushIdentity::Helper => Who::Grantor,
        PushIdentity::Key => Who::Administrator,
        PushIdentity::Nobody => Who::Operator,
    }
}

/// A job that names an environment that does not exist creates it, without protection rules
/// (<https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments>).
fn environments(rights: &Rights, manifest: &Manifest, tally: &mut RulingBuilder) {
    let forge = manifest.forge.words.name;
    let named = manifest.stages.iter().filter_map(|stage| Some((stage, stage.environment_name()?)));
    for (stage, name) in named {
        let found = match rights.environments.known() {
            Ok(found) => found.iter().find(|one| one.name.eq_ignore_ascii_case(name)),
            Err(unseen) => {
                return tally.unseen("which environments exist", unseen);
            }
        };
        match found.map(|found| found.rules) {
            None => tally.no(Finding::new(format!("environment `{name}` does not exist"))
                .at(&manifest.source.name, stage.name.span, "the stage that uses it")
                .note(format!(
                    "{forge} would create it without protection rules when the job starts"
                ))
                .help("create it in the repository's settings, with its reviewers")
                .who(Who::Administrator)),
            Some(0) => tally.fine(format!("environment `{name}` has no protection rules")),
            Some(1) => tally.fine(format!("environment `{name}` has 1 protection rule")),
            Some(n) => tally.fine(format!("environment `{name}` has {n} protection rules")),
        }
    }
}

/// A stage with an environment creates a deployment. If the forge does not report the permission,
/// this does not block the release.
fn deployments(rights: &Rights, manifest: &Manifest, tally: &mut RulingBuilder) {
    let deploys = manifest.stages.iter().any(|stage| stage.environment.is_some());
    if !deploys || rights.deployments.is_not_asked() {
        return;
    }
    match rights.deployments.known() {
        Ok(Permission::Granted) => tally.fine("can create deployments"),
        Err(_) => tally.fine("permission to create deployments: unknown"),
        Ok(Permission::Denied { needs, why }) => {
            let lacks = if needs.contains(':') { format!("`{needs}`") } else { needs.clone() };
            let mut finding =
                Finding::new(format!("cannot create deployments: the token lacks {lacks}"));
            finding.notes.extend(why.clone());
            finding.notes.extend(token_description(&rights.token, manifest.forge.words));
            tally.no(finding.help(format!("grant the token {lacks}")).who(Who::Grantor));
        }
    }
}

/// The permission to read what `no-blockers` reads, if it runs. Only reading shows whether it is
/// permitted.
fn blockers(case: &Case<'_>, tally: &mut RulingBuilder) {
    let seen = &case.facts.blockers;
    match seen.known() {
        Err(_) if seen.is_not_asked() => {}
        Ok(_) => tally.fine("can read issues and pull requests"),
        Err(unseen) if unseen.who == Some(Who::Grantor) => {
            tally.no(unseen.finding("cannot read issues and pull requests"));
        }
        Err(unseen) => tally.unseen("whether the token can read issues and pull requests", unseen),
    }
}

/// What `accepted` lists. It never blocks: the list stops nothing.
fn feedback(case: &Case<'_>, tally: &mut RulingBuilder) {
    let Some(feedback) = crate::judge::gates::feedback(case) else { return };
    tally.fine(match feedback.seen().known() {
        Ok(_) => "can read the feedback issues".into(),
        Err(unseen) => format!("cannot read the feedback issues: {}", unseen.why),
    });
}

/// Whether the tracking issue can be written. No request shows it without writing. It never blocks: a
/// release does not need its issue.
fn issues(rights: &Rights, manifest: &Manifest, tally: &mut RulingBuilder) {
    if !manifest.asks_people() {
        return;
    }
    let kind = rights.token.known().map(|token| &token.kind);
    let scopes = ["repo", "public_repo"];
    tally.fine(match kind {
        Ok(TokenKind::Classic { scopes: has }) => {
            match has.iter().any(|scope| scopes.contains(&scope.as_str())) {
                true => "can write the tracking issue",
                false => "cannot write the tracking issue: the token lacks the scope `repo`",
            }
        }
        Ok(TokenKind::Job | TokenKind::App | TokenKind::FineGrained | TokenKind::Unknown)
        | Err(_) => "permission to write the tracking issue (`issues: write`): unknown",
    });
    if counts_approvals_from(manifest, ApprovalSource::Reviews) {
        tally.fine("reading the reviews of the pull request needs `pull-requests: read`");
    }
    if counts_approvals_from(manifest, ApprovalSource::Environments) {
        tally.fine("reading the approvals of deployments needs `actions: read`");
    }
    if manifest.roles.iter().any(|role| role.team.is_some()) {
        tally.fine("roles with a `team` need a token that can read the organization");
    }
}

/// This never blocks: tminus always assumes that releases are immutable.
fn immutable(rights: &Rights, tally: &mut RulingBuilder) {
    tally.fine(match rights.immutable.known() {
        Ok(true) => "immutable releases are enabled",
        Ok(false) => "immutable releases are not enabled",
        Err(_) => "immutable releases: unknown",
    });
}

fn quotas(rights: &Rights, needs: &Needs, tally: &mut RulingBuilder) {
    for quota in &rights.quotas {
        let (left, limit) = (grouped(quota.remaining), grouped(quota.limit));
        let resource = &quota.resource;
        if quota.remaining < needs.requests {
            let (takes, resets) = (grouped(needs.requests), moment(quota.resets));
            tally.wait(
                Finding::new(format!(
                    "only {left} of {limit} API requests remain (`{resource}`), but the release may need {takes}"
                ))
                .note(format!("the limit resets at {resets}"))
                .help("run the command again after the limit resets")
                .who(Who::Nobody),
            );
        } else if resource == "core" {
            tally.fine(format!("{left} API requests remain"));
        }
    }
}
