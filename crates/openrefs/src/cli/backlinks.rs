//! `openrefs backlinks`: the evidence behind every figure, link by link.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use openrefs_query::{Error, Snapshot};
use openrefs_store::Index;

use crate::cli::output::{CANNOT_WRITE, stdout};
use crate::format::Output;
use crate::parameters::Parameters;
use crate::value::{self, BacklinkColumn};

/// The links behind the figures: page, URL, anchor, type, flags, address, dates
#[derive(Args, Debug)]
#[command(
    after_help = "Example: openrefs backlinks example.com --index idx --refdomain example.org --output csv"
)]
pub struct Backlinks {
    /// A domain, directory or URL
    target: String,
    /// Folder of the index
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// exact, domain (that host), subdomains (and all hosts below) or prefix
    #[arg(long, default_value = "domain")]
    mode: String,
    /// Only links from this referring domain
    #[arg(long, value_name = "DOMAIN", default_value = "", hide_default_value = true)]
    refdomain: String,
    /// Rows to show at the most, up to 5,000,000 [default: 1000]
    #[arg(
        long,
        value_name = "N",
        default_value = "",
        hide_default_value = true,
        allow_negative_numbers = true
    )]
    limit: String,
    /// Rows to pass over first
    #[arg(
        long,
        value_name = "N",
        default_value = "",
        hide_default_value = true,
        allow_negative_numbers = true
    )]
    offset: String,
    /// table, json, csv, ndjson or xml
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "table",
        hide_possible_values = true
    )]
    output: Output,
}

impl Backlinks {
    /// Runs the command.
    ///
    /// # Errors
    /// When the request is wrong, or the index cannot be read.
    pub fn run(self) -> anyhow::Result<()> {
        let parameters = Parameters {
            target: self.target,
            mode: self.mode,
            limit: self.limit,
            offset: self.offset,
            refdomain: self.refdomain,
            ..Parameters::default()
        };
        let snapshot = Snapshot::open(&Index::open(&self.index)?)?;
        let request = parameters.backlinks(snapshot.suffix_list())?;
        let columns: &[BacklinkColumn] = match self.output {
            Output::Table => &BacklinkColumn::SHORT,
            _ => &BacklinkColumn::ALL,
        };
        // Rows are written as they are found; serialised PHP begins with their number.
        if self.output == Output::Php {
            let what = "php is not for backlinks, use table, json, csv, ndjson or xml";
            return Err(Error::request("output", what).into());
        }
        let mut format = self.output.writer(value::backlinks_shape(columns), 0);
        let mut out = stdout();
        let mut written: io::Result<()> = format.start(&mut out);
        openrefs_query::backlinks::backlinks(&snapshot, &request, &mut |row| {
            // The query knows errors of its own only; the first one of the output is kept, and nothing written after it.
            if written.is_ok() {
                written = format.row(&mut out, &mut value::backlink(&row, columns));
            }
            Ok(())
        })?;
        written
            .and_then(|()| format.end(&mut out, &[]))
            .and_then(|()| out.flush())
            .context(CANNOT_WRITE)
    }
}
