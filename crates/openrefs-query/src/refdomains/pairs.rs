//! Backlinks of a scope, a pair of target key and referring domain at a time, as far as `where` lets them through.
//!
//! The rows before grouping are one per target key, referring domain and source address. The table is sorted by target key
//! and referring domain, so a pair's rows are complete when the next pair begins; only that pair is held.

use std::borrow::Cow;
use std::collections::HashMap;

use arrow_array::{Array, BooleanArray, Int64Array, RecordBatch, StringArray};
use openrefs_model::key;
use openrefs_sort::Value;
use openrefs_store::table::{flags, longs, strings};

use crate::error::{Error, Result};
use crate::filter::{Fields, Filter, FilterColumn};

/// What a query holds of the backlinks of one target key from one referring domain to evaluate `where` on them, bytes.
const HELD_BYTES_MAX: usize = 512 << 20;
/// What a backlink takes beside its page's key.
const LINE_BYTES: usize = size_of::<(usize, usize, Links)>();
/// Base rows of a pair that are looked through for an address; most pairs have one.
const NEAR: usize = 4;

/// The columns of `links` that an answer is made of.
pub struct Columns {
    target_key: Option<StringArray>,
    pub refdomain: StringArray,
    source_key: StringArray,
    first_seen: Int64Array,
    last_visited: Int64Array,
    ip: Option<StringArray>,
    target_https: Option<BooleanArray>,
}

/// Which of them a request needs beside the referring domain, the page and the dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The target key.
    pub target_key: bool,
    /// The address.
    pub ip: bool,
    /// The scheme of the target.
    pub scheme: bool,
}

impl Needs {
    /// The names of the columns.
    pub fn columns(self) -> Vec<&'static str> {
        let mut columns = vec!["refdomain", "source_key", "first_seen", "last_visited"];
        columns.extend(self.target_key.then_some("target_key"));
        columns.extend(self.ip.then_some("ip"));
        columns.extend(self.scheme.then_some("target_https"));
        columns
    }
}

impl Columns {
    pub fn of(batch: &RecordBatch) -> std::result::Result<Self, String> {
        let has = |name: &str| batch.column_by_name(name).is_some();
        Ok(Self {
            target_key: has("target_key")
                .then(|| strings(batch, "target_key").cloned())
                .transpose()?,
            refdomain: strings(batch, "refdomain")?.clone(),
            source_key: strings(batch, "source_key")?.clone(),
            first_seen: longs(batch, "first_seen")?.clone(),
            last_visited: longs(batch, "last_visited")?.clone(),
            ip: has("ip").then(|| strings(batch, "ip").cloned()).transpose()?,
            target_https: has("target_https")
                .then(|| flags(batch, "target_https").cloned())
                .transpose()?,
        })
    }

    /// The key of the target; empty if not read.
    pub fn target_key(&self, row: usize) -> &str {
        self.target_key.as_ref().map_or("", |keys| keys.value(row))
    }

    pub fn source_key(&self, row: usize) -> &str {
        self.source_key.value(row)
    }

    /// The source's address as text, empty if unknown or not read.
    pub fn ip(&self, row: usize) -> &str {
        match &self.ip {
            Some(ip) if !ip.is_null(row) => ip.value(row),
            _ => "",
        }
    }

    fn target_https(&self, row: usize) -> bool {
        self.target_https.as_ref().is_some_and(|https| https.value(row))
    }

    pub fn links(&self, row: usize) -> Links {
        Links {
            first_seen: self.first_seen.value(row),
            last_visited: self.last_visited.value(row),
            backlinks: 1,
        }
    }
}

/// The backlinks of one page, or of one referring domain, into the scope.
#[derive(Clone, Copy, Debug)]
pub struct Links {
    pub first_seen: i64,
    pub last_visited: i64,
    pub backlinks: u32,
}

impl Value for Links {
    const BYTES: usize = 20;

    fn fold(&mut self, other: &Self) {
        self.first_seen = self.first_seen.min(other.first_seen);
        self.last_visited = self.last_visited.max(other.last_visited);
        self.backlinks = self.backlinks.saturating_add(other.backlinks);
    }

    fn write(&self, to: &mut [u8]) {
        to[..8].copy_from_slice(&self.first_seen.to_le_bytes());
        to[8..16].copy_from_slice(&self.last_visited.to_le_bytes());
        to[16..20].copy_from_slice(&self.backlinks.to_le_bytes());
    }

    fn read(from: &[u8]) -> Self {
        let date = |start: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&from[start..start + 8]);
            i64::from_le_bytes(bytes)
        };
        Self {
            first_seen: date(0),
            last_visited: date(8),
            backlinks: u32::from_le_bytes([from[16], from[17], from[18], from[19]]),
        }
    }
}

/// The pair at hand, for a `where` that looks at more than referring domains.
#[derive(Default)]
pub struct Pair {
    target_key: String,
    refdomain: String,
    /// Its backlinks: where the page's key ends in `pages`, which base row it belongs to, and what it says.
    lines: Vec<(usize, usize, Links)>,
    pages: String,
    last_page: (usize, usize),
    base_rows: Vec<BaseRow>,
    /// Numbers of base rows by address, once there are many.
    by_ip: HashMap<String, usize>,
}

