//! Tags: the tokenizer's states from the tag name to the `>`, with the attributes as spans.

use super::reference::{Place, decoded};
use super::{Scanner, Span, Token};

/// One attribute as written. The value is without its quotes; it is empty if there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attribute {
    /// The name, in any case.
    pub(crate) name: Span,
    /// The value, not decoded.
    pub(crate) value: Span,
}

/// A start or end tag; its attributes are kept by the scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// The name, in any case.
    pub(crate) name: Span,
    /// It ends with `/>`.
    pub(crate) self_closing: bool,
}

#[inline]
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | b'\x0c')
}

impl Scanner<'_> {
    #[inline]
    pub(super) fn start_tag(&mut self, from: usize) -> Token {
        self.tag(from).map_or(Token::Eof, Token::Start)
    }

    #[inline]
    pub(super) fn end_tag(&mut self, from: usize) -> Token {
        self.tag(from).map_or(Token::Eof, Token::End)
    }

    /// Reads a tag whose name starts at `from`; none if the source ends inside it, which drops it.
    #[inline]
    fn tag(&mut self, from: usize) -> Option<Tag> {
        self.attributes.clear();
        let end = self.skip_until(from, |byte| is_blank(byte) || byte == b'/' || byte == b'>');
        let self_closing = self.rest_of_tag(end);
        self_closing.map(|self_closing| Tag {
            name: Span { start: from, end },
            self_closing,
        })
    }

    /// The attributes and the `>`: whether the tag closes itself.
    #[inline]
    fn rest_of_tag(&mut self, mut at: usize) -> Option<bool> {
        loop {
            at = self.skip_until(at, |byte| !is_blank(byte));
            match self.source.get(at) {
                None => {
                    self.at = self.source.len();
                    return None;
                }
                Some(b'>') => {
                    self.at = at + 1;
                    return Some(false);
                }
                Some(b'/') => {
                    at += 1;
                    if self.source.get(at) == Some(&b'>') {
                        self.at = at + 1;
                        return Some(true);
                    }
                }
                Some(_) => at = self.attribute(at),
            }
        }
    }

    /// Reads one attribute whose name starts at `from`; where the next one may start.
    #[inline]
    fn attribute(&mut self, from: usize) -> usize {
        // The first byte belongs to the name whatever it is: also `=`.
        let stop = |byte| is_blank(byte) || matches!(byte, b'/' | b'>' | b'=');
        let name = Span {
            start: from,
            end: self.skip_until(from + 1, stop),
        };
        let equals = self.skip_until(name.end, |byte| !is_blank(byte));
        if self.source.get(equals) != Some(&b'=') {
            self.attributes.push(Attribute {
                name,
                value: Span {
                    start: equals,
                    end: equals,
                },
            });
            return equals;
        }
        let start = self.skip_until(equals + 1, |byte| !is_blank(byte));
        let (value, next) = match self.source.get(start) {
            Some(&quote @ (b'"' | b'\'')) => self.quoted(quote, start + 1),
            Some(b'>') | None => (Span { start, end: start }, start),
            Some(_) => {
                let end = self.skip_until(start, |byte| is_blank(byte) || byte == b'>');
                (Span { start, end }, end)
            }
        };
        self.attributes.push(Attribute { name, value });
        next
    }

    #[inline]
    fn quoted(&self, quote: u8, start: usize) -> (Span, usize) {
        match memchr::memchr(quote, &self.source[start..]) {
            Some(length) => (
                Span {
                    start,
                    end: start + length,
                },
                start + length + 1,
            ),
            None => (
                Span {
                    start,
                    end: self.source.len(),
                },
                self.source.len(),
            ),
        }
    }

    #[inline]
    fn skip_until(&self, from: usize, stop: impl Fn(u8) -> bool) -> usize {
        let rest = &self.source[from.min(self.source.len())..];
        rest.iter()
            .position(|&byte| stop(byte))
            .map_or(self.source.len(), |length| from + length)
    }
}

impl Scanner<'_> {
    /// A number that two tags share if their attributes are the same, in any order and without repeated ones.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hashes: Vec<(u64, usize, u64)> = Vec::with_capacity(self.attributes.len());
        for (index, attribute) in self.attributes.iter().enumerate() {
            let name = hash(self.bytes(attribute.name).iter().map(u8::to_ascii_lowercase));
            hashes.push((name, index, hash(self.value(attribute).bytes())));
        }
        hashes.sort_unstable();
        hashes.dedup_by_key(|(name, _, _)| *name);
        hashes.iter().fold(0, |sum: u64, (name, _, value)| {
            sum.wrapping_add((name ^ value.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15))
        })
    }

    /// The decoded value of an attribute.
    pub(crate) fn value(&self, attribute: &Attribute) -> String {
        decoded(self.text(attribute.value), Place::Attribute)
    }
}

/// FNV-1a.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}
