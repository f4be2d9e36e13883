//! MSBuild's project and property files: `Version`, or `VersionPrefix` with `VersionSuffix`.

use super::file::File;
use super::kind::VersionFile;
use super::site::{Site, SiteError};
use super::tree::{join, upwards};
use super::xml::{parse, text};
use crate::base::source::Span;
use roxmltree::Document;

pub(super) struct MsBuild;

/// Elements that contain a package's complete version, in order of priority.
const WHOLE: [&str; 3] = ["PackageVersion", "Version", "VersionPrefix"];

impl VersionFile for MsBuild {
    const PLACES: &'static [&'static str] = &[
        "Directory.Build.props",
        "Directory.*.props",
        "{version,Version,common,Common}.props",
        "src/{Directory.Build,Directory.Version,common,Common,version,Version}.props",
        "{build,eng,Build}/*ersion*.props",
        "*.csproj",
        "src/*.csproj",
        "src/*/*.csproj",
        "*/*.csproj",
        "src/*/*.fsproj",
    ];
    const TOPS: &'static [&'static str] =
        &["Directory.Build.props", "*.csproj", "*.fsproj", "*.vbproj"];
    const TRUSTED: &'static [&'static str] = &["*.props", "*.csproj"];

    fn is(path: &str) -> bool {
        [".csproj", ".fsproj", ".vbproj", ".props", ".targets"]
            .iter()
            .any(|ending| path.ends_with(ending))
    }

    fn read(file: &File<'_>) -> Result<Site, SiteError> {
        match with_imports(file) {
            Err(SiteError::Missing { .. }) if !file.path.ends_with(".props") => {
                for above in upwards(file.folder()) {
                    let path = format!("{above}Directory.Build.props");
                    if let Some(text) = file.other(&path)? {
                        return file.there(&path, &text, with_imports);
                    }
                }
                Err(file.missing("`Version`"))
            }
            found => found,
        }
    }
}

/// The version of a file, or of the first file that it imports and that has one
/// (<https://learn.microsoft.com/visualstudio/msbuild/import-element-msbuild>).
fn with_imports(file: &File<'_>) -> Result<Site, SiteError> {
    let missing = match own(file) {
        Err(missing @ SiteError::Missing { .. }) => missing,
        found => return found,
    };
    let document = parse(file, file.text)?;
    let imports = document.root_element().children().filter(|it| it.tag_name().name() == "Import");
    for written in imports.filter_map(|import| import.attribute("Project")) {
        let written = written.replace("$(MSBuildThisFileDirectory)", "");
        let Some(path) = join(file.folder(), &written).filter(|path| !path.contains('$')) else {
            continue;
        };
        let Some(text) = file.other(&path)? else { continue };
        match file.there(&path, &text, with_imports) {
            Err(SiteError::Missing { .. }) => {}
            found => return found,
        }
    }
    Err(missing)
}

fn own(file: &File<'_>) -> Result<Site, SiteError> {
    let document = parse(file, file.text)?;
    let values = |name: &str| properties(&document, name);
    let package = values("PackageId").first().map(|(text, _)| *text);
    for name in WHOLE {
        let found: Vec<(String, Span)> = values(name)
            .into_iter()
            .filter_map(|(text, span)| Some((expanded(&document, text, 0)?, span)))
            .filter(|(text, _)| text.starts_with(|letter: char| letter.is_ascii_digit()))
            .collect();
        let Some((first, span)) = found.first() else { continue };
        if let Some((second, at)) = found.iter().find(|(text, _)| text != first) {
            return Err(SiteError::Several {
                path: file.path.into(),
                first: first.clone(),
                second: second.clone(),
                span: *at,
            });
        }
        // A suffix that is set under a condition is added by the build.
        let suffix = properties(&document, "VersionSuffix").first().map(|(text, _)| *text);
        let whole = match suffix.filter(|suffix| name == "VersionPrefix" && !suffix.contains('$')) {
            Some(suffix) => format!("{first}-{suffix}"),
            None => first.clone(),
        };
        return file.site(&whole, *span, package);
    }
    Err(file.missing("`Version`"))
}

/// The value of a property; an unconditional value is preferred.
fn properties<'a>(document: &'a Document<'_>, name: &str) -> Vec<(&'a str, Span)> {
    let groups = document
        .root_element()
        .children()
        .filter(|group| group.tag_name().name() == "PropertyGroup");
    let all = groups.flat_map(|group| group.children()).filter(|it| it.tag_name().name() == name);
    let (sure, other): (Vec<_>, Vec<_>) = all.partition(|it| {
        !it.has_attribute("Condition")
            && it.parent().is_none_or(|group| !group.has_attribute("Condition"))
    });
    let other = other.into_iter().filter(|_| name != "VersionSuffix");
    let elements: Vec<_> = if sure.is_empty() { other.collect() } else { sure };
    elements.into_iter().filter_map(text).collect()
}

/// A value with `$(Name)` replaced; `None` if one of them is not set here.
fn expanded(document: &Document<'_>, text: &str, depth: u8) -> Option<String> {
    let Some(start) = text.find("$(") else { return Some(text.into()) };
    if depth > 8 {
        return None;
    }
    let (before, after) = text.split_at(start);
    let (name, rest) = after.get(2..)?.split_once(')')?;
    let (value, _) = properties(document, name).first().copied()?;
    let value = expanded(document, value, depth + 1)?;
    expanded(document, &format!("{before}{value}{rest}"), depth + 1)
}
