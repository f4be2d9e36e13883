//! Which merge is judged: the one that `--pr` names, or the one that the workflow's event is about;
//! and which commands have no business with one.

use super::world::World;
use crate::base::names::{BranchName, Sha};
use crate::ci::Environment;
use crate::drive::observe::Merging;
use crate::facts::event::{Event, Pull, Queue};
use crate::ports::{Fetch, PullRequest, Repository as _, RepositoryError};
use anyhow::Context as _;

/// The merge, where there is one to judge.
pub(super) async fn merging(
    number: Option<u64>,
    environment: &Environment,
    world: &World,
) -> anyhow::Result<Option<Merging>> {
    match (number, environment.event()?) {
        (Some(number), Some(Event::Pull(pull))) if pull.number == number => {
            of_event(pull, environment, world).await.map(Some)
        }
        (Some(number), _) => named(number, world).await.map(Some),
        (None, Some(Event::Pull(pull))) => of_event(pull, environment, world).await.map(Some),
        (None, Some(Event::Queue(queue))) => Ok(Some(queued(queue))),
        (None, Some(Event::Push(_) | Event::Other(_)) | None) => Ok(None),
    }
}

/// Refuses a command about a release where the workflow run is about a merge: there is none yet, and
/// the manifest with its commands would be whose who proposed it.
pub(super) fn not_for_a_merge(command: &str, environment: &Environment) -> anyhow::Result<()> {
    match environment.event()? {
        Some(Event::Pull(_) | Event::Queue(_)) => anyhow::bail!(
            "a release is made from a branch, and this workflow run is about a merge that has not \
             happened: `tminus check` judges it; run `tminus {command}` on `push` or \
             `workflow_dispatch`"
        ),
        Some(Event::Push(_) | Event::Other(_)) | None => Ok(()),
    }
}

/// Whether the workflow run is about a pull request of another repository.
pub(super) fn from_a_fork(environment: &Environment) -> bool {
    matches!(environment.event(), Ok(Some(Event::Pull(Pull { fork: true, .. }))))
}

/// A pull request by its number alone.
async fn named(number: u64, world: &World) -> anyhow::Result<Merging> {
    let pull = asked(number, world).await?;
    let then = Then { number, head: &pull.head, base: &pull.base };
    let (result, onto) = fetched(&then, world).await?;
    on_base(&then, &onto, world).await?;
    let (number, title) = (Some(number), Some(pull.title));
    Ok(Merging { number, title, base: pull.base, onto, head: pull.head, result })
}

/// The pull request of the event. In a rerun it is asked for afresh: titles are edited, and the
/// event is the first run's.
async fn of_event(pull: Pull, environment: &Environment, world: &World) -> anyhow::Result<Merging> {
    let number = pull.number;
    let then = Then { number, head: &pull.head_sha, base: &pull.base };
    let merges = |sha: &Sha| {
        let parents = world.repository.parents(sha).unwrap_or_default();
        parents.get(1).is_some_and(|head| *head == pull.head_sha).then_some(parents)
    };
    let checked_out = environment.commit();
    let tried = checked_out.and_then(|sha| merges(&sha).map(|parents| (sha, parents)));
    let tried = tried.and_then(|(sha, parents)| Some((sha, parents.into_iter().next()?)));
    let (result, onto) = match tried {
        Some(tried) => tried,
        None => fetched(&then, world).await?,
    };
    if onto != pull.base_sha {
        on_base(&then, &onto, world).await?;
    }
    let title = match environment.is_rerun() {
        true => title_now(&then, world).await?,
        false => pull.title.clone(),
    };
    let (number, title) = (Some(number), Some(title));
    Ok(Merging { number, title, base: pull.base, onto, head: pull.head_sha, result })
}

/// The group of the merge queue. How it is merged is settled, and no title has a part in it.
fn queued(queue: Queue) -> Merging {
    let result = queue.head_sha.clone();
    let (number, base, onto, head) = (queue.number, queue.base, queue.base_sha, queue.head_sha);
    Merging { number, title: None, base, onto, head, result }
}

/// The title that a pull request has now, if it is still about the same.
async fn title_now(then: &Then<'_>, world: &World) -> anyhow::Result<String> {
    let now = asked(then.number, world).await?;
    match then.changed(&now) {
        None => Ok(now.title),
        Some(error) => Err(error.into()),
    }
}

/// A pull request as it was when this run began. A run keeps its event, also when it is run again.
struct Then<'a> {
    number: u64,
    head: &'a Sha,
    base: &'a BranchName,
}

