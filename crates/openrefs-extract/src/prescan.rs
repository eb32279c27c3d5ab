//! The HTML standard's search for a page's own statement of its character set:
//! <https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding>.
//!
//! The functions bear the names of the standard's algorithms; None stands for the end of the bytes as well as for
//! "nothing found", since both end the search.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};
use memchr::memmem;

/// How many bytes the standard tells to look at.
const BYTES_MAX: usize = 1024;

/// The character set that the beginning of a page states.
pub fn prescan(body: &[u8]) -> Option<&'static Encoding> {
    let bytes = &body[..body.len().min(BYTES_MAX)];
    if bytes.starts_with(b"<\0?\0x\0") {
        return Some(UTF_16LE);
    }
    if bytes.starts_with(b"\0<\0?\0x") {
        return Some(UTF_16BE);
    }
    Scan { bytes, at: 0 }.tags().or_else(|| xml_encoding(bytes))
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// One attribute as "get an attribute" gives it: ASCII letters in lower case.
struct Attribute {
    name: Vec<u8>,
    value: Vec<u8>,
}

impl Scan<'_> {
    fn tags(&mut self) -> Option<&'static Encoding> {
        loop {
            self.at += memchr::memchr(b'<', self.bytes.get(self.at..)?)?;
            let rest = &self.bytes[self.at..];
            if rest.starts_with(b"<!--") {
                // The dashes of `<!-->` may be those of its end.
                self.at += 2 + memmem::find(&rest[2..], b"-->")? + 3;
            } else if is_meta(rest) {
                self.at += 5;
                if let Some(found) = self.meta()? {
                    return Some(found);
                }
                self.at += 1;
            } else if is_tag(rest) {
                self.at += rest.iter().position(|&b| is_blank(b) || b == b'>')?;
                while self.attribute()?.is_some() {}
                self.at += 1;
            } else if matches!(rest.get(1), Some(b'!' | b'/' | b'?')) {
                self.at += memchr::memchr(b'>', rest)? + 1;
            } else {
                self.at += 1;
            }
        }
    }

    /// The attributes of a `meta`; Some(None) if they state no character set.
    fn meta(&mut self) -> Option<Option<&'static Encoding>> {
        let mut seen: Vec<Vec<u8>> = Vec::new();
        let mut got_pragma = false;
        let mut need_pragma = None;
        let mut charset: Option<&'static Encoding> = None;
        while let Some(attribute) = self.attribute()? {
            if seen.contains(&attribute.name) {
                continue;
            }
            match attribute.name.as_slice() {
                b"http-equiv" => got_pragma |= attribute.value == b"content-type",
                b"content" if charset.is_none() => {
                    if let Some(found) = from_meta_content(&attribute.value) {
                        charset = Some(found);
                        need_pragma = Some(true);
                    }
                }
                b"charset" => {
                    charset = Encoding::for_label(&attribute.value);
                    need_pragma = Some(false);
                }
                _ => {}
            }
            seen.push(attribute.name);
        }
        Some(match need_pragma {
            None => None,
            Some(true) if !got_pragma => None,
            Some(_) => charset.map(as_if_read),
        })
    }

    /// The next attribute; Some(None) at the `>` of the tag, where the scan then stands.
    fn attribute(&mut self) -> Option<Option<Attribute>> {
        while is_blank(self.byte()?) || self.byte()? == b'/' {
            self.at += 1;
        }
        if self.byte()? == b'>' {
            return Some(None);
        }
        let mut attribute = Attribute {
            name: Vec::new(),
            value: Vec::new(),
        };
        loop {
            match self.byte()? {
                b'=' if !attribute.name.is_empty() => break,
                b if is_blank(b) => {
                    self.blanks()?;
                    if self.byte()? != b'=' {
                        return Some(Some(attribute));
                    }
                    break;
                }
                b'/' | b'>' => return Some(Some(attribute)),
                b => attribute.name.push(b.to_ascii_lowercase()),
            }
            self.at += 1;
        }
        self.at += 1;
        self.blanks()?;
        self.value(&mut attribute.value)?;
        Some(Some(attribute))
    }

    fn value(&mut self, value: &mut Vec<u8>) -> Option<()> {
        let first = self.byte()?;
        if matches!(first, b'"' | b'\'') {
            self.at += 1;
            while self.byte()? != first {
                value.push(self.byte()?.to_ascii_lowercase());
                self.at += 1;
            }
            self.at += 1;
        } else {
            while !is_blank(self.byte()?) && self.byte()? != b'>' {
                value.push(self.byte()?.to_ascii_lowercase());
                self.at += 1;
            }
        }
        Some(())
    }

    fn blanks(&mut self) -> Option<()> {
        while is_blank(self.byte()?) {
            self.at += 1;
        }
        Some(())
    }

    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn is_meta(rest: &[u8]) -> bool {
    let name = rest
        .get(1..5)
        .is_some_and(|name| name.eq_ignore_ascii_case(b"meta"));
    name && rest.get(5).is_some_and(|&end| is_blank(end) || end == b'/')
}

fn is_tag(rest: &[u8]) -> bool {
    matches!(rest, [_, b'/', letter, ..] | [_, letter, ..] if letter.is_ascii_alphabetic())
}

