//! The same road from inputs to a program on every platform, as far as this machine can show it: in
//! every shell that may be there as `sh`, with the tools that are there, and with Windows' names.

use super::definition::top;
use super::installing::{published_for, stopped, without};
use super::runner::{Runner, script};
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

/// A program on this machine.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// Shells that some system has as `/bin/sh`, each under that name, as far as they are here.
fn shells(runner: &Runner) -> Vec<String> {
    let known = ["dash", "bash", "busybox", "zsh"];
    let found = known.into_iter().filter_map(|name| Some((name, program(name)?)));
    let linked = found.map(|(name, file)| {
        let sh = runner.path("shells").join(name).join("sh");
        std::fs::create_dir_all(sh.parent().unwrap()).unwrap();
        symlink(file, &sh).unwrap();
        sh.to_str().unwrap().to_owned()
    });
    linked.collect()
}

/// Names that a path which was not taken for a Windows path leaves behind.
fn strays(runner: &Runner) -> Vec<String> {
    let names = std::fs::read_dir(runner.dir.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains('\\') && *name != runner.env["GITHUB_ACTION_PATH"]).collect()
}

const PLATFORMS: [(&str, &str); 6] = [
    ("Linux", "X64"),
    ("Linux", "ARM64"),
    ("macOS", "X64"),
    ("macOS", "ARM64"),
    ("Windows", "X64"),
    ("Windows", "ARM64"),
];

#[test]
fn the_archive_of_each_platform_is_downloaded_verified_and_run_in_every_shell() {
    for (os, arch) in PLATFORMS {
        let (runner, shelf) = published_for(os, arch);
        let shells = shells(&runner);
        assert!(shells.iter().any(|sh| sh.contains("/dash/") || sh.contains("/bash/")));
        // The shell of a step on Windows is given.
        for sh in if os == "Windows" { vec!["/bin/sh".to_owned()] } else { shells } {
            for folder in ["temp", "tools"] {
                std::fs::remove_dir_all(runner.path(folder)).unwrap();
                std::fs::create_dir(runner.path(folder)).unwrap();
            }
            let before = shelf.asked().len();
            for _step in ["one", "another"] {
                let ended = runner.run_in(&sh);
                assert_eq!(ended.stdout, "published\n", "{os} {arch} {sh}: {ended:?}");
                assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{os} {sh}");
            }
            let asked = shelf.asked().split_off(before);
            let version = env!("CARGO_PKG_VERSION");
            assert_eq!(asked, [format!("GET /v{version}/{}", runner.archive())], "{os} {sh}");
            let kept = runner.path("tools/tminus").join(runner.archive());
            assert!(kept.is_file(), "{os} {arch} {sh}");
            assert_eq!(strays(&runner), [""; 0], "{os} {arch} {sh}");
        }
    }
}

#[test]
fn a_wrong_checksum_stops_the_action_on_every_platform_in_every_shell() {
    for (os, arch) in PLATFORMS {
        let (runner, _shelf) = published_for(os, arch);
        let pins = runner.path("action/.github/action/checksums.txt");
        let text = std::fs::read_to_string(&pins).unwrap();
        let sum = text.lines().find(|line| !line.starts_with('#')).unwrap();
        let other = sum.split(' ').next().unwrap();
        std::fs::write(&pins, text.replace(other, &"0".repeat(64))).unwrap();
        for sh in shells(&runner) {
            stopped(&runner.run_in(&sh), 1, "is pinned; nothing was run");
        }
    }
}

/// Tools that know no option of GNU's, and `shasum` alone.
fn mac(runner: &mut Runner) {
    without(runner, &["sha256sum", "tar", "cp", "mv", "mkdir", "rm", "mktemp"]);
    let strict =
        "for word; do case $word in --*) echo \"illegal option -- -\" >&2; exit 64 ;; esac; done";
    for tool in ["tar", "cp", "mv", "mkdir", "rm", "mktemp"] {
        let bsd = program(&format!("bsd{tool}")).or_else(|| program(tool)).unwrap();
        let text = format!("#!/bin/sh\n{strict}\nexec '{}' \"$@\"\n", bsd.display());
        script(&runner.path("bin").join(tool), &text);
    }
}

#[test]
fn the_action_works_with_the_tools_of_macos() {
    let (mut runner, _shelf) = published_for("macOS", "ARM64");
    mac(&mut runner);
    for sh in shells(&runner) {
        std::fs::remove_dir_all(runner.path("temp")).unwrap();
        std::fs::create_dir(runner.path("temp")).unwrap();
        let ended = runner.run_in(&sh);
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("published\n", ""), "{sh}");
    }
}

