//! Finds the versions that a commit descends from, and the commits since then.
//!
//! The result is exact even if commit dates are wrong. A tag is proven not to be an ancestor once
//! all commits that remain to be visited are below the tag.

use super::graph::{Graph, Id, Walk};
use crate::facts::VersionTag;
use crate::ports::RepositoryError;
use git2::Oid;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Marks the ancestors of the evaluated commit.
const OURS: u64 = 1;
/// Marks the ancestors of the base.
const BASE: u64 = 2;
/// The number of candidates that one walk can distinguish; with more, the walk continues to the
/// root.
const RIVALS: usize = 63;
/// Commits that are read before candidates are checked, as long as no version was found.
const PATIENCE: usize = 100;
/// Commits that are read after the range is complete according to their dates; git reads 5.
const SLOP: usize = 64;

/// Which of the tags a commit descends from, as places in the list, and whether that is certain.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) last: Option<usize>,
    pub(super) base: Option<usize>,
    pub(super) proven: bool,
}

/// Commits newest first, and whether these are all.
pub(super) struct Range {
    pub(super) commits: Vec<Id>,
    pub(super) proven: bool,
    /// Whether the base is no ancestor.
    pub(super) apart: bool,
}

struct Search<'t> {
    tags: &'t [VersionTag],
    /// For a commit its highest version and its highest final one.
    at: HashMap<Oid, (usize, Option<usize>)>,
    commits: Vec<Oid>,
    found: Found,
    /// Commits of versions higher than those found, once they are few enough; `None` for those that
    /// the clone does not have.
    rivals: Option<BTreeMap<usize, (Option<Id>, u64)>>,
}

/// Finds the highest version, and the highest final one, that a commit descends from. Tags come
/// highest first.
pub(super) fn search(
    graph: &mut Graph<'_>,
    head: Oid,
    tags: &[VersionTag],
) -> Result<Found, RepositoryError> {
    let mut search = Search::new(tags)?;
    let mut walk = Walk::default();
    let head = graph.load(head)?;
    walk.paint(graph, head, OURS);
    let mut visited = 0;
    while search.competing_tags().next().is_some() {
        let Some(id) = walk.next(graph)? else { break };
        visited += 1;
        let ours = walk.marks(id) & OURS != 0;
        let better = ours && graph.node(id).is_some_and(|node| search.take(node.oid));
        if search.rivals.is_none() && (better || visited == PATIENCE) {
            search.add_candidates(graph, &mut walk)?;
        }
        if better {
            search.settle();
        }
        let Some(mask) = search.mask() else { continue };
        let open = |marks: u64| marks & OURS != 0 && marks & mask != mask;
        if !open(walk.marks(id)) && !walk.waits(open) {
            break;
        }
    }
    search.conclude(graph, &walk);
    Ok(search.found)
}

impl<'t> Search<'t> {
    fn new(tags: &'t [VersionTag]) -> Result<Self, RepositoryError> {
        let commits: Result<Vec<Oid>, _> =
            tags.iter().map(|tag| super::open::oid(&tag.commit)).collect();
        let commits = commits?;
        let mut at = HashMap::with_capacity(tags.len());
        for (n, (tag, commit)) in tags.iter().zip(&commits).enumerate() {
            let (_, highest_final) = at.entry(*commit).or_insert((n, None));
            if tag.version.is_final() && highest_final.is_none() {
                *highest_final = Some(n);
            }
        }
        Ok(Self { tags, at, commits, found: Found::default(), rivals: None })
    }

    /// The tags that would replace the result.
    fn competing_tags(&self) -> impl Iterator<Item = usize> {
        let last = self.found.last.unwrap_or(self.tags.len());
        let base = self.found.base.unwrap_or(self.tags.len());
        let is_final = |n: &usize| self.tags.get(*n).is_some_and(|tag| tag.version.is_final());
        (0..last).chain((last..base).filter(is_final))
    }

    /// Records an ancestor of our commit. Returns whether it changed the result.
    fn take(&mut self, commit: Oid) -> bool {
        let Some((any, highest_final)) = self.at.get(&commit).copied() else { return false };
        let before = (self.found.last, self.found.base);
        self.found.last = Some(self.found.last.map_or(any, |best| best.min(any)));
        if let Some(n) = highest_final {
            self.found.base = Some(self.found.base.map_or(n, |best| best.min(n)));
        }
        before != (self.found.last, self.found.base)
    }

    /// Starts walking from the candidate tags too, if there are few enough.
    fn add_candidates(
        &mut self,
        graph: &mut Graph<'_>,
        walk: &mut Walk,
    ) -> Result<(), RepositoryError> {
        let mut bits: HashMap<Oid, u64> = HashMap::new();
        let mut rivals = Vec::new();
        for n in self.competing_tags() {
            let Some(commit) = self.commits.get(n).copied() else { continue };
            let next = 2_u64 << bits.len().min(RIVALS - 1);
            rivals.push((n, commit, *bits.entry(commit).or_insert(next)));
            if bits.len() > RIVALS {
                return Ok(());
            }
        }
        let mut known = BTreeMap::new();
        for (n, commit, bit) in rivals {
            let id = graph.find(commit)?;
            if let Some(id) = id {
                walk.paint(graph, id, bit);
            }
            known.insert(n, (id, bit));
        }
        self.rivals = Some(known);
        Ok(())
    }

