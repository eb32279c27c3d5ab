//! The limits that the rules of counting state. What they drop or cut is counted, but for anchors.

/// A canonical URL longer than this is dropped, bytes.
pub const URL_BYTES_MAX: usize = 2_048;
/// Distinct backlinks that one visit keeps.
pub const BACKLINKS_PER_VISIT_MAX: usize = 10_000;
/// Code points of an anchor that are kept.
pub const ANCHOR_CHARS_MAX: usize = 256;
/// HTTP header bytes of a visit that are read.
pub const HEADER_BYTES_MAX: usize = 1 << 20;
/// Decoded body bytes of a visit that are read.
pub const BODY_BYTES_MAX: usize = 32 << 20;
