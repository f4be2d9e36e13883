//! Where text leaves the program: results on standard output, progress on standard error, and no
//! secret on either.

use crate::base::secrets::Secrets;
use crate::report::Paint;
use crate::report::escape::workflow;
use std::borrow::Cow;
use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a result was lost.
static LOST: AtomicBool = AtomicBool::new(false);

/// How much is said, whether in colour, what must not be said, and who listens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Out {
    quiet: bool,
    results: Results,
    guard: Option<Guard>,
    secrets: &'static Secrets,
}

/// Where results go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Results {
    Stdout,
    Stderr,
}

/// The word that makes a workflow's runner obey again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guard(u128);

impl Guard {
    /// A word that nobody can guess.
    pub(super) fn new(word: u128) -> Self {
        Self(word)
    }
}

impl Out {
    pub(super) fn new(quiet: bool, secrets: &'static Secrets) -> Self {
        Self { quiet, results: Results::Stdout, guard: None, secrets }
    }

    /// The same for the log of a workflow: from here on the runner obeys nothing but
    /// [`Out::commands`].
    pub(super) fn guarded(self, guard: Guard) -> Self {
        let out = Self { guard: Some(guard), ..self };
        out.command(&format!("::stop-commands::{:032x}", guard.0));
        out
    }

    /// Whether a workflow's runner listens.
    pub(super) fn is_guarded(self) -> bool {
        self.guard.is_some()
    }

    /// The runner obeys again.
    pub(super) fn release(self) {
        if let Some(guard) = self.guard {
            self.command(&format!("::{:032x}::", guard.0));
        }
    }

    /// Workflow commands, for the runner to obey.
    pub(super) fn commands(self, commands: &[String]) {
        let Some(guard) = self.guard.filter(|_| !commands.is_empty()) else { return };
        self.release();
        commands.iter().for_each(|command| self.command(&self.redact(command)));
        self.command(&format!("::stop-commands::{:032x}", guard.0));
    }

    fn command(self, line: &str) {
        let mut stdout = std::io::stdout().lock();
        let _ = writeln!(stdout, "{line}");
        let _ = stdout.flush();
    }

    /// The same, with results on standard error: standard output belongs to a document.
    pub(super) fn aside(self) -> Self {
        Self { results: Results::Stderr, ..self }
    }

    /// A text as it may leave the program.
    pub(super) fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.secrets.redact(text)
    }

    /// A text as it may be printed. The runner reads both streams, in no certain order: what is
    /// printed is no command by itself, whether it is told to obey or not. What that leaves out of a
    /// text may join the pieces of a secret, so that secrets are looked for before and after it.
    fn harmless<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let bare = self.redact(text);
        match self.guard {
            Some(_) => Cow::Owned(self.redact(&workflow::plain(&bare)).into_owned()),
            None => bare,
        }
    }

    /// Whether results are dressed: on a terminal that wants colour.
    pub(super) fn paint(self) -> Paint {
        let stdout = std::io::stdout();
        match anstream::AutoStream::choice(&stdout) {
            anstream::ColorChoice::Never => Paint::Plain,
            anstream::ColorChoice::Always | anstream::ColorChoice::AlwaysAnsi => Paint::Colour,
            anstream::ColorChoice::Auto if stdout.is_terminal() => Paint::Colour,
            anstream::ColorChoice::Auto => Paint::Plain,
        }
    }

    /// Whether anything but results is said.
    pub(super) fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Whether what is drawn on standard error is dressed.
    pub(super) fn live_paint(self) -> Paint {
        match anstream::AutoStream::choice(&std::io::stderr()) {
            anstream::ColorChoice::Never => Paint::Plain,
            anstream::ColorChoice::Always
            | anstream::ColorChoice::AlwaysAnsi
            | anstream::ColorChoice::Auto => Paint::Colour,
        }
    }

    /// A result. A closed pipe is the reader's choice, no error.
    pub(super) fn result(self, text: &str) {
        if self.results == Results::Stderr {
            return self.error(text);
        }
        let mut stdout = anstream::stdout().lock();
        let end = if text.ends_with('\n') { "" } else { "\n" };
        let written = write!(stdout, "{}{end}", self.harmless(text)).and_then(|()| stdout.flush());
        if let Err(error) = written
            && error.kind() != ErrorKind::BrokenPipe
            && !LOST.swap(true, Ordering::Relaxed)
        {
            self.error(&format!("error: the result cannot be written: {error}"));
        }
    }

    /// Whether a result could not be written: then nobody can rely on what was read.
    pub(super) fn was_lost() -> bool {
        LOST.load(Ordering::Relaxed)
    }

    /// A result that `--quiet` leaves out.
    pub(super) fn detail(self, text: &str) {
        if !self.quiet {
            self.result(text);
        }
    }

    /// Something on the way.
    pub(super) fn progress(self, text: &str) {
        if !self.quiet {
            let _ = writeln!(anstream::stderr().lock(), "{}", self.harmless(text));
        }
    }

    /// An error, never left out.
    pub(super) fn error(self, text: &str) {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        let _ = write!(anstream::stderr().lock(), "{}{end}", self.harmless(text));
    }
}

/// Standard error for what is not said by [`Out`]: the log, panics, wrong arguments. What is
/// written is kept until the end, so that no secret leaves in two pieces.
#[derive(Debug)]
pub struct Redacted {
    secrets: &'static Secrets,
    kept: Vec<u8>,
}

impl Redacted {
    /// Nothing yet.
    #[must_use]
    pub fn new(secrets: &'static Secrets) -> Self {
        Self { secrets, kept: Vec::new() }
    }
}

impl std::io::Write for Redacted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Drop for Redacted {
    fn drop(&mut self) {
        let _ = anstream::stderr().lock().write_all(&self.secrets.redact_bytes(&self.kept));
    }
}
