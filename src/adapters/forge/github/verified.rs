//! Reads whether GitHub verifies the signature of a commit
//! (<https://docs.github.com/en/authentication/managing-commit-signature-verification/about-commit-signature-verification>).

use super::client::{ApiRequest, Http};
use super::retry::get;
use crate::base::names::{Person, Sha};
use crate::facts::people::Verification;
use crate::ports::PortError;
use http::Method;
use serde::Deserialize;

/// The account of commits that GitHub creates on behalf of a user.
const WEB: &str = "web-flow";

#[derive(Deserialize)]
struct Wire {
    sha: Sha,
    commit: Signed,
    author: Option<Account>,
    committer: Option<Account>,
}

#[derive(Deserialize)]
struct Signed {
    verification: Option<Verdict>,
}

#[derive(Deserialize)]
struct Verdict {
    verified: bool,
    reason: String,
}

#[derive(Deserialize)]
struct Account {
    login: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl Account {
    fn person(self) -> Option<Person> {
        let login = self.login.filter(|login| login != WEB)?;
        (self.kind.as_deref() == Some("User")).then(|| Person::new(login).ok()).flatten()
    }
}

/// Whether the signature of a commit is verified, and whose account made it.
pub(super) async fn verified(http: &Http, commit: &Sha) -> Result<Verification, PortError> {
    let what = "read who signed an entry";
    let target = format!("/repos/{}/commits/{commit}", http.settings.repository);
    let ask = ApiRequest {
        what,
        endpoint: "GET /repos/{}/commits/{}",
        method: &Method::GET,
        target: &target,
        body: None,
        needs: "contents: read",
    };
    let Some(page) = get::<Wire>(http, &ask).await? else {
        return Ok(Verification::Not("GitHub does not have the commit".into()));
    };
    if page.value.sha != *commit {
        let why = "GitHub's response is about another commit".into();
        return Err(PortError::NoAnswer { what: what.into(), why });
    }
    Ok(judged(page.value))
}

/// The signature is made with a key of the committer. An author alone proves nothing: GitHub signs
/// commits of other authors when it merges.
fn judged(wire: Wire) -> Verification {
    let no = |why: &str| Verification::Not(why.into());
    match wire.commit.verification {
        None => return no("GitHub's response does not contain a verification of the signature"),
        Some(Verdict { verified: false, reason }) => return Verification::Not(reason),
        Some(Verdict { verified: true, .. }) => {}
    }
    let (author, committer) = (wire.author, wire.committer);
    match (author.and_then(Account::person), committer.and_then(Account::person)) {
        (Some(author), Some(committer)) if author == committer => Verification::By(committer),
        (Some(_), Some(_)) => no("its author and its committer differ"),
        (None, _) | (_, None) => no("its committer is not the account of a person"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(verification: &Value, author: &Value, committer: &Value) -> Verification {
        judged(
            serde_json::from_value(json!({
                "sha": "a".repeat(40), "commit": { "verification": verification },
                "author": author, "committer": committer,
            }))
            .unwrap(),
        )
    }

    #[test]
    fn only_a_verified_signature_of_the_committer_proves_a_person() {
        let user = |login: &str| json!({ "login": login, "type": "User" });
        let (yes, ada, grace) =
            (json!({ "verified": true, "reason": "valid" }), user("Ada"), user("grace"));
        let by_ada = Verification::By(Person::new("ada").unwrap());
        assert_eq!(read(&yes, &ada, &ada), by_ada);
        let unverified = json!({ "verified": false, "reason": "unverified_email" });
        assert_eq!(read(&unverified, &ada, &ada), Verification::Not("unverified_email".into()));
        let bot = json!({ "login": "ada[bot]", "type": "Bot" });
        for (verification, author, committer) in [
            (&yes, &ada, &user(WEB)),
            (&yes, &ada, &grace),
            (&yes, &ada, &Value::Null),
            (&yes, &Value::Null, &ada),
            (&yes, &ada, &json!({})),
            (&yes, &bot, &bot),
            (&Value::Null, &ada, &ada),
        ] {
            let read = read(verification, author, committer);
            assert!(matches!(read, Verification::Not(_)), "{read:?}");
        }
    }
}
