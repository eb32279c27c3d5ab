//! A plain model: the whole matrix of the random surfer, the scale and the ranks as the definition words them.

use openrefs_rating::{explain, ratings};
use proptest::prelude::*;

use crate::arcs::{graph, scored};

/// Row A of the matrix: where a surfer on A goes next.
fn matrix(nodes: usize, arcs: &[(u32, u32)]) -> Vec<Vec<f64>> {
    let mut links = vec![vec![false; nodes]; nodes];
    for &(source, target) in arcs {
        links[source as usize][target as usize] = source != target;
    }
    let row = |links: &Vec<bool>| {
        let degree = links.iter().filter(|&&link| link).count();
        let follow = |&link: &bool| match degree {
            0 => 1.0 / nodes as f64,
            _ => f64::from(u8::from(link)) / degree as f64,
        };
        links
            .iter()
            .map(|link| 0.15 / nodes as f64 + 0.85 * follow(link))
            .collect()
    };
    links.iter().map(row).collect()
}

/// Where the surfer is after very many steps.
fn surf(matrix: &[Vec<f64>]) -> Vec<f64> {
    let nodes = matrix.len();
    let mut scores = vec![1.0 / nodes as f64; nodes];
    for _ in 0..300 {
        scores = (0..nodes)
            .map(|target| {
                (0..nodes)
                    .map(|source| scores[source] * matrix[source][target])
                    .sum()
            })
            .collect();
    }
    scores
}

/// The scale before rounding; none where all scores are the same.
fn values(scores: &[f64]) -> Option<Vec<f64>> {
    let b = scores.iter().copied().min_by(f64::total_cmp)?;
    let m = scores.iter().copied().max_by(f64::total_cmp)?;
    (m / b >= 1.0 + 1e-9).then(|| {
        scores
            .iter()
            .map(|s| 100.0 * (s / b).ln() / (m / b).ln())
            .collect()
    })
}

/// Ranks by the digits of the scores.
fn ranks(scores: &[f64]) -> Vec<u32> {
    let rounded: Vec<f64> = scores
        .iter()
        .map(|s| format!("{s:.11e}").parse().unwrap())
        .collect();
    let before = |a: usize, b: usize| rounded[a] > rounded[b] || (rounded[a] == rounded[b] && a < b);
    let nodes = 0..scores.len();
    nodes
        .clone()
        .map(|b| 1 + nodes.clone().filter(|&a| before(a, b)).count() as u32)
        .collect()
}

prop_compose! {
    fn graphs()(nodes in 1_u32..30)
        (arcs in prop::collection::vec((0..nodes, 0..nodes), 0..nodes as usize * 4), nodes in Just(nodes))
        -> (u32, Vec<(u32, u32)>) {
        (nodes, arcs)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn agrees_with_the_plain_model((nodes, arcs) in graphs()) {
        let graph = graph(nodes, &arcs);
        let found = scored(&graph);
        let expected = surf(&matrix(nodes as usize, &arcs));
        prop_assert!(found.converged);
        prop_assert!((found.scores.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        for (found, expected) in found.scores.iter().zip(&expected) {
            prop_assert!((found / expected - 1.0).abs() < 1e-7, "{found} {expected}");
        }

        let rated = ratings(&graph, &found.scores);
        prop_assert_eq!(&rated.rank, &ranks(&found.scores));
        prop_assert_eq!(rated.distribution().iter().sum::<u64>(), u64::from(nodes));
        let values = values(&expected).unwrap_or_else(|| vec![0.0; nodes as usize]);
        for (node, value) in values.into_iter().enumerate() {
            let linked = arcs.iter().any(|&(source, target)| target as usize == node && source != target);
            let close = (value - value.round()).abs() < 1e-6;
            let rating = f64::from(rated.rating[node]);
            match linked {
                false => prop_assert_eq!(rating, 0.0),
                true if close => prop_assert!((rating - value).abs() < 1.0 + 1e-6),
                true => prop_assert_eq!(rating, value.floor()),
            }
        }
    }

    #[test]
    fn explanations_add_up((nodes, arcs) in graphs()) {
        let graph = graph(nodes, &arcs);
        let found = scored(&graph);
        let dangling: f64 = (0..nodes).filter(|&node| graph.out_degree(node) == 0).map(|n| found.scores[n as usize]).sum();
        let base = (0.15 + 0.85 * dangling) / f64::from(nodes);
        for node in 0..nodes {
            let explained = explain(&graph, &found.scores, node);
            let shares: f64 = explained.shares.iter().map(|share| share.share).sum();
            prop_assert_eq!(explained.score, found.scores[node as usize]);
            prop_assert!((explained.base + shares - explained.score).abs() < 1e-15);
            prop_assert!((explained.base - base).abs() < 2e-10, "{} {base}", explained.base);
            prop_assert!(explained.shares.is_sorted_by(|a, b| (-a.share, a.source) < (-b.share, b.source)));
            let mut sources: Vec<u32> = explained.shares.iter().map(|share| share.source).collect();
            sources.sort_unstable();
            prop_assert_eq!(&sources[..], graph.sources(node));
        }
    }
}
