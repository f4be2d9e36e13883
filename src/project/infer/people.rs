//! The people that a new manifest proposes for its roles.

use super::json;
use crate::base::names::{Person, RoleName};

/// Where GitHub looks for the owners of a repository, in this order
/// (<https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#codeowners-file-location>).
pub const OWNERS: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// The most people, and the most teams, that are proposed.
const MOST: usize = 6;

/// The role of people who are named one by one.
const ROLE: &str = "maintainers";

/// People who could have a role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProposedPeople {
    /// What they were found in.
    pub from: String,
    users: Vec<Person>,
    teams: Vec<(RoleName, String)>,
}

impl ProposedPeople {
    /// The owners in a file of code owners: those of everything or, if it has no such line, all.
    #[must_use]
    pub fn of_owners(path: &str, text: &str) -> Self {
        let mut proposed = Self { from: format!("`{path}`"), ..Self::default() };
        let lines = || {
            let lines = text.lines().map(|line| line.split('#').next().unwrap_or("").trim());
            lines.filter(|line| !line.is_empty() && !line.starts_with('['))
        };
        // The last line that fits a file counts.
        let general = lines().rfind(|line| line.split_whitespace().next() == Some("*"));
        let chosen: Vec<&str> = match general {
            Some(line) => vec![line],
            None => lines().collect(),
        };
        for word in chosen.iter().flat_map(|line| line.split_whitespace().skip(1)) {
            let Some(name) = word.strip_prefix('@') else { continue };
            match name.split_once('/') {
                None => proposed.user(name),
                Some((_, team)) => proposed.team(team, name),
            }
        }
        proposed
    }

    /// The people in addresses that GitHub gives to those who hide theirs. Only these contain a login.
    #[must_use]
    pub fn of_addresses(addresses: &[String]) -> Self {
        let mut proposed = Self { from: "the last releases".into(), ..Self::default() };
        for address in addresses {
            let Some(name) = address.strip_suffix("@users.noreply.github.com") else { continue };
            proposed.user(name.split_once('+').map_or(name, |(_, login)| login));
        }
        proposed
    }

    /// Whether it names nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.teams.is_empty()
    }

    fn user(&mut self, login: &str) {
        let login_of_a_person = login.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let Some(person) = Person::new(login).ok().filter(|_| login_of_a_person) else { return };
        if self.users.len() < MOST && !self.users.contains(&person) {
            self.users.push(person);
        }
    }

    fn team(&mut self, role: &str, name: &str) {
        let Ok(role) = RoleName::new(role) else { return };
        let new = role.as_str() != ROLE && self.teams.iter().all(|(known, _)| *known != role);
        if self.teams.len() < MOST && new {
            self.teams.push((role, name.to_owned()));
        }
    }

    /// The section of the manifest, commented out.
    #[must_use]
    pub fn section(&self) -> String {
        let mut lines =
            vec![format!("# roles: # people who could approve releases, based on {}", self.from)];
        let users: Vec<String> = self.users.iter().map(|user| json(user.as_str())).collect();
        if !users.is_empty() {
            lines.push(format!("#   {ROLE}: [{}]", users.join(", ")));
        }
        let teams = self.teams.iter();
        lines.extend(teams.map(|(role, team)| format!("#   {role}: {{ team: {} }}", json(team))));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owners_of_everything_are_proposed_and_nobody_who_is_no_user_or_team() {
        let text = "# owners\n*.md @docs\n* @Ada dev@example.com @acme/core @ada # all\n[x] @no\n/a @lin\n";
        let proposed = ProposedPeople::of_owners("CODEOWNERS", text);
        assert_eq!(
            proposed.section(),
            "# roles: # people who could approve releases, based on `CODEOWNERS`\n#   maintainers: [\"ada\"]\n#   \
             core: { team: \"acme/core\" }"
        );
        let proposed = ProposedPeople::of_owners("CODEOWNERS", "/a @lin\n/b @omar @lin\n");
        assert!(proposed.section().ends_with("maintainers: [\"lin\", \"omar\"]"));
        assert!(ProposedPeople::of_owners("CODEOWNERS", "* dev@example.com\n").is_empty());
    }

    #[test]
    fn a_login_is_read_from_an_address_of_github_and_from_no_other() {
        let addresses = [
            "12345+Ada@users.noreply.github.com",
            "lin@users.noreply.github.com",
            "49699333+dependabot[bot]@users.noreply.github.com",
            "noreply@github.com",
            "omar@example.com",
        ];
        let proposed = ProposedPeople::of_addresses(&addresses.map(str::to_owned));
        assert!(proposed.section().ends_with("maintainers: [\"ada\", \"lin\"]"));
    }
}
