//! The requests that are measured, picked from the rows by an exact count.
//!
//! Ordinary targets are those with 10 to 100 referring domains, a third each as host, URL and registrable domain; the
//! giant is the host with the most links. One JSON object a line: `id`, `class`, `kind`, the parameters of the request,
//! and `key`, where the scope begins: a key, a host part, or the reversed registrable domain.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, anyhow};
use arrow_array::Array;
use openrefs_model::suffix::Registrable;
use openrefs_model::{SuffixList, key};
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::measure::Watch;
use crate::rows;

/// What to pick from.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Folder of the rows.
    #[arg(long)]
    rows_dir: PathBuf,
    /// File of the requests.
    #[arg(long)]
    out: PathBuf,
}

/// Referring domains of an ordinary target.
const ORDINARY: std::ops::RangeInclusive<usize> = 10..=100;
/// Ordinary targets of each kind.
const EACH: [(&str, usize); 3] = [("domain", 334), ("exact", 333), ("subdomains", 333)];
/// One target in so many is a candidate, of so many rows.
const ROWS_PER_SHARE: u64 = 2_000_000;
/// The conditions on the giant's rows, as parameters and as the values in them.
const SUBSTRING: &str = "shop";
const DAY: (&str, i64) = ("2024-05-15", 1_715_731_200);

/// Picks, and tells about the rows.
///
/// # Errors
/// When the rows cannot be read or the file cannot be written.
pub fn run(arguments: &Arguments) -> Result<()> {
    let watch = Watch::start();
    let files = rows::files(&arguments.rows_dir)?;
    let list = SuffixList::bundled();
    let giant = most_linked_host(files.first().context("no rows")?)?;
    let description = std::fs::read_to_string(arguments.rows_dir.join(rows::DESCRIPTION))?;
    let description: Value = serde_json::from_str(&description)?;
    let all_rows = description["rows"].as_u64().unwrap_or(0);
    let share = (all_rows / ROWS_PER_SHARE).max(1);
    let total = Mutex::new(Counts::default());
    files.par_iter().with_max_len(1).try_for_each(|file| {
        let mut counts = Counts::default();
        counts.file(file, &list, share, &giant)?;
        let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
        total.merge(counts);
        eprintln!("targets: {} rows, {:.0} s", total.rows, watch.seconds());
        anyhow::Ok(())
    })?;
    let counts = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    let requests = counts.requests(&giant, &list)?;
    let mut out = std::fs::File::create(&arguments.out)?;
    for request in &requests {
        writeln!(out, "{request}")?;
    }
    watch.report("targets", counts.rows, counts.facts(requests.len()));
    Ok(())
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// It is so by far, in every file.
fn most_linked_host(file: &Path) -> Result<String> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    for batch in rows::read(file, &["target_key"])? {
        let batch = batch?;
        for key in rows::texts(&batch, "target_key")?.iter().flatten() {
            *counts.entry(key::split(key).0.to_owned()).or_default() += 1;
        }
    }
    let most = counts
        .into_iter()
        .max_by_key(|(host, count)| (*count, host.clone()));
    most.map(|(host, _)| host).context("no rows")
}

/// The reversed registrable domain of a host part, with its port.
fn domain_of(list: &SuffixList, host_part: &str) -> Option<String> {
    let (reversed, port) = key::split_port(host_part);
    let host = key::host_of(reversed);
    let Registrable::Domain(domain) = list.registrable(&host) else {
        return None;
    };
    let colon = if port.is_empty() { "" } else { ":" };
    Some(format!("{}{colon}{port}", key::reverse_host(domain)))
}

/// What is counted.
#[derive(Default)]
struct Counts {
    rows: u64,
    refdomains: HashSet<u64>,
    /// By kind, then by key: referring domains, at most one more than an ordinary target has.
    candidates: [HashMap<String, HashSet<u64>>; 3],
    giant_host_rows: u64,
    giant_refdomains: HashSet<u64>,
    /// Links to the giant's host by the first folder of their path.
    folders: BTreeMap<String, u64>,
    key_bytes: u64,
}

