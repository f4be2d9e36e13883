//! Running the user's git program, and what belongs to it (`ssh-keygen`, `gpg`).

use super::open::cannot;
use super::redact::{redact, words as words_of};
use super::settings::Settings;
use crate::base::secrets::{Secrets, base64};
use crate::ports::{PortError, RepositoryError};
use secrecy::{ExposeSecret, SecretString};
use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;

/// Variables that a hook or an alias inherits and that would point git at another repository; what
/// `git rev-parse --local-env-vars` lists, except configuration.
const LOCAL: [&str; 12] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Turns off what a repository's own `.git/config` could have git run while it only reads. An empty
/// name turns the monitor off in every version of git; `false` would be a program's name to old ones.
const QUIET: [&str; 4] = ["-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null"];

/// Carries the token's header to git, so that it is on no command line.
const HEADER: &str = "TMINUS_GIT_HEADER";

/// The git program in one repository.
#[derive(Debug, Clone)]
pub(super) struct Git {
    program: PathBuf,
    root: PathBuf,
    env: Vec<(String, String)>,
    timeout: Duration,
    /// Configuration key, and the header.
    header: Option<(String, SecretString)>,
    pub(super) secrets: Secrets,
}

/// What a program printed, and how it ended.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) ok: bool,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: String,
}

impl Output {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

impl Git {
    pub(super) fn new(repository: &git2::Repository, settings: &Settings) -> Self {
        let root = repository.workdir().unwrap_or_else(|| repository.path()).to_path_buf();
        let mut secrets = settings.secrets.clone();
        let header = settings.credentials.as_ref().and_then(|credentials| {
            let token = credentials.token.expose_secret();
            let basic = base64(format!("x-access-token:{token}").as_bytes());
            let header = SecretString::from(format!("AUTHORIZATION: basic {basic}"));
            // The header too, whole: a mask inside it would leave its ends.
            secrets = secrets.and([credentials.token.clone(), basic.into()]);
            Some((format!("http.{}.extraheader", credentials.scope()?), header))
        });
        let (program, env) = (settings.program.clone(), settings.env.clone());
        Self { program, root, env, timeout: settings.timeout, header, secrets }
    }

    /// Whether the token goes along to an address.
    pub(super) fn sends_token(&self, url: &str) -> bool {
        let scope = self.header.as_ref().and_then(|(key, _)| {
            key.strip_prefix("http.").and_then(|key| key.strip_suffix(".extraheader"))
        });
        scope.is_some_and(|scope| url.starts_with(scope))
    }

    fn command(&self, program: &OsStr) -> std::process::Command {
        let mut command = std::process::Command::new(program);
        command.current_dir(&self.root).stdin(Stdio::null());
        for name in LOCAL {
            command.env_remove(name);
        }
        command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        // What traces git, where a user wants that, is not to write the header down.
        command.env("GIT_TRACE_REDACT", "1");
        command.env("GIT_TRACE2_ENV_VARS", "none").env("GIT_TRACE2_CONFIG_PARAMS", "none");
        command
    }

    /// A command that only reads the repository on this machine. It runs nothing that the
    /// repository's own configuration names, and reaches no other repository.
    pub(super) fn local(&self, arguments: &[&str]) -> std::process::Command {
        self.local_with(&[], arguments)
    }

    /// The same, with more of git's own options.
    pub(super) fn local_with(
        &self,
        options: &[Cow<'_, OsStr>],
        arguments: &[&str],
    ) -> std::process::Command {
        let mut command = self.command(self.program.as_os_str());
        command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "none");
        command.env("GIT_OPTIONAL_LOCKS", "0");
        command.args(QUIET).args(options).args(arguments);
        command
    }

    /// Waits for a local command that succeeds, and gives what it printed.
    pub(super) fn answer(
        &self,
        mut command: std::process::Command,
    ) -> Result<Vec<u8>, RepositoryError> {
        let done = command.output().map_err(|error| self.cannot_run(&error))?;
        if done.status.success() { Ok(done.stdout) } else { Err(self.failed(&done)) }
    }

    /// That the git program could not be started.
    pub(super) fn cannot_run(&self, error: &std::io::Error) -> RepositoryError {
        cannot(format!("cannot run `{}`: {error}", self.program.display()))
    }

    /// That the git program ended with an error.
    pub(super) fn failed(&self, done: &std::process::Output) -> RepositoryError {
        let words = self.clean(&String::from_utf8_lossy(&done.stderr));
        let words = words_of(&words);
        let words = if words.is_empty() { "it printed no reason" } else { &words };
        cannot(format!("`git` failed: {words}"))
    }

    /// Asks something that needs no network, waiting for the answer.
    pub(super) fn ask(&self, arguments: &[&str]) -> Result<String, RepositoryError> {
        let answer = self.answer(self.local(arguments))?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Runs git; an exit code other than 0 is not an error yet.
    pub(super) async fn run(
        &self,
        what: &str,
        arguments: &[&str],
        input: &[u8],
    ) -> Result<Output, PortError> {
        let mut command = self.command(self.program.as_os_str());
        if let Some((key, header)) = &self.header {
            // The empty value drops a header that the checkout left: GitHub refuses two.
            command.arg("-c").arg(format!("{key}=")).arg(format!("--config-env={key}={HEADER}"));
            command.env(HEADER, header.expose_secret());
        }
        // Only a push asks the user's hooks.
        if arguments.first() != Some(&"push") {
            command.args(QUIET);
        }
        command.args(arguments);
        self.finish(what, command, input).await
    }

    /// Runs another program in the same surroundings.
    pub(super) async fn tool(
        &self,
        what: &str,
        program: &str,
        arguments: &[&str],
        input: &[u8],
    ) -> Result<Output, PortError> {
        let mut command = self.command(OsStr::new(program));
        command.args(arguments);
        self.finish(what, command, input).await
    }

    async fn finish(
        &self,
        what: &str,
        command: std::process::Command,
        input: &[u8],
    ) -> Result<Output, PortError> {
        let no_answer = |why: String| PortError::NoAnswer { what: what.into(), why };
        let program = command.get_program().to_string_lossy().into_owned();
        let failed = |error: std::io::Error| no_answer(format!("cannot run `{program}`: {error}"));
        let mut command = tokio::process::Command::from(command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().map_err(failed)?;
        let stdin = child.stdin.take();
        let write = async {
            if let Some(mut stdin) = stdin {
                // A program that ends without reading tells why by its exit code.
                let _ = stdin.write_all(input).await;
            }
        };
        let both = async { tokio::join!(write, child.wait_with_output()).1 };
        let seconds = self.timeout.as_secs();
        let done = tokio::time::timeout(self.timeout, both)
            .await
            .map_err(|_| no_answer(format!("no end after {seconds} seconds")))?
            .map_err(failed)?;
        tracing::debug!(what, code = done.status.code(), "git");
        let stderr = self.clean(&String::from_utf8_lossy(&done.stderr));
        Ok(Output { ok: done.status.success(), stdout: done.stdout, stderr })
    }

    /// Refuses to make public what holds a secret: there it could not be taken back.
    pub(super) fn private(&self, what: &str, texts: &[&str]) -> Result<(), PortError> {
        let told = texts.iter().any(|text| self.secrets.are_in(text));
        if told { Err(PortError::tells_a_secret(what)) } else { Ok(()) }
    }

    fn clean(&self, text: &str) -> String {
        redact(text, &self.secrets)
    }
}
