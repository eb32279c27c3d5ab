//! The readers of a page agree: the fast one gives what the tree builder gives whenever it does not give up, and our
//! tokenizer feeds the tree builder as html5ever's does.

#![no_main]

use libfuzzer_sys::fuzz_target;
use openrefs_html::{ANCHOR_TEXT_BYTES_MAX, ELEMENTS_MAX, dom, fast};

fuzz_target!(|html: &str| {
    let (page, cut) = dom::read(html);
    assert!(page.elements.len() <= ELEMENTS_MAX);
    for element in &page.elements {
        // A cut may fall inside a character, which is then kept.
        assert!(element.text.len() <= ANCHOR_TEXT_BYTES_MAX + 4);
    }
    let fast = fast::read(html);
    if cut {
        return;
    }
    assert_eq!(page, dom::read_for_tests(html), "tokenizer");
    if let Ok(fast) = fast {
        assert_eq!(fast, page, "fast");
    }
});
