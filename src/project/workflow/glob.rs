//! GitHub's filter patterns, which differ from other glob dialects
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet>).

/// A pattern for branch names, paths, or the possible names of a job's checks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Glob(Vec<Token>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// One of these characters.
    Once(Class),
    /// One of these characters, or nothing.
    Maybe(Class),
    /// Any number of these characters.
    Many(Class),
    /// `**/` at the start of a name: any number of folders.
    Folders,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Class {
    Char(char),
    Ranges(Vec<(char, char)>),
    NoSlash,
    Any,
}

impl Class {
    fn has(&self, c: char) -> bool {
        match self {
            Self::Char(one) => *one == c,
            Self::Ranges(ranges) => ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)),
            Self::NoSlash => c != '/',
            Self::Any => true,
        }
    }
}

impl Glob {
    /// Parses a pattern; `None` if GitHub's documentation does not define its meaning.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.is_empty() || text.starts_with(['/', '!']) || text.ends_with('/') {
            return None;
        }
        if text.starts_with("./") || text.starts_with("../") {
            return None;
        }
        let mut tokens: Vec<Token> = Vec::new();
        let mut rest = text.chars().peekable();
        let mut before = None;
        while let Some(c) = rest.next() {
            match c {
                '*' => {
                    let two = rest.next_if_eq(&'*').is_some();
                    let begins = before.is_none_or(|before| before == '/');
                    if rest.peek() == Some(&'*') {
                        return None;
                    }
                    tokens.push(match two {
                        true if begins && rest.next_if_eq(&'/').is_some() => Token::Folders,
                        true => Token::Many(Class::Any),
                        false => Token::Many(Class::NoSlash),
                    });
                }
                '?' | '+' => repeat(&mut tokens, c)?,
                '[' => tokens.push(Token::Once(class(&mut rest)?)),
                '\\' => tokens.push(Token::Once(Class::Char(rest.next()?))),
                ']' | '{' | '}' => return None,
                c => tokens.push(Token::Once(Class::Char(c))),
            }
            before = match tokens.last() {
                Some(Token::Folders) => Some('/'),
                Some(_) | None => Some(c),
            };
        }
        Some(Self(tokens))
    }

    /// Adds literal text.
    pub(super) fn text(mut self, text: &str) -> Self {
        self.0.extend(text.chars().map(|c| Token::Once(Class::Char(c))));
        self
    }

    /// Adds a gap that matches any text.
    pub(super) fn gap(mut self) -> Self {
        self.0.push(Token::Many(Class::Any));
        self
    }

    /// Whether the whole text matches. All alternatives are followed in parallel, so that no
    /// pattern is slow.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut at = vec![false; self.0.len() + 1];
        self.reach(&mut at, 0);
        for c in text.chars() {
            let mut next = vec![false; self.0.len() + 1];
            for (place, token) in self.0.iter().enumerate() {
                if at.get(place) != Some(&true) {
                    continue;
                }
                match token {
                    Token::Once(class) | Token::Maybe(class) if class.has(c) => {
                        self.reach(&mut next, place + 1);
                    }
                    Token::Many(class) if class.has(c) => self.reach(&mut next, place),
                    Token::Once(_) | Token::Maybe(_) | Token::Many(_) => {}
                    Token::Folders => {
                        // Inside a folder name, only a slash ends it.
                        mark(&mut next, place);
                        if c == '/' {
                            self.reach(&mut next, place + 1);
                        }
                    }
                }
            }
            at = next;
        }
        at.last() == Some(&true)
    }

    /// Marks a position, and the positions after it that can match the empty string.
    fn reach(&self, places: &mut [bool], from: usize) {
        for place in from..places.len() {
            mark(places, place);
            match self.0.get(place) {
                Some(Token::Maybe(_) | Token::Many(_) | Token::Folders) => {}
                Some(Token::Once(_)) | None => break,
            }
        }
    }
}