impl Then<'_> {
    /// Why this run will never judge what the pull request is now.
    fn changed(&self, now: &PullRequest) -> Option<RepositoryError> {
        let number = self.number;
        let (why, help) = if now.head != *self.head {
            let (then, now) = (self.head.short(), now.head.short());
            let why = format!(
                "the head of pull request {number} moved to {now}, and this run judges {then}"
            );
            (why, format!("the push of {now} starts a new run, which judges it"))
        } else if now.base != *self.base {
            let (then, now) = (self.base, &now.base);
            let why = format!(
                "the base of pull request {number} is `{now}` now, and this run judges the merge \
                 into `{then}`"
            );
            let help = "a new run judges the new base: push to the pull request, or run the \
                workflow on `pull_request` with the type `edited`";
            (why, help.to_owned())
        } else {
            return None;
        };
        Some(RepositoryError { why, help: Some(help) })
    }

    /// The same, if the forge can be read; what else failed is said otherwise.
    async fn changed_since(&self, world: &World) -> Option<RepositoryError> {
        let forge = world.forge().ok()?;
        self.changed(&forge.pull(self.number).await.ok()??)
    }
}

async fn asked(number: u64, world: &World) -> anyhow::Result<PullRequest> {
    let forge = world.forge().map_err(|why| failed(number, why))?;
    let pull = forge.pull(number).await.map_err(|error| failed(number, &error.why()))?;
    pull.ok_or_else(|| failed(number, "there is none of that number"))
}

/// Makes sure that the merge was tried onto the branch that it is for: whose manifest judges is not
/// up to whoever proposed it. After a pull request changed its base, GitHub keeps the merge onto the
/// old one for a while.
async fn on_base(then: &Then<'_>, onto: &Sha, world: &World) -> anyhow::Result<()> {
    let Then { number, base, .. } = *then;
    let holds = || {
        world.repository.remote_branches_with(onto).is_ok_and(|branches| branches.contains(base))
    };
    if holds() {
        return Ok(());
    }
    if let Some(remote) = world.remote() {
        for what in [Fetch::Branch(base.clone()), Fetch::History] {
            remote.fetch(&what).await.map_err(|error| failed(number, &error.why()))?;
            if holds() {
                return Ok(());
            }
        }
    }
    if let Some(changed) = then.changed_since(world).await {
        return Err(changed.into());
    }
    let why = format!(
        "the forge has merged pull request {number} into {}, which is not seen on `{base}`",
        onto.short()
    );
    let help = "run again in some seconds: after a change of its base the merge is made anew";
    Err(RepositoryError { why, help: Some(help.into()) }.into())
}

/// The merge that the forge tried of this very head, and what it merged into. GitHub tries anew some
/// time after a push, and not at all where there are conflicts: what it keeps may be of an older head.
async fn fetched(then: &Then<'_>, world: &World) -> anyhow::Result<(Sha, Sha)> {
    let Then { number, head, .. } = *then;
    let kept = format!("refs/tminus/pull/{number}/merge");
    if let Some(remote) = world.remote() {
        remote.fetch(&Fetch::Pull(number)).await.map_err(|error| RepositoryError {
            why: format!("the merge of pull request {number} cannot be fetched: {}", error.why()),
            help: Some(
                "see that it has no conflicts with its base; GitHub makes the merge some seconds \
                 after a push"
                    .into(),
            ),
        })?;
    }
    let result =
        world.repository.resolve(&kept).with_context(|| format!("pull request {number}"))?;
    let parents = world.repository.parents(&result)?;
    match parents.as_slice() {
        [onto, tried] if tried == head => Ok((result, onto.clone())),
        [..] => {
            if let Some(changed) = then.changed_since(world).await {
                return Err(changed.into());
            }
            let why =
                format!("the forge has not merged {} of pull request {number} yet", head.short());
            let help = "run again in some seconds; if it has conflicts, fix them first";
            Err(RepositoryError { why, help: Some(help.into()) }.into())
        }
    }
}

/// `pull_request_target` runs with the rights of the base; with the head checked out, code that a
/// stranger wrote is beside them
/// (<https://docs.github.com/en/actions/reference/security/securely-using-pull_request_target>).
pub(super) fn refuse_checkout(environment: &Environment, world: &World) -> anyhow::Result<()> {
    let Some(Event::Pull(pull)) = environment.event()? else { return Ok(()) };
    let Some(head) = world.repository.head()?.filter(|_| pull.privileged) else { return Ok(()) };
    // Of such a run it is the base's.
    let tip = environment.commit().as_ref() == Some(&head.commit);
    let of_base = tip
        || head.commit == pull.base_sha
        || world.repository.is_ancestor(&head.commit, &pull.base_sha).unwrap_or(false);
    if !of_base {
        anyhow::bail!(
            "`pull_request_target` gives this job the rights of `{}`, and what is checked out is \
             not of that branch: anybody may have written it; use the event `pull_request`, or \
             leave out `ref:` in the checkout",
            pull.base
        );
    }
    Ok(())
}

fn failed(number: u64, why: &str) -> anyhow::Error {
    let why = format!("pull request {number} cannot be judged: {why}");
    RepositoryError { why, help: None }.into()
}
