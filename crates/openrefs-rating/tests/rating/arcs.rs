//! Graphs for the tests: from lists of arcs, and random ones with few strong nodes.

use openrefs_rating::{Graph, GraphBuilder, Scores, scores};

/// SplitMix64, so that figures do not change with a library.
pub struct Random(pub u64);

impl Random {
    /// A number below `end`.
    pub fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((((mixed ^ (mixed >> 31)) >> 32) * u64::from(end)) >> 32) as u32
    }

    /// A number below `end`, small ones far more often.
    pub fn skewed(&mut self, end: u32) -> u32 {
        let bound = 1 + self.below(end);
        let bound = 1 + self.below(bound);
        self.below(bound)
    }
}

/// The graph of (source, target) pairs, added one by one in the order given.
pub fn graph(nodes: u32, arcs: &[(u32, u32)]) -> Graph {
    let mut builder = GraphBuilder::new(nodes);
    for &(source, target) in arcs {
        builder.add_target(target, &[source]).unwrap();
    }
    builder.finish()
}

/// Arcs among the first `nodes` nodes, with repeats and loops; every fifth node or so has no out-arcs.
pub fn random(nodes: u32, count: usize, seed: u64) -> Vec<(u32, u32)> {
    let mut random = Random(seed);
    (0..count)
        .map(|_| {
            (
                random.below(nodes) / 5 * 5 + random.below(4),
                random.skewed(nodes),
            )
        })
        .map(|(source, target)| (source.min(nodes - 1), target))
        .collect()
}

/// Scores without progress.
pub fn scored(graph: &Graph) -> Scores {
    scores(graph, &mut |_| {})
}
