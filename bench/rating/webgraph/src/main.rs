//! `webgraph-speed FOLDER THREADS`: reads the graph that our example `speed` made and runs the PageRank of
//! `webgraph-algo` on it (Gauss-Seidel, on the transposed graph as plain arrays, its fastest form), until the change of
//! a round is below 1e-10. Prints one line of JSON with the same names as our example.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use webgraph::graphs::csr_graph::CsrSortedGraph;
use webgraph::graphs::vec_graph::VecGraph;
use webgraph_algo::rank::pagerank::{Mode, PageRank, preds};

/// Rounds that are timed.
const ROUNDS: usize = 10;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, threads] = &arguments[..] else {
        return Err("usage: webgraph-speed FOLDER THREADS".into());
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?).build()?;
    let start = Instant::now();
    let (transpose, nodes, arcs) = read(Path::new(folder))?;
    let build_s = start.elapsed().as_secs_f64();
    pool.install(|| run(&transpose, nodes, arcs, build_s));
    Ok(())
}

fn run(transpose: &CsrSortedGraph, nodes: usize, arcs: usize, build_s: f64) {
    let mut rank = PageRank::new(transpose);
    rank.mode(Mode::WeaklyPreferential);
    rank.run(preds::MaxIter::from(1)); // counts out-degrees
    let (start, processor) = (Instant::now(), processor_s());
    rank.run(preds::MaxIter::from(ROUNDS));
    let round_s = start.elapsed().as_secs_f64() / ROUNDS as f64;
    let round_cpu_s = (processor_s() - processor) / ROUNDS as f64;
    let start = Instant::now();
    // Its norm is the change times 0.85 / 0.15.
    rank.run(preds::L1Norm::try_from(1e-10 * 0.85 / 0.15).expect("a positive number"));
    let total_s = start.elapsed().as_secs_f64();
    let top = (0..nodes).max_by(|&a, &b| rank.rank()[a].total_cmp(&rank.rank()[b])).unwrap_or(0);
    println!(
        r#"{{"nodes":{nodes},"arcs":{arcs},"round_s":{round_s:.4},"round_cpu_s":{round_cpu_s:.4},"rounds":{},"total_s":{total_s:.2},"build_s":{build_s:.2},"peak_mb":{},"top":{top}}}"#,
        rank.iterations(),
        peak_mb(),
    );
}

fn read(folder: &Path) -> Outcome<(CsrSortedGraph, usize, usize)> {
    let degrees = numbers(&folder.join("in_degrees.u32"))?;
    let sources = numbers(&folder.join("sources.u32"))?;
    let (nodes, arcs) = (degrees.len(), sources.len());
    let targets = degrees.iter().enumerate().flat_map(|(target, &degree)| std::iter::repeat_n(target, degree));
    let mut graph = VecGraph::empty(nodes);
    graph.add_arcs(targets.zip(sources));
    Ok((CsrSortedGraph::from_seq_graph(&graph), nodes, arcs))
}

fn numbers(path: &Path) -> Outcome<Vec<usize>> {
    let bytes = fs::read(path)?;
    Ok(bytes.as_chunks().0.iter().map(|&four| u32::from_le_bytes(four) as usize).collect())
}

fn processor_s() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    fields.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn peak_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024 / 1_000_000
}
