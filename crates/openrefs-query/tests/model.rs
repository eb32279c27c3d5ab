//! Random crawls and random requests, answered by the engine and by a plain model that holds all sightings in a list.

#![allow(clippy::unwrap_used)] // a test may panic

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use openrefs_build::buffer::Buffer;
use openrefs_build::group::{self, StagedGroup};
use openrefs_build::steps::Next;
use openrefs_build::{Options, Quiet, ingest, run};
use openrefs_extract::Output;
use openrefs_model::suffix::Registrable;
use openrefs_model::{Address, Backlink, Flags, LinkType, Mode, Scope, Sighting, SuffixList, Visit, key};
use openrefs_query::refdomains::refdomains;
use openrefs_query::{Answer, Effort, OrderKey, Parameters, Refdomain, RefdomainsRequest, Snapshot, Totals};
use openrefs_store::{Archive, Index};
use proptest::prelude::*;

const LIST: &str = "// ===BEGIN ICANN DOMAINS===\ncom\norg\n*.ab.com\n// ===BEGIN PRIVATE DOMAINS===\nhost.org\nhub.org\n*.deep.hub.org\n";

fn list() -> Arc<SuffixList> {
    Arc::new(SuffixList::from_text(LIST).unwrap())
}

fn target_key() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("com,a)/".to_owned()),
        Just("com,a)/x".to_owned()),
        Just("com,a)/xy?q=1".to_owned()),
        Just("com,a,www)/".to_owned()),
        Just("com,a,www:81)/x".to_owned()),
        Just("com,ab)/".to_owned()),
        "com,ab,[s-u],[v-w]\\)/",
        "com,a,[b-d]{1,2}\\)/[x-z]{0,2}",
        "com,a-[b-d]\\)/",
        "com,a(,[e-f])?:8[12]\\)/",
        "org,hub(,[a-b](,www)?)?(:81)?\\)/[x-z]?",
        "org,hub,deep(,[k-l](,[i-j])?)?\\)/",
    ]
}

fn backlink() -> impl Strategy<Value = Backlink> {
    let source = ("[d-f]{1,2}", prop::bool::ANY, "[p-q]{0,2}");
    (
        target_key(),
        source,
        prop::bool::ANY,
        "[k-l]?",
        0..6i64,
        prop::option::of(1..4u8),
        any::<(bool, bool)>(),
    )
        .prop_map(
            |(target, (name, hosted, page), nofollow, anchor, time, ip, (source_https, target_https))| {
                let (domain, key) = if hosted {
                    (format!("{name}.host.org"), format!("org,host,{name})/{page}"))
                } else {
                    (format!("{name}.org"), format!("org,{name},www)/{page}"))
                };
                let ip = ip.and_then(|n| Address::parse(&format!("192.0.{}.7", n % 2 + n)));
                Backlink {
                    target_key: target.into(),
                    refdomain: domain.into(),
                    source_key: key.into(),
                    link_type: if anchor.is_empty() {
                        LinkType::Canonical
                    } else {
                        LinkType::Href
                    },
                    anchor: anchor.into(),
                    flags: Flags {
                        nofollow,
                        ..Flags::default()
                    },
                    sighting: Sighting::of_visit(time * 43_200, ip, source_https, target_https),
                }
            },
        )
}

fn request() -> impl Strategy<Value = Parameters> {
    let target = prop_oneof![
        Just("a.com"),
        Just("a.com/x"),
        Just("www.a.com"),
        Just("a.com:81"),
        Just("a.com:82"),
        Just("ab.com"),
        Just("v.s.ab.com"),
        Just("zz.com"),
        Just("hub.org"),
        Just("hub.org:81"),
        Just("a.hub.org"),
        Just("deep.hub.org"),
        Just("i.k.deep.hub.org"),
    ];
    let mode = prop::sample::select(Mode::ALL.map(Mode::name).to_vec());
    let where_ = prop::sample::select(vec![
        "",
        "",
        "",
        "backlinks>1",
        "ip<>\"\"",
        "ip=\"192.0.2.7\"",
        "url=\"a.com/x\"",
        "refpages<2,backlinks>=1",
        "subdomain(refdomain,\"host.org\")",
        "last_visited>=\"1970-01-02\"",
        "substring(url,\"https\")",
        "word(url,\"x\")",
    ]);
    let having = prop::sample::select(vec![
        "",
        "",
        "backlinks>=2",
        "refpages=1,first_seen<\"1970-01-02\"",
        "substring(refdomain,\"d\")",
        "domain_rating>20",
    ]);
    let order = prop::sample::select(vec![
        "",
        "backlinks:desc",
        "last_visited:desc,first_seen",
        "refpages,refdomain:desc",
        "refdomain:desc",
        "refdomain,backlinks",
        "domain_rating:desc,backlinks",
    ]);
    (
        target,
        mode,
        where_,
        having,
        order,
        prop::sample::select(vec!["", "0", "1", "3"]),
        prop::sample::select(vec!["", "1", "9"]),
    )
        .prop_map(parameters)
}

