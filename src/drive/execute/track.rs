//! Keeps the tracking issue of a release: records what people say there, answers them, and keeps its
//! text up to date. It never changes the result of the release.

use crate::base::names::TagName;
use crate::drive::observe::text_digest;
use crate::facts::people::People;
use crate::facts::{Facts, Seen};
use crate::judge::case::Case;
use crate::judge::comments::{acknowledgements, is_recorded, unrecorded};
use crate::ports::{
    CloseReason, ForgePeopleChange, IssueText, PortError, Reaction, ReadPorts, RemoteChange,
};
use crate::project::manifest::Manifest;
use crate::release::ledger::{Event, Ledger};
use crate::release::statement::{Candidate, Shown, Statement};
use crate::report::issue::refusals;

/// How often an append is retried because another process wrote first.
const TRIES: usize = 20;
/// The most comments that one run answers; the next run answers the rest.
const ANSWERS: usize = 20;

/// What it takes to keep the issue of a release.
#[derive(Clone, Copy)]
pub struct Tracker<'a> {
    /// The remote with the ledger.
    pub remote: &'a dyn RemoteChange,
    /// The forge with the issue.
    pub forge: &'a dyn ForgePeopleChange,
    /// What reads: this process, and the time of new entries.
    pub read_ports: ReadPorts<'a>,
}

/// Whether the issue stays open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueEnd {
    /// The release is not finished.
    Open,
    /// It is finished.
    Finished,
    /// It was aborted.
    Aborted,
}

/// What became of the issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tracked {
    /// It was opened.
    Opened(String),
    /// Its text was changed.
    Changed(String),
    /// It was closed.
    Closed(String),
    /// It is up to date.
    Same(String),
    /// Another run opened one first.
    Other(String),
}

