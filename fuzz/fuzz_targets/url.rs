//! A canonical URL is canonical: whatever text is made a key, the URL of that key gives the same key, scheme and domain.
//! Hosts with a `,` in a label are the known exception.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use openrefs_fuzz::{canonicaliser, is_canonical};
use openrefs_model::{Url, key};

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    text: &'a str,
    shape: Shape,
    base: &'a str,
}

#[derive(Arbitrary, Debug)]
enum Shape {
    Whole,
    Host,
    Below,
    Path,
}

fuzz_target!(|case: Case<'_>| {
    let text = case.text;
    let whole = match case.shape {
        Shape::Whole => text.to_owned(),
        Shape::Host => format!("http://{text}"),
        Shape::Below => format!("https://{text}.co.uk:80/a"),
        Shape::Path => format!("http://example.com/{text}"),
    };
    let mut canonicaliser = canonicaliser();
    let mut hold = |url: &Url| {
        let host = url.host_str().unwrap_or_default();
        let canonical = canonicaliser.canonical(url);
        if let Ok(canonical) = canonical
            && !host.contains(',')
        {
            is_canonical(&canonical);
            let (host_part, path) = key::split(&canonical.key);
            let reversed = key::split_port(host_part).0;
            assert_eq!(key::host_of(reversed), host.strip_suffix('.').unwrap_or(host));
            assert_eq!(key::reverse_host(&key::host_of(reversed)), reversed);
            assert!(path.starts_with('/'));
        }
    };
    if let Ok(url) = Url::parse(&whole) {
        hold(&url);
        if let Ok(joined) = url.join(case.base) {
            hold(&joined);
        }
    }
});