/// Those of a request: target, mode, `where`, `having`, `order_by`, `limit`, `offset`.
fn parameters(texts: (&str, &str, &str, &str, &str, &str, &str)) -> Parameters {
    let (target, mode, where_, having, order_by, limit, offset) = texts;
    Parameters {
        target: target.into(),
        mode: mode.into(),
        where_: where_.into(),
        having: having.into(),
        order_by: order_by.into(),
        limit: limit.into(),
        offset: offset.into(),
        ..Parameters::default()
    }
}

/// Adds a crawl to an index, as an ingest of archives that hold these links would.
fn add(index: &Index, name: &str, crawl: &[Backlink], pieces: bool) {
    let mut buffer = Buffer::new(Arc::clone(index.suffix_list()), index.settings().buckets);
    for link in crawl {
        let (source_key, time) = (Arc::clone(&link.source_key), link.sighting.last_visited);
        let visit = Visit {
            source_key,
            time,
            links_external: 1,
            links_internal: 0,
            ip: link.sighting.ip,
            https: true,
        };
        buffer.visit(visit, vec![link.clone()]);
    }
    let run = run::write(index.folder(), name, 0, &mut buffer).unwrap();
    // Another archive each time, so that a crawl that is added again is read again.
    let modified = index.current().unwrap().unwrap_or(0);
    let archives = vec![Archive {
        name: name.to_owned(),
        bytes: 1,
        modified,
    }];
    let staged = StagedGroup {
        archives,
        runs: vec![run],
        ..StagedGroup::default()
    };
    group::finish(index.folder(), name, &staged).unwrap();
    if pieces {
        publish_in_pieces(index);
    } else {
        ingest(index, Vec::new(), &Options::default(), &Quiet).unwrap();
    }
}

/// A folder in memory where there is one: a build makes every file durable, which takes its time on a disk.
fn scratch() -> tempfile::TempDir {
    match Path::new("/dev/shm") {
        memory if memory.is_dir() => tempfile::tempdir_in(memory).unwrap(),
        _ => tempfile::tempdir().unwrap(),
    }
}

/// As an ingest does it with buckets of billions of rows: merged and rolled up in pieces, and sorted on disk.
fn publish_in_pieces(index: &Index) {
    let lock = index.lock().unwrap();
    let next = Next::new(index, 20_000).unwrap().with_piece_rows(12);
    let buckets = next.buckets();
    let mut files = next.merge(&buckets, &Quiet).unwrap();
    let rolled_up = next.roll_up(&buckets, &files, &Quiet).unwrap();
    let ranked = next.rank(&rolled_up, &Quiet).unwrap();
    files.extend(next.rate(&rolled_up, &ranked.domains, &Quiet).unwrap());
    files.extend(rolled_up);
    files.extend(ranked.files);
    next.publish(files, ranked.summary, &lock).unwrap();
}

fn build(crawls: &[(&str, &[Backlink])], pieces: bool) -> (tempfile::TempDir, Index) {
    let temporary = scratch();
    let index = Index::open_or_create(temporary.path(), Some(3), Some(&list())).unwrap();
    for (name, crawl) in crawls {
        add(&index, name, crawl, pieces);
    }
    (temporary, index)
}