impl Counts {
    fn file(&mut self, path: &Path, list: &SuffixList, share: u64, giant: &str) -> Result<()> {
        let giant_domain = domain_of(list, giant).context("the giant has no domain")?;
        for batch in rows::read(path, &["target_key", "refdomain"])? {
            let batch = batch?;
            let keys = rows::texts(&batch, "target_key")?;
            let refdomains = rows::texts(&batch, "refdomain")?;
            self.rows += batch.num_rows() as u64;
            for row in 0..keys.len() {
                let (key, refdomain) = (keys.value(row), hash(refdomains.value(row)));
                self.key_bytes += key.len() as u64;
                self.refdomains.insert(refdomain);
                let (host, path) = key::split(key);
                let domain = domain_of(list, host).context("a target without domain")?;
                if domain == giant_domain {
                    self.giant_refdomains.insert(refdomain);
                }
                if host == giant {
                    self.giant_host_rows += 1;
                    if let Some(end) = path[1..].find('/') {
                        *self.folders.entry(path[..end + 2].to_owned()).or_default() += 1;
                    }
                }
                let names = [host, key, domain.as_str()];
                for (candidates, name) in self.candidates.iter_mut().zip(names) {
                    if hash(name).is_multiple_of(share) {
                        add(candidates, name, refdomain);
                    }
                }
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.key_bytes += other.key_bytes;
        self.refdomains.extend(other.refdomains);
        self.giant_refdomains.extend(other.giant_refdomains);
        self.giant_host_rows += other.giant_host_rows;
        for (folder, count) in other.folders {
            *self.folders.entry(folder).or_default() += count;
        }
        for (own, others) in self.candidates.iter_mut().zip(other.candidates) {
            for (name, refdomains) in others {
                for refdomain in refdomains {
                    add(own, &name, refdomain);
                }
            }
        }
    }

    /// The requests, in the order of their numbers.
    fn requests(&self, giant: &str, list: &SuffixList) -> Result<Vec<Value>> {
        let mut requests = Vec::new();
        for ((kind, number), candidates) in EACH.iter().zip(&self.candidates) {
            let ordinary = candidates
                .iter()
                .filter(|(_, domains)| ORDINARY.contains(&domains.len()));
            let mut names: Vec<&String> = ordinary.map(|(name, _)| name).collect();
            names.sort_by_key(|name| (hash(name), name.as_str()));
            names.truncate(*number);
            for name in names {
                requests.push(request("ordinary", kind, name, json!({})));
            }
        }
        let domain = domain_of(list, giant).context("the giant has no domain")?;
        for (kind, name) in [("domain", giant), ("subdomains", domain.as_str())] {
            requests.extend(giant_requests(kind, name));
        }
        let where_ = format!("substring(refdomain,\"{SUBSTRING}\")");
        let more = json!({ "where": where_, "substring": SUBSTRING });
        requests.push(request("giant_where_substring", "domain", giant, more));
        let where_ = format!("last_visited>=\"{}\"", DAY.0);
        let more = json!({ "where": where_, "since": DAY.1 });
        requests.push(request("giant_where_date", "domain", giant, more));
        let prefix = format!("{giant}){}", self.prefix()?);
        requests.push(request("giant_prefix", "prefix", &prefix, json!({})));
        for (number, request) in requests.iter_mut().enumerate() {
            request["id"] = json!(number);
        }
        Ok(requests)
    }

    /// A folder of the giant's host that holds a tenth to a half of its links: the one nearest to a quarter.
    fn prefix(&self) -> Result<&str> {
        let share = |count: u64| count as f64 / self.giant_host_rows.max(1) as f64;
        let fitting = self
            .folders
            .iter()
            .filter(|(_, n)| (0.1..0.5).contains(&share(**n)));
        let nearest =
            fitting.min_by(|(_, a), (_, b)| (share(**a) - 0.25).abs().total_cmp(&(share(**b) - 0.25).abs()));
        nearest
            .map(|(folder, _)| folder.as_str())
            .ok_or_else(|| anyhow!("no folder of the giant holds 10 to 50 % of its links"))
    }

    fn facts(&self, requests: usize) -> Value {
        json!({
            "requests": requests,
            "refdomains": self.refdomains.len(),
            "giant_refdomains": self.giant_refdomains.len(),
            "giant_host_rows": self.giant_host_rows,
            "target_key_bytes_mean": self.key_bytes as f64 / self.rows.max(1) as f64,
        })
    }
}

fn add(candidates: &mut HashMap<String, HashSet<u64>>, name: &str, refdomain: u64) {
    if let Some(refdomains) = candidates.get_mut(name) {
        if refdomains.len() <= *ORDINARY.end() {
            refdomains.insert(refdomain);
        }
    } else {
        candidates.insert(name.to_owned(), HashSet::from([refdomain]));
    }
}

/// The requests that roll-ups can answer.
fn giant_requests(kind: &str, name: &str) -> [Value; 3] {
    let rating = json!({ "order_by": "domain_rating:desc", "limit": 100 });
    let having = json!({ "having": "backlinks>=5", "order_by": "last_visited:desc" });
    [
        request("giant_default", kind, name, json!({})),
        request("giant_rating", kind, name, rating),
        request("giant_having", kind, name, having),
    ]
}

fn request(class: &str, kind: &str, name: &str, more: Value) -> Value {
    let whole = if key::split(name).1.is_empty() {
        format!("{name})/")
    } else {
        name.to_owned()
    };
    let mut request = json!({
        "class": class, "kind": kind, "mode": kind, "key": name, "target": key::to_url(&whole, false),
        "where": "", "having": "", "order_by": "", "limit": 1000,
    });
    if let (Some(request), Value::Object(more)) = (request.as_object_mut(), more) {
        request.extend(more);
    }
    request
}
