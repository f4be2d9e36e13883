//! The work tree is compared with `HEAD`, and nothing that the repository brings is run for it.

use crate::support::bench_repo::{Bench, script};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use tminus::adapters::git::{LocalRepository, Settings};
use tminus::ports::WorkTree as _;
use tminus::ports::{Repository as _, RepositoryError};

/// A program of the repository's that leaves a mark when it runs.
fn marker(bench: &Bench, name: &str) -> String {
    let path = bench.path(name);
    let mark = bench.path("ran");
    std::fs::write(&path, format!("#!/bin/sh\necho {name} >>{}\ncat\n", mark.display())).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

fn ran(bench: &Bench) -> String {
    std::fs::read_to_string(bench.path("ran")).unwrap_or_default()
}

fn dirty(bench: &Bench) -> Result<Vec<String>, RepositoryError> {
    bench.local("work").dirty()
}

fn none() -> Vec<String> {
    Vec::new()
}

/// At a time that the index does not have, so that git has to look into the file.
fn touch(bench: &Bench, name: &str) {
    let file = std::fs::File::options().append(true).open(bench.path(name)).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
}

fn config(bench: &Bench, pairs: &[(&str, &str)]) {
    for (name, value) in pairs {
        bench.git("work", &["config", name, value]);
    }
}

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\n\
    oid sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\nsize 4\n";

/// A repository with a file in Git LFS that was checked out by git-lfs.
fn with_lfs(bench: &Bench) {
    bench.write("work/.gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
    bench.write("work/big.bin", POINTER);
    bench.git("work", &["add", "."]);
    bench.commit("work", "feat: a large file", 1000);
    bench.write("work/big.bin", "test");
    let program = marker(bench, "git-lfs");
    let names = ["filter.lfs.clean", "filter.lfs.smudge", "filter.lfs.process"];
    config(bench, &names.map(|name| (name, program.as_str())));
    config(bench, &[("filter.lfs.required", "true")]);
}

#[test]
fn no_command_configured_by_the_repository_is_run() {
    let bench = Bench::with_work();
    bench.write("work/.gitattributes", "*.txt filter=evil\n*.dat filter=other=one.two\n");
    bench.write("work/a.txt", "a\n");
    bench.write("work/b.dat", "b\n");
    bench.git("work", &["add", "."]);
    bench.commit("work", "feat: one", 1000);
    let program = marker(&bench, "evil");
    bench.write(
        "hidden",
        format!(
            "[core]\n\tfsmonitor = {program}\n\thooksPath = {0}\n\tpager = {program}\n\
             [filter \"evil\"]\n\tclean = {program}\n\tprocess = {program}\n\tsmudge = {program}\n\
             \trequired\n[filter \"other=one.two\"]\n\tclean = {program}\n\trequired = true\n\
             [diff]\n\texternal = {program}\n[alias]\n\tstatus = !{program}\n",
            bench.path("hooks").display()
        ),
    );
    bench.write("hooks/post-index-change", "");
    std::fs::copy(bench.path("evil"), bench.path("hooks/post-index-change")).unwrap();
    bench.git("work", &["remote", "add", "origin", "https://example.com/x"]);
    for how in ["include.path", "includeIf.hasconfig:remote.*.url:https://**.path"] {
        bench.git("work", &["config", how, bench.path("hidden").to_str().unwrap()]);
        touch(&bench, "work/a.txt");
        touch(&bench, "work/b.dat");
        bench.git("work", &["update-index", "--no-assume-unchanged", "a.txt"]);
        std::fs::remove_file(bench.path("ran")).ok();
        bench.write("work/a.txt", "A\n");
        bench.write("work/b.dat", "B\n");
        let seen = dirty(&bench).unwrap_err();
        assert!(seen.why.contains("`a.txt`"), "{}", seen.why);
        bench.local("work").files().unwrap();
        assert_eq!(ran(&bench), "", "{how}");
        bench.write("work/a.txt", "a\n");
        bench.write("work/b.dat", "b\n");
        bench.git("work", &["config", "--unset", how]);
        bench.git("work", &["status"]);
    }
}

#[test]
fn commands_in_the_configuration_of_a_submodule_are_not_run() {
    let bench = Bench::with_remote();
    bench.git(".", &["clone", "-q", "remote.git", "work/inner"]);
    bench.git("work", &["add", "inner"]);
    bench.git("work", &["commit", "-q", "-m", "chore: a submodule"]);
    let program = marker(&bench, "evil");
    bench.git("work/inner", &["config", "core.fsmonitor", &program]);
    bench.write("work/inner/new", "x");
    assert_eq!(dirty(&bench).unwrap(), none());
    assert_eq!(ran(&bench), "");
}

#[test]
fn an_lfs_file_is_compared_with_its_pointer_without_running_git_lfs() {
    let bench = Bench::with_work();
    with_lfs(&bench);
    touch(&bench, "work/big.bin");
    assert_eq!(dirty(&bench).unwrap(), none());
    bench.write("work/big.bin", "tesd");
    assert_eq!(dirty(&bench).unwrap(), ["big.bin"]);
    bench.write("work/big.bin", "test and more");
    assert_eq!(dirty(&bench).unwrap(), ["big.bin"]);
    bench.write("work/big.bin", POINTER);
    assert_eq!(dirty(&bench).unwrap(), none(), "a checkout without the large files");
    bench.write("work/big.bin", "test");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(bench.path("work/big.bin"), executable).unwrap();
    assert_eq!(dirty(&bench).unwrap(), ["big.bin"]);
    std::fs::remove_file(bench.path("work/big.bin")).unwrap();
    assert_eq!(dirty(&bench).unwrap(), ["big.bin"]);
    symlink("test", bench.path("work/big.bin")).unwrap();
    assert_eq!(dirty(&bench).unwrap(), ["big.bin"]);
    assert_eq!(ran(&bench), "");
}

/// A repository whose filter writes a file otherwise than it is committed, as just checked out.
fn with_crypt(bench: &Bench) {
    bench.write("work/.gitattributes", "*.key filter=crypt\n");
    bench.write("work/plain.txt", "plain\n");
    bench.write("work/a.key", "secret\n");
    config(bench, &[("filter.crypt.clean", "tr a-z A-Z"), ("filter.crypt.smudge", "tr A-Z a-z")]);
    bench.git("work", &["add", "."]);
    bench.commit("work", "feat: one", 1000);
    std::fs::remove_file(bench.path("work/a.key")).unwrap();
    bench.git("work", &["checkout", "-q", "."]);
    assert_eq!(bench.git("work", &["show", "HEAD:a.key"]), "SECRET");
}

#[test]
fn a_filtered_file_just_written_by_a_checkout_is_unchanged() {
    let bench = Bench::with_work();
    with_crypt(&bench);
    assert_eq!(dirty(&bench).unwrap(), none());
}

#[test]
fn a_filtered_file_changed_since_is_unknown_and_its_filter_is_named() {
    let bench = Bench::with_work();
    with_crypt(&bench);
    touch(&bench, "work/a.key");
    let error = dirty(&bench).unwrap_err();
    assert_eq!(
        error.why,
        "`a.key` changed after git last checked it; comparing it with HEAD requires its filter \
         `crypt`, and tminus does not run filters"
    );
    assert_eq!(
        error.help.as_deref(),
        Some("run `git status`, which runs the filter and stores the result")
    );
    bench.write("work/plain.txt", "changed\n");
    assert_eq!(dirty(&bench).unwrap(), ["plain.txt"], "what is known to differ is no-go");
    bench.write("work/plain.txt", "plain\n");
    bench.git("work", &["status"]);
    assert_eq!(dirty(&bench).unwrap(), none(), "after what the help says");
}

#[test]
fn assume_unchanged_and_skip_worktree_files_are_compared_if_present() {
    let bench = Bench::with_work();
    for name in ["skipped", "assumed", "gone", "both"] {
        bench.write(&format!("work/{name}"), name);
    }
    bench.git("work", &["add", "."]);
    bench.commit("work", "feat: one", 1000);
    bench.git("work", &["update-index", "--skip-worktree", "skipped", "gone", "both"]);
    bench.git("work", &["update-index", "--assume-unchanged", "assumed", "both"]);
    std::fs::remove_file(bench.path("work/gone")).unwrap();
    touch(&bench, "work/skipped");
    assert_eq!(dirty(&bench).unwrap(), none(), "the same content, and one that is not there");
    let before = std::fs::read(bench.path("work/.git/index")).unwrap();
    for name in ["skipped", "assumed", "both"] {
        bench.write(&format!("work/{name}"), "changed");
    }
    assert_eq!(dirty(&bench).unwrap(), ["assumed", "both", "skipped"]);
    std::fs::remove_file(bench.path("work/assumed")).unwrap();
    assert_eq!(dirty(&bench).unwrap(), ["assumed", "both", "skipped"]);
    assert_eq!(std::fs::read(bench.path("work/.git/index")).unwrap(), before, "nothing is written");
}

#[test]
fn a_sparse_checkout_is_clean_until_one_of_its_files_differs() {
    for sparse in ["--no-sparse-index", "--sparse-index"] {
        let bench = Bench::with_work();
        for name in ["in/a", "out/b", "out/deep/c", "top"] {
            bench.write(&format!("work/{name}"), name);
        }
        bench.git("work", &["add", "."]);
        bench.commit("work", "feat: one", 1000);
        bench.git("work", &["sparse-checkout", "set", "--cone", sparse, "in"]);
        assert!(!bench.path("work/out").exists());
        assert_eq!(dirty(&bench).unwrap(), none(), "{sparse}");
        bench.write("work/out/b", "out/b");
        assert_eq!(dirty(&bench).unwrap(), none(), "{sparse}: back as it was");
        bench.write("work/out/b", "changed");
        assert_eq!(dirty(&bench).unwrap(), ["out/b"], "{sparse}");
        bench.git("work", &["config", "sparse.expectFilesOutsideOfPatterns", "true"]);
        assert_eq!(dirty(&bench).unwrap(), ["out/b"], "{sparse}: though git expects such files");
    }
}

#[test]
fn a_split_index_is_read() {
    let bench = Bench::with_work();
    bench.write("work/a", "a");
    bench.write("work/b", "b");
    bench.git("work", &["add", "."]);
    bench.commit("work", "feat: one", 1000);
    bench.git("work", &["update-index", "--split-index"]);
    bench.git("work", &["update-index", "--skip-worktree", "b"]);
    assert_eq!(dirty(&bench).unwrap(), none());
    bench.write("work/b", "changed");
    assert_eq!(dirty(&bench).unwrap(), ["b"]);
}

#[test]
fn built_in_git_conversions_are_applied() {
    let bench = Bench::with_work();
    bench.write(
        "work/.gitattributes",
        "*.crlf text eol=crlf\n*.id ident\n*.wide working-tree-encoding=UTF-16LE\n",
    );
    bench.write("work/a.crlf", "one\r\ntwo\r\n");
    bench.write("work/a.id", "$Id$\n");
    bench.write("work/a.wide", b"a\0\n\0");
    bench.write("work/run", "#!/bin/sh\n");
    symlink("run", bench.path("work/link")).unwrap();
    bench.git("work", &["add", "."]);
    bench.commit("work", "feat: one", 1000);
    for name in ["a.crlf", "a.id", "a.wide", "run"] {
        std::fs::remove_file(bench.path(&format!("work/{name}"))).unwrap();
    }
    bench.git("work", &["checkout", "-q", "."]);
    for name in ["a.crlf", "a.id", "a.wide", "run"] {
        touch(&bench, &format!("work/{name}"));
    }
    assert_eq!(dirty(&bench).unwrap(), none());
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(bench.path("work/run"), executable).unwrap();
    std::fs::remove_file(bench.path("work/link")).unwrap();
    symlink("a.id", bench.path("work/link")).unwrap();
    bench.write("work/a.wide", b"b\0\n\0");
    assert_eq!(dirty(&bench).unwrap(), ["a.wide", "link", "run"]);
}

#[test]
fn an_attribute_with_an_unconfigured_filter_has_no_effect() {
    let bench = Bench::with_work();
    bench.write("work/.gitattributes", "*.key filter=absent\n");
    bench.write("work/a.key", "a");
    bench.git("work", &["add", "."]);
    bench.commit("work", "feat: one", 1000);
    touch(&bench, "work/a.key");
    assert_eq!(dirty(&bench).unwrap(), none());
    bench.write("work/a.key", "b");
    assert_eq!(dirty(&bench).unwrap(), ["a.key"]);
}

#[test]
fn a_file_with_a_non_utf8_name_is_compared() {
    use std::os::unix::ffi::OsStrExt as _;
    let bench = Bench::with_work();
    let path = bench.path("work").join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    std::fs::write(&path, "a").unwrap();
    bench.git("work", &["add", "."]);
    bench.commit("work", "feat: one", 1000);
    bench.git("work", &["ls-files"]);
    let mut update = bench.command("git", "work", 0);
    update.args(["update-index", "--assume-unchanged", "-z", "--stdin"]);
    let names = bench.path("names");
    std::fs::write(&names, b"caf\xe9\0").unwrap();
    update.stdin(std::fs::File::open(names).unwrap());
    assert!(update.status().unwrap().success());
    std::fs::write(&path, "b").unwrap();
    assert_eq!(dirty(&bench).unwrap(), ["caf\u{fffd}"]);
}

#[test]
fn git_status_without_output_is_an_error_and_not_a_clean_tree() {
    let bench = Bench::with_work();
    let mute = bench.path("git-mute");
    script(&mute, "#!/bin/sh\nexit 0\n");
    let settings = Settings { program: mute, ..bench.settings() };
    let repository = LocalRepository::discover(&bench.path("work"), &settings).unwrap();
    let error = repository.dirty().unwrap_err();
    assert_eq!(error.why, "`git status` printed output that tminus cannot parse");
}
