//! `pyproject.toml`, in the format of PEP 621 or Poetry, and the places where its build backend
//! reads a dynamic version.

use super::file::File;
use super::kind::{Lock, VersionFile};
use super::python::{PythonModule, attribute};
use super::site::{Site, SiteError};
use super::toml::{nested, parse, site, span_of, text};
use super::tree::name;
use super::uv_lock::LOCK;
use crate::base::version::Scheme;
use toml_edit::{Item, Table};

pub(super) struct Pyproject;

/// Build tools that take the version from the tag.
const FROM_TAG: [&str; 12] = [
    "setuptools-scm",
    "setuptools_scm",
    "hatch-vcs",
    "versioningit",
    "versioneer",
    "pbr",
    "poetry-dynamic-versioning",
    "uv-dynamic-versioning",
    "setuptools-git-versioning",
    "dunamai",
    "vcs-versioning",
    "setuptools-git",
];

impl VersionFile for Pyproject {
    const PLACES: &'static [&'static str] = &[
        "pyproject.toml",
        "python/pyproject.toml",
        "*/pyproject.toml",
        "{packages,libs}/*/pyproject.toml",
    ];
    const TOPS: &'static [&'static str] = &["pyproject.toml"];
    const SCHEME: Option<Scheme> = Some(Scheme::Pep440);
    const LOCKS: &'static [Lock] = &[LOCK];

    fn is(path: &str) -> bool {
        name(path) == "pyproject.toml"
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        let document = parse(file, file.text)?;
        let table = document.as_table();
        let package =
            text(table, &["project", "name"]).or_else(|| text(table, &["tool", "poetry", "name"]));
        let own = nested(table, &["project", "version"])
            .or_else(|| nested(table, &["tool", "poetry", "version"]))
            .filter(|item| item.is_str());
        if let Some(item) = own {
            return site(file, item, package);
        }
        let named = |site: Site| Site { package: package.map(str::to_owned), ..site };
        match dynamic(file, table, package)? {
            Some(site) => Ok(named(site)),
            None => Err(computed(file, table)),
        }
    }
}

/// Why a project without a version has none.
fn computed(file: &File<'_>, table: &Table) -> SiteError {
    let names = nested(table, &["project", "dynamic"]).and_then(Item::as_array);
    let is_dynamic = names.into_iter().flatten().any(|name| name.as_str() == Some("version"));
    let requires = nested(table, &["build-system", "requires"]).and_then(Item::as_array);
    let requires = requires.into_iter().flatten().filter_map(|item| item.as_str());
    let needs = requires.map(str::to_ascii_lowercase).collect::<Vec<_>>();
    let tagging =
        FROM_TAG.iter().find(|name| needs.iter().any(|needed| needed.starts_with(**name)));
    match (tagging, is_dynamic) {
        (Some(by), _) => file.elsewhere(format!("`{by}` takes it from the tag"), None),
        (None, true) => file.elsewhere("it is dynamic, computed when the package is built", None),
        (None, false) => file.missing("static `project.version`"),
    }
}

/// The version from the place where the build backend reads it; `None` if no file is named.
fn dynamic(
    file: &File<'_>,
    table: &Table,
    package: Option<&str>,
) -> Result<Option<Site>, SiteError> {
    if let Some(item) = nested(table, &["tool", "setuptools", "dynamic", "version"]) {
        return setuptools(file, item, table);
    }
    // Hatch, PDM, scikit-build-core: a file that contains `__version__` or similar.
    let named: [&[&str]; 4] = [
        &["tool", "hatch", "version", "path"],
        &["tool", "pdm", "version", "path"],
        &["tool", "scikit-build", "metadata", "version", "input"],
        &["tool", "hatch", "version", "package"],
    ];
    if let Some(path) = named.iter().find_map(|keys| text(table, keys)) {
        return file.follow(path);
    }
    if text(table, &["tool", "hatch", "version", "source"]) == Some("nodejs") {
        return file.follow("package.json");
    }
    let backend = text(table, &["build-system", "build-backend"]).unwrap_or_default();
    match backend.split(['.', ':']).next() {
        Some("maturin") => {
            let cargo = text(table, &["tool", "maturin", "manifest-path"]);
            let paths = cargo.map_or(vec!["Cargo.toml", "rust/Cargo.toml"], |path| vec![path]);
            file.first_of(paths.into_iter().map(Into::into), file.by_kind)
        }
        Some("flit_core" | "flit") => {
            let module = text(table, &["tool", "flit", "module", "name"]).or(package);
            let module = module.unwrap_or_default().replace(['-', '.'], "_");
            file.first_of(modules(&module, &["", "src"]), PythonModule::read)
        }
        Some("mesonpy") => file.follow("meson.build"),
        Some(_) | None => setup_cfg(file),
    }
}

/// setuptools reads `setup.cfg` and `setup.py` beside it as well.
fn setup_cfg(file: &File<'_>) -> Result<Option<Site>, SiteError> {
    for name in ["setup.cfg", "setup.py"] {
        match file.follow(name) {
            Ok(None) | Err(SiteError::Missing { .. } | SiteError::Elsewhere { .. }) => {}
            found => return found,
        }
    }
    Ok(None)
}

/// `{ attr = "widget.__version__" }` or `{ file = ["VERSION"] }`.
fn setuptools(file: &File<'_>, item: &Item, table: &Table) -> Result<Option<Site>, SiteError> {
    let key = |key: &str| item.as_table_like().and_then(|it| it.get(key));
    if let Some(attr) = key("attr").and_then(Item::as_str) {
        let root = text(table, &["tool", "setuptools", "package-dir", ""]);
        return match by_attr(file, attr, root)? {
            Some(site) => Ok(Some(site)),
            None => Err(file.elsewhere(format!("it is `{attr}`"), Some(span_of(item)))),
        };
    }
    let file_key = key("file");
    let listed = file_key.and_then(Item::as_array).and_then(|list| list.get(0)?.as_str());
    let path = file_key.and_then(Item::as_str).or(listed);
    path.map_or(Ok(None), |path| file.follow(path))
}

/// The version at a dotted Python name, in the usual folders of packages.
pub(super) fn by_attr(
    file: &File<'_>,
    attr: &str,
    root: Option<&str>,
) -> Result<Option<Site>, SiteError> {
    let Some((module, name)) = attr.trim().rsplit_once('.') else { return Ok(None) };
    let roots: Vec<&str> = root.into_iter().chain(["", "src", "lib", "python"]).collect();
    file.first_of(modules(module, &roots), |file| attribute(file, name))
}

/// The possible paths of a dotted module.
fn modules(module: &str, roots: &[&str]) -> Vec<String> {
    let path = module.replace('.', "/");
    let mut paths = Vec::new();
    for root in roots {
        let root = if root.is_empty() { String::new() } else { format!("{root}/") };
        paths.push(format!("{root}{path}/__init__.py"));
        paths.push(format!("{root}{path}.py"));
    }
    paths
}
