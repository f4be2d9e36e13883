//! Words that every other module speaks: places in texts, findings, names, versions, secrets, what
//! was seen, and the words of reports.

pub mod source;
pub mod clean;
pub mod finding;
pub mod names;
pub mod version;
pub mod secrets;
pub mod seen;
pub mod word;
