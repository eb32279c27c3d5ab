//! Asks an index the requests of a file, in process and warm, and writes down how long they took and what they said.
//!
//! Answers: one JSON object a line with `id`, `totals` (refdomains, ips, networks) and `rows` (refdomain, backlinks,
//! refpages, first seen, last visited, rating). They are asked for once before anything is measured.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use openrefs_query::refdomains::refdomains;
use openrefs_query::{Answer, Parameters, RefdomainsRequest, Snapshot};
use openrefs_store::Index;
use serde_json::{Value, json};

use crate::measure::{Watch, peak_memory, quantile};

/// What to ask.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Folder of the index.
    #[arg(long)]
    index: PathBuf,
    /// File of the requests.
    #[arg(long)]
    targets: PathBuf,
    /// File of the answers.
    #[arg(long)]
    answers: PathBuf,
}

/// Each request of a class with few of them is asked this often, unless that takes longer than [`CLASS_TIME`].
const TIMES: usize = 100;
const TIMES_MIN: usize = 5;
const CLASS_TIME: Duration = Duration::from_secs(20);

/// Asks, and says how long each class took.
///
/// # Errors
/// When the index cannot be read or a request is wrong.
pub fn run(arguments: &Arguments) -> Result<()> {
    let watch = Watch::start();
    let snapshot = Snapshot::open(&Index::open(&arguments.index)?)?;
    let text = std::fs::read_to_string(&arguments.targets)
        .with_context(|| arguments.targets.display().to_string())?;
    let mut answers = BufWriter::new(std::fs::File::create(&arguments.answers)?);
    let mut classes: BTreeMap<String, Vec<RefdomainsRequest>> = BTreeMap::new();
    let mut count = 0;
    for line in text.lines() {
        let request: Value = serde_json::from_str(line)?;
        let read = RefdomainsRequest::read(snapshot.suffix_list(), &parameters(&request))?;
        let answer = refdomains(&snapshot, &read)?;
        writeln!(answers, "{}", canonical(&request["id"], &answer))?;
        let class = format!(
            "{}/{}",
            request["class"].as_str().unwrap_or(""),
            request["kind"].as_str().unwrap_or("")
        );
        classes.entry(class).or_default().push(read);
        count += 1;
    }
    answers.flush()?;
    eprintln!("query: {count} answers, {:.1} s", watch.seconds());
    for (class, requests) in &classes {
        measure(&snapshot, class, requests)?;
    }
    Ok(())
}

fn parameters(request: &Value) -> Parameters {
    let text = |name: &str| match &request[name] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    Parameters {
        target: text("target"),
        mode: text("mode"),
        where_: text("where"),
        having: text("having"),
        order_by: text("order_by"),
        limit: text("limit"),
        ..Parameters::default()
    }
}

fn canonical(id: &Value, answer: &Answer) -> Value {
    let row = |row: &openrefs_query::Refdomain| {
        json!([
            row.refdomain,
            row.backlinks,
            row.refpages,
            row.first_seen,
            row.last_visited,
            row.domain_rating
        ])
    };
    let rows: Vec<Value> = answer.rows.iter().map(row).collect();
    let totals = answer.totals;
    json!({ "id": id, "totals": [totals.refdomains, totals.ips, totals.class_c], "rows": rows })
}

fn measure(snapshot: &Snapshot, class: &str, requests: &[RefdomainsRequest]) -> Result<()> {
    let start = Instant::now();
    let rounds = (TIMES / requests.len()).max(3);
    let mut times = Vec::new();
    'rounds: for round in 0..rounds {
        for request in requests {
            let asked = Instant::now();
            let answer = refdomains(snapshot, request)?;
            times.push(asked.elapsed().as_secs_f64() * 1e3);
            std::hint::black_box(&answer);
            if start.elapsed() > CLASS_TIME && times.len() >= TIMES_MIN && (round > 0 || requests.len() == 1)
            {
                break 'rounds;
            }
        }
    }
    times.sort_by(f64::total_cmp);
    let milliseconds = |share| (quantile(&times, share) * 1e4).round() / 1e4;
    let line = json!({
        "engine": "openrefs", "phase": "query", "class": class, "asked": times.len(),
        "p50_ms": milliseconds(0.5), "p99_ms": milliseconds(0.99), "peak_rss": peak_memory(),
    });
    println!("{line}");
    Ok(())
}
