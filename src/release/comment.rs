//! The commands in a comment on the tracking issue (`/approve qa`).
//!
//! A command counts only at the start of a line of a plain paragraph. Text in code, quotations,
//! lists, tables or HTML is ignored.

use super::statement::LONGEST_REASON;
use crate::base::clean::clip;
use crate::base::names::{ItemId, RoleName, StageName};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde::{Deserialize, Serialize};

/// The maximum length of a comment, in characters, which is GitHub's limit.
pub const LONGEST: usize = 65_536;
/// The maximum number of commands in a comment.
pub const MOST: usize = 20;
/// The maximum number of characters of a command that are shown.
const SHOWN: usize = 80;

/// One line of a comment that starts with a slash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The line, clipped.
    pub line: String,
    /// The command, or why it is not valid.
    pub says: Result<Instruction, String>,
}

/// A command, before its names are compared with those of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Instruction {
    /// `/approve [ROLE] [DIGEST]`.
    Approve {
        /// The role; if there is one word, it can also be the digest.
        role: Option<RoleName>,
        /// The beginning of the plan's digest.
        digest: Option<String>,
    },
    /// `/object REASON`.
    Object {
        /// The reason.
        reason: String,
    },
    /// `/withdraw-objection`.
    WithdrawObjection,
    /// `/done TASK`.
    Done {
        /// Its ID.
        task: ItemId,
    },
    /// `/accept SCENARIO`.
    Accept {
        /// Its ID.
        scenario: ItemId,
    },
    /// `/reject SCENARIO REASON`.
    Reject {
        /// Its ID.
        scenario: ItemId,
        /// What is wrong.
        reason: String,
    },
    /// `/hold [STAGE] REASON`: whether the first word is a stage depends on the manifest.
    Hold {
        /// Everything after the command.
        words: String,
    },
    /// `/lift [STAGE]`.
    Lift {
        /// The stage.
        stage: Option<StageName>,
    },
}

/// The commands of a comment in order; `None` if it has too many to be read. A slash command of
/// another tool is ignored.
#[must_use]
pub fn commands(text: &str) -> Option<Vec<Command>> {
    if text.chars().count() > LONGEST {
        return None;
    }
    let mut found = Vec::new();
    for line in lines(text) {
        found.extend(command(line));
        if found.len() > MOST {
            return None;
        }
    }
    Some(found)
}

/// Whether a text is the beginning of a digest.
#[must_use]
pub fn is_digest(text: &str) -> bool {
    (6..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The options of GitHub's own Markdown.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM
        | Options::ENABLE_MATH
}

/// Lines of paragraphs that begin with a slash, up to the first HTML element that can hold others.
#[expect(clippy::wildcard_enum_match_arm, reason = "Markdown has many events; few matter")]
fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    // Blocks around, elements within the paragraph, and whether a line begins.
    let (mut around, mut within, mut begins) = (0_usize, 0_usize, false);
    let mut paragraph = false;
    for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
        match event {
            Event::Start(Tag::Paragraph) if around == 0 => {
                (paragraph, within, begins) = (true, 0, true);
            }
            Event::End(TagEnd::Paragraph) if around == 0 => paragraph = false,
            Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => {}
            Event::Html(html) | Event::InlineHtml(html) => {
                begins = false;
                if holds_others(&html) {
                    return lines;
                }
            }
            Event::Start(_) if paragraph => {
                within += 1;
                begins = false;
            }
            Event::End(_) if paragraph => within = within.saturating_sub(1),
            Event::Start(_) => around += 1,
            Event::End(_) => around = around.saturating_sub(1),
            Event::SoftBreak | Event::HardBreak => begins = true,
            Event::Text(_) if std::mem::take(&mut begins) && paragraph && within == 0 => {
                lines.extend(line_at(text, range.start));
            }
            _ => begins = false,
        }
    }
    lines
}

/// The line at a place where a text begins, if nothing but the slash is before it.
fn line_at(text: &str, start: usize) -> Option<&str> {
    let before = text.get(..start)?;
    let indent = before.rsplit(['\n', '\r']).next()?;
    let line = text.get(start..)?.split(['\n', '\r']).next()?;
    (indent.trim_matches(' ').is_empty() && line.starts_with('/')).then(|| line.trim_end())
}

