//! The action in a folder, run as the runner runs a step of it.

use super::definition::{action, archives, step, top};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Prints its arguments, a line each, and the variables that are meant for it.
const RECORDER: &str = "\
#!/bin/sh
for argument; do printf '[%s]\\n' \"$argument\"; done
echo \"token=$GITHUB_TOKEN check-run=$TMINUS_CHECK_RUN\"
";

/// What a step came to.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Copies what a user of the action gets to see.
pub(crate) fn copy_action(to: &Path) {
    std::fs::create_dir_all(to.join(".github/action")).unwrap();
    let scripts = std::fs::read_dir(top().join(".github/action")).unwrap();
    let scripts = scripts.map(|entry| entry.unwrap().path());
    for from in [top().join("action.yml"), top().join("Cargo.toml")].into_iter().chain(scripts) {
        std::fs::copy(&from, to.join(from.strip_prefix(top()).unwrap())).unwrap();
    }
}

/// A script that can be run.
pub(crate) fn script(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A machine with one step on it.
pub(crate) struct Runner {
    pub(crate) dir: TempDir,
    pub(crate) env: BTreeMap<String, String>,
}

impl Runner {
    /// A step of the action with the defaults of its inputs, on 64-bit Linux.
    pub(crate) fn new() -> Self {
        Self::of("Linux", "X64")
    }

    /// The same on another platform, with folders as GitHub's own runners there name them. A drive
    /// of Windows is a folder `D:` here, and what is written with backslashes is not found at all.
    pub(crate) fn of(os: &str, arch: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy_action(&dir.path().join("action"));
        let mut runner = Self { dir, env: BTreeMap::new() };
        let action = action();
        for (variable, value) in step("unix")["env"].as_object().unwrap() {
            let expression = value.as_str().unwrap();
            let input =
                expression.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}"));
            let default = input.and_then(|input| action["inputs"][input]["default"].as_str());
            runner.set(variable, default.unwrap_or_default());
        }
        for folder in ["temp", "tools", "bin"] {
            std::fs::create_dir(runner.path(folder)).unwrap();
        }
        let at = |name: &str| runner.path(name).to_str().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap().into_string().unwrap();
        let known = [
            ("INPUT_TOKEN", "t0ken".to_owned()),
            ("GITHUB_ACTION_PATH", at("action")),
            ("RUNNER_TEMP", at("temp")),
            ("RUNNER_TOOL_CACHE", at("tools")),
            ("RUNNER_OS", os.into()),
            ("RUNNER_ARCH", arch.into()),
            ("PATH", format!("{}:{path}", at("bin"))),
        ];
        known.into_iter().for_each(|(name, value)| runner.set(name, &value));
        if os == "Windows" {
            runner.drives();
        }
        runner
    }

    fn drives(&mut self) {
        let folders = [
            ("RUNNER_TEMP", r"D:\a\_temp", "temp"),
            ("RUNNER_TOOL_CACHE", r"C:\hostedtoolcache\windows", "tools"),
            ("GITHUB_ACTION_PATH", r"D:\a\_actions\tminus-dev\tminus\v1", "action"),
        ];
        for (variable, name, folder) in folders {
            let link = self.path(name.replace('\\', "/"));
            std::fs::create_dir_all(link.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(self.path(folder), link).unwrap();
            self.set(variable, name);
        }
        // Git's bash itself reads such a name: the step's script is found.
        let action = self.path(&self.env["GITHUB_ACTION_PATH"]);
        std::os::unix::fs::symlink(self.path("action"), action).unwrap();
    }

    /// What the names of programs end with.
    pub(crate) fn exe(&self) -> &'static str {
        if self.env["RUNNER_OS"] == "Windows" { ".exe" } else { "" }
    }

    /// The name of the archive for the platform.
    pub(crate) fn archive(&self) -> String {
        let os = match self.env["RUNNER_OS"].as_str() {
            "Linux" => "linux",
            "macOS" => "darwin",
            _ => "windows",
        };
        let machine = if self.env["RUNNER_ARCH"] == "X64" { "x86_64" } else { "aarch64" };
        let names = archives(env!("CARGO_PKG_VERSION"));
        names.into_iter().find(|name| name.contains(os) && name.contains(machine)).unwrap()
    }

    /// The same, with a tminus of the user's that prints its arguments.
    pub(crate) fn recording() -> Self {
        let mut runner = Self::new();
        let binary = runner.path("own tminus");
        script(&binary, RECORDER);
        runner.set("INPUT_BINARY", binary.to_str().unwrap());
        runner
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.env.insert(name.into(), value.into());
    }

    /// The step, ready to be run as the runner does: the script in a file, in the step's shell.
    pub(crate) fn command(&self) -> Command {
        self.command_in("/bin/sh")
    }

    /// The same, with another program as the shell.
    fn command_in(&self, sh: &str) -> Command {
        let step = step(if self.env["RUNNER_OS"] == "Windows" { "windows" } else { "unix" });
        let file = self.path("step.sh");
        std::fs::write(&file, step["run"].as_str().unwrap()).unwrap();
        let shell = step["shell"].as_str().unwrap();
        let shell = shell.replace("{0}", file.to_str().unwrap()).replace("/bin/sh", sh);
        let mut words = shell.split(' ');
        let mut command = Command::new(words.next().unwrap());
        command.args(words).env_clear().envs(&self.env).current_dir(self.dir.path());
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self) -> Ended {
        self.run_in("/bin/sh")
    }

    pub(crate) fn run_in(&self, sh: &str) -> Ended {
        let done = self.command_in(sh).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ended { code: done.status.code(), stdout: text(done.stdout), stderr: text(done.stderr) }
    }
}
