//! Which commits change something in a package's folder.

use crate::support::bench_repo::Bench;
use tminus::base::names::Sha;
use tminus::ports::Repository as _;

/// Writes a file and commits it.
fn change(bench: &Bench, path: &str, time: i64) -> Sha {
    bench.write(&format!("work/{path}"), time.to_string());
    bench.git("work", &["add", "-A"]);
    bench.commit("work", &format!("fix: {path}"), time)
}

#[test]
fn a_commit_touches_a_folder_if_it_differs_from_its_first_parent_there() {
    let bench = Bench::with_work();
    let root = change(&bench, "packages/a/x", 1000);
    let b = change(&bench, "packages/b/x", 2000);
    let like = change(&bench, "packages/ab/x", 3000);
    let empty = bench.commit("work", "feat: nothing", 4000);
    let deep = change(&bench, "packages/a/src/deep/x", 5000);
    bench.git("work", &["checkout", "-q", "-b", "side", "HEAD~1"]);
    change(&bench, "packages/a/y", 6000);
    bench.git("work", &["checkout", "-q", "main"]);
    let top = change(&bench, "x", 7000);
    bench.git("work", &["merge", "-q", "--no-ff", "-m", "Merge side", "side"]);
    let merge = bench.sha("work", "HEAD");
    bench.git("work", &["checkout", "-q", "-b", "other"]);
    change(&bench, "packages/b/y", 8000);
    bench.git("work", &["checkout", "-q", "main"]);
    bench.git("work", &["merge", "-q", "--no-ff", "-m", "Merge other", "other"]);
    let other = bench.sha("work", "HEAD");
    bench.git("work", &["rm", "-rq", "packages/a"]);
    let gone = bench.commit("work", "feat!: a is gone", 9000);
    bench.git("work", &["mv", "packages/b", "packages/a"]);
    let moved = bench.commit("work", "feat: b is a now", 9500);
    let local = bench.local("work");
    let all = [root, b, like, empty, deep, top, merge, other, gone, moved];
    let touching = |folder: &str| local.touching(&all, folder).unwrap();
    let wanted = [true, false, false, false, true, false, true, false, true, true];
    assert_eq!(touching("packages/a"), wanted);
    let wanted = [false, true, false, false, false, false, false, true, false, true];
    assert_eq!(touching("packages/b"), wanted);
    assert_eq!(touching("nowhere"), [false; 10]);
}

#[test]
fn folders_missing_from_a_partial_clone_are_an_error_and_not_untouched() {
    let bench = Bench::with_work();
    change(&bench, "a/x", 1000);
    change(&bench, "b/x", 2000);
    bench.git("work", &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", bench.path("work").display());
    bench.git(".", &["clone", "-q", "--no-checkout", "--filter=tree:0", &url, "partial"]);
    let head = bench.sha("partial", "HEAD");
    let error = bench.local("partial").touching(&[head], "a").unwrap_err();
    assert!(error.why.contains("missing from the clone"), "{error}");
    assert!(error.help.is_some());
}
