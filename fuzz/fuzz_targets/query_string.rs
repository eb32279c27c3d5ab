//! Query strings, whole: any text is a request or an error of one line and bounded length; parameters that are written
//! by another hand, encoded or repeated, are read as they were meant.

#![no_main]

use arbitrary::Arbitrary;
use form_urlencoded::Serializer;
use libfuzzer_sys::fuzz_target;
use openrefs::http::parameters::Query;
use openrefs_fuzz::{is_error_line, list};

const KEYS: [&str; 11] = [
    "from",
    "output",
    "target",
    "mode",
    "select",
    "order_by",
    "limit",
    "offset",
    "where",
    "having",
    "refdomain",
];

#[derive(Arbitrary, Debug)]
enum Case<'a> {
    Text(&'a str),
    /// A request that is right up to what the text says.
    Tail(&'a str),
    Pairs(Vec<(u8, &'a str)>),
}

fuzz_target!(|case: Case<'_>| match case {
    Case::Text(text) => answer(&Query::read(text)),
    Case::Tail(text) => answer(&Query::read(&format!(
        "from=refdomains&target=example.com&mode=domain&{text}"
    ))),
    Case::Pairs(pairs) => {
        let pairs: Vec<(&str, &str)> = pairs
            .into_iter()
            .map(|(key, value)| (KEYS.get(usize::from(key) % 12).copied().unwrap_or("x"), value))
            .collect();
        let text = Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let query = Query::read(&text);
        for key in KEYS {
            let meant = pairs.iter().find(|pair| pair.0 == key).map(|pair| pair.1);
            assert_eq!(value(&query, key), meant.unwrap_or(""), "{key}");
        }
        assert_eq!(query.from.is_some(), pairs.iter().any(|pair| pair.0 == "from"));
        answer(&query);
    }
});

fn value<'a>(query: &'a Query, key: &str) -> &'a str {
    let parameters = &query.parameters;
    match key {
        "from" => query.from.as_deref().unwrap_or(""),
        "output" => &query.output,
        "target" => &parameters.target,
        "mode" => &parameters.mode,
        "select" => &parameters.select,
        "order_by" => &parameters.order_by,
        "limit" => &parameters.limit,
        "offset" => &parameters.offset,
        "where" => &parameters.where_,
        "having" => &parameters.having,
        _ => &parameters.refdomain,
    }
}

/// Everything that a handler reads before it asks the index.
fn answer(query: &Query) {
    if let Err(error) = query.check() {
        is_error_line(&error.to_string());
    }
    match query.parameters.refdomains(list()) {
        Ok(request) => {
            assert!(request.scope.holds(&request.scope.key));
            assert!(!request.select.is_empty());
            assert!(request.limit <= openrefs_query::request::LIMIT_MAX);
        }
        Err(error) => is_error_line(&error.to_string()),
    }
    if let Err(error) = query.parameters.backlinks(list()) {
        is_error_line(&error.to_string());
    }
}
