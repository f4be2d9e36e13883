//! Tag rulesets: which of them apply to a tag, and whether they allow to create or to move it.
//!
//! No endpoint reports the rules of a tag that does not exist yet, so they are matched here, as
//! described on GitHub's page "Creating rulesets for a repository".

use crate::base::names::TagName;
use crate::base::seen::Seen;
use crate::facts::history::TagAt;
use globset::GlobBuilder;
use regex::RegexBuilder;
use serde::{Deserialize, Serialize};

/// The maximum size of a compiled pattern; patterns are untrusted.
const MAX_BYTES: usize = 1 << 20;

/// A ruleset that is enforced on tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagRuleset {
    /// Its ID, if the forge reports it.
    pub id: Option<u64>,
    /// Its name.
    pub name: String,
    /// Patterns of the refs that it applies to, in full (`refs/tags/v*`), or `~ALL`.
    pub include: Vec<String>,
    /// Patterns of refs that it does not apply to.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Its rules.
    pub rules: Vec<TagRule>,
    /// Whether the token can bypass it; queried only for a ruleset that would reject the tag.
    #[serde(default = "Seen::not_asked")]
    pub bypass: Seen<bool>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagRule {
    /// Its name in the REST API (`creation`, `tag_name_pattern`).
    pub kind: String,
    /// The name pattern that it requires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<NamePattern>,
}

/// The requirement of a `tag_name_pattern` rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamePattern {
    /// `starts_with`, `ends_with`, `contains` or `regex`.
    pub operator: String,
    /// The text to search for.
    pub pattern: String,
    /// Whether the pattern is negated.
    #[serde(default)]
    pub negate: bool,
}

/// The effect of a rule on a tag that is created or moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleEffect {
    /// It allows the operation, or does not apply to it.
    Nothing,
    /// It rejects the operation; the reason follows "ruleset … ".
    No(String),
    /// It may reject the operation, depending on data that is not evaluated here (signatures,
    /// commit messages).
    Perhaps,
    /// It could not be evaluated; contains the reason.
    Unclear(String),
}

impl TagRuleset {
    /// Whether it applies to a tag.
    ///
    /// # Errors
    /// When a pattern cannot be parsed.
    pub fn fits(&self, tag: &TagName) -> Result<bool, String> {
        let name = format!("refs/tags/{tag}");
        let any = |patterns: &[String]| -> Result<bool, String> {
            patterns.iter().try_fold(false, |found, one| Ok(found | matches(one, &name)?))
        };
        Ok(any(&self.include)? && !any(&self.exclude)?)
    }

    /// The effect of its rules on a tag that it applies to: on moving the tag from its current
    /// target, or on creating it.
    pub fn says<'a>(
        &'a self,
        tag: &'a TagName,
        now: Option<&'a TagAt>,
    ) -> impl Iterator<Item = (&'a TagRule, RuleEffect)> {
        self.rules.iter().map(move |rule| (rule, rule.says(tag, now)))
    }

    /// Whether it is known to reject a tag unless it is bypassed.
    #[must_use]
    pub fn refuses(&self, tag: &TagName, now: Option<&TagAt>) -> bool {
        self.fits(tag).unwrap_or(true)
            && self
                .says(tag, now)
                .any(|(_, says)| matches!(says, RuleEffect::No(_) | RuleEffect::Unclear(_)))
    }
}

impl TagRule {
    fn says(&self, tag: &TagName, now: Option<&TagAt>) -> RuleEffect {
        if let Some(now) = now {
            return self.says_of_move(tag, now);
        }
        match (self.kind.as_str(), &self.pattern) {
            ("creation", _) => RuleEffect::No(format!("restricts who can create `{tag}`")),
            ("tag_name_pattern", Some(pattern)) => pattern.says(tag),
            ("tag_name_pattern", None) => RuleEffect::Unclear("its pattern is unknown".into()),
            // These rules concern existing tags.
            ("update" | "deletion" | "non_fast_forward", _) => RuleEffect::Nothing,
            _ => RuleEffect::Perhaps,
        }
    }

    fn says_of_move(&self, tag: &TagName, now: &TagAt) -> RuleEffect {
        match (self.kind.as_str(), &self.pattern) {
            ("update", _) => RuleEffect::No(format!("restricts who can move `{tag}`")),
            ("non_fast_forward", _) if now.annotated() => RuleEffect::Unclear(format!(
                "it blocks force pushes, and `{tag}` points to a tag object"
            )),
            ("non_fast_forward", _) if !now.ancestor => RuleEffect::No(format!(
                "blocks force pushes, but `{tag}` is at {}, which is not an ancestor of the commit",
                now.commit.short()
            )),
            // A tag that is moved is neither created nor deleted.
            ("creation" | "deletion" | "non_fast_forward", _) => RuleEffect::Nothing,
            ("tag_name_pattern", Some(pattern)) => pattern.says(tag),
            ("tag_name_pattern", None) => RuleEffect::Unclear("its pattern is unknown".into()),
            _ => RuleEffect::Perhaps,
        }
    }
}

impl NamePattern {
    fn says(&self, tag: &TagName) -> RuleEffect {
        let (name, pattern) = (tag.as_str(), self.pattern.as_str());
        let (found, must) = match self.operator.as_str() {
            "starts_with" => (name.starts_with(pattern), "start with"),
            "ends_with" => (name.ends_with(pattern), "end with"),
            "contains" => (name.contains(pattern), "contain"),
            // GitHub uses the syntax of RE2; a match anywhere in the name counts.
            "regex" => match RegexBuilder::new(pattern).size_limit(MAX_BYTES).build() {
                Ok(regex) => (regex.is_match(name), "match"),
                Err(_) => {
                    return RuleEffect::Unclear(format!(
                        "`{pattern}` is not a supported regular expression"
                    ));
                }
            },
            other => return RuleEffect::Unclear(format!("it uses the unknown operator `{other}`")),
        };
        if found != self.negate {
            return RuleEffect::Nothing;
        }
        RuleEffect::No(if self.negate {
            format!("requires tag names that do not {must} `{pattern}`, but `{tag}` does")
        } else {
            format!("requires tag names that {must} `{pattern}`, but `{tag}` does not")
        })
    }
}

