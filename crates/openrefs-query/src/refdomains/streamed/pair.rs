//! A pair of target key and referring domain, and the rows before grouping that `where` looks at.
//!
//! Those rows are one per target key, referring domain and source address. The table is sorted by target key and referring
//! domain, so a pair's rows are complete when the next pair begins; only that pair is held.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use openrefs_model::key;

use super::columns::{Columns, Links};
use crate::error::{Error, Result};
use crate::filter::{Fields, Filter, FilterColumn, Limits};

/// What a backlink takes beside its page's key.
const LINE_BYTES: usize = size_of::<(usize, usize, Links)>();
/// What a base row takes, with its number by address, beside the addresses.
const BASE_ROW_BYTES: usize = size_of::<Held>() + 2 * size_of::<(String, usize)>();
/// Base rows of a pair that are looked through for an address; most pairs have one.
const NEAR: usize = 4;

/// The pair at hand.
#[derive(Default)]
pub struct Pair {
    bytes_max: usize,
    /// What base rows take, bytes.
    base_rows_bytes: usize,
    target_key: String,
    refdomain: String,
    /// Its backlinks: where the page's key ends in `pages`, which base row it belongs to, and what it says.
    lines: Vec<(usize, usize, Links)>,
    pages: String,
    last_page: (usize, usize),
    base_rows: Vec<Held>,
    /// Numbers of base rows by address, once there are many.
    by_ip: HashMap<String, usize>,
}

/// The backlinks of a pair that have one source address.
struct Held {
    ip: String,
    links: Links,
    pages: u64,
    /// Where the last of its pages begins and ends.
    last_page: (usize, usize),
    target_https: bool,
}

impl Pair {
    /// None yet; what would take more memory is refused.
    pub fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            ..Self::default()
        }
    }

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
        self.base_rows_bytes = 0;
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
            None => self.new_base_row(Held {
                ip: ip.to_owned(),
                links,
                pages: 1,
                last_page: place,
                target_https: https,
            }),
        };
        self.lines.push((place.1, number, links));
        if self.lines.len() * LINE_BYTES + self.pages.len() + self.base_rows_bytes > self.bytes_max {
            return Err(Error::TooLarge);
        }
        Ok(())
    }

    fn number_of(&self, ip: &str) -> Option<usize> {
        let near = self.base_rows.iter().take(NEAR).position(|row| row.ip == ip);
        near.or_else(|| self.by_ip.get(ip).copied())
    }

    fn new_base_row(&mut self, row: Held) -> usize {
        let number = self.base_rows.len();
        self.base_rows_bytes += BASE_ROW_BYTES + 2 * row.ip.len();
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
        mut each: impl FnMut(&str, &str, &Links) -> Result<()>,
    ) -> Result<()> {
        let base_row = |row: &Held| {
            filter.holds(&BaseRow {
                target_key: &self.target_key,
                refdomain: &self.refdomain,
                ip: &row.ip,
                links: row.links,
                pages: row.pages,
                target_https: row.target_https,
            })
        };
        let holds: Vec<bool> = self.base_rows.iter().map(base_row).collect();
        if !holds.contains(&true) {
            return Ok(());
        }
        let (mut start, mut last_end) = (0, 0);
        for (end, number, links) in &self.lines {
            if *end != last_end {
                (start, last_end) = (last_end, *end);
            }
            if holds[*number] {
                each(&self.refdomain, &self.pages[start..*end], links)?;
            }
        }
        Ok(())
    }
}

impl Held {
    fn add(&mut self, links: &Links, page: (usize, usize), https: bool) {
        self.target_https = later_https((&self.links, self.target_https), (links, https));
        self.links.add(links);
        if page != self.last_page {
            self.last_page = page;
            self.pages += 1;
        }
    }
}

/// The scheme of the target's URL in the later of two visits; https before http in the same second.
fn later_https((a, a_https): (&Links, bool), (b, b_https): (&Links, bool)) -> bool {
    match b.last_visited.cmp(&a.last_visited) {
        std::cmp::Ordering::Less => a_https,
        std::cmp::Ordering::Equal => a_https || b_https,
        std::cmp::Ordering::Greater => b_https,
    }
}

/// A row before grouping, as conditions see it.
pub struct BaseRow<'a> {
    target_key: &'a str,
    refdomain: &'a str,
    ip: &'a str,
    links: Links,
    pages: u64,
    target_https: bool,
}

impl<'a> BaseRow<'a> {
    /// Rows that are a whole pair, if they have one address, as most have.
    pub fn of(columns: &'a Columns, rows: Range<usize>) -> Option<Self> {
        let first = rows.start;
        let mut row = Self {
            target_key: columns.target_key(first),
            refdomain: columns.refdomain(first),
            ip: columns.ip(first),
            links: columns.links(first),
            pages: 1,
            target_https: columns.target_https(first),
        };
        for next in first + 1..rows.end {
            if columns.ip(next) != row.ip {
                return None;
            }
            let links = columns.links(next);
            row.target_https = later_https(
                (&row.links, row.target_https),
                (&links, columns.target_https(next)),
            );
            row.links.add(&links);
            row.pages += u64::from(columns.source_key(next) != columns.source_key(next - 1));
        }
        Some(row)
    }
}

/// What no base row of a pair can exceed, whatever their addresses.
pub fn limits(columns: &Columns, rows: Range<usize>) -> Limits {
    let mut links = columns.links(rows.start);
    for row in rows.start + 1..rows.end {
        links.add(&columns.links(row));
    }
    Limits {
        count_max: rows.len() as u64,
        first_seen_min: links.first_seen,
        last_visited_max: links.last_visited,
    }
}

impl Fields for BaseRow<'_> {
    fn text(&self, column: FilterColumn) -> Cow<'_, str> {
        match column {
            FilterColumn::Url => Cow::Owned(key::to_url(self.target_key, self.target_https)),
            FilterColumn::Ip => Cow::Borrowed(self.ip),
            _ => Cow::Borrowed(self.refdomain),
        }
    }

    fn number(&self, column: FilterColumn) -> i64 {
        match column {
            FilterColumn::Backlinks => i64::from(self.links.backlinks),
            FilterColumn::Refpages => i64::try_from(self.pages).unwrap_or(i64::MAX),
            FilterColumn::FirstSeen => self.links.first_seen,
            FilterColumn::LastVisited => self.links.last_visited,
            _ => 0,
        }
    }

    fn target_key(&self) -> &str {
        self.target_key
    }
}
