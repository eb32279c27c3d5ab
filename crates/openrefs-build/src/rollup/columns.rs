//! What the roll-up reads of backlinks.

use std::ops::Range;

use arrow_array::{Array, BooleanArray, Int64Array, RecordBatch, StringArray};
use openrefs_model::{KeyRange, LinkType};
use openrefs_store::TableFile;
use openrefs_store::table::{flags, longs, strings};

use super::fold::Links;
use crate::error::Result;

const COLUMNS: [&str; 10] = [
    "target_key",
    "refdomain",
    "source_key",
    "link_type",
    "nofollow",
    "ugc",
    "sponsored",
    "first_seen",
    "last_visited",
    "ip",
];

/// Calls `each` with the backlinks among some rows of a file whose keys lie in a range (None = all).
pub fn read(
    file: &TableFile,
    rows: &[Range<usize>],
    keys: Option<&KeyRange>,
    mut each: impl FnMut(&Columns, usize) -> Result<()>,
) -> Result<()> {
    let mut reader = file.rows_in(&COLUMNS, rows)?;
    while let Some(columns) = reader.next_as(Columns::of)? {
        for row in 0..columns.target_key.len() {
            let key = columns.target_key(row);
            if keys.is_none_or(|keys| keys.start.as_str() <= key && key < keys.end.as_str()) {
                each(&columns, row)?;
            }
        }
    }
    Ok(())
}

/// The columns of a batch that the roll-up is made of.
pub struct Columns {
    target_key: StringArray,
    refdomain: StringArray,
    source_key: StringArray,
    link_type: StringArray,
    flags: [BooleanArray; 3],
    dates: [Int64Array; 2],
    ip: StringArray,
}

impl Columns {
    fn of(batch: &RecordBatch) -> std::result::Result<Self, String> {
        let text = |name| strings(batch, name).cloned();
        let flag = |name| flags(batch, name).cloned();
        let date = |name| longs(batch, name).cloned();
        Ok(Self {
            target_key: text("target_key")?,
            refdomain: text("refdomain")?,
            source_key: text("source_key")?,
            link_type: text("link_type")?,
            flags: [flag("nofollow")?, flag("ugc")?, flag("sponsored")?],
            dates: [date("first_seen")?, date("last_visited")?],
            ip: text("ip")?,
        })
    }

    pub fn target_key(&self, row: usize) -> &str {
        self.target_key.value(row)
    }

    /// Referring domain and page.
    pub fn page(&self, row: usize) -> [&str; 2] {
        [self.refdomain.value(row), self.source_key.value(row)]
    }

    pub fn links(&self, row: usize) -> Links {
        let link_type = self.link_type.value(row);
        let carries = link_type == LinkType::Href.name() || link_type == LinkType::Redirect.name();
        Links {
            first_seen: self.dates[0].value(row),
            last_visited: self.dates[1].value(row),
            backlinks: 1,
            followed: carries && self.flags.iter().all(|flag| !flag.value(row)),
        }
    }

    /// Empty when it is unknown.
    pub fn ip(&self, row: usize) -> &str {
        if self.ip.is_null(row) {
            ""
        } else {
            self.ip.value(row)
        }
    }
}