/// The rules of counting, written down as plainly as possible.
fn model(all: &[Backlink], request: &RefdomainsRequest, ratings: &BTreeMap<String, u8>) -> Answer {
    let scope: &Scope = &request.scope;
    let mut links: BTreeMap<_, Backlink> = BTreeMap::new();
    for link in all.iter().filter(|link| scope.holds(&link.target_key)) {
        let identity = (
            link.target_key.clone(),
            link.source_key.clone(),
            link.link_type,
            link.anchor.clone(),
            link.flags,
        );
        links
            .entry(identity)
            .and_modify(|known| known.sighting.fold(&link.sighting))
            .or_insert_with(|| link.clone());
    }
    let links: Vec<Backlink> = links.into_values().collect();
    let ips: BTreeSet<String> = links
        .iter()
        .filter_map(|l| l.sighting.ip.map(|ip| ip.to_string()))
        .collect();
    let totals = Totals {
        refdomains: links.iter().map(|l| &l.refdomain).collect::<BTreeSet<_>>().len() as u64,
        ips: ips.len() as u64,
        class_c: ips
            .iter()
            .map(|ip| ip.rsplit_once('.').unwrap().0)
            .collect::<BTreeSet<_>>()
            .len() as u64,
    };
    let mut base: BTreeMap<(String, String, String), Vec<&Backlink>> = BTreeMap::new();
    for link in &links {
        let ip = link.sighting.ip.map(|ip| ip.to_string()).unwrap_or_default();
        base.entry((link.target_key.to_string(), link.refdomain.to_string(), ip))
            .or_default()
            .push(link);
    }
    let mut groups: BTreeMap<String, Vec<&Backlink>> = BTreeMap::new();
    for ((key, refdomain, ip), row) in base {
        let latest = row
            .iter()
            .max_by_key(|l| (l.sighting.last_visited, l.sighting.target_https))
            .unwrap();
        let fields = Base {
            url: latest.target_url(),
            key,
            refdomain: refdomain.clone(),
            ip,
            group: group_of("", &row),
        };
        if request.where_.holds(&fields) {
            groups.entry(refdomain).or_default().extend(row);
        }
    }
    let mut rows: Vec<Refdomain> = groups.iter().map(|(name, links)| group_of(name, links)).collect();
    for row in &mut rows {
        row.domain_rating = ratings.get(&row.refdomain).copied().unwrap_or(0);
    }
    rows.retain(|row| request.having.holds(row));
    for OrderKey { column, descending } in request.order_by.iter().rev() {
        use openrefs_query::Column::*;
        rows.sort_by(|a, b| {
            let order = match column {
                Refdomain => a.refdomain.cmp(&b.refdomain),
                Backlinks => a.backlinks.cmp(&b.backlinks),
                Refpages => a.refpages.cmp(&b.refpages),
                FirstSeen => a.first_seen.cmp(&b.first_seen),
                LastVisited => a.last_visited.cmp(&b.last_visited),
                DomainRating => a.domain_rating.cmp(&b.domain_rating),
            };
            if *descending { order.reverse() } else { order }
        });
    }
    let rows = rows
        .into_iter()
        .skip(request.offset as usize)
        .take(request.limit as usize)
        .collect();
    Answer { rows, totals }
}

/// The rules of the rating, written down as plainly as possible, except that nothing is said of scores within a rounding
/// error of an integer.
fn ratings(all: &[Backlink]) -> BTreeMap<String, u8> {
    let list = list();
    let target = |link: &Backlink| {
        let (reversed, _) = key::split_port(key::split(&link.target_key).0);
        let host = key::host_of(reversed);
        match list.registrable(&host) {
            Registrable::Domain(domain) => domain.to_owned(),
            _ => host.clone(),
        }
    };
    let mut nodes = BTreeSet::new();
    let mut arcs = BTreeSet::new();
    for link in all {
        nodes.extend([link.refdomain.to_string(), target(link)]);
        if link.flags.followed() && matches!(link.link_type, LinkType::Href | LinkType::Redirect) {
            arcs.insert((link.refdomain.to_string(), target(link)));
        }
    }
    arcs.retain(|(source, target)| source != target);
    let n = nodes.len() as f64;
    let outdegree = |node: &String| arcs.iter().filter(|(source, _)| source == node).count() as f64;
    let outdegrees: BTreeMap<&String, f64> = nodes.iter().map(|node| (node, outdegree(node))).collect();
    let mut scores: BTreeMap<&String, f64> = nodes.iter().map(|node| (node, 1.0 / n)).collect();
    for _ in 0..200 {
        let dangling: f64 = scores
            .iter()
            .filter(|(node, _)| outdegrees[*node] == 0.0)
            .map(|(_, s)| s)
            .sum();
        let base = 0.15 / n + 0.85 * dangling / n;
        let mut next: BTreeMap<&String, f64> = nodes.iter().map(|node| (node, base)).collect();
        for (source, target) in &arcs {
            *next.get_mut(target).unwrap() += 0.85 * scores[source] / outdegrees[source];
        }
        scores = next;
    }
    let least = scores.values().copied().fold(f64::MAX, f64::min);
    let most = scores.values().copied().fold(0.0, f64::max);
    let rating = |(node, score): (&&String, &f64)| {
        let linked = arcs.iter().any(|(_, target)| target == *node);
        let value = 100.0 * (score / least).ln() / (most / least).ln();
        let rating = if most / least < 1.0 + 1e-9 || !linked {
            0.0
        } else {
            ((value * 1e9).round() / 1e9).floor()
        };
        ((*node).clone(), rating as u8)
    };
    scores.iter().map(rating).collect()
}

