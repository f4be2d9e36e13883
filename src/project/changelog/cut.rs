//! The beginning of notes that are too long.

use super::lines::{self, Markup};
use super::markdown;
use super::section::likeliest;
use crate::base::source::Source;

/// Text before a heading is enough if it has at least this part of what is allowed.
const ENOUGH: usize = 4;

/// The beginning of a text that has at most so many characters: it ends before a heading, or, if
/// that would leave out nearly everything, before a paragraph or an entry. In Markdown it keeps the
/// definitions that it uses.
#[must_use]
pub fn cut(source: &Source, most: usize) -> String {
    let text = source.text.as_str();
    let markup = likeliest(source);
    let (headings, blocks) = match markup {
        Markup::Markdown => markdown::breaks(text),
        Markup::Rst | Markup::Asciidoc | Markup::Plain => {
            let marked = lines::headings(text, markup).into_iter().filter(|it| it.is_marked());
            let starts = text.match_indices("\n\n").map(|(at, _)| at + 1);
            (marked.map(|heading| heading.start).collect(), starts.collect())
        }
    };
    let lines: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let shared = markdown::shared(text);
    let kept = |end: usize| match markup {
        Markup::Markdown => markdown::with_definitions(text, 0..end, &shared),
        Markup::Rst | Markup::Asciidoc | Markup::Plain => {
            text.get(..end).unwrap_or_default().trim_end().to_owned()
        }
    };
    let limit = text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
    let length = |text: &String| text.chars().count();
    let last = |places: Vec<usize>| {
        let early = places.into_iter().rev().filter(|at| *at <= limit);
        let mut kept = early.map(kept).filter(|kept| !kept.is_empty());
        kept.find(|kept| length(kept) <= most)
    };
    let by_heading = last(headings);
    if let Some(kept) = by_heading.as_ref().filter(|kept| length(kept) >= most / ENOUGH) {
        return kept.clone();
    }
    let by_block = last(blocks);
    let longest = by_heading.into_iter().chain(by_block).max_by_key(length);
    longest.or_else(|| last(lines)).unwrap_or_else(|| text.chars().take(most).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_of(name: &str, text: &str, most: usize) -> String {
        cut(&Source { name: name.into(), text: text.into() }, most)
    }

    #[test]
    fn a_long_text_is_cut_before_a_heading_and_keeps_the_link_definitions_it_uses() {
        let text = "### Added\n\n- One [#1].\n\n### Fixed\n\n- Two [#2].\n\n```\n# no heading\n```\n\n\
                    [#1]: https://x.example/1\n[#2]: https://x.example/2\n";
        let first = "### Added\n\n- One [#1].\n\n[#1]: https://x.example/1";
        assert_eq!(cut_of("a.md", text, 80), first);
        assert_eq!(cut_of("a.md", text, first.len()), first);
        // The definition has no room any more, so the next place above is taken.
        assert_eq!(cut_of("a.md", text, first.len() - 1), "### Added");
        let rst = "Added\n-----\n\n* One.\n\nFixed\n-----\n\n* Two.\n";
        assert_eq!(cut_of("a.rst", rst, 40), "Added\n-----\n\n* One.");
        assert_eq!(cut_of("a.rst", rst, rst.len()), "Added\n-----\n\n* One.");
    }

    #[test]
    fn a_cut_keeps_more_than_a_short_first_section() {
        let text = format!("### Added\n\n- One.\n\n### Fixed\n\n{}", "- Two.\n".repeat(100));
        let kept = format!("### Added\n\n- One.\n\n### Fixed\n\n{}", "- Two.\n".repeat(20));
        assert_eq!(cut_of("a.md", &text, kept.len() + 3), kept.trim_end());
    }

    #[test]
    fn a_long_text_without_headings_is_cut_before_an_entry() {
        let list = "Words.\n\n- One\n  more.\n- Two.\n- Three.\n";
        assert_eq!(cut_of("a.md", list, 30), "Words.\n\n- One\n  more.\n- Two.");
        let fence = format!("Words.\n\n```\n{}```\n", "a\n".repeat(50));
        assert_eq!(cut_of("a.md", &fence, 60), "Words.");
        assert_eq!(cut_of("a.md", &"ä".repeat(50), 20), "ä".repeat(20));
    }
}
