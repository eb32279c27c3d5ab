//! Data files that check themselves: each block of 64 KiB has a checksum, so that damage is an error where it is read and
//! never a wrong answer.
//!
//! A data file is a Parquet file. What comes before its indexes and footer is the data part; the XXH64 (seed 0) of each
//! of its blocks, the last one shorter, stands in the footer. The rest, the tail, is read whole when the file is opened; its
//! own XXH64 stands in the manifest, which thereby vouches for every byte. A block is checked when it is first read; reading
//! it again costs nothing more.

use std::io::{self, Cursor, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use serde::{Deserialize, Serialize};
use std::hash::Hasher;
use twox_hash::XxHash64;

use crate::error::{Error, Result};
use crate::folder::{Folder, NewFile, OpenFile};

/// Bytes of a block.
pub const BLOCK_BYTES: usize = 64 << 10;
/// The longest tail that is read.
const TAIL_BYTES_MAX: u64 = 1 << 30;

/// A finished data file: where it is, and what vouches for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Its name in the index folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Length of its data part.
    pub data_bytes: u64,
    /// XXH64 of its tail, seed 0, in 16 hexadecimal digits.
    pub checksum: String,
}

/// A checksum as files hold it.
pub fn checksum(bytes: &[u8]) -> String {
    format!("{:016x}", XxHash64::oneshot(0, bytes))
}

/// Writes a data file.
pub struct CheckedWriter {
    name: String,
    file: NewFile,
    bytes: u64,
    hash: XxHash64,
    block_bytes: usize,
    /// Checksums of the finished blocks of the data part; None in the tail.
    blocks: Option<Vec<u64>>,
    data_bytes: u64,
}

impl CheckedWriter {
    /// Starts a file.
    ///
    /// # Errors
    /// The operating system's.
    pub fn create(folder: &Folder, name: &str) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            file: folder.create(name)?,
            bytes: 0,
            hash: XxHash64::with_seed(0),
            block_bytes: 0,
            blocks: Some(Vec::new()),
            data_bytes: 0,
        })
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Ends the data part: the checksums of its blocks, 16 hexadecimal digits each. What is written then is the tail.
    pub fn end_data(&mut self) -> String {
        if self.block_bytes > 0 {
            self.end_block();
        }
        self.data_bytes = self.bytes;
        let blocks = self.blocks.take().unwrap_or_default();
        blocks.iter().map(|sum| format!("{sum:016x}")).collect()
    }

    /// Makes the file durable.
    ///
    /// # Errors
    /// The operating system's.
    pub fn finish(self) -> Result<DataFile> {
        self.file.finish()?;
        Ok(DataFile {
            name: self.name,
            bytes: self.bytes,
            data_bytes: self.data_bytes,
            checksum: format!("{:016x}", self.hash.finish()),
        })
    }

    fn end_block(&mut self) {
        let sum = std::mem::replace(&mut self.hash, XxHash64::with_seed(0)).finish();
        self.blocks.get_or_insert_default().push(sum);
        self.block_bytes = 0;
    }
}

