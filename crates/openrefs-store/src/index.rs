//! An index as a whole: its settings, its Public Suffix List, its lock and its snapshots.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use openrefs_model::SuffixList;
use serde::{Deserialize, Serialize};

use crate::checked::checksum;
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::layout;
use crate::manifest::Manifest;

/// The format of everything on disk; another number is another format.
pub const FORMAT: u32 = 2;

/// Parts of every table unless told otherwise.
pub const BUCKETS_DEFAULT: u32 = 64;
/// The most parts that an index may have; each part is some files of every snapshot.
pub const BUCKETS_MAX: u32 = 4096;

/// So often a reader tries to take hold of the published snapshot while others publish and remove.
const PIN_TRIES: u32 = 10_000;
/// So long it waits in between.
const PIN_AGAIN_AFTER: Duration = Duration::from_millis(1);

/// What is fixed when an index is created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// [`FORMAT`].
    pub format: u32,
    /// Parts of every table.
    pub buckets: u32,
}

/// An index folder, opened.
#[derive(Clone, Debug)]
pub struct Index {
    folder: Folder,
    settings: Settings,
    suffix_list: Arc<SuffixList>,
    suffix_list_checksum: String,
}

/// The published snapshot while it is read: `gc` leaves it alone as long as this exists.
#[derive(Debug)]
pub struct Pinned {
    /// What it consists of.
    pub manifest: Manifest,
    _lock: File,
}

/// The right to make a part of the next snapshot, which many may have at a time, while nobody has the right to write.
#[derive(Debug)]
pub struct StepLock {
    _file: File,
}

/// The right to write; there is one at a time. Dropping it, also by a crash, gives it back.
#[derive(Debug)]
pub struct WriteLock {
    _file: File,
}

