//! A sorted part on disk: a file without a name. A record is the number of leading bytes it shares with the key before it
//! (16 bits), the number of bytes that follow (16 bits), those bytes, and the value.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::marker::PhantomData;

use crate::error::{Error, Result};
use crate::space::Space;
use crate::value::Value;

const BUFFER_BYTES: usize = 128 << 10;
/// The longest value.
pub const VALUE_BYTES_MAX: usize = 64;

/// A finished run.
#[derive(Debug)]
pub struct Run {
    file: File,
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

/// Writes a run.
pub struct RunWriter<V> {
    file: BufWriter<File>,
    last_key: Vec<u8>,
    bytes: u64,
    space: Space,
    value: PhantomData<V>,
}

impl<V: Value> RunWriter<V> {
    pub fn create(space: &Space) -> Result<Self> {
        let file = tempfile::tempfile_in(space.folder()).map_err(|source| error(space, source))?;
        Ok(Self {
            file: BufWriter::with_capacity(BUFFER_BYTES, file),
            last_key: Vec::new(),
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

    pub fn finish(self) -> Result<Run> {
        let file = self
            .file
            .into_inner()
            .map_err(|failed| error(&self.space, failed.into_error()))?;
        let run = Run {
            file,
            bytes: self.bytes,
            space: self.space,
        };
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

/// Reads a run from its start.
pub struct RunReader<'a, V> {
    file: BufReader<&'a File>,
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
        (&run.file).rewind().map_err(|source| error(&run.space, source))?;
        let mut reader = Self {
            file: BufReader::with_capacity(BUFFER_BYTES, &run.file),
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
