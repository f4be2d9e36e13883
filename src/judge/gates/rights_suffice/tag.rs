//! Whether a tag can be created or moved: the rulesets, and the workflow files of its commit.

use super::needs::TagCreator;
use super::tally::RulingBuilder;
use super::words::{another, token_description};
use crate::base::finding::{Finding, Who};
use crate::base::names::TagName;
use crate::facts::rights::{PushIdentity, Rights, TokenKind, Workflows};
use crate::facts::tag_rules::{RuleEffect, TagRuleset};
use crate::facts::{Facts, TagAt};
use crate::project::manifest::ForgeMessages;

/// The tag that is to be created or moved, and by whom.
pub(super) struct Tag<'a> {
    pub(super) facts: &'a Facts,
    pub(super) rights: &'a Rights,
    pub(super) tag: &'a TagName,
    /// Its current target; `None` if it must be created.
    pub(super) now: Option<&'a TagAt>,
    pub(super) maker: TagCreator,
    /// Rulesets that git's own credentials can bypass, according to the manifest.
    pub(super) bypass: &'a [String],
    pub(super) words: &'static ForgeMessages,
}

impl Tag<'_> {
    /// The identity with which git pushes the tag, if it differs from the owner of the API token.
    fn other(&self) -> Option<PushIdentity> {
        let push = self.rights.push.known().ok().filter(|_| self.maker == TagCreator::Git)?;
        (!push.with.is_api_token()).then_some(push.with)
    }

    pub(super) fn rules(&self, tally: &mut RulingBuilder) {
        let rulesets = match self.rights.tag_rules.known() {
            Ok(rulesets) => rulesets,
            Err(unseen) => {
                return tally.unseen(&format!("which rulesets apply to `{}`", self.tag), unseen);
            }
        };
        let (mut over, mut beside) = (0_usize, Vec::new());
        for ruleset in rulesets {
            match ruleset.fits(self.tag) {
                Ok(false) => {}
                Ok(true) => {
                    over += 1;
                    self.ruleset(ruleset, tally, &mut beside);
                }
                Err(pattern) => {
                    let message = format!(
                        "cannot determine whether ruleset `{}` applies to `{}`: `{pattern}` cannot be parsed",
                        ruleset.name, self.tag
                    );
                    tally.unknown(Finding::new(message).who(Who::Administrator));
                }
            }
        }
        let tag = self.tag;
        tally.fine(match over {
            0 => format!("no ruleset applies to {tag}"),
            1 => format!("1 tag ruleset allows {tag}"),
            _ => format!("{over} tag rulesets allow {tag}"),
        });
        if !beside.is_empty() {
            beside.sort();
            beside.dedup();
            let rules = beside.join(", ");
            tally.fine(format!("{tag} must also satisfy {rules}, which tminus cannot evaluate"));
        }
    }

    fn ruleset(&self, ruleset: &TagRuleset, tally: &mut RulingBuilder, beside: &mut Vec<String>) {
        for (rule, says) in ruleset.says(self.tag, self.now) {
            match says {
                RuleEffect::Nothing => {}
                RuleEffect::Perhaps => beside.push(format!("`{}`", rule.kind)),
                RuleEffect::No(why) => {
                    let message = format!("ruleset `{}` {why}", ruleset.name);
                    self.bypass(ruleset, message, tally);
                }
                RuleEffect::Unclear(why) => self.unclear(ruleset, &why, tally),
            }
        }
    }

    fn unclear(&self, ruleset: &TagRuleset, why: &str, tally: &mut RulingBuilder) {
        if self.other().is_none() && ruleset.bypass.known() == Ok(&true) || self.says_so(ruleset) {
            return;
        }
        let (name, tag) = (&ruleset.name, self.tag);
        let message = format!("cannot determine whether ruleset `{name}` allows `{tag}`: {why}");
        tally.unknown(Finding::new(message).who(Who::Administrator));
    }

    /// A ruleset rejects the tag: it can be bypassed, it cannot, or this is unknown.
    fn bypass(&self, ruleset: &TagRuleset, message: String, tally: &mut RulingBuilder) {
        if self.says_so(ruleset) {
            return;
        }
        let say_so = format!(
            "if the bypass is allowed, set `rights-suffice: {{ bypass: [\"{}\"] }}` under `gates`",
            ruleset.name
        );
        let with = match self.other() {
            Some(PushIdentity::Key) => "the SSH key",
            Some(PushIdentity::Helper | PushIdentity::Token | PushIdentity::Nobody) => {
                "the account that git uses"
            }
            None => {
                return match ruleset.bypass.known() {
                    Ok(true) => {}
                    Ok(false) => {
                        let mut finding = Finding::new(message);
                        finding.notes.extend(token_description(&self.rights.token, self.words));
                        tally.no(finding
                            .note("the token cannot bypass it")
                            .help(another(&self.rights.token, self.words))
                            .who(Who::Administrator));
                    }
                    Err(unseen) => tally.unknown(
                        Finding::new(message)
                            .note(format!(
                                "cannot determine whether the token can bypass it: {}",
                                unseen.why
                            ))
                            .help(another(&self.rights.token, self.words))
                            .who(Who::Administrator),
                    ),
                };
            }
        };
        let note = format!(
            "cannot determine whether {with} can bypass the ruleset: {} reports this only for the API token",
            self.words.name
        );
        tally.unknown(Finding::new(message).note(note).help(say_so).who(Who::Author));
    }

    fn says_so(&self, ruleset: &TagRuleset) -> bool {
        self.other().is_some() && self.bypass.contains(&ruleset.name)
    }

    /// A tag on a commit whose workflow files are not the default branch's requires the permission
    /// to write workflows, if the token is an app's or has scopes.
    pub(super) fn workflows(&self, tally: &mut RulingBuilder) {
        let workflows = match self.rights.workflows.known() {
            Ok(workflows) => workflows,
            Err(unseen) => {
                return tally.unseen("whether the workflow files match the default branch", unseen);
            }
        };
        if *workflows == Workflows::Same || self.other() == Some(PushIdentity::Key) {
            return;
        }
        let at = self.facts.commit.sha.short();
        let differ = format!("the workflow files at {at} differ from those on the default branch");
        let finding = || {
            let finding = Finding::new(format!(
                "{differ}; tagging this commit requires `workflows: write`, which the token lacks"
            ));
            token_description(&self.rights.token, self.words)
                .into_iter()
                .fold(finding, Finding::note)
        };
        let kind = self.rights.token.known().map(|token| &token.kind);
        match kind {
            Ok(TokenKind::Job) => {
                tally.no(finding().help(self.words.workflows_job).who(Who::Author));
            }
            Ok(TokenKind::Classic { scopes }) if !scopes.iter().any(|one| one == "workflow") => {
                let help = "add the `workflow` scope to the token";
                tally.no(finding().help(help).who(Who::Grantor));
            }
            Ok(TokenKind::Classic { .. }) => {}
            Ok(TokenKind::App | TokenKind::FineGrained | TokenKind::Unknown) | Err(_) => {
                tally.fine(
                    "workflow files differ from the default branch, so creating the tag requires `workflows: write`",
                );
            }
        }
    }
}
