//! A sorted part on disk, in a file without a name that several may share. A record is the number of leading bytes it
//! shares with the key before it (16 bits), the number of bytes that follow (16 bits), those bytes, and the value.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::marker::PhantomData;
use std::mem;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::space::Space;
use crate::value::Value;

const BUFFER_BYTES: usize = 128 << 10;
/// The longest value.
pub const VALUE_BYTES_MAX: usize = 64;

/// A finished run.
#[derive(Debug)]
pub struct Run {
    file: Arc<File>,
    start: u64,
    bytes: u64,
    space: Space,
}

impl Run {
    /// What it takes on disk.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.space.give_back(self.bytes);
    }
}

/// Writes runs, one after another.
pub struct RunWriter<V> {
    file: BufWriter<Place>,
    last_key: Vec<u8>,
    /// Where the run at hand begins.
    start: u64,
    bytes: u64,
    space: Space,
    value: PhantomData<V>,
}

impl<V: Value> RunWriter<V> {
    pub fn create(space: &Space) -> Result<Self> {
        let file = tempfile::tempfile_in(space.folder()).map_err(|source| error(space, source))?;
        Ok(Self {
            file: BufWriter::with_capacity(BUFFER_BYTES, Place::new(Arc::new(file), 0)),
            last_key: Vec::new(),
            start: 0,
            bytes: 0,
            space: space.clone(),
            value: PhantomData,
        })
    }

    /// Appends a record; its key is greater than those before it.
    pub fn push(&mut self, key: &[u8], value: &V) -> Result<()> {
        let shared = self.last_key.iter().zip(key).take_while(|(a, b)| a == b).count();
        let rest = &key[shared..];
        let mut record = [0; 4 + VALUE_BYTES_MAX];
        record[..2].copy_from_slice(&length(shared).to_le_bytes());
        record[2..4].copy_from_slice(&length(rest.len()).to_le_bytes());
        value.write(&mut record[4..4 + V::BYTES]);
        let written = self
            .file
            .write_all(&record[..4])
            .and_then(|()| self.file.write_all(rest))
            .and_then(|()| self.file.write_all(&record[4..4 + V::BYTES]));
        written.map_err(|source| error(&self.space, source))?;
        self.bytes += (4 + rest.len() + V::BYTES) as u64;
        self.last_key.truncate(shared);
        self.last_key.extend_from_slice(rest);
        Ok(())
    }

    /// Ends the run at hand.
    pub fn end_run(&mut self) -> Result<Run> {
        self.file.flush().map_err(|source| error(&self.space, source))?;
        let run = Run {
            file: Arc::clone(&self.file.get_ref().file),
            start: self.start,
            bytes: mem::take(&mut self.bytes),
            space: self.space.clone(),
        };
        self.start += run.bytes;
        self.last_key.clear();
        run.space.take(run.bytes)?;
        Ok(run)
    }
}

/// Keys are shorter than 64 KiB, see [`crate::sorter::KEY_BYTES_MAX`].
fn length(bytes: usize) -> u16 {
    u16::try_from(bytes).unwrap_or(u16::MAX)
}

fn error(space: &Space, source: io::Error) -> Error {
    Error::Io {
        folder: space.folder().to_owned(),
        source,
    }
}

/// A place in a file that others read and write at other places.
struct Place {
    file: Arc<File>,
    at: u64,
}

impl Place {
    fn new(file: Arc<File>, at: u64) -> Self {
        Self { file, at }
    }
}

impl Read for Place {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let count = std::os::unix::fs::FileExt::read_at(&*self.file, buffer, self.at)?;
        #[cfg(windows)]
        let count = std::os::windows::fs::FileExt::seek_read(&*self.file, buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let count = std::os::unix::fs::FileExt::write_at(&*self.file, bytes, self.at)?;
        #[cfg(windows)]
        let count = std::os::windows::fs::FileExt::seek_write(&*self.file, bytes, self.at)?;
        self.at += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads a run from its start.
pub struct RunReader<'a, V> {
    file: BufReader<Place>,
    space: &'a Space,
    bytes_left: u64,
    /// Key of the record at hand.
    pub key: Vec<u8>,
    /// Its value.
    pub value: V,
}

impl<'a, V: Value> RunReader<'a, V> {
    /// At the first record; None if there is none.
    pub fn open(run: &'a Run) -> Result<Option<Self>> {
        let place = Place::new(Arc::clone(&run.file), run.start);
        let buffer_bytes = usize::try_from(run.bytes).map_or(BUFFER_BYTES, |bytes| bytes.min(BUFFER_BYTES));
        let mut reader = Self {
            file: BufReader::with_capacity(buffer_bytes, place),
            space: &run.space,
            bytes_left: run.bytes,
            key: Vec::new(),
            value: V::read(&[0; VALUE_BYTES_MAX][..V::BYTES]),
        };
        Ok(reader.advance()?.then_some(reader))
    }

    /// Goes to the next record; false at the end.
    pub fn advance(&mut self) -> Result<bool> {
        if self.bytes_left == 0 {
            return Ok(false);
        }
        self.read().map_err(|source| error(self.space, source))?;
        Ok(true)
    }

    fn read(&mut self) -> io::Result<()> {
        let mut lengths = [0; 4];
        self.file.read_exact(&mut lengths)?;
        let shared = usize::from(u16::from_le_bytes([lengths[0], lengths[1]]));
        let rest = usize::from(u16::from_le_bytes([lengths[2], lengths[3]]));
        self.key.resize(shared + rest, 0);
        self.file.read_exact(&mut self.key[shared..])?;
        let mut value = [0; VALUE_BYTES_MAX];
        self.file.read_exact(&mut value[..V::BYTES])?;
        self.value = V::read(&value[..V::BYTES]);
        self.bytes_left = self.bytes_left.saturating_sub((4 + rest + V::BYTES) as u64);
        Ok(())
    }
}
