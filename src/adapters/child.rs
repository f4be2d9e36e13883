//! Starts other programs. Each runs in its own session. The whole session ends when its time is
//! over, when the command is interrupted, or when its result is no longer needed.
//!
//! A session has no terminal: a program that would prompt for a passphrase fails immediately
//! instead of waiting for input that nobody can give.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Child;

/// Holds the token that reads the members of teams. No other program gets it.
pub(crate) const ORGANIZATION_TOKEN: &str = "TMINUS_ORG_TOKEN";

/// The maximum output that is kept of one program, in bytes.
const MAX_OUTPUT: usize = 64 << 20;
/// How long the pipes of a finished program are still read: processes that it left running can keep
/// them open forever (a credential cache, an SSH connection that is kept).
pub(super) const LINGER: Duration = Duration::from_secs(2);

/// What a program printed, and how it ended.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Why a program did not finish.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// It cannot be started, or not be waited for.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// It took too long, and was killed.
    #[error("it timed out after {} s", .0.as_secs_f64().ceil())]
    Late(Duration),
    /// It printed too much, and was killed.
    #[error("it printed more than {} MiB", MAX_OUTPUT >> 20)]
    TooMuch,
}

/// How the caller waits for a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiter {
    /// A future, which can be dropped.
    Task,
    /// A blocked thread.
    Thread,
}

/// The running sessions, by the process ID of their leader; `None` once no session may start.
static SESSIONS: Mutex<Option<BTreeMap<u32, Waiter>>> = Mutex::new(Some(BTreeMap::new()));

fn sessions() -> MutexGuard<'static, Option<BTreeMap<u32, Waiter>>> {
    SESSIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kills the programs that threads wait for, so that these threads continue.
pub(crate) fn end_blocking() {
    let sessions = sessions();
    let waited = sessions.iter().flatten().filter(|(_, waiter)| **waiter == Waiter::Thread);
    waited.for_each(|(id, _)| kill(*id));
}

/// Kills every program that was started, with its child processes. No program starts after this.
pub(crate) fn end_all() {
    sessions().take().iter().flatten().for_each(|(id, _)| kill(*id));
}

/// Best effort: a process that started its own session or process group is not ended.
#[cfg(unix)]
fn kill(id: u32) {
    use nix::sys::signal::{Signal, killpg};
    if let Ok(id) = i32::try_from(id) {
        let _gone_already = killpg(nix::unistd::Pid::from_raw(id), Signal::SIGKILL);
    }
}

#[cfg(not(unix))]
fn kill(_: u32) {}

/// A session. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Session(u32);

impl Session {
    /// Lets the remaining processes continue: the program ended by itself.
    pub(super) fn release(self) {
        if let Some(sessions) = sessions().as_mut() {
            sessions.remove(&self.0);
        }
        std::mem::forget(self);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let mut sessions = sessions();
        if let Some(sessions) = sessions.as_mut() {
            sessions.remove(&self.0);
        }
        kill(self.0);
    }
}

/// Starts a program in its own session.
pub(super) fn spawn(mut command: Command, waiter: Waiter) -> std::io::Result<(Child, Session)> {
    #[cfg(unix)]
    {
        use process_wrap::std::{CommandWrap, CommandWrapper as _, ProcessSession};
        let unused = CommandWrap::with_new("", |_| {});
        ProcessSession.pre_spawn(&mut command, &unused)?;
    }
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true);
    // The lock is held during the start: code that ends all sessions either sees this one or
    // prevents it from starting.
    let mut sessions = sessions();
    let interrupted = || std::io::Error::from(std::io::ErrorKind::Interrupted);
    let sessions = sessions.as_mut().ok_or_else(interrupted)?;
    let child = command.spawn()?;
    let id = child.id().ok_or_else(interrupted)?;
    sessions.insert(id, waiter);
    Ok((child, Session(id)))
}

/// Runs a program to its end, with an input, and keeps what it prints.
pub(super) async fn output(
    command: Command,
    input: &[u8],
    within: Duration,
) -> Result<Done, Failure> {
    run(command, input, within, Waiter::Task).await
}

/// The same, while this thread waits.
pub(super) fn output_blocking(
    command: Command,
    input: &[u8],
    within: Duration,
) -> Result<Done, Failure> {
    // A runtime cannot wait inside another one, but it can on a separate thread.
    let wait = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(run(command, input, within, Waiter::Thread))
    };
    let died = || Failure::Io(std::io::Error::other("its thread stopped"));
    std::thread::scope(|scope| scope.spawn(wait).join()).unwrap_or_else(|_| Err(died()))
}

async fn run(
    mut command: Command,
    input: &[u8],
    within: Duration,
    waiter: Waiter,
) -> Result<Done, Failure> {
    if within.is_zero() {
        return Err(Failure::Late(within));
    }
    command.stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let (mut child, session) = spawn(command, waiter)?;
    let (stdout, stderr) = (RefCell::default(), RefCell::default());
    let (out, err, stdin) = (child.stdout.take(), child.stderr.take(), child.stdin.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            // If a program ends without reading its input, its exit code shows why.
            let _ = stdin.write_all(input).await;
        }
        Ok(())
    };
    let pipes = async { tokio::try_join!(write, keep(out, &stdout), keep(err, &stderr)).map(drop) };
    let ended = tokio::time::timeout(within, ended(&mut child, pipes));
    let status = ended.await.map_err(|_| Failure::Late(within))??;
    session.release();
    Ok(Done { status, stdout: stdout.into_inner(), stderr: stderr.into_inner() })
}

/// Waits for a program and for its pipes. After the program has ended, waits only briefly for the
/// pipes.
async fn ended(
    child: &mut Child,
    pipes: impl Future<Output = Result<(), Failure>>,
) -> Result<ExitStatus, Failure> {
    let mut pipes = std::pin::pin!(pipes);
    let status = tokio::select! {
        status = child.wait() => status?,
        closed = pipes.as_mut() => {
            closed?;
            return Ok(child.wait().await?);
        }
    };
    match tokio::time::timeout(LINGER, pipes).await {
        Ok(closed) => closed.map(|()| status),
        Err(_held) => Ok(status),
    }
}

/// Collects the data of a stream.
async fn keep(
    stream: Option<impl AsyncRead + Unpin>,
    kept: &RefCell<Vec<u8>>,
) -> Result<(), Failure> {
    let Some(mut stream) = stream else { return Ok(()) };
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        let mut kept = kept.borrow_mut();
        if kept.len() + count > MAX_OUTPUT {
            return Err(Failure::TooMuch);
        }
        kept.extend(buffer.iter().take(count));
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests;