fn mark(places: &mut [bool], place: usize) {
    if let Some(marked) = places.get_mut(place) {
        *marked = true;
    }
}

/// `?` and `+` apply to the character before them.
fn repeat(tokens: &mut Vec<Token>, sign: char) -> Option<()> {
    let Some(Token::Once(class)) = tokens.pop() else { return None };
    if sign == '?' {
        tokens.push(Token::Maybe(class));
    } else {
        tokens.extend([Token::Once(class.clone()), Token::Many(class)]);
    }
    Some(())
}

/// The text between brackets: letters, digits, and ranges of them.
fn class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Class> {
    let mut ranges = Vec::new();
    loop {
        let from = match rest.next()? {
            ']' if ranges.is_empty() => return None,
            ']' => return Some(Class::Ranges(ranges)),
            c if c.is_ascii_alphanumeric() => c,
            _ => return None,
        };
        let to = match rest.next_if_eq(&'-') {
            Some(_) => rest.next().filter(|to| to.is_ascii_alphanumeric() && *to >= from)?,
            None => from,
        };
        ranges.push((from, to));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, text: &str) -> bool {
        Glob::read(pattern).unwrap().matches(text)
    }

    #[test]
    fn glob_patterns_match_as_documented_by_github() {
        let yes = [
            ("*", "README.md"),
            ("*.jsx?", "page.js"),
            ("*.jsx?", "page.jsx"),
            ("**", "all/the/files.md"),
            ("*.js", "app.js"),
            ("**.js", "js/src/index.js"),
            ("docs/*", "docs/README.md"),
            ("docs/**", "docs/mona/octocat.txt"),
            ("docs/**/*.md", "docs/README.md"),
            ("docs/**/*.md", "docs/a/markdown/file.md"),
            ("**/docs/**", "docs/hello.md"),
            ("**/docs/**", "dir/docs/my-file.txt"),
            ("**/README.md", "README.md"),
            ("**/README.md", "js/README.md"),
            ("**/*src/**", "my-src/code/js/app.js"),
            ("**/*-post.md", "path/their-post.md"),
            ("**/migrate-*.sql", "db/sept/migrate-v1.sql"),
            ("feature/**", "feature/beta-a/my-branch"),
            ("**feature", "my-feature"),
            ("v[12].[0-9]+.[0-9]+", "v2.10.0"),
            ("releases/v+", "releases/vvv"),
            (r"c\+\+", "c++"),
            ("ärger/*", "ärger/é"),
        ];
        for (pattern, text) in yes {
            assert!(fits(pattern, text), "`{pattern}` and `{text}`");
        }
        let no = [
            ("*", "docs/README.md"),
            ("*.js", "js/app.js"),
            ("docs/*", "docs/a/b.md"),
            ("docs/**", "docs"),
            ("**/docs/**", "mydocs/hello.md"),
            ("docs/**/*.md", "docsx/README.md"),
            ("docs/**/*.md", "docs/a.txt"),
            ("main", "main2"),
            ("main", "Main"),
            ("v[12].[0-9]+.[0-9]+", "v3.1.0"),
            ("v[12].[0-9]+.[0-9]+", "v1..0"),
            ("*.jsx?", "page.jsxx"),
        ];
        for (pattern, text) in no {
            assert!(!fits(pattern, text), "`{pattern}` and `{text}`");
        }
    }

    #[test]
    fn undocumented_glob_syntax_is_not_a_pattern() {
        let odd = [
            "", "a***", "?a", "*?", "**+", "[a", "[]", "[!a]", "[z-a]", "a]", "{a,b}", "docs/",
            "/docs", "./docs", "a\\",
        ];
        for pattern in odd {
            assert_eq!(Glob::read(pattern), None, "`{pattern}`");
        }
    }

    #[test]
    fn glob_matching_is_never_slow() {
        let pattern = "**a".repeat(200);
        assert!(!fits(&pattern, &"a".repeat(4000).replace("aaaa", "aaab")));
    }
}
