//! The command `rating` and `/api/rating`: figures, parts that add up, the plot, and domains that are not there. The scores of
//! the fixture are worked out where it is made.

use std::fs;

use serde_json::Value;

use crate::accounts::{add, index as own_index, rows_left};
use crate::cli::{assert_error, stdout};
use crate::client::Server;
use crate::fixture::{index, index_argument, run};

fn rating(arguments: &[&str]) -> std::process::Output {
    run(&[&["rating", "--index", index_argument()], arguments].concat())
}

#[test]
fn figures_and_parts_for_people() {
    let expected = "\
domain             example.com
rating             100
rank               1 of 7 domains
score              4.409936e-1
referring domains  5
linked domains     0, 0 of them followed
backlinks          8

where the score comes from:

percent  score        refdomain                       domain_rating  linked_domains
-------  -----------  ------------------------------  -------------  --------------
 17.002  7.497780e-2  (base, which every domain has)
 29.346  1.294140e-1  example.org                                39               1
 14.452  6.373113e-2  203.0.113.9                                 0               1
 14.452  6.373113e-2  evil.info                                   0               1
 24.749  1.091396e-1  (2 more domains)

5 rows shown; in all contributing domains 5
";
    let text = stdout(rating(&["http://www.example.com/x", "--explain", "--limit", "3"]));
    assert_eq!(text, expected);
    let plain = stdout(rating(&["www.example.com"]));
    assert_eq!(plain, expected[..expected.find("\nwhere").unwrap()]);
}

#[test]
fn json_is_what_http_says_but_for_the_distribution() {
    let server = Server::start(index());
    for (domain, limit) in [("example.com", "20"), ("example.com", "2"), ("evil.info", "1")] {
        let printed = stdout(rating(&[
            domain,
            "--explain",
            "--limit",
            limit,
            "--output",
            "json",
        ]));
        let printed: Value = serde_json::from_str(&printed).unwrap();
        let path = format!("/api/rating?domain={domain}&limit={limit}");
        let mut answered: Value = serde_json::from_slice(&server.get(&path, "").body).unwrap();
        let distribution = answered.as_object_mut().unwrap().remove("distribution").unwrap();
        assert_eq!(printed, answered);
        let counts: Vec<u64> = distribution
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_u64().unwrap())
            .collect();
        assert_eq!((counts.len(), counts.iter().sum::<u64>()), (101, 7));
        assert_eq!([counts[0], counts[19], counts[39], counts[100]], [4, 1, 1, 1]);
        assert_adds_up(&printed);
    }
    let short: Value = serde_json::from_str(&stdout(rating(&["example.com", "--output", "json"]))).unwrap();
    assert_eq!(short["rank"], 1);
    assert!(short.get("base").is_none() && short.get("contributions").is_none());
}

/// The parts are the score, and 100 percent of it.
fn assert_adds_up(shown: &Value) {
    let parts = |key: &str| {
        let contributions = shown["contributions"].as_array().unwrap();
        let all = contributions.iter().chain([&shown["base"], &shown["others"]]);
        all.map(|part| part[key].as_f64().unwrap()).sum::<f64>()
    };
    assert!(
        (parts("score") - shown["score"].as_f64().unwrap()).abs() < 1e-12,
        "{shown}"
    );
    assert!((parts("percent") - 100.0).abs() < 1e-9, "{shown}");
}

#[test]
fn links_that_are_not_followed_pass_nothing() {
    let shown = stdout(rating(&["evil.info", "--explain", "--output", "json"]));
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["refdomains"], 1);
    assert_eq!(shown["contributions"], Value::Array(Vec::new()));
    assert_eq!(shown["base"]["percent"], 100.0);
}

