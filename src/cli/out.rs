//! All output of the program: results on standard output, progress on standard error, without
//! secrets.

use super::format::Color;
use crate::base::clean::clean_lines;
use crate::base::secrets::Secrets;
use crate::ci::{Environment, Guard};
use crate::report::Paint;
use crate::report::escape::workflow;
use crate::report::wrap::wrap;
use anstream::adapter::strip_str;
use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use std::borrow::Cow;
use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use terminal_size::{Width, terminal_size_of};

/// Makes a text one in which a runner finds no command.
type Inert = fn(&str) -> Cow<'_, str>;

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
pub(super) enum Results {
    Stdout,
    Stderr,
}

/// Decides once for all streams whether they are coloured. An option counts more than a variable,
/// and `NO_COLOR` more than <https://force-color.org>; the rest is anstream's.
pub fn colour(color: Color, environment: &Environment) {
    let forced = environment.get("FORCE_COLOR").is_some_and(|it| !matches!(it, "0" | "false"));
    match color {
        Color::Always => ColorChoice::Always.write_global(),
        Color::Never => ColorChoice::Never.write_global(),
        Color::Auto if forced && environment.get("NO_COLOR").is_none() => {
            ColorChoice::Always.write_global();
        }
        Color::Auto => {}
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
        out.command(&guard.stop());
        out
    }

    /// Whether a workflow's runner listens.
    pub(super) fn is_guarded(self) -> bool {
        self.guard.is_some()
    }

    /// The runner obeys again.
    pub(super) fn release(self) {
        if let Some(guard) = self.guard {
            self.command(&guard.resume());
        }
    }

    /// Workflow commands, for the runner to obey. If standard output is not its, they go to standard
    /// error, which it reads as well.
    pub(super) fn commands(self, commands: &[String]) {
        let Some(guard) = self.guard else {
            let mut stderr = std::io::stderr().lock();
            for command in commands {
                let _ = writeln!(stderr, "{}", self.redact(command));
            }
            return;
        };
        if commands.is_empty() {
            return;
        }
        self.release();
        commands.iter().for_each(|command| self.command(&self.redact(command)));
        self.command(&guard.stop());
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

    /// A text as it may be printed. A runner may read both streams, in no certain order, whatever the
    /// format is: what is printed is no command by itself. `inert` may join the pieces of a secret, so
    /// that secrets are looked for before and after it.
    fn harmless(&self, text: &str, stream: &impl RawStream, inert: Inert) -> String {
        let bare = match AutoStream::choice(stream) {
            // The stream will leave out what colours it, which may join the pieces of a command.
            ColorChoice::Never => Cow::Owned(strip_str(text).to_string()),
            ColorChoice::Auto | ColorChoice::Always | ColorChoice::AlwaysAnsi => {
                Cow::Borrowed(text)
            }
        };
        self.redact(&inert(&self.redact(&bare))).into_owned()
    }

    /// Whether results are dressed: on a terminal that wants colour.
    pub(super) fn paint(self) -> Paint {
        let stdout = std::io::stdout();
        match AutoStream::choice(&stdout) {
            ColorChoice::Never => Paint::Plain,
            ColorChoice::Always | ColorChoice::AlwaysAnsi => Paint::Colour,
            ColorChoice::Auto if stdout.is_terminal() => Paint::Colour,
            ColorChoice::Auto => Paint::Plain,
        }
    }

    /// Whether anything but results is said.
    pub(super) fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Whether what is drawn on standard error is dressed.
    pub(super) fn live_paint(self) -> Paint {
        match AutoStream::choice(&std::io::stderr()) {
            ColorChoice::Never => Paint::Plain,
            ColorChoice::Always | ColorChoice::AlwaysAnsi | ColorChoice::Auto => Paint::Colour,
        }
    }

    /// A result. A closed pipe is the reader's choice, no error.
    pub(super) fn result(self, text: &str) {
        self.print(&wrapped(&self.redact(text), self.results), workflow::plain);
    }

    /// A result that is a document of lines, which keep their length.
    pub(super) fn document(self, text: &str) {
        self.print(text, workflow::plain);
    }

    /// A result whose lines end as those of the internet do.
    pub(super) fn internet(self, text: &str) {
        self.print(text, |text| workflow::plain(text).replace('\n', "\r\n").into());
    }

    /// A result that is JSON.
    pub(super) fn json(self, text: &str) {
        self.print(text, workflow::json);
    }

    /// A result that is XML.
    pub(super) fn xml(self, text: &str) {
        self.print(text, workflow::xml);
    }

    fn print(self, text: &str, inert: Inert) {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        if self.results == Results::Stderr {
            let text = self.harmless(text, &std::io::stderr(), inert);
            let _ = write!(anstream::stderr().lock(), "{text}{end}");
            return;
        }
        let text = self.harmless(text, &std::io::stdout(), inert);
        let mut stdout = anstream::stdout().lock();
        let written = write!(stdout, "{text}{end}").and_then(|()| stdout.flush());
        if let Err(error) = written
            && error.kind() != ErrorKind::BrokenPipe
            && !LOST.swap(true, Ordering::Relaxed)
        {
            self.error(&format!("error: cannot write the result: {error}"));
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
            let text = self.redact(text);
            let text = wrapped(&text, Results::Stderr);
            let text = self.harmless(&text, &std::io::stderr(), workflow::plain);
            let _ = writeln!(anstream::stderr().lock(), "{text}");
        }
    }

    /// An error, never left out.
    pub(super) fn error(self, text: &str) {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        let text = self.redact(text);
        let text = wrapped(&text, Results::Stderr);
        let text = self.harmless(&text, &std::io::stderr(), workflow::plain);
        let _ = write!(anstream::stderr().lock(), "{text}{end}");
    }
}

/// The columns of a stream's terminal; none where it goes elsewhere, and lines keep their length.
pub(super) fn columns(stream: Results) -> Option<usize> {
    let size = match stream {
        Results::Stdout => terminal_size_of(std::io::stdout()),
        Results::Stderr => terminal_size_of(std::io::stderr()),
    };
    size.map(|(Width(columns), _)| columns.into())
}

/// A text for people, wrapped at the width of a stream's terminal.
fn wrapped(text: &str, stream: Results) -> Cow<'_, str> {
    columns(stream).map_or(Cow::Borrowed(text), |columns| Cow::Owned(wrap(text, columns)))
}

/// Standard error for what is not said by [`Out`]: the log and panics. What is written is kept until
/// the end, so that no secret leaves in two pieces, and is plain text: nothing in it is obeyed.
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
        let kept = self.secrets.redact_bytes(&self.kept);
        let text = clean_lines(&String::from_utf8_lossy(&kept));
        let text = self.secrets.redact(&workflow::plain(&text)).into_owned();
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}
