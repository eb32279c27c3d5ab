//! From rows to staged runs, as an ingest makes them from archives: every core fills a buffer, and a full buffer is
//! sorted, folded and written as a run.
//!
//! A row becomes what an extractor would hand over: the backlinks of a page's visit together. Visits themselves are no
//! part of the comparison with other engines and are left out.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use anyhow::{Context, Result};
use arrow_array::{Array, BooleanArray, Int64Array, RecordBatch, StringArray};
use openrefs_build::buffer::Buffer;
use openrefs_build::group::{self, StagedGroup};
use openrefs_build::run;
use openrefs_extract::Output;
use openrefs_model::{Address, Backlink, Flags, LinkType, Sighting, Visit};
use openrefs_store::{Archive, Index};
use rayon::prelude::*;
use serde_json::json;

use crate::measure::Watch;
use crate::rows;

/// What to stage.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Folder of rows; may be given again.
    #[arg(long, required = true)]
    rows_dir: Vec<PathBuf>,
    /// Folder of the index; made if it is absent.
    #[arg(long)]
    index: PathBuf,
    /// Memory for rows not written yet, all cores together, bytes.
    #[arg(long, default_value_t = 2 << 30)]
    memory: usize,
}

/// Stages, and says how long it took.
///
/// # Errors
/// When the rows cannot be read or the index cannot be written.
pub fn run(arguments: &Arguments) -> Result<()> {
    let watch = Watch::start();
    let mut files = Vec::new();
    for folder in &arguments.rows_dir {
        files.extend(rows::files(folder)?);
    }
    let index = Index::open_or_create(&arguments.index, None, None)?;
    let workers = rayon::current_num_threads().min(files.len()).max(1);
    let (next, read) = (AtomicUsize::new(0), AtomicU64::new(0));
    let runs: Vec<usize> = (0..workers)
        .into_par_iter()
        .with_max_len(1)
        .map(|worker| {
            let name = group_name(&files, worker);
            let mut worker = Worker::new(&index, name, arguments.memory / (2 * workers));
            while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                worker.file(path, &read)?;
                eprintln!(
                    "stage: {} rows, {:.0} s",
                    read.load(Ordering::Relaxed),
                    watch.seconds()
                );
            }
            worker.finish()
        })
        .collect::<Result<_>>()?;
    let rows = read.load(Ordering::Relaxed);
    watch.report("stage", rows, json!({ "runs": runs.iter().sum::<usize>() }));
    Ok(())
}

/// The files of one staging have one first file, and no other staging has it.
fn group_name(files: &[PathBuf], worker: usize) -> String {
    let first = files.first().and_then(|path| path.file_stem());
    format!("{}-{worker}", first.unwrap_or_default().to_string_lossy())
}

/// One core's buffer and the group of its runs.
struct Worker<'a> {
    index: &'a Index,
    name: String,
    buffer: Buffer,
    memory: usize,
    group: StagedGroup,
}

impl<'a> Worker<'a> {
    fn new(index: &'a Index, name: String, memory: usize) -> Self {
        let buffer = Buffer::new(Arc::clone(index.suffix_list()), index.settings().buckets);
        Self {
            index,
            name,
            buffer,
            memory,
            group: StagedGroup::default(),
        }
    }

    fn file(&mut self, path: &Path, read: &AtomicU64) -> Result<()> {
        for batch in rows::read(path, &[])? {
            let batch = batch?;
            read.fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
            self.batch(&Columns::of(&batch)?)?;
        }
        let name = path.to_string_lossy().into_owned();
        let bytes = std::fs::metadata(path)
            .with_context(|| path.display().to_string())?
            .len();
        let modified = 0;
        self.group.archives.push(Archive {
            name,
            bytes,
            modified,
        });
        Ok(())
    }

    /// The rows of one visit stand together.
    fn batch(&mut self, columns: &Columns<'_>) -> Result<()> {
        let mut start = 0;
        while start < columns.rows() {
            let mut end = start + 1;
            while end < columns.rows() && columns.same_visit(start, end) {
                end += 1;
            }
            let (visit, backlinks) = columns.visit(start, end);
            self.buffer.visit(visit, backlinks);
            start = end;
            if self.buffer.bytes() >= self.memory {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.buffer.visits.clear();
        if !self.buffer.is_empty() {
            let number = u32::try_from(self.group.runs.len())?;
            let run = run::write(self.index.folder(), &self.name, number, &mut self.buffer)?;
            self.group.runs.push(run);
        }
        self.buffer.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<usize> {
        self.flush()?;
        group::finish(self.index.folder(), &self.name, &self.group)?;
        Ok(self.group.runs.len())
    }
}

/// The columns of a batch of rows.
struct Columns<'a> {
    target_key: &'a StringArray,
    refdomain: &'a StringArray,
    source_key: &'a StringArray,
    link_type: &'a StringArray,
    anchor: &'a StringArray,
    flags: [&'a BooleanArray; 4],
    time: &'a Int64Array,
    ip: &'a StringArray,
    source_https: &'a BooleanArray,
    target_https: &'a BooleanArray,
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self> {
        let flag = |name| rows::flags(batch, name);
        Ok(Self {
            target_key: rows::texts(batch, "target_key")?,
            refdomain: rows::texts(batch, "refdomain")?,
            source_key: rows::texts(batch, "source_key")?,
            link_type: rows::texts(batch, "link_type")?,
            anchor: rows::texts(batch, "anchor")?,
            flags: [
                flag("nofollow")?,
                flag("ugc")?,
                flag("sponsored")?,
                flag("image")?,
            ],
            time: rows::numbers(batch, "last_visited")?,
            ip: rows::texts(batch, "ip")?,
            source_https: flag("source_https")?,
            target_https: flag("target_https")?,
        })
    }

    fn rows(&self) -> usize {
        self.time.len()
    }

    fn same_visit(&self, a: usize, b: usize) -> bool {
        self.time.value(a) == self.time.value(b) && self.source_key.value(a) == self.source_key.value(b)
    }

    /// The visit of some rows, and its backlinks.
    fn visit(&self, start: usize, end: usize) -> (Visit, Vec<Backlink>) {
        let source_key: Arc<str> = self.source_key.value(start).into();
        let refdomain: Arc<str> = self.refdomain.value(start).into();
        let time = self.time.value(start);
        let known = !self.ip.is_null(start);
        let ip = known.then(|| Address::parse(self.ip.value(start))).flatten();
        let https = self.source_https.value(start);
        let backlink = |row| Backlink {
            target_key: self.target_key.value(row).into(),
            refdomain: Arc::clone(&refdomain),
            source_key: Arc::clone(&source_key),
            link_type: LinkType::from_name(self.link_type.value(row)).unwrap_or(LinkType::Href),
            anchor: self.anchor.value(row).into(),
            flags: Flags {
                nofollow: self.flags[0].value(row),
                ugc: self.flags[1].value(row),
                sponsored: self.flags[2].value(row),
                image: self.flags[3].value(row),
            },
            sighting: Sighting::of_visit(time, ip, https, self.target_https.value(row)),
        };
        let backlinks = (start..end).map(backlink).collect();
        let visit = Visit {
            source_key: Arc::clone(&source_key),
            time,
            links_external: u32::try_from(end - start).unwrap_or(u32::MAX),
            links_internal: 0,
            ip,
            https,
        };
        (visit, backlinks)
    }
}
