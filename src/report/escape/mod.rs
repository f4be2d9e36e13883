//! Makes external text harmless for its destination, one module for each. The one for terminals is
//! [`crate::base::clean`].

pub mod uri;
pub mod markdown;
pub mod workflow;
