//! The answers of an independent implementation to requests about real crawls, held against ours.

#![allow(clippy::unwrap_used)] // a test may panic

use std::io::Read;
use std::path::{Path, PathBuf};

use openrefs_build::{Options, Quiet, ingest};
use openrefs_model::{SuffixList, time};
use openrefs_query::domains::{Domains, explain};
use openrefs_query::refdomains::refdomains;
use openrefs_query::{Error, Parameters, RefdomainsRequest, Snapshot};
use openrefs_store::Index;
use serde_json::Value;

fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if path.join("expected/crawls.jsonl").exists() {
        return Some(path);
    }
    println!("skipped: ../shared is absent");
    None
}

fn parameters(request: &Value) -> Parameters {
    let text = |name: &str| match &request[name] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    // A request without a limit has all its rows in the expected answer only up to the default limit.
    Parameters {
        target: text("target"),
        mode: text("mode"),
        select: String::new(),
        where_: text("where"),
        having: text("having"),
        order_by: text("order_by"),
        limit: text("limit"),
        offset: text("offset"),
    }
}

fn answer(snapshot: &Snapshot, parameters: &Parameters) -> Result<Value, Error> {
    let request = RefdomainsRequest::read(snapshot.suffix_list(), parameters)?;
    let answer = refdomains(snapshot, &request)?;
    let rows = answer.rows.iter().map(|row| {
        serde_json::json!({
            "refdomain": row.refdomain,
            "backlinks": row.backlinks,
            "refpages": row.refpages,
            "first_seen": time::format(row.first_seen),
            "last_visited": time::format(row.last_visited),
            "domain_rating": row.domain_rating,
        })
    });
    let totals = answer.totals;
    Ok(serde_json::json!({
        "refdomains": rows.collect::<Vec<_>>(),
        "stats": {"refdomains": totals.refdomains, "ips": totals.ips, "class_c": totals.class_c},
    }))
}

/// The real crawls, read into an index with the list that the expected answers were made with.
fn index_of_crawls(shared: &Path, folder: &Path) -> Index {
    let list =
        std::fs::read_to_string(shared.join("data/suites/publicsuffix/public_suffix_list.dat")).unwrap();
    let list = SuffixList::from_text(&list).unwrap();
    let index = Index::open_or_create(folder, None, Some(&list)).unwrap();
    let inputs = openrefs_archive::expand(&[shared.join("data/crawls")]).unwrap();
    ingest(&index, inputs, &Options::default(), &Quiet).unwrap();
    index
}

#[test]
fn answers_agree_with_an_independent_implementation() {
    let Some(shared) = shared() else { return };
    let temporary = tempfile::tempdir().unwrap();
    let index = index_of_crawls(&shared, temporary.path());
    let snapshot = Snapshot::open(&index).unwrap();

    let (mut agreed, mut wrong) = (0, Vec::new());
    for line in std::fs::read_to_string(shared.join("expected/crawls.jsonl"))
        .unwrap()
        .lines()
    {
        let request: Value = serde_json::from_str(line).unwrap();
        let ours = answer(&snapshot, &parameters(&request));
        let expected = &request["answer"];
        let same = match &ours {
            Ok(answer) => answer == expected,
            Err(Error::Request(_)) => expected.get("error").is_some(),
            Err(_) => false,
        };
        if same {
            agreed += 1;
        } else {
            wrong.push(format!("{line}\n  ours: {ours:?}"));
        }
    }
    println!("{agreed} answers agree, {} differ", wrong.len());
    for text in wrong.iter().take(5) {
        println!("{}", text.chars().take(3_000).collect::<String>());
    }
    assert!(wrong.is_empty(), "{} answers differ", wrong.len());
    assert!(agreed > 550);
}

#[test]
fn ratings_agree_with_an_independent_implementation() {
    let Some(shared) = shared() else { return };
    let temporary = tempfile::tempdir().unwrap();
    let index = index_of_crawls(&shared, temporary.path());
    let snapshot = Snapshot::open(&index).unwrap();
    let mut domains = Domains::new(&snapshot);
    let mut text = String::new();
    let packed = std::fs::File::open(shared.join("expected/crawls-rating.tsv.gz")).unwrap();
    flate2::read::MultiGzDecoder::new(packed)
        .read_to_string(&mut text)
        .unwrap();
    let mut compared = 0;
    let mut sum = 0.0;
    for line in text.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let (name, score): (&str, f64) = (columns[0], columns[1].parse().unwrap());
        let row = domains.row(name).unwrap().expect(name);
        assert!(
            (row.score / score - 1.0).abs() < 1e-6,
            "{name}: {} and {score}",
            row.score
        );
        assert_eq!(row.rating.to_string(), columns[2], "{name}");
        assert_eq!(row.rank.to_string(), columns[3], "{name}");
        sum += row.score;
        compared += 1;
        if row.rank % 100 == 1 {
            let explanation = explain(&snapshot, &row).unwrap();
            let shares: f64 = explanation.contributions.iter().map(|c| c.share).sum();
            assert!((explanation.base + shares - row.score).abs() < 1e-12, "{name}");
            assert!(explanation.base > 0.0, "{name}");
            assert!(explanation.contributions.is_sorted_by(|a, b| a.share >= b.share));
        }
    }
    assert_eq!(compared, snapshot.manifest().rating.domains);
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    println!("{compared} domains agree");
}
