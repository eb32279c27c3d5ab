//! Real pages: the fast reader equals the tree builder wherever it does not give up, and it seldom does.

mod warc;

use openrefs_html::{dom, fast};

/// Every so many-th page is read in this test; the example `compare` reads all.
const STEP: usize = 16;

#[test]
fn the_readers_agree_on_real_pages() {
    let Some(data) = warc::shared() else {
        return println!("skipped: ../shared is absent");
    };
    let small = ["autopager", "postlight-parser", "site-thma.github.io"];
    let names = small.map(|name| data.join(format!("crawls/{name}.warc.gz")));
    let mut pages: Vec<String> = names.iter().flat_map(|path| warc::pages(path)).collect();
    pages = pages.into_iter().step_by(STEP).collect();
    pages.extend(warc::pages(&data.join("odd")));
    let mut given_up = 0;
    for page in &pages {
        let (by_dom, cut) = dom::read(page);
        assert!(!cut);
        match fast::read(page) {
            Ok(by_fast) => assert_eq!(by_fast, by_dom),
            Err(_) => given_up += 1,
        }
    }
    println!("{} pages, {given_up} given up", pages.len());
    assert!(pages.len() > 10 && given_up * 10 < pages.len());
}
