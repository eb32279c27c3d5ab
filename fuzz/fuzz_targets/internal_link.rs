//! What is taken for an internal link without being parsed, the parser resolves to a kept URL of the page's domain.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use openrefs_extract::internal::Base;
use openrefs_fuzz::canonicaliser;
use openrefs_model::Url;

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    page: &'a str,
    shape: Shape,
    text: &'a str,
}

#[derive(Arbitrary, Debug)]
enum Shape {
    Whole,
    Host,
    Path,
}

fuzz_target!(|case: Case<'_>| {
    let page = match case.shape {
        Shape::Whole => case.page.to_owned(),
        Shape::Host => format!("http://{}", case.page),
        Shape::Path => format!("https://www.example.com/{}", case.page),
    };
    let Ok(url) = Url::parse(&page) else { return };
    let mut canonicaliser = canonicaliser();
    let Ok(own) = canonicaliser.canonical(&url) else {
        return;
    };
    let base = Base::new(&url, true);
    // Long texts too, which fuzzers seldom write.
    let texts = [
        case.text.to_owned(),
        format!("{page}{}", case.text),
        format!("/{}{}", "a".repeat(2_000), case.text),
    ];
    for text in texts {
        if base.is_own(&text) {
            let target = canonicaliser.resolve(&url, &text).map(|target| target.domain);
            assert_eq!(target.as_ref(), Ok(&own.domain), "{text}");
        }
    }
});