/// Whether raw HTML can hold what follows it (`<details>`, `<blockquote>`): pictures and comments
/// cannot.
fn holds_others(html: &str) -> bool {
    let html = html.trim_start();
    let name = html.trim_start_matches(['<', '/']);
    let name: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
    let alone = matches!(name.to_ascii_lowercase().as_str(), "img" | "br" | "hr");
    !(html.starts_with("<!--") || (alone && html.matches('<').count() == 1))
}

fn command(line: &str) -> Option<Command> {
    let (word, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let rest = rest.trim();
    let read: fn(&str) -> Result<Instruction, String> = match word.to_ascii_lowercase().as_str() {
        "/approve" => approve,
        "/object" => |rest| reason("/object", rest).map(|reason| Instruction::Object { reason }),
        "/withdraw-objection" => |rest| alone(rest).map(|()| Instruction::WithdrawObjection),
        "/done" => |rest| name("/done TASK", rest).map(|task| Instruction::Done { task }),
        "/accept" => {
            |rest| name("/accept SCENARIO", rest).map(|it| Instruction::Accept { scenario: it })
        }
        "/reject" => reject,
        "/hold" => |rest| reason("/hold", rest).map(|words| Instruction::Hold { words }),
        "/lift" => lift,
        _ => return None,
    };
    Some(Command { line: clip(line, SHOWN).into_owned(), says: read(rest) })
}

fn approve(rest: &str) -> Result<Instruction, String> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let role = |word: &str| RoleName::new(word).map_err(|error| error.to_string());
    match words.as_slice() {
        [] => Ok(Instruction::Approve { role: None, digest: None }),
        [one] => Ok(Instruction::Approve { role: Some(role(one)?), digest: None }),
        [one, digest] if is_digest(digest) => {
            let digest = Some(digest.to_ascii_lowercase());
            Ok(Instruction::Approve { role: Some(role(one)?), digest })
        }
        [_, _, ..] => Err("write `/approve [ROLE] [DIGEST]`, with nothing else on the line".into()),
    }
}

fn reject(rest: &str) -> Result<Instruction, String> {
    let (scenario, why) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let scenario = name("/reject SCENARIO REASON", scenario)?;
    Ok(Instruction::Reject { scenario, reason: reason("/reject SCENARIO", why)? })
}

fn lift(rest: &str) -> Result<Instruction, String> {
    if rest.is_empty() {
        return Ok(Instruction::Lift { stage: None });
    }
    let stage = StageName::new(rest).map_err(|error| error.to_string())?;
    Ok(Instruction::Lift { stage: Some(stage) })
}

fn alone(rest: &str) -> Result<(), String> {
    if rest.is_empty() { Ok(()) } else { Err("nothing else is allowed on this line".into()) }
}

/// One name and nothing else: additional words could reverse the meaning of an approval.
fn name(usage: &str, rest: &str) -> Result<ItemId, String> {
    if rest.is_empty() || rest.contains(char::is_whitespace) {
        return Err(format!("write `{usage}`, with nothing else on the line"));
    }
    ItemId::new(rest).map_err(|error| error.to_string())
}

