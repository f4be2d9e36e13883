//! Where text leaves the program: results on standard output, progress on standard error.

use crate::render::Paint;
use crate::render::escape::workflow;
use std::borrow::Cow;
use std::io::{IsTerminal as _, Write as _};

/// How much is said, whether in colour, and who listens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Out {
    quiet: bool,
    results: Results,
    guard: Option<Guard>,
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
    pub(super) fn new(quiet: bool) -> Self {
        Self { quiet, results: Results::Stdout, guard: None }
    }

    /// For the log of a workflow: from here on the runner obeys nothing but [`Out::commands`].
    pub(super) fn guarded(quiet: bool, guard: Guard) -> Self {
        let out = Self { guard: Some(guard), ..Self::new(quiet) };
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
        commands.iter().for_each(|command| self.command(command));
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

    /// A result. A closed pipe is the reader's choice, no error.
    pub(super) fn result(self, text: &str) {
        if self.results == Results::Stderr {
            return self.error(text);
        }
        let text = self.harmless(text);
        let mut stdout = anstream::stdout().lock();
        let end = if text.ends_with('\n') { "" } else { "\n" };
        let _ = write!(stdout, "{text}{end}");
        let _ = stdout.flush();
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
        let text = self.harmless(text);
        let end = if text.ends_with('\n') { "" } else { "\n" };
        let _ = write!(anstream::stderr().lock(), "{text}{end}");
    }

    /// The runner reads both streams, in no certain order: what is printed is no command by itself,
    /// whether it is told to obey or not.
    fn harmless(self, text: &str) -> Cow<'_, str> {
        match self.guard {
            Some(_) => workflow::plain(text),
            None => Cow::Borrowed(text),
        }
    }
}
