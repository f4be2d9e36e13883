//! The `roles` and `tasks` sections: the people of a release, and their tasks.

use super::leaf::seconds;
use super::node::{Node, Value};
use super::shape::{Field, Shape, Word};
use crate::base::names::{ItemId, Person, RoleName, StageName};
use crate::base::source::Spanned;

/// Permission levels of a repository on GitHub, highest first
/// (<https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization>).
const PERMISSIONS: &[Word] = &[
    ("admin", "administrators of the repository"),
    ("maintain", "also maintainers"),
    ("write", "also everybody who can push"),
    ("triage", "also everybody who can manage issues"),
];

const USERS: Shape<'static> = Shape::List { of: &Shape::Text, min: 1 };

const ROLE: Shape<'static> = Shape::AnyOf(&[
    USERS,
    Shape::Object(&[
        Field::new(
            "users",
            USERS,
            "The members of the role, by login, or by the principal of their signing key.",
        ),
        Field::new(
            "team",
            Shape::Text,
            "A team of the organization, `ORGANIZATION/TEAM`. Reading its members needs a token \
             that can read the organization.",
        ),
        Field::new(
            "permission",
            Shape::OneOf(PERMISSIONS),
            "Everybody who has at least this permission on the repository is a member.",
        ),
    ]),
]);

pub(super) const ROLES: Field<'static> = Field::new(
    "roles",
    Shape::Dictionary(&ROLE),
    "The people who approve releases, accept scenarios and complete tasks. Each key is the name of \
     a role; its value is a list of users, or a mapping. Anyone who matches one of the mapping's \
     keys is a member.",
);

const TASK: Shape<'static> = Shape::Object(&[
    Field::new("id", Shape::Name, "The ID of the task in commands, unique in the manifest.")
        .required(),
    Field::new("text", Shape::Text, "What must be done.").required(),
    Field::new("role", Shape::Name, "The role whose members can mark the task as done."),
    Field::new("check", Shape::Text, "A CI check. The task is done when the check succeeds."),
    Field::new(
        "before",
        Shape::Name,
        "The stage that cannot be entered until the task is done. If omitted, the first stage.",
    ),
    Field::new(
        "due",
        Shape::Text,
        "When the task is due, relative to the train that the release leaves with: `-2d` means two \
         days before it. Without a train, it has no due date.",
    ),
]);

pub(super) const TASKS: Field<'static> = Field::new(
    "tasks",
    Shape::List { of: &TASK, min: 1 },
    "The tasks for each release. The gate `tasks-done` checks whether they are done.",
);

/// A role: people who can make statements about a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: RoleName,
    /// Members by name.
    pub users: Vec<Person>,
    /// The team whose members have the role, `ORGANIZATION/TEAM`.
    pub team: Option<String>,
    /// The permission on the repository that members have.
    pub permission: Option<Permission>,
}

impl Role {
    /// Whether the manifest alone determines its members.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.team.is_none() && self.permission.is_none()
    }

    /// Its members as text, as the manifest names them.
    #[must_use]
    pub fn described(&self) -> Vec<String> {
        self.described_without(|_| false)
    }

    /// The same, without some of the users that it lists.
    pub fn described_without(&self, leave_out: impl Fn(&Person) -> bool) -> Vec<String> {
        let users = self.users.iter().filter(|person| !leave_out(person)).map(ToString::to_string);
        let team = self.team.iter().map(|team| format!("team {team}"));
        let level = |it: &Permission| format!("people with the permission `{}`", it.word());
        users.chain(team).chain(self.permission.iter().map(level)).collect()
    }
}

/// A permission on a repository, lowest first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Can read.
    Read,
    /// Can manage issues and pull requests.
    Triage,
    /// Can push.
    Write,
    /// Can manage the repository without dangerous actions.
    Maintain,
    /// Can do everything.
    Admin,
}

impl Permission {
    /// Its name in the manifest and on the forge.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Triage => "triage",
            Self::Write => "write",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        }
    }

    /// The permission with a name.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        let all = [Self::Read, Self::Triage, Self::Write, Self::Maintain, Self::Admin];
        all.into_iter().find(|known| known.word() == word)
    }
}

/// What has to be done for a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its name in commands.
    pub id: Spanned<ItemId>,
    /// What must be done.
    pub text: String,
    /// What proves that it is done.
    pub proof: TaskProof,
    /// The stage that waits for it; `None` for the first stage.
    pub before: Option<StageName>,
    /// When it is due, in seconds from the release; negative before it.
    pub due_seconds: Option<i64>,
}

/// What proves that a task is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskProof {
    /// A member of a role marks it as done.
    Role(RoleName),
    /// A check succeeded on the commit.
    Check(String),
}

pub(super) fn roles(section: &Node) -> Option<Vec<Role>> {
    let Value::Map(entries) = &section.value else { return None };
    let role = |(name, node): &(Spanned<String>, Node)| {
        let users = node.get("users").unwrap_or(node).items();
        let text = |key: &str| node.get(key).and_then(Node::text);
        Some(Role {
            name: RoleName::new(name.value.as_str()).ok()?,
            users: users
                .iter()
                .map(|item| Person::new(item.text()?).ok())
                .collect::<Option<_>>()?,
            team: text("team").map(Into::into),
            permission: text("permission").and_then(Permission::of),
        })
    };
    entries.iter().map(role).collect()
}

pub(super) fn tasks(section: &Node) -> Option<Vec<Task>> {
    section.items().iter().map(task).collect()
}

fn task(node: &Node) -> Option<Task> {
    let text = |key: &str| node.get(key).and_then(Node::text);
    let id = node.get("id")?;
    let before = text("before").map(|name| StageName::new(name).ok());
    let due = text("due").map(due_seconds);
    Some(Task {
        id: Spanned::new(ItemId::new(id.text()?).ok()?, id.span),
        text: text("text")?.into(),
        proof: match (text("role"), text("check")) {
            (Some(role), None) => TaskProof::Role(RoleName::new(role).ok()?),
            (None, Some(check)) => TaskProof::Check(check.into()),
            (_, _) => return None,
        },
        before: before.map_or(Some(None), |before| before.map(Some))?,
        due_seconds: due.map_or(Some(None), |due| due.map(Some))?,
    })
}

/// A time relative to the release (`-2d`), in seconds.
pub(super) fn due_seconds(text: &str) -> Option<i64> {
    let (sign, length) = match text.trim().strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.trim().strip_prefix('+').unwrap_or(text.trim())),
    };
    Some(sign * i64::try_from(seconds(length.trim())?).ok()?)
}
