//! Runs the user's commands without a shell, sends the requests of samples, and identifies the process
//! that does so.

use crate::adapters::child::{LINGER, ORGANIZATION_TOKEN, Waiter, output_blocking, spawn};
use crate::adapters::web::{TokenRequest, Web};
use crate::base::clean::typed;
use crate::base::secrets::Secrets;
use crate::facts::environment::JobIdentity;
use crate::ports::{Ended, HttpResponse, PROBE_TIMEOUT, PortError, Prober, Runner};
use crate::release::ledger::{Holder, HolderRun};
use crate::release::sample::HttpSample;
use async_trait::async_trait;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Child;

/// The time limit for determining the machine's name.
const HOSTNAME_TIMEOUT: Duration = Duration::from_secs(5);
const TAIL: usize = 4 * 1024;
/// A line without an end is passed on in pieces. This many bytes are held back each time, because a
/// secret may start in them.
const LINE: usize = 16 * 1024;
const HELD_BACK: usize = LINE / 2;

/// The environment variable that identifies, for a command and everything that it starts, the
/// process that started it.
const STARTED_BY: &str = "TMINUS_STARTED_BY";

/// Receives a line that a command printed, without its line break.
pub type Sink = Rc<dyn Fn(&str)>;

/// Our identity according to the environment, which is read elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// The user's name.
    pub user: Option<String>,
    /// The machine's name, if the kernel's own must not be used.
    pub host: Option<String>,
    /// The workflow run that we are part of.
    pub run: Option<HolderRun>,
    /// Where the job requests its identity token, if it can.
    pub token_request: Option<TokenRequest>,
}

/// Runs commands in the repository's root.
pub struct Processes {
    root: PathBuf,
    holder: Holder,
    secrets: Secrets,
    sink: Sink,
    web: Web,
    token_request: Option<TokenRequest>,
}

impl Processes {
    /// `sink` receives the standard output and standard error of commands, line by line and without
    /// secrets.
    #[must_use]
    pub fn new(root: PathBuf, identity: Identity, secrets: &Secrets, sink: Sink) -> Self {
        let web = Web { certificates: None, secrets: secrets.clone() };
        let token_request = identity.token_request.clone();
        let (holder, secrets) = (holder(identity), secrets.clone());
        Self { root, holder, secrets, sink, web, token_request }
    }

    /// Also trusts the certificates in a file for requests.
    #[must_use]
    pub fn trusting(mut self, certificates: Option<PathBuf>) -> Self {
        self.web.certificates = certificates;
        self
    }

    async fn execute(
        &self,
        words: &[String],
        env: &[(String, String)],
        timeout: Duration,
    ) -> Result<Ended, PortError> {
        let what = format!("run `{}`", typed(words));
        let refused = |why: String| PortError::Refused { what: what.clone(), why };
        let (program, arguments) =
            words.split_first().ok_or_else(|| refused("it is empty".into()))?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(&self.root)
            .envs(env.iter().map(|(name, value)| (name, value)))
            .env(STARTED_BY, mark(&self.holder))
            .env_remove(ORGANIZATION_TOKEN)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let (mut child, session) =
            spawn(command, Waiter::Task).map_err(|error| refused(error.to_string()))?;

        let tail = RefCell::new(Tail::default());
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let listen = async { tokio::join!(self.listen(out, &tail), self.listen(err, &tail)) };
        let mut listen = Box::pin(async {
            listen.await;
        });
        let code = match tokio::time::timeout(timeout, ended(&mut child, listen.as_mut())).await {
            Ok(status) => {
                session.release();
                let lost = |error: std::io::Error| PortError::NoAnswer {
                    what: what.clone(),
                    why: error.to_string(),
                };
                status.map_err(lost)?.code()
            }
            Err(_elapsed) => {
                drop(session);
                // The process has ended, or is about to.
                let _killed = child.kill().await;
                tail.borrow_mut().line(&format!("killed after {} s", timeout.as_secs()));
                None
            }
        };
        drop(listen);
        Ok(Ended { code, tail: tail.into_inner().text() })
    }

    /// Passes a stream on, line by line, until it ends.
    async fn listen(&self, stream: Option<impl AsyncRead + Unpin>, tail: &RefCell<Tail>) {
        let Some(mut stream) = stream else { return };
        let mut buffer = vec![0; 8 * 1024];
        let mut line: Vec<u8> = Vec::new();
        // Secrets are masked before the output is shortened, which could cut one.
        let say = |line: &mut Vec<u8>, held_back: usize| {
            let mut clean = self.secrets.redact_bytes(line).into_owned();
            *line = clean.split_off(clean.len().saturating_sub(held_back));
            let text = String::from_utf8_lossy(&clean);
            let text = text.trim_end_matches('\r');
            tail.borrow_mut().line(text);
            (self.sink)(text);
        };
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            for byte in buffer.iter().take(count) {
                match byte {
                    b'\n' => say(&mut line, 0),
                    _ => line.push(*byte),
                }
                if line.len() >= LINE {
                    say(&mut line, HELD_BACK);
                }
            }
        }
        if !line.is_empty() {
            say(&mut line, 0);
        }
    }
}