/// The backlinks of a pair that have one source address.
struct BaseRow {
    ip: String,
    links: Links,
    pages: u64,
    /// Where the last of its pages begins and ends.
    last_page: (usize, usize),
    /// Scheme of the target's URL in the latest backlink, https before http in the same second.
    target_https: bool,
}

impl Pair {
    /// Begins the next pair.
    pub fn start(&mut self, target_key: &str, refdomain: &str) {
        self.target_key.clear();
        self.target_key.push_str(target_key);
        self.refdomain.clear();
        self.refdomain.push_str(refdomain);
        self.lines.clear();
        self.pages.clear();
        self.last_page = (0, 0);
        self.base_rows.clear();
        self.by_ip.clear();
    }

    /// Adds a backlink of it.
    pub fn add(&mut self, columns: &Columns, row: usize) -> Result<()> {
        let (page, ip, links) = (columns.source_key(row), columns.ip(row), columns.links(row));
        let https = columns.target_https(row);
        // Pages come in ascending order within a pair.
        let (start, end) = self.last_page;
        if self.lines.is_empty() || &self.pages[start..end] != page {
            self.pages.push_str(page);
            self.last_page = (end, self.pages.len());
        }
        let place = self.last_page;
        let number = match self.number_of(ip) {
            Some(number) => {
                self.base_rows[number].add(&links, place, https);
                number
            }
            None => self.new_base_row(BaseRow {
                ip: ip.to_owned(),
                links,
                pages: 1,
                last_page: place,
                target_https: https,
            }),
        };
        self.lines.push((place.1, number, links));
        if self.lines.len() * LINE_BYTES + self.pages.len() > HELD_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        Ok(())
    }

    fn number_of(&self, ip: &str) -> Option<usize> {
        let near = self.base_rows.iter().take(NEAR).position(|row| row.ip == ip);
        near.or_else(|| self.by_ip.get(ip).copied())
    }

    fn new_base_row(&mut self, row: BaseRow) -> usize {
        let number = self.base_rows.len();
        if number >= NEAR {
            self.by_ip.insert(row.ip.clone(), number);
        }
        self.base_rows.push(row);
        number
    }

    /// Calls `each` with every backlink that the conditions let through: its page, and what it says.
    pub fn filtered(
        &self,
        filter: &Filter,
        mut each: impl FnMut(&str, &str, Links) -> Result<()>,
    ) -> Result<()> {
        let holds: Vec<bool> = self
            .base_rows
            .iter()
            .map(|row| filter.holds(&PairRow { pair: self, row }))
            .collect();
        if !holds.contains(&true) {
            return Ok(());
        }
        let (mut start, mut last_end) = (0, 0);
        for (end, number, links) in &self.lines {
            if *end != last_end {
                (start, last_end) = (last_end, *end);
            }
            if holds[*number] {
                each(&self.refdomain, &self.pages[start..*end], *links)?;
            }
        }
        Ok(())
    }
}

impl BaseRow {
    fn add(&mut self, links: &Links, page: (usize, usize), https: bool) {
        if links.last_visited >= self.links.last_visited {
            let same = links.last_visited == self.links.last_visited;
            self.target_https = https || (same && self.target_https);
        }
        self.links.fold(links);
        if page != self.last_page {
            self.last_page = page;
            self.pages += 1;
        }
    }
}

/// A base row as conditions see it.
struct PairRow<'a> {
    pair: &'a Pair,
    row: &'a BaseRow,
}

impl Fields for PairRow<'_> {
    fn text(&self, column: FilterColumn) -> Cow<'_, str> {
        match column {
            FilterColumn::Url => Cow::Owned(key::to_url(&self.pair.target_key, self.row.target_https)),
            FilterColumn::Ip => Cow::Borrowed(&self.row.ip),
            _ => Cow::Borrowed(&self.pair.refdomain),
        }
    }

    fn number(&self, column: FilterColumn) -> i64 {
        match column {
            FilterColumn::Backlinks => i64::from(self.row.links.backlinks),
            FilterColumn::Refpages => i64::try_from(self.row.pages).unwrap_or(i64::MAX),
            FilterColumn::FirstSeen => self.row.links.first_seen,
            FilterColumn::LastVisited => self.row.links.last_visited,
            _ => 0,
        }
    }

    fn target_key(&self) -> &str {
        &self.pair.target_key
    }
}

/// A referring domain as conditions see it that look at nothing else.
pub struct RefdomainOnly<'a>(pub &'a str);

impl Fields for RefdomainOnly<'_> {
    fn text(&self, _column: FilterColumn) -> Cow<'_, str> {
        Cow::Borrowed(self.0)
    }

    fn number(&self, _column: FilterColumn) -> i64 {
        0
    }

    fn target_key(&self) -> &str {
        ""
    }
}
