//! The scripted repository answers as git would, and the world takes its tags.

use super::fixture::*;
use crate::adapters::sim::{FaultKind, SimRepository, World};
use crate::base::names::BranchName;
use crate::facts::{FileAt, Seen, VersionTag};
use crate::ports::*;
use crate::project::manifest::Pattern;
use std::collections::BTreeSet;

fn repository() -> SimRepository {
    let mut repository = SimRepository::default();
    for message in ["chore: start", "feat: one", "fix: two"] {
        repository.add_commit(message).unwrap();
    }
    repository.branch = Some(BranchName::new("main").unwrap());
    repository
}

#[test]
fn head_is_the_newest_commit_and_revisions_resolve_to_it() {
    let repository = repository();
    let head = repository.head().unwrap().unwrap().commit;
    assert_eq!(repository.commit(&head).unwrap().subject(), "fix: two");
    assert_eq!(repository.resolve("HEAD").unwrap(), head);
    assert_eq!(repository.resolve(head.short()).unwrap(), head);
    assert!(repository.resolve("v9").is_err());
    let first = &repository.commits[2].sha;
    assert!(repository.is_ancestor(first, &head).unwrap());
    assert!(!repository.is_ancestor(&head, first).unwrap());
    assert_eq!(repository.remote_branches_with(first).unwrap().len(), 1);
    assert!(SimRepository::default().head().unwrap().is_none());
}

#[test]
fn history_starts_at_the_last_final_version_and_is_unseen_if_truncated() {
    let mut repository = repository();
    let (head, first) = (repository.commits[0].sha.clone(), repository.commits[2].sha.clone());
    let version = crate::base::version::Version::new(1, 0, 0);
    let old = VersionTag { tag: tag(), version, commit: first };
    let Seen::Known(history) = repository.history(&head, vec![old.clone()]).unwrap() else {
        panic!("unseen")
    };
    assert_eq!((history.base, history.since.len()), (Some(old), 2));
    repository.shallow = true;
    assert!(matches!(repository.history(&head, Vec::new()).unwrap(), Seen::Unseen(_)));
}

#[test]
fn simulated_assets_are_hashed_and_an_unmatched_pattern_is_reported() {
    let mut repository = repository();
    repository.built.insert("dist/b.tar.gz".into(), b"b".to_vec());
    repository.built.insert("dist/a.tar.gz".into(), b"a".to_vec());
    let (all, none) = (Pattern::new("dist/*.gz").unwrap(), Pattern::new("*.zip").unwrap());
    let assets = repository.assets(&[&all]).unwrap();
    let names: Vec<_> = assets.iter().map(|asset| asset.name.as_str()).collect();
    assert_eq!(names, ["a.tar.gz", "b.tar.gz"]);
    assert_eq!(assets[0].digest, crate::release::step::sha256(b"a"));
    assert!(repository.assets(&[&all, &none]).unwrap_err().to_string().contains("*.zip"));
    let head = repository.commits[0].sha.clone();
    assert_eq!(repository.file(&head, "x").unwrap(), FileAt::Absent);
}

#[tokio::test]
async fn a_simulated_world_accepts_existing_tags_and_can_be_shared() {
    let world = World::new(jiff::Timestamp::UNIX_EPOCH);
    let at = RefAt { name: "refs/tags/v1.0.0".into(), object: sha('c'), commit: sha('a') };
    let head = RefAt { name: "refs/heads/main".into(), ..at.clone() };
    world.with(|state| state.adopt(&[at.clone(), head]));
    assert_eq!(World::over(world.state()).refs().await.unwrap(), [at]);
    fn movable<T: Send>(_: &T) {}
    movable(&world.state());
}

#[test]
fn every_fault_has_a_unique_name() {
    let names: BTreeSet<_> = FaultKind::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(names.len(), FaultKind::ALL.len());
    assert!(names.contains("foreign-tag-same"));
}
