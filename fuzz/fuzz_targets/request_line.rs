//! Request lines: however the bytes of a connection come in, they go out the same, with the same lines; nothing but the
//! spelling of bytes is changed; and no target of a request keeps a byte that the parser of HTTP refuses.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use openrefs::http::request_line::Lines;

const LINE_MAX: usize = 1_000;

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    sizes: Vec<u8>,
    bytes: &'a [u8],
    requests: Vec<Request<'a>>,
}

#[derive(Arbitrary, Debug)]
struct Request<'a> {
    post: bool,
    old: bool,
    lone_feed: bool,
    target: &'a [u8],
    header: &'a [u8],
}

fuzz_target!(|case: Case<'_>| {
    rewritten(case.bytes, &case.sizes);

    let mut sent = Vec::new();
    let mut targets = 0;
    for request in &case.requests {
        let target = without_controls(request.target, 200);
        let end: &[u8] = if request.lone_feed { b"\n" } else { b"\r\n" };
        sent.extend(if request.post { &b"POST /"[..] } else { b"GET /" });
        sent.extend(&target);
        sent.extend(if request.old { b" HTTP/1.0" } else { b" HTTP/1.1" });
        sent.extend(end);
        sent.extend(b"x: ");
        sent.extend(without_controls(request.header, 200));
        sent.extend([end, end].concat());
        targets += 1;
    }
    let out = rewritten(&sent, &case.sizes);
    let lines: Vec<&[u8]> = out.split(|byte| *byte == b'\n').collect();
    for line in lines.iter().step_by(3).take(targets) {
        let mut parts = line.split(|byte| *byte == b' ');
        let (method, target, version) = (parts.next(), parts.next(), parts.next());
        assert!(matches!(method, Some(b"GET" | b"POST")), "{line:?}");
        let target = target.expect("a target");
        assert!(
            target
                .iter()
                .all(|b| b.is_ascii_graphic() && !b"\"#<>".contains(b)),
            "{line:?}"
        );
        assert!(version.is_some_and(|v| v.starts_with(b"HTTP/1.")), "{line:?}");
        assert_eq!(parts.next(), None);
    }
});

/// Rewrites bytes at once and in pieces.
fn rewritten(bytes: &[u8], sizes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    let mut lines = Lines::new(LINE_MAX);
    lines.feed(bytes, &mut whole);
    lines.give_up(&mut whole);

    let (mut lines, mut out, mut rest) = (Lines::new(LINE_MAX), Vec::new(), bytes);
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let size = usize::from(sizes.next().copied().unwrap_or(1)).clamp(1, rest.len());
        lines.feed(&rest[..size], &mut out);
        rest = &rest[size..];
    }
    lines.give_up(&mut out);
    assert_eq!(out, whole);
    assert_eq!(decoded(&whole), decoded(bytes));
    whole
}

fn without_controls(bytes: &[u8], max: usize) -> Vec<u8> {
    let some = &bytes[..bytes.len().min(max)];
    some.iter().copied().filter(|b| !b.is_ascii_control()).collect()
}

fn decoded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = bytes
            .get(at + 1..at + 3)
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) if *byte == b'%' => {
                out.push(code);
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}
