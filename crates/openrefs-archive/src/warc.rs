//! Heads of WARC records (ISO 28500, versions 0.17 to 1.1, <https://iipc.github.io/warc-specifications/>): a version line,
//! then named fields up to a blank line. Read leniently: LF alone ends a line, names in any case, white space before the
//! colon, values folded over lines, lines without a colon passed over. Of repeated fields the first counts.

use crate::RecordKind;
use crate::head::{Format, Head, Parsed, length, text};
use memchr::memchr;

const NAME_BYTES_MAX: usize = 256;

/// Whether `data` starts with a version line and, after it, a named field. `ended`: a cut inside these is forgiven.
pub(crate) fn is_head(data: &[u8], ended: bool) -> bool {
    let Some(version) = version_bytes(data) else {
        return ended && data.len() >= 5 && is_cut_version(data);
    };
    let rest = &data[version..];
    match memchr(b':', &rest[..rest.len().min(NAME_BYTES_MAX)]) {
        Some(colon) => is_name(&rest[..colon]),
        None => ended && rest.len() < NAME_BYTES_MAX && rest.iter().all(|&byte| is_name_byte(byte)),
    }
}

/// Length of the version line with its end: `WARC/` in any case, a number, a dot, a number.
fn version_bytes(data: &[u8]) -> Option<usize> {
    if !data.get(..5)?.eq_ignore_ascii_case(b"WARC/") {
        return None;
    }
    let line = memchr(b'\n', &data[..data.len().min(64)])?;
    is_version(data[5..line].trim_ascii()).then_some(line + 1)
}

fn is_version(text: &[u8]) -> bool {
    let mut parts = text.split(|&byte| byte == b'.');
    let is_number = |part: Option<&[u8]>| {
        part.is_some_and(|part| !part.is_empty() && part.len() <= 4 && part.iter().all(u8::is_ascii_digit))
    };
    is_number(parts.next()) && is_number(parts.next()) && parts.next().is_none()
}

fn is_cut_version(data: &[u8]) -> bool {
    data.len() < 64
        && data[..5].eq_ignore_ascii_case(b"WARC/")
        && data[5..]
            .iter()
            .all(|&byte| byte.is_ascii_digit() || byte == b'.' || byte == b'\r')
}

fn is_name(name: &[u8]) -> bool {
    let name = name.trim_ascii_end();
    !name.is_empty() && name.iter().all(|&byte| is_name_byte(byte))
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Parses a head that [`is_head`] knew.
pub(crate) fn parse(data: &[u8]) -> Parsed {
    let bytes = match head_bytes(data) {
        End::At(bytes) => bytes,
        End::Open => return Parsed::Open,
        End::Cut => return Parsed::Cut,
    };
    let mut fields = Fields::default();
    let mut lines = lines(&data[..bytes]);
    lines.next();
    let mut field: Option<(&[u8], Vec<u8>)> = None;
    for line in lines {
        if line.first().is_some_and(|&byte| byte == b' ' || byte == b'\t') {
            if let Some((_, value)) = &mut field {
                value.push(b' ');
                value.extend_from_slice(line.trim_ascii());
            }
            continue;
        }
        fields.take(field.take());
        if let Some(colon) = memchr(b':', line) {
            let name = line[..colon].trim_ascii();
            if Fields::wants(name) {
                field = Some((name, line[colon + 1..].trim_ascii().to_vec()));
            }
        }
    }
    fields.take(field);
    Parsed::Head(fields.head(bytes))
}

/// Where a head ends.
enum End {
    At(usize),
    Open,
    Cut,
}

/// Length of the head with the blank line that ends it. Another head before that means this one was cut short; to look
/// further would cost the square of the length in an archive of cut heads.
fn head_bytes(data: &[u8]) -> End {
    let mut at = 0;
    loop {
        let Some(line) = memchr(b'\n', &data[at..]) else {
            return End::Open;
        };
        at += line + 1;
        match data[at..] {
            [b'\n', ..] => return End::At(at + 1),
            [b'\r', b'\n', ..] => return End::At(at + 2),
            [b'W' | b'w', ..] if is_head(&data[at..], false) => return End::Cut,
            _ => {}
        }
    }
}

fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split(|&byte| byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

#[derive(Default)]
struct Fields {
    kind: Option<RecordKind>,
    target_uri: Option<String>,
    date: Option<String>,
    ip: Option<String>,
    content_type: Option<String>,
    length: Option<Option<u64>>,
}

impl Fields {
    const NAMES: [&'static str; 6] = [
        "WARC-Type",
        "WARC-Target-URI",
        "WARC-Date",
        "WARC-IP-Address",
        "Content-Type",
        "Content-Length",
    ];

    fn wants(name: &[u8]) -> bool {
        Self::NAMES
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
    }

    fn take(&mut self, field: Option<(&[u8], Vec<u8>)>) {
        let Some((name, value)) = field else { return };
        let value = text(value.trim_ascii());
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if is("WARC-Type") {
            self.kind.get_or_insert_with(|| kind(&value));
        } else if is("Content-Length") {
            self.length.get_or_insert_with(|| length(&value));
        } else if is("WARC-Target-URI") {
            self.target_uri.get_or_insert_with(|| bare_uri(&value));
        } else if is("WARC-Date") {
            self.date.get_or_insert(value);
        } else if is("WARC-IP-Address") {
            self.ip.get_or_insert(value);
        } else {
            self.content_type.get_or_insert(value);
        }
    }

    fn head(self, bytes: usize) -> Head {
        let present = |value: Option<String>| value.filter(|text| !text.is_empty());
        Head {
            format: Format::Warc,
            kind: self.kind.unwrap_or(RecordKind::Other),
            target_uri: present(self.target_uri),
            date: present(self.date),
            ip: present(self.ip),
            content_type: present(self.content_type),
            length: self.length.flatten(),
            bytes,
        }
    }
}

/// The URI without the angle brackets that WARC 1.0's grammar, and so wget, put around it.
fn bare_uri(value: &str) -> String {
    let value = value.strip_prefix('<').unwrap_or(value);
    value.strip_suffix('>').unwrap_or(value).trim().to_owned()
}

fn kind(value: &str) -> RecordKind {
    let known = [
        ("response", RecordKind::Response),
        ("request", RecordKind::Request),
        ("revisit", RecordKind::Revisit),
        ("resource", RecordKind::Resource),
        ("conversion", RecordKind::Conversion),
        ("metadata", RecordKind::Metadata),
        ("warcinfo", RecordKind::Warcinfo),
        ("continuation", RecordKind::Continuation),
    ];
    known
        .iter()
        .find(|(name, _)| value.eq_ignore_ascii_case(name))
        .map_or(RecordKind::Other, |&(_, kind)| kind)
}
