//! HTTP requests to other servers than the forge's API: the user's own systems, and the CI host's
//! issuer of identity tokens.

pub(crate) mod roots;
mod certificate;
mod client;
mod identity;

pub(crate) use client::{Web, is_loopback};
pub use identity::TokenRequest;
