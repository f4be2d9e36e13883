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

/// Makes a text safe, so that a runner finds no command in it.
type Inert = fn(&str) -> Cow<'_, str>;

/// Whether a result was lost.
static LOST: AtomicBool = AtomicBool::new(false);

/// How much is printed, whether in color, which secrets are masked, and who reads it.
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

/// Decides for all streams whether they are colored. An option has priority over a variable, and
/// `NO_COLOR` over <https://force-color.org>; anstream does the rest.
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

    /// The same for the log of a workflow: after this, the runner processes only [`Out::commands`].
    pub(super) fn guarded(self, guard: Guard) -> Self {
        let out = Self { guard: Some(guard), ..self };
        out.command(&guard.stop());
        out
    }

    /// Whether a workflow runner reads the output.
    pub(super) fn is_guarded(self) -> bool {
        self.guard.is_some()
    }

    /// Lets the runner process commands again.
    pub(super) fn release(self) {
        if let Some(guard) = self.guard {
            self.command(&guard.resume());
        }
    }

    /// Prints workflow commands. If standard output is used for something else, they go to standard
    /// error, which the runner reads too.
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

    /// The same, but results go to standard error, because standard output is for a document.
    pub(super) fn aside(self) -> Self {
        Self { results: Results::Stderr, ..self }
    }

    /// The text with secrets masked.
    pub(super) fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.secrets.redact(text)
    }

    /// The text, safe to print. A runner may read both streams, in any order and in every format,
    /// so the text must not contain a command. `inert` can join the parts of a secret, so secrets
    /// are masked before and after it.
    fn harmless(&self, text: &str, stream: &impl RawStream, inert: Inert) -> String {
        let bare = match AutoStream::choice(stream) {
            // The stream removes colors, which can join the parts of a command.
            ColorChoice::Never => Cow::Owned(strip_str(text).to_string()),
            ColorChoice::Auto | ColorChoice::Always | ColorChoice::AlwaysAnsi => {
                Cow::Borrowed(text)
            }
        };
        self.redact(&inert(&self.redact(&bare))).into_owned()
    }

    /// Whether results are colored: on a terminal, unless color is turned off.
    pub(super) fn paint(self) -> Paint {
        let stdout = std::io::stdout();
        match AutoStream::choice(&stdout) {
            ColorChoice::Never => Paint::Plain,
            ColorChoice::Always | ColorChoice::AlwaysAnsi => Paint::Colour,
            ColorChoice::Auto if stdout.is_terminal() => Paint::Colour,
            ColorChoice::Auto => Paint::Plain,
        }
    }

    /// Whether only results are printed.
    pub(super) fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Whether the live view on standard error is colored.
    pub(super) fn live_paint(self) -> Paint {
        match AutoStream::choice(&std::io::stderr()) {
            ColorChoice::Never => Paint::Plain,
            ColorChoice::Always | ColorChoice::AlwaysAnsi | ColorChoice::Auto => Paint::Colour,
        }
    }

    /// Prints a result. A closed pipe is not an error.
    pub(super) fn result(self, text: &str) {
        self.print(&wrapped(&self.redact(text), self.results), workflow::plain);
    }

    /// Prints a result that is a document of lines, which are not wrapped.
    pub(super) fn document(self, text: &str) {
        self.print(text, workflow::plain);
    }

    /// Prints a result whose lines end with CR LF.
    pub(super) fn internet(self, text: &str) {
        self.print(text, |text| workflow::plain(text).replace('\n', "\r\n").into());
    }

    /// Prints a result in JSON.
    pub(super) fn json(self, text: &str) {
        self.print(text, workflow::json);
    }

    /// Prints a result in XML.
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

    /// Whether a result could not be written, so that the reader cannot rely on the output.
    pub(super) fn was_lost() -> bool {
        LOST.load(Ordering::Relaxed)
    }

    /// Prints a result that `--quiet` omits.
    pub(super) fn detail(self, text: &str) {
        if !self.quiet {
            self.result(text);
        }
    }

    /// Prints progress.
    pub(super) fn progress(self, text: &str) {
        if !self.quiet {
            let text = self.redact(text);
            let text = wrapped(&text, Results::Stderr);
            let text = self.harmless(&text, &std::io::stderr(), workflow::plain);
            let _ = writeln!(anstream::stderr().lock(), "{text}");
        }
    }

    /// Prints an error; it is never omitted.
    pub(super) fn error(self, text: &str) {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        let text = self.redact(text);
        let text = wrapped(&text, Results::Stderr);
        let text = self.harmless(&text, &std::io::stderr(), workflow::plain);
        let _ = write!(anstream::stderr().lock(), "{text}{end}");
    }
}

/// The width of a stream's terminal; `None` if the stream is not a terminal, and then lines are not
/// wrapped.
pub(super) fn columns(stream: Results) -> Option<usize> {
    let size = match stream {
        Results::Stdout => terminal_size_of(std::io::stdout()),
        Results::Stderr => terminal_size_of(std::io::stderr()),
    };
    size.map(|(Width(columns), _)| columns.into())
}

/// A text for people, wrapped to the width of a stream's terminal.
fn wrapped(text: &str, stream: Results) -> Cow<'_, str> {
    columns(stream).map_or(Cow::Borrowed(text), |columns| Cow::Owned(wrap(text, columns)))
}

/// A writer to standard error for text that does not go through [`Out`]: the log and panics. It
/// collects the text until the end, so that no secret is split, and makes it plain text.
#[derive(Debug)]
pub struct Redacted {
    secrets: &'static Secrets,
    kept: Vec<u8>,
}

impl Redacted {
    /// Creates an empty writer.
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
