//! tminus built from the action's own source: by its own rules, never by those of the tree that the
//! job is about.

use super::installing::{stopped, without};
use super::runner::{Runner, script};
use std::path::Path;

/// Prints how it was called and where, and installs a program that says `built`.
const CARGO: &str = "\
#!/bin/sh
echo \"cargo $*\"
for argument; do
  [ \"$last\" != --root ] || root=$argument
  last=$argument
done
ls -A
env | grep -e ^RUST -e ^CARGO -e ^INPUT_TOKEN
mkdir -p \"$root/bin\" ../target
printf '#!/bin/sh\\necho built\\n' >\"$root/bin/tminus$EXE\"
chmod +x \"$root/bin/tminus$EXE\"
";

fn building(os: &str) -> Runner {
    let mut runner = Runner::of(os, "X64");
    runner.set("INPUT_INSTALL", "source");
    runner.set("EXE", runner.exe());
    runner
}

#[test]
fn building_from_source_is_a_locked_cargo_build_of_a_copy_of_the_action() {
    for os in ["Linux", "Windows"] {
        let mut runner = building(os);
        without(&mut runner, &[]);
        stopped(&runner.run(), 2, "needs cargo");
        for tool in ["ls", "grep"] {
            std::os::unix::fs::symlink(Path::new("/bin").join(tool), runner.path("bin").join(tool))
                .unwrap();
        }
        script(&runner.path("bin/cargo"), CARGO);
        script(&runner.path("action/target/left"), "of another build\n");
        script(&runner.path("action/src/main.rs"), "fn main() {}\n");
        for (name, value) in [
            ("RUSTFLAGS", "-Dwarnings"),
            ("CARGO_BUILD_TARGET", "wasm32-wasip1"),
            ("CARGO_HOME", "here"),
        ] {
            runner.set(name, value);
        }
        let said = runner.run().stdout;
        let version = env!("CARGO_PKG_VERSION");
        let expected = format!(
            "\
building tminus {version} from the action's own source
cargo install --quiet --locked --path . --root ../built --target-dir ../target
Cargo.toml
action.yml
src
CARGO_HOME=here
built
"
        );
        assert_eq!(said, expected, "{os}");
        assert_eq!(runner.run().stdout, "built\n", "once a job");
        assert!(!runner.path("built").exists() && !runner.path("target").exists());

        script(&runner.path("bin/cargo"), "#!/bin/sh\nexit 101\n");
        std::fs::remove_dir_all(runner.path("temp")).unwrap();
        std::fs::create_dir(runner.path("temp")).unwrap();
        stopped(&runner.run(), 2, "could not be built");
    }
}

/// Everything in a tree that cargo and rustup would take orders from.
fn hostile(tree: &Path) {
    let evil = tree.join("toolchain/bin");
    for tool in ["cargo", "rustc", "wrapper"] {
        script(&evil.join(tool), "#!/bin/sh\necho evil >&2\nexit 3\n");
    }
    let toolchain = format!("[toolchain]\npath = '{}'\n", tree.join("toolchain").display());
    script(&tree.join("rust-toolchain.toml"), &toolchain);
    let config = format!(
        "\
[build]
rustc-wrapper = '{wrapper}'
[source.crates-io]
replace-with = 'evil'
[source.evil]
directory = '{wrapper}'
",
        wrapper = evil.join("wrapper").display()
    );
    script(&tree.join(".cargo/config.toml"), &config);
    script(
        &tree.join("Cargo.toml"),
        "[workspace]\nmembers = ['action']\n[profile.release]\nopt-level = 'evil'\n",
    );
}

/// With the real cargo, which builds a program without dependencies in place of tminus.
#[test]
fn the_checked_out_tree_cannot_influence_a_build_from_source() {
    let mut runner = building("Linux");
    for (variable, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        let home = std::env::home_dir().unwrap().join(folder);
        let home = std::env::var_os(variable).map_or(home, Into::into);
        runner.set(variable, home.to_str().unwrap());
    }
    runner.set("CARGO_NET_OFFLINE", "true");
    let manifest = "[package]\nname = \"tminus\"\nversion = \"0.0.0\"\nedition = \"2024\"\n";
    script(&runner.path("action/Cargo.toml"), manifest);
    let lock = "version = 4\n[[package]]\nname = \"tminus\"\nversion = \"0.0.0\"\n";
    script(&runner.path("action/Cargo.lock"), lock);
    script(&runner.path("action/src/main.rs"), "fn main() { println!(\"the real one\"); }\n");
    // The step runs at the top of the job's tree, and the action is checked out below it.
    hostile(runner.dir.path());
    // As on GitHub's runners, the folder for what is temporary is not in that tree.
    let temp = tempfile::tempdir().unwrap();
    runner.set("RUNNER_TEMP", temp.path().to_str().unwrap());
    let ended = runner.run();
    assert!(ended.stdout.ends_with("\nthe real one\n"), "{ended:?}");
    assert!(!ended.stderr.contains("evil"), "{ended:?}");
}
