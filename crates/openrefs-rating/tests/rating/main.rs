//! Scores and ratings held against a plain model, against an independent implementation's figures, and at the edges.

#![allow(clippy::unwrap_used)] // a test may panic

mod arcs;
mod bvgraph;
mod cnr;
mod edges;
mod model;
mod spam;
mod threads;
