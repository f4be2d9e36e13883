//! `package.json`, with the lock files of npm and Bun. pnpm's and Yarn's record no version of the
//! project's own packages.

use super::file::File;
use super::json::{object, string, value, with_object};
use super::kind::{Lock, LockedVersion, Package, VersionFile};
use super::site::{Site, SiteError};
use super::tree::name;
use crate::base::source::Span;
use crate::base::version::Scheme;
use jsonc_parser::ast::Value as Json;

pub(super) struct PackageJson;

impl VersionFile for PackageJson {
    const PLACES: &'static [&'static str] =
        &["package.json", "packages/*/package.json", "*/package.json", "packages/*/*/package.json"];
    const TOPS: &'static [&'static str] = &["package.json"];
    const SCHEME: Option<Scheme> = Some(Scheme::Semver);
    const LOCKS: &'static [Lock] = &[
        Lock { name: "package-lock.json", read: npm, refresh: "npm install --package-lock-only" },
        Lock { name: "npm-shrinkwrap.json", read: npm, refresh: "npm install --package-lock-only" },
        Lock { name: "bun.lock", read: bun, refresh: "bun install --lockfile-only" },
    ];

    fn is(path: &str) -> bool {
        name(path) == "package.json"
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        with_object(file, |root| {
            let Some(root) = root else { return Err(file.missing("top-level `version`")) };
            let private = match value(root, "private") {
                Some(Json::BooleanLit(literal)) => literal.value,
                Some(_) | None => false,
            };
            let package = string(root, "name").map(|(text, _)| text);
            match string(root, "version") {
                Some((text, span)) => Ok(Site { private, ..file.site(text, span, package)? }),
                None => Err(file.missing("top-level `version`")),
            }
        })
    }
}

/// npm records the version at the top level and under `packages[""]`; that of a workspace under its
/// folder.
fn npm(file: &File<'_>, package: &Package<'_>) -> Result<LockedVersion, SiteError> {
    with_object(file, |root| {
        let folder = package.folder.trim_end_matches('/');
        let top = root.filter(|_| folder.is_empty()).and_then(|root| string(root, "version"));
        let packages = root.and_then(|root| object(root, "packages"));
        let entry = packages.and_then(|packages| object(packages, folder));
        let inner = entry.and_then(|entry| string(entry, "version"));
        Ok(LockedVersion::of(sites(file, [top, inner])?).unwrap_or(LockedVersion::Lacks))
    })
}

/// Bun records no version for the root package.
fn bun(file: &File<'_>, package: &Package<'_>) -> Result<LockedVersion, SiteError> {
    with_object(file, |root| {
        let folder = package.folder.trim_end_matches('/');
        let spaces = root.and_then(|root| object(root, "workspaces"));
        let entry = spaces.and_then(|spaces| object(spaces, folder));
        let version = entry.and_then(|entry| string(entry, "version"));
        Ok(LockedVersion::of(sites(file, [version, None])?).unwrap_or(LockedVersion::Silent))
    })
}

fn sites(file: &File<'_>, found: [Option<(&str, Span)>; 2]) -> Result<Vec<Site>, SiteError> {
    found.into_iter().flatten().map(|(text, span)| file.site(text, span, None)).collect()
}
