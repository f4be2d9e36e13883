//! The rules that leave a commit out of the release notes. Each rule's name and sentence are
//! defined only here; reports and documentation repeat them.

/// Why a commit is not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Excluded {
    /// A merge commit: its changes are in the commits that it merges.
    Merge,
    /// A commit of a pull request whose title is listed instead.
    PullRequest,
    /// Reverted by a later commit in the range.
    Reverted,
    /// Reverts a commit in the range.
    Reverts,
    /// It changes nothing in the package's folder.
    Elsewhere,
    /// `fixup!`, `squash!` or `amend!`, left over from a rebase.
    Fixup,
    /// It only sets the version that is released.
    Release,
    /// Written by a bot.
    Bot,
    /// Of a type that notes do not list.
    Kind,
}

impl Excluded {
    /// All rules, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Merge,
        Self::PullRequest,
        Self::Reverted,
        Self::Reverts,
        Self::Elsewhere,
        Self::Fixup,
        Self::Release,
        Self::Bot,
        Self::Kind,
    ];

    /// The rule's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Merge => "merge-commit",
            Self::PullRequest => "pull-request",
            Self::Reverted => "reverted",
            Self::Reverts => "revert",
            Self::Elsewhere => "other-package",
            Self::Fixup => "fixup",
            Self::Release => "release-commit",
            Self::Bot => "bot",
            Self::Kind => "kind-not-listed",
        }
    }

    /// The rule in a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Merge => {
                "it is a merge commit; the commits that it merges are accounted for separately"
            }
            Self::PullRequest => "it belongs to a pull request whose title is listed instead",
            Self::Reverted => "a later commit of the same release reverts it",
            Self::Reverts => "it only reverts commits of the same release",
            Self::Elsewhere => "it changes nothing in the folder of the package",
            Self::Fixup => {
                "it is a `fixup!`, `squash!` or `amend!` commit that should have been combined by \
                 a rebase"
            }
            Self::Release => "it only sets the version, and changes nothing for users",
            Self::Bot => "a bot wrote it, and it requires no new version",
            Self::Kind => {
                "its type is `build`, `chore`, `ci`, `refactor`, `release`, `style` or `test`, and \
                 it is not breaking"
            }
        }
    }
}
