//! The world's HTTP fake_github: GitHub's REST and GraphQL APIs over one `State`, so that a real binary
//! with its real adapter can be run, struck and killed from outside.
#![allow(dead_code, unused_imports, reason = "each suite uses another part")]

mod options;
mod mishap;
mod message;
mod cord;
mod wire;
mod links;
mod bare;
mod books;
mod manners;
mod visit;
mod releases;
mod assets;
mod tell;
mod checks;
mod environments;
mod deployments;
mod identity;
mod issues;
mod pulls;
mod tracking;
mod rights;
mod signed;
mod view;
mod graph;
mod graphql;
mod rest;
mod server;

pub(crate) use books::Exchange;
pub(crate) use identity::REQUEST_TOKEN;
pub(crate) use mishap::Mishap;
pub(crate) use options::{Kind, Options, Scopes, TOKEN};
pub(crate) use pulls::Classic;
pub(crate) use server::FakeGitHub;
