//! Reports on the command line: every output, and every bad input with its one line and its status.

use std::fs;
use std::process::{Output, Stdio};

use crate::client::Server;
use crate::fixture::{PAGES, index, index_argument, index_in, openrefs, run};
use crate::readers;

fn refdomains(arguments: &[&str]) -> Output {
    run(&[
        &["refdomains", "example.com", "--index", index_argument()],
        arguments,
    ]
    .concat())
}

/// The standard output of a command that went well and had nothing to say.
pub fn stdout(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout).unwrap()
}

/// Asserts one line on standard error that begins with `error: ` and holds a text, nothing on standard output.
pub fn assert_error(output: &Output, status: i32, part: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{text}");
    assert!(text.starts_with("error: ") && text.contains(part), "{text}");
    assert_eq!((text.lines().count(), output.stdout.len()), (1, 0), "{text}");
}

#[test]
fn table_with_totals_below() {
    let expected = "\
refdomain          backlinks  refpages  first_seen            last_visited          domain_rating
-----------------  ---------  --------  --------------------  --------------------  -------------
example.org                3         2  2024-01-01T00:00:00Z  2024-01-02T00:00:00Z             39
203.0.113.9                1         1  2024-01-07T00:00:00Z  2024-01-07T00:00:00Z              0
evil.info                  1         1  2024-01-06T00:00:00Z  2024-01-06T00:00:00Z              0
example.net                1         1  2024-02-01T10:00:00Z  2024-03-01T10:00:00Z             19
xn--bcher-kva.com          1         1  2024-01-05T00:00:00Z  2024-01-05T00:00:00Z              0

5 rows shown; in all refdomains 5, ips 5, class_c 4
";
    assert_eq!(stdout(refdomains(&["--order-by", "backlinks:desc"])), expected);
}

#[test]
fn limit_0_gives_the_totals_alone() {
    assert_eq!(
        stdout(refdomains(&["--limit", "0"])),
        "0 rows shown; in all refdomains 5, ips 5, class_c 4\n"
    );
}

#[test]
fn json_is_the_body_of_http() {
    let server = Server::start(index());
    for (arguments, query) in [
        (vec![], "mode=domain"),
        (
            vec![
                "--mode",
                "subdomains",
                "--order-by",
                "backlinks:desc",
                "--limit",
                "2",
                "--offset",
                "1",
            ],
            "mode=subdomains&order_by=backlinks:desc&limit=2&offset=1",
        ),
        (
            vec!["--select", "backlinks,refdomain"],
            "mode=domain&select=backlinks,refdomain",
        ),
    ] {
        let printed = stdout(refdomains(&[&arguments[..], &["--output", "json"]].concat()));
        let answered = server.get(&format!("/?from=refdomains&target=example.com&{query}"), "");
        assert_eq!(printed, answered.text());
    }
}

#[test]
fn csv_reads_back() {
    let text = stdout(refdomains(&["--output", "csv"]));
    assert_eq!(
        text.lines().next(),
        Some("refdomain,backlinks,refpages,first_seen,last_visited,domain_rating")
    );
    let records: Vec<csv::StringRecord> = csv::Reader::from_reader(text.as_bytes())
        .records()
        .map(Result::unwrap)
        .collect();
    assert_eq!(records.len(), 5);
    assert_eq!(
        records[3].iter().collect::<Vec<_>>(),
        [
            "example.org",
            "3",
            "2",
            "2024-01-01T00:00:00Z",
            "2024-01-02T00:00:00Z",
            "39"
        ]
    );
}

#[test]
fn ndjson_is_an_object_a_line() {
    let text = stdout(refdomains(&[
        "--output",
        "ndjson",
        "--select",
        "refdomain",
        "--limit",
        "2",
    ]));
    assert_eq!(
        text,
        "{\"refdomain\":\"203.0.113.9\"}\n{\"refdomain\":\"evil.info\"}\n"
    );
}

