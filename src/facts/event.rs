//! The event that triggered the workflow, from GitHub's event file
//! (<https://docs.github.com/en/webhooks/webhook-events-and-payloads>).
//!
//! The file contains titles and branch names that anyone can write. Only needed fields are read,
//! and names are validated.

use crate::base::clean::clip;
use crate::base::names::{BranchName, Sha};
use serde::Deserialize;

/// The maximum length of a title, in characters; GitHub allows 256.
const MAX_TITLE: usize = 1000;

/// The event that triggered the workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A pull request was opened or changed.
    Pull(Pull),
    /// The merge queue requested checks for a group.
    Queue(Queue),
    /// A branch was pushed to.
    Push(Pushed),
    /// Anything else, by its name.
    Other(String),
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pull {
    /// Whether the workflow has the permissions of the base branch while the code can be untrusted
    /// (`pull_request_target`).
    pub privileged: bool,
    /// Its number.
    pub number: u64,
    /// Its title, which becomes the commit subject in a squash merge.
    pub title: String,
    /// The base branch.
    pub base: BranchName,
    /// The head of the base branch at that time.
    pub base_sha: Sha,
    /// Its newest commit.
    pub head_sha: Sha,
    /// Whether it comes from another repository.
    pub fork: bool,
}

/// A group of the merge queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// The base branch.
    pub base: BranchName,
    /// The commit that the group is merged onto: the branch's tip, or the group ahead in the queue.
    pub base_sha: Sha,
    /// The queue's commit.
    pub head_sha: Sha,
    /// The pull request at the end of the group, from the queue branch's name.
    pub number: Option<u64>,
}

/// A push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The branch's head before the push; `None` if the push created the branch.
    pub before: Option<Sha>,
    /// The branch's head after the push.
    pub after: Sha,
}

/// What triggered a workflow run, with further data from the host. Empty if tminus does not run in
/// a workflow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trigger {
    /// The event.
    pub event: Option<Event>,
    /// The commit that the run is for; for a pull request, the test merge.
    pub commit: Option<Sha>,
    /// Whether this is a rerun. A rerun has the event of the first run.
    pub is_rerun: bool,
}

impl Trigger {
    /// Whether the run is for a merge that has not happened.
    #[must_use]
    pub fn is_merge(&self) -> bool {
        match self.event {
            Some(Event::Pull(_) | Event::Queue(_)) => true,
            Some(Event::Push(_) | Event::Other(_)) | None => false,
        }
    }

    /// Whether the run is for a pull request from another repository.
    #[must_use]
    pub fn is_from_a_fork(&self) -> bool {
        matches!(self.event, Some(Event::Pull(Pull { fork: true, .. })))
    }
}

/// Why an event file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Not JSON, or not of the form that GitHub documents.
    #[error("the event file of `{event}` cannot be read: {why}")]
    Form {
        /// `GITHUB_EVENT_NAME`.
        event: String,
        /// The cause.
        why: String,
    },
}

#[derive(Deserialize)]
struct PullFile {
    pull_request: PullPart,
}

#[derive(Deserialize)]
struct PullPart {
    number: u64,
    title: String,
    base: End,
    head: End,
}

#[derive(Deserialize)]
struct End {
    #[serde(rename = "ref")]
    name: String,
    sha: Sha,
    repo: Option<Repo>,
}

#[derive(Deserialize)]
struct Repo {
    full_name: String,
}

#[derive(Deserialize)]
struct QueueFile {
    merge_group: QueuePart,
}

#[derive(Deserialize)]
struct QueuePart {
    head_sha: Sha,
    head_ref: String,
    base_sha: Sha,
    base_ref: String,
}

#[derive(Deserialize)]
struct PushFile {
    before: Sha,
    after: Sha,
}

