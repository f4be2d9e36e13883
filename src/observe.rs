//! Looking at the world once, into [`Facts`].
//!
//! Only what is needed is asked. What fails to be read becomes [`Seen::Unseen`] with its reason;
//! an error is returned only where there is no commit or no manifest to speak of.

use crate::facts::{FORMAT, Facts, FileAt, OwnRun, Request, Seen, TagAt, VersionTag};
use crate::finding::Finding;
use crate::gates::{self, Asking, Need};
use crate::ledger::Ledger;
use crate::manifest::{self, Forge, LOCATIONS, Manifest, Pattern, StepRules};
use crate::names::{BranchName, Sha, StepKey, TagName};
use crate::ports::{Ended, Eyes, Fetch, Head, PortError, RefAt, RepositoryError, Survey};
use crate::source::Source;
use crate::step::{Plan, Step};
use crate::target::{self, Files, Target};
use crate::version_file::lock_beside;
use std::collections::BTreeMap;
use std::time::Duration;

/// What to look at, as the command line has it.
#[derive(Debug, Clone)]
pub struct Order {
    /// `--commit`; `HEAD` where it is not given.
    pub commit: Option<String>,
    /// `--branch`.
    pub branch: Option<BranchName>,
    /// The branch that `GITHUB_REF` names.
    pub event_branch: Option<BranchName>,
    /// The manifest, where it is not the commit's own (`--manifest`, or not committed yet).
    pub manifest: Option<Source>,
    /// The project's name, where the manifest gives none.
    pub name: String,
    /// What the verdict depends on besides.
    pub request: Request,
    /// The job that tminus runs in.
    pub own_run: Option<OwnRun>,
    /// Whether missing history may be fetched.
    pub fetch: bool,
    /// How much to look at.
    pub depth: Depth,
}

/// How much to look at.
#[derive(Debug, Clone)]
pub enum Depth {
    /// What these gates need.
    Check(Asking),
    /// Everything that a plan and its progress need besides.
    Plan,
}

/// Why there is nothing to judge.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// A repository without commits.
    #[error("the repository has no commits yet")]
    NoCommits,
    /// Neither place has a manifest.
    #[error("there is no `tminus.yaml` in {0}")]
    NoManifest(String),
    /// The manifest is wrong.
    #[error("the manifest is wrong")]
    Manifest {
        /// The file.
        source_file: Source,
        /// Everything that is wrong with it.
        findings: Vec<Finding>,
    },
    /// The local repository cannot be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// The manifest that judges, what was seen, and what was done to see it.
#[derive(Debug)]
pub struct Observed {
    /// The manifest.
    pub manifest: Manifest,
    /// What was seen.
    pub facts: Facts,
    /// What was fetched, a line each.
    pub fetched: Vec<String>,
}

/// Looks at everything that the order asks for.
///
/// # Errors
/// When there is no commit, no manifest, or the manifest is wrong.
pub async fn observe(eyes: &Eyes<'_>, order: &Order) -> Result<Observed, ObserveError> {
    let head = eyes.repository.head()?.ok_or(ObserveError::NoCommits)?;
    let commit = match &order.commit {
        Some(revision) => eyes.repository.resolve(revision)?,
        None => head.commit.clone(),
    };
    let refs = refs(eyes, order).await;
    let first = Observer { eyes, order, head: &head, refs: &refs, fetched: Vec::new() };
    let (observer, manifest, mut facts) = first.local(commit, None).await?;
    let judged = manifest.source.clone();
    let pin = match (&order.depth, &order.commit) {
        (Depth::Plan, None) => pin(&facts),
        (Depth::Plan | Depth::Check(_), _) => None,
    };
    let (mut observer, mut manifest) = (observer, manifest);
    if let Some((sha, why)) = pin
        && sha != facts.commit.sha
    {
        let pinned = Pinned { why, ledger: facts.ledger.clone(), manifest: judged };
        (observer, manifest, facts) = observer.local(sha, Some(pinned)).await?;
    }
    observer.forge(&manifest, &mut facts).await;
    if matches!(order.depth, Depth::Plan) {
        if manifest.forge != Forge::None
            && let Ok(target) = target::of(&manifest, &facts)
        {
            releases(eyes, &target.tag, &mut facts).await;
        }
        observer.assets(&manifest, &mut facts);
        probes(eyes, &manifest, &mut facts).await;
    }
    Ok(Observed { manifest, facts, fetched: observer.fetched })
}

