//! Reading one repository: where `HEAD` stands, files, the work tree, assets.

use crate::support::bench_repo::Bench;
use tminus::adapters::forge::github::ASSETS;
use tminus::adapters::git::LocalRepository;
use tminus::base::names::Sha;
use tminus::facts::FileAt;
use tminus::ports::WorkTree as _;
use tminus::ports::{AssetError, Repository as _};
use tminus::project::manifest::Pattern;
use tminus::release::step::{Asset, sha256};

#[test]
fn an_empty_repository_has_no_head_and_is_not_an_error() {
    let bench = Bench::with_work();
    let local = bench.local("work");
    assert_eq!(local.head().unwrap(), None);
    assert_eq!(local.tags().unwrap(), []);
    assert_eq!(local.dirty().unwrap(), Vec::<String>::new());
}

#[test]
fn discovering_no_repository_is_an_error_that_names_the_folder() {
    let bench = Bench::new();
    let error = LocalRepository::discover(bench.dir.path(), &bench.settings()).err().unwrap();
    assert!(error.why.starts_with("no git repository at or above"), "{error}");
}

#[test]
fn a_sha256_repository_is_rejected_with_the_reason() {
    let bench = Bench::new();
    bench.git(".", &["init", "-q", "--object-format=sha256", "work"]);
    let error = LocalRepository::discover(&bench.path("work"), &bench.settings()).err().unwrap();
    assert_eq!(error.why, "the repository uses sha256 object ids, which tminus cannot read");
}

#[test]
fn a_reftable_repository_is_rejected_with_a_fix() {
    let bench = Bench::new();
    bench.git(".", &["init", "-q", "--ref-format=reftable", "work"]);
    let error = LocalRepository::discover(&bench.path("work"), &bench.settings()).err().unwrap();
    assert!(error.why.contains("reftable"), "{error}");
    assert_eq!(error.help.as_deref(), Some("run `git refs migrate --ref-format=files`"));
}

#[test]
fn a_worktree_and_a_linked_git_folder_are_the_same_repository() {
    let bench = Bench::with_work();
    let one = bench.commit("work", "feat: one", 1000);
    bench.git("work", &["worktree", "add", "-q", "-b", "side", "../tree"]);
    let tree = bench.local("tree").head().unwrap().unwrap();
    assert_eq!((&tree.commit, tree.branch.unwrap().as_str()), (&one, "side"));

    std::fs::create_dir(bench.path("linked")).unwrap();
    std::os::unix::fs::symlink(bench.path("work/.git"), bench.path("linked/.git")).unwrap();
    let linked = bench.local("linked");
    assert_eq!(linked.head().unwrap().unwrap().commit, one);
    assert_eq!(linked.dirty().unwrap(), Vec::<String>::new());
}

#[test]
fn a_detached_head_has_no_branch() {
    let bench = Bench::with_work();
    let one = bench.commit("work", "feat: one", 1000);
    assert_eq!(bench.local("work").head().unwrap().unwrap().branch.unwrap().as_str(), "main");
    bench.git("work", &["checkout", "-q", "--detach"]);
    let head = bench.local("work").head().unwrap().unwrap();
    assert_eq!((head.commit, head.branch), (one, None));
}

#[test]
fn an_unresolvable_revision_is_an_error_that_names_it() {
    let bench = Bench::with_work();
    let one = bench.commit("work", "feat: one", 1000);
    let local = bench.local("work");
    assert_eq!(local.resolve("main~0").unwrap(), one);
    assert_eq!(local.resolve("nope").unwrap_err().why, "no commit is named `nope`");
    let absent = local.resolve(&"1".repeat(40)).unwrap_err();
    assert!(absent.why.starts_with("the clone does not have commit"), "{absent}");
}

#[test]
fn a_submodule_at_another_commit_is_dirty_but_changes_inside_are_ignored() {
    let bench = Bench::with_remote();
    let inner = bench.path("work/inner");
    bench.git(".", &["clone", "-q", "remote.git", "work/inner"]);
    bench.git("work", &["add", "inner"]);
    bench.git("work", &["commit", "-q", "-m", "chore: a submodule"]);
    std::fs::write(inner.join("extra"), "x").unwrap();
    assert_eq!(bench.local("work").dirty().unwrap(), Vec::<String>::new());
    bench.git("work/inner", &["commit", "-q", "--allow-empty", "-m", "more"]);
    assert_eq!(bench.local("work").dirty().unwrap(), ["inner"]);
}

