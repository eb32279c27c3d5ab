//! Every file operation that an index needs, on one root folder. Nothing else in the workspace opens a file of an index,
//! so this is the place for another kind of storage; a [`Watch`] makes operations fail for tests.
//!
//! Names are relative to the root and use `/`.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Result};

/// A folder of an index.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    watch: Option<Arc<dyn Watch>>,
}

/// What is about to be done to a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Bytes are read.
    Read,
    /// A file or folder is made.
    Create,
    /// Bytes are handed to the operating system.
    Write,
    /// What was written is made durable.
    Sync,
    /// A name is changed.
    Rename,
    /// A name is removed.
    Remove,
}

/// Is asked before every operation of a folder, from many threads. Its error is what the operation gives instead of
/// happening: a full disk, a broken one, a process that was killed.
pub trait Watch: std::fmt::Debug + Send + Sync {
    /// An operation is about to happen.
    ///
    /// # Errors
    /// What it shall fail with.
    fn before(&self, operation: Operation, path: &Path) -> io::Result<()>;
}

impl Folder {
    /// The folder at a path, which need not exist.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            watch: None,
        }
    }

    /// The same folder under a watch.
    #[must_use]
    pub fn watched(self, watch: Arc<dyn Watch>) -> Self {
        Self {
            watch: Some(watch),
            ..self
        }
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
        self.ask(Operation::Create, &path)
            .and_then(|()| fs::create_dir_all(&path))
            .map_err(Error::io("create", &path))
    }

    /// Reads a whole file; None if there is none.
    ///
    /// # Errors
    /// The operating system's.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let path = self.path(name);
        match self.ask(Operation::Read, &path).and_then(|()| fs::read(&path)) {
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
        let file = self
            .ask(Operation::Create, &path)
            .and_then(|()| File::create(&path))
            .map_err(Error::io("create", &path))?;
        let output = WatchedFile {
            file,
            path: path.as_path().into(),
            watch: self.watch.clone(),
        };
        Ok(NewFile {
            path,
            output: BufWriter::with_capacity(1 << 18, output),
        })
    }

    /// Opens a file for reading at any place.
    ///
    /// # Errors
    /// The operating system's.
    pub fn open(&self, name: &str) -> Result<OpenFile> {
        let path = self.path(name);
        let open = || {
            self.ask(Operation::Read, &path)?;
            let file = File::open(&path)?;
            let bytes = file.metadata()?.len();
            Ok((file, bytes))
        };
        let (file, bytes) = open().map_err(Error::io("open", &path))?;
        Ok(OpenFile {
            path: path.into(),
            file: Arc::new(file),
            bytes,
            watch: self.watch.clone(),
        })
    }

    /// Renames a file and makes the change durable.
    ///
    /// # Errors
    /// The operating system's.
    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        let (from, to) = (self.path(from), self.path(to));
        self.ask(Operation::Rename, &to)
            .and_then(|()| fs::rename(&from, &to))
            .map_err(Error::io("rename", &from))?;
        to.parent().map_or(Ok(()), |parent| self.sync_folder(parent))
    }

    /// Makes the entries of a folder durable.
    ///
    /// # Errors
    /// The operating system's.
    pub fn sync(&self, name: &str) -> Result<()> {
        self.sync_folder(&self.path(name))
    }

    /// Removes a file or a folder with all it holds; fine if there is none.
    ///
    /// # Errors
    /// The operating system's.
    pub fn remove(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        let removed = self.ask(Operation::Remove, &path).and_then(|()| {
            if path.is_dir() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            }
        });
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
        let entries = match self
            .ask(Operation::Read, &path)
            .and_then(|()| fs::read_dir(&path))
        {
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

    /// Removes a folder unless it holds something; fine if there is none.
    ///
    /// # Errors
    /// The operating system's.
    pub fn remove_if_empty(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        let removed = self
            .ask(Operation::Remove, &path)
            .and_then(|()| fs::remove_dir(&path));
        match removed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
            removed => removed.map_err(Error::io("remove", &path)),
        }
    }

    /// Takes the exclusive lock on a file, creating it; None if another one holds it. Dropping the file frees it.
    ///
    /// # Errors
    /// The operating system's.
    pub fn lock(&self, name: &str) -> Result<Option<File>> {
        self.lock_made(name, File::try_lock)
    }

    /// Takes a lock on a file that others may share, creating it; None if another one holds it exclusively.
    ///
    /// # Errors
    /// The operating system's.
    pub fn lock_shared_made(&self, name: &str) -> Result<Option<File>> {
        self.lock_made(name, File::try_lock_shared)
    }

    /// Takes a lock on an existing file that others may share; None if there is no such file, or another one holds it
    /// exclusively. Dropping the file frees it.
    ///
    /// # Errors
    /// The operating system's.
    pub fn lock_shared(&self, name: &str) -> Result<Option<File>> {
        let path = self.path(name);
        match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("open", &path)(error)),
            Ok(file) => {
                let file = locked(file.try_lock_shared(), file, &path)?;
                Ok(file.filter(|file| is_still(file, &path)))
            }
        }
    }

    /// Whether somebody holds a lock on a file. To find out it is locked for a moment.
    ///
    /// # Errors
    /// The operating system's.
    pub fn is_locked(&self, name: &str) -> Result<bool> {
        let path = self.path(name);
        match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Error::io("open", &path)(error)),
            Ok(file) => Ok(locked(file.try_lock(), file, &path)?.is_none()),
        }
    }

    fn lock_made(
        &self,
        name: &str,
        lock: impl Fn(&File) -> std::result::Result<(), fs::TryLockError>,
    ) -> Result<Option<File>> {
        let path = self.path(name);
        loop {
            let parent = path.parent().map_or(Ok(()), fs::create_dir_all);
            let open = || {
                File::options()
                    .create(true)
                    .truncate(false)
                    .write(true)
                    .open(&path)
            };
            let opened = self
                .ask(Operation::Create, &path)
                .and(parent)
                .and_then(|()| open());
            let file = match opened {
                // Somebody tidied the folder up in between.
                Err(error) if error.kind() == io::ErrorKind::NotFound && self.root.exists() => continue,
                opened => opened.map_err(Error::io("open", &path))?,
            };
            match locked(lock(&file), file, &path)? {
                None => return Ok(None),
                Some(file) if is_still(&file, &path) => return Ok(Some(file)),
                // It was removed, and perhaps made anew, before it was locked.
                Some(_) => {}
            }
        }
    }

    fn ask(&self, operation: Operation, path: &Path) -> io::Result<()> {
        ask(self.watch.as_deref(), operation, path)
    }

    fn sync_folder(&self, path: &Path) -> Result<()> {
        self.ask(Operation::Sync, path).map_err(Error::io("sync", path))?;
        // Folders cannot be opened as files everywhere; where they cannot, renames are durable by themselves.
        if cfg!(unix) {
            File::open(path)
                .and_then(|folder| folder.sync_all())
                .map_err(Error::io("sync", path))?;
        }
        Ok(())
    }
}