fn reason(command: &str, rest: &str) -> Result<String, String> {
    let rest = rest.trim();
    if rest.is_empty() {
        return Err(format!("the reason is missing: write `{command} REASON`"));
    }
    Ok(clip(rest, LONGEST_REASON).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        commands(text).unwrap().into_iter().map(|command| command.line).collect()
    }

    fn says(line: &str) -> Result<Instruction, String> {
        let mut found = commands(line).unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0).says
    }

    #[test]
    fn a_comment_command_must_start_a_line_of_a_paragraph() {
        for text in [
            "/approve qa",
            "Looks good to me.\n/approve qa\nThanks.",
            "Looks good.\r\n\r\n/approve qa  \r\n",
            "   /approve qa",
            "> Is it good?\n\nYes:\n\n/approve qa",
            "<!-- a note -->\n\n/approve qa",
            "![a picture](x.png)\n/approve qa",
            "<img width=\"1\" src=\"x.png\">\n\n/approve qa",
            "- a list\n\n/approve qa\n",
            "```\n/hold\n```\n/approve qa",
        ] {
            let wrong = said(text);
            assert_eq!(wrong, ["/approve qa"], "{text}");
        }
    }

    #[test]
    fn quoted_code_or_hidden_text_is_not_a_comment_command() {
        for text in [
            "Please say /approve qa",
            "> /approve qa",
            "> Please say\n/approve qa",
            "    /approve qa",
            "```\n/approve qa\n```",
            "~~~ sh\n/approve qa",
            "`/approve qa`",
            "`a\n/approve qa\n`",
            "<!--\n/approve qa\n-->",
            "<!-- \n\n/approve qa",
            "text <!--\n/approve qa\n-->",
            "<details>\n\n/approve qa\n\n</details>",
            "<blockquote>\n\n/approve qa\n\n</blockquote>",
            "text <details>\n\n/approve qa",
            "<br><blockquote>\n\n/approve qa",
            "<pre>\n/approve qa\n</pre>",
            "- /approve qa",
            "1. one\n/approve qa",
            "- [ ] /approve qa",
            "# /approve qa",
            "/approve qa\n---",
            "a | b\n---|---\n/approve qa | x",
            "*a\n/approve qa*",
            "[a\n/approve qa](x)",
            "~~a\n/approve qa~~",
            "[^1]: /approve qa\n\n[^1]",
            "[x]: /approve\n\n[x]",
            "\\/approve qa",
            "&#47;approve qa",
            "\u{200b}/approve qa",
            "\u{a0}/approve qa",
            "\u{202e}/approve qa",
            "$$\n/approve qa\n$$",
            "/approve-all",
            "/approve/qa",
            "/аpprove qa",
            "/assign qa",
            "",
        ] {
            assert_eq!(said(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn every_comment_command_is_parsed() {
        let role = |name: &str| RoleName::new(name).ok();
        let item = |name: &str| ItemId::new(name).unwrap();
        assert_eq!(says("/approve"), Ok(Instruction::Approve { role: None, digest: None }));
        assert_eq!(
            says("/Approve qa"),
            Ok(Instruction::Approve { role: role("qa"), digest: None })
        );
        assert_eq!(
            says("/approve qa 8C1F03"),
            Ok(Instruction::Approve { role: role("qa"), digest: Some("8c1f03".into()) })
        );
        assert_eq!(
            says("/object it is slow"),
            Ok(Instruction::Object { reason: "it is slow".into() })
        );
        assert_eq!(says("/withdraw-objection"), Ok(Instruction::WithdrawObjection));
        assert_eq!(says("/done docs"), Ok(Instruction::Done { task: item("docs") }));
        assert_eq!(says("/accept upgrade"), Ok(Instruction::Accept { scenario: item("upgrade") }));
        assert_eq!(
            says("/reject upgrade\tit loses data"),
            Ok(Instruction::Reject { scenario: item("upgrade"), reason: "it loses data".into() })
        );
        assert_eq!(
            says("/hold stable wait"),
            Ok(Instruction::Hold { words: "stable wait".into() })
        );
        assert_eq!(says("/lift"), Ok(Instruction::Lift { stage: None }));
        assert_eq!(
            says("/lift stable"),
            Ok(Instruction::Lift { stage: StageName::new("stable").ok() })
        );
    }

    #[test]
    fn a_comment_command_with_extra_or_missing_arguments_is_rejected() {
        for line in [
            "/approve qa please",
            "/approve qa 8c1f03 now",
            "/approve qa!",
            "/object",
            "/withdraw-objection not yet",
            "/done",
            "/done docs not yet",
            "/accept upgrade does not work",
            "/reject upgrade",
            "/reject",
            "/hold",
            "/lift a b",
        ] {
            assert!(says(line).is_err(), "{line}: {:?}", says(line));
        }
    }

    #[test]
    fn overlong_comments_are_not_parsed() {
        let many = "/approve\n".repeat(MOST);
        assert_eq!(commands(&many).map(|all| all.len()), Some(MOST));
        assert_eq!(commands(&format!("{many}/approve")), None);
        let long = format!("/object {}", "x".repeat(LONGEST - 8));
        let Ok(Instruction::Object { reason }) = says(&long) else { panic!() };
        assert_eq!(reason.chars().count(), LONGEST_REASON);
        assert_eq!(commands(&format!("{long}x")), None);
    }
}
