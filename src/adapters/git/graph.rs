//! The commit graph. Each commit is read once, and a walk passes marks from commits to their
//! parents.
//!
//! A walk visits the newest commits first, by commit date, but does not rely on the dates: a mark
//! that arrives late is passed on again. Dates affect how many commits a walk visits, not what it
//! finds.

use super::open::{cannot, is_missing_object, sha};
use crate::ports::RepositoryError;
use crate::project::commits::{Commit, is_bot};
use git2::{ObjectType, Odb, OdbObject, Oid, Repository};
use std::cell::{RefCell, RefMut};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

/// A commit's place in a [`Graph`].
pub(super) type Id = usize;

/// What a walk needs of a commit.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) oid: Oid,
    pub(super) time: i64,
    /// All parents that it names; the clone may lack some.
    pub(super) parents: Vec<Oid>,
}

/// The commits read so far. A commit never changes, so they serve every graph of the repository.
#[derive(Debug, Default)]
pub(super) struct Commits {
    ids: HashMap<Oid, Id>,
    nodes: Vec<Node>,
}

/// The commits of a repository that its clone has.
pub(super) struct Graph<'r> {
    odb: Odb<'r>,
    cuts: HashSet<Oid>,
    commits: RefMut<'r, Commits>,
}

impl<'r> Graph<'r> {
    pub(super) fn new(
        repository: &'r Repository,
        commits: &'r RefCell<Commits>,
    ) -> Result<Self, RepositoryError> {
        Ok(Self { odb: repository.odb()?, cuts: cuts(repository)?, commits: commits.borrow_mut() })
    }

    /// The commit with this id, read if it has not been.
    pub(super) fn load(&mut self, oid: Oid) -> Result<Id, RepositoryError> {
        if let Some(id) = self.commits.ids.get(&oid) {
            return Ok(*id);
        }
        let (parents, time) = place(self.read(oid)?.data())
            .ok_or_else(|| cannot(format!("commit {oid} has a parent that is not an object id")))?;
        let id = self.commits.nodes.len();
        self.commits.nodes.push(Node { oid, time, parents });
        self.commits.ids.insert(oid, id);
        Ok(id)
    }

    /// The commit; `None` if the clone has no commit with that ID.
    pub(super) fn find(&mut self, oid: Oid) -> Result<Option<Id>, RepositoryError> {
        if let Some(id) = self.commits.ids.get(&oid) {
            return Ok(Some(*id));
        }
        match self.odb.read_header(oid) {
            Ok((_, ObjectType::Commit)) => self.load(oid).map(Some),
            Ok(_) => Ok(None),
            Err(error) if is_missing_object(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn read(&self, oid: Oid) -> Result<OdbObject<'_>, RepositoryError> {
        let object = self.odb.read(oid)?;
        if object.kind() != ObjectType::Commit {
            return Err(cannot(format!("`{oid}` is not a commit")));
        }
        Ok(object)
    }

    pub(super) fn node(&self, id: Id) -> Option<&Node> {
        self.commits.nodes.get(id)
    }

    /// The parents with which a walk continues.
    fn parents(&self, id: Id) -> &[Oid] {
        match self.node(id) {
            Some(node) if !self.cuts.contains(&node.oid) => &node.parents,
            Some(_) | None => &[],
        }
    }

    /// The parents that a commit names, whether the clone has them or not.
    pub(super) fn named_parents(&mut self, oid: Oid) -> Result<&[Oid], RepositoryError> {
        let id = self.load(oid)?;
        Ok(self.node(id).map_or(&[], |node| &node.parents))
    }

    /// Commits with their messages.
    pub(super) fn commits(&self, ids: &[Id]) -> Result<Vec<Commit>, RepositoryError> {
        // In a straight history each commit is the parent of the one before.
        let is_merge = |id: &Id| self.node(*id).is_some_and(|node| node.parents.len() > 1);
        let forks = ids.iter().any(is_merge);
        let parents = |id| self.parents(id).iter().copied().map(sha).filter(|_| forks).collect();
        ids.iter()
            .map(|id| Ok(Commit { parent_commits: parents(*id), ..self.commit(*id)? }))
            .collect()
    }

    /// A commit with its message, without its parents. A walk does not keep messages, because they
    /// can be read from the object store again.
    pub(super) fn commit(&self, id: Id) -> Result<Commit, RepositoryError> {
        let node = self.node(id).ok_or_else(|| cannot("the commit was not loaded"))?;
        let object = self.read(node.oid)?;
        let (author, message) = words(object.data());
        Ok(Commit {
            sha: sha(node.oid),
            message: String::from_utf8_lossy(message).into_owned(),
            committed_at: node.time,
            parents: node.parents.len(),
            parent_commits: Vec::new(),
            elsewhere: false,
            bot: is_bot(&String::from_utf8_lossy(author)),
        })
    }

    /// The data that a cherry-pick keeps: the author with the author date, and the subject.
    pub(super) fn authorship(&self, id: Id) -> Result<(Vec<u8>, String), RepositoryError> {
        let node = self.node(id).ok_or_else(|| cannot("the commit was not loaded"))?;
        let object = self.read(node.oid)?;
        let (author, message) = words(object.data());
        let message = String::from_utf8_lossy(message);
        Ok((author.into(), message.lines().next().unwrap_or_default().trim().to_owned()))
    }

    /// Whether the parents of a commit are beyond the end of a shallow clone.
    pub(super) fn is_cut_at(&self, id: Id) -> bool {
        self.node(id).is_some_and(|node| self.cuts.contains(&node.oid))
    }

    /// Whether history ends before its beginning.
    pub(super) fn is_cut(&self) -> bool {
        !self.cuts.is_empty()
    }

    fn time(&self, id: Id) -> i64 {
        self.node(id).map_or(0, |node| node.time)
    }
}

/// The commits at which a shallow clone ends. They are read each time, because a fetch by another
/// process changes them.
fn cuts(repository: &Repository) -> Result<HashSet<Oid>, RepositoryError> {
    let path = repository.commondir().join("shallow");
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().filter_map(|line| Oid::from_str(line).ok()).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(HashSet::new()),
        Err(error) => Err(cannot(format!("cannot read `{}`: {error}", path.display()))),
    }
}

/// The parents and the time of a commit object; `None` if a parent is malformed.
fn place(data: &[u8]) -> Option<(Vec<Oid>, i64)> {
    let mut parents = Vec::new();
    for line in data.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty()) {
        if let Some(hex) = line.strip_prefix(b"parent ") {
            parents.push(Oid::from_str(str::from_utf8(hex).ok()?).ok()?);
        } else if let Some(who) = line.strip_prefix(b"committer ") {
            return Some((parents, seconds(who).unwrap_or(0)));
        }
    }
    Some((parents, 0))
}

