//! Arcs between domains to scores, and scores to the 0..100 `domain_rating` and its rank. Knows no files and no names.
//!
//! Nodes are the numbers 0 to n - 1 in ascending byte order of the names of the domains, so that "ties by name" are ties
//! by number. Overview, lowest layer first: [`sum`] sums that lose nothing; [`graph`] the arcs at rest, by target;
//! [`builder`] how they get there; [`scores`] PageRank; [`ratings`] the scale, the ranks and their distribution;
//! [`explain`] who gives a domain its score.
//!
//! # Memory
//!
//! A [`Graph`] holds 4 bytes an arc (the source; the target is known from the place) and 8 bytes a node (both degrees),
//! and 32 bytes for every [`PART_NODES`] nodes. While [`scores`] runs, two vectors of 64-bit floats come on top, so that
//! an iteration takes **4 bytes an arc and 24 bytes a node**. While a [`GraphBuilder`] collects, a part of its buffers
//! stands empty, at most an eighth: 4.5 bytes an arc, and 9 bytes a piece, where a piece is what successive calls hand over
//! about one target; neither degrees nor vectors exist then. [`ratings`] takes 9 bytes a node, and the second vector is
//! gone by then. All of it stays below 8 bytes an arc and 24 bytes a node.
//!
//! # Determinism
//!
//! The same arcs give the same bits, in whichever order they came and on any number of threads: in-neighbours are sorted,
//! and every sum is made of fixed pieces that are added in order.

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
