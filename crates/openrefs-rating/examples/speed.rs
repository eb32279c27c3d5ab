//! How fast and how large: `bench/rating/speed.py` runs this beside other engines.
//!
//! `speed make FOLDER NODES` writes a graph like the web of domains: FOLDER/in_degrees.u32, the in-degree of each node,
//! and FOLDER/sources.u32, the in-neighbours of node 0, then of node 1 and so on, each ascending; little-endian. In-degrees
//! follow a power law of exponent 2 cut off at an eighth of the nodes, half of the nodes have none, 40 % have no out-arcs,
//! and six of ten in-neighbours stand near in the order of names (under a million arcs to one target).
//!
//! `speed run FOLDER THREADS` reads it, makes scores and ratings, and prints one line of JSON.

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use openrefs_rating::{Graph, GraphBuilder, ratings, scores};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", folder, nodes] => make(&PathBuf::from(folder), nodes.parse()?),
        ["run", folder, threads] => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?);
            pool.build()?
                .install(|| run(&PathBuf::from(folder)).map_err(|error| error.to_string()))?;
            Ok(())
        }
        _ => Err("usage: speed make FOLDER NODES | speed run FOLDER THREADS".into()),
    }
}

fn run(folder: &Path) -> Outcome<()> {
    let start = Instant::now();
    let graph = read(folder)?;
    let build_s = start.elapsed().as_secs_f64();
    let (start, processor, mut ends) = (Instant::now(), processor_s(), Vec::new());
    let found = scores(&graph, &mut |_| ends.push(start.elapsed().as_secs_f64()));
    let mut rounds: Vec<f64> = ends
        .iter()
        .scan(0.0, |last, &end| Some(end - std::mem::replace(last, end)))
        .collect();
    rounds.sort_by(f64::total_cmp);
    let (total_s, iteration_mb) = (start.elapsed().as_secs_f64(), peak_mb());
    let round_cpu_s = (processor_s() - processor) / f64::from(found.rounds);
    let start = Instant::now();
    let rated = ratings(&graph, &found.scores);
    println!(
        r#"{{"nodes":{},"arcs":{},"round_s":{:.4},"round_cpu_s":{round_cpu_s:.4},"rounds":{},"total_s":{total_s:.2},"build_s":{build_s:.2},"ratings_s":{:.2},"graph_mb":{},"peak_mb":{iteration_mb},"peak_with_ratings_mb":{},"top":{}}}"#,
        graph.nodes(),
        graph.arcs(),
        rounds[rounds.len() / 2],
        found.rounds,
        start.elapsed().as_secs_f64(),
        graph.memory_bytes() / 1_000_000,
        peak_mb(),
        rated.rank.iter().position(|&rank| rank == 1).unwrap_or(0),
    );
    Ok(())
}

/// Feeds a builder target by target.
fn read(folder: &Path) -> Outcome<Graph> {
    let nodes = fs::metadata(folder.join("in_degrees.u32"))?.len() / 4;
    let mut degrees = BufReader::new(File::open(folder.join("in_degrees.u32"))?);
    let mut sources = BufReader::new(File::open(folder.join("sources.u32"))?);
    let mut builder = GraphBuilder::new(nodes as u32);
    let mut list = Vec::new();
    for target in 0..nodes as u32 {
        list.clear();
        for _ in 0..number(&mut degrees)? {
            list.push(number(&mut sources)?);
        }
        builder.add_target(target, &list)?;
    }
    Ok(builder.finish())
}

fn number(from: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

/// Processor time of this process so far, all threads, in seconds; 0 where the system does not tell.
fn processor_s() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Fields 14 and 15, counted from the name in brackets, in hundredths of a second.
    let fields = stat
        .rsplit(") ")
        .next()
        .unwrap_or_default()
        .split(' ')
        .skip(11)
        .take(2);
    fields.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The most memory that this process held, in 10^6 bytes; 0 where the system does not tell.
fn peak_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024 / 1_000_000
}

fn make(folder: &Path, nodes: u32) -> Outcome<()> {
    let mut degrees = BufWriter::new(File::create(folder.join("in_degrees.u32"))?);
    let mut sources = BufWriter::new(File::create(folder.join("sources.u32"))?);
    let mut random = Random(1);
    for target in 0..nodes {
        let wanted = ((1_u64 << 32) / u64::from(random.below(u32::MAX) + 1) - 1).min(u64::from(nodes / 8));
        let mut list: Vec<u32> = (0..wanted).map(|_| random.source(target, nodes)).collect();
        list.sort_unstable();
        list.dedup();
        list.retain(|&source| source != target);
        degrees.write_all(&(list.len() as u32).to_le_bytes())?;
        for source in list {
            sources.write_all(&source.to_le_bytes())?;
        }
    }
    degrees.flush()?;
    Ok(sources.flush()?)
}

/// SplitMix64, whole numbers only, so that the graph is the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((((mixed ^ (mixed >> 31)) >> 32) * u64::from(end)) >> 32) as u32
    }

    /// A near node or any, those with many out-arcs more often; of five nodes in a row only three have out-arcs.
    fn source(&mut self, target: u32, nodes: u32) -> u32 {
        let source = if self.below(10) < 6 {
            let reach = 2 << self.below(17);
            (u64::from(target) + u64::from(nodes) + u64::from(self.below(reach)) - u64::from(reach / 2))
                % u64::from(nodes)
        } else {
            let rank = 1 + self.below(nodes);
            u64::from(self.below(rank)) * 2_654_435_761 % u64::from(nodes)
        };
        let source = source as u32;
        if source % 5 < 2 {
            (source / 5 * 5 + 2 + source % 3).min(nodes - 1)
        } else {
            source
        }
    }
}