/// The refs of the remote, or of the local repository where none may be asked.
enum Refs {
    Remote(Vec<RefAt>),
    Local,
    Unseen(PortError),
}

async fn refs(eyes: &Eyes<'_>, order: &Order) -> Refs {
    match eyes.remote {
        Some(remote) if order.fetch => match remote.refs().await {
            Ok(refs) => Refs::Remote(refs),
            Err(error) => Refs::Unseen(error),
        },
        Some(_) | None => Refs::Local,
    }
}

/// The commit that an unfinished release is bound to.
fn pin(facts: &Facts) -> Option<(Sha, String)> {
    let ledger = facts.ledger.known().ok();
    if let Some(plan) = ledger.and_then(Ledger::plan) {
        return Some((plan.commit.clone(), format!("the release of {} began there", plan.tag)));
    }
    let tag = facts.tag.known().ok()?.as_ref().filter(|tag| tag.ancestor)?;
    Some((tag.commit.clone(), "the tag of this version stands there".into()))
}

/// What is known already when a commit is looked at because a release is bound to it.
struct Pinned {
    why: String,
    ledger: Seen<Ledger>,
    /// Judges where the commit is older than its repository's manifest.
    manifest: Source,
}

struct Observer<'a> {
    eyes: &'a Eyes<'a>,
    order: &'a Order,
    head: &'a Head,
    refs: &'a Refs,
    fetched: Vec<String>,
}

impl<'a> Observer<'a> {
    /// What the local repository and its refs tell of one commit.
    async fn local(
        mut self,
        sha: Sha,
        pinned: Option<Pinned>,
    ) -> Result<(Self, Manifest, Facts), ObserveError> {
        let repository = self.eyes.repository;
        let source = match (self.manifest_at(&sha), &pinned) {
            (Err(ObserveError::NoManifest(_)), Some(pinned)) => pinned.manifest.clone(),
            (source, _) => source?,
        };
        let manifest = manifest::read(source.clone(), &gates::shapes())
            .map_err(|findings| ObserveError::Manifest { source_file: source.clone(), findings })?;
        let files = self.files(&manifest, &sha);
        let tags = self.tags(&manifest);
        let mut history = self.history(&sha, &tags).await;
        let mut request = self.order.request.clone();
        let target = target::target(&manifest, &request, &files, &history);
        let tag = self.tag(target.as_ref().ok(), &sha);
        if let (Ok(target), Seen::Known(Some(at))) = (&target, &tag) {
            // The history of a release does not hold the release itself.
            if at.ancestor {
                let others = tags.map(|tags| tags.into_iter().filter(|t| t.tag != target.tag).collect());
                history = self.history(&sha, &others).await;
                request.version = Some(target.version.clone());
            }
        }
        let (pinned, ledger) = match pinned {
            Some(pinned) => (Some(pinned.why), pinned.ledger),
            None => (None, self.ledger(target.as_ref().ok()).await),
        };
        let facts = Facts {
            format: FORMAT,
            at: self.eyes.clock.now(),
            request,
            name: manifest.name.clone().unwrap_or_else(|| self.order.name.clone()),
            branch: self.branch(&manifest, &sha),
            dirty: self.dirty(&manifest),
            commit: repository.commit(&sha)?,
            pinned,
            manifest: source,
            history,
            files,
            tag,
            checks: Seen::not_asked(),
            rules: Seen::not_asked(),
            published: Seen::not_asked(),
            drafts: Seen::not_asked(),
            assets: Seen::not_asked(),
            probes: BTreeMap::new(),
            ledger,
            own_run: self.order.own_run.clone(),
        };
        Ok((self, manifest, facts))
    }

