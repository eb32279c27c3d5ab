//! How arcs come to rest: pieces about targets in any order, repeats and all, become the lists of a graph.
//!
//! A piece goes to the part of its target as it is. When all are there, each part is put in order by itself: pieces by
//! target, then each target's sources ascending, each once. So nothing is held twice but the parts that are being put
//! in order at that moment.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;

use crate::graph::{Graph, PART_NODES, Part};

/// A full buffer grows by this share of its length.
const GROWTH: usize = 8;

/// No more is added at once, and nothing to a piece of that length, so that lengths fit into 32 bits.
const PIECE_MAX: usize = 1 << 30;

/// Collects arcs. Costs 4.5 bytes an arc and 9 bytes a piece at most, where arcs of successive calls about one target make
/// one piece.
///
/// ```
/// let mut builder = openrefs_rating::GraphBuilder::new(3);
/// builder.add_target(2, &[0, 1])?;
/// builder.add_target(0, &[2, 2, 0])?; // the repeat counts once, the arc to itself not at all
/// let graph = builder.finish();
/// assert_eq!((graph.arcs(), graph.sources(2), graph.sources(0)), (3, &[0, 1][..], &[2][..]));
/// # Ok::<(), openrefs_rating::UnknownNode>(())
/// ```
#[derive(Debug)]
pub struct GraphBuilder {
    nodes: u32,
    parts: Vec<Pieces>,
}

/// An arc names a node that the graph does not have: the caller's numbers are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an arc names node {node}, and the graph has {nodes} nodes, numbered from 0")]
pub struct UnknownNode {
    /// The number that was named.
    pub node: u32,
    /// How many nodes there are.
    pub nodes: u32,
}

/// What came for the targets of one part, in the order in which it came.
#[derive(Debug, Default)]
struct Pieces {
    sources: Vec<u32>,
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    target: u32,
    length: u32,
}

impl GraphBuilder {
    /// A graph of so many nodes, without arcs yet.
    pub fn new(nodes: u32) -> Self {
        let parts = (nodes as usize).div_ceil(PART_NODES);
        Self {
            nodes,
            parts: (0..parts).map(|_| Pieces::default()).collect(),
        }
    }

    /// Adds arcs from the sources to the target. Targets may come in any order and again, sources in any order and
    /// repeated; arcs come cheapest target by target, each with its sources ascending.
    ///
    /// # Errors
    /// A number that is no node. Arcs of the same call may have been added by then.
    pub fn add_target(&mut self, target: u32, sources: &[u32]) -> Result<(), UnknownNode> {
        self.check(target)?;
        if let Some(&largest) = sources.iter().max() {
            self.check(largest)?;
        }
        let part = &mut self.parts[target as usize / PART_NODES];
        for piece in sources.chunks(PIECE_MAX) {
            part.add(target, piece);
        }
        Ok(())
    }

    fn check(&self, node: u32) -> Result<(), UnknownNode> {
        let nodes = self.nodes;
        if node < nodes {
            Ok(())
        } else {
            Err(UnknownNode { node, nodes })
        }
    }

    /// The graph of all arcs added, each once. Uses all threads of the current rayon pool.
    pub fn finish(self) -> Graph {
        let nodes = self.nodes as usize;
        let parts: Vec<Part> = (self.parts.into_par_iter().enumerate())
            .map(|(number, pieces)| {
                let first = number * PART_NODES;
                pieces.into_part(first as u32, PART_NODES.min(nodes - first))
            })
            .collect();
        let out_degrees = out_degrees(&parts, nodes);
        Graph { parts, out_degrees }
    }
}

impl Pieces {
    fn add(&mut self, target: u32, sources: &[u32]) {
        let before = self.sources.len();
        grow(&mut self.sources, sources.len());
        self.sources
            .extend(sources.iter().filter(|&&source| source != target));
        let length = (self.sources.len() - before) as u32;
        match self.pieces.last_mut() {
            _ if length == 0 => {}
            Some(last) if last.target == target && last.length < PIECE_MAX as u32 => last.length += length,
            _ => {
                grow(&mut self.pieces, 1);
                self.pieces.push(Piece { target, length });
            }
        }
    }

