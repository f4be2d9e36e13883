//! Runs the user's git program, and the programs that it needs (`ssh-keygen`, `gpg`).

use super::fault::trouble;
use super::open::cannot;
use super::output::Output;
use super::protocols;
use super::redact::{redact, words as words_of};
use super::settings::Settings;
use crate::adapters::child::{self, Done, Failure, ORGANIZATION_TOKEN};
use crate::adapters::retry::{Notice, RetryPolicy};
use crate::adapters::timed::timed;
use crate::base::secrets::{Secrets, base64};
use crate::ports::{Clock, PortError, RepositoryError};
use secrecy::{ExposeSecret, SecretString};
use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

/// Variables that a hook or an alias inherits and that would make git use another repository: those
/// that `git rev-parse --local-env-vars` lists, except configuration.
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

/// Disables programs that the repository's `.git/config` could make git run during a read. An empty
/// name turns the monitor off in every version of git; `false` would be a program's name to old
/// ones.
const QUIET: [&str; 4] = ["-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null"];

/// Carries the token's header to git, so that it is on no command line.
const HEADER: &str = "TMINUS_GIT_HEADER";

/// The git program in one repository.
#[derive(Clone)]
pub(super) struct Git {
    program: PathBuf,
    root: PathBuf,
    env: Vec<(String, String)>,
    timeout: Duration,
    clock: Rc<dyn Clock>,
    patience: Duration,
    notice: Notice,
    /// Configuration key, and the header.
    header: Option<(String, SecretString)>,
    pub(super) secrets: Secrets,
}

impl Git {
    pub(super) fn new(repository: &git2::Repository, settings: &Settings) -> Self {
        let root = repository.workdir().unwrap_or_else(|| repository.path()).to_path_buf();
        let mut secrets = settings.secrets.clone();
        let header = settings.credentials.as_ref().and_then(|credentials| {
            let token = credentials.token.expose_secret();
            let basic = base64(format!("x-access-token:{token}").as_bytes());
            let header = SecretString::from(format!("AUTHORIZATION: basic {basic}"));
            // The complete header is a secret too: masking only the token would leave its encoded
            // ends.
            secrets = secrets.and([credentials.token.clone(), basic.into()]);
            Some((format!("http.{}.extraheader", credentials.scope()?), header))
        });
        let (program, mut env) = (settings.program.clone(), settings.env.clone());
        if env.iter().all(|(name, _)| name != protocols::VARIABLE) {
            env.extend(
                protocols::allowed(repository).map(|list| (protocols::VARIABLE.into(), list)),
            );
        }
        let (timeout, clock) = (settings.timeout, Rc::clone(&settings.clock));
        let (patience, notice) = (settings.patience, Rc::clone(&settings.notice));
        Self { program, root, env, timeout, clock, patience, notice, header, secrets }
    }

    /// Whether the token is sent to a URL.
    pub(super) fn sends_token(&self, url: &str) -> bool {
        let scope = self.header.as_ref().and_then(|(key, _)| {
            key.strip_prefix("http.").and_then(|key| key.strip_suffix(".extraheader"))
        });
        scope.is_some_and(|scope| url.starts_with(scope))
    }

    fn command(&self, program: &OsStr) -> std::process::Command {
        let mut command = std::process::Command::new(program);
        command.current_dir(&self.root);
        for name in LOCAL {
            command.env_remove(name);
        }
        command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        command.env_remove(ORGANIZATION_TOKEN);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        // If the user has enabled git's traces, they must not contain the header.
        command.env("GIT_TRACE_REDACT", "1");
        command.env("GIT_TRACE2_ENV_VARS", "none").env("GIT_TRACE2_CONFIG_PARAMS", "none");
        command
    }

    /// A command that only reads the local repository. It runs no program that the repository's
    /// configuration defines, and accesses no other repository.
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

    /// Waits for a local command, within the remaining time, and returns its result.
    pub(super) fn finished(
        &self,
        command: std::process::Command,
        input: &[u8],
    ) -> Result<Done, RepositoryError> {
        let program = self.program.display();
        let timed = timed(self.named(&command));
        let done = child::output_blocking(command, input, self.within());
        timed.ended(end(done.as_ref().ok()));
        done.map_err(|error| match error {
            Failure::Io(error) => cannot(format!("cannot run `{program}`: {error}")),
            Failure::Late(_) | Failure::TooMuch => cannot(format!("`{program}` failed: {error}")),
        })
    }

