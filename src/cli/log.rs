//! What `--verbose` logs: events, and how long operations took.

use super::out::Redacted;
use crate::adapters::timed;
use crate::base::secrets::Secrets;
use std::fmt::Debug;
use std::io::Write as _;
use std::time::{Duration, Instant};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts to log to standard error if `--verbose` was passed, with the level of detail that it
/// sets.
pub fn log(verbose: u8, secrets: &'static Secrets) {
    let level = match verbose {
        0 => return,
        1 => "tminus=info",
        _ => "tminus=debug,reqwest=debug",
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(level))
        .with_ansi(false)
        .with_writer(move || Redacted::new(secrets))
        .finish()
        .with(Times { secrets })
        .init();
}

/// Prints a line for each span of `adapters::timed` that closes.
struct Times {
    secrets: &'static Secrets,
}

/// The data of an open span.
struct Open {
    began: Instant,
    what: String,
    ended: Option<String>,
}

impl Open {
    fn line(&self, took: Duration) -> String {
        let took = if took < Duration::from_secs(1) {
            format!("{} ms", took.as_millis())
        } else {
            format!("{:.1} s", took.as_secs_f64())
        };
        match self.ended.as_deref() {
            Some("") => format!("{} in {took}", self.what),
            Some(ended) => format!("{} {ended} in {took}", self.what),
            None => format!("{} was stopped after {took}", self.what),
        }
    }
}

impl Visit for Open {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "what" => self.what = format!("{value:?}"),
            "ended" => self.ended = Some(format!("{value:?}")),
            _ => {}
        }
    }
}

impl<S> Layer<S> for Times
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, fields: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id).filter(|span| span.name() == timed::NAME) else { return };
        let mut open = Open { began: Instant::now(), what: String::new(), ended: None };
        fields.record(&mut open);
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, fields: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            fields.record(open);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        if let Some(open) = span.extensions().get::<Open>() {
            let _ = writeln!(Redacted::new(self.secrets), "{}", open.line(open.began.elapsed()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_has_the_result_and_the_duration() {
        let line = |ended: Option<&str>, millis| {
            let (what, ended) = ("GET /x".to_owned(), ended.map(str::to_owned));
            Open { began: Instant::now(), what, ended }.line(Duration::from_millis(millis))
        };
        assert_eq!(line(Some("200"), 120), "GET /x 200 in 120 ms");
        assert_eq!(line(Some(""), 1_250), "GET /x in 1.2 s");
        assert_eq!(line(None, 3), "GET /x was stopped after 3 ms");
    }
}