/// A page that can state its character set in ASCII is not in UTF-16; and x-user-defined is used for windows-1252.
fn as_if_read(stated: &'static Encoding) -> &'static Encoding {
    if stated == UTF_16BE || stated == UTF_16LE {
        UTF_8
    } else if stated == X_USER_DEFINED {
        WINDOWS_1252
    } else {
        stated
    }
}

/// "Extracting a character encoding from a meta element"; `content` is in lower case.
fn from_meta_content(content: &[u8]) -> Option<&'static Encoding> {
    let mut rest = content;
    loop {
        rest = &rest[memmem::find(rest, b"charset")? + b"charset".len()..];
        rest = skip_blanks(rest);
        if let Some(after) = rest.strip_prefix(b"=") {
            rest = skip_blanks(after);
            break;
        }
    }
    let label = match *rest.first()? {
        quote @ (b'"' | b'\'') => {
            let inside = &rest[1..];
            &inside[..memchr::memchr(quote, inside)?]
        }
        _ => {
            let end = rest.iter().position(|&b| is_blank(b) || b == b';');
            &rest[..end.unwrap_or(rest.len())]
        }
    };
    Encoding::for_label(label)
}

fn skip_blanks(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().take_while(|&&b| is_blank(b)).count();
    &bytes[blanks..]
}

/// "Get an XML encoding": the declaration at the very beginning of an XHTML page.
fn xml_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    if !bytes.starts_with(b"<?xml") {
        return None;
    }
    let declaration = &bytes[..memchr::memchr(b'>', bytes)?];
    let rest = &declaration[memmem::find(declaration, b"encoding")? + b"encoding".len()..];
    let rest = skip_controls(rest).strip_prefix(b"=")?;
    let (&quote, inside) = skip_controls(rest).split_first()?;
    if !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let label = &inside[..memchr::memchr(quote, inside)?];
    if label.iter().any(|&b| b <= b' ') {
        return None;
    }
    let stated = Encoding::for_label(label)?;
    Some(if stated == UTF_16BE || stated == UTF_16LE {
        UTF_8
    } else {
        stated
    })
}

fn skip_controls(bytes: &[u8]) -> &[u8] {
    let controls = bytes.iter().take_while(|&&b| b <= b' ').count();
    &bytes[controls..]
}

#[cfg(test)]
mod tests {
    use super::prescan;
    use proptest::prelude::*;

    #[test]
    fn what_a_page_states() {
        for (page, expected) in [
            ("<meta charset=utf-8>", Some("UTF-8")),
            ("<META CharSet = 'Shift_JIS' >", Some("Shift_JIS")),
            ("<meta/charset=\"koi8-r\"/>", Some("KOI8-R")),
            (
                "<html lang=a><head><title>x</title><meta charset=big5>",
                Some("Big5"),
            ),
            (
                "<meta http-equiv=Content-Type content='text/html; charset=gb2312'>",
                Some("GBK"),
            ),
            (
                "<meta content='text/html;charset = \"euc-kr\" ' http-equiv=content-type>",
                Some("EUC-KR"),
            ),
            (
                "<meta content='charset x charset=euc-jp;y' http-equiv=content-type>",
                Some("EUC-JP"),
            ),
            ("<meta content='text/html; charset=gb2312'>", None),
            ("<meta name=description content='charset=gb2312'>", None),
            ("<meta http-equiv=content-type content='charset=\"gb2312'>", None),
            ("<meta charset=utf-16>", Some("UTF-8")),
            ("<meta charset=utf-16be>", Some("UTF-8")),
            ("<meta charset=x-user-defined>", Some("windows-1252")),
            ("<meta charset=iso-8859-1>", Some("windows-1252")),
            ("<meta charset=rubbish><meta charset=utf-8>", Some("UTF-8")),
            ("<meta charset=utf-8 charset=big5>", Some("UTF-8")),
            ("<!-- <meta charset=big5> --><meta charset=utf-8>", Some("UTF-8")),
            ("<!--><meta charset=utf-8>", Some("UTF-8")),
            ("<!-- <meta charset=utf-8>", None),
            ("<? <meta charset=utf-8>", None),
            ("</ <meta charset=big5><meta charset=utf-8>", Some("UTF-8")),
            (
                "<p title='<meta charset=big5>'><meta charset=utf-8>",
                Some("UTF-8"),
            ),
            ("<p title=\"><meta charset=utf-8>", None),
            ("<metadata charset=utf-8>", None),
            ("<meta charset=utf-8", None),
            ("<meta", None),
            ("a < b <meta charset=utf-8>", Some("UTF-8")),
            ("<?xml version='1.0' encoding='koi8-u'?><p>", Some("KOI8-U")),
            ("<?xml version='1.0' encoding = \"utf-16\"?><p>", Some("UTF-8")),
            ("<?xml encoding='big5'?><meta charset=utf-8>", Some("UTF-8")),
            (" <?xml version='1.0' encoding='koi8-u'?>", None),
            ("<\0?\0x\0", Some("UTF-16LE")),
            ("\0<\0?\0x", Some("UTF-16BE")),
            ("", None),
        ] {
            assert_eq!(prescan(page.as_bytes()).map(|e| e.name()), expected, "{page}");
        }
    }

    #[test]
    fn only_the_first_1024_bytes_are_searched() {
        let tag = "<meta charset=utf-8>";
        let page = |blanks: usize| " ".repeat(blanks) + tag;
        assert!(prescan(page(1024 - tag.len()).as_bytes()).is_some());
        assert!(prescan(page(1025 - tag.len()).as_bytes()).is_none());
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prescan(&bytes);
        }

        #[test]
        fn tag_soup(page in "(<meta |<!--|-->|<\\?xml|>|=|\"|'|charset|content|http-equiv|encoding| |/|[a-z]){0,30}") {
            prescan(page.as_bytes());
        }
    }
}