    fn manifest_at(&self, sha: &Sha) -> Result<Source, ObserveError> {
        if let Some(source) = &self.order.manifest {
            return Ok(source.clone());
        }
        for name in LOCATIONS {
            match self.eyes.repository.file(sha, name)? {
                FileAt::Absent => {}
                FileAt::Text(text) => return Ok(Source { name: name.into(), text }),
                FileAt::Binary => return Err(unreadable(name, "it is not UTF-8 text".into())),
                FileAt::TooLarge { bytes } => {
                    return Err(unreadable(name, format!("it has {bytes} bytes, more than a manifest may have")));
                }
            }
        }
        Err(ObserveError::NoManifest(sha.short().to_owned()))
    }

    fn needs(&self, manifest: &Manifest) -> Vec<Need> {
        match &self.order.depth {
            Depth::Check(asking) => gates::needs(manifest, asking),
            Depth::Plan => gates::needs(manifest, &Asking::default()),
        }
    }

    fn files(&self, manifest: &Manifest, sha: &Sha) -> Files {
        let mut paths: Vec<String> =
            manifest.version.files.iter().map(|file| file.value.clone()).collect();
        let locks: Vec<String> = paths.iter().filter_map(|path| lock_beside(path)).collect();
        paths.extend(locks);
        paths.push(manifest.changelog.file.clone());
        let read = |path: String| {
            let seen = match self.eyes.repository.file(sha, &path) {
                Ok(file) => Seen::Known(file),
                Err(error) => unseen(error),
            };
            (path, seen)
        };
        paths.into_iter().map(read).collect()
    }

    /// Every tag that carries a version, highest first.
    fn tags(&self, manifest: &Manifest) -> Seen<Vec<VersionTag>> {
        let refs = match self.refs() {
            Ok(refs) => refs,
            Err(unseen) => return unseen,
        };
        let mut tags: Vec<VersionTag> = refs
            .into_iter()
            .filter_map(|at| {
                let name = at.name.strip_prefix("refs/tags/")?;
                let version = manifest.tag.value.version(name)?;
                Some(VersionTag { tag: TagName::new(name).ok()?, version, commit: at.commit })
            })
            .collect();
        tags.sort_by(|a, b| b.version.cmp(&a.version));
        Seen::Known(tags)
    }

    fn refs<T>(&self) -> Result<Vec<RefAt>, Seen<T>> {
        match self.refs {
            Refs::Remote(refs) => Ok(refs.clone()),
            Refs::Local => self.eyes.repository.tags().map_err(unseen),
            Refs::Unseen(error) => Err(Seen::unseen_help(
                format!("the remote's refs cannot be listed: {}", error.why()),
                "see that `git ls-remote` works, or judge by local tags with `--offline`",
            )),
        }
    }

    async fn history(&mut self, sha: &Sha, tags: &Seen<Vec<VersionTag>>) -> Seen<crate::facts::History> {
        let tags = match tags {
            Seen::Known(tags) => tags,
            Seen::Unseen(unseen) => return Seen::Unseen(unseen.clone()),
        };
        let read = || match self.eyes.repository.history(sha, tags.clone()) {
            Ok(seen) => seen,
            Err(error) => unseen(error),
        };
        let seen = read();
        if matches!(seen, Seen::Known(_)) || !self.eyes.repository.shallow() || !self.order.fetch {
            return seen;
        }
        let Some(remote) = self.eyes.remote else { return seen };
        match remote.fetch(&Fetch::History).await {
            Ok(()) => {
                let seen = read();
                self.fetched.push("the history that the shallow clone lacked".into());
                seen
            }
            Err(_) => seen,
        }
    }

