//! The pass over the backlinks of a segment.

use std::sync::Arc;

use arrow_array::{Array, BooleanArray, Int64Array, RecordBatch, StringArray};
use openrefs_model::address::sort_form;
use openrefs_model::{KeyRange, LinkType, SuffixList, key};
use openrefs_sort::Space;
use openrefs_store::TableFile;
use openrefs_store::table::{flags, longs, strings};
use openrefs_store::targets::{host_scope, tree_scope};

use super::emit::{Emitted, Gathered};
use super::fold::Links;
use super::trees::{Belongs, Open, belongs};
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

/// Takes backlinks in the order of keys.
pub struct Pass {
    list: Arc<SuffixList>,
    emitted: Emitted,
    open: Open,
    /// The host at hand: the part of its keys before the `)`, the same with `)/`, and what it belongs to.
    host: Option<Host>,
    gathered: Gathered,
    last_ip: String,
}

struct Host {
    part: String,
    begin: String,
    port: String,
    belongs: Belongs,
}

impl Pass {
    pub fn new(list: Arc<SuffixList>, emitted: Emitted, space: &Space) -> Self {
        Self {
            list,
            emitted,
            open: Open::new(space),
            host: None,
            gathered: Gathered::new(space),
            last_ip: String::new(),
        }
    }

    /// Takes the backlinks of a file that lie in a range of keys.
    pub fn read(&mut self, file: &TableFile, keys: Option<&KeyRange>) -> Result<()> {
        let rows = match keys {
            None => std::iter::once(0..file.rows()).collect(),
            Some(keys) => file.rows_of_keys(std::slice::from_ref(keys))?,
        };
        let mut reader = file.rows_in(&COLUMNS, &rows)?;
        while let Some(columns) = reader.next_as(Columns::of)? {
            for row in 0..columns.target_key.len() {
                let target_key = columns.target_key.value(row);
                if keys.is_none_or(|keys| keys.start.as_str() <= target_key && target_key < keys.end.as_str())
                {
                    self.row(&columns, row, target_key)?;
                }
            }
        }
        Ok(())
    }

    /// Ends what is open.
    pub fn finish(mut self) -> Result<Emitted> {
        self.end_host()?;
        self.open.end_before(None, &mut self.emitted)?;
        Ok(self.emitted)
    }

    fn row(&mut self, columns: &Columns, row: usize, target_key: &str) -> Result<()> {
        let same = self
            .host
            .as_ref()
            .is_some_and(|host| target_key.starts_with(&host.begin));
        if !same {
            self.end_host()?;
            self.begin_host(target_key)?;
        }
        let key = [columns.refdomain.value(row), columns.source_key.value(row)];
        self.gathered.pages.push(&key, columns.links(row))?;
        let ip = columns.ip(row);
        if !ip.is_empty() && ip != self.last_ip {
            ip.clone_into(&mut self.last_ip);
            if let Some(address) = sort_form(ip) {
                self.gathered.addresses.push_bytes(address.as_ref(), ())?;
            }
        }
        Ok(())
    }

    fn begin_host(&mut self, target_key: &str) -> Result<()> {
        self.open.end_before(Some(target_key), &mut self.emitted)?;
        let (part, _) = key::split(target_key);
        let (reversed, port) = key::split_port(part);
        let belongs = belongs(&self.list, reversed);
        self.open.host(&belongs, port);
        self.last_ip.clear();
        self.host = Some(Host {
            begin: format!("{part})/"),
            port: port.to_owned(),
            part: part.to_owned(),
            belongs,
        });
        Ok(())
    }

    fn end_host(&mut self) -> Result<()> {
        let Some(host) = self.host.take() else {
            return Ok(());
        };
        let domain = &host.belongs.domain;
        let open = &mut self.open;
        let rows = self
            .emitted
            .scope(&host_scope(&host.part), &mut self.gathered, |refdomain, pair| {
                open.pair(domain, refdomain, pair)
            })?;
        if let Some(tree) = host.belongs.trees.first() {
            let scope = tree_scope(tree, &host.port);
            self.open.hand_over(&scope, &mut self.gathered, rows)?;
        }
        self.gathered.clear();
        Ok(())
    }
}

/// The columns of a batch that the roll-up is made of.
struct Columns {
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

    fn links(&self, row: usize) -> Links {
        let link_type = self.link_type.value(row);
        let carries = link_type == LinkType::Href.name() || link_type == LinkType::Redirect.name();
        Links {
            first_seen: self.dates[0].value(row),
            last_visited: self.dates[1].value(row),
            backlinks: 1,
            followed: carries && self.flags.iter().all(|flag| !flag.value(row)),
        }
    }

    fn ip(&self, row: usize) -> &str {
        if self.ip.is_null(row) {
            ""
        } else {
            self.ip.value(row)
        }
    }
}
