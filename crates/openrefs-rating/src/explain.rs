//! Where a score comes from: what each referring domain passes on, and what every domain has.

use std::cmp::Ordering;

use crate::graph::Graph;
use crate::scores::DAMPING;
use crate::sum::Total;

/// The parts of one node's score.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The score.
    pub score: f64,
    /// What does not come along arcs: the teleport and the node's part of the mass of nodes without out-arcs.
    pub base: f64,
    /// One for each in-neighbour, strongest first, ties by number.
    pub shares: Vec<Share>,
}

/// What one node passes on to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The node that links.
    pub source: u32,
    /// `0.85 * score / outdegree` of that node.
    pub share: f64,
}

/// The parts of the node's score, which add up to it. Takes as long as sorting its in-neighbours.
///
/// The base is what the shares leave of the score. It differs from the `(0.15 + 0.85 * dangling) / n` of the last round by
/// less than that round changed the scores, as the shares are made of the final scores and the score of those before.
///
/// # Panics
/// There is no such node, or there are fewer scores than nodes.
pub fn explain(graph: &Graph, scores: &[f64], node: u32) -> Explanation {
    let score = scores[node as usize];
    let mut shares: Vec<Share> = (graph.sources(node).iter())
        .map(|&source| Share {
            source,
            share: DAMPING * scores[source as usize] / f64::from(graph.out_degree(source)),
        })
        .collect();
    let passed = shares.iter().map(|share| share.share).collect::<Total>().value();
    shares.sort_unstable_by(strongest_first);
    Explanation {
        score,
        base: score - passed,
        shares,
    }
}

fn strongest_first(a: &Share, b: &Share) -> Ordering {
    b.share.total_cmp(&a.share).then(a.source.cmp(&b.source))
}
