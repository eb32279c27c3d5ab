//! Real crawls from archives to answers over HTTP, held against those of an independent implementation; and every answer
//! again as XML and as PHP.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;

use crate::client::{Response, Server};
use crate::fixture::openrefs;
use crate::readers;

pub fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if path.join("expected/crawls.jsonl").exists() {
        return Some(path);
    }
    println!("skipped: ../shared is absent");
    None
}

/// The index of the crawls, made once; nobody may change it.
pub fn index(shared: &Path) -> &'static Path {
    static INDEX: OnceLock<PathBuf> = OnceLock::new();
    INDEX.get_or_init(|| {
        let index = Path::new(env!("CARGO_TARGET_TMPDIR")).join("crawls");
        let _ = fs::remove_dir_all(&index);
        openrefs()
            .arg("ingest")
            .arg(shared.join("data/crawls"))
            .arg("--index")
            .arg(&index)
            .arg("--suffix-list")
            .arg(shared.join("data/suites/publicsuffix/public_suffix_list.dat"))
            .assert()
            .success();
        index
    })
}

/// The parameters of a request as a client would send them.
fn query(request: &Value, output: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::from("/?"));
    query
        .append_pair("from", "refdomains")
        .append_pair("output", output);
    for name in ["target", "mode", "where", "having", "order_by", "limit", "offset"] {
        match &request[name] {
            Value::Null => {}
            Value::String(text) => {
                query.append_pair(name, text);
            }
            other => {
                query.append_pair(name, &other.to_string());
            }
        }
    }
    query.finish()
}

fn agrees(ours: &Value, expected: &Value) -> bool {
    match expected.get("error") {
        Some(_) => ours.get("error").is_some(),
        None => ours == expected,
    }
}

/// The status and the headers say the same as the body.
pub fn check_head(response: &Response, json: &Value) {
    assert_eq!(response.status, 200);
    let rows = json["refdomains"].as_array().map_or(0, Vec::len);
    assert_eq!(response.header("x-results-count"), Some(&*rows.to_string()));
    let status = json.get("error").map(|_| "error");
    assert_eq!(response.header("x-status"), status);
}

#[test]
fn answers_over_http_agree_with_an_independent_implementation() {
    let Some(shared) = shared() else { return };
    let server = Server::start(index(&shared));

    let (mut agreed, mut errors, mut wrong) = (0, 0, Vec::new());
    let requests = fs::read_to_string(shared.join("expected/crawls.jsonl")).unwrap();
    for line in requests.lines() {
        let request: Value = serde_json::from_str(line).unwrap();
        let path = query(&request, "json");
        let response = server.get(&path, "");
        let json: Value = serde_json::from_slice(&response.body).unwrap();
        check_head(&response, &json);
        if agrees(&json, &request["answer"]) {
            agreed += 1;
            errors += usize::from(json.get("error").is_some());
        } else {
            wrong.push(format!(
                "{path}\n  {json}\n  in place of\n  {}",
                request["answer"]
            ));
        }

        let xml = server.get(&query(&request, "xml"), "");
        check_head(&xml, &json);
        assert_eq!(readers::xml(&xml.text()), readers::texts(&json), "{path} as XML");
        let php = server.get(&query(&request, "php"), "");
        check_head(&php, &json);
        assert_eq!(readers::php(&php.body), json, "{path} as PHP");
    }
    println!(
        "{agreed} answers agree, {errors} of them errors; {} differ",
        wrong.len()
    );
    for text in wrong.iter().take(5) {
        println!("{}", text.chars().take(3_000).collect::<String>());
    }
    assert!(wrong.is_empty(), "{} answers differ", wrong.len());
    assert!(agreed > 550);
}
