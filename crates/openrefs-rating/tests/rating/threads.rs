//! The same bits for any number of threads and any order of arrival; memory as promised.

use openrefs_rating::{Explanation, Ratings, Scores, explain, ratings};

use crate::arcs::{graph, random, scored};

fn run(threads: usize, arcs: &[(u32, u32)]) -> (Scores, Ratings, Explanation) {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(|| {
        let graph = graph(50_000, arcs);
        let scores = scored(&graph);
        let ratings = ratings(&graph, &scores.scores);
        let explained = explain(&graph, &scores.scores, 0);
        (scores, ratings, explained)
    })
}

#[test]
fn threads_and_order_change_no_bit() {
    let mut arcs = random(50_000, 400_000, 7);
    let one = run(1, &arcs);
    assert!(one.0.converged && one.0.rounds > 10);
    assert_eq!(one, run(2, &arcs));
    arcs.reverse();
    assert_eq!(one, run(8, &arcs));
}

#[test]
fn the_graph_is_as_small_as_promised() {
    let graph = graph(50_000, &random(50_000, 400_000, 7));
    let promised = 4 * graph.arcs() + 8 * 50_000 + 32 * 50_000_u64.div_ceil(4096);
    assert_eq!(graph.memory_bytes(), promised);
}

#[test]
fn progress_tells_every_round() {
    let graph = graph(100, &random(100, 500, 7));
    let mut rounds = Vec::new();
    let found = openrefs_rating::scores(&graph, &mut |round| rounds.push(round));
    assert!(rounds.iter().map(|round| round.number).eq(1..=found.rounds));
    assert!(rounds.is_sorted_by(|a, b| a.change > b.change));
    assert_eq!(rounds.last().unwrap().change, found.change);
}