/// As in a container with Alpine.
#[test]
fn the_action_works_with_the_tools_of_busybox() {
    let Some(busybox) = program("busybox") else { return };
    let (mut runner, _shelf) = published_for("Linux", "X64");
    without(&mut runner, &[]);
    for tool in ["env", "cp", "mktemp", "rm", "mv", "mkdir", "tar", "gzip", "sha256sum"] {
        let file = runner.path("bin").join(tool);
        std::fs::remove_file(&file).unwrap();
        symlink(&busybox, file).unwrap();
    }
    let sh = runner.path("bin/sh");
    symlink(busybox, &sh).unwrap();
    let ended = runner.run_in(sh.to_str().unwrap());
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("published\n", ""));
}

#[test]
fn a_local_binary_is_found_by_its_path_on_windows() {
    let mut runner = Runner::of("Windows", "X64");
    script(&runner.path("D:/tools/tminus.exe"), "#!/bin/sh\necho \"own $1\"\n");
    runner.set("INPUT_BINARY", r"D:\tools\tminus.exe");
    assert_eq!(runner.run().stdout, "own check\n");
}

#[test]
fn shell_settings_of_an_earlier_step_have_no_effect_on_windows() {
    let (mut runner, _shelf) = published_for("Windows", "X64");
    script(&runner.path("evil"), "echo evil\n");
    let evil = runner.path("evil").to_str().unwrap().to_owned();
    for (name, value) in [("BASH_ENV", evil.as_str()), ("SHELLOPTS", "xtrace"), ("CDPATH", "/")] {
        runner.set(name, value);
    }
    let ended = runner.run();
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("published\n", ""));
    runner.set("BASH_FUNC_.%%", "() { echo evil; }");
    stopped(&runner.run(), 2, "shell functions");
}

#[test]
fn variables_of_the_job_reach_the_program_unchanged() {
    let names = ["version", "root", "home", "sum", "line", "rest", "name", "here", "tminus"];
    for os in ["Linux", "Windows"] {
        let (mut runner, _shelf) = published_for(os, "X64");
        names.iter().for_each(|name| runner.set(name, "the job's"));
        let ended = runner.run();
        assert_eq!(ended.stdout, "published\n", "{ended:?}");
        let own = runner.path("own tminus");
        script(&own, "#!/bin/sh\nenv\n");
        // Unpacked by the run before, and another program since.
        let unpacked = std::fs::read_dir(runner.path("temp")).unwrap().next().unwrap().unwrap();
        let program = unpacked.path().join(format!("tminus{}", runner.exe()));
        std::fs::copy(own, program).unwrap();
        let said = runner.run().stdout;
        for name in names {
            assert!(said.contains(&format!("\n{name}=the job's\n")), "{name} in {said}");
        }
    }
}

#[test]
fn a_windows_checkout_has_the_committed_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "core.autocrlf=true", "-c", "user.name=Ada", "-c", "user.email=a@b"]);
        git.args(arguments).current_dir(dir.path());
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        let done = git.output().unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    let files = [".gitattributes", ".github/action/main.sh", ".github/action/checksums.txt"];
    git(&["init", "-q"]);
    for file in files {
        let to = dir.path().join(file);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(top().join(file), to).unwrap();
    }
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "files"]);
    for file in files {
        std::fs::remove_file(dir.path().join(file)).unwrap();
    }
    git(&["checkout", "-q", "--", "."]);
    for file in files {
        let [was, is] = [top(), dir.path()].map(|top| std::fs::read(top.join(file)).unwrap());
        assert!(was == is, "{file}");
    }
}

/// What CI does on systems that are not this one.
#[test]
fn a_program_built_in_the_job_runs_like_a_published_one() {
    let runner = Runner::new();
    script(&runner.path("target/debug/tminus"), "#!/bin/sh\necho built here\n");
    let keep = runner.path("action/tests/action/keep.sh");
    script(&keep, &std::fs::read_to_string(top().join("tests/action/keep.sh")).unwrap());
    let mut keep = Command::new(keep);
    keep.envs(&runner.env).env("CARGO_TARGET_DIR", runner.path("target"));
    let done = keep.output().unwrap();
    assert!(done.status.success(), "{done:?}");
    assert_eq!(runner.run().stdout, "built here\n");
}
