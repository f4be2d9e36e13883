//! Everything that stands behind `Remote` and `RemoteChange`.

use crate::support::bench_repo::Bench;
use crate::support::client::sha;
use tminus::adapters::sim::World;
use tminus::base::names::{BranchName, Sha};
use tminus::ports::RemoteChange;

/// A remote, and two commits that it can tag.
pub(crate) struct Place {
    pub(crate) remote: Box<dyn RemoteChange>,
    pub(crate) commit: Sha,
    pub(crate) other: Sha,
    _bench: Option<Bench>,
}

fn simulated() -> Place {
    let world = World::new(jiff::Timestamp::from_second(1_800_000_000).unwrap());
    let main = BranchName::new("main").unwrap();
    world.with(|state| state.heads.insert(main, sha('a')));
    Place { remote: Box::new(world), commit: sha('a'), other: sha('b'), _bench: None }
}

fn behind_a_bare_repository() -> Place {
    real(Bench::with_remote())
}

fn in_the_clone_itself() -> Place {
    let bench = Bench::with_work();
    bench.commit("work", "feat: one", 1000);
    bench.commit("work", "feat: two", 2000);
    real(bench)
}

fn real(bench: Bench) -> Place {
    let remote = Box::new(bench.remote("work"));
    let (commit, other) = (bench.sha("work", "HEAD"), bench.sha("work", "HEAD~1"));
    Place { remote, commit, other, _bench: Some(bench) }
}

macro_rules! keeps {
    ($suite:ident: $($promise:ident),* $(,)?) => {
        mod $suite {
            mod simulated {
                $(#[tokio::test] async fn $promise() {
                    crate::contract::$suite::$promise(&crate::contract::remotes::simulated()).await;
                })*
            }
            mod git_with_a_remote {
                $(#[tokio::test] async fn $promise() {
                    let place = crate::contract::remotes::behind_a_bare_repository();
                    crate::contract::$suite::$promise(&place).await;
                })*
            }
            mod git_without_a_remote {
                $(#[tokio::test] async fn $promise() {
                    let place = crate::contract::remotes::in_the_clone_itself();
                    crate::contract::$suite::$promise(&place).await;
                })*
            }
        }
    };
}

keeps!(
    remote:
    a_branch_is_listed_with_what_it_holds,
    a_tag_is_made_only_where_there_is_none,
    a_tag_is_removed_only_while_it_holds_what_was_meant,
    a_tag_is_moved_only_from_where_it_was_seen,
    a_tag_object_is_moved_as_what_the_tag_holds,
    a_record_that_nobody_began_is_empty,
    holds_are_appended_only_at_their_end_and_apart_from_records,
    a_record_grows_only_from_the_end_that_was_seen,
    records_of_two_tags_are_two_records,
    every_kind_of_entry_is_read_as_it_was_written,
    a_record_is_no_tag_and_a_tag_no_record,
    asking_whether_git_may_push_changes_nothing,
);

keeps!(
    documents:
    a_document_that_nobody_wrote_is_none,
    a_document_is_created_only_where_there_is_none,
    a_document_is_replaced_only_while_it_is_the_one_that_was_read,
    every_environment_has_a_document_of_its_own,
    a_document_is_listed_as_a_ref_of_tminus,
);
