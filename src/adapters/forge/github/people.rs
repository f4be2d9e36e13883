//! Reads who has which permission on the repository, and who is a member of a team.

use super::client::{ApiRequest, Http};
use super::graphql::{Answer, ask};
use super::issue::PageInfo;
use super::retry::{get, read};

use super::wire::encode;
use crate::base::names::{Person, Sha};
use crate::ports::PortError;
use crate::project::manifest::Permission;
use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const TEAM: &str = include_str!("team.graphql");
const WHAT: &str = "read the permissions of people";
/// People in one request.
const AT_ONCE: usize = 100;
/// The most people whose permissions are read.
const MOST: usize = 500;
/// The most people whose permissions are read one by one.
const MOST_SINGLY: usize = 20;
/// Pages of a team, a hundred members on each.
const PAGES: usize = 10;

#[derive(Deserialize)]
struct Collaborators {
    edges: Option<Vec<Option<Collaborator>>>,
}

#[derive(Deserialize)]
struct Collaborator {
    permission: String,
    node: Account,
}

#[derive(Deserialize)]
struct Account {
    login: String,
}

/// Whether a name can be a login: others are principals of signing keys.
fn is_login(person: &&Person) -> bool {
    person.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// The permission of each of some people, a hundred in one request.
pub(super) async fn permissions(
    http: &Http,
    people: &BTreeSet<Person>,
) -> Result<BTreeMap<Person, Permission>, PortError> {
    let logins: Vec<&Person> = people.iter().filter(is_login).collect();
    if logins.len() > MOST {
        let why = format!("{} people commented; at most {MOST} are looked up", logins.len());
        return Err(PortError::Refused { what: WHAT.into(), why });
    }
    let mut found = BTreeMap::new();
    for part in logins.chunks(AT_ONCE) {
        match by_alias(http, part).await? {
            Some(these) => found.extend(these),
            None => return singly(http, &logins).await,
        }
    }
    Ok(found)
}

/// `None` if the token cannot list collaborators.
async fn by_alias(
    http: &Http,
    people: &[&Person],
) -> Result<Option<BTreeMap<Person, Permission>>, PortError> {
    let (mut head, mut fields) = (String::new(), String::new());
    let mut variables = Map::new();
    for (at, person) in people.iter().enumerate() {
        let _ = write!(head, ", $p{at}: String!");
        let _ = write!(
            fields,
            " p{at}: collaborators(login: $p{at}, first: 1) {{ edges {{ permission node {{ login }} }} }}"
        );
        variables.insert(format!("p{at}"), person.as_str().into());
    }
    let query = format!(
        "query Permissions($owner: String!, $name: String!{head}) {{ \
         repository(owner: $owner, name: $name) {{{fields} }} }}"
    );
    let answer = ask(http, WHAT, &query, Value::Object(variables)).await?;
    told_permissions(&answer, people)
}

/// Converts a response; `None` if the token cannot list collaborators.
pub(super) fn told_permissions(
    answer: &Answer,
    people: &[&Person],
) -> Result<Option<BTreeMap<Person, Permission>>, PortError> {
    if answer.errors.iter().any(|error| error.forbids()) {
        return Ok(None);
    }
    if let Some(error) = answer.errors.first() {
        return Err(PortError::NoAnswer { what: WHAT.into(), why: error.message().into() });
    }
    let mut found = BTreeMap::new();
    for (at, person) in people.iter().enumerate() {
        let Some(value) = answer.repository.get(&format!("p{at}")) else {
            let why = "GitHub's response is incomplete".into();
            return Err(PortError::NoAnswer { what: WHAT.into(), why });
        };
        // Without the right to push the list is null.
        let Ok(Some(list)) = Option::<Collaborators>::deserialize(value) else { return Ok(None) };
        let edges = list.edges.into_iter().flatten().flatten();
        let is_same = |edge: &Collaborator| edge.node.login.eq_ignore_ascii_case(person.as_str());
        let permission = edges.filter(is_same).find_map(|edge| level(&edge.permission));
        found.extend(permission.map(|permission| ((*person).clone(), permission)));
    }
    Ok(Some(found))
}

fn level(word: &str) -> Option<Permission> {
    Permission::of(&word.to_ascii_lowercase())
}

#[derive(Deserialize)]
struct Single {
    permission: String,
    role_name: Option<String>,
}

/// The same by REST, a request for each person.
async fn singly(
    http: &Http,
    people: &[&Person],
) -> Result<BTreeMap<Person, Permission>, PortError> {
    if people.len() > MOST_SINGLY {
        let why = format!(
            "the token cannot list the collaborators, and {} people commented; at most {MOST_SINGLY} \
             are looked up one by one",
            people.len()
        );
        return Err(PortError::Refused { what: WHAT.into(), why });
    }
    let mut found = BTreeMap::new();
    for person in people {
        let slug = &http.settings.repository;
        let target = format!("/repos/{slug}/collaborators/{}/permission", encode(person.as_str()));
        let ask = ApiRequest {
            what: WHAT,
            endpoint: "GET /repos/{}/collaborators/{}/permission",
            method: &Method::GET,
            target: &target,
            body: None,
            needs: "metadata: read",
        };
        let Some(page) = get::<Single>(http, &ask).await? else { continue };
        let Single { permission, role_name } = page.value;
        // A role that the organization defined itself is based on one of the permissions.
        let role = role_name.as_deref().and_then(level).or_else(|| level(&permission));
        found.extend(role.map(|role| ((*person).clone(), role)));
    }
    Ok(found)
}

#[derive(Deserialize)]
struct Members {
    #[serde(rename = "pageInfo")]
    page: PageInfo,
    nodes: Vec<Option<Account>>,
}

/// Which of some people are members of a team, read with the token of the organization.
pub(super) async fn team_members(
    http: Option<&Http>,
    team: &str,
    people: &BTreeSet<Person>,
) -> Result<BTreeSet<Person>, PortError> {
    let what = format!("read the members of the team `{team}`");
    let denied = |said: Option<String>| {
        PortError::Denied {
        what: what.clone(),
        needs: "a token that can read the organization".into(),
        help: "set `TMINUS_ORG_TOKEN` (in a workflow the input `organization-token`) to a token with \
               the organization permission \"Members: Read-only\", or list the users of the role by \
               name"
        .into(),
        said,
    }
    };
    let Some(http) = http else { return Err(denied(None)) };
    let Some((organization, slug)) = team.split_once('/') else {
        let why = "it is not `ORGANIZATION/TEAM`".into();
        return Err(PortError::Refused { what, why });
    };
    let (mut members, mut after) = (BTreeSet::new(), None::<String>);
    for _ in 0..PAGES {
        let variables = json!({ "organization": organization, "team": slug, "after": after });
        let answer = query(http, &what, &json!({ "query": TEAM, "variables": variables })).await?;
        let (some, next) = told_members(&what, &answer)?.map_err(denied)?;
        members.extend(some);
        match next {
            None => return Ok(people.intersection(&members).cloned().collect()),
            next => after = next,
        }
    }
    let why = format!("the team has more than {PAGES}00 members");
    Err(PortError::Refused { what, why })
}

/// Some members, and where their next page begins; or what was said instead, if the token cannot see
/// the team: such a team looks like one that does not exist.
type Told = Result<(Vec<Person>, Option<String>), Option<String>>;

/// Converts a response.
pub(super) fn told_members(what: &str, answer: &Value) -> Result<Told, PortError> {
    let page = answer.pointer("/data/organization/team/members");
    let Some(page) = page.filter(|page| !page.is_null()) else {
        let said = answer.pointer("/errors/0/message").and_then(Value::as_str);
        return Ok(Err(said.map(str::to_owned)));
    };
    let wrong = |error: serde_json::Error| PortError::NoAnswer {
        what: what.into(),
        why: format!("GitHub's response cannot be parsed: {error}"),
    };
    let Members { page, nodes } = Members::deserialize(page).map_err(wrong)?;
    let logins = nodes.into_iter().flatten();
    let members = logins.filter_map(|account| Person::new(account.login).ok()).collect();
    Ok(Ok((members, page.next(what)?)))
}

async fn query(http: &Http, what: &str, body: &Value) -> Result<Value, PortError> {
    let ask = ApiRequest {
        what,
        endpoint: "POST /graphql",
        // A read, whatever HTTP calls it.
        method: &Method::GET,
        target: "",
        body: None,
        needs: "a token that can read the organization",
    };
    read(http, what, ask.endpoint, async || {
        let reply = http.judge(&ask, http.graphql(body).await?)?;
        reply.decode::<Value>(what)
    })
    .await
}

const AUTHORS: &str = "read the authors of the commits";
/// Commits whose authors are read at most.
const MOST_COMMITS: usize = 1000;

#[derive(Deserialize)]
struct Authored {
    authors: Option<Authors>,
}

#[derive(Deserialize)]
struct Authors {
    nodes: Option<Vec<Option<Author>>>,
}

#[derive(Deserialize)]
struct Author {
    user: Option<Account>,
}

/// The accounts of the authors of some commits, a hundred commits in one request.
pub(super) async fn authors(http: &Http, commits: &[Sha]) -> Result<BTreeSet<Person>, PortError> {
    if commits.len() > MOST_COMMITS {
        let why = format!(
            "the release has {} commits; the authors of at most {MOST_COMMITS} are read",
            commits.len()
        );
        return Err(PortError::Refused { what: AUTHORS.into(), why });
    }
    let mut found = BTreeSet::new();
    for part in commits.chunks(AT_ONCE) {
        let (mut head, mut fields) = (String::new(), String::new());
        let mut variables = Map::new();
        for (at, sha) in part.iter().enumerate() {
            let _ = write!(head, ", $c{at}: GitObjectID!");
            let _ = write!(
                fields,
                " c{at}: object(oid: $c{at}) {{ ... on Commit {{ authors(first: 20) {{ nodes {{ \
                 user {{ login }} }} }} }} }}"
            );
            variables.insert(format!("c{at}"), sha.as_str().into());
        }
        let query = format!(
            "query Authors($owner: String!, $name: String!{head}) {{ \
             repository(owner: $owner, name: $name) {{{fields} }} }}"
        );
        let answer = ask(http, AUTHORS, &query, Value::Object(variables)).await?;
        found.extend(told_authors(&answer, part.len())?);
    }
    Ok(found)
}

/// Converts a response about so many commits.
pub(super) fn told_authors(answer: &Answer, commits: usize) -> Result<BTreeSet<Person>, PortError> {
    let no_answer = |why: &str| PortError::NoAnswer { what: AUTHORS.into(), why: why.into() };
    if let Some(error) = answer.errors.first() {
        return Err(no_answer(error.message()));
    }
    let mut found = BTreeSet::new();
    for at in 0..commits {
        let value = answer.repository.get(&format!("c{at}"));
        let value = value.ok_or_else(|| no_answer("GitHub's response is incomplete"))?;
        // A commit that GitHub does not have was not pushed; its author is not known.
        let Ok(Some(authored)) = Option::<Authored>::deserialize(value) else {
            return Err(no_answer("GitHub does not have one of the commits"));
        };
        let nodes = authored.authors.and_then(|authors| authors.nodes).into_iter().flatten();
        let accounts = nodes.flatten().filter_map(|author| author.user);
        found.extend(accounts.filter_map(|account| Person::new(account.login).ok()));
    }
    Ok(found)
}
