//! Tags, attributes and texts with their quotes and entities.

use crate::random::Stream;
use crate::words::Language;

/// Markup that is being written, and how its author writes.
pub struct Writer {
    /// What is written.
    pub out: String,
    /// Decides the spelling.
    pub stream: Stream,
    /// Names of links and their attributes are in upper case.
    pub capitals: bool,
    /// All attributes are quoted in the same way.
    pub tidy: bool,
    /// Texts are in it.
    pub language: &'static Language,
}

impl Writer {
    /// A start tag.
    pub fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.out.push('<');
        self.name(name);
        for (name, value) in attributes {
            let quote = match self.stream.below(20) {
                _ if self.tidy => '"',
                0 | 1 => '\'',
                2 if can_stand_bare(value) => ' ',
                _ => '"',
            };
            self.attribute(name, value, quote);
        }
        self.out.push('>');
    }

    fn name(&mut self, name: &str) {
        if self.capitals {
            self.out
                .extend(name.chars().map(|letter| letter.to_ascii_uppercase()));
        } else {
            self.out.push_str(name);
        }
    }

    /// An attribute; a space for `quote` is none.
    pub fn attribute(&mut self, name: &str, value: &str, quote: char) {
        self.out.push(' ');
        self.name(name);
        self.out.push('=');
        if quote != ' ' {
            self.out.push(quote);
        }
        self.value(value, quote);
        if quote != ' ' {
            self.out.push(quote);
        }
    }

    fn value(&mut self, value: &str, quote: char) {
        // A bare `&` is right too where no reference begins, and real pages have both.
        let ampersand = if self.tidy || self.stream.per_mille(500) {
            "&amp;"
        } else {
            "&"
        };
        let colon = if self.stream.per_mille(8) { "&#58;" } else { ":" };
        for letter in value.chars() {
            match letter {
                '&' => self.out.push_str(ampersand),
                ':' => self.out.push_str(colon),
                '<' => self.out.push_str("&lt;"),
                '"' if quote != '\'' => self.out.push_str("&quot;"),
                '\'' if quote != '"' => self.out.push_str("&#x27;"),
                _ => self.out.push(letter),
            }
        }
    }

    /// A text between tags.
    pub fn text(&mut self, text: &str) {
        let numbers = self.stream.per_mille(10);
        for letter in text.chars() {
            match letter {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                _ if numbers && !letter.is_ascii() => self.out.push_str(&format!("&#{};", u32::from(letter))),
                _ => self.out.push(letter),
            }
        }
    }
}

/// The value needs no quotes.
fn can_stand_bare(value: &str) -> bool {
    let special = |byte: u8| byte.is_ascii_whitespace() || b"\"'=<>`".contains(&byte);
    !value.is_empty() && !value.bytes().any(special)
}