impl Write for CheckedWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = if self.blocks.is_some() {
            BLOCK_BYTES - self.block_bytes
        } else {
            bytes.len()
        };
        let written = self.file.write(&bytes[..bytes.len().min(room)])?;
        self.hash.write(&bytes[..written]);
        self.bytes += written as u64;
        if self.blocks.is_some() {
            self.block_bytes += written;
            if self.block_bytes == BLOCK_BYTES {
                self.end_block();
            }
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The tail of a data file, read and checked.
pub struct Tail {
    start: u64,
    bytes: Bytes,
    file: OpenFile,
}

impl Tail {
    /// Opens a data file as far as its tail.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Damaged`] when it is not the file that was written.
    pub fn read(folder: &Folder, data: &DataFile) -> Result<Self> {
        let file = folder.open(&data.name)?;
        let damaged = |what: String| Err(Error::damaged(file.path(), what));
        if file.bytes() != data.bytes {
            return damaged(format!("it has {} bytes, not {}", file.bytes(), data.bytes));
        }
        let length = data.bytes.saturating_sub(data.data_bytes);
        if length > TAIL_BYTES_MAX {
            return damaged(format!("an index of {length} bytes"));
        }
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        file.read_exactly(&mut bytes, data.data_bytes)
            .map_err(Error::io("read", file.path()))?;
        if checksum(&bytes) != data.checksum {
            return damaged(format!("checksum of its index, from byte {}", data.data_bytes));
        }
        Ok(Self {
            start: data.data_bytes,
            bytes: bytes.into(),
            file,
        })
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The data part, given the checksums of its blocks as [`CheckedWriter::end_data`] gave them.
    ///
    /// # Errors
    /// [`Error::Damaged`] when they are not as many as its blocks.
    pub fn data(self, blocks: &str) -> Result<Blob> {
        let sums = blocks.as_bytes().chunks(16).map(|digits| {
            std::str::from_utf8(digits)
                .ok()
                .and_then(|digits| u64::from_str_radix(digits, 16).ok())
        });
        let sums: Option<Vec<u64>> = sums.collect();
        let expected = self.start.div_ceil(BLOCK_BYTES as u64);
        let Some(sums) = sums.filter(|sums| sums.len() as u64 == expected) else {
            return Err(Error::damaged(self.file.path(), "its checksums are missing"));
        };
        let checked = (0..sums.len().div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Ok(Blob {
            file: self.file,
            data_bytes: self.start,
            blocks: Arc::new(Blocks { sums, checked }),
        })
    }
}

impl Length for Tail {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Tail {
    type T = Cursor<Bytes>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let length = self.len().saturating_sub(start);
        Ok(Cursor::new(self.get_bytes(start, usize::try_from(length)?)?))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let from = start
            .checked_sub(self.start)
            .and_then(|n| usize::try_from(n).ok());
        match from.and_then(|from| Some(from..from.checked_add(length)?)) {
            Some(range) if range.end <= self.bytes.len() => Ok(self.bytes.slice(range)),
            _ => Err(ParquetError::EOF(format!(
                "{length} bytes at {start} are no part of its index"
            ))),
        }
    }
}

/// The data part of a file, for reading at any place by many threads at once. Every byte it gives was checked.
#[derive(Clone, Debug)]
pub struct Blob {
    file: OpenFile,
    data_bytes: u64,
    blocks: Arc<Blocks>,
}

#[derive(Debug)]
struct Blocks {
    sums: Vec<u64>,
    /// A bit for every block that was read and found right.
    checked: Vec<AtomicU64>,
}

impl Blocks {
    fn is_checked(&self, block: usize) -> bool {
        self.checked
            .get(block / 64)
            .is_some_and(|bits| bits.load(Ordering::Relaxed) >> (block % 64) & 1 == 1)
    }

    /// Whether a block holds what was written.
    fn check(&self, block: usize, bytes: &[u8]) -> bool {
        let right = self.sums.get(block) == Some(&XxHash64::oneshot(0, bytes));
        if let (true, Some(bits)) = (right, self.checked.get(block / 64)) {
            bits.fetch_or(1 << (block % 64), Ordering::Relaxed);
        }
        right
    }
}

impl Blob {
    /// Its path.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Reads every block and checks it, also those that were checked before. Calls `advance` with the bytes of each.
    ///
    /// # Errors
    /// [`Error::Damaged`] with the first block that is not what was written, [`Error::Io`].
    pub fn check_all(&self, advance: &dyn Fn(u64)) -> Result<()> {
        let mut buffer = vec![0; BLOCK_BYTES];
        for block in 0..self.blocks.sums.len() {
            let start = block as u64 * BLOCK_BYTES as u64;
            let length = (BLOCK_BYTES as u64).min(self.data_bytes - start) as usize;
            let bytes = &mut buffer[..length];
            self.file
                .read_exactly(bytes, start)
                .map_err(Error::io("read", self.path()))?;
            if !self.blocks.check(block, bytes) {
                return Err(Error::damaged(self.path(), wrong_block(start)));
            }
            advance(length as u64);
        }
        Ok(())
    }

    fn read(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let end = start + length as u64;
        let first = usize::try_from(start / BLOCK_BYTES as u64)?;
        let last = usize::try_from(end.saturating_sub(1).max(start) / BLOCK_BYTES as u64)?;
        if (first..=last).all(|block| self.blocks.is_checked(block)) {
            return self.read_plainly(start, length);
        }
        // Whole blocks are read, so that they can be checked.
        let blocks_start = first as u64 * BLOCK_BYTES as u64;
        let blocks_end = ((last as u64 + 1) * BLOCK_BYTES as u64).min(self.data_bytes);
        let bytes = self.read_plainly(blocks_start, usize::try_from(blocks_end - blocks_start)?)?;
        for (block, content) in (first..).zip(bytes.chunks(BLOCK_BYTES)) {
            if !self.blocks.is_checked(block) && !self.blocks.check(block, content) {
                return Err(ParquetError::General(wrong_block(
                    block as u64 * BLOCK_BYTES as u64,
                )));
            }
        }
        let from = usize::try_from(start - blocks_start)?;
        Ok(bytes.slice(from..from + length))
    }

    fn read_plainly(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let mut buffer = vec![0; length];
        self.file
            .read_exactly(&mut buffer, start)
            .map_err(|error| ParquetError::External(Box::new(error)))?;
        Ok(buffer.into())
    }
}

fn wrong_block(start: u64) -> String {
    format!("checksum of the 64 KiB at byte {start}")
}

impl Length for Blob {
    fn len(&self) -> u64 {
        self.data_bytes
    }
}

impl ChunkReader for Blob {
    type T = Cursor<Bytes>;

    /// Reads no further than a page header at `start` can reach, or the end.
    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let length = (BLOCK_BYTES as u64).min(self.data_bytes.saturating_sub(start));
        Ok(Cursor::new(self.get_bytes(start, usize::try_from(length)?)?))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        if start
            .checked_add(length as u64)
            .is_none_or(|end| end > self.data_bytes)
        {
            return Err(ParquetError::EOF(format!(
                "{length} bytes at {start} reach past the data, {} bytes",
                self.data_bytes
            )));
        }
        if length == 0 {
            return Ok(Bytes::new());
        }
        self.read(start, length)
    }
}
