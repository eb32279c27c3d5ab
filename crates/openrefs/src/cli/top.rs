//! The host that most domains link to: a target worth showing when nobody has named one.

use std::collections::HashSet;

use openrefs_model::key;
use openrefs_store::table::strings;
use openrefs_store::{Error, Index, Result, TableFile, TableName};

/// Finds it by reading the whole table `links`, which is sorted so that all URLs of a host stand together. None for an
/// index without links.
///
/// # Errors
/// When the index cannot be read.
pub fn host(index: &Index) -> Result<Option<String>> {
    let manifest = index.published()?;
    let mut best = Best::default();
    for entry in manifest
        .files
        .iter()
        .filter(|file| file.table == TableName::Links)
    {
        let damaged = |what: String| Error::damaged(&index.folder().path(&entry.name), what);
        let file = TableFile::open(index.folder(), &entry.name)?;
        for batch in file.all(&["target_key", "refdomain"])? {
            let batch = batch?;
            let keys = strings(&batch, "target_key").map_err(|e| damaged(e.to_string()))?;
            let refdomains = strings(&batch, "refdomain").map_err(|e| damaged(e.to_string()))?;
            for row in 0..batch.num_rows() {
                best.add(keys.value(row), refdomains.value(row));
            }
        }
        best.end_host();
    }
    Ok(best.found.map(|(_, host)| host))
}

#[derive(Default)]
struct Best {
    host_part: String,
    refdomains: HashSet<String>,
    found: Option<(usize, String)>,
}

impl Best {
    fn add(&mut self, key: &str, refdomain: &str) {
        let (host_part, _) = key::split(key);
        if host_part != self.host_part {
            self.end_host();
            host_part.clone_into(&mut self.host_part);
        }
        if !self.refdomains.contains(refdomain) {
            self.refdomains.insert(refdomain.to_owned());
        }
    }

    fn end_host(&mut self) {
        let count = self.refdomains.len();
        if self.found.as_ref().is_none_or(|(most, _)| count > *most) && count > 0 {
            let (reversed, port) = key::split_port(&self.host_part);
            let mut host = key::host_of(reversed);
            if !port.is_empty() {
                host = format!("{host}:{port}");
            }
            self.found = Some((count, host));
        }
        self.refdomains.clear();
    }
}
