//! The tokenizer: HTML text to tokens that are spans of it, as the standard's tokenization stage finds them.
//!
//! Nothing is copied and nothing is decoded here: a token says where its parts are, and who needs one of them decodes
//! it ([`reference`]). Which raw text follows a start tag is the tree builder's business: it calls
//! [`Scanner::raw_text`]. Parse errors are not reported. Stage and state names:
//! <https://html.spec.whatwg.org/multipage/parsing.html#tokenization>.

pub(crate) mod doctype;
mod raw;
pub(crate) mod reference;
mod tag;

pub(crate) use raw::RawKind;
pub(crate) use tag::{Attribute, Tag};

/// A piece of the source: byte offsets, end exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// One token. The attributes of a tag are those of the scanner until the next token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// Text with character references. Several may follow one another.
    Text(Span),
    /// Text of a CDATA section, without character references.
    Cdata(Span),
    /// A start tag.
    Start(Tag),
    /// An end tag.
    End(Tag),
    /// A comment of any kind; its text is nobody's business.
    Comment,
    /// A doctype: what stands between `<!doctype` and `>`, and whether the `>` was there.
    Doctype(Span, bool),
    /// The end of the source.
    Eof,
}

/// Reads tokens from a source that is wholly in memory.
pub(crate) struct Scanner<'a> {
    text: &'a str,
    source: &'a [u8],
    at: usize,
    attributes: Vec<Attribute>,
}

impl<'a> Scanner<'a> {
    /// A scanner at the start of `text`; one byte order mark there is skipped.
    pub(crate) fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Scanner {
            text,
            source: text.as_bytes(),
            at,
            attributes: Vec::new(),
        }
    }

    /// The source of a span.
    #[inline]
    pub(crate) fn text(&self, span: Span) -> &'a str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    /// The source of a span, as bytes.
    #[inline]
    pub(crate) fn bytes(&self, span: Span) -> &'a [u8] {
        &self.source[span.start..span.end]
    }

    /// The attributes of the tag that was read last, in order, duplicates included.
    #[inline]
    pub(crate) fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The next token. `in_foreign` is asked only before `<![CDATA[`: whether the adjusted current node is an
    /// element outside the HTML namespace.
    #[inline]
    pub(crate) fn next(&mut self, in_foreign: impl FnOnce() -> bool) -> Token {
        loop {
            let start = self.at;
            if self.source.get(start) != Some(&b'<') {
                return self.characters(start, start);
            }
            match self.source.get(start + 1) {
                Some(byte) if byte.is_ascii_alphabetic() => return self.start_tag(start + 1),
                Some(b'/') => match self.source.get(start + 2) {
                    Some(byte) if byte.is_ascii_alphabetic() => return self.end_tag(start + 2),
                    Some(b'>') => self.at = start + 3,
                    Some(_) => return self.bogus_comment(start + 2),
                    None => return self.characters(start, start + 2),
                },
                Some(b'!') => return self.declaration(start + 2, in_foreign),
                Some(b'?') => return self.bogus_comment(start + 1),
                _ => return self.characters(start, start + 1),
            }
        }
    }

    /// Text from `start` up to the first `<` at or after `search`; the end of the source if there is no text.
    #[inline]
    fn characters(&mut self, start: usize, search: usize) -> Token {
        let rest = &self.source[search..];
        self.at = memchr::memchr(b'<', rest).map_or(self.source.len(), |found| search + found);
        if self.at == start {
            Token::Eof
        } else {
            Token::Text(Span { start, end: self.at })
        }
    }

    fn bogus_comment(&mut self, from: usize) -> Token {
        self.at = self.after_byte(b'>', from);
        Token::Comment
    }

    fn after_byte(&self, byte: u8, from: usize) -> usize {
        memchr::memchr(byte, &self.source[from..]).map_or(self.source.len(), |found| from + found + 1)
    }

    /// The markup declaration open state, after `<!`.
    fn declaration(&mut self, from: usize, in_foreign: impl FnOnce() -> bool) -> Token {
        let rest = &self.source[from..];
        if rest.starts_with(b"--") {
            self.at = self.comment_end(from + 2);
            return Token::Comment;
        }
        if rest.len() >= 7 && rest[..7].eq_ignore_ascii_case(b"doctype") {
            return self.doctype(from + 7);
        }
        if rest.starts_with(b"[CDATA[") && in_foreign() {
            return self.cdata(from + 7);
        }
        self.bogus_comment(from)
    }

    /// Where a comment ends whose `<!--` ends at `from`.
    fn comment_end(&self, from: usize) -> usize {
        let rest = &self.source[from..];
        if rest.starts_with(b">") {
            return from + 1;
        }
        if rest.starts_with(b"->") {
            return from + 2;
        }
        let mut at = from;
        while let Some(found) = memchr::memchr(b'>', &self.source[at..]) {
            let end = at + found;
            let before = &self.source[from..end];
            at = end + 1;
            if before.ends_with(b"--") || before.ends_with(b"--!") {
                return at;
            }
        }
        self.source.len()
    }

    fn doctype(&mut self, from: usize) -> Token {
        self.at = self.after_byte(b'>', from);
        let closed = self.at > from && self.source[self.at - 1] == b'>';
        Token::Doctype(
            Span {
                start: from,
                end: self.at - usize::from(closed),
            },
            closed,
        )
    }

    fn cdata(&mut self, from: usize) -> Token {
        let found = memchr::memmem::find(&self.source[from..], b"]]>");
        let end = found.map_or(self.source.len(), |found| from + found);
        self.at = if found.is_some() { end + 3 } else { end };
        Token::Cdata(Span { start: from, end })
    }
}

#[cfg(test)]
mod tests;
