//! The permissions of the simulated credentials, and the simulated tag rulesets.

use super::refusal::Refusal;
use super::state::State;
use crate::base::names::TagName;
use crate::facts::rights::{Environment, Permission, Push, PushIdentity, Rights};
use crate::facts::{Seen, TagAt};
use crate::ports::{PermissionQuery, PermissionScope};

impl State {
    /// Notes, for those who may write.
    pub(super) fn generated_notes(&self) -> Result<String, Refusal> {
        match self.leave() {
            Permission::Granted => {}
            Permission::Denied { needs, .. } => return Err(Refusal::Denied { needs }),
        }
        Ok(self.settings.generated_notes.clone())
    }

    /// What the token may do.
    pub(super) fn rights_of(&self, inquiry: &PermissionQuery) -> Rights {
        Rights {
            token: Seen::Known(self.settings.token.clone()),
            releases: Seen::Known(self.leave()),
            deployments: self.leave_to_deploy(inquiry),
            push: Seen::not_asked(),
            tag_rules: Seen::Known(self.tag_rules.clone()),
            workflows: Seen::Known(self.settings.workflows),
            environments: Seen::Known(
                self.environments
                    .iter()
                    .filter(|(name, _)| inquiry.environments.iter().any(|one| one == name.as_str()))
                    .map(|(name, it)| Environment { name: name.to_string(), rules: it.rules() })
                    .collect(),
            ),
            immutable: match inquiry.extent {
                PermissionScope::Whole => Seen::Known(self.settings.immutable_releases),
                PermissionScope::Again => Seen::not_asked(),
            },
            quotas: Vec::new(),
        }
    }

    /// Whether git may push; it does so with the same token.
    pub(super) fn leave_to_push(&self) -> Push {
        Push { leave: self.leave(), with: PushIdentity::Token }
    }

    fn leave_to_deploy(&self, inquiry: &PermissionQuery) -> Seen<Permission> {
        if inquiry.environments.is_empty() {
            return Seen::not_asked();
        }
        let needs = "deployments: write".into();
        Seen::Known(match self.may_deploy() {
            true => Permission::Granted,
            false => Permission::Denied { needs, why: None },
        })
    }

    /// Whether deployments can be written.
    pub(super) fn may_deploy(&self) -> bool {
        self.rights.deploy && !self.rights_lost
    }

    fn leave(&self) -> Permission {
        if self.sees_drafts() {
            return Permission::Granted;
        }
        Permission::Denied { needs: "contents: write".into(), why: None }
    }

    /// Rejects a tag that a ruleset forbids.
    ///
    /// # Errors
    /// In GitHub's words.
    pub(super) fn refuse_by_rules(
        &self,
        tag: &TagName,
        now: Option<&TagAt>,
    ) -> Result<(), Refusal> {
        let stops = |ruleset: &&crate::facts::tag_rules::TagRuleset| {
            ruleset.refuses(tag, now) && ruleset.bypass.known() != Ok(&true)
        };
        match self.tag_rules.iter().find(stops) {
            None => Ok(()),
            Some(_) => {
                let why = match now {
                    None => {
                        "Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n"
                    }
                    Some(_) => {
                        "Repository rule violations found\n\nCannot update this protected ref.\n\n"
                    }
                };
                Err(Refusal::invalid("Release", "custom", "pre_receive", why))
            }
        }
    }
}