fn group_of(name: &str, links: &[&Backlink]) -> Refdomain {
    Refdomain {
        refdomain: name.to_owned(),
        backlinks: links.len() as u64,
        refpages: links.iter().map(|l| &l.source_key).collect::<BTreeSet<_>>().len() as u64,
        first_seen: links.iter().map(|l| l.sighting.first_seen).min().unwrap(),
        last_visited: links.iter().map(|l| l.sighting.last_visited).max().unwrap(),
        domain_rating: 0,
    }
}

struct Base {
    url: String,
    key: String,
    refdomain: String,
    ip: String,
    group: Refdomain,
}

impl openrefs_query::filter::Fields for Base {
    fn text(&self, column: openrefs_query::filter::FilterColumn) -> std::borrow::Cow<'_, str> {
        use openrefs_query::filter::FilterColumn::{Ip, Url};
        match column {
            Url => (&*self.url).into(),
            Ip => (&*self.ip).into(),
            _ => (&*self.refdomain).into(),
        }
    }

    fn number(&self, column: openrefs_query::filter::FilterColumn) -> i64 {
        self.group.number(column)
    }

    fn target_key(&self) -> &str {
        &self.key
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn the_engine_answers_as_the_model_does(
        crawls in prop::collection::vec(prop::collection::vec(backlink(), 0..60), 1..4),
        requests in prop::collection::vec(request(), 20),
    ) {
        let names = ["one", "two", "three"];
        let named: Vec<(&str, &[Backlink])> = names.into_iter().zip(crawls.iter().map(Vec::as_slice)).collect();
        let (_forward, index) = build(&named, false);
        let backward: Vec<(&str, &[Backlink])> = named.iter().rev().copied().chain(named.iter().copied()).collect();
        let (_backward, other) = build(&backward, false);
        let (_pieces, in_pieces) = build(&backward, true);

        // The order of crawls changes nothing, and adding one twice changes nothing: not one byte of a table.
        let files = |index: &Index| -> Vec<(u32, u64, String)> {
            let files = index.published().unwrap().files.into_iter();
            files.map(|entry| (entry.bucket, entry.file.bytes, entry.file.checksum)).collect()
        };
        prop_assert_eq!(files(&index), files(&other));

        let snapshot = Snapshot::open(&index).unwrap();
        let small = Effort { chunk_rows: 3, scan_rows: 5, memory_bytes: 20_000, ..Effort::default() };
        let snapshot_in_pieces = Snapshot::open(&in_pieces).unwrap().with_effort(small);
        prop_assert_eq!(snapshot.manifest().rating, snapshot_in_pieces.manifest().rating);
        let all: Vec<Backlink> = crawls.concat();
        let ratings = ratings(&all);
        for parameters in requests {
            let request = RefdomainsRequest::read(snapshot.suffix_list(), &parameters).unwrap();
            let answer = refdomains(&snapshot, &request).unwrap();
            prop_assert_eq!(&answer, &refdomains(&snapshot_in_pieces, &request).unwrap(), "{:?}", parameters);
            prop_assert_eq!(answer, model(&all, &request, &ratings), "{:?}", parameters);
        }
    }
}

/// A backlink of a large host; times are days.
fn large(target: &str, site: &str, page: usize, anchor: String, day: usize) -> Backlink {
    let time = day as i64 * 86_400;
    Backlink {
        target_key: target.into(),
        refdomain: format!("{site}.org").into(),
        source_key: format!("org,{site})/{page}").into(),
        link_type: LinkType::Href,
        anchor: anchor.into(),
        flags: Flags::default(),
        sighting: Sighting {
            first_seen: time,
            last_visited: time,
            ip: Address::parse(&format!("192.0.{}.{}", day % 3, 1 + page % 2)),
            source_https: true,
            target_https: page.is_multiple_of(2),
        },
    }
}

