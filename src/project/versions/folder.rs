//! Finds the folder of the released package.

use super::read::is_top;

/// Words before the version in a tag that are not the name of a package.
const NO_NAMES: [&str; 8] =
    ["v", "ver", "version", "versions", "rel", "release", "releases", "tags"];

/// The folder that contains all version files, and the package name from the first one, if that is
/// a package's folder below the root.
#[must_use]
pub fn package_folder(files: &[&str]) -> Option<(String, String)> {
    let first = files.first()?;
    let mut folders = files.iter().map(|file| parent(plain(file)));
    let begin = folders.next()?.to_owned();
    let common = folders.fold(begin, |common, folder| shared(&common, folder));
    let name = plain(first).rsplit('/').next()?;
    (!common.is_empty() && is_top(name)).then(|| (common, name.to_owned()))
}

fn plain(path: &str) -> &str {
    path.trim_start_matches("./")
}

/// The folder of a path; empty at the root.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The deepest folder that contains both.
fn shared(one: &str, other: &str) -> String {
    let pairs = one.split('/').zip(other.split('/')).take_while(|(a, b)| a == b);
    pairs.map(|(part, _)| part).collect::<Vec<_>>().join("/")
}

/// The package that a tag names: `a` of `a-v1.0.0`, `@acme/a` of `@acme/a@1.0.0`; `None` of `v1.0.0`.
#[must_use]
pub fn package_in(tag: &str) -> Option<&str> {
    let begins = |(at, _): &(usize, char)| {
        let before = tag.get(..*at).unwrap_or_default();
        let before = before.strip_suffix(['v', 'V']).unwrap_or(before);
        (before.is_empty() || before.ends_with(['-', '_', '/', '@', '.', '+']))
            && is_version(tag.get(*at..).unwrap_or_default())
    };
    let (at, _) = tag.char_indices().find(begins)?;
    let name = tag.get(..at)?;
    let name = name.strip_suffix(['v', 'V']).unwrap_or(name);
    let name = name.trim_end_matches(['-', '_', '/', '@', '.', '+']);
    let named = !name.is_empty() && !NO_NAMES.contains(&name.to_ascii_lowercase().as_str());
    named.then_some(name)
}

/// Whether a text begins like a version with at least two parts.
fn is_version(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let next = rest.strip_prefix(['.', '_']).unwrap_or_default();
    rest.len() < text.len() && next.starts_with(|c: char| c.is_ascii_digit())
}

/// Where another package of the same kind would be, by its name.
#[must_use]
pub fn beside(folder: &str, file: &str, package: &str) -> String {
    let name = package.rsplit('/').next().unwrap_or(package);
    match parent(folder) {
        "" => format!("{name}/{file}"),
        above => format!("{above}/{name}/{file}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_in_the_folder_of_its_manifest() {
        let folder = |files: &[&str]| package_folder(files).map(|(folder, _)| folder);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(folder(&["a/Cargo.toml"]), some("a"));
        assert_eq!(folder(&["./packages/a/package.json"]), some("packages/a"));
        assert_eq!(folder(&["a/Cargo.toml", "a/python/pyproject.toml"]), some("a"));
        assert_eq!(folder(&["crates/a/Cargo.toml", "crates/ab/Cargo.toml"]), some("crates"));
        assert_eq!(folder(&["src/a/a.csproj"]), some("src/a"));
        for top in [&["Cargo.toml"][..], &["Cargo.toml", "a/package.json"], &["a/x", "b/x"], &[]] {
            assert_eq!(folder(top), None, "{top:?}");
        }
        for code in
            ["lib/widget/version.rb", "widget/__init__.py", "include/version.h", "src/VERSION"]
        {
            assert_eq!(folder(&[code]), None, "{code}");
        }
    }

    #[test]
    fn a_tag_can_contain_a_package_name() {
        for (tag, name) in [
            ("a-v1.0.0", Some("a")),
            ("a2-v1.0.0", Some("a2")),
            ("@acme/a@1.0.0-rc.1", Some("@acme/a")),
            ("packages/a/v1.0.0", Some("packages/a")),
            ("create-vite@5.0.0", Some("create-vite")),
            ("curl-8_20_0", Some("curl")),
            ("a_v1.2", Some("a")),
            ("v1.0.0", None),
            ("1.0.0", None),
            ("release-1.0.0", None),
            ("release/v1.0.0", None),
            ("V1.0", None),
            ("nightly", None),
            ("a-b", None),
            ("a-2", None),
        ] {
            assert_eq!(package_in(tag), name, "{tag}");
        }
    }

    #[test]
    fn sibling_packages_are_in_sibling_folders() {
        assert_eq!(beside("a", "Cargo.toml", "b"), "b/Cargo.toml");
        assert_eq!(beside("packages/a", "package.json", "@acme/b"), "packages/b/package.json");
    }
}
