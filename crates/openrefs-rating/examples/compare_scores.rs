//! Writes graphs and what we make of them, for `bench/rating/compare.py` to judge.
//!
//! `compare FOLDER GRAPHS` writes FOLDER/NAME.arcs (a line `source target` for each arc, as found: loops and repeats too)
//! and FOLDER/NAME.scores (a line `score rating rank` for each node) for each of: cnr-2000 and polblogs, read from the
//! folder GRAPHS, and random.

#[allow(dead_code, clippy::unwrap_used)] // shared with the tests
#[path = "../tests/rating/arcs.rs"]
mod arcs;
#[allow(clippy::unwrap_used)] // shared with the tests
#[path = "../tests/rating/bvgraph.rs"]
mod bvgraph;

use std::env;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use openrefs_rating::ratings;

type Arcs = Vec<(u32, u32)>;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [folder, graphs] = &arguments[..] else {
        return Err("usage: compare FOLDER GRAPHS".into());
    };
    write(folder, "cnr-2000", 325_557, &cnr_2000(graphs))?;
    write(folder, "polblogs", 1490, &polblogs(graphs)?)?;
    write(folder, "random", 200_000, &arcs::random(200_000, 2_000_000, 1))
}

fn cnr_2000(graphs: &Path) -> Arcs {
    let lists = bvgraph::read(&graphs.join("cnr-2000/cnr-2000"));
    let of_source = |(source, list): (u32, Vec<u32>)| list.into_iter().map(move |target| (source, target));
    (0..).zip(lists).flat_map(of_source).collect()
}

/// Lines `source N` and `target N` of the edges; nodes are numbered from 1 and have a `source` in quotes.
fn polblogs(graphs: &Path) -> Result<Arcs, Box<dyn Error>> {
    let text = fs::read_to_string(graphs.join("polblogs.gml"))?;
    let numbers = |name: &str| -> Vec<u32> {
        let values = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix(name)?.parse().ok());
        values.map(|number: u32| number - 1).collect()
    };
    Ok(numbers("source ").into_iter().zip(numbers("target ")).collect())
}

fn write(folder: &Path, name: &str, nodes: u32, arcs: &Arcs) -> Result<(), Box<dyn Error>> {
    let graph = arcs::graph(nodes, arcs);
    let found = arcs::scored(&graph);
    let rated = ratings(&graph, &found.scores);
    let mut lines = String::new();
    for (source, target) in arcs {
        writeln!(lines, "{source} {target}")?;
    }
    fs::write(folder.join(format!("{name}.arcs")), &lines)?;
    lines.clear();
    for ((score, rating), rank) in found.scores.iter().zip(rated.rating).zip(rated.rank) {
        writeln!(lines, "{score:e} {rating} {rank}")?;
    }
    fs::write(folder.join(format!("{name}.scores")), &lines)?;
    println!(
        "{name}: {nodes} nodes, {} arcs, {} rounds",
        graph.arcs(),
        found.rounds
    );
    Ok(())
}