/// More rows than a page, a batch or a chunk has: many referring domains, one of them with very many backlinks to one URL,
/// and pages that link to several URLs.
fn large_host() -> Vec<Backlink> {
    let plain = |n: usize| {
        large(
            "com,a)/",
            &format!("r{:05}", n * 7 % 17_000),
            n / 17_000,
            String::new(),
            n % 9,
        )
    };
    let one = |n: usize| large("com,a)/x", "big", n / 2, format!("k{}", n % 2), n % 5);
    let shared = |n: usize| {
        let target = format!("com,a)/y{}", n % 200);
        large(
            &target,
            &format!("d{}", n % 300),
            n % 1_000 / 300,
            String::new(),
            n % 7,
        )
    };
    let links = (0..20_000).map(plain).chain((0..12_000).map(one));
    links.chain((0..6_000).map(shared)).collect()
}

#[test]
fn a_large_host_is_answered_as_the_model_does() {
    let all = large_host();
    let (_folder, index) = build(&[("large", &all)], false);
    let snapshot = Snapshot::open(&index).unwrap();
    let ratings = ratings(&all);
    let small = Effort {
        chunk_rows: 4_096,
        scan_rows: 8_192,
        memory_bytes: 4 << 20,
        ..Effort::default()
    };
    let in_pieces = Snapshot::open(&index).unwrap().with_effort(small);
    let cases = [
        ("a.com", "domain", "", "backlinks>=2", "last_visited:desc", "", ""),
        (
            "a.com",
            "domain",
            "",
            "",
            "domain_rating:desc,backlinks",
            "100",
            "50",
        ),
        ("a.com", "domain", "", "", "first_seen", "5000", "9000"),
        (
            "a.com",
            "domain",
            "",
            "substring(refdomain,\"99\")",
            "",
            "40",
            "200",
        ),
        (
            "a.com",
            "subdomains",
            "substring(refdomain,\"1\")",
            "refpages=1",
            "backlinks:desc,refpages",
            "",
            "",
        ),
        ("a.com", "domain", "last_visited>=\"1970-01-08\"", "", "", "", ""),
        (
            "a.com",
            "domain",
            "backlinks>5,subdomain(refdomain,\"big.org\")",
            "",
            "",
            "",
            "",
        ),
        (
            "a.com",
            "domain",
            "first_seen=\"1970-01-03\",refpages<>2",
            "domain_rating>3",
            "refdomain:desc",
            "",
            "",
        ),
        ("a.com", "prefix", "", "backlinks<>1", "refpages:desc", "", ""),
        (
            "a.com",
            "prefix",
            "ip=\"192.0.1.1\"",
            "",
            "domain_rating:desc",
            "300",
            "",
        ),
        ("a.com/x", "exact", "", "", "", "", ""),
        ("a.com/x", "exact", "ip=\"192.0.2.2\"", "", "", "", ""),
        (
            "a.com/y",
            "prefix",
            "",
            "",
            "last_visited,backlinks:desc",
            "20",
            "5",
        ),
        ("a.com/y7", "exact", "backlinks>=1", "", "refdomain:desc", "", ""),
        (
            "a.com",
            "exact",
            "first_seen<\"1970-01-03\"",
            "",
            "",
            "5000",
            "100",
        ),
        ("a.com", "exact", "", "", "", "20000", ""),
    ];
    for case in cases {
        let parameters = parameters(case);
        let request = RefdomainsRequest::read(snapshot.suffix_list(), &parameters).unwrap();
        let expected = model(&all, &request, &ratings);
        for snapshot in [&snapshot, &in_pieces] {
            let answer = refdomains(snapshot, &request).unwrap();
            assert_eq!(answer.totals, expected.totals, "{parameters:?}");
            let first = answer.rows.iter().zip(&expected.rows).find(|(a, b)| a != b);
            assert!(first.is_none(), "{parameters:?}: {first:?}");
            assert_eq!(answer.rows.len(), expected.rows.len(), "{parameters:?}");
        }
    }
}

#[test]
fn too_many_referring_domains_are_refused() {
    let all = large_host();
    let (_folder, index) = build(&[("large", &all)], false);
    let few = Effort {
        chunk_rows: 4_096,
        groups_max: 16_000,
        ..Effort::default()
    };
    let snapshot = Snapshot::open(&index).unwrap().with_effort(few);
    for mode in ["exact", "prefix"] {
        let parameters = parameters(("a.com", mode, "backlinks>=1", "", "", "", ""));
        let request = RefdomainsRequest::read(snapshot.suffix_list(), &parameters).unwrap();
        let refused = refdomains(&snapshot, &request);
        assert!(matches!(refused, Err(openrefs_query::Error::TooLarge)), "{mode}");
    }
}
