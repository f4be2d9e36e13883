//! Which merge is judged: the one that `--pr` names, or the one that the workflow's event is about;
//! and which commands have no business with one.

use super::environment::Environment;
use super::world::World;
use crate::base::names::{BranchName, Sha};
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
    let (result, onto) = fetched(number, &pull.head, world).await?;
    on_base(number, &onto, &pull.base, world).await?;
    let (number, title) = (Some(number), Some(pull.title));
    Ok(Merging { number, title, base: pull.base, onto, head: pull.head, result })
}

/// The pull request of the event. In a rerun it is asked for afresh: titles are edited, and the
/// event is the first run's.
async fn of_event(pull: Pull, environment: &Environment, world: &World) -> anyhow::Result<Merging> {
    let number = pull.number;
    let merges = |sha: &Sha| {
        let parents = world.repository.parents(sha).unwrap_or_default();
        parents.get(1).is_some_and(|head| *head == pull.head_sha).then_some(parents)
    };
    let checked_out = environment.get("GITHUB_SHA").and_then(|sha| Sha::new(sha).ok());
    let tried = checked_out.and_then(|sha| merges(&sha).map(|parents| (sha, parents)));
    let tried = tried.and_then(|(sha, parents)| Some((sha, parents.into_iter().next()?)));
    let (result, onto) = match tried {
        Some(tried) => tried,
        None => fetched(number, &pull.head_sha, world).await?,
    };
    if onto != pull.base_sha {
        on_base(number, &onto, &pull.base, world).await?;
    }
    let title = if environment.is_rerun() { title_now(&pull, world).await? } else { pull.title };
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
async fn title_now(then: &Pull, world: &World) -> anyhow::Result<String> {
    let now = asked(then.number, world).await?;
    if (&now.base, &now.head) == (&then.base, &then.head_sha) {
        return Ok(now.title);
    }
    let why =
        "it has another head or another base than when this run began; the newer run judges it";
    Err(failed(then.number, why))
}

async fn asked(number: u64, world: &World) -> anyhow::Result<PullRequest> {
    let forge = world.forge().map_err(|why| failed(number, why))?;
    let pull = forge.pull(number).await.map_err(|error| failed(number, &error.why()))?;
    pull.ok_or_else(|| failed(number, "there is none of that number"))
}

/// Makes sure that the merge was tried onto the branch that it is for: whose manifest judges is not
/// up to whoever proposed it. After a pull request changed its base, GitHub keeps the merge onto the
/// old one for a while.
async fn on_base(number: u64, onto: &Sha, base: &BranchName, world: &World) -> anyhow::Result<()> {
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
    let why = format!(
        "the forge has merged pull request {number} into {}, which is not seen on `{base}`",
        onto.short()
    );
    let help = "run again in some seconds: after a change of its base the merge is made anew";
    Err(RepositoryError { why, help: Some(help.into()) }.into())
}

/// The merge that the forge tried of this very head, and what it merged into. GitHub tries anew some
/// time after a push, and not at all where there are conflicts: what it keeps may be of an older head.
async fn fetched(number: u64, head: &Sha, world: &World) -> anyhow::Result<(Sha, Sha)> {
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
            let why =
                format!("the forge has not merged {} of pull request {number} yet", head.short());
            let help = "run again in some seconds; where it has conflicts, mend them first";
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
    let tip = environment.get("GITHUB_SHA").is_some_and(|sha| sha == head.commit.as_str());
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
