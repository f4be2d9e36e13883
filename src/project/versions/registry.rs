//! All kinds of version files; the first that matches a path is used. A new kind is one file and
//! one line here. `tminus init` prefers earlier kinds.

use super::autoconf::Autoconf;
use super::cargo::Cargo;
use super::cmake::Cmake;
use super::code::Code;
use super::gemspec::Gemspec;
use super::go::Go;
use super::gradle::{Gradle, Properties};
use super::header::Header;
use super::javascript::JavaScript;
use super::json::AnyJson;
use super::kind::Kind;
use super::lines::Lines;
use super::meson::Meson;
use super::mix::Mix;
use super::msbuild::MsBuild;
use super::other_toml::AnyToml;
use super::package_json::PackageJson;
use super::php::Php;
use super::plain::Plain;
use super::podspec::Podspec;
use super::pom::Pom;
use super::pyproject::Pyproject;
use super::python::PythonModule;
use super::ruby::Ruby;
use super::setup_cfg::SetupCfg;
use super::setup_py::SetupPy;
use super::swift::Swift;
use super::yaml::Yaml;

/// All kinds; the last one matches any file.
pub(super) static KINDS: &[Kind] = &[
    Kind::of::<Cargo>(),
    Kind::of::<PackageJson>(),
    Kind::of::<Pyproject>(),
    Kind::of::<SetupCfg>(),
    Kind::of::<SetupPy>(),
    Kind::of::<Pom>(),
    Kind::of::<Properties>(),
    Kind::of::<Gradle>(),
    Kind::of::<MsBuild>(),
    Kind::of::<Gemspec>(),
    Kind::of::<Mix>(),
    Kind::of::<Yaml>(),
    Kind::of::<AnyToml>(),
    Kind::of::<AnyJson>(),
    Kind::of::<Lines>(),
    Kind::of::<Podspec>(),
    Kind::of::<Cmake>(),
    Kind::of::<Autoconf>(),
    Kind::of::<Meson>(),
    Kind::of::<PythonModule>(),
    Kind::of::<Ruby>(),
    Kind::of::<Php>(),
    Kind::of::<Go>(),
    Kind::of::<Header>(),
    Kind::of::<Swift>(),
    Kind::of::<JavaScript>(),
    Kind::of::<Code>(),
    Kind::of::<Plain>(),
];
