//! PageRank by power iteration: damping 0.85, uniform teleport, the mass of nodes without out-arcs spread uniformly.
//!
//! One round makes `score(B) = (0.15 + 0.85 * dangling) / n + 0.85 * sum of score(A) / outdegree(A) over the arcs A -> B`
//! from the scores of the round before. `score(A) / outdegree(A)` is made once for each node, so that an arc costs one
//! read of its source and one of a float. After k rounds two successive vectors differ by at most `2 * 0.85^k`, so 146
//! rounds are enough for every graph.

use rayon::prelude::*;

use crate::graph::{Graph, PART_NODES, Part};
use crate::sum::{Total, gather};

/// The share of a score that is passed on along arcs.
pub const DAMPING: f64 = 0.85;

/// The iteration ends when the vector changes by less than this (sum of absolute differences).
pub const CHANGE_END: f64 = 1e-10;

/// The iteration ends after so many rounds in any case.
pub const ROUNDS_MAX: u32 = 200;

/// A round that is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Round {
    /// 1 for the first.
    pub number: u32,
    /// Sum of the absolute differences of the scores from those of the round before.
    pub change: f64,
}

/// What [`scores()`] found.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// The score of each node, by number. They are positive and sum to 1.
    pub scores: Vec<f64>,
    /// Rounds made.
    pub rounds: u32,
    /// The change of the last round.
    pub change: f64,
    /// Whether that is below [`CHANGE_END`].
    pub converged: bool,
}

/// The scores of all nodes. `progress` is called after each round.
///
/// Takes 16 bytes a node besides the graph, and all threads of the current rayon pool, whose number does not change the
/// result: not one bit.
pub fn scores(graph: &Graph, progress: &mut dyn FnMut(Round)) -> Scores {
    let nodes = graph.nodes() as usize;
    let mut scores = vec![1.0 / nodes as f64; nodes];
    let mut passed = vec![0.0; nodes];
    let mut round = Round {
        number: 0,
        change: 0.0,
    };
    let mut converged = nodes == 0;
    while !converged && round.number < ROUNDS_MAX {
        let dangling = pass_on(graph, &scores, &mut passed);
        let base = ((1.0 - DAMPING) + DAMPING * dangling) / nodes as f64;
        round.number += 1;
        round.change = collect(graph, base, &passed, &mut scores);
        converged = round.change < CHANGE_END;
        progress(round);
    }
    Scores {
        scores,
        rounds: round.number,
        change: round.change,
        converged,
    }
}

/// Sets what each node passes on along each of its arcs; the sum of the scores of nodes that have none.
fn pass_on(graph: &Graph, scores: &[f64], passed: &mut [f64]) -> f64 {
    let dangling: Vec<f64> = (passed.par_chunks_mut(PART_NODES))
        .zip(scores.par_chunks(PART_NODES))
        .zip(graph.out_degrees.par_chunks(PART_NODES))
        .map(|((passed, scores), degrees)| pass_on_part(passed, scores, degrees))
        .collect();
    dangling.into_iter().collect::<Total>().value()
}

fn pass_on_part(passed: &mut [f64], scores: &[f64], degrees: &[u32]) -> f64 {
    let mut dangling = 0.0;
    for ((passed, &score), &degree) in passed.iter_mut().zip(scores).zip(degrees) {
        *passed = score / f64::from(degree.max(1));
        dangling += if degree == 0 { score } else { 0.0 };
    }
    dangling
}

/// Sets the scores from what is passed on; by how much they change.
fn collect(graph: &Graph, base: f64, passed: &[f64], scores: &mut [f64]) -> f64 {
    let changes: Vec<f64> = (scores.par_chunks_mut(PART_NODES))
        .zip(graph.parts.par_iter())
        .map(|(scores, part)| collect_part(part, base, passed, scores))
        .collect();
    changes.into_iter().collect::<Total>().value()
}

fn collect_part(part: &Part, base: f64, passed: &[f64], scores: &mut [f64]) -> f64 {
    let mut change = 0.0;
    for (score, sources) in scores.iter_mut().zip(part.lists()) {
        let new = base + DAMPING * gather(sources, passed);
        change += (new - *score).abs();
        *score = new;
    }
    change
}
