//! The repository as GraphQL's objects.

use super::bare;
use super::checks::{connection, forbidden, rollup, suites};
use super::deployments;
use super::issues;
use super::manners::{self, REPOSITORY_ID};
use super::message::Answer;
use super::pulls;
use super::releases::listed;
use super::rights;
use super::tracking;
use super::visit::Visit;
use super::wire::time;
use serde_json::{Map, Value, json};
use std::sync::MutexGuard;
use tminus::adapters::sim::{SimRelease, State, TagRef};
use tminus::base::names::{BranchName, EnvironmentName, Sha, TagName};
use tminus::facts::environment::Protection;

/// One query's view of the world.
pub(crate) struct View<'a> {
    pub(crate) visit: &'a Visit<'a>,
    pub(crate) world: MutexGuard<'a, State>,
    releases: Vec<SimRelease>,
}

impl<'a> View<'a> {
    /// Looks at the world; a stale listing wears off only where releases are asked for.
    pub(crate) fn new(visit: &'a Visit<'a>, releases: bool) -> Result<Self, Answer> {
        let mut world = visit.shared.world()?;
        let drafts = visit.scopes.write;
        let releases = if releases { listed(&mut world, drafts) } else { Vec::new() };
        Ok(Self { visit, world, releases })
    }

    /// Fields that take arguments.
    pub(crate) fn resolve(
        &self,
        parent: &Value,
        field: &str,
        arguments: &Map<String, Value>,
    ) -> Option<Value> {
        let kind = parent.get("__typename").and_then(Value::as_str)?;
        let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default();
        match (kind, field) {
            ("Query", "repository") => Some(self.repository(text("owner"), text("name"))),
            ("Query", "rateLimit") => Some(self.rate_limit()),
            ("Query", "viewer") => Some(rights::viewer(self.visit.scopes)),
            ("Query", "nodes") => {
                let ids = arguments.get("ids").and_then(Value::as_array).into_iter().flatten();
                let ids = ids.filter_map(Value::as_str);
                Some(ids.map(|id| deployments::node(self.visit, &self.world, id)).collect())
            }
            ("Query", "__type") => Some(described(text("name"))),
            ("Repository", "object") if arguments.contains_key("expression") => {
                Some(rights::tree(self.visit, &self.world, text("expression")))
            }
            ("Repository", "object") => Some(self.object(text("oid"))),
            ("Commit", "history" | "associatedPullRequests") => {
                let id = parent.get("oid").and_then(Value::as_str).unwrap_or_default();
                Some(if field == "history" { self.history(id) } else { pulls::pulls(self, id) })
            }
            ("Commit", "authors") => {
                let id = parent.get("oid").and_then(Value::as_str).unwrap_or_default();
                Some(connection("GitActor", tracking::authors(self, id)))
            }
            ("Repository", "branchProtectionRules") => Some(pulls::protections(self.visit)),
            ("Repository", "ref") => Some(self.reference(text("qualifiedName"))),
            ("Repository", "environments") => Some(self.environments(arguments)),
            ("Query", "organization") => Some(tracking::organization(text("login"))),
            ("Organization", "team") => {
                Some(tracking::team(self, parent, text("slug"), self.visit.scopes))
            }
            ("Repository", "issue" | "issueOrPullRequest") => {
                Some(tracking::issue(self, tracking::number(arguments)))
            }
            ("Repository", "collaborators") => Some(tracking::collaborators(self, text("login"))),
            ("Repository", "pullRequest") => {
                Some(self.pull(arguments.get("number").and_then(Value::as_u64).unwrap_or_default()))
            }
            ("Repository", "label") => Some(issues::label(self, text("name"))),
            ("Repository" | "Milestone", "issues" | "pullRequests") => {
                Some(issues::open(self, parent, field, arguments))
            }
            ("Repository", "milestones") => Some(issues::milestones(self, text("query"))),
            ("Repository", "release") => {
                let found = self.releases.iter().find(|held| held.release.tag == text("tagName"));
                Some(found.map_or(Value::Null, |held| self.release(held)))
            }
            _ => None,
        }
    }

    fn rate_limit(&self) -> Value {
        let all = manners::limits(self.visit.shared);
        let at = |name: &str| all.pointer(&format!("/resources/graphql/{name}")).cloned();
        let reset = at("reset").and_then(|value| value.as_i64()).unwrap_or_default();
        let reset = jiff::Timestamp::from_second(reset).unwrap_or_default();
        json!({
            "__typename": "RateLimit", "cost": 1, "nodeCount": 100, "limit": at("limit"),
            "remaining": at("remaining"), "used": at("used"), "resetAt": time(reset),
        })
    }

