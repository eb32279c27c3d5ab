//! A file of gzip members, one for each record.
//!
//! The compressor is made once and reset for every member: making one costs more than a small record. The level is
//! part of the format of the sample, and so is the library: another one gives other bytes for the same records. The
//! one used, zlib-rs, finds the same matches on every processor (zlib-ng does not: its hash depends on it).

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use crate::Error;

/// How hard to compress.
pub const LEVEL: u32 = 3;
/// A gzip member's head: deflate, no name, no date, unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// An archive that is being written.
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    file: BufWriter<File>,
    compress: Compress,
    member: Vec<u8>,
    offset: u64,
}

/// Where a record went.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// The first byte in the file.
    pub offset: u64,
    /// Its length in the file.
    pub deflated: u64,
    /// The length of the record.
    pub inflated: u64,
    /// Its checksum.
    pub crc: u32,
}

impl Archive {
    /// Creates the file.
    ///
    /// # Errors
    /// When it exists or cannot be created.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let file = File::create_new(path).map_err(|source| Error::io("create", path, source))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::with_capacity(1 << 20, file),
            compress: Compress::new(Compression::new(LEVEL), false),
            member: Vec::with_capacity(1 << 16),
            offset: 0,
        })
    }

    /// Adds a record.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn push(&mut self, record: &[u8]) -> Result<Member, Error> {
        let mut crc = Crc::new();
        crc.update(record);
        self.member.clear();
        self.member.extend(HEAD);
        self.deflate(record)?;
        self.member.extend(crc.sum().to_le_bytes());
        self.member.extend((record.len() as u32).to_le_bytes());
        self.file
            .write_all(&self.member)
            .map_err(|source| self.failed(source))?;
        let deflated = self.member.len() as u64;
        let member = Member {
            offset: self.offset,
            deflated,
            inflated: record.len() as u64,
            crc: crc.sum(),
        };
        self.offset += deflated;
        Ok(member)
    }

    fn deflate(&mut self, record: &[u8]) -> Result<(), Error> {
        self.compress.reset();
        loop {
            self.member.reserve(record.len() / 2 + 64);
            let read = self.compress.total_in() as usize;
            let status = self
                .compress
                .compress_vec(&record[read..], &mut self.member, FlushCompress::Finish);
            match status.map_err(|error| self.failed(error.into()))? {
                Status::StreamEnd => return Ok(()),
                Status::Ok | Status::BufError => {}
            }
        }
    }

    /// Writes out the rest; the number of bytes in the file.
    ///
    /// # Errors
    /// When that fails.
    pub fn finish(mut self) -> Result<u64, Error> {
        self.file.flush().map_err(|source| self.failed(source))?;
        Ok(self.offset)
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::io("write", &self.path, source)
    }
}
