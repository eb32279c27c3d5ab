//! The entrances: a file, a stream, bytes in memory. They differ only in what they can do after damage (a plain file can
//! be opened again) and in how a WACZ is reached, whose directory is at its end.

use crate::archive::{Out, Reading};
use crate::container::{self, is_zip};
use crate::error::{Error, Stop};
use crate::source::{Reopen, Source};
use crate::totals::Totals;
use crate::{Sink, wacz};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

/// Reads one archive file to its end, or until the sink breaks off.
///
/// `progress` is called with the stored bytes read since its last call, at least once per MiB; over the whole read they
/// add up to the file's size, unless the sink breaks off. What is wrong inside the archive goes to the sink.
///
/// # Errors
/// Only when the file cannot be opened or read.
pub fn read_file(path: &Path, progress: &dyn Fn(u64), sink: &mut dyn Sink) -> Result<Totals, Error> {
    let mut out = Out {
        sink,
        totals: Totals::default(),
    };
    let told = Cell::new(0);
    let tell = |bytes| {
        told.set(told.get() + bytes);
        progress(bytes);
    };
    let result = open_and_read(path, &tell, &mut out);
    out.totals.bytes_stored = told.get();
    match result {
        Ok(size) => {
            // A WACZ is not read in full: its indexes are of no use here.
            if size > told.get() {
                progress(size - told.get());
            }
            Ok(out.totals)
        }
        Err(Stop::Enough) => Ok(out.totals),
        Err(Stop::Io(error)) => Err(Error::read(path, error)),
    }
}

/// The size of the file.
fn open_and_read(path: &Path, progress: &dyn Fn(u64), out: &mut Out<'_>) -> Result<u64, Stop> {
    let mut file = File::open(path)?;
    let info = file.metadata()?;
    let size = info.len();
    if !info.is_file() {
        // A pipe or a device: it cannot be read twice.
        read_source(Box::new(file), progress, out)?;
        return Ok(0);
    }
    let start = first_bytes(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    if is_zip(&start) {
        wacz::read(
            Told {
                inner: file,
                progress,
                left: size,
            },
            out,
        )?;
        return Ok(size);
    }
    let open_at = Box::new(move |offset| {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Box::new(file) as Box<dyn Read>)
    });
    read_archive(
        Source::new(Box::new(file), Some(Reopen { len: size, open_at }), progress),
        out,
    )?;
    Ok(size)
}

/// Reads one archive from a stream, such as standard input, to its end or until the sink breaks off. Progress is told as
/// by [`read_file`]. A WACZ is first copied to a temporary file.
///
/// # Errors
/// Only when the stream, or the temporary file, fails.
pub fn read_stream(reader: impl Read, progress: &dyn Fn(u64), sink: &mut dyn Sink) -> Result<Totals, Error> {
    let mut out = Out {
        sink,
        totals: Totals::default(),
    };
    let told = Cell::new(0);
    let tell = |bytes| {
        told.set(told.get() + bytes);
        progress(bytes);
    };
    let result = read_source(Box::new(reader), &tell, &mut out);
    out.totals.bytes_stored = told.get();
    finish(result, out.totals)
}

/// Reads one archive that is in memory: for tests and fuzzing.
///
/// # Errors
/// Only when a WACZ cannot be read for reasons outside it, which does not happen in memory.
pub fn read_bytes(bytes: &[u8], sink: &mut dyn Sink) -> Result<Totals, Error> {
    let mut out = Out {
        sink,
        totals: Totals::default(),
    };
    let result = if is_zip(bytes) {
        wacz::read(Cursor::new(bytes), &mut out)
    } else {
        let open_at = Box::new(move |offset: u64| {
            let at = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
            Ok(Box::new(&bytes[at..]) as Box<dyn Read>)
        });
        let reopen = Reopen {
            len: bytes.len() as u64,
            open_at,
        };
        read_archive(Source::new(Box::new(bytes), Some(reopen), &|_| {}), &mut out)
    };
    out.totals.bytes_stored = bytes.len() as u64;
    finish(result, out.totals)
}

fn finish(result: Result<(), Stop>, totals: Totals) -> Result<Totals, Error> {
    match result {
        Ok(()) | Err(Stop::Enough) => Ok(totals),
        Err(Stop::Io(error)) => Err(Error::Stream(error)),
    }
}

fn read_source<'s>(
    mut reader: Box<dyn Read + 's>,
    progress: &'s dyn Fn(u64),
    out: &mut Out<'_>,
) -> Result<(), Stop> {
    let start = first_bytes(&mut reader)?;
    let is_zip = is_zip(&start);
    let whole = Cursor::new(start).chain(reader);
    if is_zip {
        let mut spool = tempfile::tempfile()?;
        io::copy(
            &mut Told {
                inner: whole,
                progress,
                left: u64::MAX,
            },
            &mut spool,
        )?;
        return wacz::read(spool, out);
    }
    read_archive(Source::new(Box::new(whole), None, progress), out)
}

fn read_archive(source: Source<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let mut reading = Reading::new(container::members(source)?, out);
    let result = reading.run();
    let bytes_decoded = reading.members.bytes_decoded;
    out.totals.bytes_decoded += bytes_decoded;
    result
}

/// Enough bytes to know a ZIP file, or all there are.
fn first_bytes(reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    reader.take(4).read_to_end(&mut start)?;
    Ok(start)
}

/// Tells how much is read, at most `left` bytes: a directory is read more than once.
struct Told<'p, R> {
    inner: R,
    progress: &'p dyn Fn(u64),
    left: u64,
}

impl<R: Read> Read for Told<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buf)?;
        let new = self.left.min(count as u64);
        self.left -= new;
        (self.progress)(new);
        Ok(count)
    }
}

impl<R: Seek> Seek for Told<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