/// The author with the author date, and the message of a commit object.
fn words(data: &[u8]) -> (&[u8], &[u8]) {
    let end = data.windows(2).position(|pair| pair == b"\n\n").unwrap_or(data.len());
    let mut lines = data.get(..end).unwrap_or_default().split(|byte| *byte == b'\n');
    let author = lines.find_map(|line| line.strip_prefix(b"author "));
    (author.unwrap_or_default(), data.get(end + 2..).unwrap_or_default())
}

/// The seconds in `Name <address> 1700000000 +0100`.
fn seconds(who: &[u8]) -> Option<i64> {
    let rest = who.get(who.iter().rposition(|byte| *byte == b'>')? + 1..)?;
    str::from_utf8(rest).ok()?.split_whitespace().next()?.parse().ok()
}

/// A walk: marks painted from seeds down to all their ancestors, newest first.
#[derive(Default)]
pub(super) struct Walk {
    marks: Vec<u64>,
    /// Newest first; of two of one age, the one found first.
    queue: BinaryHeap<(i64, Reverse<usize>, Id)>,
    found: usize,
}

impl Walk {
    /// Adds marks to a commit. If it did not have all of them, it is visited (again).
    pub(super) fn paint(&mut self, graph: &Graph<'_>, id: Id, marks: u64) {
        if id >= self.marks.len() {
            self.marks.resize(id + 1, 0);
        }
        let Some(had) = self.marks.get_mut(id) else { return };
        if *had & marks != marks {
            *had |= marks;
            self.found += 1;
            self.queue.push((graph.time(id), Reverse(self.found), id));
        }
    }

    /// Takes the next commit and paints its parents with its marks.
    pub(super) fn next(&mut self, graph: &mut Graph<'_>) -> Result<Option<Id>, RepositoryError> {
        let Some((_, _, id)) = self.queue.pop() else { return Ok(None) };
        let marks = self.marks(id);
        for n in 0..graph.parents(id).len() {
            if let Some(parent) = graph.parents(id).get(n).copied() {
                let parent = graph.load(parent)?;
                self.paint(graph, parent, marks);
            }
        }
        Ok(Some(id))
    }

    /// The marks that a commit has so far.
    pub(super) fn marks(&self, id: Id) -> u64 {
        self.marks.get(id).copied().unwrap_or(0)
    }

    /// Whether a matching commit is waiting to be visited.
    pub(super) fn waits(&self, fits: impl Fn(u64) -> bool) -> bool {
        self.queue.iter().any(|(_, _, id)| fits(self.marks(*id)))
    }

    /// When the next commit was made.
    pub(super) fn next_time(&self) -> Option<i64> {
        self.queue.peek().map(|(time, _, _)| *time)
    }

    /// Every commit that was painted.
    pub(super) fn painted(&self) -> impl Iterator<Item = (Id, u64)> {
        self.marks.iter().copied().enumerate().filter(|(_, marks)| *marks != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_non_utf8_message_in_a_commit_object_is_read() {
        let data =
            b"tree 0\nparent 1111111111111111111111111111111111111111\nauthor A <a> 5 +0000\n\
            committer B > <b@c> 1700000000 +0100\ngpgsig -----BEGIN\n x\n\nfix: caf\xe9\n";
        let (parents, time) = place(data).unwrap();
        assert_eq!((time, parents.len()), (1_700_000_000, 1));
        assert_eq!(words(data), (&b"A <a> 5 +0000"[..], &b"fix: caf\xe9\n"[..]));
    }
}
