//! Any response record gives a visit or one reason why not, and every backlink keeps the rules: canonical URLs, another
//! registrable domain, a normal anchor. The first line of the input is the URL of the page.

#![no_main]

use libfuzzer_sys::fuzz_target;
use openrefs_archive::RecordKind;
use openrefs_fuzz::{extract, record};

fuzz_target!(|data: &[u8]| {
    let line = data.iter().position(|&byte| byte == b'\n').unwrap_or(data.len());
    let uri = match std::str::from_utf8(&data[..line]) {
        Ok(uri) if !uri.is_empty() => uri,
        _ => "https://www.example.com/dir/page?query",
    };
    let rest = data.get(line + 1..).unwrap_or_default();
    let block = if rest.starts_with(b"HTTP") {
        rest.to_vec()
    } else {
        // What most inputs would fail to say: that they are a page.
        [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n", rest].concat()
    };
    extract(&record(
        RecordKind::Response,
        uri,
        "application/http; msgtype=response",
        &block,
    ));
});
