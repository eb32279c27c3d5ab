//! What one HTML page says about links: the elements that can be links, the document base, refreshes and robots
//! directives, in document order, with nothing resolved and nothing judged.
//!
//! The truth is the DOM that the HTML standard builds with scripting off. Two readers give it: [`fast`], which
//! follows the tree builder's rules without building a tree and gives up on a page where that is not enough, and
//! [`dom`], the whole tree builder, which then reads that page. Both give the same [`Page`].

mod anchor;
pub mod dom;
pub mod fast;
mod meaning;
mod names;
mod page;
pub mod refresh;
mod scan;

pub use anchor::ANCHOR_TEXT_BYTES_MAX;
pub use page::{Element, ElementKind, Page};

/// At most so many elements of a page are kept; a page with more is cut there.
pub const ELEMENTS_MAX: usize = 500_000;

/// Which reader gave a page, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The fast reader, which always reads the whole page.
    Fast,
    /// The whole tree builder.
    Dom {
        /// Why the fast reader gave up; one of a fixed set of short phrases.
        reason: &'static str,
        /// The page went beyond a limit of work or memory: what is given is what was read up to there.
        cut: bool,
    },
}

/// Reads a decoded page. Never fails: any text is HTML. The time is linear in the text for real pages, and bounded
/// by the work limits of [`dom`] for hostile ones.
pub fn read(html: &str) -> (Page, Reader) {
    match fast::read(html) {
        Ok(page) => (page, Reader::Fast),
        Err(reason) => {
            let (page, cut) = dom::read(html);
            (page, Reader::Dom { reason, cut })
        }
    }
}
