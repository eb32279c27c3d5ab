//! Every file operation that an index needs, on one root folder. Nothing else in the workspace opens a file of an index,
//! so this is the place for another kind of storage and for tests that make operations fail.
//!
//! Names are relative to the root and use `/`.

use std::fs::{self, File};
use std::hash::Hasher;
use std::io::{self, BufWriter, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use twox_hash::XxHash64;

use crate::error::{Error, Result};

/// A folder of an index.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at a path, which need not exist.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Its path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a name in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Whether a name exists.
    pub fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Makes the folder a name stands for, and those above it.
    ///
    /// # Errors
    /// The operating system's.
    pub fn create_folder(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        fs::create_dir_all(&path).map_err(Error::io("create", &path))
    }

    /// Reads a whole file; None if there is none.
    ///
    /// # Errors
    /// The operating system's.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let path = self.path(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", &path)(error)),
        }
    }

    /// Writes a whole file so that a reader, also after a crash, sees all of it or the file before it.
    ///
    /// # Errors
    /// The operating system's.
    pub fn write_atomically(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let temporary = format!("{name}.tmp");
        let mut file = self.create(&temporary)?;
        file.write_all(bytes)
            .map_err(Error::io("write", &self.path(&temporary)))?;
        file.finish()?;
        self.rename(&temporary, name)
    }

    /// Starts a new file, replacing one that a crash left under that name.
    ///
    /// # Errors
    /// The operating system's.
    pub fn create(&self, name: &str) -> Result<NewFile> {
        let path = self.path(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        }
        let file = File::create(&path).map_err(Error::io("create", &path))?;
        Ok(NewFile {
            path,
            file: BufWriter::with_capacity(1 << 18, file),
            hash: XxHash64::with_seed(0),
            bytes: 0,
        })
    }

    /// Opens a file for reading at any place.
    ///
    /// # Errors
    /// The operating system's.
    pub fn open(&self, name: &str) -> Result<Blob> {
        let path = self.path(name);
        let file = File::open(&path).map_err(Error::io("open", &path))?;
        let bytes = file.metadata().map_err(Error::io("open", &path))?.len();
        Ok(Blob {
            path: path.into(),
            file: Arc::new(file),
            bytes,
        })
    }

    /// Renames a file and makes the change durable.
    ///
    /// # Errors
    /// The operating system's.
    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        let (from, to) = (self.path(from), self.path(to));
        fs::rename(&from, &to).map_err(Error::io("rename", &from))?;
        to.parent().map_or(Ok(()), sync_folder)
    }

    /// Makes the entries of a folder durable.
    ///
    /// # Errors
    /// The operating system's.
    pub fn sync(&self, name: &str) -> Result<()> {
        sync_folder(&self.path(name))
    }

    /// Removes a file or a folder with all it holds; fine if there is none.
    ///
    /// # Errors
    /// The operating system's.
    pub fn remove(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        let removed = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", &path)(error)),
            _ => Ok(()),
        }
    }

    /// The names in a folder, sorted; none if it does not exist.
    ///
    /// # Errors
    /// The operating system's.
    pub fn list(&self, name: &str) -> Result<Vec<String>> {
        let path = self.path(name);
        let entries = match fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(Error::io("list", &path))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(Error::io("list", &path))?;
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    /// Takes the exclusive lock on a file, creating it; None if another process holds it. Dropping the file frees it.
    ///
    /// # Errors
    /// The operating system's.
    pub fn lock(&self, name: &str) -> Result<Option<File>> {
        let path = self.path(name);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(Error::io("lock", &path)(error)),
        }
    }
}

fn sync_folder(path: &Path) -> Result<()> {
    // Folders cannot be opened as files everywhere; where they cannot, renames are durable by themselves.
    if cfg!(unix) {
        File::open(path)
            .and_then(|folder| folder.sync_all())
            .map_err(Error::io("sync", path))?;
    }
    Ok(())
}

/// A file being written; it counts for nothing before [`NewFile::finish`].
#[derive(Debug)]
pub struct NewFile {
    path: PathBuf,
    file: BufWriter<File>,
    hash: XxHash64,
    bytes: u64,
}

/// What a finished file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its length.
    pub bytes: u64,
    /// XXH64 of its content, seed 0.
    pub checksum: u64,
}

impl NewFile {
    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes out what is buffered and makes it durable.
    ///
    /// # Errors
    /// The operating system's.
    pub fn finish(mut self) -> Result<Written> {
        self.file.flush().map_err(Error::io("write", &self.path))?;
        self.file
            .get_ref()
            .sync_all()
            .map_err(Error::io("sync", &self.path))?;
        Ok(Written {
            bytes: self.bytes,
            checksum: self.hash.finish(),
        })
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.write(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file open for reading at any place, by many threads at once.
#[derive(Clone, Debug)]
pub struct Blob {
    path: Arc<Path>,
    file: Arc<File>,
    bytes: u64,
}

impl Blob {
    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn read_exactly(&self, buffer: &mut [u8], start: u64) -> io::Result<()> {
        #[cfg(unix)]
        return std::os::unix::fs::FileExt::read_exact_at(&*self.file, buffer, start);
        #[cfg(windows)]
        {
            let mut done = 0;
            while done < buffer.len() {
                let at = start + done as u64;
                match std::os::windows::fs::FileExt::seek_read(&*self.file, &mut buffer[done..], at)? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    count => done += count,
                }
            }
            Ok(())
        }
    }
}

impl Length for Blob {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for Blob {
    type T = Cursor<Bytes>;

    /// Reads no further than the metadata or page header at `start` can reach, or the end.
    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        const AHEAD_BYTES: u64 = 1 << 16;
        let length = AHEAD_BYTES.min(self.bytes.saturating_sub(start));
        Ok(Cursor::new(self.get_bytes(start, usize::try_from(length)?)?))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        if start
            .checked_add(length as u64)
            .is_none_or(|end| end > self.bytes)
        {
            return Err(ParquetError::EOF(format!(
                "{length} bytes at {start} reach past the end, {}",
                self.bytes
            )));
        }
        let mut buffer = vec![0; length];
        self.read_exactly(&mut buffer, start)
            .map_err(|error| ParquetError::External(Box::new(error)))?;
        Ok(buffer.into())
    }
}

impl Read for Blob {
    /// Reads from the file's own position; for reading a whole file through once.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self.file).read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_or_absent() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::new(temporary.path());
        assert_eq!(folder.read("a/b").unwrap(), None);
        folder.write_atomically("a/b", b"one").unwrap();
        folder.write_atomically("a/b", b"two").unwrap();
        assert_eq!(folder.read("a/b").unwrap().as_deref(), Some(&b"two"[..]));
        assert_eq!(folder.list("a").unwrap(), ["b"]);
        folder.remove("a").unwrap();
        folder.remove("a").unwrap();
        assert!(!folder.exists("a/b"));
    }

    #[test]
    fn a_lock_is_held_once() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::new(temporary.path());
        let held = folder.lock("LOCK").unwrap();
        assert!(held.is_some());
        assert!(folder.lock("LOCK").unwrap().is_none());
        drop(held);
        assert!(folder.lock("LOCK").unwrap().is_some());
    }

    #[test]
    fn reads_past_the_end_are_errors() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::new(temporary.path());
        folder.write_atomically("x", b"12345").unwrap();
        let blob = folder.open("x").unwrap();
        assert_eq!(&blob.get_bytes(1, 3).unwrap()[..], b"234");
        assert!(blob.get_bytes(3, 3).is_err());
        assert!(blob.get_bytes(u64::MAX, 3).is_err());
    }
}
