//! Basic types that every module uses: locations in texts, findings, names, versions, secrets,
//! values that could not be read, and the words of reports.

pub mod source;
pub mod clean;
pub mod names;
pub mod number;
pub mod awaited;
pub mod finding;
pub mod version;
pub mod secrets;
pub mod seen;
pub mod word;
pub mod moment;
