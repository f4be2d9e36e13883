//! The list of all kinds of steps, in the order of the reference page. A new kind needs one file
//! and one line here, and the same in `drive::execute::steps`.

use super::deployed::Deployed;
use super::draft_release::DraftRelease;
use super::enter::Enter;
use super::kind::Kind;
use super::move_tag::MoveTag;
use super::publish_release::PublishRelease;
use super::run::Run;
use super::tag::Tag;
use super::upload::Upload;
use super::verify::Verify;

/// Every kind.
pub static STEPS: &[Kind] = &[
    Kind::of::<DraftRelease>(),
    Kind::of::<Upload>(),
    Kind::of::<Tag>(),
    Kind::of::<PublishRelease>(),
    Kind::of::<MoveTag>(),
    Kind::of::<Run>(),
    Kind::of::<Enter>(),
    Kind::of::<Deployed>(),
    Kind::of::<Verify>(),
];