    fn tag(&self, target: Option<&Target>, sha: &Sha) -> Seen<Option<TagAt>> {
        let Some(target) = target else { return Seen::unseen("the version at stake is not known") };
        let refs = match self.refs() {
            Ok(refs) => refs,
            Err(unseen) => return unseen,
        };
        let name = format!("refs/tags/{}", target.tag);
        let Some(found) = refs.into_iter().find(|at| at.name == name) else {
            return Seen::Known(None);
        };
        match self.eyes.repository.is_ancestor(&found.commit, sha) {
            Ok(ancestor) => {
                Seen::Known(Some(TagAt { object: found.object, commit: found.commit, ancestor }))
            }
            Err(error) => unseen(error),
        }
    }

    async fn ledger(&self, target: Option<&Target>) -> Seen<Ledger> {
        let (Some(target), Some(remote)) = (target, self.eyes.remote) else {
            return Seen::not_asked();
        };
        let name = format!("refs/tminus/releases/{}", target.tag);
        match self.refs {
            Refs::Remote(refs) if !refs.iter().any(|at| at.name == name) => {
                return Seen::Known(Ledger::default());
            }
            Refs::Unseen(error) => return Seen::unseen(error.to_string()),
            Refs::Remote(_) | Refs::Local => {}
        }
        match remote.ledger(&target.tag).await {
            Ok(ledger) => Seen::Known(ledger),
            Err(error) => from_port(&error),
        }
    }

    fn branch(&self, manifest: &Manifest, sha: &Sha) -> Seen<BranchName> {
        if let Some(branch) = &self.order.branch {
            return Seen::Known(branch.clone());
        }
        if let Some(branch) = self.head.branch.as_ref().or(self.order.event_branch.as_ref()) {
            return Seen::Known(branch.clone());
        }
        let allowed: Vec<&Pattern> = manifest.branches.iter().map(|branch| &branch.value).collect();
        let fits = |branch: &BranchName| allowed.iter().any(|p| p.matches(branch.as_str()));
        match self.eyes.repository.remote_branches_with(sha) {
            Ok(branches) => branches.into_iter().find(fits).map_or_else(
                || {
                    Seen::unseen_help(
                        "the head is detached and no allowed remote branch holds the commit",
                        "name the branch with `--branch`",
                    )
                },
                Seen::Known,
            ),
            Err(error) => unseen(error),
        }
    }

    fn dirty(&self, manifest: &Manifest) -> Seen<Vec<String>> {
        if !self.needs(manifest).contains(&Need::WorkTree) {
            return Seen::not_asked();
        }
        self.eyes.repository.dirty().map_or_else(unseen, Seen::Known)
    }

    /// What only the forge can tell, in one request.
    async fn forge(&self, manifest: &Manifest, facts: &mut Facts) {
        let planning = matches!(self.order.depth, Depth::Plan);
        if manifest.forge != Forge::None && !planning && !self.needs(manifest).iter().any(|need| need.is_remote()) {
            return;
        }
        survey(self.eyes, manifest, facts).await;
    }

    fn assets(&self, manifest: &Manifest, facts: &mut Facts) {
        if facts.ledger.known().is_ok_and(|ledger| ledger.plan().is_some()) {
            return; // The sealed plan names them.
        }
        let steps = manifest.stages.iter().flat_map(|stage| &stage.steps);
        let patterns: Vec<&Pattern> = steps
            .filter_map(|step| match &step.value {
                StepRules::DraftRelease { assets, .. } => Some(assets),
                StepRules::Tag { .. } | StepRules::PublishRelease { .. } | StepRules::Run(_) => None,
            })
            .flatten()
            .map(|pattern| &pattern.value)
            .collect();
        facts.assets = self.eyes.repository.assets(&patterns).map_or_else(unseen, Seen::Known);
    }
}

fn unreadable(name: &str, why: String) -> ObserveError {
    let source_file = Source { name: name.into(), text: String::new() };
    let findings = vec![Finding::new(format!("`{name}` cannot be read: {why}"))];
    ObserveError::Manifest { source_file, findings }
}

fn unseen<T>(error: RepositoryError) -> Seen<T> {
    Seen::Unseen(crate::facts::Unseen { why: error.why, help: error.help })
}

