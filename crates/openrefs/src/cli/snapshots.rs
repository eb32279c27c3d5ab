//! `openrefs snapshots`: the states of an index that are there, and SQL that opens the published one in DuckDB.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use openrefs_store::{Index, Manifest, TableName, sql};

use crate::cli::output::{CANNOT_WRITE, stdout};
use crate::format::Output;
use crate::value::{Shape, Value};

/// Lists the snapshots of an index, or prints SQL that opens the published one in DuckDB
#[derive(Args, Debug)]
#[command(
    after_help = "Example: openrefs snapshots --index idx\n         openrefs snapshots --index idx --sql > views.sql && duckdb -init views.sql"
)]
pub struct Snapshots {
    /// Folder of the index
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// table or json
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "table",
        hide_possible_values = true,
        conflicts_with = "sql"
    )]
    output: List,
    /// Print views over the files of the published snapshot: links, visits, pairs, targets, refdomains, domains
    #[arg(long)]
    sql: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum List {
    Table,
    Json,
}

impl Snapshots {
    /// Runs the command.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn run(self) -> anyhow::Result<()> {
        let index = Index::open(&self.index)?;
        let mut out = stdout();
        if self.sql {
            let pinned = index.pin()?;
            let views = sql::views(index.folder(), &pinned.manifest);
            out.write_all(views.as_bytes())
                .and_then(|()| out.flush())
                .context(CANNOT_WRITE)?;
            return Ok(());
        }
        let output = match self.output {
            List::Table => Output::Table,
            List::Json => Output::Json,
        };
        write(&mut out, &listed(&index)?, output).context(CANNOT_WRITE)
    }
}

/// A snapshot, and whether somebody reads it.
struct Listed {
    manifest: Manifest,
    current: bool,
    in_use: bool,
    /// Bytes of its files that no snapshot before it has.
    bytes_own: u64,
}

fn listed(index: &Index) -> anyhow::Result<Vec<Listed>> {
    let current = index.pin()?.manifest.snapshot;
    let mut listed = Vec::new();
    let mut known = BTreeMap::new();
    for snapshot in index.snapshots()? {
        // What is left of an ingest that did not finish is no snapshot; what is gone by now is none any more.
        if snapshot > current {
            continue;
        }
        let in_use = index.is_in_use(snapshot)?;
        let Some(pinned) = index.pin_snapshot(snapshot)? else {
            continue;
        };
        let manifest = pinned.manifest;
        let mut bytes_own = 0;
        for file in &manifest.files {
            if known.insert(file.file.name.clone(), ()).is_none() {
                bytes_own += file.file.bytes;
            }
        }
        listed.push(Listed {
            current: snapshot == current,
            manifest,
            in_use,
            bytes_own,
        });
    }
    Ok(listed)
}

fn write(out: &mut dyn Write, listed: &[Listed], output: Output) -> io::Result<()> {
    let shape = Shape {
        rows: "snapshots",
        row: "snapshot",
        columns: vec![
            "snapshot",
            "published",
            "backlinks",
            "visits",
            "domains",
            "files",
            "bytes",
            "bytes_added",
            "current",
            "in_use",
        ],
    };
    let mut format = output.writer(shape, listed.len());
    format.start(out)?;
    for Listed {
        manifest,
        current,
        in_use,
        bytes_own,
    } in listed
    {
        let cells = [
            Value::Count(manifest.snapshot),
            Value::Text(Cow::Borrowed(&manifest.published)),
            Value::Count(manifest.rows(TableName::Links)),
            Value::Count(manifest.rows(TableName::Visits)),
            Value::Count(manifest.rows(TableName::Domains)),
            Value::Count(manifest.files.len() as u64),
            Value::Count(manifest.bytes()),
            Value::Count(*bytes_own),
            Value::Flag(*current),
            Value::Flag(*in_use),
        ];
        format.row(out, &mut cells.into_iter())?;
    }
    format.end(out, &[])?;
    out.flush()
}
