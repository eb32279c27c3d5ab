//! Reads every page of a folder of WARC files with both readers: differences, reasons for giving up, and MB/s.
//!
//! `cargo run --release -p openrefs-html --example compare -- [FOLDER]`

#[path = "../tests/warc/mod.rs"]
mod warc;

use openrefs_html::{dom, fast, read};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

fn main() {
    let folder = std::env::args()
        .nth(1)
        .map(Into::into)
        .or_else(|| warc::shared().map(|data| data.join("crawls")));
    let Some(folder) = folder else {
        return println!("skipped: ../shared is absent");
    };
    let pages = warc::pages(&folder);
    let bytes: usize = pages.iter().map(String::len).sum();
    println!("{} pages, {} bytes", pages.len(), bytes);
    let mut reasons: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut easy = Vec::new();
    let mut elements = 0;
    for page in &pages {
        let (by_dom, cut) = dom::read(page);
        elements += by_dom.elements.len();
        assert!(!cut, "a real page was cut");
        assert_eq!(by_dom, dom::read_for_tests(page), "the tokenizers differ");
        match fast::read(page) {
            Ok(by_fast) => {
                for (one, other) in by_fast.elements.iter().zip(&by_dom.elements) {
                    assert_eq!(one, other, "the readers differ");
                }
                assert_eq!(by_fast, by_dom, "the readers differ");
                easy.push(page.as_str());
            }
            Err(reason) => {
                let entry = reasons.entry(reason).or_default();
                *entry = (entry.0 + 1, entry.1 + page.len());
            }
        }
    }
    println!("{elements} elements; no difference");
    for (reason, (count, length)) in &reasons {
        let share = |part: usize, all: usize| 100.0 * part as f64 / all.max(1) as f64;
        println!(
            "gave up: {reason}: {:.2} % of pages, {:.2} % of bytes",
            share(*count, pages.len()),
            share(*length, bytes)
        );
    }
    let easy_bytes = easy.iter().map(|page| page.len()).sum();
    let all: Vec<&str> = pages.iter().map(String::as_str).collect();
    measure("fast, its own pages", &easy, easy_bytes, |page| {
        drop(black_box(fast::read(page)))
    });
    measure("dom, all pages", &all, bytes, |page| {
        drop(black_box(dom::read(page)))
    });
    measure("html5ever's tokenizer, all", &all, bytes, |page| {
        drop(black_box(dom::read_for_tests(page)))
    });
    measure("read, all pages", &all, bytes, |page| drop(black_box(read(page))));
}

fn measure(what: &str, pages: &[&str], bytes: usize, work: impl Fn(&str)) {
    let mut rates: Vec<f64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            pages.iter().for_each(|page| work(page));
            bytes as f64 / 1e6 / start.elapsed().as_secs_f64()
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    println!(
        "{what}: {:.0} MB/s (median of {}, {:.0} to {:.0})",
        rates[2],
        rates.len(),
        rates[0],
        rates[4]
    );
}
