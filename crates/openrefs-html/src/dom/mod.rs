//! The reader that builds the whole tree: our tokenizer, html5ever's tree builder, our own small tree.
//!
//! Work and memory are bounded whatever the page. The tree builder's work is counted where it shows: in the
//! questions it asks the tree (`sink`), and in the lists it searches without asking. A page that goes over the
//! budget is cut: reading stops and what was built is walked. The counting is deterministic, so a page is always cut
//! at the same place.
//!
//! Known differences of html5ever 0.40 from the standard that can touch a link: the scopes and the class "special"
//! leave out MathML's `annotation-xml` and the foreign integration points, and the copy of a chosen `option` into
//! `selectedcontent` is not made.

mod feed;
mod sink;
mod walk;

use crate::page::Page;
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};

/// Reads a page; whether it was cut because it went beyond a limit.
pub fn read(html: &str) -> (Page, bool) {
    let feed = feed::Feed::new(html, TreeBuilder::new(sink::Tree::default(), options()));
    feed.run().page()
}

/// Reads a page with html5ever's own tokenizer, without limits: for tests, as an independent check of ours.
#[doc(hidden)]
pub fn read_for_tests(html: &str) -> Page {
    use html5ever::tendril::TendrilSink;
    let opts = html5ever::ParseOpts {
        tree_builder: options(),
        ..Default::default()
    };
    html5ever::parse_document(sink::Tree::default(), opts)
        .one(html)
        .page()
        .0
}

fn options() -> TreeBuilderOpts {
    TreeBuilderOpts {
        scripting_enabled: false,
        drop_doctype: true,
        ..Default::default()
    }
}