/// Ruby's `File.fnmatch` with `FNM_PATHNAME`, which GitHub uses to match refs: `*` matches within a
/// path segment, `**/` matches any number of segments, braces are literal.
fn matches(pattern: &str, name: &str) -> Result<bool, String> {
    match pattern {
        "~ALL" => return Ok(true),
        "~DEFAULT_BRANCH" => return Ok(false),
        _ => {}
    }
    let glob = pattern.replace('{', "[{]").replace('}', "[}]");
    let glob = match glob.strip_suffix("**") {
        Some(before) => format!("{before}*"),
        None => glob,
    };
    let glob = GlobBuilder::new(&glob).literal_separator(true).backslash_escape(true).build();
    let glob = glob.map_err(|_| pattern.to_owned())?;
    Ok(glob.compile_matcher().is_match(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(name: &str) -> TagName {
        TagName::new(name).unwrap()
    }

    fn ruleset(include: &[&str], exclude: &[&str]) -> TagRuleset {
        let owned = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect();
        let rule = TagRule { kind: "creation".into(), pattern: None };
        TagRuleset {
            id: None,
            name: "tags".into(),
            include: owned(include),
            exclude: owned(exclude),
            rules: vec![rule],
            bypass: Seen::not_asked(),
        }
    }

    #[test]
    fn a_ruleset_applies_to_the_refs_that_match_its_patterns() {
        for (include, exclude, name, fits) in [
            (&["~ALL"][..], &[][..], "v1.1.0", true),
            (&[], &[], "v1.1.0", false),
            (&["~DEFAULT_BRANCH"], &[], "main", false),
            (&["refs/tags/v*"], &[], "v1.1.0", true),
            (&["refs/tags/v*"], &[], "core/v1.1.0", false),
            (&["refs/tags/*"], &[], "core/v1.1.0", false),
            (&["refs/tags/**/*"], &[], "v1.1.0", true),
            (&["refs/tags/**/*"], &[], "core/v1.1.0", true),
            (&["refs/tags/**"], &[], "core/v1.1.0", false),
            (&["refs/tags/**"], &[], "v1.1.0", true),
            (&["refs/heads/v*"], &[], "v1.1.0", false),
            (&["refs/tags/v[0-9].*"], &[], "v1.1.0", true),
            (&["refs/tags/v?.1.0"], &[], "v1.1.0", true),
            (&["refs/tags/{v,w}*"], &[], "v1.1.0", false),
            (&["~ALL"], &["refs/tags/v*"], "v1.1.0", false),
            (&["~ALL"], &["refs/tags/w*"], "v1.1.0", true),
        ] {
            let ruleset = ruleset(include, exclude);
            assert_eq!(ruleset.fits(&tag(name)), Ok(fits), "{include:?} {exclude:?} {name}");
        }
        let odd = ruleset(&["refs/tags/[v"], &[]);
        assert_eq!(odd.fits(&tag("v1")), Err("refs/tags/[v".into()));
        assert!(odd.refuses(&tag("v1"), None), "what cannot be read is not passed over");
    }

    #[test]
    fn a_tag_name_rule_is_evaluated_by_its_operator() {
        for (operator, pattern, negate, refused) in [
            ("starts_with", "v", false, false),
            ("starts_with", "release-", false, true),
            ("ends_with", ".0", false, false),
            ("ends_with", ".0", true, true),
            ("contains", "beta", false, true),
            ("contains", "beta", true, false),
            ("regex", r"^v\d+\.\d+\.\d+$", false, false),
            ("regex", r"^\d+\.\d+\.\d+$", false, true),
            ("regex", r"\d", true, true),
        ] {
            let pattern =
                NamePattern { operator: operator.into(), pattern: pattern.into(), negate };
            let says = pattern.says(&tag("v1.1.0"));
            assert_eq!(matches!(says, RuleEffect::No(_)), refused, "{pattern:?}: {says:?}");
            assert_eq!(says == RuleEffect::Nothing, !refused, "{pattern:?}: {says:?}");
        }
        for (operator, pattern) in [("regex", "("), ("regex", "(a{1000}){1000}"), ("like", "v%")] {
            let (operator, pattern) = (operator.to_owned(), pattern.to_owned());
            let says = NamePattern { operator, pattern, negate: false }.says(&tag("v1.1.0"));
            assert!(matches!(says, RuleEffect::Unclear(_)), "{says:?}");
        }
    }

    #[test]
    fn rule_conditions_beyond_the_name_are_not_ignored() {
        let says = |kind: &str| TagRule { kind: kind.into(), pattern: None }.says(&tag("v1"), None);
        assert!(matches!(says("creation"), RuleEffect::No(_)));
        assert!(matches!(says("tag_name_pattern"), RuleEffect::Unclear(_)));
        for kind in ["update", "deletion", "non_fast_forward"] {
            assert_eq!(says(kind), RuleEffect::Nothing, "{kind}");
        }
        for kind in ["required_signatures", "commit_message_pattern", "invented_tomorrow"] {
            assert_eq!(says(kind), RuleEffect::Perhaps, "{kind}");
        }
    }
}