#[test]
fn only_tracked_files_that_differ_are_dirty() {
    let bench = Bench::with_work();
    bench.write("work/a.txt", "a");
    bench.write("work/b b.txt", "b");
    bench.write("work/sub/c.txt", "c");
    bench.git("work", &["add", "."]);
    bench.commit("work", "feat: one", 1000);
    bench.write("work/new.txt", "untracked");
    assert_eq!(bench.local("work").dirty().unwrap(), Vec::<String>::new());
    bench.write("work/b b.txt", "changed");
    std::fs::remove_file(bench.path("work/sub/c.txt")).unwrap();
    bench.git("work", &["mv", "a.txt", "moved.txt"]);
    let dirty = bench.local("work").dirty().unwrap();
    assert_eq!(dirty, ["a.txt", "b b.txt", "moved.txt", "sub/c.txt"]);
}

#[test]
fn a_bare_repository_has_no_working_tree() {
    let bench = Bench::with_remote();
    let local = bench.local("remote.git");
    assert_eq!(local.head().unwrap().unwrap().commit, bench.sha("work", "HEAD"));
    assert_eq!(local.dirty().unwrap_err().why, "a bare repository has no working tree");
    assert!(local.assets(&[&Pattern::new("*").unwrap()]).is_err());
}

#[test]
fn a_file_is_text_or_binary_or_absent_or_too_large() {
    let bench = Bench::with_work();
    bench.write("work/sub/text.txt", "caf\u{e9}\n");
    bench.write("work/latin1.txt", b"caf\xe9\n");
    bench.write("work/nul.bin", b"a\0b");
    bench.write("work/large.txt", vec![b'x'; (4 << 20) + 1]);
    bench.git("work", &["add", "."]);
    let at = bench.commit("work", "feat: one", 1000);
    let local = bench.local("work");
    let file = |path: &str| local.file(&at, path).unwrap();
    assert_eq!(file("sub/text.txt"), FileAt::Text("café\n".into()));
    assert_eq!(file("./sub/text.txt"), FileAt::Text("café\n".into()));
    assert_eq!(file("latin1.txt"), FileAt::Binary);
    assert_eq!(file("nul.bin"), FileAt::Binary);
    assert_eq!(file("large.txt"), FileAt::TooLarge { bytes: (4 << 20) + 1 });
    for absent in ["nope", "sub/nope", "latin1.txt/below"] {
        assert_eq!(file(absent), FileAt::Absent, "{absent}");
    }
    assert!(local.file(&at, "../work/nul.bin").is_err());
}

#[test]
fn a_symlink_is_not_followed_as_a_file() {
    let bench = Bench::with_work();
    bench.write("work/dir/real.txt", "x");
    std::os::unix::fs::symlink("dir/real.txt", bench.path("work/link.txt")).unwrap();
    bench.git("work", &["add", "."]);
    let at = bench.commit("work", "feat: one", 1000);
    let local = bench.local("work");
    let why = |path: &str| local.file(&at, path).unwrap_err().why;
    assert_eq!(
        why("link.txt"),
        format!("`link.txt` is a symbolic link at {}, not a file", at.short())
    );
    assert_eq!(why("dir"), format!("`dir` is a directory at {}, not a file", at.short()));
}

