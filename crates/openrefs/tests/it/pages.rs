//! The pages for a browser: forms, tables, links, errors; nothing of what the web or the address holds is markup.

use crate::client::{Response, Server};
use crate::fixture::index;

fn browse(path: &str) -> Response {
    Server::start(index()).get(path, "accept: text/html,application/xhtml+xml,*/*;q=0.8")
}

#[test]
fn the_start_page_is_a_form() {
    let page = browse("/");
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self'"),
        "{policy}"
    );
    let html = page.text();
    for part in [
        "<label for=\"target\">",
        "<select id=\"mode\" name=\"mode\">",
        "<html lang=\"en\">",
        "12 backlinks",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains("<table") && !html.contains("<script"));
}

#[test]
fn a_target_shows_totals_rows_and_links_to_evidence() {
    let html = browse("/?target=example.com&mode=domain&limit=2&order_by=backlinks%3Adesc").text();
    for part in [
        "<dt>Referring domains</dt><dd>5</dd>",
        "<dt>IP addresses</dt><dd>5</dd>",
        "<dd>4</dd>",
        "href=\"/backlinks?target=example.com&#38;mode=domain&#38;refdomain=example.org\">example.org</a>",
        "<th scope=\"col\" class=\"number\" aria-sort=\"descending\">",
        "rel=\"next\" href=\"/?target=example.com&#38;mode=domain&#38;order_by=backlinks%3Adesc&#38;limit=2&#38;offset=2\"",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains("rel=\"prev\""));
}

#[test]
fn ratings_are_a_column_with_links_and_an_order() {
    let html = browse("/?target=example.com&mode=subdomains&order_by=domain_rating%3Adesc").text();
    for part in [
        "<dt>Rating of example.com</dt><dd><a href=\"/rating?domain=example.com\">100</a></dd>",
        "<td class=\"number\"><a href=\"/rating?domain=example.org\">39</a></td>",
        "aria-sort=\"descending\"><a href=\"/?target=example.com&#38;mode=subdomains&#38;order_by=domain_rating&#38;limit=50\">Rating</a>",
        "<option value=\"domain_rating:desc\" selected>",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    let place = |domain: &str| html.find(&format!(">{domain}</a>")).unwrap();
    assert!(place("example.org") < place("example.net") && place("example.net") < place("evil.info"));
}

#[test]
fn a_rating_with_its_parts_and_its_place() {
    let html = browse("/rating?domain=http://www.example.com/x&limit=2").text();
    for part in [
        "<title>Rating of example.com – openrefs</title>",
        "<dt>Rating, 0 to 100</dt><dd>100</dd>",
        "<dt>Rank of 7 domains</dt><dd>1</dd>",
        "<a href=\"/rating?domain=example.org\">example.org</a>",
        "href=\"/backlinks?target=example.com&#38;mode=subdomains&#38;refdomain=203.0.113.9\">links</a>",
        "<a href=\"/rating?domain=example.com&#38;limit=1000\">3 more</a>",
        "<td class=\"number\">29.346</td>",
        "<title>rating 0: 4 domains</title>",
        ">example.com: 100</text>",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains("style=") && !html.contains("203.0.113.9</a></th>\n<td class=\"number\">19"));
}

#[test]
fn ratings_without_a_domain_are_the_plot_alone() {
    let html = browse("/rating").text();
    assert!(
        html.contains("<svg ") && html.contains("<title>Ratings of 7 domains</title>"),
        "{html}"
    );
    assert!(
        !html.contains("<table") && !html.contains("class=\"mark\""),
        "{html}"
    );
}

#[test]
fn evidence_of_a_domain() {
    let html = browse("/backlinks?target=example.com&mode=domain&refdomain=example.org").text();
    for part in [
        "href=\"http://a.example.org/1\"",
        "http://example.com/a?x=1",
        "<span class=\"flag\">nofollow</span> <span class=\"flag\">ugc</span>",
        "192.0.2.1",
        "Links 1 to 3.",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn nothing_from_outside_is_markup() {
    let server = Server::start(index());
    let html = "accept: text/html";
    let attack = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    for path in [
        format!("/?target={attack}"),
        format!("/?target=example.com&mode={attack}"),
        format!("/?target=example.com&mode=domain&order_by={attack}&limit={attack}"),
        format!("/backlinks?target=example.com&refdomain={attack}&offset={attack}"),
        "/backlinks?target=example.com&refdomain=evil.info".to_owned(),
        format!("/rating?domain={attack}"),
        format!("/rating?domain=example.com&limit={attack}"),
    ] {
        let page = server.get(&path, html).text();
        assert!(!page.contains("<script"), "{path}: {page}");
        assert!(page.contains("script"), "{path}: {page}");
    }
}

#[test]
fn errors_are_on_the_page() {
    let server = Server::start(index());
    for (path, part) in [
        (
            "/?target=co.uk",
            "target: invalid value &#39;co.uk&#39;, the host is a public suffix",
        ),
        (
            "/?target=example.com&mode=sideways",
            "mode: invalid value &#39;sideways&#39;",
        ),
        (
            "/?target=example.com&limit=1001",
            "limit: invalid value &#39;1001&#39;, a page holds 1 to 1000 rows",
        ),
        ("/backlinks", "target: missing"),
        (
            "/rating?domain=co.uk",
            "domain: invalid value &#39;co.uk&#39;, the host is a public suffix",
        ),
        (
            "/rating?domain=nobody-links-here.com",
            "domain: nobody-links-here.com is neither source nor target of a backlink in this index",
        ),
    ] {
        let page = server.get(path, "accept: text/html");
        let status = if path.contains("nobody") { 404 } else { 400 };
        assert_eq!(page.status, status, "{path}");
        let html = page.text();
        assert!(
            html.contains("role=\"alert\"") && html.contains(part),
            "{path}: {html}"
        );
        assert!(html.contains("<form"), "{path}");
    }
}

#[test]
fn only_a_browser_without_a_table_gets_a_page() {
    let server = Server::start(index());
    let json = server.get(
        "/?from=refdomains&target=example.com&mode=domain",
        "accept: text/html",
    );
    assert_eq!(
        json.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(
        server.get("/", "accept: */*").text(),
        "{\"error\":\"from: missing\"}"
    );
    let style = server.get("/style.css", "");
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
}