impl Index {
    /// Opens an existing index.
    ///
    /// # Errors
    /// [`Error::NoIndex`], [`Error::Format`], [`Error::Damaged`], [`Error::Io`].
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_in(Folder::new(path))
    }

    /// Opens the index in a folder.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn open_in(folder: Folder) -> Result<Self> {
        let Some(settings) = read_settings(&folder)? else {
            return Err(Error::NoIndex {
                path: folder.root().to_owned(),
            });
        };
        let list_path = folder.path(layout::SUFFIX_LIST);
        let text = folder
            .read(layout::SUFFIX_LIST)?
            .ok_or_else(|| Error::damaged(&list_path, "it is missing"))?;
        let suffix_list_checksum = checksum(&text);
        let text = String::from_utf8(text).map_err(|_| Error::damaged(&list_path, "it is not UTF-8"))?;
        let list = SuffixList::from_text(&text).map_err(|e| Error::damaged(&list_path, e))?;
        Ok(Self {
            folder,
            settings,
            suffix_list: Arc::new(list),
            suffix_list_checksum,
        })
    }

    /// Opens an index, or creates it in a new or empty folder. `buckets` and `list` are for a new one; an existing one
    /// keeps its own, and another value given for it is an error.
    ///
    /// # Errors
    /// As [`Index::open`], [`Error::NotAnIndex`], [`Error::Fixed`].
    pub fn open_or_create(path: &Path, buckets: Option<u32>, list: Option<&SuffixList>) -> Result<Self> {
        Self::open_or_create_in(Folder::new(path), buckets, list)
    }

    /// Opens or creates the index in a folder.
    ///
    /// # Errors
    /// As [`Index::open_or_create`].
    pub fn open_or_create_in(
        folder: Folder,
        buckets: Option<u32>,
        list: Option<&SuffixList>,
    ) -> Result<Self> {
        loop {
            if read_settings(&folder)?.is_some() {
                let index = Self::open_in(folder)?;
                index.check_fixed(buckets, list)?;
                return Ok(index);
            }
            if folder.list("")?.iter().any(|name| !leftover_of_creation(name)) {
                return Err(Error::NotAnIndex {
                    path: folder.root().to_owned(),
                });
            }
            // Another process may be creating it.
            match folder.lock(layout::LOCK)? {
                Some(_lock) if read_settings(&folder)?.is_none() => return create(folder, buckets, list),
                Some(_) => {}
                None => std::thread::sleep(PIN_AGAIN_AFTER),
            }
        }
    }

    fn check_fixed(&self, buckets: Option<u32>, list: Option<&SuffixList>) -> Result<()> {
        let fixed = |what: String| {
            Err(Error::Fixed {
                path: self.folder.root().to_owned(),
                what,
            })
        };
        if buckets.is_some_and(|b| b != self.settings.buckets) {
            return fixed(format!("{} buckets", self.settings.buckets));
        }
        if list.is_some_and(|l| l.text() != self.suffix_list.text()) {
            return fixed("another Public Suffix List".to_owned());
        }
        Ok(())
    }

    /// Its folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// What was fixed when it was created.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The Public Suffix List it was created with.
    pub fn suffix_list(&self) -> &Arc<SuffixList> {
        &self.suffix_list
    }

    /// Takes the right to write.
    ///
    /// # Errors
    /// [`Error::Locked`] while another process has it.
    pub fn lock(&self) -> Result<WriteLock> {
        match self.folder.lock(layout::LOCK)? {
            Some(file) => Ok(WriteLock { _file: file }),
            None => Err(Error::Locked {
                path: self.folder.root().to_owned(),
            }),
        }
    }

    /// Takes the right to make a part of the next snapshot.
    ///
    /// # Errors
    /// [`Error::Locked`] while another process has the right to write.
    pub fn lock_for_step(&self) -> Result<StepLock> {
        match self.folder.lock_shared_made(layout::LOCK)? {
            Some(file) => Ok(StepLock { _file: file }),
            None => Err(Error::Locked {
                path: self.folder.root().to_owned(),
            }),
        }
    }

    /// Whether the settings are byte by byte as they were written; another byte may mean nothing, so opening does not ask.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn settings_are_as_written(&self) -> Result<bool> {
        let bytes = self.folder.read(layout::SETTINGS)?;
        Ok(bytes.is_some_and(|bytes| bytes == json(&self.settings)))
    }

    /// The number of the published snapshot; None before the first.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Io`].
    pub fn current(&self) -> Result<Option<u64>> {
        Ok(self.read_current()?.map(|(number, _)| number))
    }

    /// The number of the published snapshot, and the checksum of its manifest.
    fn read_current(&self) -> Result<Option<(u64, String)>> {
        let Some(bytes) = self.folder.read(layout::CURRENT)? else {
            return self.nothing_published().map(|()| None);
        };
        let read = || {
            let (number, checksum) = std::str::from_utf8(&bytes)
                .ok()?
                .strip_suffix('\n')?
                .split_once(' ')?;
            Some((number.parse().ok()?, checksum.to_owned()))
        };
        match read() {
            Some(current) => Ok(Some(current)),
            None => Err(Error::damaged(
                &self.folder.path(layout::CURRENT),
                "it names no snapshot",
            )),
        }
    }

    /// Makes sure that an index without `CURRENT` is one that nothing was published in, and has not lost it: a first
    /// publish that was killed leaves a manifest without it, but then what that took in is still staged.
    fn nothing_published(&self) -> Result<()> {
        let snapshots = self.snapshots()?;
        let killed = snapshots == [1] && !self.folder.list(layout::STAGING)?.is_empty();
        if snapshots.is_empty() || killed {
            return Ok(());
        }
        Err(Error::damaged(
            &self.folder.path(layout::CURRENT),
            "it is missing, though there are snapshots",
        ))
    }

    /// The published snapshot's manifest; None before the first.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Io`].
    pub fn manifest(&self) -> Result<Option<Manifest>> {
        match self.read_current()? {
            Some((number, expected)) => self.read_checked(number, &expected).map(Some),
            None => Ok(None),
        }
    }

    /// A manifest that something vouches for.
    fn read_checked(&self, snapshot: u64, expected: &str) -> Result<Manifest> {
        let name = layout::manifest(snapshot);
        let path = self.folder.path(&name);
        let bytes = self.folder.read(&name)?;
        let bytes = bytes.ok_or_else(|| Error::damaged(&path, "CURRENT names it, and it is missing"))?;
        if checksum(&bytes) != expected {
            return Err(Error::damaged(
                &path,
                "it has not the checksum that CURRENT says, so one of the two is damaged",
            ));
        }
        self.read_manifest(&bytes, &path)
    }

    /// The manifest of any snapshot that is still there. The published one vouches for those before it.
    ///
    /// # Errors
    /// [`Error::Damaged`] when there is none or it is not what was written, [`Error::Io`].
    pub fn manifest_of(&self, snapshot: u64) -> Result<Manifest> {
        // Pinned, so that it is not removed between reading CURRENT and reading it.
        let expected = match self.pin() {
            Ok(Pinned { manifest, .. }) if manifest.snapshot == snapshot => return Ok(manifest),
            Ok(published) => published.manifest.earlier.get(&snapshot).cloned(),
            Err(Error::NoSnapshot { .. }) => None,
            Err(error) => return Err(error),
        };
        let name = layout::manifest(snapshot);
        let path = self.folder.path(&name);
        let bytes = self.folder.read(&name)?;
        let bytes = bytes.ok_or_else(|| Error::damaged(&path, "it is missing"))?;
        if expected.is_some_and(|expected| checksum(&bytes) != expected) {
            return Err(Error::damaged(&path, "it is not the one that was published"));
        }
        self.read_manifest(&bytes, &path)
    }

    fn read_manifest(&self, bytes: &[u8], path: &Path) -> Result<Manifest> {
        let manifest: Manifest = serde_json::from_slice(bytes).map_err(|e| Error::damaged(path, e))?;
        let damaged = |name| {
            Err(Error::damaged(
                &self.folder.path(name),
                "it is not the one the snapshot was made with",
            ))
        };
        if manifest.buckets != self.settings.buckets || manifest.format != self.settings.format {
            return damaged(layout::SETTINGS);
        }
        if manifest.suffix_list != self.suffix_list_checksum {
            return damaged(layout::SUFFIX_LIST);
        }
        Ok(manifest)
    }

    /// The published snapshot's manifest.
    ///
    /// # Errors
    /// [`Error::NoSnapshot`] before the first publish, else as [`Index::manifest`].
    pub fn published(&self) -> Result<Manifest> {
        self.manifest()?.ok_or_else(|| Error::NoSnapshot {
            path: self.folder.root().to_owned(),
        })
    }

    /// The published snapshot, to be read for a while.
    ///
    /// # Errors
    /// As [`Index::published`].
    pub fn pin(&self) -> Result<Pinned> {
        for _ in 0..PIN_TRIES {
            let Some((number, expected)) = self.read_current()? else {
                break;
            };
            // It is locked before it is read. Until then others may be published and this one removed.
            if let Some(lock) = self.folder.lock_shared(&layout::manifest(number))? {
                let manifest = self.read_checked(number, &expected)?;
                return Ok(Pinned {
                    manifest,
                    _lock: lock,
                });
            }
            if !self.folder.exists(&layout::manifest(number)) && self.current()? == Some(number) {
                break;
            }
            std::thread::sleep(PIN_AGAIN_AFTER);
        }
        // Whatever keeps it from being pinned keeps it from being read, or somebody else locks it.
        self.published()?;
        Err(Error::Locked {
            path: self.folder.root().to_owned(),
        })
    }

    /// Any snapshot, to be read for a while; None if it is gone.
    ///
    /// # Errors
    /// As [`Index::manifest_of`].
    pub fn pin_snapshot(&self, snapshot: u64) -> Result<Option<Pinned>> {
        let Some(lock) = self.folder.lock_shared(&layout::manifest(snapshot))? else {
            return Ok(None);
        };
        let manifest = self.manifest_of(snapshot)?;
        Ok(Some(Pinned {
            manifest,
            _lock: lock,
        }))
    }

    /// Whether somebody reads a snapshot just now.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn is_in_use(&self, snapshot: u64) -> Result<bool> {
        self.folder.is_locked(&layout::manifest(snapshot))
    }

    /// The numbers of the snapshots that are still there, ascending.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn snapshots(&self) -> Result<Vec<u64>> {
        let names = self.folder.list(layout::SNAPSHOTS)?;
        let mut numbers: Vec<u64> = names
            .iter()
            .filter_map(|name| layout::snapshot_of(name))
            .collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// A manifest for this index that names no files yet.
    pub fn new_manifest(&self, snapshot: u64) -> Manifest {
        Manifest {
            snapshot,
            format: self.settings.format,
            buckets: self.settings.buckets,
            suffix_list: self.suffix_list_checksum.clone(),
            ..Manifest::default()
        }
    }

    /// Makes a manifest the published one. Its files must be complete and durable. A crash leaves the old snapshot or
    /// the new one.
    ///
    /// # Errors
    /// [`Error::Io`]; the old snapshot is then still the published one.
    pub fn publish(&self, manifest: &Manifest, _lock: &WriteLock) -> Result<()> {
        self.folder.create_folder(layout::SNAPSHOTS)?;
        let manifest = &Manifest {
            earlier: self.earlier_than(manifest.snapshot)?,
            ..manifest.clone()
        };
        let text = json(manifest);
        self.folder
            .write_atomically(&layout::manifest(manifest.snapshot), &text)?;
        let current = format!("{} {}\n", manifest.snapshot, checksum(&text));
        self.folder.write_atomically(layout::CURRENT, current.as_bytes())
    }
}

