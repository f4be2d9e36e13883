//! The manifest, `tminus.yaml`.

pub mod node;
pub mod yaml;
mod preset;
pub mod shape;
mod pattern;
mod line_pattern;
mod template;
mod moving;
mod path_template;
mod leaf;
mod reader;
mod kinds;
mod people;
pub mod model;
mod check;
mod schedule_keys;
mod keys;
mod schedule;
mod rules;
mod stages;
mod lower;
pub mod schema;
mod reference;

#[cfg(test)]
mod tests;

pub use check::{check, nearest};
pub use keys::with_root;
pub use kinds::{
    ErasedSettings, Forge, ForgeFeatures, ForgeMessages, GateShape, Kinds, Predecessor,
    SampleShape, StepFault, StepShape, Times, Touch, WrittenStep,
};
pub use leaf::seconds;
pub use line_pattern::{LinePattern, LinePatternError};
pub use lower::{LOCATIONS, read};
pub use model::*;
pub use moving::{MovingError, MovingTemplate};
pub use node::{Node, Value};
pub use path_template::PathTemplate;
pub use pattern::Pattern;
pub use people::{Permission, Role, Task, TaskProof};
pub use preset::Preset;
pub use reader::Reader;
pub use reference::reference;
pub use schema::json_schema;
pub use shape::{Field, Shape, Word};
pub use template::{TagError, TagTemplate, TemplateError};
