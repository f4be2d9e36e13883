//! Reads when a server's certificate expires.

use jiff::Timestamp;
use reqwest::tls::TlsInfo;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

/// When a server's certificate expires; `None` without TLS, or if the certificate cannot be read.
pub(super) fn expires(response: &reqwest::Response) -> Option<Timestamp> {
    let shown = response.extensions().get::<TlsInfo>()?.peer_certificate()?;
    let certificate = Certificate::from_der(shown).ok()?;
    let until = certificate.tbs_certificate().validity().not_after.to_unix_duration();
    Timestamp::from_second(i64::try_from(until.as_secs()).ok()?).ok()
}
