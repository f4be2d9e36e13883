//! Finds the merge to evaluate, by its number or from the workflow run, and what is checked out.

use super::request::Merging;
use crate::base::names::{BranchName, Sha};
use crate::facts::event::{Event, Pull, Queue, Trigger};
use crate::ports::{Fetch, PullRequest, ReadPorts, RepositoryError};

type MergingResult<T> = Result<T, RepositoryError>;

/// The merge to evaluate, if there is one.
///
/// # Errors
/// If the merge cannot be found, or the pull request has changed since the run started.
pub async fn merging(
    number: Option<u64>,
    trigger: &Trigger,
    read_ports: &ReadPorts<'_>,
) -> MergingResult<Option<Merging>> {
    match (number, &trigger.event) {
        (Some(number), Some(Event::Pull(pull))) if pull.number == number => {
            of_event(pull, trigger, read_ports).await.map(Some)
        }
        (Some(number), _) => named(number, read_ports).await.map(Some),
        (None, Some(Event::Pull(pull))) => of_event(pull, trigger, read_ports).await.map(Some),
        (None, Some(Event::Queue(queue))) => Ok(Some(queued(queue))),
        (None, Some(Event::Push(_) | Event::Other(_)) | None) => Ok(None),
    }
}

/// The base branch, if the job has its permissions while other code is checked out.
///
/// `pull_request_target` runs with the permissions of the base branch. If the head is checked out,
/// untrusted code is available to that job
/// (<https://docs.github.com/en/actions/reference/security/securely-using-pull_request_target>).
///
/// # Errors
/// When the repository cannot be read.
pub fn foreign_checkout<'a>(
    trigger: &'a Trigger,
    read_ports: &ReadPorts<'_>,
) -> MergingResult<Option<&'a BranchName>> {
    let Some(Event::Pull(pull)) = &trigger.event else { return Ok(None) };
    let Some(head) = read_ports.repository.head()?.filter(|_| pull.privileged) else {
        return Ok(None);
    };
    // In such a run, this is the commit of the base branch.
    let tip = trigger.commit.as_ref() == Some(&head.commit);
    let of_base = tip
        || head.commit == pull.base_sha
        || read_ports.repository.is_ancestor(&head.commit, &pull.base_sha).unwrap_or(false);
    Ok((!of_base).then_some(&pull.base))
}

/// A pull request, given by its number.
async fn named(number: u64, read_ports: &ReadPorts<'_>) -> MergingResult<Merging> {
    let pull = pull_request(number, read_ports).await?;
    let then = RecordedPullRequest { number, head: &pull.head, base: &pull.base };
    let (result, onto) = fetched(&then, read_ports).await?;
    on_base(&then, &onto, read_ports).await?;
    let (number, title) = (Some(number), Some(pull.title));
    Ok(Merging { number, title, base: pull.base, onto, head: pull.head, result })
}

/// The pull request of the event. A rerun has the event of the first run, so it reads the pull
/// request again: its title may have changed.
async fn of_event(
    pull: &Pull,
    trigger: &Trigger,
    read_ports: &ReadPorts<'_>,
) -> MergingResult<Merging> {
    let number = pull.number;
    let then = RecordedPullRequest { number, head: &pull.head_sha, base: &pull.base };
    let merges = |sha: &Sha| {
        let parents = read_ports.repository.parents(sha).unwrap_or_default();
        parents.get(1).is_some_and(|head| *head == pull.head_sha).then_some(parents)
    };
    let checked_out = trigger.commit.clone();
    let tried = checked_out.and_then(|sha| merges(&sha).map(|parents| (sha, parents)));
    let tried = tried.and_then(|(sha, parents)| Some((sha, parents.into_iter().next()?)));
    let (result, onto) = match tried {
        Some(tried) => tried,
        None => fetched(&then, read_ports).await?,
    };
    if onto != pull.base_sha {
        on_base(&then, &onto, read_ports).await?;
    }
    let title = match trigger.is_rerun {
        true => title_now(&then, read_ports).await?,
        false => pull.title.clone(),
    };
    let (number, title) = (Some(number), Some(title));
    Ok(Merging {
        number,
        title,
        base: pull.base.clone(),
        onto,
        head: pull.head_sha.clone(),
        result,
    })
}

/// The group of the merge queue. The commits to be merged are fixed, and the title does not matter.
fn queued(queue: &Queue) -> Merging {
    let Queue { number, base, base_sha, head_sha } = queue.clone();
    let (onto, head, result) = (base_sha, head_sha.clone(), head_sha);
    Merging { number, title: None, base, onto, head, result }
}

/// The current title of a pull request, if the pull request has not changed otherwise.
async fn title_now(
    then: &RecordedPullRequest<'_>,
    read_ports: &ReadPorts<'_>,
) -> MergingResult<String> {
    let now = pull_request(then.number, read_ports).await?;
    match then.changed(&now) {
        None => Ok(now.title),
        Some(error) => Err(error),
    }
}

