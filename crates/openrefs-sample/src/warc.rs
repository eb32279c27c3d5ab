//! The bytes of WARC records: head, block, and the fields that name and date them.

use sha1::{Digest, Sha1};

use crate::random::Stream;

/// The version that all records have.
pub const VERSION: &str = "WARC/1.1";

/// The fields of one record, in their order.
pub type Fields = Vec<(&'static str, String)>;

/// Writes a record over what `out` holds.
pub fn write(out: &mut Vec<u8>, fields: &[(&str, String)], parts: &[&[u8]]) {
    out.clear();
    out.extend(VERSION.bytes());
    for (name, value) in fields {
        out.extend(b"\r\n");
        out.extend(name.bytes());
        out.extend(b": ");
        out.extend(value.bytes());
    }
    out.extend(b"\r\n\r\n");
    for part in parts {
        out.extend_from_slice(part);
    }
    out.extend(b"\r\n\r\n");
}

/// A record identifier in the form of a random UUID.
pub fn identifier(stream: &mut Stream) -> String {
    let (high, low) = (stream.bits(), stream.bits());
    let variant = low >> 48 & 0x3fff | 0x8000;
    format!(
        "<urn:uuid:{:08x}-{:04x}-4{:03x}-{variant:04x}-{:012x}>",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low & 0xffff_ffff_ffff
    )
}

/// `sha1:` and the digest in base 32, as archives write it.
pub fn digest(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = "sha1:".to_owned();
    // 20 bytes are four groups of 40 bits, so nothing is left over.
    for group in Sha1::digest(bytes).chunks_exact(5) {
        let bits = group
            .iter()
            .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        text.extend(
            (0..8)
                .rev()
                .map(|at| char::from(LETTERS[(bits >> (at * 5) & 31) as usize])),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn digests_and_identifiers() {
        assert_eq!(digest(b""), "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ");
        let text = identifier(&mut Stream::new(1, Purpose::Visit, 1));
        assert_eq!(text.len(), "<urn:uuid:>".len() + 36);
        assert_eq!(&text[24..25], "4");
    }
}
