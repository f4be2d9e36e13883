//! The commit graph. Each commit is read once, and a walk passes marks from commits to their
//! parents.
//!
//! A walk visits the newest commits first, by commit date, but does not rely on the dates: a mark
//! that arrives late is passed on again. Dates affect how many commits a walk visits, not what it
//! finds.

use super::open::{cannot, is_missing_object, sha};
use crate::base::names::Sha;
use crate::ports::RepositoryError;
use git2::{ObjectType, Odb, OdbObject, Oid, Repository};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

/// A commit's place in a [`Graph`].
pub(super) type Id = usize;

/// What a commit object says.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) oid: Oid,
    pub(super) time: i64,
    /// The author and author date, which a cherry-pick keeps.
    pub(super) author: Vec<u8>,
    /// Those that the clone has.
    pub(super) parents: Vec<Oid>,
    /// How many it names.
    pub(super) named: usize,
    pub(super) message: String,
    /// Its parents are beyond the end of a shallow clone.
    pub(super) cut: bool,
}

/// The commits read so far.
pub(super) struct Graph<'r> {
    odb: Odb<'r>,
    cuts: HashSet<Oid>,
    ids: HashMap<Oid, Id>,
    nodes: Vec<Node>,
}

impl<'r> Graph<'r> {
    pub(super) fn new(repository: &'r Repository) -> Result<Self, RepositoryError> {
        let odb = repository.odb()?;
        Ok(Self { odb, cuts: cuts(repository)?, ids: HashMap::new(), nodes: Vec::new() })
    }

    /// The commit with this id, read if it has not been.
    pub(super) fn load(&mut self, oid: Oid) -> Result<Id, RepositoryError> {
        if let Some(id) = self.ids.get(&oid) {
            return Ok(*id);
        }
        let object = self.odb.read(oid)?;
        let node = read(oid, &object, self.cuts.contains(&oid))?;
        let id = self.nodes.len();
        self.nodes.push(node);
        self.ids.insert(oid, id);
        Ok(id)
    }

    /// The parents that a commit names, whether the clone has them or not.
    pub(super) fn named_parents(
        repository: &Repository,
        oid: Oid,
    ) -> Result<Vec<Sha>, RepositoryError> {
        let odb = repository.odb()?;
        let object = odb.read(oid)?;
        let node = read(oid, &object, false)?;
        Ok(node.parents.into_iter().map(sha).collect())
    }

    /// The commit; `None` if the clone has no commit with that ID.
    pub(super) fn find(&mut self, oid: Oid) -> Result<Option<Id>, RepositoryError> {
        match self.odb.read_header(oid) {
            Ok((_, ObjectType::Commit)) => self.load(oid).map(Some),
            Ok(_) => Ok(None),
            Err(error) if is_missing_object(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn node(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id)
    }

    /// The commits, in the order that they were read.
    pub(super) fn into_nodes(self) -> Vec<Node> {
        self.nodes
    }

    /// Whether history ends before its beginning.
    pub(super) fn is_cut(&self) -> bool {
        !self.cuts.is_empty()
    }

    fn time(&self, id: Id) -> i64 {
        self.nodes.get(id).map_or(0, |node| node.time)
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

/// Reads a commit, or says which one cannot be read.
fn read(oid: Oid, object: &OdbObject<'_>, cut: bool) -> Result<Node, RepositoryError> {
    if object.kind() != ObjectType::Commit {
        return Err(cannot(format!("`{oid}` is not a commit")));
    }
    let unread = || cannot(format!("commit {oid} has a parent that is not an object id"));
    parse(oid, object.data(), cut).ok_or_else(unread)
}

/// Parses a commit object; `None` if it is malformed.
fn parse(oid: Oid, data: &[u8], cut: bool) -> Option<Node> {
    let end = data.windows(2).position(|pair| pair == b"\n\n").unwrap_or(data.len());
    let (mut parents, mut time, mut author) = (Vec::new(), None, Vec::new());
    for line in data.get(..end)?.split(|byte| *byte == b'\n') {
        if let Some(hex) = line.strip_prefix(b"parent ") {
            parents.push(Oid::from_str(str::from_utf8(hex).ok()?).ok()?);
        } else if let (Some(who), true) = (line.strip_prefix(b"author "), author.is_empty()) {
            author = who.to_vec();
        } else if let Some(who) = line.strip_prefix(b"committer ") {
            time = time.or_else(|| seconds(who));
        }
    }
    let named = parents.len();
    if cut {
        parents.clear();
    }
    let message = data.get(end + 2..).unwrap_or_default();
    let message = String::from_utf8_lossy(message).into_owned();
    Some(Node { oid, time: time.unwrap_or(0), author, parents, named, message, cut })
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
    /// Adds marks to a commit; it is visited, again if need be, when it did not have them all.
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
        let parents = graph.node(id).map_or(0, |node| node.parents.len());
        for n in 0..parents {
            let parent = graph.node(id).and_then(|node| node.parents.get(n)).copied();
            if let Some(oid) = parent {
                let parent = graph.load(oid)?;
                self.paint(graph, parent, marks);
            }
        }
        Ok(Some(id))
    }

    /// The marks that a commit has so far.
    pub(super) fn marks(&self, id: Id) -> u64 {
        self.marks.get(id).copied().unwrap_or(0)
    }

    /// Whether a commit that fits waits to be visited.
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
    fn a_message_that_is_not_utf8_is_read_all_the_same() {
        let data =
            b"tree 0\nparent 1111111111111111111111111111111111111111\nauthor A <a> 5 +0000\n\
            committer B > <b@c> 1700000000 +0100\ngpgsig -----BEGIN\n x\n\nfix: caf\xe9\n";
        let node = parse(Oid::ZERO_SHA1, data, false).unwrap();
        assert_eq!((node.time, node.named), (1_700_000_000, 1));
        assert_eq!(node.message, "fix: caf\u{fffd}\n");
    }
}