/// A pull request as it was when this run started. A rerun gets the event of the first run.
struct RecordedPullRequest<'a> {
    number: u64,
    head: &'a Sha,
    base: &'a BranchName,
}

impl RecordedPullRequest<'_> {
    /// Why this run cannot evaluate the current state of the pull request.
    fn changed(&self, now: &PullRequest) -> Option<RepositoryError> {
        let number = self.number;
        let (why, help) = if now.head != *self.head {
            let (then, now) = (self.head.short(), now.head.short());
            let why = format!(
                "the head of pull request {number} moved to {now}, but this run checks {then}"
            );
            (why, format!("wait for the workflow run that the push of {now} triggers"))
        } else if now.base != *self.base {
            let (then, now) = (self.base, &now.base);
            let why = format!(
                "the base of pull request {number} is now `{now}`, but this run checks the merge \
                 into `{then}`"
            );
            let help = "to check the new base, push to the pull request, or run the workflow on \
                        `pull_request` with the type `edited`";
            (why, help.to_owned())
        } else {
            return None;
        };
        Some(RepositoryError { why, help: Some(help) })
    }

    /// The same, if the forge can be read; other errors are reported elsewhere.
    async fn changed_since(&self, read_ports: &ReadPorts<'_>) -> Option<RepositoryError> {
        let forge = read_ports.forge.ok()?;
        self.changed(&forge.pull(self.number).await.ok()??)
    }
}

async fn pull_request(number: u64, read_ports: &ReadPorts<'_>) -> MergingResult<PullRequest> {
    let forge = read_ports.forge.map_err(|why| failed(number, why))?;
    let pull = forge.pull(number).await.map_err(|error| failed(number, &error.why()))?;
    pull.ok_or_else(|| failed(number, "no pull request has that number"))
}

/// Makes sure that the test merge was made into the requested base branch: the author of the pull
/// request must not be able to choose which manifest is used. After a pull request changes its
/// base, GitHub keeps the merge into the old base for a while.
async fn on_base(
    then: &RecordedPullRequest<'_>,
    onto: &Sha,
    read_ports: &ReadPorts<'_>,
) -> MergingResult<()> {
    let RecordedPullRequest { number, base, .. } = *then;
    let holds = || {
        read_ports
            .repository
            .remote_branches_with(onto)
            .is_ok_and(|branches| branches.contains(base))
    };
    if holds() {
        return Ok(());
    }
    if let Some(remote) = read_ports.remote {
        for what in [Fetch::Branch(base.clone()), Fetch::History] {
            remote.fetch(&what).await.map_err(|error| failed(number, &error.why()))?;
            if holds() {
                return Ok(());
            }
        }
    }
    if let Some(changed) = then.changed_since(read_ports).await {
        return Err(changed);
    }
    let why = format!(
        "the test merge commit of pull request {number} is based on {}, which is not on `{base}`",
        onto.short()
    );
    let help =
        "try again in a few seconds; a new test merge commit is created when the base changes";
    Err(RepositoryError { why, help: Some(help.into()) })
}

/// The forge's test merge of exactly this head, and its base. GitHub creates a new test merge some
/// time after a push, and none if there are conflicts, so the existing one may be of an older head.
async fn fetched(
    then: &RecordedPullRequest<'_>,
    read_ports: &ReadPorts<'_>,
) -> MergingResult<(Sha, Sha)> {
    let RecordedPullRequest { number, head, .. } = *then;
    let kept = format!("refs/tminus/pull/{number}/merge");
    if let Some(remote) = read_ports.remote {
        remote.fetch(&Fetch::Pull(number)).await.map_err(|error| RepositoryError {
            why: format!(
                "the test merge of pull request {number} cannot be fetched: \
                          {}",
                error.why()
            ),
            help: Some(
                "check that it has no conflicts with its base; GitHub creates the test merge a \
                 few seconds after a push"
                    .into(),
            ),
        })?;
    }
    let result = read_ports.repository.resolve(&kept)?;
    let parents = read_ports.repository.parents(&result)?;
    match parents.as_slice() {
        [onto, tried] if tried == head => Ok((result, onto.clone())),
        [..] => {
            if let Some(changed) = then.changed_since(read_ports).await {
                return Err(changed);
            }
            let why = format!(
                "there is no test merge commit for {} (pull request {number}) yet",
                head.short()
            );
            let help = "try again in a few seconds; if there are conflicts, fix them first";
            Err(RepositoryError { why, help: Some(help.into()) })
        }
    }
}

fn failed(number: u64, why: &str) -> RepositoryError {
    let why = format!("pull request {number} cannot be checked: {why}");
    RepositoryError { why, help: None }
}