    /// Waits for a local command that must succeed, and returns its output.
    pub(super) fn answer(
        &self,
        command: std::process::Command,
        input: &[u8],
    ) -> Result<Vec<u8>, RepositoryError> {
        let done = self.finished(command, input)?;
        if done.status.success() { Ok(done.stdout) } else { Err(self.failed(&done)) }
    }

    /// The error if git failed.
    pub(super) fn failed(&self, done: &Done) -> RepositoryError {
        let words = self.clean(&String::from_utf8_lossy(&done.stderr));
        let words = words_of(&words);
        let words = if words.is_empty() { "it printed no error message" } else { &words };
        cannot(format!("`git` failed: {words}"))
    }

    /// The name of a program; for git, with its subcommand.
    fn named(&self, command: &std::process::Command) -> String {
        let program = Path::new(command.get_program()).file_name().unwrap_or_default().display();
        let mut words = command.get_args().filter(|_| command.get_program() == self.program);
        while let Some(word) = words.next() {
            if word == "-c" {
                words.next();
            } else if !word.as_encoded_bytes().starts_with(b"-") {
                return format!("{program} {}", word.display());
            }
        }
        program.to_string()
    }

    /// The time limit of a program: never more than the remaining time.
    fn within(&self) -> Duration {
        self.clock.left().map_or(self.timeout, |left| left.min(self.timeout))
    }

    /// Runs a local command, and waits for its output.
    pub(super) fn ask(&self, arguments: &[&str]) -> Result<String, RepositoryError> {
        let answer = self.answer(self.local(arguments), b"")?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Retries a read of the remote if the error may be temporary.
    pub(super) async fn repeated<T>(
        &self,
        what: &str,
        attempt: impl AsyncFn() -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        let patient = RetryPolicy {
            clock: self.clock.as_ref(),
            patience: self.patience,
            notice: self.notice.as_ref(),
            waits: &|_| {},
        };
        patient.read(what, async || attempt().await.map_err(trouble)).await
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
            // The empty value removes a header that the checkout stored: GitHub rejects requests
            // with two.
            command.arg("-c").arg(format!("{key}=")).arg(format!("--config-env={key}={HEADER}"));
            command.env(HEADER, header.expose_secret());
        }
        // Only a push runs the user's hooks.
        if arguments.first() != Some(&"push") {
            command.args(QUIET);
        }
        command.args(arguments);
        self.finish(what, command, input).await
    }

    /// Runs another program with the same environment.
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
        let timed = timed(self.named(&command));
        let done = child::output(command, input, self.within()).await;
        timed.ended(end(done.as_ref().ok()));
        let done = done.map_err(|error| match error {
            Failure::Io(error) => no_answer(format!("cannot run `{program}`: {error}")),
            Failure::Late(_) | Failure::TooMuch => no_answer(error.to_string()),
        })?;
        tracing::debug!(what, code = done.status.code(), "git");
        let stderr = self.clean(&String::from_utf8_lossy(&done.stderr));
        let (ok, at) = (done.status.success(), self.clock.now());
        Ok(Output { ok, stdout: done.stdout, stderr, at })
    }

    /// Rejects text with a secret, which could not be withdrawn once it is public.
    pub(super) fn private(&self, what: &str, texts: &[&str]) -> Result<(), PortError> {
        let told = texts.iter().any(|text| self.secrets.are_in(text));
        if told { Err(PortError::contains_secret(what)) } else { Ok(()) }
    }

    fn clean(&self, text: &str) -> String {
        redact(text, &self.secrets)
    }
}

/// How a program ended, for the log.
fn end(done: Option<&Done>) -> String {
    let code = done.map(|done| done.status.code());
    match code {
        Some(Some(code)) => format!("exited with {code}"),
        Some(None) => "was killed by a signal".into(),
        None => "did not finish".into(),
    }
}
