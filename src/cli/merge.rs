//! Which merge is judged: the one that `--pr` names, or the one that the workflow's event is about.

use super::environment::Environment;
use super::world::World;
use crate::event::{Event, Pull, Queue};
use crate::names::Sha;
use crate::observe::Merging;
use crate::ports::{Fetch, Repository as _, RepositoryError};
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
        (None, Some(Event::Queue(queue))) => Ok(Some(queued(queue, world).await)),
        (None, Some(Event::Push(_) | Event::Other(_)) | None) => Ok(None),
    }
}

/// A pull request by its number alone.
async fn named(number: u64, world: &World) -> anyhow::Result<Merging> {
    let forge = world.forge().map_err(|why| failed(number, why))?;
    let pull = forge.pull(number).await.map_err(|error| failed(number, &error.why()))?;
    let Some(pull) = pull else { return Err(failed(number, "there is none of that number")) };
    let (result, parents) = fetched(number, world).await?;
    let [onto, head, ..] = parents.as_slice() else {
        return Err(failed(number, "what the forge made of it is no merge"));
    };
    let (onto, head) = (onto.clone(), head.clone());
    let (number, title) = (Some(number), Some(pull.title));
    Ok(Merging { number, title, base: pull.base, onto, head, result })
}

/// The pull request of the event. Its title is asked for afresh: a rerun has the event of the first
/// run, and titles are edited in between.
async fn of_event(pull: Pull, environment: &Environment, world: &World) -> anyhow::Result<Merging> {
    if pull.privileged {
        refuse_checkout(&pull, world)?;
    }
    let number = pull.number;
    let merges = |sha: &Sha| {
        let parents = world.repository.parents(sha).unwrap_or_default();
        parents.get(1).is_some_and(|head| *head == pull.head_sha).then_some(parents)
    };
    let checked_out = environment.get("GITHUB_SHA").and_then(|sha| Sha::new(sha).ok());
    let tried = checked_out.and_then(|sha| merges(&sha).map(|parents| (sha, parents)));
    let (result, parents) = match tried {
        Some(tried) => tried,
        None => fetched(number, world).await?,
    };
    let onto = parents.first().cloned().unwrap_or(pull.base_sha);
    let title = title(number, world).await.unwrap_or(pull.title);
    let (number, title) = (Some(number), Some(title));
    Ok(Merging { number, title, base: pull.base, onto, head: pull.head_sha, result })
}

/// The group of the merge queue.
async fn queued(queue: Queue, world: &World) -> Merging {
    let title = match queue.number {
        Some(number) => title(number, world).await,
        None => None,
    };
    let result = queue.head_sha.clone();
    let (number, base, onto, head) = (queue.number, queue.base, queue.base_sha, queue.head_sha);
    Merging { number, title, base, onto, head, result }
}

async fn title(number: u64, world: &World) -> Option<String> {
    world.forge().ok()?.pull(number).await.ok()?.map(|pull| pull.title)
}

/// The merge that the forge tried, and its parents.
async fn fetched(number: u64, world: &World) -> anyhow::Result<(Sha, Vec<Sha>)> {
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
    Ok((result, parents))
}

/// `pull_request_target` runs with the rights of the base; with the head checked out, code that a
/// stranger wrote is beside them
/// (<https://docs.github.com/en/actions/reference/security/securely-using-pull_request_target>).
fn refuse_checkout(pull: &Pull, world: &World) -> anyhow::Result<()> {
    let Some(head) = world.repository.head()? else { return Ok(()) };
    let parents = world.repository.parents(&head.commit)?;
    if head.commit == pull.head_sha || parents.contains(&pull.head_sha) {
        anyhow::bail!(
            "`pull_request_target` gives this job the rights of `{}`, and what is checked out is \
             pull request {}, which anybody may have written; use the event `pull_request`, or \
             leave out `ref:` in the checkout",
            pull.base,
            pull.number
        );
    }
    Ok(())
}

fn failed(number: u64, why: &str) -> anyhow::Error {
    let why = format!("pull request {number} cannot be judged: {why}");
    RepositoryError { why, help: None }.into()
}
