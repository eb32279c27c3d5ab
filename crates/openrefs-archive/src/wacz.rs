//! WACZ: a ZIP file with archives below `archive/` (<https://specs.webrecorder.net/wacz/latest/>), each read as an archive
//! of its own with its own offsets. The directory at the end of the ZIP is used where it is sound; without it, as in a
//! file cut short, the entries are read one after another from the front.

use crate::archive::{Out, Reading};
use crate::container;
use crate::error::Stop;
use crate::source::Source;
use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use zip::ZipArchive;
use zip::read::read_zipfile_from_stream;

const FOLDER: &str = "archive/";

/// Reads every archive in a WACZ.
pub(crate) fn read<R: Read + Seek>(mut input: R, out: &mut Out<'_>) -> Result<(), Stop> {
    input.seek(SeekFrom::Start(0))?;
    if let Ok(mut zip) = ZipArchive::new(&mut input)
        // Entries that share bytes are the mark of a bomb.
        && !zip.has_overlapping_entries().unwrap_or(true)
    {
        return by_directory(&mut zip, out);
    }
    out.damage(0, "wacz directory broken");
    input.seek(SeekFrom::Start(0))?;
    from_front(&mut input, out)
}

fn by_directory<R: Read + Seek>(zip: &mut ZipArchive<R>, out: &mut Out<'_>) -> Result<(), Stop> {
    for index in 0..zip.len() {
        let Ok(entry) = zip.by_index(index) else {
            out.damage(0, "wacz entry broken");
            continue;
        };
        let offset = entry.header_start();
        let name = entry.name().map(|name| name.into_owned()).unwrap_or_default();
        if is_archive(&name) {
            archive(entry, &name, offset, out)?;
        }
    }
    Ok(())
}

fn from_front<R: Read>(input: &mut R, out: &mut Out<'_>) -> Result<(), Stop> {
    while let Ok(Some(entry)) = read_zipfile_from_stream(input) {
        let offset = entry.header_start();
        let name = entry.name().map(|name| name.into_owned()).unwrap_or_default();
        if is_archive(&name) {
            archive(entry, &name, offset, out)?;
        }
    }
    Ok(())
}

fn is_archive(name: &str) -> bool {
    name.strip_prefix(FOLDER)
        .is_some_and(|rest| !rest.is_empty() && !rest.ends_with('/'))
}

fn archive(entry: impl Read, name: &str, offset: u64, out: &mut Out<'_>) -> Result<(), Stop> {
    out.sink.archive(name);
    let failed = Cell::new(false);
    let reader = Box::new(Entry {
        inner: entry,
        failed: &failed,
    });
    let members = container::members(Source::new(reader, None, &|_| {}))?;
    let mut reading = Reading::new(members, out);
    let result = reading.run();
    let bytes_decoded = reading.members.bytes_decoded;
    out.totals.bytes_decoded += bytes_decoded;
    if failed.get() {
        out.damage(offset, "wacz entry broken");
    }
    result
}

/// An entry whose failure ends it, since a bad check sum is damage and no reason to stop.
struct Entry<'a, R> {
    inner: R,
    failed: &'a Cell<bool>,
}

impl<R: Read> Read for Entry<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buf) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                self.failed.set(true);
                Ok(0)
            }
            result => result,
        }
    }
}