impl Tracker<'_> {
    /// Records statements in comments that the ledger does not have; gives how many. The facts get
    /// the ledger as it is then, unless a run continued the release in the meantime.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub async fn record(
        &self,
        tag: &TagName,
        manifest: &Manifest,
        facts: &mut Facts,
    ) -> Result<usize, PortError> {
        let (Ok(known), Ok(people)) = (facts.ledger.known(), facts.people.known()) else {
            return Ok(0);
        };
        let mut new = unrecorded(&Case::new(manifest, facts), known, people);
        let (known, mut ledger) = (known.clone(), known.clone());
        let mut count = 0;
        for _ in 0..TRIES {
            new.retain(|statement| !is_recorded(&ledger, statement));
            if new.is_empty() {
                break;
            }
            let event = |statement: &Statement| Event::Said(Box::new(statement.clone()));
            if self.append(tag, &mut ledger, new.iter().map(event)).await? {
                count = new.len();
                break;
            }
        }
        if ledger.only_adds_aside(&known.entries) {
            facts.ledger = Seen::Known(ledger.clone());
        }
        if let Seen::Known(people) = &mut facts.people {
            for proven in &mut people.statements {
                proven.recorded |= is_recorded(&ledger, &proven.statement);
            }
        }
        Ok(count)
    }

    /// Appends beside the lease. If another process wrote first, the ledger is read again, and
    /// nothing is appended.
    async fn append(
        &self,
        tag: &TagName,
        ledger: &mut Ledger,
        events: impl Iterator<Item = Event>,
    ) -> Result<bool, PortError> {
        let (me, now) = (self.read_ports.prober.me(), self.read_ports.entry_time());
        let entries: Vec<_> = events.map(|event| ledger.aside(event, me.clone(), now)).collect();
        match self.remote.append(tag, ledger.head.as_ref(), &entries).await {
            Ok(head) => {
                ledger.head = Some(head);
                ledger.entries.extend(entries);
                Ok(true)
            }
            // An append without a response may have arrived: read the ledger again.
            Err(PortError::Behind { .. } | PortError::NoAnswer { .. }) => {
                *ledger = self.remote.ledger(tag).await?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Answers comments that were not answered yet: a reaction each, and an explanation of what was
    /// refused. Of several runs, only the one whose reaction is new explains.
    ///
    /// # Errors
    /// When the forge refuses, or does not respond.
    pub async fn acknowledge(
        &self,
        manifest: &Manifest,
        facts: &Facts,
    ) -> Result<usize, PortError> {
        let Ok(people) = facts.people.known() else { return Ok(0) };
        let Some(issue) = &people.issue else { return Ok(0) };
        let case = Case::new(manifest, facts);
        let open = acknowledgements(&case, people);
        for answer in open.iter().take(ANSWERS) {
            if answer.refused.is_empty() {
                self.forge.react(answer.comment, Reaction::Counted).await?;
                continue;
            }
            let new = self.forge.react(answer.comment, Reaction::Refused).await?;
            if new && answer.explained {
                let text = refusals(url(people, answer.comment), &answer.refused);
                self.forge.reply(issue.number, &text).await?;
            }
        }
        Ok(open.len().min(ANSWERS))
    }

    /// Opens the issue, or brings its text up to date.
    ///
    /// # Errors
    /// When the forge or the ledger cannot be written.
    pub async fn keep(
        &self,
        tag: &TagName,
        facts: &mut Facts,
        shows: Option<&Shown>,
        text: &IssueText,
        end: IssueEnd,
    ) -> Result<Option<Tracked>, PortError> {
        let ledger = facts.ledger.known().cloned().unwrap_or_default();
        let issue = facts.people.known().ok().and_then(|people| people.issue.as_ref());
        let Some(issue) = issue else {
            if end != IssueEnd::Open {
                return Ok(None);
            }
            return self.open(tag, facts, ledger, shows, text).await.map(Some);
        };
        let Seen::Known(Some(shown)) = &issue.shown else { return Ok(None) };
        let (number, url) = (issue.number, issue.url.clone());
        let closed = match end {
            IssueEnd::Open => None,
            IssueEnd::Finished => Some(CloseReason::Completed),
            IssueEnd::Aborted => Some(CloseReason::NotPlanned),
        };
        let same = shown.text == text_digest(&text.title, &text.body);
        if same && end == IssueEnd::Open {
            self.show(tag, ledger.clone(), shows, (number, &url)).await?;
        }
        // One that a person closed stays closed until its text changes.
        if same && (!shown.open || closed.is_none()) {
            return Ok(Some(Tracked::Same(url)));
        }
        if same && let Some(because) = closed {
            self.forge.close_issue(number, because).await?;
            return Ok(Some(Tracked::Closed(url)));
        }
        self.forge.edit_issue(number, text, closed).await?;
        self.show(tag, ledger, shows, (number, &url)).await?;
        Ok(Some(if closed.is_some() { Tracked::Closed(url) } else { Tracked::Changed(url) }))
    }

    /// Opens the issue and records it. If another run recorded one first, that one stays.
    async fn open(
        &self,
        tag: &TagName,
        facts: &mut Facts,
        mut ledger: Ledger,
        shows: Option<&Shown>,
        text: &IssueText,
    ) -> Result<Tracked, PortError> {
        let known = ledger.clone();
        let made = self.forge.create_issue(text).await?;
        let event = || Event::Tracked {
            issue: made.number,
            url: made.url.clone(),
            author: made.author.clone(),
            about: shows.map(|shows| Box::new(shows.about.clone())),
            stage: shows.and_then(|shows| shows.stage.clone()),
        };
        for _ in 0..TRIES {
            if let Some((number, url)) = ledger.issue().map(|(at, url)| (at, url.to_owned())) {
                if number == made.number {
                    return Ok(Tracked::Opened(url));
                }
                self.forge.close_issue(made.number, CloseReason::NotPlanned).await?;
                return Ok(Tracked::Other(url));
            }
            match self.append(tag, &mut ledger, std::iter::once(event())).await {
                Ok(true) => {
                    if ledger.only_adds_aside(&known.entries) {
                        facts.ledger = Seen::Known(ledger);
                    }
                    return Ok(Tracked::Opened(made.url));
                }
                Ok(false) => {}
                Err(error) => {
                    // An issue that no ledger names would mislead people.
                    self.forge.close_issue(made.number, CloseReason::NotPlanned).await?;
                    return Err(error);
                }
            }
        }
        self.forge.close_issue(made.number, CloseReason::NotPlanned).await?;
        Err(PortError::Behind { what: format!("append to the ledger of {tag}") })
    }

    /// Records what the text shows, if the ledger says something else. The text was changed before: a
    /// yes to the old text is never one to what the new one shows.
    async fn show(
        &self,
        tag: &TagName,
        mut ledger: Ledger,
        shows: Option<&Shown>,
        (issue, url): (u64, &str),
    ) -> Result<(), PortError> {
        let Some(shows) = shows else { return Ok(()) };
        for _ in 0..TRIES {
            let sealed = ledger.plan().map(Candidate::of);
            let other = sealed.is_some_and(|sealed| sealed != shows.about);
            if other || ledger.shown().as_ref() == Some(shows) {
                return Ok(());
            }
            let author = ledger.issue_author().map(str::to_owned);
            let about = Some(Box::new(shows.about.clone()));
            let (url, stage) = (url.to_owned(), shows.stage.clone());
            let event = Event::Tracked { issue, url, author, about, stage };
            if self.append(tag, &mut ledger, std::iter::once(event)).await? {
                return Ok(());
            }
        }
        Err(PortError::Behind { what: format!("append to the ledger of {tag}") })
    }
}

fn url(people: &People, comment: u64) -> &str {
    let found = people.comments.iter().find(|known| known.id == comment);
    found.map_or("", |comment| comment.url.as_str())
}
