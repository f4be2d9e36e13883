//! `/commits/{sha}`, with what GitHub says about the signature.

use super::bare;
use super::message::Answer;
use super::visit::Visit;
use super::wire::user;
use serde_json::{Value, json};
use tminus::base::names::{Person, Sha};

/// One commit. A signed commit of a real repository is verified if an account has verified the email
/// address of its committer.
pub(crate) fn commit(visit: &Visit<'_>, id: &str) -> Result<Answer, Answer> {
    let sha = Sha::new(id).map_err(|_| Answer::missing())?;
    let options = &visit.shared.options;
    let real = options.bare.as_ref().map(|path| bare::signed(path, &sha));
    let world = visit.shared.world()?;
    let society = &world.society;
    let (email, has_signature) = match real {
        None => (None, society.verified.contains_key(&sha)),
        Some(None) => return Err(Answer::missing()),
        Some(Some((email, signed))) => (Some(email), signed),
    };
    let account = society.verified.get(&sha);
    let account = account.or_else(|| society.emails.get(email.as_deref()?));
    let email = email.unwrap_or_else(|| "ada@example.com".into());
    let reason = match (has_signature, account) {
        (false, _) => "unsigned",
        (true, None) => "no_user",
        (true, Some(_)) => "valid",
    };
    let (repo, who) =
        (visit.places.repo(), |person: &Person| user(&visit.places, person.as_str(), "User"));
    let account: Value = account.map_or(Value::Null, who);
    let git = json!({ "name": "Ada", "email": email, "date": "2026-01-01T00:00:00Z" });
    let signature = has_signature.then_some("-----BEGIN SSH SIGNATURE-----");
    let (url, tree) = (format!("{repo}/commits/{sha}"), "0".repeat(40));
    Ok(Answer::json(
        200,
        &json!({
            "sha": sha, "node_id": format!("C_{sha}"), "url": url, "html_url": url,
            "comments_url": format!("{url}/comments"), "parents": [],
            "commit": {
                "url": format!("{repo}/git/commits/{sha}"), "author": git, "committer": git,
                "message": "", "comment_count": 0,
                "tree": { "sha": tree, "url": format!("{repo}/git/trees/{tree}") },
                "verification": {
                    "verified": reason == "valid", "reason": reason, "signature": signature,
                    "payload": null, "verified_at": null,
                },
            },
            "author": account, "committer": account,
        }),
    ))
}
