//! The typical requests of section 7 of the wire format, as its clients spell them, on real crawls. Right answers are
//! counted in the plainest way from the backlinks that an independent implementation found in the same crawls.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::client::Server;
use crate::crawls::{check_head, index, shared};

const PAGE: &str = "https://www.facebook.com/privacy/explanation";

/// A backlink as the independent implementation found it, what is needed of it.
struct Backlink {
    source: String,
    refdomain: String,
    target: String,
    ip: String,
    first_seen: String,
    last_visited: String,
}

/// A row before grouping: its backlinks.
type BaseRow<'a> = Vec<&'a Backlink>;

fn backlinks(shared: &Path) -> Vec<Backlink> {
    let file = fs::File::open(shared.join("expected/crawls-backlinks.jsonl.gz")).unwrap();
    let read = |line: std::io::Result<String>| {
        let value: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Backlink {
            source: text("source_key"),
            refdomain: text("source_domain"),
            target: text("target_key"),
            ip: text("ip"),
            first_seen: text("first_seen"),
            last_visited: text("last_visited"),
        }
    };
    BufReader::new(GzDecoder::new(file)).lines().map(read).collect()
}

fn last_visited<'a>(row: &[&'a Backlink]) -> &'a str {
    row.iter()
        .map(|link| &*link.last_visited)
        .max()
        .unwrap_or_default()
}

fn refpages(row: &[&Backlink]) -> usize {
    row.iter().map(|link| &link.source).collect::<BTreeSet<_>>().len()
}

/// A target, with the ratings that the server gives: how ratings come about is not looked at here.
struct Target<'a> {
    links: Vec<&'a Backlink>,
    ratings: BTreeMap<String, i64>,
}

impl<'a> Target<'a> {
    fn new(server: &Server, all: &'a [Backlink], target: &str, mode: &str, starts: &[&str]) -> Self {
        let holds = |link: &&Backlink| match mode {
            "exact" => link.target == starts[0],
            _ => starts.iter().any(|start| link.target.starts_with(start)),
        };
        let path = format!("/?from=refdomains&target={target}&mode={mode}&limit=5000000");
        let answer: Value = serde_json::from_slice(&server.get(&path, "").body).unwrap();
        let rating = |row: &Value| {
            let name = row["refdomain"].as_str().unwrap().to_owned();
            (name, row["domain_rating"].as_i64().unwrap())
        };
        Self {
            links: all.iter().filter(holds).collect(),
            ratings: answer["refdomains"]
                .as_array()
                .unwrap()
                .iter()
                .map(rating)
                .collect(),
        }
    }

    /// The rows of an answer in the default order, without `having`, order and limits.
    fn rows(&self, where_: impl Fn(&BaseRow) -> bool) -> Vec<Value> {
        let mut base: BTreeMap<_, BaseRow> = BTreeMap::new();
        for link in &self.links {
            let key = (&link.refdomain, &link.target, &link.ip);
            base.entry(key).or_default().push(link);
        }
        let mut groups: BTreeMap<&String, BaseRow> = BTreeMap::new();
        for ((refdomain, ..), row) in base {
            if where_(&row) {
                groups.entry(refdomain).or_default().extend(row);
            }
        }
        let row = |(refdomain, links): (&String, BaseRow)| {
            json!({
                "refdomain": refdomain,
                "backlinks": links.len(),
                "refpages": refpages(&links),
                "first_seen": links.iter().map(|link| &link.first_seen).min(),
                "last_visited": last_visited(&links),
                "domain_rating": self.ratings.get(refdomain),
            })
        };
        groups.into_iter().map(row).collect()
    }

    fn answer(&self, rows: Vec<Value>) -> Value {
        let ips: BTreeSet<&String> = self.links.iter().map(|link| &link.ip).collect();
        let known = || ips.iter().filter(|ip| !ip.is_empty());
        let networks: BTreeSet<Vec<u8>> = known()
            .map(|ip| match ip.parse().unwrap() {
                std::net::IpAddr::V4(ip) => ip.octets()[..3].to_vec(),
                std::net::IpAddr::V6(ip) => ip.octets()[..6].to_vec(),
            })
            .collect();
        let refdomains: BTreeSet<_> = self.links.iter().map(|link| &link.refdomain).collect();
        json!({
            "refdomains": rows,
            "stats": { "refdomains": refdomains.len(), "ips": known().count(), "class_c": networks.len() },
        })
    }
}

/// Rows with these columns alone.
fn select(rows: Vec<Value>, columns: &[&str]) -> Vec<Value> {
    let some = |row: Value| {
        let cells = columns
            .iter()
            .map(|name| ((*name).to_owned(), row[*name].clone()));
        Value::Object(cells.collect())
    };
    rows.into_iter().map(some).collect()
}

fn by_rating(rows: &mut [Value]) {
    rows.sort_by_key(|row| std::cmp::Reverse(row["domain_rating"].as_i64()));
}

/// A server on the crawls, and what is known of them.
struct Crawls {
    server: Server,
    backlinks: Vec<Backlink>,
}

impl Crawls {
    fn start(shared: &Path) -> Self {
        Self {
            server: Server::start(index(shared)),
            backlinks: backlinks(shared),
        }
    }

