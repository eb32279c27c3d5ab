//! The answers of an independent implementation to requests about real crawls, held against ours.

#![allow(clippy::unwrap_used)] // a test may panic

use std::path::{Path, PathBuf};

use openrefs_build::{Options, Quiet, ingest};
use openrefs_model::{SuffixList, time};
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
        })
    });
    let totals = answer.totals;
    Ok(serde_json::json!({
        "refdomains": rows.collect::<Vec<_>>(),
        "stats": {"refdomains": totals.refdomains, "ips": totals.ips, "class_c": totals.class_c},
    }))
}

fn without_rating(mut answer: Value) -> Value {
    for row in answer["refdomains"].as_array_mut().into_iter().flatten() {
        if let Some(row) = row.as_object_mut() {
            row.remove("domain_rating");
        }
    }
    answer
}

#[test]
fn answers_agree_with_an_independent_implementation() {
    let Some(shared) = shared() else { return };
    let temporary = tempfile::tempdir().unwrap();
    let list =
        std::fs::read_to_string(shared.join("data/suites/publicsuffix/public_suffix_list.dat")).unwrap();
    let list = SuffixList::from_text(&list).unwrap();
    let index = Index::open_or_create(temporary.path(), None, Some(&list)).unwrap();
    let inputs = openrefs_archive::expand(&[shared.join("data/crawls")]).unwrap();
    ingest(&index, inputs, &Options::default(), &Quiet).unwrap();
    let snapshot = Snapshot::open(&index).unwrap();

    let (mut agreed, mut by_rating, mut wrong) = (0, 0, Vec::new());
    for line in std::fs::read_to_string(shared.join("expected/crawls.jsonl"))
        .unwrap()
        .lines()
    {
        let request: Value = serde_json::from_str(line).unwrap();
        if ["having", "order_by"]
            .iter()
            .any(|p| request[p].to_string().contains("domain_rating"))
        {
            by_rating += 1; // until an index holds ratings
            continue;
        }
        let ours = answer(&snapshot, &parameters(&request));
        let expected = &request["answer"];
        let same = match &ours {
            Ok(answer) => *answer == without_rating(expected.clone()),
            Err(Error::Request(_)) => expected.get("error").is_some(),
            Err(_) => false,
        };
        if same {
            agreed += 1;
        } else {
            wrong.push(format!("{line}\n  ours: {ours:?}"));
        }
    }
    println!(
        "{agreed} answers agree, {by_rating} by rating not compared, {} differ",
        wrong.len()
    );
    for text in wrong.iter().take(5) {
        println!("{}", text.chars().take(3_000).collect::<String>());
    }
    assert!(wrong.is_empty(), "{} answers differ", wrong.len());
    assert!(agreed > 500);
}
