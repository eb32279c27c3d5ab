//! The scale: scores as whole numbers from 0 to 100 on a logarithmic scale, and their ranks.
//!
//! With `b` the smallest score of the graph and `m` the largest, a node's value is `100 * ln(s / b) / ln(m / b)`, and its
//! rating the integer part of the value rounded to 9 decimals. It is 0 for all when `m / b < 1 + 1e-9`, and for a node
//! that no other links to.

use rayon::prelude::*;

use crate::graph::{Graph, PART_NODES};

/// Below this ratio of the largest score to the smallest, there is nothing to tell apart.
const RATIO_MIN: f64 = 1.0 + 1e-9;

/// Scores further apart than this, as a share of the larger one, differ in their first 12 digits.
const SAME_MAX: f64 = 1e-11;

/// Ratings and ranks, by number of the node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ratings {
    /// 0 to 100.
    pub rating: Vec<u8>,
    /// 1 for the strongest, then 2, 3 and so on; each once.
    pub rank: Vec<u32>,
}

/// Ratings and ranks of scores, one for each node of the graph, all positive. Takes 9 bytes a node and sorts once, on all
/// threads of the current rayon pool.
///
/// # Panics
/// There are more or fewer scores than nodes.
pub fn ratings(graph: &Graph, scores: &[f64]) -> Ratings {
    assert_eq!(scores.len(), graph.nodes() as usize, "one score for each node");
    Ratings {
        rating: rate(graph, scores),
        rank: rank(scores),
    }
}

impl Ratings {
    /// How many nodes have each rating, 0 to 100.
    pub fn distribution(&self) -> [u64; 101] {
        let mut counts = [0; 101];
        for &rating in &self.rating {
            counts[usize::from(rating)] += 1;
        }
        counts
    }
}

fn rate(graph: &Graph, scores: &[f64]) -> Vec<u8> {
    let least = scores.iter().copied().fold(f64::INFINITY, f64::min);
    let most = scores.iter().copied().fold(0.0, f64::max);
    let mut rating = vec![0; scores.len()];
    let ratio = most / least;
    if ratio.is_nan() || ratio < RATIO_MIN {
        return rating;
    }
    (rating.par_chunks_mut(PART_NODES))
        .zip(scores.par_chunks(PART_NODES))
        .zip(graph.parts.par_iter())
        .for_each(|((rating, scores), part)| {
            for ((rating, score), &degree) in rating.iter_mut().zip(scores).zip(&part.in_degrees) {
                if degree > 0 {
                    *rating = whole(100.0 * (score / least).ln() / ratio.ln());
                }
            }
        });
    rating
}

/// The integer part of the value rounded to 9 decimals.
fn whole(value: f64) -> u8 {
    ((value * 1e9).round() / 1e9) as u8
}

/// Position by score rounded to 12 significant digits, ties by number.
fn rank(scores: &[f64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..scores.len() as u32).collect();
    let score = |node: &u32| scores[*node as usize];
    // Rounding keeps the order of what it leaves apart, so scores that round to the same stand together.
    order.par_sort_unstable_by(|a, b| score(b).total_cmp(&score(a)).then(a.cmp(b)));
    for ties in order.chunk_by_mut(|a, b| same(score(a), score(b))) {
        if !ties.is_sorted() {
            ties.sort_unstable();
        }
    }
    let mut rank = vec![0; scores.len()];
    for (position, node) in (1..).zip(&order) {
        rank[*node as usize] = position;
    }
    rank
}

/// Whether two scores, the larger first, are the same when rounded to 12 significant digits.
fn same(larger: f64, smaller: f64) -> bool {
    larger == smaller
        || (larger - smaller <= SAME_MAX * larger && format!("{larger:.11e}") == format!("{smaller:.11e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_close_to_a_whole_number_are_that_number() {
        assert_eq!([whole(99.999_999_999_6), whole(99.999_999_999_4)], [100, 99]);
        assert_eq!(
            [whole(0.0), whole(-1e-12), whole(42.5), whole(100.0)],
            [0, 0, 42, 100]
        );
    }

    #[test]
    fn ranks_round_and_break_ties_by_number() {
        // Numbers 1, 2 and 4 agree in 12 digits, and 2 is the largest of them; 0 differs in the twelfth.
        let scores = [
            0.123_456_789_011,
            0.123_456_789_012_1,
            0.123_456_789_012_4,
            0.5,
            0.123_456_789_011_9,
        ];
        assert_eq!(rank(&scores), [5, 2, 3, 1, 4]);
        assert_eq!(rank(&[0.25; 4]), [1, 2, 3, 4]);
        assert_eq!(rank(&[]), [0_u32; 0]);
    }

    #[test]
    fn rounding_is_looked_at_wherever_it_may_matter() {
        // The widest gap that rounds away: half a unit of the twelfth digit on either side of 1.00000000000.
        assert!(same(1.000_000_000_004_9, 0.999_999_999_999_6));
        assert!(!same(1.000_000_000_005_1, 1.000_000_000_004_9));
        assert!(!same(9.999_999_999_986, 9.999_999_999_984));
    }
}
