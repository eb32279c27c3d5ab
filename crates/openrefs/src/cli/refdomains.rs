//! `openrefs refdomains`: who links to a target, grouped by referring domain.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use openrefs_query::{Answer, Column, Snapshot};
use openrefs_store::Index;

use crate::cli::output::{CANNOT_WRITE, stdout};
use crate::format::Output;
use crate::parameters::Parameters;
use crate::value;

/// Who links to a target: its referring domains, and the totals
#[derive(Args, Debug)]
#[command(
    after_help = "Example: openrefs refdomains example.com --index idx --mode subdomains --order-by backlinks:desc --limit 20"
)]
pub struct Refdomains {
    /// A domain, directory or URL
    target: String,
    /// Folder of the index
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// exact, domain (that host), subdomains (and all hosts below) or prefix
    #[arg(long, default_value = "domain")]
    mode: String,
    /// Conditions on what is grouped, like last_visited>="2024-01-01"
    #[arg(
        long = "where",
        value_name = "CONDITIONS",
        default_value = "",
        hide_default_value = true
    )]
    where_: String,
    /// Conditions on the groups, like backlinks>10,refpages>2
    #[arg(
        long,
        value_name = "CONDITIONS",
        default_value = "",
        hide_default_value = true
    )]
    having: String,
    /// Rows to show at the most, up to 5,000,000; 0 shows the totals alone [default: 1000]
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
    /// Columns to order by, like backlinks:desc,refdomain [default: refdomain]
    #[arg(long, value_name = "COLUMNS", default_value = "", hide_default_value = true)]
    order_by: String,
    /// Columns to show, like refdomain,backlinks [default: all]
    #[arg(long, value_name = "COLUMNS", default_value = "", hide_default_value = true)]
    select: String,
    /// table, json, csv, ndjson, xml or php
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "table",
        hide_possible_values = true
    )]
    output: Output,
}

impl Refdomains {
    /// Runs the command.
    ///
    /// # Errors
    /// When the request is wrong, or the index cannot be read.
    pub fn run(self) -> anyhow::Result<()> {
        let parameters = Parameters {
            target: self.target,
            mode: self.mode,
            select: self.select,
            where_: self.where_,
            having: self.having,
            order_by: self.order_by,
            limit: self.limit,
            offset: self.offset,
            ..Parameters::default()
        };
        show(&self.index, &parameters, self.output)
    }
}

/// Writes the report to standard output.
///
/// # Errors
/// When the request is wrong, or the index cannot be read.
pub fn show(index: &Path, parameters: &Parameters, output: Output) -> anyhow::Result<()> {
    let snapshot = Snapshot::open(&Index::open(index)?)?;
    let request = parameters.refdomains(snapshot.suffix_list())?;
    let answer = openrefs_query::refdomains::refdomains(&snapshot, &request)?;
    write(&answer, &request.select, output).context(CANNOT_WRITE)
}

fn write(answer: &Answer, columns: &[Column], output: Output) -> io::Result<()> {
    let mut format = output.writer(value::refdomains_shape(columns), answer.rows.len());
    let mut out = stdout();
    format.start(&mut out)?;
    for row in &answer.rows {
        format.row(&mut out, &mut value::refdomain(row, columns))?;
    }
    format.end(&mut out, &value::totals(&answer.totals))?;
    out.flush()
}
