//! How the values of options are read.

use crate::base::names::{BranchName, StageName};
use crate::project::manifest::seconds;

pub(super) fn branch(text: &str) -> Result<BranchName, String> {
    BranchName::new(text).map_err(|error| error.to_string())
}

pub(super) fn stage(text: &str) -> Result<StageName, String> {
    StageName::new(text).map_err(|error| error.to_string())
}

pub(super) fn duration(text: &str) -> Result<u64, String> {
    let bare = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty();
    seconds(text).ok_or_else(|| match bare {
        true => format!("the unit is missing: write `{text}s`, `{text}m` or `{text}h`"),
        false => format!("`{text}` is not a duration, such as `10m` or `1h 30m`"),
    })
}
