//! The release's tag: created once, never moved, and removed only if it is still the expected tag
//! object; and the tags that move with releases.

use super::identity::Identity;
use super::open::{oid, sha};
use super::push::{Hook, RefUpdate, in_doubt};
use super::remote::GitRemote;
use crate::base::names::{Sha, TagName};
use crate::ports::{NewTag, PortError, RefAt, RepositoryError, TagMove};
use git2::ObjectType;

fn name(tag: &TagName) -> String {
    format!("refs/tags/{tag}")
}

impl GitRemote {
    /// Writes the tag object, signs it, and pushes it if no tag with this name exists.
    pub(super) async fn make_tag(&self, new: &NewTag) -> Result<Sha, PortError> {
        let what = format!("create tag {}", new.tag);
        let identity = Identity::of(&self.git);
        let refused = |why: String| PortError::Refused { what: what.clone(), why };
        let payload = payload(new, &identity).map_err(refused)?;
        self.git.private(&what, &[&payload])?;
        let signature = self.signature(&what, new.sign, &payload, &identity).await?;
        let text = payload + &signature;
        let object = self.write_tag(&text, new).map_err(|error| refused(error.why))?;
        let name = name(&new.tag);
        let hook = Hook::Asked;
        let swap = RefUpdate { what: &what, name: &name, expected: None, new: Some(&object), hook };
        match self.swap(&swap).await {
            Ok(()) => {}
            Err(error) if in_doubt(&error) => match self.tag_now(&what, &new.tag).await? {
                Some(there) if there.object == object => {}
                Some(_) => return Err(PortError::Behind { what }),
                None => return Err(error),
            },
            Err(error) => return Err(error),
        }
        // Updates the local tag for convenience. A different local tag is not changed.
        let _ = oid(&object).map(|id| self.repository.reference(&name, id, false, "tminus"));
        Ok(object)
    }

    fn write_tag(&self, text: &str, new: &NewTag) -> Result<Sha, RepositoryError> {
        super::object::commit(&self.repository, oid(&new.commit)?)?;
        Ok(sha(self.repository.odb()?.write(ObjectType::Tag, text.as_bytes())?))
    }

    /// The tag as the remote has it now.
    async fn tag_now(&self, what: &str, tag: &TagName) -> Result<Option<RefAt>, PortError> {
        let name = name(tag);
        let refs = self.list(what, &[&name]).await?;
        Ok(refs.into_iter().find(|at| at.name == name))
    }

    /// Moves a tag to a commit, if its target is still the expected one.
    pub(super) async fn swing_tag(&self, order: &TagMove) -> Result<(), PortError> {
        let (what, name) = (format!("move tag {}", order.tag), name(&order.tag));
        let (expected, new, hook) = (order.from.as_ref(), Some(&order.to), Hook::Asked);
        let swap = RefUpdate { what: &what, name: &name, expected, new, hook };
        match self.swap(&swap).await {
            Ok(()) => {}
            Err(error) if in_doubt(&error) => {
                let there = self.tag_now(&what, &order.tag).await?.map(|at| at.object);
                if there.as_ref() == order.from.as_ref() {
                    return Err(error);
                }
                if there.as_ref() != Some(&order.to) {
                    return Err(PortError::Behind { what });
                }
            }
            Err(error) => return Err(error),
        }
        // Updates the local tag for convenience, unless it differs from the old one.
        if self.local(&name).is_ok_and(|local| local == order.from)
            && let Ok(id) = oid(&order.to)
        {
            let _ = self.repository.reference(&name, id, true, "tminus");
        }
        Ok(())
    }

    /// Deletes the tag if its target is still the object. A tag that no longer exists is not an
    /// error.
    pub(super) async fn remove_tag(&self, tag: &TagName, object: &Sha) -> Result<(), PortError> {
        let (what, name) = (format!("delete tag {tag}"), name(tag));
        let hook = Hook::Asked;
        let swap = RefUpdate { what: &what, name: &name, expected: Some(object), new: None, hook };
        match self.swap(&swap).await {
            Ok(()) => {}
            Err(error) if in_doubt(&error) => match self.tag_now(&what, tag).await? {
                None => {}
                Some(there) if there.object == *object => return Err(error),
                Some(_) => return Err(PortError::Behind { what }),
            },
            Err(error) => return Err(error),
        }
        if let Ok(mut local) = self.repository.find_reference(&name)
            && local.target().is_some_and(|held| held.to_string() == object.as_str())
        {
            // The remote is what counts; a local leftover is harmless.
            let _ = local.delete();
        }
        Ok(())
    }
}

/// The tag object without its signature, as `git mktag` would take it.
fn payload(new: &NewTag, identity: &Identity) -> Result<String, String> {
    let message = new.message.trim();
    // git treats such a line as the start of a signature, no matter where it is.
    if message.contains('\0') || message.lines().any(|line| line.starts_with("-----BEGIN ")) {
        return Err("its message contains a NUL or a line that starts with `-----BEGIN `".into());
    }
    let tagger = identity.at(new.at);
    let head = format!("object {}\ntype commit\ntag {}\ntagger {tagger}\n", new.commit, new.tag);
    Ok(if message.is_empty() { format!("{head}\n") } else { format!("{head}\n{message}\n") })
}
