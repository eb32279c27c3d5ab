//! Any metadata record gives a visit or one reason why not, and every backlink keeps the rules, as in `response`. What
//! does not begin with `{` is taken for what stands in `HTML-Metadata`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use openrefs_archive::RecordKind;
use openrefs_fuzz::{extract, record};

const BEFORE: &[u8] = br#"{"Envelope":{"WARC-Header-Metadata":{"WARC-Type":"response","WARC-Date":"2024-05-01T12:00:00Z","WARC-Target-URI":"https://www.example.com/dir/page"},"Payload-Metadata":{"HTTP-Response-Metadata":{"Response-Message":{"Status":"200"},"Headers":{"Content-Type":"text/html"},"HTML-Metadata":"#;
const BEHIND: &[u8] = b"}}}}";

fuzz_target!(|data: &[u8]| {
    let json = match data {
        [b'{', ..] => data.to_vec(),
        [_, metadata @ ..] => [BEFORE, metadata, BEHIND].concat(),
        [] => return,
    };
    extract(&record(
        RecordKind::Metadata,
        "https://www.example.com/dir/page",
        "application/json",
        &json,
    ));
});