#[test]
fn plots_are_pictures_with_and_without_a_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ratings.svg");
    let path = file.to_str().unwrap();
    assert_eq!(stdout(rating(&["--plot", path])), "");
    let all = fs::read_to_string(&file).unwrap();
    assert!(stdout(rating(&["example.org", "--plot", path])).contains("rating             39\n"));
    let placed = fs::read_to_string(&file).unwrap();
    for svg in [&all, &placed] {
        let document = roxmltree::Document::parse(svg).unwrap();
        assert_eq!(
            document.root_element().tag_name().namespace(),
            Some("http://www.w3.org/2000/svg")
        );
        let bars = document.descendants().filter(|node| node.has_tag_name("rect"));
        assert_eq!(bars.count(), 4);
    }
    assert!(!all.contains("example.org") && placed.contains(">example.org: 39</text>"));
}

#[test]
fn what_cannot_be_rated_is_one_line() {
    let missing = "nobody-links-here.com is neither source nor target of a backlink in this index";
    assert_error(&rating(&["www.nobody-links-here.com"]), 1, missing);
    assert_error(
        &rating(&["co.uk"]),
        2,
        "domain: invalid value 'co.uk', the host is a public suffix",
    );
    assert_error(
        &rating(&["example.com", "--explain", "--limit", "x"]),
        2,
        "limit: invalid value 'x'",
    );
    assert_error(
        &rating(&["example.com", "--plot", "/nowhere/at/all.svg", "--output", "csv"]),
        2,
        "'csv'",
    );
    assert_error(&rating(&[]), 2, "<DOMAIN>");
    assert_error(&rating(&["--explain"]), 2, "<DOMAIN>");
    assert_error(
        &rating(&["--plot", "/nowhere/at/all.svg"]),
        1,
        "cannot write /nowhere/at/all.svg",
    );
}

#[test]
fn errors_of_the_api_have_statuses() {
    let server = Server::start(index());
    for (query, status, part) in [
        ("", 400, "domain: missing"),
        (
            "?domain=localhost",
            400,
            "domain: invalid value 'localhost', the host has no dot",
        ),
        (
            "?domain=example.com&limit=0",
            400,
            "limit: invalid value '0', a page holds 1 to 1000 rows",
        ),
        (
            "?domain=nobody-links-here.com",
            404,
            "domain: nobody-links-here.com is neither source nor target",
        ),
    ] {
        let answer = server.get(&format!("/api/rating{query}"), "");
        assert_eq!(
            (answer.status, answer.header("x-status")),
            (status, Some("error")),
            "{query}"
        );
        assert!(
            answer.text().starts_with(&format!("{{\"error\":\"{part}")),
            "{}",
            answer.text()
        );
    }
}

#[test]
fn a_rating_costs_one_row_and_with_tokens_there_is_no_page() {
    let (_folder, index) = own_index();
    let token = add(&index, 3);
    let server = Server::start(&index);
    let ask = |query: &str| {
        let path = format!("/?from=domain_rating&target=example.com&token={token}{query}");
        server.get(&path, "").text()
    };
    let answer = "{\"domain\":{\"domain_rating\":100,\"ahrefs_top\":1}}";
    assert_eq!(ask(""), answer);
    assert_eq!(ask("&having=domain_rating%3E0"), answer);
    assert_eq!(rows_left(&server, &token), 1);
    assert_eq!(ask("&select=x"), "{\"error\":\"select: column 'x' not found\"}");
    assert_eq!(rows_left(&server, &token), 1);
    assert_eq!(ask("&having=domain_rating%3C0"), "{\"domain\":{}}");
    assert!(ask("").starts_with("{\"error\":\"not enough rows left"));
    let without = server.get("/?from=domain_rating&target=example.com", "").text();
    assert_eq!(without, "{\"error\":\"invalid token\"}");
    for path in [
        "/rating?",
        "/rating?domain=example.com",
        "/api/rating?domain=example.com",
    ] {
        assert_eq!(
            server
                .get(&format!("{path}&token={token}"), "accept: text/html")
                .status,
            403,
            "{path}"
        );
    }
    let metrics = server.get("/metrics", "").text();
    assert!(
        metrics.contains("openrefs_requests_total{table=\"domain_rating\",outcome=\"ok\"} 3\n"),
        "{metrics}"
    );
}