/// Creates an index in an empty folder.
fn create(folder: Folder, buckets: Option<u32>, list: Option<&SuffixList>) -> Result<Index> {
    let bundled;
    let list = match list {
        Some(list) => list,
        None => {
            bundled = SuffixList::bundled();
            &bundled
        }
    };
    folder.write_atomically(layout::SUFFIX_LIST, list.text().as_bytes())?;
    let settings = Settings {
        format: FORMAT,
        buckets: buckets.unwrap_or(BUCKETS_DEFAULT),
    };
    // The settings come last: an index exists from the moment they do.
    folder.write_atomically(layout::SETTINGS, &json(&settings))?;
    Index::open_in(folder)
}

impl Index {
    /// The snapshots before one that are still there, with the checksums of their manifests. What is known of them is handed
    /// on, not found out again, so that damage is never vouched for.
    fn earlier_than(&self, snapshot: u64) -> Result<BTreeMap<u64, String>> {
        let Some((number, checksum)) = self.read_current()? else {
            return Ok(BTreeMap::new());
        };
        let mut earlier = self.read_checked(number, &checksum)?.earlier;
        earlier.insert(number, checksum);
        let there = self.snapshots()?;
        earlier.retain(|number, _| *number != snapshot && there.contains(number));
        Ok(earlier)
    }
}

fn read_settings(folder: &Folder) -> Result<Option<Settings>> {
    #[derive(Deserialize)]
    struct FormatOnly {
        format: u32,
    }
    let Some(bytes) = folder.read(layout::SETTINGS)? else {
        return Ok(None);
    };
    let path = folder.path(layout::SETTINGS);
    // The format is read by itself first: settings of another one may look different.
    let format: FormatOnly = serde_json::from_slice(&bytes).map_err(|e| Error::damaged(&path, e))?;
    if format.format != FORMAT {
        return Err(Error::Format {
            path: folder.root().to_owned(),
            found: format.format,
            expected: FORMAT,
        });
    }
    let settings: Settings = serde_json::from_slice(&bytes).map_err(|e| Error::damaged(&path, e))?;
    if settings.buckets == 0 || settings.buckets > BUCKETS_MAX {
        return Err(Error::damaged(&path, format!("{} buckets", settings.buckets)));
    }
    Ok(Some(settings))
}

/// Files that a crash during creation may leave before the settings exist, or another process has just made.
fn leftover_of_creation(name: &str) -> bool {
    matches!(name, layout::SUFFIX_LIST | layout::LOCK | layout::SETTINGS) || name.ends_with(".tmp")
}

fn json(value: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    text
}
