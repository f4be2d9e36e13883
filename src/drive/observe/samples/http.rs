//! An HTTP request to the user's own system.

use super::judged::Judged;
use crate::ports::{HttpResponse, PortError, ReadPorts};
use crate::release::sample::{HttpSample, SampleResult};
use jiff::{SignedDuration, Timestamp};
use regex::Regex;
use serde_json::Value;

pub(super) async fn take(
    read_ports: &ReadPorts<'_>,
    sample: &HttpSample,
) -> Result<Judged, PortError> {
    let response = read_ports.prober.http(sample).await?;
    Ok(judged(sample, &response, read_ports.clock.now()))
}

/// Whether every condition is met. If not, names the first that is not met.
fn judged(sample: &HttpSample, response: &HttpResponse, now: Timestamp) -> Judged {
    let unmet = status(sample, response)
        .or_else(|| headers(sample, response))
        .or_else(|| json(sample, response))
        .or_else(|| body(sample, response))
        .or_else(|| certificate(sample, response, now));
    match unmet {
        Some(why) => (SampleResult::Failure, why),
        None => (SampleResult::Success, format!("status {}", response.status)),
    }
}

fn status(sample: &HttpSample, response: &HttpResponse) -> Option<String> {
    let wanted = sample.status.filter(|wanted| *wanted != response.status)?;
    Some(format!("status {} instead of {wanted}", response.status))
}

fn headers(sample: &HttpSample, response: &HttpResponse) -> Option<String> {
    sample.headers.iter().find_map(|(name, wanted)| {
        let found = response.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        match found {
            Some((_, value)) if value == wanted => None,
            Some((_, value)) => Some(format!("header `{name}` is `{value}` instead of `{wanted}`")),
            None => Some(format!("there is no header `{name}`")),
        }
    })
}

fn json(sample: &HttpSample, response: &HttpResponse) -> Option<String> {
    if sample.json.is_empty() {
        return None;
    }
    let Ok(document) = serde_json::from_slice::<Value>(&response.body) else {
        return Some("the body is not JSON".into());
    };
    sample.json.iter().find_map(|(pointer, wanted)| {
        let text = match document.pointer(pointer) {
            None => return Some(format!("there is nothing at `{pointer}`")),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        (text != *wanted).then(|| format!("`{pointer}` is `{text}` instead of `{wanted}`"))
    })
}

fn body(sample: &HttpSample, response: &HttpResponse) -> Option<String> {
    let pattern = sample.body.as_ref()?;
    let text = String::from_utf8_lossy(&response.body);
    match Regex::new(pattern) {
        Ok(regex) if regex.is_match(&text) => None,
        Ok(_) => Some(format!("the body does not match `{pattern}`")),
        Err(error) => Some(error.to_string()),
    }
}

fn certificate(sample: &HttpSample, response: &HttpResponse, now: Timestamp) -> Option<String> {
    let least = SignedDuration::from_secs(i64::try_from(sample.certificate_seconds?).ok()?);
    match response.certificate_expires {
        None => Some("there is no certificate".into()),
        Some(expires) if expires.duration_since(now) < least => {
            Some(format!("the certificate expires at {expires}"))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(set: impl FnOnce(&mut HttpSample)) -> HttpSample {
        let mut sample = HttpSample {
            url: "https://example.com/health".into(),
            status: None,
            headers: std::collections::BTreeMap::new(),
            json: std::collections::BTreeMap::new(),
            body: None,
            certificate_seconds: None,
            timeout_seconds: 10,
        };
        set(&mut sample);
        sample
    }

    fn said(sample: &HttpSample) -> String {
        let expires: Timestamp = "2026-02-01T00:00:00Z".parse().unwrap();
        let response = HttpResponse {
            status: 200,
            headers: vec![("x-version".into(), "1.1.0".into())],
            body: br#"{"app": {"version": "1.1.0", "ready": true}}"#.to_vec(),
            certificate_expires: Some(expires),
        };
        let now = "2026-01-10T00:00:00Z".parse().unwrap();
        let (result, said) = judged(sample, &response, now);
        format!("{}: {said}", result.word().text)
    }

    #[test]
    fn each_condition_that_is_not_met_is_a_failure_that_names_it() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let cases = [
            sample(|it| it.status = Some(200)),
            sample(|it| it.status = Some(204)),
            sample(|it| it.headers.extend([pair("X-Version", "1.1.0")])),
            sample(|it| it.headers.extend([pair("X-Version", "1.0.0")])),
            sample(|it| it.headers.extend([pair("X-Other", "1")])),
            sample(|it| {
                it.json.extend([pair("/app/version", "1.1.0"), pair("/app/ready", "true")])
            }),
            sample(|it| it.json.extend([pair("/app/version", "1.0.0")])),
            sample(|it| it.json.extend([pair("/nothing", "1")])),
            sample(|it| it.body = Some("\"ready\": true".into())),
            sample(|it| it.body = Some("^ready$".into())),
            sample(|it| it.certificate_seconds = Some(14 * 86_400)),
            sample(|it| it.certificate_seconds = Some(30 * 86_400)),
        ];
        let shown: Vec<String> = cases.iter().map(said).collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        success: status 200
        failure: status 200 instead of 204
        success: status 200
        failure: header `X-Version` is `1.1.0` instead of `1.0.0`
        failure: there is no header `X-Other`
        success: status 200
        failure: `/app/version` is `1.1.0` instead of `1.0.0`
        failure: there is nothing at `/nothing`
        success: status 200
        failure: the body does not match `^ready$`
        success: status 200
        failure: the certificate expires at 2026-02-01T00:00:00Z
        "#);
    }
}
