//! The description of the interface for programs, OpenAPI 3.1. Written by hand, because nearly everything is one path with
//! one query string; tests hold it against the server.

use axum::body::Body;
use axum::http::{Response, header};
use axum::response::IntoResponse;
use openrefs_query::Column;
use openrefs_query::request::{LIMIT_DEFAULT, LIMIT_MAX, OFFSET_MAX};
use serde_json::{Value, json};

use crate::format::wire::Wire;
use crate::http::error::{JSON, RESULTS_COUNT};

/// Answers with it.
pub async fn document() -> Response<Body> {
    ([(header::CONTENT_TYPE, JSON)], description().to_string()).into_response()
}

/// The description.
pub fn description() -> Value {
    let table = json!({
        "parameters": parameters(),
        "responses": {
            "200": {
                "description": "The answer; or an error, told by the header x-status and the key error.",
                "headers": headers(),
                "content": {
                    "application/json": { "schema": { "oneOf": [
                        reference("Refdomains"), reference("DomainRating"), reference("SubscriptionInfo"),
                        reference("Error")
                    ] } },
                    "application/xml": { "schema": text() },
                    "text/plain": { "schema": text() }
                }
            },
            "403": problem("The name in the header host is not this machine's, and the server has no tokens."),
            "414": problem("The URL is too long."),
            "500": problem("The server failed; its log says more."),
            "503": problem("Too many requests are waiting, or the answer took too long.")
        }
    });
    let mut post = table.clone();
    let mut get = table;
    get["operationId"] = json!("get");
    get["summary"] = json!("Ask a table.");
    post["operationId"] = json!("post");
    post["summary"] = json!("The same. A body may come along and is not read.");
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "openrefs",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Who links to a target, in the wire format of API v2. Rows are counted for each token: 1 for a \
                request to refdomains, 1 for each row of its answer, 5 for where and 5 for having; 1 for domain_rating; errors \
                and subscription_info cost nothing."
        },
        "paths": {
            "/": { "get": get, "post": post },
            "/health": { "get": simple("health", "Whether the server can answer.", "application/json",
                json!({ "type": "object", "required": ["status", "snapshot"], "properties": {
                    "status": { "const": "ok" }, "snapshot": { "type": "integer" } } })) },
            "/metrics": { "get": simple("metrics", "Figures for Prometheus.", "text/plain", text()) },
            "/api/rating": { "get": rating() },
            "/openapi.json": { "get": simple("openapi", "This description.", "application/json",
                json!({ "type": "object" })) }
        },
        "components": { "schemas": schemas() }
    })
}

fn parameters() -> Value {
    let parameter = |name: &str, required: bool, schema: Value, description: &str| json!({ "name": name, "in": "query", "required": required, "schema": schema, "description": description });
    json!([
        parameter(
            "token",
            false,
            text(),
            "Who asks. Needed if the server has tokens."
        ),
        parameter(
            "from",
            true,
            json!({ "enum": ["refdomains", "domain_rating", "subscription_info"] }),
            "The table."
        ),
        parameter(
            "target",
            false,
            text(),
            "A domain, directory or URL. subscription_info needs none."
        ),
        parameter(
            "mode",
            false,
            json!({ "enum": ["exact", "domain", "subdomains", "prefix"] }),
            "How much of the target. domain_rating and subscription_info need none."
        ),
        parameter(
            "select",
            false,
            with_default(text(), json!("*")),
            "Columns to return, with commas between."
        ),
        parameter(
            "where",
            false,
            text(),
            "Conditions on rows before grouping, with commas between."
        ),
        parameter(
            "having",
            false,
            text(),
            "Conditions on groups, or on the row of domain_rating, with commas between."
        ),
        parameter(
            "order_by",
            false,
            text(),
            "column or column:desc, with commas between."
        ),
        parameter(
            "limit",
            false,
            number(LIMIT_DEFAULT, LIMIT_MAX),
            "Rows to return at the most."
        ),
        parameter("offset", false, number(0, OFFSET_MAX), "Rows to pass over first."),
        parameter(
            "output",
            false,
            json!({ "enum": Wire::ALL.map(Wire::name), "default": Wire::default().name() }),
            "The format of the answer."
        ),
    ])
}

