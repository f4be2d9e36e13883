//! On random small histories, what the walk says is what looking at everything says.

use crate::support::bench_repo::{Bench, versions};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;
use tminus::ports::Repository as _;

#[derive(Debug, Clone)]
struct Dag {
    /// For each commit its time and its parents, as places of earlier ones.
    commits: Vec<(i64, BTreeSet<usize>)>,
    /// Version tags: commit, minor, whether it is a pre-release.
    tags: Vec<(usize, u8, bool)>,
}

fn dag() -> impl Strategy<Value = Dag> {
    let commit = (0i64..12, proptest::collection::vec(any::<prop::sample::Index>(), 0..3));
    let tag = (any::<prop::sample::Index>(), 0u8..8, any::<bool>());
    let all = (
        proptest::collection::vec(commit, 1..14),
        proptest::collection::vec(tag, 0..6),
        any::<bool>(),
    );
    all.prop_map(|(commits, tags, skewed)| {
        let number = commits.len();
        let commits = commits.into_iter().enumerate().map(|(n, (time, parents))| {
            let mut parents: BTreeSet<usize> =
                parents.iter().filter(|_| n > 0).map(|at| at.index(n.max(1))).collect();
            if n > 0 && n % 4 != 0 {
                parents.insert(n - 1);
            }
            (if skewed { 1_700_000_000 + time } else { 1_700_000_000 + n as i64 / 2 }, parents)
        });
        let commits = commits.collect();
        let tags =
            tags.into_iter().map(|(at, minor, pre)| (at.index(number), minor, pre)).collect();
        Dag { commits, tags }
    })
}

fn build(bench: &Bench, dag: &Dag) {
    let mut text = String::new();
    for (n, (time, parents)) in dag.commits.iter().enumerate() {
        write!(text, "commit refs/heads/c{n}\nmark :{}\ncommitter A <a@b> {time} +0000\n", n + 1)
            .unwrap();
        writeln!(text, "data 2\n{n:02}").unwrap();
        for (place, parent) in parents.iter().enumerate() {
            let word = if place == 0 { "from" } else { "merge" };
            writeln!(text, "{word} :{}", parent + 1).unwrap();
        }
    }
    for (at, minor, pre) in &dag.tags {
        let pre = if *pre { "-rc.1" } else { "" };
        writeln!(text, "reset refs/tags/v1.{minor}.0{pre}\nfrom :{}\n", at + 1).unwrap();
    }
    let mut command = bench.command("git", "work", 0);
    let mut child = command.args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn committer_clocks_do_not_affect_ancestry(dag in dag()) {
        let bench = Bench::with_work();
        build(&bench, &dag);
        let local = bench.local("work");
        let tags = versions(&local);
        for n in [dag.commits.len() - 1, dag.commits.len() / 2] {
            let head = bench.sha("work", &format!("c{n}"));
            let ancestors: BTreeSet<String> =
                bench.git("work", &["rev-list", head.as_str()]).lines().map(str::to_owned).collect();
            let reached: Vec<_> =
                tags.iter().filter(|tag| ancestors.contains(tag.commit.as_str())).cloned().collect();
            let base = reached.iter().find(|tag| tag.version.is_final()).cloned();
            let mut range = vec!["rev-list".to_owned(), head.to_string()];
            range.extend(base.as_ref().map(|base| format!("^{}", base.commit)));
            let range: Vec<&str> = range.iter().map(String::as_str).collect();
            let since: BTreeSet<String> =
                bench.git("work", &range).lines().map(str::to_owned).collect();

            let seen = local.history(&head, tags.clone()).unwrap();
            let history = seen.known().unwrap();
            prop_assert_eq!(&history.last, &reached.first().cloned());
            prop_assert_eq!(&history.base, &base);
            let ours: BTreeSet<String> =
                history.since.iter().map(|commit| commit.sha.to_string()).collect();
            prop_assert_eq!(history.since.len(), ours.len());
            prop_assert_eq!(&ours, &since);
            for tag in &tags {
                let ancestor = local.is_ancestor(&tag.commit, &head).unwrap();
                prop_assert_eq!(ancestor, ancestors.contains(tag.commit.as_str()));
            }
        }
    }
}