    fn target(&self, target: &str, mode: &str, starts: &[&str]) -> Target<'_> {
        Target::new(&self.server, &self.backlinks, target, mode, starts)
    }

    /// Every host of a site.
    fn site(&self) -> Target<'_> {
        self.target("twitter.com", "subdomains", &["com,twitter)", "com,twitter,"])
    }

    /// Its main host alone.
    fn host(&self) -> Target<'_> {
        self.target("twitter.com", "domain", &["com,twitter)"])
    }

    fn page(&self) -> Target<'_> {
        self.target(PAGE, "exact", &["com,facebook,www)/privacy/explanation"])
    }

    /// A request must have these rows and the totals of its target.
    fn check(&self, query: &str, target: &Target<'_>, rows: Vec<Value>) {
        let response = self.server.get(&format!("/?{query}"), "");
        let found: Value = serde_json::from_slice(&response.body).unwrap();
        check_head(&response, &found);
        assert_eq!(found, target.answer(rows), "{query}");
    }
}

#[test]
fn typical_requests_of_clients_give_right_answers() {
    let Some(shared) = shared() else { return };
    let crawls = Crawls::start(&shared);
    let (site, host, page) = (crawls.site(), crawls.host(), crawls.page());
    assert!(site.links.len() > host.links.len() && page.links.len() > 5);
    totals_alone(&crawls, &site);
    recent_and_rated(&crawls, &site);
    best_hundred(&crawls, &host);
    raw_url(&crawls, &page);
    raw_commas(&crawls, &host);
    everything_encoded(&crawls, &site);
    escapes(&crawls, &host);
}

fn totals_alone(crawls: &Crawls, site: &Target<'_>) {
    let mut rows = select(site.rows(|_| true), &["refdomain"]);
    rows.truncate(1);
    let query = "from=refdomains&target=twitter.com&mode=subdomains&limit=1&output=json&select=refdomain";
    crawls.check(query, site, rows);
}

/// With dates and ratings as clients ask for them, and such that the crawls have some on either side.
fn recent_and_rated(crawls: &Crawls, site: &Target<'_>) {
    for (day, rating) in [("2013-12-02", 20), ("2013-12-02", 0), ("2020-10-01", 0)] {
        let mut rows = site.rows(|row| last_visited(row) >= day);
        rows.retain(|row| row["domain_rating"].as_i64() >= Some(rating));
        let query = format!(
            "from=refdomains&target=twitter.com&mode=subdomains&limit=1000000\
             &where=last_visited%3E%3D%22{day}%22&&having=domain_rating%3E%3D{rating}"
        );
        crawls.check(&query, site, rows);
    }
}

fn best_hundred(crawls: &Crawls, host: &Target<'_>) {
    let mut rows = host.rows(|_| true);
    by_rating(&mut rows);
    rows.truncate(100);
    let query =
        "from=refdomains&target=twitter.com&mode=domain&limit=100&order_by=domain_rating:desc&output=json";
    crawls.check(query, host, rows);
}

fn raw_url(crawls: &Crawls, page: &Target<'_>) {
    let query = format!("from=refdomains&target={PAGE}&mode=exact&limit=1000");
    crawls.check(&query, page, page.rows(|_| true));
}

/// As the client spells it, and the same wholly raw.
fn raw_commas(crawls: &Crawls, host: &Target<'_>) {
    let mut rows = host.rows(|row| row.len() >= 20 && refpages(row) > 10);
    rows.sort_by_key(|row| row["refpages"].as_u64());
    rows.truncate(2);
    assert!(!rows.is_empty());
    for (where_, order) in [
        ("backlinks%3E%3D20,refpages%3E10", "refpages%3Aasc"),
        ("backlinks>=20, refpages>10", "refpages:asc"),
    ] {
        let query = format!(
            "token=T&from=refdomains&target=twitter.com&mode=domain&limit=2&output=json&where={where_}&order_by={order}"
        );
        crawls.check(&query, host, rows.clone());
    }
}

fn everything_encoded(crawls: &Crawls, site: &Target<'_>) {
    for (backlinks, rating, offset) in [(10, 20, 5), (10, 0, 0), (1, 0, 5)] {
        let mut rows = site.rows(|row| last_visited(row) >= "2013-12-02" && row.len() > backlinks);
        rows.retain(|row| row["domain_rating"].as_i64() >= Some(rating));
        by_rating(&mut rows);
        let rows = rows.into_iter().skip(offset).take(100).collect();
        let query = format!(
            "where=last_visited%3E%3D%222013-12-02%22%2Cbacklinks%3E{backlinks}&having=domain_rating%3E%3D{rating}\
             &select=refdomain%2Cbacklinks%2Cdomain_rating&order_by=domain_rating%3Adesc%2Crefdomain\
             &mode=subdomains&output=json&token=T&target=twitter.com&from=refdomains&limit=100&offset={offset}"
        );
        crawls.check(
            &query,
            site,
            select(rows, &["refdomain", "backlinks", "domain_rating"]),
        );
    }
}

fn escapes(crawls: &Crawls, host: &Target<'_>) {
    let query = "from=refdomains&target=twitter.com&mode=domain&where=substring(refdomain%2C%22o%5C'b%5C%22c%5C%5Cd%22)\
                 %2Crefdomain%3D%22a%2Cb%22%2Csubdomain(url%2C%22example.com%22)";
    crawls.check(query, host, Vec::new());
}