/// Parses an event.
///
/// # Errors
/// When the file of a relevant event does not have the documented form.
pub fn read(name: &str, text: &str) -> Result<Event, EventError> {
    let form = |why: String| EventError::Form { event: name.into(), why };
    let parse = |error: serde_json::Error| form(error.to_string());
    match name {
        // Reviews and review comments also trigger runs on the merge of the pull request.
        "pull_request"
        | "pull_request_target"
        | "pull_request_review"
        | "pull_request_review_comment" => {
            let file: PullFile = serde_json::from_str(text).map_err(parse)?;
            let pull = file.pull_request;
            let base = BranchName::new(&pull.base.name).map_err(|e| form(e.to_string()))?;
            let repository = |end: &End| end.repo.as_ref().map(|repo| repo.full_name.clone());
            // If the head's repository was deleted, the head is not trusted.
            let fork = repository(&pull.head).is_none()
                || repository(&pull.head) != repository(&pull.base);
            Ok(Event::Pull(Pull {
                privileged: name == "pull_request_target",
                number: pull.number,
                title: clip(&pull.title, MAX_TITLE).into_owned(),
                base,
                base_sha: pull.base.sha,
                head_sha: pull.head.sha,
                fork,
            }))
        }
        "merge_group" => {
            let file: QueueFile = serde_json::from_str(text).map_err(parse)?;
            let group = file.merge_group;
            let base = group.base_ref.trim_start_matches("refs/heads/");
            let base = BranchName::new(base).map_err(|e| form(e.to_string()))?;
            let number = queued(&group.head_ref, &base);
            let (base_sha, head_sha) = (group.base_sha, group.head_sha);
            Ok(Event::Queue(Queue { base, base_sha, head_sha, number }))
        }
        "push" => {
            // The push deleted the branch, so there is no commit.
            let file: PushFile = serde_json::from_str(text).map_err(parse)?;
            let before = Some(file.before).filter(|sha| !is_zero(sha));
            Ok(Event::Push(Pushed { before, after: file.after }))
        }
        other => Ok(Event::Other(other.to_owned())),
    }
}

/// Whether it is the null object ID.
fn is_zero(sha: &Sha) -> bool {
    sha.as_str().bytes().all(|byte| byte == b'0')
}

/// The number in `refs/heads/gh-readonly-queue/main/pr-12-<sha>`.
fn queued(head: &str, base: &BranchName) -> Option<u64> {
    let queue = head.trim_start_matches("refs/heads/").strip_prefix("gh-readonly-queue/")?;
    let rest = queue.strip_prefix(base.as_str())?.strip_prefix("/pr-")?;
    rest.split('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sha(digit: char) -> Sha {
        Sha::new(digit.to_string().repeat(40)).unwrap()
    }

    fn pull(head: &str) -> String {
        let (a, b) = (sha('a'), sha('b'));
        format!(
            r#"{{"action":"opened","number":7,"pull_request":{{"number":7,"title":"feat: x",
            "base":{{"ref":"main","sha":"{a}","repo":{{"full_name":"acme/widget"}}}},
            "head":{{"ref":"x","sha":"{b}","repo":{head}}}}}}}"#
        )
    }

    #[test]
    fn a_pull_request_event_contains_its_base_and_whether_it_is_from_a_fork() {
        let read = |name, head| match read(name, &pull(head)) {
            Ok(Event::Pull(pull)) => pull,
            other => panic!("{other:?}"),
        };
        let own = read("pull_request", r#"{"full_name":"acme/widget"}"#);
        assert_eq!((own.number, own.base.as_str(), own.fork), (7, "main", false));
        assert!(read("pull_request", r#"{"full_name":"eve/widget"}"#).fork);
        assert!(read("pull_request", "null").fork, "a repository that is gone is not ours");
        assert!(read("pull_request_target", "null").privileged);
    }

    #[test]
    fn a_merge_group_event_contains_its_base_and_head() {
        let (a, b) = (sha('a'), sha('b'));
        let text = format!(
            r#"{{"merge_group":{{"head_sha":"{b}","base_sha":"{a}","base_ref":"refs/heads/release/1",
            "head_ref":"refs/heads/gh-readonly-queue/release/1/pr-12-{a}"}}}}"#
        );
        let Ok(Event::Queue(queue)) = read("merge_group", &text) else { panic!("no queue") };
        assert_eq!((queue.base.as_str(), queue.number), ("release/1", Some(12)));
        assert_eq!((queue.base_sha, queue.head_sha), (a, b));
    }

    #[test]
    fn a_push_that_creates_a_branch_has_no_previous_commit() {
        let text = format!(r#"{{"before":"{}","after":"{}"}}"#, sha('0'), sha('a'));
        let pushed = Pushed { before: None, after: sha('a') };
        assert_eq!(read("push", &text), Ok(Event::Push(pushed)));
    }

    #[test]
    fn a_hostile_event_file_is_one_clear_error() {
        for text in ["", "[]", "{}", r#"{"pull_request":{"number":-1}}"#] {
            assert!(matches!(read("pull_request", text), Err(EventError::Form { .. })), "{text}");
        }
        let bad = pull(r#"{"full_name":"a/b"}"#).replace("\"main\"", "\"a b\"");
        let error = read("pull_request", &bad).unwrap_err().to_string();
        assert_eq!(
            error,
            "the event file of `pull_request` cannot be read: `a b` is not a valid git ref name"
        );
    }

    #[test]
    fn other_events_are_named_without_reading_their_file() {
        assert_eq!(read("schedule", "not json"), Ok(Event::Other("schedule".into())));
    }
}