    fn repository(&self, owner: &str, name: &str) -> Value {
        let options = &self.visit.shared.options;
        let asked = format!("{owner}/{name}");
        let known = asked.eq_ignore_ascii_case(&options.repository)
            || options.renamed_from.as_deref() == Some(asked.as_str());
        if !known || (options.private && !self.visit.scopes.read) {
            let text = format!("Could not resolve to a Repository with the name '{asked}'.");
            return json!({ "__missing": text });
        }
        let (_, short) = options.repository.split_once('/').unwrap_or_default();
        let releases: Vec<_> = self.releases.iter().rev().map(|held| self.release(held)).collect();
        let latest = self.world.latest.and_then(|id| {
            self.releases.iter().find(|held| held.release.id == id && !held.release.draft)
        });
        let tags = self.world.tags.keys().map(|tag| self.reference(&format!("refs/tags/{tag}")));
        let tags = connection("Ref", tags.collect());
        let visibility = if options.private { "PRIVATE" } else { "PUBLIC" };
        let none = |kind: &str| connection(kind, Vec::new());
        json!({
            "__typename": "Repository", "id": format!("R_{REPOSITORY_ID}"),
            "databaseId": REPOSITORY_ID, "name": short, "nameWithOwner": options.repository,
            "url": format!("{}/{}", self.visit.shared.base, options.repository),
            "isArchived": false, "isDisabled": false, "isLocked": false,
            "isPrivate": options.private, "visibility": visibility,
            "viewerPermission": null, "viewerCanAdminister": self.visit.scopes.admin,
            "webCommitSignoffRequired": false, "hasIssuesEnabled": true,
            "defaultBranchRef": self.reference(&format!("refs/heads/{}", options.branch)),
            "mergeQueue": null,
            "latestRelease": latest.map(|held| self.release(held)),
            "releases": connection("Release", releases), "refs": tags,
            "rulesets": rights::rulesets(&self.world, self.visit.scopes),
            "deployments": none("Deployment"),
        })
    }

    fn environments(&self, arguments: &Map<String, Value>) -> Value {
        if !self.visit.scopes.actions {
            return forbidden();
        }
        let names = arguments.get("names").and_then(Value::as_array);
        let asked = |name: &str| {
            names.is_none_or(|names| names.iter().any(|one| one.as_str() == Some(name)))
        };
        let all = self.world.environments.iter().filter(|(name, _)| asked(name.as_str()));
        let node = |(name, protection): (&EnvironmentName, &Protection)| {
            let rule =
                json!({ "__typename": "DeploymentProtectionRule", "type": "REQUIRED_REVIEWERS" });
            json!({
                "__typename": "Environment", "id": format!("EN_{name}"), "name": name,
                "protectionRules": connection("DeploymentProtectionRule", vec![rule; protection.rules()]),
            })
        };
        connection("Environment", all.map(node).collect())
    }

    fn pull(&self, number: u64) -> Value {
        let Some(pull) = self.world.open_pulls.get(&number) else {
            if let Some(pull) = pulls::numbered(self, number) {
                return pull;
            }
            let text = format!("Could not resolve to a PullRequest with the number of {number}.");
            return json!({ "__missing": text });
        };
        json!({
            "__typename": "PullRequest", "id": format!("PR_{number}"), "number": number,
            "title": pull.title, "baseRefName": pull.base, "headRefOid": pull.head,
            "isCrossRepository": pull.fork,
        })
    }

    fn release(&self, held: &SimRelease) -> Value {
        let one = &held.release;
        let at = TagName::new(one.tag.clone()).ok().and_then(|tag| self.world.tags.get(&tag));
        let commit = at.map(|at| json!({ "__typename": "Commit", "oid": at.commit.as_str() }));
        let web = format!("{}/{}", self.visit.shared.base, self.visit.shared.options.repository);
        let assets = one.assets.iter().filter(|asset| asset.uploaded).map(|asset| {
            json!({
                "__typename": "ReleaseAsset", "id": format!("RA_{}", asset.id),
                "name": asset.name, "size": asset.size,
                "contentType": "application/octet-stream", "downloadCount": 0,
                "downloadUrl": format!("{web}/releases/download/{}/{}", one.tag, asset.name),
                "createdAt": time(held.created), "updatedAt": time(held.created),
            })
        });
        let page = if one.draft { format!("untagged-{:020x}", one.id) } else { one.tag.clone() };
        json!({
            "__typename": "Release", "id": format!("RE_{}", one.id), "databaseId": one.id,
            "tagName": one.tag, "name": one.name, "description": one.body, "isDraft": one.draft,
            "isPrerelease": one.prerelease, "isLatest": self.world.latest == Some(one.id),
            "immutable": held.immutable, "createdAt": time(held.created),
            "publishedAt": held.published.map(time),
            "updatedAt": time(held.published.unwrap_or(held.created)),
            "url": format!("{web}/releases/tag/{page}"),
            "author": { "__typename": "User", "id": "BOT_1", "login": "github-actions" },
            "tagCommit": commit.filter(|_| !one.draft),
            "releaseAssets": connection("ReleaseAsset", assets.collect()),
        })
    }

    /// An object by its id. Without a repository behind, every commit is there.
    fn object(&self, id: &str) -> Value {
        let Ok(sha) = Sha::new(id) else { return Value::Null };
        if let Some((tag, at)) = self.world.tags.iter().find(|(_, at)| at.object == sha)
            && at.object != at.commit
        {
            return self.tag(tag, at);
        }
        match &self.visit.shared.options.bare {
            Some(path) if bare::commit(path, id).is_none() => Value::Null,
            Some(_) | None => self.commit(&sha),
        }
    }

