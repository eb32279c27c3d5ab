//! The chunked transfer coding (RFC 9112, section 7.1), undone as far as the data goes.

use memchr::memchr;

/// Longest chunk-size line that is believed; longer ones are text.
const SIZE_LINE_BYTES_MAX: usize = 4096;

/// Appends the data of a chunked body to `data`; false, with nothing appended, if it does not begin with a
/// chunk-size line (many crawlers store bodies decoded and keep the header).
pub fn undo(body: &[u8], data: &mut Vec<u8>) -> bool {
    let Some((mut size, mut rest)) = size_line(body) else {
        return false;
    };
    while size > 0 {
        let end = usize::try_from(size).unwrap_or(usize::MAX).min(rest.len());
        data.extend_from_slice(&rest[..end]);
        rest = &rest[end..];
        rest = rest.strip_prefix(b"\r").unwrap_or(rest);
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        match size_line(rest) {
            Some(next) => (size, rest) = next,
            // Broken or cut short: what was decoded so far counts.
            None => break,
        }
    }
    true
}

/// The size that a chunk-size line gives, and what follows the line.
fn size_line(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let end = memchr(b'\n', &bytes[..bytes.len().min(SIZE_LINE_BYTES_MAX)])?;
    let line = &bytes[..end];
    let digits = line.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    if digits == 0 || digits > 16 {
        return None;
    }
    let extension = line[digits..].trim_ascii();
    if !extension.is_empty() && !extension.starts_with(b";") {
        return None;
    }
    let size = std::str::from_utf8(&line[..digits]).ok()?;
    Some((u64::from_str_radix(size, 16).ok()?, &bytes[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::undo;
    use proptest::prelude::*;

    fn undone(body: &[u8]) -> Option<Vec<u8>> {
        let mut data = Vec::new();
        undo(body, &mut data).then_some(data)
    }

    #[test]
    fn chunks() {
        for (body, expected) in [
            (
                &b"4\r\nwiki\r\n5;x=y\r\npedia\r\n0\r\n\r\n"[..],
                Some(&b"wikipedia"[..]),
            ),
            (b"4\nwiki\n05 \npedia\n0\n\n", Some(b"wikipedia")),
            (b"0\r\n\r\n", Some(b"")),
            (b"4\r\nwiki\r\n5\r\nped", Some(b"wikiped")),
            (b"4\r\nwiki\r\nzz\r\npedia", Some(b"wiki")),
            (b"FFFFFFFFFFFFFFFF\r\nall", Some(b"all")),
            (b"<html>\n", None),
            (b"4 wiki\r\n", None),
            (b"00000000000000004\r\nwiki", None),
            (b"4", None),
            (b"", None),
        ] {
            assert_eq!(undone(body).as_deref(), expected, "{}", body.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..100), size in 0..200u8) {
            let mut body = format!("{size:x}\r\n").into_bytes();
            body.extend_from_slice(&bytes);
            prop_assert!(undone(&body).unwrap().len() <= bytes.len());
        }
    }
}
