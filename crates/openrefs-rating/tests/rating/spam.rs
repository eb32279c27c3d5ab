//! What it takes to move a rating by links that cost nothing.

use openrefs_rating::ratings;

use crate::arcs::{Random, graph, random, scored};

/// Domains of the web around the farm.
const WEB: u32 = 100_000;
/// Domains of the farm.
const FARM: u32 = 10_000;
/// A domain with a single link, from another weak one.
const TARGET: u32 = WEB - 1;

struct Standing {
    rating: u8,
    rank: u32,
    score: f64,
    /// The score of a domain that nobody links to.
    base: f64,
}

fn standing(nodes: u32, arcs: &[(u32, u32)]) -> Standing {
    let graph = graph(nodes, arcs);
    let scores = scored(&graph).scores;
    let ratings = ratings(&graph, &scores);
    Standing {
        rating: ratings.rating[TARGET as usize],
        rank: ratings.rank[TARGET as usize],
        score: scores[TARGET as usize],
        base: scores.iter().copied().fold(1.0, f64::min),
    }
}

/// As skewed as the web of domains: the strongest node has 2 % of all scores.
fn web() -> Vec<(u32, u32)> {
    let mut choice = Random(11);
    let mut arcs = random(WEB - 1, 1_000_000, 11);
    for (_, target) in &mut arcs {
        *target = choice.skewed(*target + 1);
    }
    arcs.push((WEB - 2, TARGET));
    arcs
}

#[test]
fn a_farm_adds_what_it_was_born_with_and_no_more() {
    let mut arcs = web();
    let alone = standing(WEB, &arcs);
    for farm in [0, 10, 100, 1000, FARM] {
        arcs.truncate(1_000_001);
        arcs.extend((WEB..WEB + farm).map(|source| (source, TARGET)));
        let Standing {
            rating,
            rank,
            score,
            base,
        } = standing(WEB + FARM, &arcs);
        println!("{farm} of a farm of 10,000 link to it: rating {rating}, rank {rank}, score {score:.3e}");
        // Each domain passes on 0.85 of the score that it has without doing anything.
        let links = score / base - 0.85 * f64::from(farm);
        assert!((links / (alone.score / alone.base) - 1.0).abs() < 1e-3, "{links}");
    }
}

#[test]
fn a_thousand_links_from_one_domain_count_as_one() {
    let mut arcs = web();
    let once = graph(WEB, &arcs);
    arcs.extend([(WEB - 2, TARGET); 1000]);
    assert_eq!(graph(WEB, &arcs), once);
}
