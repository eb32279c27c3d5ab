//! A file of a crawl: sites in the order in which they are visited.
//!
//! First crawl: the file's own sites one after another, between them batches of pages of the big sites, and visits of
//! sites that some file of the crawl holds already, so that rows of one identity stand in different files. Second
//! crawl: half of it are sites of the first one visited again, half new ones.

use anyhow::Result;

use crate::chance::Chance;
use crate::site::{self, Sink, Visit};
use crate::universe::{BIG_SITES, GIANT, Universe};

/// Steps that visit pages of a big site.
const BIG: f64 = 0.02;
/// Steps of the first crawl that visit a site again.
const AGAIN_FIRST: f64 = 0.03;
/// The same of the second crawl.
const AGAIN_SECOND: f64 = 0.49;
/// Pages of a big site visited together at the most.
const BATCH_PAGES_MAX: u64 = 60;

/// Crawls until the sink has had enough.
///
/// # Errors
/// The sink's.
pub fn crawl(universe: &Universe, crawl: u64, file: u64, sink: &mut Sink<'_>) -> Result<()> {
    let file = file + if crawl > 0 { universe.files } else { 0 };
    let mut index = 0;
    for step in 0.. {
        let mut chance = Chance::of(&[universe.seed, crawl, file, step, 33]);
        let kind = chance.unit();
        let again = if crawl > 0 { AGAIN_SECOND } else { AGAIN_FIRST };
        let more = if kind < BIG {
            big_batch(universe, crawl, file, step, &mut chance, sink)?
        } else if kind < BIG + again {
            let site = universe.some_site(&mut chance);
            let number = 1 + chance.below(1 << 20);
            whole_site(universe, Visit { site, crawl, number }, sink)?
        } else {
            let site = Universe::site(file, index);
            index += 1;
            let number = 0;
            whole_site(universe, Visit { site, crawl, number }, sink)?
        };
        if !more {
            break;
        }
    }
    Ok(())
}

fn whole_site(universe: &Universe, visit: Visit, sink: &mut Sink<'_>) -> Result<bool> {
    let pages = site::pages(universe, visit.site);
    site::visit(universe, visit, 0..pages, sink)
}

fn big_batch(
    universe: &Universe,
    crawl: u64,
    file: u64,
    step: u64,
    chance: &mut Chance,
    sink: &mut Sink<'_>,
) -> Result<bool> {
    let site = GIANT + chance.rank(BIG_SITES, 0.9);
    let start = ((file << 24) + step) * BATCH_PAGES_MAX;
    let pages = start..start + 1 + chance.below(BATCH_PAGES_MAX);
    let number = 0;
    site::visit(universe, Visit { site, crawl, number }, pages, sink)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};
    use std::sync::Arc;

    use openrefs_model::suffix::Registrable;
    use openrefs_model::{Canonicaliser, SuffixList, Url, key};

    use super::*;
    use crate::site::Row;

    fn each(rows: u64, number: u64, mut act: impl FnMut(&Row<'_>)) {
        let universe = Universe::new(7, rows);
        let mut left = rows;
        crawl(&universe, number, 0, &mut |row| {
            act(row);
            left -= 1;
            Ok(left > 0)
        })
        .unwrap();
    }

    #[test]
    fn rows_are_what_an_extractor_gives() {
        let list = Arc::new(SuffixList::bundled());
        let mut canonicaliser = Canonicaliser::new(Arc::clone(&list));
        let domain_of = |key: &str| {
            let host = key::host_of(key::split_port(key::split(key).0).0);
            match list.registrable(&host) {
                Registrable::Domain(domain) => domain.to_owned(),
                other => panic!("{key}: {other:?}"),
            }
        };
        for number in [0, 1] {
            each(20_000, number, |row| {
                for key in [row.source_key, row.target_key] {
                    let url = Url::parse(&key::to_url(key, true)).unwrap();
                    assert_eq!(canonicaliser.canonical(&url).unwrap().key, key);
                }
                assert_eq!(domain_of(row.source_key), row.refdomain);
                assert_ne!(domain_of(row.target_key), row.refdomain);
                assert_eq!(
                    row.anchor.split_whitespace().collect::<Vec<_>>().join(" "),
                    row.anchor
                );
                if let Some(ip) = row.ip {
                    assert_eq!(openrefs_model::Address::parse(ip).unwrap().as_str(), ip);
                }
            });
        }
    }

    #[test]
    fn the_giant_has_more_than_one_in_twenty_referring_domains() {
        let mut all = HashSet::new();
        let mut by_domain: BTreeMap<String, HashSet<String>> = BTreeMap::new();
        each(100_000, 0, |row| {
            all.insert(row.refdomain.to_owned());
            let labels: Vec<&str> = row.target_key.splitn(3, [',', ')']).take(2).collect();
            let linked = by_domain.entry(labels.join(",")).or_default();
            linked.insert(row.refdomain.to_owned());
        });
        let most = by_domain.values().map(HashSet::len).max().unwrap();
        assert!(most * 20 > all.len(), "{most} of {}", all.len());
        let ordinary = by_domain
            .values()
            .filter(|n| (10..=100).contains(&n.len()))
            .count();
        assert!(ordinary > 300, "{ordinary}");
    }

    #[test]
    fn the_same_seed_gives_the_same_rows() {
        let take = |number| {
            let mut rows = Vec::new();
            each(2_000, number, |row| rows.push(format!("{row:?}")));
            rows
        };
        assert_eq!(take(0), take(0));
        assert_ne!(take(0), take(1));
    }

    #[test]
    fn half_of_the_second_crawl_was_seen_before() {
        let identity = |row: &Row<'_>| {
            let flags = format!("{:?}", row.flags);
            format!(
                "{} {} {:?} {} {flags}",
                row.target_key, row.source_key, row.link_type, row.anchor
            )
        };
        let mut first = HashSet::new();
        each(200_000, 0, |row| {
            first.insert(identity(row));
        });
        let universe = Universe::new(7, 200_000);
        let (mut rows, mut again) = (0u32, 0u32);
        crawl(&universe, 1, 0, &mut |row| {
            rows += 1;
            again += u32::from(first.contains(&identity(row)));
            Ok(rows < 20_000)
        })
        .unwrap();
        let share = f64::from(again) / f64::from(rows);
        assert!((0.3..0.6).contains(&share), "{share}");
    }
}
