//! The pass over the backlinks of a segment.

use std::sync::Arc;

use openrefs_model::{KeyRange, SuffixList, key};
use openrefs_sort::Space;
use openrefs_store::TableFile;
use openrefs_store::targets::{host_scope, tree_scope};

use super::columns::{self, Columns};
use super::emit::Emitted;
use super::gather::Gathered;
use super::stretches::Stretch;
use super::trees::{Belongs, Open, belongs};
use crate::error::Result;

/// Takes backlinks in the order of keys.
pub struct Pass {
    list: Arc<SuffixList>,
    emitted: Emitted,
    open: Open,
    /// The host at hand: the part of its keys before the `)`, the same with `)/`, and what it belongs to.
    host: Option<Host>,
    gathered: Gathered,
    space: Space,
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
            space: space.clone(),
        }
    }

    /// Takes the backlinks of a stretch of keys.
    pub fn read(&mut self, links: &[TableFile], stretch: &Stretch) -> Result<()> {
        let keys = match stretch {
            Stretch::Hosts(keys) => keys.as_ref(),
            Stretch::LargeHost(keys) => return self.large_host(links, keys),
        };
        for file in links {
            let rows = match keys {
                None => std::iter::once(0..file.rows()).collect(),
                Some(keys) => file.rows_of_keys(std::slice::from_ref(keys))?,
            };
            columns::read(file, &rows, keys, |columns, row| self.row(columns, row))?;
        }
        Ok(())
    }

    fn large_host(&mut self, links: &[TableFile], keys: &KeyRange) -> Result<()> {
        self.end_host()?;
        self.begin_host(&keys.start)?;
        self.gathered.add_in_parts(links, keys, &self.space)?;
        self.end_host()
    }

    /// Ends what is open.
    pub fn finish(mut self) -> Result<Emitted> {
        self.end_host()?;
        self.open.end_before(None, &mut self.emitted)?;
        Ok(self.emitted)
    }

    fn row(&mut self, columns: &Columns, row: usize) -> Result<()> {
        let target_key = columns.target_key(row);
        let same = self
            .host
            .as_ref()
            .is_some_and(|host| target_key.starts_with(&host.begin));
        if !same {
            self.end_host()?;
            self.begin_host(target_key)?;
        }
        self.gathered.add(columns, row)
    }

    fn begin_host(&mut self, target_key: &str) -> Result<()> {
        self.open.end_before(Some(target_key), &mut self.emitted)?;
        let (part, _) = key::split(target_key);
        let (reversed, port) = key::split_port(part);
        let belongs = belongs(&self.list, reversed);
        self.open.host(&belongs, port);
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
