//! The step from a group of archives to its staged runs.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use openrefs_archive::{Damage, Input, Record, Sink};
use openrefs_extract::Extractor;
use openrefs_store::{Index, layout};

use crate::buffer::Buffer;
use crate::error::{Error, Result};
use crate::group::{DAMAGES_KEPT_MAX, DamagedPlace, Group, StagedGroup};
use crate::progress::Progress;
use crate::run;

/// Reads the archives of a group and stages their backlinks and visits. An archive that cannot be opened is an error;
/// what is damaged inside one is listed.
///
/// # Errors
/// When an archive cannot be opened or the index cannot be written; the group then counts for nothing.
pub fn extract(
    index: &Index,
    group: &Group,
    buffer_bytes: usize,
    progress: &dyn Progress,
) -> Result<StagedGroup> {
    let list = index.suffix_list();
    let mut reader = GroupReader {
        index,
        group: &group.name,
        extractor: Extractor::new(Arc::clone(list)),
        buffer: Buffer::new(Arc::clone(list), index.settings().buckets),
        buffer_bytes,
        archive: String::new(),
        staged: StagedGroup::default(),
        failed: None,
    };
    index.folder().remove(&layout::staged_group(&group.name))?;
    for (input, archive) in &group.inputs {
        reader.archive.clone_from(&archive.name);
        let advance = |bytes| progress.advance(bytes);
        match input {
            Input::File(path) => openrefs_archive::read_file(path, &advance, &mut reader)?,
            Input::Stdin => openrefs_archive::read_stream(std::io::stdin().lock(), &advance, &mut reader)?,
        };
        if let Some(error) = reader.failed.take() {
            return Err(error);
        }
        reader.staged.archives.push(archive.clone());
    }
    reader.finish()
}

/// Takes the records of a group's archives, and writes a run whenever the buffer is full.
struct GroupReader<'a> {
    index: &'a Index,
    group: &'a str,
    extractor: Extractor,
    buffer: Buffer,
    buffer_bytes: usize,
    archive: String,
    staged: StagedGroup,
    failed: Option<Error>,
}

impl GroupReader<'_> {
    fn write_run(&mut self) -> Result<()> {
        let number = u32::try_from(self.staged.runs.len()).unwrap_or(u32::MAX);
        self.staged.runs.push(run::write(
            self.index.folder(),
            self.group,
            number,
            &mut self.buffer,
        )?);
        self.buffer.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<StagedGroup> {
        if !self.buffer.is_empty() {
            self.write_run()?;
        }
        let counts: BTreeMap<String, u64> = self
            .extractor
            .report()
            .iter()
            .map(|(name, count)| (name.to_owned(), count))
            .collect();
        for (name, count) in counts {
            *self.staged.counts.entry(name).or_default() += count;
        }
        let list = serde_json::to_vec(&self.staged).unwrap_or_default();
        self.index
            .folder()
            .write_atomically(&layout::staged_list(self.group), &list)?;
        Ok(self.staged)
    }
}

impl Sink for GroupReader<'_> {
    fn record(&mut self, record: Record<'_>) -> ControlFlow<()> {
        self.extractor.record(&record, &mut self.buffer);
        if self.buffer.bytes() >= self.buffer_bytes
            && let Err(error) = self.write_run()
        {
            self.failed = Some(error);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn damage(&mut self, damage: Damage) {
        *self
            .staged
            .counts
            .entry(format!("damage: {}", damage.what))
            .or_default() += 1;
        if self.staged.damages.len() < DAMAGES_KEPT_MAX {
            self.staged.damages.push(DamagedPlace {
                archive: self.archive.clone(),
                offset: damage.offset,
                what: damage.what.to_owned(),
            });
        }
    }
}