fn rating() -> Value {
    let mut rating = simple(
        "rating",
        "The rating of a domain, where its score comes from, and how ratings are spread. Only where there are pages.",
        "application/json",
        reference("Rating"),
    );
    rating["parameters"] = json!([
        { "name": "domain", "in": "query", "required": true, "schema": text(),
            "description": "A domain; of a host or URL its registrable domain is meant." },
        { "name": "limit", "in": "query", "required": false,
            "schema": { "type": "integer", "minimum": 1, "maximum": 1000, "default": 20 },
            "description": "Contributing domains to show at the most." }
    ]);
    rating["responses"]["400"] = problem("The request is wrong.");
    rating["responses"]["403"] =
        problem("There are tokens, or the name in the header host is not this machine's.");
    rating["responses"]["404"] =
        problem("The domain is neither source nor target of a backlink in the index.");
    rating
}

fn headers() -> Value {
    json!({
        RESULTS_COUNT: { "schema": { "type": "integer" }, "description": "Rows in this answer, not the total." },
        "x-status": { "schema": { "const": "error" }, "description": "Only with an error." }
    })
}

fn schemas() -> Value {
    let columns: serde_json::Map<String, Value> = Column::ALL
        .into_iter()
        .map(|column| {
            let schema = match column {
                Column::Refdomain => text(),
                Column::FirstSeen | Column::LastVisited => json!({ "type": "string", "format": "date-time" }),
                Column::Backlinks | Column::Refpages | Column::DomainRating => count(),
            };
            (column.name().to_owned(), schema)
        })
        .collect();
    json!({
        "Refdomains": object(json!({
            "refdomains": { "type": "array", "items": { "type": "object", "properties": columns } },
            "stats": object(json!({ "refdomains": count(), "ips": count(), "class_c": count() }))
        })),
        "DomainRating": object(json!({
            "domain": { "type": "object", "properties": { "domain_rating": count(), "ahrefs_top": count() } }
        })),
        "Rating": rating_schema(),
        "SubscriptionInfo": object(json!({
            "info": object(json!({ "rows_left": count(), "rows_limit": count(), "subscription": text() }))
        })),
        "Error": object(json!({ "error": text() }))
    })
}

fn rating_schema() -> Value {
    object(json!({
        "domain": text(),
        "domain_rating": count(),
        "rank": count(),
        "domains": count(),
        "score": part(),
        "refdomains": count(),
        "linked_domains": count(),
        "linked_domains_followed": count(),
        "backlinks": count(),
        "base": object(json!({ "score": part(), "percent": part() })),
        "contributions": { "type": "array", "items": object(json!({
            "refdomain": text(), "domain_rating": count(), "linked_domains_followed": count(),
            "score": part(), "percent": part()
        })) },
        "others": object(json!({ "refdomains": count(), "score": part(), "percent": part() })),
        "distribution": { "type": "array", "items": count(),
            "description": "How many domains have each rating, from 0 to 100." }
    }))
}

fn object(properties: Value) -> Value {
    let required: Vec<String> = properties
        .as_object()
        .map(|p| p.keys().cloned().collect())
        .unwrap_or_default();
    json!({ "type": "object", "required": required, "properties": properties })
}

fn part() -> Value {
    json!({ "type": "number" })
}

fn simple(id: &str, summary: &str, media_type: &str, schema: Value) -> Value {
    json!({
        "operationId": id,
        "summary": summary,
        "responses": { "200": { "description": summary, "content": { media_type: { "schema": schema } } } }
    })
}

fn problem(description: &str) -> Value {
    json!({ "description": description, "content": { "application/json": { "schema": reference("Error") } } })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn number(default: u64, maximum: u64) -> Value {
    json!({ "type": "integer", "minimum": 0, "maximum": maximum, "default": default })
}

fn with_default(mut schema: Value, default: Value) -> Value {
    schema["default"] = default;
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::parameters::{NAMES, Query};

    #[test]
    fn every_parameter_is_read_and_every_name_described() {
        let described: Vec<String> = description()["paths"]["/"]["get"]["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p["name"].as_str().unwrap().to_owned())
            .collect();
        for name in &described {
            assert_ne!(Query::read(&format!("{name}=x")), Query::default(), "{name}");
        }
        // Parameters of pages only.
        let names = NAMES
            .into_iter()
            .filter(|name| !["refdomain", "domain"].contains(name));
        assert!(names.eq(described.iter().map(String::as_str)), "{described:?}");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let description = description();
        let text = description.to_string();
        let references: Vec<&str> = text
            .split("\"$ref\":\"#")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        assert!(references.len() > 5);
        for reference in references {
            assert!(description.pointer(reference).is_some(), "{reference}");
        }
    }
}