fn ask(watch: Option<&dyn Watch>, operation: Operation, path: &Path) -> io::Result<()> {
    watch.map_or(Ok(()), |watch| watch.before(operation, path))
}

/// Whether a path names an open file, and not another one by now.
fn is_still(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        let (open, named) = (file.metadata(), fs::metadata(path));
        matches!((open.map(identity), named.map(identity)), (Ok(open), Ok(named)) if open == named)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

fn locked(
    outcome: std::result::Result<(), fs::TryLockError>,
    file: File,
    path: &Path,
) -> Result<Option<File>> {
    match outcome {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(Error::io("lock", path)(error)),
    }
}

#[derive(Debug)]
struct WatchedFile {
    file: File,
    path: Arc<Path>,
    watch: Option<Arc<dyn Watch>>,
}

impl Write for WatchedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        ask(self.watch.as_deref(), Operation::Write, &self.path)?;
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file being written; it counts for nothing before [`NewFile::finish`].
#[derive(Debug)]
pub struct NewFile {
    path: PathBuf,
    output: BufWriter<WatchedFile>,
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
    pub fn finish(mut self) -> Result<()> {
        self.output.flush().map_err(Error::io("write", &self.path))?;
        let output = self.output.get_ref();
        ask(output.watch.as_deref(), Operation::Sync, &self.path)
            .and_then(|()| output.file.sync_all())
            .map_err(Error::io("sync", &self.path))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// A file open for reading at any place, by many threads at once.
#[derive(Clone, Debug)]
pub struct OpenFile {
    path: Arc<Path>,
    file: Arc<File>,
    bytes: u64,
    watch: Option<Arc<dyn Watch>>,
}

impl OpenFile {
    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its length.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Fills a buffer with what stands at a place.
    ///
    /// # Errors
    /// The operating system's; the end of the file is one.
    pub fn read_exactly(&self, buffer: &mut [u8], start: u64) -> io::Result<()> {
        ask(self.watch.as_deref(), Operation::Read, &self.path)?;
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
    fn a_shared_lock_excludes_the_exclusive_one() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::new(temporary.path());
        assert!(folder.lock_shared("x").unwrap().is_none());
        folder.write_atomically("x", b"12345").unwrap();
        let (one, two) = (folder.lock_shared("x").unwrap(), folder.lock_shared("x").unwrap());
        assert!(one.is_some() && two.is_some());
        assert!(folder.lock("x").unwrap().is_none());
        drop((one, two));
        assert!(folder.lock("x").unwrap().is_some());
    }

    #[test]
    fn reads_past_the_end_are_errors() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::new(temporary.path());
        folder.write_atomically("x", b"12345").unwrap();
        let file = folder.open("x").unwrap();
        let mut buffer = [0; 3];
        file.read_exactly(&mut buffer, 1).unwrap();
        assert_eq!(&buffer, b"234");
        assert!(file.read_exactly(&mut buffer, 3).is_err());
    }
}
