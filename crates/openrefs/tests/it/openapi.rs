//! The served description against the server: everything it names is asked for.

use serde_json::Value;

use crate::client::Server;
use crate::fixture::index;

const REQUEST: &str = "from=refdomains&target=example.com&mode=domain";
const RATING: &str = "domain=www.example.com";

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_str().unwrap())
        .collect()
}

#[test]
fn everything_described_is_there() {
    let server = Server::start(index());
    let served = server.get("/openapi.json", "");
    assert_eq!(
        served.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    let document: Value = serde_json::from_slice(&served.body).unwrap();
    assert_eq!(document["openapi"], "3.1.0");

    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let query = match path.as_str() {
                "/" => format!("?{REQUEST}"),
                "/api/rating" => format!("?{RATING}"),
                _ => String::new(),
            };
            let request = format!(
                "{} {path}{query} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
                method.to_uppercase()
            );
            let answer = server.send(request.as_bytes());
            assert_eq!(
                (answer.status, answer.header("x-status")),
                (200, None),
                "{method} {path}"
            );
            let content = operation["responses"]["200"]["content"].as_object().unwrap();
            let media_type = answer.header("content-type").unwrap().split(';').next().unwrap();
            assert!(content.contains_key(media_type), "{method} {path}: {media_type}");
        }
    }

    let get = &document["paths"]["/"]["get"];
    let schema = |name: &str| {
        let all = get["parameters"].as_array().unwrap();
        &all.iter().find(|p| p["name"] == name).unwrap()["schema"]
    };
    let media_types = get["responses"]["200"]["content"].as_object().unwrap();
    let ok = |query: &str| {
        let answer = server.get(&format!("/?{query}"), "");
        assert_eq!(answer.header("x-status"), None, "{query}: {}", answer.text());
        let media_type = answer.header("content-type").unwrap().split(';').next().unwrap();
        assert!(media_types.contains_key(media_type), "{query}: {media_type}");
        answer.text()
    };
    let wrong = |query: &str| {
        let answer = server.get(&format!("/?{query}"), "");
        assert_eq!(
            (answer.status, answer.header("x-status")),
            (200, Some("error")),
            "{query}"
        );
    };
    for table in texts(&schema("from")["enum"]) {
        ok(&format!("from={table}&target=example.com&mode=domain"));
    }
    for mode in texts(&schema("mode")["enum"]) {
        ok(&format!("from=refdomains&target=example.com&mode={mode}"));
    }
    let bodies: Vec<String> = texts(&schema("output")["enum"])
        .into_iter()
        .map(|output| ok(&format!("{REQUEST}&output={output}")))
        .collect();
    assert_eq!(bodies[0], ok(REQUEST));
    assert!(bodies[1..].iter().all(|body| *body != bodies[0]));
    for name in ["limit", "offset"] {
        let schema = schema(name);
        assert_eq!(
            ok(REQUEST),
            ok(&format!("{REQUEST}&{name}={}", schema["default"]))
        );
        ok(&format!("{REQUEST}&{name}={}", schema["maximum"]));
        wrong(&format!(
            "{REQUEST}&{name}={}",
            schema["maximum"].as_u64().unwrap() + 1
        ));
    }
    for (name, good, bad) in [
        ("select", "refdomain", "url"),
        ("where", "backlinks%3E1", "domain_rating%3E1"),
        ("having", "backlinks%3E1", "ip=x"),
        ("order_by", "backlinks:desc", "ip"),
    ] {
        assert_eq!(schema(name)["type"], "string");
        assert_ne!(ok(REQUEST), ok(&format!("{REQUEST}&{name}={good}")), "{name}");
        wrong(&format!("{REQUEST}&{name}={bad}"));
    }
    assert_eq!(schema("select")["default"], "*");
    assert_eq!(ok(REQUEST), ok(&format!("{REQUEST}&select=*")));

    let rating = document["paths"]["/api/rating"]["get"]["parameters"]
        .as_array()
        .unwrap();
    let limit = &rating.iter().find(|p| p["name"] == "limit").unwrap()["schema"];
    let status = |limit: u64| {
        server
            .get(&format!("/api/rating?{RATING}&limit={limit}"), "")
            .status
    };
    let (least, most) = (
        limit["minimum"].as_u64().unwrap(),
        limit["maximum"].as_u64().unwrap(),
    );
    assert_eq!(
        [least - 1, least, most, most + 1].map(status),
        [400, 200, 200, 400]
    );
    assert_eq!(
        server.get(&format!("/api/rating?{RATING}"), "").text(),
        server
            .get(&format!("/api/rating?{RATING}&limit={}", limit["default"]), "")
            .text()
    );

    let error = server.get("/", "");
    for header in get["responses"]["200"]["headers"].as_object().unwrap().keys() {
        assert!(error.header(header).is_some(), "{header}");
    }
}

#[test]
fn answers_have_the_described_keys() {
    let server = Server::start(index());
    let document: Value = serde_json::from_slice(&server.get("/openapi.json", "").body).unwrap();
    let schemas = &document["components"]["schemas"];
    for (name, query) in [
        ("Refdomains", &*format!("?{REQUEST}")),
        ("DomainRating", "?from=domain_rating&target=example.com"),
        ("Rating", &format!("api/rating?{RATING}")),
        ("SubscriptionInfo", "?from=subscription_info"),
        ("Error", ""),
        ("Error", "api/rating"),
    ] {
        let answer: Value = serde_json::from_slice(&server.get(&format!("/{query}"), "").body).unwrap();
        check(&schemas[name], &answer, name);
    }
}

/// Whether a value is what a schema describes, of the few words that ours uses.
fn check(schema: &Value, value: &Value, at: &str) {
    match schema["type"].as_str().unwrap() {
        "object" => {
            let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
            let described: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
            assert_eq!(keys, described, "{at}");
            for key in keys {
                check(&schema["properties"][key], &value[key], &format!("{at}.{key}"));
            }
        }
        "array" => {
            let items = value.as_array().unwrap();
            assert!(!items.is_empty(), "{at}");
            items.iter().for_each(|item| check(&schema["items"], item, at));
        }
        "integer" => assert!(value.is_u64(), "{at}"),
        "number" => assert!(value.is_number(), "{at}"),
        "string" => assert!(value.is_string(), "{at}"),
        other => panic!("{at}: {other}"),
    }
}
