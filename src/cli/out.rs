//! Where text leaves the program: results on standard output, progress on standard error, and no
//! secret on either.

use crate::render::Paint;
use crate::secrets::Secrets;
use std::borrow::Cow;
use std::io::{IsTerminal as _, Write as _};

/// How much is said, and whether in colour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Out {
    quiet: bool,
    secrets: &'static Secrets,
}

impl Out {
    pub(super) fn new(quiet: bool, secrets: &'static Secrets) -> Self {
        Self { quiet, secrets }
    }

    /// A text as it may leave the program.
    pub(super) fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.secrets.redact(text)
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
        let _ = write!(stdout, "{}{end}", self.redact(text));
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
            let _ = writeln!(anstream::stderr().lock(), "{}", self.redact(text));
        }
    }

    /// An error, never left out.
    pub(super) fn error(self, text: &str) {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        let _ = write!(anstream::stderr().lock(), "{}{end}", self.redact(text));
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
