//! Every kind of version file; the first that a name fits is taken. A new kind is one file and one
//! line here.

use super::cargo::Cargo;
use super::json::{AnyJson, PackageJson};
use super::kind::Kind;
use super::plain::Plain;
use super::pyproject::Pyproject;

/// Every kind; the last takes any file.
pub(super) static KINDS: &[Kind] = &[
    Kind::of::<Cargo>(),
    Kind::of::<PackageJson>(),
    Kind::of::<Pyproject>(),
    Kind::of::<AnyJson>(),
    Kind::of::<Plain>(),
];
