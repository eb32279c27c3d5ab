//! Arcs between domains to scores, and scores to the 0..100 `domain_rating` and its rank. Knows no files and no names.
//!
//! Nodes are the numbers 0 to n - 1 in ascending byte order of the names of the domains, so that "ties by name" are ties
//! by number. Overview, lowest layer first: [`sum`] sums that lose nothing; [`graph`] the arcs at rest, by target;
//! [`builder`] how they get there; [`mod@scores`] PageRank; [`mod@ratings`] the scale, the ranks and their distribution;
//! [`mod@explain`] who gives a domain its score.
//!
//! # Memory
//!
//! | while | bytes an arc | bytes a node | what |
//! |---|---|---|---|
//! | a [`GraphBuilder`] collects | 4.5 | 9 | sources, and a target and a length for each piece; an eighth of it empty |
//! | it finishes | 4.5 | 17 | the same until a part is in order, and both degrees |
//! | [`scores()`] runs | 4 | 24 | sources, both degrees (8), two vectors of 64-bit floats (16) |
//! | [`ratings()`] runs | 4 | 25 | sources, both degrees, scores (8), the order (4), ranks (4), ratings (1) |
//!
//! This is for arcs that come target by target; a target that comes again later costs another piece. Some 50 bytes come on
//! top for every [`PART_NODES`] nodes, and while parts are put in order, those that threads are at are held twice if their
//! targets came out of order. So 8 bytes an arc and 24 bytes a node are enough for every graph with an arc for every
//! three nodes.
//!
//! # Determinism
//!
//! The same arcs give the same bits, in whichever order they came and on any number of threads: in-neighbours are sorted,
//! and every sum is made of fixed pieces that are added in order.
//!
//! # Limits
//!
//! At most 2^32 - 1 nodes; any number of arcs. The [`PART_NODES`] nodes of a part are one thread's work: where one part
//! has a hundredth of all arcs, more than a hundred threads wait for it.

pub mod sum;

pub mod graph;

pub mod builder;

pub mod scores;

pub mod ratings;

pub mod explain;

pub use builder::{GraphBuilder, UnknownNode};
pub use explain::{Explanation, Share, explain};
pub use graph::{Graph, PART_NODES};
pub use ratings::{Ratings, ratings};
pub use scores::{CHANGE_END, DAMPING, ROUNDS_MAX, Round, Scores, scores};