    /// Puts the pieces in order. `first` is the number of the part's first node.
    fn into_part(mut self, first: u32, nodes: usize) -> Part {
        if !self.pieces.is_sorted_by_key(|piece| piece.target) {
            self.sort();
        }
        let mut in_degrees = vec![0; nodes].into_boxed_slice();
        let (mut read, mut write) = (0, 0);
        for of_target in self.pieces.chunk_by(|a, b| a.target == b.target) {
            let length: usize = of_target.iter().map(|piece| piece.length as usize).sum();
            let degree = sort_unique(&mut self.sources[read..read + length]);
            self.sources.copy_within(read..read + degree, write);
            in_degrees[(of_target[0].target - first) as usize] = degree as u32;
            read += length;
            write += degree;
        }
        self.sources.truncate(write);
        Part {
            sources: self.sources.into_boxed_slice(),
            in_degrees,
        }
    }

    /// Moves the pieces, so that they stand by target.
    fn sort(&mut self) {
        self.sources.shrink_to_fit();
        let mut start = 0;
        let mut placed: Vec<(Piece, usize)> = Vec::with_capacity(self.pieces.len());
        for &piece in &self.pieces {
            placed.push((piece, start));
            start += piece.length as usize;
        }
        placed.sort_by_key(|(piece, _)| piece.target);
        let mut sources = Vec::with_capacity(self.sources.len());
        for &(piece, start) in &placed {
            sources.extend_from_slice(&self.sources[start..start + piece.length as usize]);
        }
        self.sources = sources;
        self.pieces = placed.into_iter().map(|(piece, _)| piece).collect();
    }
}

/// Makes room for more, and for not much more than that.
fn grow<T>(buffer: &mut Vec<T>, more: usize) {
    if buffer.capacity() - buffer.len() < more {
        buffer.reserve_exact(more.max(buffer.len() / GROWTH));
    }
}

/// Sorts the values and moves each value's first to the front; how many there are.
fn sort_unique(values: &mut [u32]) -> usize {
    if values.is_sorted_by(|a, b| a < b) {
        return values.len();
    }
    values.sort_unstable();
    let mut kept = 1;
    for read in 1..values.len() {
        if values[read] != values[kept - 1] {
            values[kept] = values[read];
            kept += 1;
        }
    }
    kept
}

/// Counts how often each node is a source.
fn out_degrees(parts: &[Part], nodes: usize) -> Vec<u32> {
    let counts: Vec<AtomicU32> = (0..nodes).map(|_| AtomicU32::new(0)).collect();
    parts.par_iter().for_each(|part| {
        for &source in &part.sources {
            counts[source as usize].fetch_add(1, Relaxed);
        }
    });
    counts.into_iter().map(AtomicU32::into_inner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(nodes: u32, pieces: &[(u32, &[u32])]) -> Graph {
        let mut builder = GraphBuilder::new(nodes);
        for (target, sources) in pieces {
            builder.add_target(*target, sources).unwrap();
        }
        builder.finish()
    }

    #[test]
    fn order_pieces_and_repeats_make_no_difference() {
        let plain = built(5000, &[(1, &[0, 3, 4999]), (7, &[8]), (4999, &[0, 1])]);
        let mixed = built(
            5000,
            &[
                (4999, &[1, 0]),
                (7, &[8, 7]),
                (1, &[3]),
                (7, &[8]),
                (7, &[]),
                (1, &[4999, 0, 3, 1]),
            ],
        );
        assert_eq!(mixed, plain);
        assert_eq!(plain.arcs(), 6);
        assert_eq!(plain.sources(1), [0, 3, 4999]);
        assert_eq!(plain.sources(2), [0_u32; 0]);
        assert_eq!(plain.sources(4999), [0, 1]);
        assert_eq!(
            [plain.out_degree(0), plain.out_degree(7), plain.in_degree(1)],
            [2, 0, 3]
        );
    }

    #[test]
    fn unknown_nodes_are_errors() {
        let mut builder = GraphBuilder::new(3);
        let unknown = UnknownNode { node: 3, nodes: 3 };
        assert_eq!(builder.add_target(3, &[0]), Err(unknown));
        assert_eq!(builder.add_target(0, &[1, 3]), Err(unknown));
        assert_eq!(builder.finish().arcs(), 0);
    }

    #[test]
    fn buffers_have_little_room_to_spare() {
        let mut builder = GraphBuilder::new(2);
        for _ in 0..50_000 {
            builder.add_target(0, &[1]).unwrap();
            builder.add_target(1, &[0]).unwrap();
        }
        let part = &builder.parts[0];
        assert!(part.sources.capacity() <= 100_000 + 100_000 / GROWTH);
        assert!(part.pieces.capacity() <= 100_000 + 100_000 / GROWTH);
        assert_eq!(builder.finish().arcs(), 2);
    }
}