#[test]
fn a_file_missing_from_a_partial_clone_is_an_error_and_not_absent() {
    let bench = Bench::with_remote();
    bench.write("work/a.txt", "old\n");
    bench.git("work", &["add", "."]);
    let old = bench.commit("work", "feat: five", 5000);
    bench.write("work/a.txt", "new\n");
    bench.git("work", &["commit", "-qam", "fix: six"]);
    bench.git("work", &["push", "-q"]);
    bench.git("remote.git", &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", bench.path("remote.git").display());
    bench.git(".", &["clone", "-q", "--filter=blob:none", &url, "partial"]);
    let local = bench.local("partial");
    let new = bench.sha("partial", "HEAD");
    assert_eq!(local.file(&new, "a.txt").unwrap(), FileAt::Text("new\n".into()));
    let error = local.file(&old, "a.txt").unwrap_err();
    assert!(error.why.starts_with("an object is missing from the clone"), "{error}");
}

fn assets(bench: &Bench, patterns: &[&str]) -> Result<Vec<Asset>, AssetError> {
    let patterns: Vec<Pattern> = patterns.iter().map(|text| Pattern::new(text).unwrap()).collect();
    let local = bench.local("work").for_forge(ASSETS);
    local.assets(&patterns.iter().collect::<Vec<_>>())
}

fn names(assets: &[Asset]) -> Vec<&str> {
    assets.iter().map(|asset| asset.name.as_str()).collect()
}

#[test]
fn assets_are_the_matching_files_hashed_and_sorted() {
    let bench = Bench::with_work();
    bench.write("work/dist/b.tar.gz", "b");
    bench.write("work/dist/a.tar.gz", "a");
    bench.write("work/dist/deep/c.tar.gz", "c");
    bench.write("work/dist/notes.txt", "n");
    let found = assets(&bench, &["dist/*.tar.gz", "dist/b*"]).unwrap();
    assert_eq!(names(&found), ["a.tar.gz", "b.tar.gz"]);
    assert_eq!((found[0].size, &found[0].digest), (1, &sha256(b"a")));
    assert_eq!(
        names(&assets(&bench, &["dist/**/*.gz"]).unwrap()),
        ["a.tar.gz", "b.tar.gz", "c.tar.gz"]
    );
    assert_eq!(names(&assets(&bench, &["dist/notes.txt"]).unwrap()), ["notes.txt"]);
    assert_eq!(
        names(&assets(&bench, &["dist/{notes,deep/c*}*"]).unwrap()),
        ["c.tar.gz", "notes.txt"]
    );
}

#[test]
fn an_asset_name_that_github_would_rename_or_reject_is_an_error() {
    let bench = Bench::with_work();
    bench.write("work/dist/a b.txt", "x");
    bench.write("work/dist/.hidden", "x");
    bench.write("work/one/same.txt", "x");
    bench.write("work/two/same.txt", "x");
    let why = |patterns: &[&str]| assets(&bench, patterns).unwrap_err().to_string();
    for (name, then) in [
        ("a b.txt", "a.b.txt"),
        (".hidden", "hidden"),
        ("widget_1.0~rc1_amd64.deb", "widget_1.0.rc1_amd64.deb"),
        ("widget-1:1.0.deb", "widget-1.1.0.deb"),
        ("widget (1).zip", "widget.1.zip"),
        ("w\u{fc}rfel.txt", "w.rfel.txt"),
    ] {
        bench.write(&format!("work/odd/{name}"), "x");
        let said = format!("`odd/{name}` cannot be an asset: GitHub would rename it to `{then}`");
        assert_eq!(why(&["odd/*"]), said);
        std::fs::remove_file(bench.path(&format!("work/odd/{name}"))).unwrap();
    }
    bench.write("work/plus/widget-1.0+build.5.tar.gz", "x");
    assert_eq!(assets(&bench, &["plus/*"]).unwrap().len(), 1, "a plus survives");
    assert_eq!(
        why(&["*/same.txt"]),
        "`one/same.txt` and `two/same.txt` would both be the asset `same.txt`"
    );
    assert_eq!(why(&["one/*", "dist/*.zip"]), "no file matches `dist/*.zip`");
    assert_eq!(why(&["../*"]), "`../*` points outside the repository");
}

#[test]
fn no_asset_comes_from_outside_the_repository_through_a_link() {
    let bench = Bench::with_work();
    bench.write("secret/key.txt", "secret");
    std::fs::create_dir(bench.path("work/dist")).unwrap();
    std::os::unix::fs::symlink(bench.path("secret"), bench.path("work/out")).unwrap();
    std::os::unix::fs::symlink(bench.path("secret/key.txt"), bench.path("work/dist/key.txt"))
        .unwrap();
    assert!(assets(&bench, &["out/*"]).is_err());
    assert!(assets(&bench, &["**/key.txt"]).is_err());
    assert_eq!(
        assets(&bench, &["dist/*"]).unwrap_err().to_string(),
        "`dist/key.txt` is a link to outside the repository"
    );
}

#[test]
fn the_branches_that_contain_a_commit_are_found() {
    let bench = Bench::with_remote();
    let three = bench.sha("work", "HEAD~1");
    bench.git(
        "work",
        &["push", "-q", "origin", "HEAD~1:refs/heads/release/1", "HEAD~3:refs/heads/old"],
    );
    bench.git("work", &["fetch", "-q"]);
    let local = bench.local("work");
    let holding = |sha: &Sha| {
        let names = local.remote_branches_with(sha).unwrap();
        names.iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(holding(&three), ["main", "release/1"]);
    assert_eq!(holding(&bench.sha("work", "HEAD")), ["main"]);
    assert!(local.is_ancestor(&three, &bench.sha("work", "HEAD")).unwrap());
    assert!(!local.is_ancestor(&bench.sha("work", "HEAD"), &three).unwrap());
}

#[test]
fn a_repository_owned_by_another_user_is_rejected_with_a_command_to_paste() {
    let bench = Bench::with_work();
    let path = bench.path("work");
    let given =
        std::process::Command::new("chown").args(["-R", "65534"]).arg(&path).status().unwrap();
    if !given.success() {
        eprintln!("NOT TESTED: only root can give a repository to another user");
        return;
    }
    let error = LocalRepository::discover(&path, &bench.settings()).err().unwrap();
    let path = path.canonicalize().unwrap();
    assert_eq!(
        error.why,
        format!("the repository at `{}` belongs to another user", path.display())
    );
    let line = format!("run `git config --global --add safe.directory {}`", path.display());
    assert_eq!(error.help, Some(line));
}

#[test]
fn a_folder_listing_contains_only_its_direct_files() {
    let bench = Bench::with_work();
    let empty = bench.commit("work", "feat: one", 1000);
    bench.write("work/.github/workflows/b.yml", "b");
    bench.write("work/.github/workflows/a.yaml", "a");
    bench.write("work/.github/workflows/deep/c.yml", "c");
    bench.write("work/file", "f");
    bench.git("work", &["add", "."]);
    let at = bench.commit("work", "feat: two", 2000);
    let local = bench.local("work");
    assert_eq!(local.folder(&at, ".github/workflows").unwrap(), ["a.yaml", "b.yml"]);
    assert_eq!(local.folder(&empty, ".github/workflows").unwrap(), Vec::<String>::new());
    assert_eq!(local.folder(&at, "file").unwrap(), Vec::<String>::new());
}

#[test]
fn changed_files_include_both_names_of_a_moved_file() {
    let bench = Bench::with_work();
    for name in ["docs/kept", "docs/gone", "src/moved", "ümlaut"] {
        bench.write(&format!("work/{name}"), name.repeat(40));
    }
    bench.git("work", &["add", "."]);
    let before = bench.commit("work", "feat: one", 1000);
    bench.git("work", &["mv", "src/moved", "src/here"]);
    bench.git("work", &["rm", "-q", "docs/gone"]);
    bench.write("work/ümlaut", "changed");
    bench.write("work/new/file", "new");
    bench.git("work", &["add", "."]);
    bench.commit("work", "feat: two", 2000);
    let after = bench.commit("work", "feat: three", 3000);
    let local = bench.local("work");
    let all = ["docs/gone", "new/file", "src/here", "src/moved", "ümlaut"];
    assert_eq!(local.changed(&before, &after, 300).unwrap(), all);
    assert_eq!(local.changed(&before, &after, 2).unwrap().len(), 3);
    assert_eq!(local.changed(&after, &after, 2).unwrap(), Vec::<String>::new());
    assert_eq!(local.ahead(&before, &after, 10).unwrap(), 2);
    assert_eq!(local.ahead(&before, &after, 0).unwrap(), 1);
    assert_eq!(local.ahead(&after, &before, 10).unwrap(), 0);
}

#[test]
fn a_commit_missing_from_a_shallow_clone_is_an_error_with_help() {
    let bench = Bench::with_remote();
    let before = bench.commit("work", "feat: five", 5000);
    let after = bench.commit("work", "feat: six", 6000);
    bench.git("work", &["push", "-q"]);
    let url = format!("file://{}", bench.path("remote.git").display());
    bench.git(".", &["clone", "-q", "--depth", "1", &url, "shallow"]);
    let error = bench.local("shallow").changed(&before, &after, 300).unwrap_err();
    assert_eq!(error.why, format!("the clone is shallow and lacks {}", before.short()));
    assert!(error.help.unwrap().contains("fetch-depth: 0"));
}

#[test]
fn a_clone_with_a_separate_git_folder_uses_its_own_working_tree() {
    let bench = Bench::with_remote();
    let allow = ["-c", "protocol.file.allow=always"];
    std::fs::create_dir(bench.path("store")).unwrap();
    bench.git(".", &["clone", "-q", "--separate-git-dir=store/widget.git", "remote.git", "apart"]);
    let add = ["submodule", "--quiet", "add", "../remote.git", "module"];
    bench.git("work", &[&allow[..], &add].concat());
    bench.git("work", &["worktree", "add", "-q", "-b", "side", "../tree"]);
    for place in ["apart", "work/module", "tree"] {
        bench.write(&format!("{place}/file"), "one");
        bench.git(place, &["add", "file"]);
        bench.commit(place, "feat: a file", 6000);
        bench.write(&format!("{place}/file"), "two");
        std::fs::create_dir_all(bench.path(&format!("{place}/deep/down"))).unwrap();
        for from in [place.to_owned(), format!("{place}/deep/down")] {
            let local = bench.local(&from);
            let root = local.root().unwrap().canonicalize().unwrap();
            assert_eq!(root, bench.path(place).canonicalize().unwrap(), "{from}");
            assert_eq!(local.dirty().unwrap(), ["file"], "{from}");
            assert!(local.files().unwrap().contains(&"file".to_owned()), "{from}");
        }
    }
    let bare = bench.local("remote.git");
    assert_eq!((bare.root(), bare.head().unwrap().is_some()), (None, true));
}
