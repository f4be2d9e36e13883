//! Where text leaves the program: results on standard output, progress on standard error.

use crate::render::Paint;
use std::io::{IsTerminal as _, Write as _};

/// How much is said, and whether in colour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Out {
    quiet: bool,
}

impl Out {
    pub(super) fn new(quiet: bool) -> Self {
        Self { quiet }
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
            let _ = writeln!(anstream::stderr().lock(), "{text}");
        }
    }

    /// An error, never left out.
    pub(super) fn error(self, text: &str) {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        let _ = write!(anstream::stderr().lock(), "{text}{end}");
    }
}
