//! `http`: a request to the user's own system.

use super::kind::Kind;
use crate::base::finding::Finding;
use crate::project::manifest::{
    ErasedSettings, Field, Node, Reader, SampleShape, Shape, Value, WrittenStep,
};
use crate::release::sample::{HttpSample, SampleSource};
use regex::Regex;

const SETTINGS: Shape<'static> = Shape::Object(&[
    Field::new(
        "url",
        Shape::Text,
        "The URL, `https` or `http`. `{version}`, `{tag}` and `{commit}` are replaced here, and in \
         the expected values below. Redirects are not followed.",
    )
    .required(),
    Field::new("status", Shape::Integer { min: 100, max: 599 }, "The status code of the response."),
    Field::new(
        "headers",
        Shape::Dictionary(&Shape::Text),
        "Headers of the response, each with the value that it must have.",
    ),
    Field::new(
        "json",
        Shape::Dictionary(&Shape::AnyOf(&[Shape::Text, Shape::Flag])),
        "JSON pointers into the body (`/app/version`), each with the value that it must have. See \
         [RFC 6901](https://www.rfc-editor.org/rfc/rfc6901).",
    ),
    Field::new("body", Shape::Text, "A regular expression that must match somewhere in the body."),
    Field::new(
        "certificate",
        Shape::Duration,
        "How long the server's TLS certificate must still be valid.",
    ),
    Field::new("timeout", Shape::Duration, "The time limit for the response.").default("10s"),
]);

pub(super) const KIND: Kind = Kind {
    shape: SampleShape {
        name: "http",
        doc: "Sends a GET request. The sample needs at least one condition, and succeeds if every \
              condition is met.",
        settings: &SETTINGS,
        fault,
        read,
    },
    source: |settings, fill| {
        let sample: &HttpSample = settings.get()?;
        let mut sample = sample.clone();
        sample.url = fill.fill(&sample.url);
        for value in sample.headers.values_mut().chain(sample.json.values_mut()) {
            *value = fill.fill(value);
        }
        // The version is literal text in a regular expression.
        let text = |body: &String| {
            let mut body = body.clone();
            for name in ["{version}", "{tag}", "{commit}"] {
                body = body.replace(name, &regex::escape(&fill.fill(name)));
            }
            body
        };
        sample.body = sample.body.as_ref().map(text);
        Some(SampleSource::Http(sample))
    },
};

fn fault(sample: &WrittenStep<'_>) -> Option<(Finding, &'static str)> {
    let url = sample.get("url").and_then(Node::text)?;
    let parsed = url::Url::parse(&url.replace(['{', '}'], "x"));
    if !parsed.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
        let finding = Finding::new(format!("`{url}` is not an HTTP URL"));
        return Some((finding.help("write it as `https://HOST/PATH`"), ""));
    }
    if let Some(body) = sample.get("body").and_then(Node::text) {
        let plain = ["{version}", "{tag}", "{commit}"];
        let body = plain.iter().fold(body.to_owned(), |body, name| body.replace(name, "x"));
        if let Err(error) = Regex::new(&body) {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().to_owned();
            let finding = Finding::new("`body` is not a regular expression").note(why);
            return Some((finding, ""));
        }
    }
    let pointers = match sample.get("json").map(|node| &node.value) {
        Some(Value::Map(entries)) => entries.as_slice(),
        Some(_) | None => &[],
    };
    if let Some((key, _)) = pointers.iter().find(|(key, _)| !key.value.starts_with('/')) {
        let finding = Finding::new(format!("`{}` is not a JSON pointer", key.value));
        return Some((finding.help(format!("start it with `/`: `/{}`", key.value)), ""));
    }
    let conditions = ["status", "headers", "json", "body", "certificate"];
    if conditions.iter().all(|key| sample.get(key).is_none()) {
        let finding = Finding::new("this `http` sample has no condition")
            .help("add `status`, `headers`, `json`, `body` or `certificate`");
        return Some((finding, ""));
    }
    None
}

fn read(reader: &Reader<'_>) -> Option<ErasedSettings> {
    Some(ErasedSettings::new(HttpSample {
        url: reader.text("url")?,
        status: reader.optional("status", Reader::number)?,
        headers: reader.dictionary("headers")?,
        json: reader.dictionary("json")?,
        body: reader.optional("body", Reader::text)?,
        certificate_seconds: reader.optional("certificate", Reader::seconds)?,
        timeout_seconds: reader.seconds("timeout")?,
    }))
}