fn from_port<T>(error: &PortError) -> Seen<T> {
    let why = error.why();
    match error {
        PortError::Denied { needs, .. } if needs.contains(':') => {
            Seen::unseen_help(why, format!("give the token `{needs}`"))
        }
        PortError::Denied { .. } => {
            Seen::unseen_help(why, "set `GITHUB_TOKEN` to a token that can read the repository")
        }
        PortError::Limited { .. } => Seen::unseen_help(why, "run again then"),
        PortError::NoAnswer { .. } | PortError::Refused { .. } | PortError::Behind { .. } => {
            Seen::unseen(why)
        }
    }
}

/// Why there is no forge to ask, where the manifest wants none.
pub const NO_FORGE: &str = "the manifest says `forge: none`";

/// Asks the forge for checks, rules and the published release, afresh.
pub async fn survey(eyes: &Eyes<'_>, manifest: &Manifest, facts: &mut Facts) {
    if manifest.forge == Forge::None {
        facts.checks = Seen::unseen(NO_FORGE);
        facts.rules = Seen::unseen(NO_FORGE);
        facts.published = Seen::Known(None);
        facts.drafts = Seen::Known(Vec::new());
        return;
    }
    let forge = match eyes.forge {
        Ok(forge) => forge,
        Err(why) => {
            facts.checks = Seen::unseen(why);
            facts.rules = Seen::unseen(why);
            facts.published = Seen::unseen(why);
            facts.drafts = Seen::unseen(why);
            return;
        }
    };
    let survey = Survey {
        commit: facts.commit.sha.clone(),
        branch: facts.branch.known().ok().cloned(),
        tag: target::of(manifest, facts).ok().map(|target| target.tag),
    };
    match forge.survey(&survey).await {
        Ok(surveyed) => {
            facts.checks = surveyed.checks;
            facts.rules = match survey.branch {
                Some(_) => surveyed.rules,
                None => Seen::unseen_help("the branch is not known", "name it with `--branch`"),
            };
            facts.published = surveyed.published;
        }
        Err(error) => {
            facts.checks = from_port(&error);
            facts.rules = from_port(&error);
            facts.published = from_port(&error);
        }
    }
    facts.at = eyes.clock.now();
}

/// Waits between looks for a draft that may have been made, in seconds: listings lag.
const LISTING_LAG: [u64; 4] = [2, 5, 10, 15];

/// Lists the drafts and the published release of a plan's tag, with their assets.
pub async fn list_releases(eyes: &Eyes<'_>, plan: &Plan, facts: &mut Facts) {
    releases(eyes, &plan.tag, facts).await;
}

async fn releases(eyes: &Eyes<'_>, tag: &TagName, facts: &mut Facts) {
    let Ok(forge) = eyes.forge else { return };
    let ledger = facts.ledger.known().ok();
    let recorded = ledger.and_then(Ledger::release);
    let in_doubt = ledger.and_then(Ledger::in_doubt).is_some_and(|key| key.as_str() == "draft-release");
    let mut listed = forge.releases(tag).await;
    for seconds in LISTING_LAG {
        let empty = listed.as_ref().is_ok_and(Vec::is_empty);
        if !(in_doubt && empty) {
            break;
        }
        eyes.clock.sleep(Duration::from_secs(seconds)).await;
        listed = forge.releases(tag).await;
    }
    let mut releases = match listed {
        Ok(releases) => releases,
        Err(error) => {
            facts.drafts = from_port(&error);
            return;
        }
    };
    // A number that the ledger knows is read directly: that does not lag.
    if let Some(id) = recorded {
        match forge.release(id).await {
            Ok(found) => {
                releases.retain(|release| release.id != id);
                releases.extend(found.filter(|release| release.tag == tag.as_str()));
            }
            Err(error) => {
                facts.drafts = from_port(&error);
                return;
            }
        }
    }
    sort_releases(releases, facts);
}

