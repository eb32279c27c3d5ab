//! Raw text: the content of elements whose content is not markup, up to their own end tag.

use super::{Scanner, Span};

/// How the content of an element is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RawKind {
    /// Text with character references (`title`, `textarea`).
    Rcdata,
    /// Text without any (`style`, `xmp`, `iframe`, `noembed`, `noframes`).
    Rawtext,
    /// `script`, with its rules for `<!--`.
    Script,
    /// Everything to the end of the source (`plaintext`).
    Plaintext,
}

/// Where the reader stands in a script; see "script data escaped state" and those after it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Escaped,
    DoubleEscaped,
}

impl Scanner<'_> {
    /// Reads the content of the element `name` (in any case) from here. The next token is its end tag, or the end of
    /// the source.
    pub(crate) fn raw_text(&mut self, kind: RawKind, name: &[u8]) -> Span {
        let start = self.at;
        let end = match kind {
            RawKind::Plaintext => None,
            RawKind::Script => self.script_end(start),
            RawKind::Rcdata | RawKind::Rawtext => self.end_tag_of(name, start),
        };
        self.at = end.unwrap_or(self.source.len());
        Span { start, end: self.at }
    }

    fn end_tag_of(&self, name: &[u8], mut at: usize) -> Option<usize> {
        while let Some(found) = memchr::memchr(b'<', &self.source[at..]) {
            let start = at + found;
            if self.source.get(start + 1) == Some(&b'/') && self.word_at(name, start + 2) {
                return Some(start);
            }
            at = start + 1;
        }
        None
    }

    /// Whether `word` stands at `at` in any case, and what follows ends a tag name.
    fn word_at(&self, word: &[u8], at: usize) -> bool {
        let end = at + word.len();
        let ends = self
            .source
            .get(end)
            .is_some_and(|byte| b" \t\n\r\x0c/>".contains(byte));
        ends && self.source[at..end].eq_ignore_ascii_case(word)
    }

    fn script_end(&self, mut at: usize) -> Option<usize> {
        let mut escape = Escape::None;
        loop {
            at += match escape {
                Escape::None => memchr::memchr(b'<', &self.source[at..])?,
                _ => memchr::memchr2(b'<', b'-', &self.source[at..])?,
            };
            let rest = &self.source[at..];
            if rest[0] == b'-' {
                if rest.starts_with(b"-->") {
                    escape = Escape::None;
                }
                at += 1;
            } else if self.word_at(b"/script", at + 1) {
                if escape != Escape::DoubleEscaped {
                    return Some(at);
                }
                escape = Escape::Escaped;
                at += 1;
            } else if escape == Escape::None && rest.starts_with(b"<!--") {
                // The two dashes may at once be those of `-->`.
                escape = Escape::Escaped;
                at += 2;
            } else {
                if escape == Escape::Escaped && self.word_at(b"script", at + 1) {
                    escape = Escape::DoubleEscaped;
                }
                at += 1;
            }
        }
    }
}
