//! Release notes: the changelog's section, or generated from the commits.

use super::case::Case;
use super::generated::generated;
use super::target::{self, NoTarget};
use crate::base::names::TagName;
use crate::base::source::Source;
use crate::facts::Seen;
use crate::project::changelog::{self, sections};
use crate::project::manifest::ChangelogStyle;

pub use super::generated::listed;

/// The notes of a release, as Markdown, within the forge's limit.
///
/// # Errors
/// When the changelog, the history or the generated notes of the forge are unseen.
pub fn notes(case: &Case<'_>) -> Result<String, NoTarget> {
    let Source { name, text } = whole(case)?;
    let Some(most) = case.longest_notes().filter(|most| text.chars().count() > *most) else {
        return Ok(text);
    };
    let place = if are_in_file(case) { "the changelog" } else { "the list of commits" };
    let page = case.facts.notes_page.known().map_err(|unseen| NoTarget::Unseen {
        what: format!("the page of {place}, to which notes that are too long link"),
        unseen: unseen.clone(),
    })?;
    let rest = format!("[The notes continue in {place}.]({page})");
    let kept = changelog::cut(&Source { name, text }, most);
    Ok(format!("{kept}\n\n{rest}"))
}

/// Whether the notes are longer than the forge allows.
#[must_use]
pub fn is_too_long(case: &Case<'_>) -> bool {
    let most = case.longest_notes().unwrap_or(usize::MAX);
    whole(case).is_ok_and(|notes| notes.text.chars().count() > most)
}

/// The tag from which the forge's generated notes start.
#[must_use]
pub fn order(case: &Case<'_>) -> Option<TagName> {
    let history = case.facts.history.known().ok()?;
    history.base.as_ref().map(|base| base.tag.clone())
}

/// The complete notes. Their name is that of the file that they are from.
fn whole(case: &Case<'_>) -> Result<Source, NoTarget> {
    let (manifest, facts) = (case.manifest, case.facts);
    let markdown = |text: String| Source { name: "notes.md".into(), text };
    if are_generated(case) {
        return Ok(markdown(generated(&listed(case)?)));
    }
    match manifest.changelog.style {
        ChangelogStyle::Forge => {
            let seen = facts.forge_notes.known();
            return seen.cloned().map(markdown).map_err(|unseen| NoTarget::Unseen {
                what: format!("the notes that {} generates", manifest.forge.words.name),
                unseen: unseen.clone(),
            });
        }
        ChangelogStyle::None => return Ok(markdown(String::new())),
        ChangelogStyle::KeepAChangelog | ChangelogStyle::Fragments | ChangelogStyle::Generated => {}
    }
    let target = case.target().map_err(NoTarget::clone)?;
    let Some(name) = case.changelog() else { return Ok(markdown(String::new())) };
    let text = target::text(&facts.files, &name)?.to_owned();
    let source = Source { name: name.clone(), text };
    if manifest.changelog.file.is_of_one_version() {
        let text = changelog::whole(&source, &target.version).notes;
        return Ok(Source { name, text });
    }
    let sections = sections(&source).unwrap_or_default();
    let section = changelog::of(&sections, &target.version);
    let text = section.map_or_else(String::new, |(_, section)| section.notes.clone());
    Ok(Source { name, text })
}

/// Whether the notes are in a file; if they are too long, they link to it.
#[must_use]
pub fn are_in_file(case: &Case<'_>) -> bool {
    case.manifest.changelog.style.has_file() && !are_generated(case)
}

/// Whether the notes are generated from the commits.
#[must_use]
pub fn are_generated(case: &Case<'_>) -> bool {
    let (manifest, facts) = (case.manifest, case.facts);
    let file = manifest.changelog.file.fixed().and_then(|path| facts.files.get(path));
    let absent = matches!(file, Some(Seen::Known(crate::facts::FileAt::Absent)));
    match manifest.changelog.style {
        ChangelogStyle::Generated => true,
        ChangelogStyle::KeepAChangelog | ChangelogStyle::Fragments => {
            absent && manifest.changelog.declared.is_none()
        }
        ChangelogStyle::Forge | ChangelogStyle::None => false,
    }
}