fn sort_releases(releases: Vec<crate::facts::Release>, facts: &mut Facts) {
    let (drafts, mut published): (Vec<_>, Vec<_>) =
        releases.into_iter().partition(|release| release.draft);
    facts.drafts = Seen::Known(drafts);
    // The listing has the assets' digests, the survey has not; either may lag.
    if let Some(release) = published.pop() {
        facts.published = Seen::Known(Some(release));
    }
}

/// Asks every probe of the manifest's `run` steps.
async fn probes(eyes: &Eyes<'_>, manifest: &Manifest, facts: &mut Facts) {
    let sealed = facts.ledger.known().ok().and_then(Ledger::plan).cloned();
    let plan = sealed.or_else(|| crate::plan::plan(manifest, facts).ok());
    let Some(plan) = plan else { return };
    for (_, planned) in plan.steps() {
        if let Some(seen) = probe(eyes, &plan, &planned.step).await {
            facts.probes.insert(planned.key.clone(), seen);
        }
    }
}

async fn probe(eyes: &Eyes<'_>, plan: &Plan, step: &Step) -> Option<Seen<bool>> {
    let Step::Run(run) = step else { return None };
    let command = run.probe.as_ref()?;
    let help = "a probe exits with 0 when the step is done, with 1 when it is not";
    Some(match eyes.prober.probe(command, &environment(plan)).await {
        Ok(Ended { code: Some(0), .. }) => Seen::Known(true),
        Ok(Ended { code: Some(1), .. }) => Seen::Known(false),
        Ok(Ended { code: Some(code), .. }) => {
            Seen::unseen_help(format!("the probe of `{}` exited with {code}", run.name), help)
        }
        Ok(Ended { code: None, .. }) => {
            Seen::unseen_help(format!("the probe of `{}` was killed or timed out", run.name), help)
        }
        Err(error) => from_port(&error),
    })
}

/// What the user's commands are told of the release.
#[must_use]
pub fn environment(plan: &Plan) -> Vec<(String, String)> {
    vec![
        ("TMINUS_VERSION".into(), plan.version.to_string()),
        ("TMINUS_TAG".into(), plan.tag.to_string()),
        ("TMINUS_COMMIT".into(), plan.commit.to_string()),
    ]
}

/// Looks again at what a step may have changed: the tag, the release by its number, and a `run`
/// step's probe.
pub async fn look_again(
    eyes: &Eyes<'_>,
    plan: &Plan,
    facts: &mut Facts,
    release: Option<u64>,
    touched: Option<&StepKey>,
) {
    facts.at = eyes.clock.now();
    if let Some(remote) = eyes.remote {
        facts.tag = match remote.refs().await {
            Ok(refs) => tag_now(eyes, plan, &refs),
            Err(error) => from_port(&error),
        };
    }
    if let Ok(forge) = eyes.forge {
        match release {
            Some(id) => match forge.release(id).await {
                Ok(found) => {
                    let mut others: Vec<_> = facts.drafts.known().cloned().unwrap_or_default();
                    others.retain(|draft| draft.id != id);
                    others.extend(found);
                    facts.published = Seen::Known(None);
                    sort_releases(others, facts);
                }
                Err(error) => {
                    facts.drafts = from_port(&error);
                    facts.published = from_port(&error);
                }
            },
            None => releases(eyes, &plan.tag, facts).await,
        }
    }
    for (_, planned) in plan.steps() {
        if Some(&planned.key) == touched
            && let Some(seen) = probe(eyes, plan, &planned.step).await
        {
            facts.probes.insert(planned.key.clone(), seen);
        }
    }
}

fn tag_now(eyes: &Eyes<'_>, plan: &Plan, refs: &[RefAt]) -> Seen<Option<TagAt>> {
    let name = format!("refs/tags/{}", plan.tag);
    let Some(found) = refs.iter().find(|at| at.name == name) else { return Seen::Known(None) };
    let (object, commit) = (found.object.clone(), found.commit.clone());
    match eyes.repository.is_ancestor(&commit, &plan.commit) {
        Ok(ancestor) => Seen::Known(Some(TagAt { object, commit, ancestor })),
        Err(error) => unseen(error),
    }
}
