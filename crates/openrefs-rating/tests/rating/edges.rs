//! Graphs at the edge: empty, without arcs, one node, nothing but dangling nodes, two components, a star.

use openrefs_rating::{Graph, GraphBuilder, Ratings, explain, ratings};

use crate::arcs::{graph, scored};

fn rated(graph: &Graph) -> (Vec<f64>, Ratings) {
    let found = scored(graph);
    assert!(found.converged);
    let ratings = ratings(graph, &found.scores);
    (found.scores, ratings)
}

#[test]
fn no_nodes() {
    let (scores, ratings) = rated(&graph(0, &[]));
    assert_eq!(
        (scores.len(), ratings.rank.len(), ratings.rating.len()),
        (0, 0, 0)
    );
}

#[test]
fn no_arcs() {
    let (scores, ratings) = rated(&graph(5, &[]));
    assert!(scores.iter().all(|score| (score - 0.2).abs() < 1e-15));
    assert_eq!((ratings.rating, ratings.rank), (vec![0; 5], vec![1, 2, 3, 4, 5]));
}

#[test]
fn one_node() {
    let graph = graph(1, &[(0, 0)]);
    let (scores, ratings) = rated(&graph);
    assert_eq!(
        (graph.arcs(), ratings.rating, ratings.rank),
        (0, vec![0], vec![1])
    );
    assert!((scores[0] - 1.0).abs() < 1e-15);
    assert_eq!(explain(&graph, &scores, 0).base, scores[0]);
}

#[test]
fn repeats_count_once_and_loops_not_at_all() {
    let plain = graph(3, &[(0, 1), (1, 2)]);
    assert_eq!(plain, graph(3, &[(1, 2), (0, 1), (0, 1), (2, 2), (1, 2), (0, 0)]));
}

#[test]
fn a_cycle_has_no_strongest() {
    let (scores, ratings) = rated(&graph(3, &[(0, 1), (1, 2), (2, 0)]));
    assert!(scores.iter().all(|score| (score - 1.0 / 3.0).abs() < 1e-15));
    assert_eq!((ratings.rating, ratings.rank), (vec![0; 3], vec![1, 2, 3]));
}

#[test]
fn two_components() {
    // A pair that link to each other, and a node that links to one without out-arcs.
    let (scores, ratings) = rated(&graph(4, &[(0, 1), (1, 0), (2, 3)]));
    let base = (0.15 + 0.85 * scores[3]) / 4.0;
    for (score, expected) in scores.iter().zip([base / 0.15, base / 0.15, base, base * 1.85]) {
        assert!((score / expected - 1.0).abs() < 1e-9, "{score} {expected}");
    }
    assert_eq!(
        (ratings.rating, ratings.rank),
        (vec![100, 100, 0, 32], vec![1, 2, 4, 3])
    );
}

#[test]
fn a_star_with_a_million_leaves() {
    let leaves: Vec<u32> = (1..=1_000_000).collect();
    let mut builder = GraphBuilder::new(1_000_001);
    builder.add_target(0, &leaves).unwrap();
    let graph = builder.finish();
    let (scores, ratings) = rated(&graph);
    // The centre h is dangling, each leaf is l = (0.15 + 0.85 h) / n, and h = l + 0.85 (1 - h).
    let n = 1_000_001.0;
    let centre = (0.15 / n + 0.85) / (1.85 - 0.85 / n);
    let leaf = (0.15 + 0.85 * centre) / n;
    assert!((scores[0] / centre - 1.0).abs() < 1e-9, "{} {centre}", scores[0]);
    assert!((scores[1_000_000] / leaf - 1.0).abs() < 1e-9);
    let sum: f64 = scores.iter().sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    assert_eq!((ratings.rating[0], ratings.rank[0], ratings.rank[1]), (100, 1, 2));
    assert_eq!(ratings.distribution()[0], 1_000_000);
    let explained = explain(&graph, &scores, 0);
    assert!(
        (explained.base / leaf - 1.0).abs() < 1e-3,
        "{} {leaf}",
        explained.base
    );
}