#[test]
fn xml_and_php_say_what_json_says() {
    let answer = |output| stdout(refdomains(&["--output", output]));
    let json: serde_json::Value = serde_json::from_str(&answer("json")).unwrap();
    assert_eq!(readers::xml(&answer("xml")), readers::texts(&json));
    assert_eq!(readers::php(answer("php").as_bytes()), json);
    assert_error(
        &backlinks(&["--output", "php"]),
        2,
        "output: php is not for backlinks",
    );
    assert!(stdout(backlinks(&["--output", "xml"])).ends_with("</backlink></backlinks></AhrefsApiResponse>"));
}

fn backlinks(arguments: &[&str]) -> Output {
    run(&[
        &["backlinks", "example.com", "--index", index_argument()],
        arguments,
    ]
    .concat())
}

#[test]
fn backlinks_are_the_evidence() {
    let text = stdout(backlinks(&["--refdomain", "example.org", "--output", "ndjson"]));
    let expected = concat!(
        r#"{"url_from":"http://a.example.org/1","url_to":"http://example.com/","anchor":"home","link_type":"href","#,
        r#""nofollow":false,"ugc":false,"sponsored":false,"image":false,"ip_from":"192.0.2.1","#,
        r#""first_seen":"2024-01-01T00:00:00Z","last_visited":"2024-01-01T00:00:00Z"}"#,
        "\n",
        r#"{"url_from":"http://www.example.org/2","url_to":"https://example.com/","anchor":"home","link_type":"href","#,
        r#""nofollow":false,"ugc":false,"sponsored":false,"image":false,"ip_from":"192.0.2.2","#,
        r#""first_seen":"2024-01-02T00:00:00Z","last_visited":"2024-01-02T00:00:00Z"}"#,
        "\n",
        r#"{"url_from":"http://a.example.org/1","url_to":"http://example.com/a?x=1","anchor":"deep","link_type":"href","#,
        r#""nofollow":true,"ugc":true,"sponsored":false,"image":false,"ip_from":"192.0.2.1","#,
        r#""first_seen":"2024-01-01T00:00:00Z","last_visited":"2024-01-01T00:00:00Z"}"#,
        "\n"
    );
    assert_eq!(text, expected);
}

#[test]
fn backlinks_in_every_output() {
    let text = stdout(backlinks(&["--output", "csv"]));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let anchors: Vec<String> = reader
        .records()
        .map(|record| record.unwrap()[2].to_owned())
        .collect();
    assert_eq!(anchors.len(), 7);
    for anchor in ["x & \"y\", z", "Ünïcödé/路", "<script>alert(1)</script>", "logo"] {
        assert!(anchors.iter().any(|a| a == anchor), "{anchor} in {anchors:?}");
    }
    let json: serde_json::Value = serde_json::from_str(&stdout(backlinks(&["--output", "json"]))).unwrap();
    assert_eq!(json["backlinks"].as_array().unwrap().len(), 7);
    let table = stdout(backlinks(&["--limit", "3"]));
    assert!(table.ends_with("\n\n3 rows shown\n"), "{table}");
    assert!(table.starts_with("url_from "), "{table}");
    assert_eq!(stdout(backlinks(&["--limit", "0"])), "0 rows shown\n");
}

