//! Every format: the order is that of the help.

use super::format::Format;

/// Every format.
pub static FORMATS: &[Format] = &[
    Format::of::<super::text::Text>(),
    Format::of::<super::json::Json>(),
    Format::of::<super::github::Github>(),
    Format::of::<super::markdown::Markdown>(),
    Format::of::<super::sarif::Sarif>(),
    Format::of::<super::junit::Junit>(),
];

/// The format with a name.
#[must_use]
pub fn find(name: &str) -> Option<Format> {
    FORMATS.iter().find(|format| format.name == name).copied()
}

#[cfg(test)]
mod tests {
    use super::super::super::model::Kind;
    use super::super::format::Reader;
    use super::*;

    #[test]
    fn every_format_file_is_registered() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/report/formats");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|file| {
                Some(file.ok()?.file_name().to_str()?.strip_suffix(".rs")?.to_owned())
            })
            .filter(|name| !["mod", "format", "registry"].contains(&name.as_str()))
            .collect();
        let mut names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        files.sort();
        names.sort_unstable();
        assert_eq!(files, names);
    }

    #[test]
    fn every_report_has_a_format_for_people_programs_and_runners() {
        for kind in Kind::ALL {
            for reader in [Reader::Person, Reader::Program, Reader::Runner] {
                let reads = |format: &&Format| format.reader == reader && format.prints(kind);
                assert!(FORMATS.iter().any(|format| reads(&format)), "{kind:?} {reader:?}");
            }
        }
    }
}