/// Waits for the command and reads its output; after it has ended, waits briefly for processes that
/// it left running.
async fn ended(
    child: &mut Child,
    mut listen: std::pin::Pin<&mut impl Future<Output = ()>>,
) -> std::io::Result<ExitStatus> {
    let status = tokio::select! {
        status = child.wait() => status?,
        () = listen.as_mut() => return child.wait().await,
    };
    // After that, only processes that outlive the command keep the pipes open.
    let _silent = tokio::time::timeout(LINGER, listen).await;
    Ok(status)
}

/// The end of the output.
#[derive(Default)]
struct Tail(VecDeque<u8>);

impl Tail {
    fn line(&mut self, line: &str) {
        self.0.extend(line.bytes().chain([b'\n']));
        let excess = self.0.len().saturating_sub(TAIL);
        self.0.drain(..excess);
    }

    fn text(self) -> String {
        let bytes: Vec<u8> = self.0.into();
        let text = String::from_utf8_lossy(&bytes);
        // The cut may have gone through a character.
        text.trim_start_matches('\u{fffd}').trim_end().to_owned()
    }
}

#[async_trait(?Send)]
impl Prober for Processes {
    async fn probe(
        &self,
        command: &[String],
        env: &[(String, String)],
    ) -> Result<Ended, PortError> {
        self.execute(command, env, PROBE_TIMEOUT).await
    }

    async fn http(&self, sample: &HttpSample) -> Result<HttpResponse, PortError> {
        self.web.get(sample).await
    }

    async fn identity(&self) -> Result<Option<JobIdentity>, PortError> {
        match &self.token_request {
            Some(from) => self.web.identity(from).await.map(Some),
            None => Ok(None),
        }
    }

    fn me(&self) -> Holder {
        self.holder.clone()
    }

    fn gone(&self, holder: &Holder) -> bool {
        holder.machine == self.holder.machine && is_gone(Path::new("/proc"), holder)
    }

    fn alive(&self, holder: &Holder) -> bool {
        let proc = Path::new("/proc");
        holder.machine == self.holder.machine && shows_all_users(proc) && !is_gone(proc, holder)
    }
}

#[async_trait(?Send)]
impl Runner for Processes {
    async fn run(
        &self,
        command: &[String],
        env: &[(String, String)],
        timeout: Duration,
    ) -> Result<Ended, PortError> {
        self.execute(command, env, timeout).await
    }
}

fn holder(identity: Identity) -> Holder {
    let kernel = |path: &str| {
        let text = std::fs::read_to_string(Path::new("/proc/sys/kernel").join(path)).ok()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let host = identity.host.or_else(|| kernel("hostname")).or_else(hostname);
    let host = host.unwrap_or_else(|| "unknown host".into());
    let process = std::process::id();
    // The kernel's boot id, because names are reused; the namespace, because in two containers of
    // one machine the same number is two processes.
    let space = std::fs::read_link("/proc/self/ns/pid").ok();
    let machine = match (kernel("random/boot_id"), space) {
        (Some(boot), Some(space)) => format!("{host} {boot} {}", space.display()),
        _ => host.clone(),
    };
    let user = identity.user.unwrap_or_else(|| "someone".into());
    let started = Stat::read(Path::new("/proc"), process).ok().map(|stat| stat.started);
    Holder { name: format!("{user}@{host}"), machine, process, started, run: identity.run }
}

fn hostname() -> Option<String> {
    let output = output_blocking(Command::new("hostname"), b"", HOSTNAME_TIMEOUT).ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The identifier of a process in the environment of its commands.
fn mark(holder: &Holder) -> String {
    format!("{}.{}", holder.process, holder.started.unwrap_or_default())
}

/// Whether a `/proc` shows the processes of all users.
fn shows_all_users(proc: &Path) -> bool {
    proc.join("1/stat").exists()
}

/// Whether a process of this machine is dead, and every command that it started. Without a `/proc`
/// that shows other users' processes this is unknown, and no process counts as dead.
fn is_gone(proc: &Path, holder: &Holder) -> bool {
    if !shows_all_users(proc) {
        return false;
    }
    let dead = match Stat::read(proc, holder.process) {
        Ok(stat) => {
            let other = holder.started.is_some_and(|started| started != stat.started);
            other || matches!(stat.state, 'Z' | 'X')
        }
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    dead && !has_running_command(proc, holder)
}

/// Whether a command that the process started is still running. Commands of other users are not
/// visible.
fn has_running_command(proc: &Path, holder: &Holder) -> bool {
    let line = format!("{STARTED_BY}={}", mark(holder));
    let started_by =
        |environment: Vec<u8>| environment.split(|b| *b == 0).any(|one| one == line.as_bytes());
    let Ok(entries) = std::fs::read_dir(proc) else { return true };
    entries.flatten().any(|entry| std::fs::read(entry.path().join("environ")).is_ok_and(started_by))
}

/// The content of `/proc/PID/stat`.
struct Stat {
    state: char,
    /// In clock ticks since boot.
    started: u64,
}

impl Stat {
    fn read(proc: &Path, process: u32) -> std::io::Result<Self> {
        let text = std::fs::read_to_string(proc.join(process.to_string()).join("stat"))?;
        Self::parse(&text).ok_or_else(|| std::io::ErrorKind::InvalidData.into())
    }

    /// According to proc(5); the second field is the program's name, which can contain any
    /// character.
    fn parse(text: &str) -> Option<Self> {
        let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
        let state = fields.next()?.chars().next()?;
        let started = fields.nth(18)?.parse().ok()?;
        Some(Self { state, started })
    }
}

#[cfg(all(test, unix))]
mod tests;
