//! A real graph of 325,557 pages and 3,216,152 arcs, cnr-2000 of the Laboratory for Web Algorithmics, against scores
//! that scipy computed.

use std::path::PathBuf;

use openrefs_rating::{Graph, ratings};

use crate::arcs::{graph, scored};
use crate::bvgraph;

/// Nodes and their scores by `bench/rating/compare.py` (scipy 1.17.1, until the change was below 1e-15), strongest first:
/// the 21 strongest, and some from all over. The first has the largest score of the graph, the last the smallest.
const REFERENCE: &[(u32, f64)] = &[
    (60597, 0.01931901453436589),
    (60595, 0.01931901453436589),
    (247028, 0.0056721305536734925),
    (236401, 0.0040760498527617406),
    (60599, 0.0028438158159839713),
    (60603, 0.002799600644160551),
    (272816, 0.0027245433499372192),
    (60598, 0.0026486069545960545),
    (60601, 0.0026486069545960545),
    (60602, 0.0026486069545960545),
    (60604, 0.0026486069545960545),
    (247037, 0.002580292667010382),
    (60600, 0.002580277091392213),
    (247011, 0.002543646906493108),
    (83448, 0.002532025089992521),
    (247024, 0.002509198703737811),
    (247012, 0.002509198703737811),
    (247013, 0.002432599147349855),
    (247027, 0.002432599147349855),
    (247026, 0.0024096118291147533),
    (247025, 0.002357627817572938),
    (41275, 3.49535388930829e-06),
    (277481, 2.1694990730243006e-06),
    (288190, 1.3459553269824441e-06),
    (175954, 9.814266254836363e-07),
    (303631, 8.04889528067296e-07),
    (45854, 7.41728221020259e-07),
    (238928, 7.210061271896005e-07),
    (289941, 7.041904332699147e-07),
    (218455, 7.039300674030956e-07),
];

fn cnr_2000() -> Option<Graph> {
    let folder = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/graph/cnr-2000"
    ));
    if !folder.exists() {
        println!("skipped: there is no ../shared/data/graph/cnr-2000");
        return None;
    }
    let lists = bvgraph::read(&folder.join("cnr-2000"));
    let of_source = |(source, list): (u32, Vec<u32>)| list.into_iter().map(move |target| (source, target));
    let arcs: Vec<(u32, u32)> = (0..).zip(lists).flat_map(of_source).collect();
    assert_eq!(arcs.len(), 3_216_152);
    Some(graph(325_557, &arcs))
}

#[test]
fn agrees_with_scipy() {
    let Some(graph) = cnr_2000() else { return };
    assert_eq!(graph.arcs(), 3_128_710, "arcs that are not loops");
    let found = scored(&graph);
    let rated = ratings(&graph, &found.scores);
    println!("{} rounds; ratings {:?}", found.rounds, rated.distribution());
    assert!(found.converged);

    let (most, least) = (REFERENCE[0].1, REFERENCE[REFERENCE.len() - 1].1);
    for &(node, expected) in REFERENCE {
        let score = found.scores[node as usize];
        assert!(
            (score / expected - 1.0).abs() < 1e-6,
            "node {node}: {score} {expected}"
        );
        let value = 100.0 * (expected / least).ln() / (most / least).ln();
        assert!((value - value.round()).abs() > 1e-6 || value == 0.0 || value == 100.0);
        assert_eq!(
            f64::from(rated.rating[node as usize]),
            value.floor(),
            "node {node}"
        );
    }
    let sum: f64 = found.scores.iter().sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    // The two strongest have the same score, and the lower number goes first.
    assert_eq!(
        [60_595, 60_597, 247_028].map(|node: usize| rated.rank[node]),
        [1, 2, 3]
    );
}