#[test]
fn bad_parameters_are_one_line_and_status_2() {
    for (arguments, part) in [
        (
            &["--mode", "sideways"][..],
            "mode: invalid value 'sideways', use exact, domain, subdomains or prefix",
        ),
        (
            &["--limit", "-1"],
            "limit: invalid value '-1', use a whole number from 0 to 5000000",
        ),
        (&["--limit", "5000001"], "limit: invalid value '5000001'"),
        (
            &["--limit", "99999999999999999999999"],
            "limit: invalid value '9999999",
        ),
        (&["--limit", "ten"], "limit: invalid value 'ten'"),
        (
            &["--offset", "-5"],
            "offset: invalid value '-5', use a whole number from 0",
        ),
        (&["--order-by", "foo"], "order_by: column 'foo' not found"),
        (&["--select", "ip"], "select: column 'ip' not found"),
        (
            &["--output", "yaml"],
            "invalid value 'yaml' for '--output <FORMAT>' [possible values: table, json, xml, php, csv, ndjson]",
        ),
        (&["--nonsense"], "unexpected argument '--nonsense' found"),
    ] {
        assert_error(&refdomains(arguments), 2, part);
    }
    for (target, part) in [
        ("", "target: missing"),
        (
            "co.uk",
            "target: invalid value 'co.uk', the host is a public suffix",
        ),
        ("com", "target: invalid value 'com', the host has no dot"),
        ("ftp://example.com/", "only http and https"),
        ("http://[::1", "not a host or URL"),
        ("example.nosuchtld", "top-level domain"),
        ("a\nb\n", "target: invalid value 'a b "),
    ] {
        for command in ["refdomains", "backlinks"] {
            assert_error(&run(&[command, target, "--index", index_argument()]), 2, part);
        }
    }
    assert_error(
        &backlinks(&["--refdomain", "www.example.org"]),
        2,
        "refdomain: 'www.example.org' is part of a referring domain, use 'example.org'",
    );
    assert_error(
        &run(&["refdomains", "example.com"]),
        2,
        "required arguments were not provided: --index <DIR>",
    );
    assert_error(
        &run(&["serve", "--index", index_argument(), "--listen", "8001"]),
        2,
        "--listen: '8001' is no address",
    );
    assert_error(
        &run(&["serve", "--index", index_argument(), "--listen", "0.0.0.0:0"]),
        2,
        "add --open to allow that",
    );
    assert_error(
        &run(&["ingest", "x.warc", "--index", "i", "--memory", "1X"]),
        2,
        "--memory: invalid value '1X'",
    );
    assert_error(
        &run(&["ingest", "x.warc", "--index", "i", "--buckets", "0"]),
        2,
        "0 is not in 1..=4096",
    );
}

#[test]
fn bad_indexes_are_one_line_and_status_1() {
    let folder = tempfile::tempdir().unwrap();
    let index = index_in(folder.path(), &PAGES[..1]);
    let settings = index.join("openrefs.json");
    let text = fs::read_to_string(&settings).unwrap();
    let every_reader = |part: &str| {
        let index = index.to_str().unwrap();
        assert_error(&run(&["refdomains", "example.com", "--index", index]), 1, part);
        assert_error(&run(&["backlinks", "example.com", "--index", index]), 1, part);
        assert_error(
            &run(&["serve", "--index", index, "--listen", "127.0.0.1:0"]),
            1,
            part,
        );
    };

    assert!(text.contains("\"format\": 2"), "{text}");
    fs::write(&settings, text.replace("\"format\": 2", "\"format\": 999")).unwrap();
    every_reader("has format 999, this openrefs reads format 2; use a matching openrefs");
    fs::write(&settings, "{").unwrap();
    every_reader("openrefs.json is damaged");
    fs::write(&settings, &text).unwrap();
    fs::remove_file(index.join("CURRENT")).unwrap();
    every_reader("CURRENT is damaged (it is missing, though there are snapshots)");
    let told = run(&["ingest", "x.warc", "--index", index.to_str().unwrap()]);
    assert_ne!(told.status.code(), Some(0));
    assert!(
        index.join("snapshots/1.json").exists(),
        "a lost file loses no more"
    );
    fs::remove_dir_all(&index).unwrap();
    every_reader("no index at ");
}

#[test]
fn a_broken_pipe_is_success() {
    for output in ["table", "json", "csv", "ndjson"] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_openrefs"))
            .args([
                "backlinks",
                "example.com",
                "--index",
                index_argument(),
                "--output",
                output,
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Nobody ever reads: the first write meets a closed pipe.
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success(), "{output}: {ended:?}");
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{output}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_one_line() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_openrefs"))
        .args(["refdomains", "example.com", "--index", index_argument()])
        .stdout(full)
        .output()
        .unwrap();
    assert_error(
        &output,
        1,
        "cannot write to standard output: No space left on device",
    );
}

#[test]
fn help_and_version() {
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["ingest", "--help"],
        &["demo", "-h"],
    ] {
        let text = stdout(run(arguments));
        assert!(text.contains("openrefs"), "{text}");
    }
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(2));
    openrefs().arg("nothing").assert().code(2);
}
