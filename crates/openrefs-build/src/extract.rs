//! The step from a group of archives to its staged runs.

use std::ops::ControlFlow;
use std::sync::Arc;

use openrefs_archive::{Damage, Input, Record, Sink};
use openrefs_extract::Extractor;
use openrefs_store::claim::Claim;
use openrefs_store::{Index, layout};

use crate::buffer::Buffer;
use crate::error::{Error, Result};
use crate::group::{self, DAMAGES_KEPT_MAX, DamagedPlace, Group, StagedGroup};
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
    let folder = layout::staged_group(&group.name);
    let Some(_claim) = Claim::take(index.folder(), &folder)? else {
        let first = group.inputs.first();
        return Err(Error::Busy {
            archive: first.map(|(_, archive)| archive.name.clone()).unwrap_or_default(),
        });
    };
    // Somebody else may have read them since this was planned.
    if let Some(staged) = group::read(index.folder(), &group.name)? {
        return Ok(staged);
    }
    let list = index.suffix_list();
    let mut reader = GroupReader {
        index,
        group: &group.name,
        extractor: Extractor::new(Arc::clone(list)),
        buffer: Buffer::new(Arc::clone(list), index.settings().buckets),
        buffer_bytes,
        archive: String::new(),
        member: None,
        staged: StagedGroup::default(),
        failed: None,
    };
    index.folder().remove(&folder)?;
    for (input, archive) in &group.inputs {
        reader.archive.clone_from(&archive.name);
        reader.member = None;
        let advance = |bytes| progress.advance(bytes);
        let totals = match input {
            Input::File(path) => openrefs_archive::read_file(path, &advance, &mut reader)?,
            Input::Stdin => openrefs_archive::read_stream(std::io::stdin().lock(), &advance, &mut reader)?,
        };
        reader.staged.bytes_decoded += totals.bytes_decoded;
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
    /// Name of the archive that is being read.
    archive: String,
    /// Name of the archive inside it, for a WACZ.
    member: Option<String>,
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
        for (name, count) in self.extractor.report().iter() {
            *self.staged.counts.entry(name.to_owned()).or_default() += count;
        }
        group::finish(self.index.folder(), self.group, &self.staged)?;
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
            let member = self
                .member
                .as_ref()
                .map(|name| format!(", {name}"))
                .unwrap_or_default();
            self.staged.damages.push(DamagedPlace {
                archive: format!("{}{member}", self.archive),
                offset: damage.offset,
                what: damage.what.to_owned(),
            });
        }
    }

    fn archive(&mut self, name: &str) {
        self.member = Some(name.to_owned());
    }
}
