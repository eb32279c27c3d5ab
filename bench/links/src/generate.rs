//! Writes the rows of a crawl: each file by itself, on all cores, a batch of rows in memory.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use rayon::prelude::*;
use serde_json::json;

use crate::crawl::crawl;
use crate::measure::Watch;
use crate::names::SUFFIXES;
use crate::rows::{DESCRIPTION, RowsWriter};
use crate::universe::{FILE_ROWS_MAX, Universe};

/// Which crawl.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// All rows.
    First,
    /// A tenth as many, crawled later: half of them seen before.
    Second,
}

/// What to generate.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Rows of the first crawl; the second has a tenth.
    #[arg(long)]
    rows: u64,
    /// Another seed is another web.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder of the files.
    #[arg(long)]
    out: PathBuf,
    /// Which crawl.
    #[arg(long, value_enum, default_value = "first")]
    part: Part,
}

/// Generates, and says how long it took.
///
/// # Errors
/// The operating system's.
pub fn run(arguments: &Arguments) -> Result<()> {
    let watch = Watch::start();
    let universe = Universe::new(arguments.seed, arguments.rows);
    let rows = match arguments.part {
        Part::First => arguments.rows,
        Part::Second => arguments.rows / 10,
    };
    let out = &arguments.out;
    std::fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    let files = rows.div_ceil(FILE_ROWS_MAX).max(1);
    let crawl = u64::from(arguments.part == Part::Second);
    let done = AtomicU64::new(0);
    // One file after another to whichever core is free, so that the order in which they appear is that of their numbers.
    (0..u32::try_from(files)?)
        .into_par_iter()
        .with_max_len(1)
        .try_for_each(|file| {
            let file = u64::from(file);
            let (start, end) = (rows * file / files, rows * (file + 1) / files);
            write_file(&universe, crawl, file, end - start, out)?;
            let done = done.fetch_add(end - start, Ordering::Relaxed) + end - start;
            eprintln!("generate: {done} of {rows} rows, {:.0} s", watch.seconds());
            anyhow::Ok(())
        })?;
    let description = json!({
        "rows": rows, "seed": arguments.seed, "part": crawl, "files": files,
        "suffixes": SUFFIXES.map(|(_, reversed, _)| reversed),
    });
    std::fs::write(out.join(DESCRIPTION), format!("{description}\n"))?;
    watch.report("generate", rows, json!({ "files": files, "part": crawl }));
    Ok(())
}

fn write_file(universe: &Universe, number: u64, file: u64, rows: u64, out: &Path) -> Result<()> {
    let mut writer = RowsWriter::create(&out.join(format!("rows-{number}-{file:05}.parquet")))?;
    let mut left = rows;
    crawl(universe, number, file, &mut |row| {
        if left > 0 {
            writer.push(row)?;
            left -= 1;
        }
        Ok(left > 0)
    })?;
    writer.finish()
}