    /// Drops the candidates that are lower than the current result.
    fn settle(&mut self) {
        let contested: BTreeSet<usize> = self.competing_tags().collect();
        if let Some(rivals) = &mut self.rivals {
            rivals.retain(|n, _| contested.contains(n));
        }
    }

    /// The bits of all candidates that take part in the walk.
    fn mask(&self) -> Option<u64> {
        let rivals = self.rivals.as_ref()?;
        Some(rivals.values().filter(|(id, _)| id.is_some()).fold(0, |mask, (_, bit)| mask | bit))
    }

    /// Considers the remaining candidates, and determines whether commits beyond the end of a
    /// shallow clone could change the result.
    fn conclude(&mut self, graph: &Graph<'_>, walk: &Walk) {
        let met: Vec<Oid> = self
            .rivals
            .iter()
            .flat_map(BTreeMap::values)
            .filter_map(|(id, _)| id.filter(|id| walk.marks(*id) & OURS != 0))
            .filter_map(|id| graph.node(id).map(|node| node.oid))
            .collect();
        for commit in met {
            self.take(commit);
        }
        self.settle();
        let all_walk =
            self.rivals.as_ref().is_some_and(|all| all.values().all(|(id, _)| id.is_some()));
        let mask = self.mask().filter(|_| all_walk);
        let hides = |marks: u64| mask.is_none_or(|mask| marks & mask != mask);
        let cut = |id: Id| graph.is_cut_at(id);
        let settled = self.competing_tags().next().is_none();
        self.found.proven = settled
            || !walk.painted().any(|(id, marks)| marks & OURS != 0 && cut(id) && hides(marks));
    }
}

/// The commits that `head` descends from and `base` does not, newest first.
pub(super) fn range(
    graph: &mut Graph<'_>,
    head: Oid,
    base: Option<Oid>,
) -> Result<Range, RepositoryError> {
    let mut walk = Walk::default();
    let head = graph.load(head)?;
    walk.paint(graph, head, OURS);
    let base = base.map(|base| graph.load(base)).transpose()?;
    if let Some(base) = base {
        walk.paint(graph, base, BASE);
    }
    let (mut order, mut seen) = (Vec::new(), HashSet::new());
    let (mut oldest, mut slop) = (i64::MAX, SLOP);
    while let Some(id) = walk.next(graph)? {
        if walk.marks(id) == OURS {
            if seen.insert(id) {
                order.push(id);
            }
            oldest = oldest.min(graph.node(id).map_or(0, |node| node.time));
        } else if !walk.waits(|marks| marks == OURS) {
            // According to the dates, none of our commits can follow; dates may be wrong.
            let older = walk.next_time().is_none_or(|next| next < oldest);
            slop = if older { slop.saturating_sub(1) } else { slop };
            if slop == 0 {
                break;
            }
        }
    }
    order.retain(|id| walk.marks(*id) == OURS);
    let proven = !order.iter().any(|id| graph.is_cut_at(*id));
    let apart = base.is_some_and(|base| walk.marks(base) & OURS == 0);
    Ok(Range { commits: order, proven, apart })
}

/// The same without commits that were cherry-picked to the base: of the same author, who wrote them
/// at the same time, and of the same subject.
pub(super) fn without_cherry_picks(
    graph: &mut Graph<'_>,
    head: Oid,
    base: Oid,
) -> Result<Range, RepositoryError> {
    let mut ours = range(graph, head, Some(base))?;
    if !ours.apart {
        return Ok(ours);
    }
    let theirs = range(graph, base, Some(head))?;
    let known: Result<HashSet<_>, _> =
        theirs.commits.iter().map(|id| graph.authorship(*id)).collect();
    let known = known?;
    let mut kept = Vec::new();
    for id in ours.commits {
        let is_merge = graph.node(id).is_some_and(|node| node.parents.len() > 1);
        if is_merge || !known.contains(&graph.authorship(id)?) {
            kept.push(id);
        }
    }
    ours.commits = kept;
    ours.proven &= theirs.proven;
    Ok(ours)
}

/// Which of some commits descend from one, or are it, and whether that is certain.
pub(super) fn descend(
    graph: &mut Graph<'_>,
    ancestor: Oid,
    tips: &[Oid],
) -> Result<(Vec<bool>, bool), RepositoryError> {
    const BELOW: u64 = 1 << 63;
    let Some(ancestor) = graph.find(ancestor)? else {
        return Ok((vec![false; tips.len()], !graph.is_cut()));
    };
    let (mut descends, mut proven) = (Vec::with_capacity(tips.len()), true);
    for some in tips.chunks(63) {
        let mut walk = Walk::default();
        walk.paint(graph, ancestor, BELOW);
        for (n, tip) in some.iter().enumerate() {
            let tip = graph.load(*tip)?;
            walk.paint(graph, tip, 1 << n);
        }
        while walk.waits(|marks| marks & BELOW == 0) && walk.next(graph)?.is_some() {}
        let cut = |id: Id| graph.is_cut_at(id);
        proven &= !walk.painted().any(|(id, marks)| marks & BELOW == 0 && cut(id));
        let reached = walk.marks(ancestor);
        descends.extend((0..some.len()).map(|n| reached & (1 << n) != 0));
    }
    Ok((descends, proven))
}
