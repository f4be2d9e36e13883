//! Calls that leave the process.

/// Which call it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EffectKind {
    /// Checks, rules, tag and release in one.
    Survey,
    /// Checks on earlier commits.
    Past,
    /// The pull requests of a commit.
    Merged,
    /// A file of another repository.
    Elsewhere,
    /// Open issues and pull requests.
    Blockers,
    /// The listing of releases.
    Releases,
    /// One release.
    Release,
    /// What the token may do.
    Rights,
    /// Whether an immutable release has a tag.
    Lock,
    /// Notes are made, and not saved.
    Notes,
    /// Whether git may push.
    MayPush,
    /// A draft is made.
    CreateDraft,
    /// An asset is sent.
    Upload,
    /// An asset is removed.
    DeleteAsset,
    /// A draft is removed.
    DeleteDraft,
    /// A draft goes public.
    Publish,
    /// The remote's refs are read.
    Refs,
    /// Something is fetched.
    Fetch,
    /// A record is read.
    Ledger,
    /// A record grows.
    Append,
    /// A document is read.
    Document,
    /// A document is replaced.
    ReplaceDocument,
    /// The protection of an environment is read.
    Protection,
    /// Approvals of an environment are read.
    Approvals,
    /// Deployments are read.
    Deployments,
    /// A deployment is made.
    CreateDeployment,
    /// A deployment gets a state.
    SetDeployment,
    /// An HTTP request to the user's system.
    Http,
    /// The job's identity is read.
    Identity,
    /// A tag is made.
    CreateTag,
    /// A tag is moved.
    MoveTag,
    /// A tag is removed.
    DeleteTag,
    /// A probe of the user runs.
    Probe,
    /// A command of the user's is run.
    Run,
    /// A status, a check run or a comment is written.
    ForgePost,
    /// What was told is read.
    Told,
    /// An issue is read.
    Issue,
    /// Permissions or members of teams are read.
    People,
    /// An issue is opened.
    CreateIssue,
    /// An issue is changed or closed, or a comment is acknowledged.
    ChangeIssue,
}

impl EffectKind {
    /// Whether it needs the right to write to the repository.
    #[must_use]
    pub fn writes(self) -> bool {
        match self {
            Self::CreateDraft
            | Self::Upload
            | Self::DeleteAsset
            | Self::DeleteDraft
            | Self::Publish
            | Self::Append
            | Self::ReplaceDocument
            | Self::CreateDeployment
            | Self::SetDeployment
            | Self::CreateTag
            | Self::MoveTag
            | Self::DeleteTag => true,
            Self::Survey
            | Self::Past
            | Self::Merged
            | Self::Elsewhere
            | Self::Blockers
            | Self::Releases
            | Self::Release
            | Self::Rights
            | Self::Lock
            | Self::Notes
            | Self::MayPush
            | Self::Refs
            | Self::Fetch
            | Self::Ledger
            | Self::Document
            | Self::Protection
            | Self::Approvals
            | Self::Deployments
            | Self::Http
            | Self::Identity
            | Self::Probe
            | Self::Run
            | Self::ForgePost
            | Self::Told
            | Self::Issue
            | Self::People
            | Self::CreateIssue
            | Self::ChangeIssue => false,
        }
    }

    /// Whether it writes a deployment, which is a right of its own.
    pub(super) fn deploys(self) -> bool {
        matches!(self, Self::CreateDeployment | Self::SetDeployment)
    }
}
