//! A synthetic crawl with the web's skew, written as WARC and as the WAT of the same pages.
//!
//! [`write()`] makes the same bytes for the same [`Options`] on every machine, in bounded memory: every fact (who links
//! to whom, what a page holds, when it is visited) is computed from the seed and the number of the thing, and nothing
//! is kept. All names are invented and all addresses reserved; see `names` and `address`.
//!
//! # The twins
//! An index made from the WARC files and one made from the WAT files give the same answers about referring domains:
//! the same backlinks, pages, dates, addresses and totals for every target. A WAT knows less than the page, so the
//! pages are made such that what it leaves out decides nothing:
//!
//! - It cannot tell whether a link holds an image. Two links of a page must then never differ by that alone, over all
//!   visits of the page. Here the image follows from the other parts: an anchor that begins with `Photo:` has
//!   one, and so has an empty anchor whose path begins with `/gallery/`; all others have none (see `anchor`).
//! - Its texts are the anchors as the rules of counting make them, with the `alt` of an image in place of a missing
//!   text. (Files from other hands cut and space them their own way.)
//! - Markup that is no link (in comments, scripts, templates, `noframes`) is not in it.
//! - No page comes near a limit of the rules: sizes, number of links, length of a URL.
//! - Its records of redirects, errors and other types stand beside those of pages, and are to be skipped as in the
//!   WARC. Revisits hold no links in either.
//!
//! # Overview, lowest layer first
//! `random` choices from the seed; `words` languages; `date` instants; `names` domains and hosts; `graph` who links to
//! whom and which page is visited when; `address` IP addresses; `href` spellings of URLs; `page` what a page is;
//! `anchor`, `head` and `compose` what it holds; `markup` and `html` how that is written; `visit` and `response` what
//! comes back; `archive` gzip members; `warc`, `envelope` and `wat` records; `crawl` pairs of files.
//!
//! # Limits
//! Ports, hosts and paths of targets are drawn without regard to which pages are visited: most targets are not in the
//! crawl, as on the web. A crawl is not made to look like any real one in its texts.

use std::fs;
use std::path::Path;

mod error;

mod random;
mod words;

mod date;

mod names;

mod graph;

mod address;
mod href;
mod page;

mod anchor;

mod head;

mod compose;

mod markup;

mod html;
mod visit;

mod archive;
mod response;
mod warc;

mod envelope;
mod wat;

mod crawl;

pub use error::Error;

/// So many visits are in one pair of files: about 130 MB of WARC before compression.
const VISITS_PER_FILE: u64 = 5_000;

/// What to make. Equal options make equal bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Domains that exist; about 30 % of them are crawled, the others are only linked to. At least 2.
    pub domains: u32,
    /// Visits to write, of all kinds, repeated ones included. At least 1.
    pub pages: u64,
    /// The seed of all choices.
    pub seed: u64,
}

/// What was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files, both kinds.
    pub files: u64,
    /// Their bytes, compressed.
    pub bytes: u64,
    /// Visits.
    pub pages: u64,
    /// Links of the visits that count, internal ones and repeats included, those that lead nowhere too.
    pub links: u64,
}

/// Writes `out/warc/sample-00000.warc.gz` and on, and `out/wat/sample-00000.warc.wat.gz` and on, telling `progress`
/// the number of visits written so far after every hundred.
///
/// # Errors
/// When the options make no crawl, one of the two folders holds something, or a file cannot be written.
pub fn write(options: &Options, out: &Path, progress: &dyn Fn(u64)) -> Result<Written, Error> {
    let Options { domains, pages, seed } = *options;
    if domains < 2 || pages < 1 {
        return Err(Error::TooSmall { domains, pages });
    }
    let (warcs, wats) = (out.join("warc"), out.join("wat"));
    for folder in [&warcs, &wats] {
        prepare(folder)?;
    }
    let world = graph::World::new(options);
    let mut written = Written::default();
    for file in 0..pages.div_ceil(VISITS_PER_FILE) {
        let mut pair = crawl::Pair::create(seed, file, &warcs, &wats)?;
        for number in file * VISITS_PER_FILE..pages.min((file + 1) * VISITS_PER_FILE) {
            let visit = visit::visit(&world, number);
            pair.push(&visit)?;
            written.pages += 1;
            written.links += visit.links;
            if written.pages % 100 == 0 || written.pages == pages {
                progress(written.pages);
            }
        }
        pair.finish(&mut written)?;
    }
    Ok(written)
}

/// Makes sure that a folder exists and is empty.
fn prepare(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|source| Error::io("create", folder, source))?;
    let mut entries = fs::read_dir(folder).map_err(|source| Error::io("read", folder, source))?;
    if entries.next().is_some() {
        return Err(Error::Occupied {
            path: folder.to_owned(),
        });
    }
    Ok(())
}