    pub(crate) fn commit(&self, sha: &Sha) -> Value {
        let checks = self.world.checks.get(sha).map_or(&[][..], Vec::as_slice);
        json!({
            "__typename": "Commit", "id": format!("C_{sha}"), "oid": sha.as_str(),
            "committedDate": "2026-01-01T00:00:00Z", "messageHeadline": "", "messageBody": "",
            "signature": null,
            "statusCheckRollup": rollup(sha.as_str(), checks, self.visit.scopes),
            "checkSuites": suites(checks, self.visit.scopes),
            "tree": pulls::tree(&self.visit.shared.options, &self.world, sha),
            "repository": pulls::home(false),
            "deployments": connection("Deployment", Vec::new()),
        })
    }

    /// The commit and those before it. Without a repository behind, every other commit that has
    /// checks is an earlier one.
    fn history(&self, id: &str) -> Value {
        let commits = match &self.visit.shared.options.bare {
            Some(path) => bare::history(path, id).unwrap_or_default(),
            None => {
                let others = self.world.checks.keys().filter(|sha| sha.as_str() != id);
                Sha::new(id).into_iter().chain(others.cloned()).collect()
            }
        };
        connection("Commit", commits.iter().map(|sha| self.commit(sha)).collect())
    }

    fn tag(&self, tag: &TagName, at: &TagRef) -> Value {
        json!({
            "__typename": "Tag", "id": format!("TA_{}", at.object), "oid": at.object.as_str(),
            "name": tag.as_str(), "message": at.message,
            "tagger": {
                "__typename": "GitActor", "name": "A", "email": "a@example.com",
                "date": "2026-01-01T00:00:00Z",
            },
            "target": self.commit(&at.commit),
        })
    }

    fn reference(&self, name: &str) -> Value {
        if let Some(short) = name.strip_prefix("refs/tags/") {
            let tag = TagName::new(short).ok();
            let found = tag.and_then(|tag| self.world.tags.get_key_value(&tag));
            return found.map_or(Value::Null, |(tag, at)| {
                let light = at.object == at.commit;
                let target = if light { self.commit(&at.commit) } else { self.tag(tag, at) };
                bare_ref(short, "refs/tags/", target, connection("RepositoryRule", Vec::new()))
            });
        }
        let short = name.trim_start_matches("refs/heads/");
        let options = &self.visit.shared.options;
        let branch = BranchName::new(short).ok();
        let rules = branch.and_then(|branch| self.world.rules.get(&branch));
        let commit = match &options.bare {
            Some(path) => match bare::commit(path, short) {
                Some(commit) => Some(commit),
                None => return Value::Null,
            },
            None if rules.is_none() && short != options.branch => return Value::Null,
            None => None,
        };
        let checks = rules.into_iter().flatten().map(|check| {
            json!({
                "__typename": "StatusCheckConfiguration", "context": check.name,
                "integrationId": check.app_id,
            })
        });
        let checks: Vec<_> = checks.collect();
        let rule = (!checks.is_empty()).then(|| rule(&checks));
        let target = commit.map_or(Value::Null, |commit| self.commit(&commit));
        let rules = connection("RepositoryRule", rule.into_iter().collect());
        let mut branch = bare_ref(short, "refs/heads/", target, rules);
        if let Some(branch) = branch.as_object_mut() {
            branch.insert("refUpdateRule".into(), pulls::update_rule(options, short));
            let rule = pulls::protection_rule(self.visit, short);
            branch.insert("branchProtectionRule".into(), rule);
        }
        branch
    }
}

fn rule(checks: &[Value]) -> Value {
    json!({
        "__typename": "RepositoryRule", "id": "RRU_1", "type": "REQUIRED_STATUS_CHECKS",
        "repositoryRuleset": {
            "__typename": "RepositoryRuleset", "id": "RRS_42", "databaseId": 42, "name": "main",
            "enforcement": "ACTIVE",
        },
        "parameters": {
            "__typename": "RequiredStatusChecksParameters",
            "strictRequiredStatusChecksPolicy": false, "doNotEnforceOnCreate": false,
            "requiredStatusChecks": checks,
        },
    })
}

fn bare_ref(short: &str, prefix: &str, target: Value, rules: Value) -> Value {
    json!({
        "__typename": "Ref", "id": format!("REF_{short}"), "name": short, "prefix": prefix,
        "target": target, "refUpdateRule": null, "branchProtectionRule": null, "compare": null,
        "rules": rules,
    })
}

/// Introspection of one type, as far as drift is looked for.
fn described(name: &str) -> Value {
    let fields: &[&str] = match name {
        "Release" => &["id", "databaseId", "tagName", "isDraft", "isLatest", "immutable"],
        "ReleaseAsset" => &["id", "name", "size", "downloadUrl"],
        _ => return Value::Null,
    };
    let fields = fields.iter().map(|name| json!({ "__typename": "__Field", "name": name }));
    json!({ "__typename": "__Type", "name": name, "fields": fields.collect::<Vec<_>>() })
}
