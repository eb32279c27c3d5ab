//! Archive records in, visits and backlinks out: what counts as a visit, which text is a link, what it is called.
//!
//! Rules: sections 1, 2 and 4 of the rules of counting. This crate knows no index and never asks the network.

use openrefs_model::{Backlink, Visit};

/// Takes what an extractor finds, visit by visit.
pub trait Output {
    /// One visit and the backlinks it holds, each once, in no stated order.
    fn visit(&mut self, visit: Visit, backlinks: Vec<Backlink>);
}
