//! The header fields of a response that the rules read, wherever they come from (HTTP head or WAT envelope).
//!
//! Of repeated headers the first counts, except `Link` and `X-Robots-Tag`, which all count.

use std::borrow::Cow;

/// The fields that matter, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields<'a> {
    /// `Content-Type`
    pub content_type: Option<Cow<'a, str>>,
    /// `Location`
    pub location: Option<Cow<'a, str>>,
    /// `Transfer-Encoding`
    pub transfer_encoding: Option<Cow<'a, str>>,
    /// `Content-Encoding`
    pub content_encoding: Option<Cow<'a, str>>,
    /// Every `Link`
    pub links: Vec<Cow<'a, str>>,
    /// Every `X-Robots-Tag`
    pub robots: Vec<Cow<'a, str>>,
}

/// A field that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `Content-Type`
    ContentType,
    /// `Location`
    Location,
    /// `Transfer-Encoding`
    TransferEncoding,
    /// `Content-Encoding`
    ContentEncoding,
    /// `Link`
    Link,
    /// `X-Robots-Tag`
    Robots,
}

const NAMES: [(&[u8], Field); 6] = [
    (b"content-type", Field::ContentType),
    (b"location", Field::Location),
    (b"transfer-encoding", Field::TransferEncoding),
    (b"content-encoding", Field::ContentEncoding),
    (b"link", Field::Link),
    (b"x-robots-tag", Field::Robots),
];

impl Field {
    /// The field of a name in any case; None if no rule reads it.
    pub fn named(name: &[u8]) -> Option<Self> {
        let name = name.trim_ascii();
        NAMES
            .iter()
            .find(|(known, _)| name.eq_ignore_ascii_case(known))
            .map(|&(_, field)| field)
    }
}

impl<'a> Fields<'a> {
    /// Takes the next field of the head.
    pub fn put(&mut self, field: Field, value: Cow<'a, str>) {
        let first = match field {
            Field::Link => return self.links.push(value),
            Field::Robots => return self.robots.push(value),
            Field::ContentType => &mut self.content_type,
            Field::Location => &mut self.location,
            Field::TransferEncoding => &mut self.transfer_encoding,
            Field::ContentEncoding => &mut self.content_encoding,
        };
        first.get_or_insert(value);
    }

    /// The media type: `Content-Type` up to `;`, `,` or white space, as written; empty if there is none.
    pub fn media_type(&self) -> &str {
        let value = self.content_type.as_deref().unwrap_or_default().trim_start();
        let end = value.find(|c: char| c == ';' || c == ',' || c.is_whitespace());
        &value[..end.unwrap_or(value.len())]
    }

    /// Whether the media type is one that holds HTML.
    pub fn is_html(&self) -> bool {
        let media_type = self.media_type();
        media_type.eq_ignore_ascii_case("text/html")
            || media_type.eq_ignore_ascii_case("application/xhtml+xml")
    }

    /// Where a redirect leads, trimmed; None if nowhere.
    pub fn redirect(&self) -> Option<&str> {
        self.location
            .as_deref()
            .map(str::trim)
            .filter(|location| !location.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(content_type: &str) -> bool {
        let mut fields = Fields::default();
        fields.put(Field::ContentType, content_type.into());
        fields.is_html()
    }

    #[test]
    fn media_types_end_at_semicolon_comma_or_white_space() {
        for yes in [
            "text/html",
            " Text/HTML;charset=x",
            "text/html, text/plain",
            "text/html charset=utf-8",
            "APPLICATION/xhtml+xml",
        ] {
            assert!(html(yes), "{yes}");
        }
        for no in [
            "",
            "text/htm",
            "text/html5",
            "text/plain;text/html",
            "; text/html",
            "application/xml",
        ] {
            assert!(!html(no), "{no}");
        }
        assert!(!Fields::default().is_html());
    }

    #[test]
    fn first_of_repeated_headers_counts_but_for_two() {
        let mut fields = Fields::default();
        for (name, value) in [
            ("Content-Type", ""),
            ("content-type", "text/html"),
            ("LINK", "a"),
            ("link", "b"),
            ("X-Robots-TAG", "none"),
            ("x-robots-tag", "all"),
            ("location", " "),
        ] {
            fields.put(Field::named(name.as_bytes()).unwrap(), value.into());
        }
        assert!(!fields.is_html());
        assert_eq!(fields.links, ["a", "b"]);
        assert_eq!(fields.robots, ["none", "all"]);
        assert_eq!(fields.redirect(), None);
        assert_eq!(Field::named(b"Content-Length"), None);
    }
}
