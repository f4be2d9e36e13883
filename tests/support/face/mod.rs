//! The world's HTTP face: GitHub's REST and GraphQL APIs over one `State`, so that a real binary
//! with its real adapter can be run, struck and killed from outside.
#![allow(dead_code, unused_imports, reason = "each suite uses another part")]

mod options;
mod mishap;
mod message;
mod cord;
mod wire;
mod links;
mod bare;
mod manners;
mod rest;
mod releases;
mod assets;
mod view;
mod checks;
mod graph;
mod graphql;
mod server;

pub(crate) use mishap::Mishap;
pub(crate) use options::{Options, Scopes};
pub(crate) use server::{Exchange, Face};
