//! An index as a whole: its settings, its Public Suffix List, its lock and its snapshots.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use openrefs_model::SuffixList;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::layout;
use crate::manifest::Manifest;

/// The format of everything on disk; another number is another format.
pub const FORMAT: u32 = 1;

/// Parts of every table unless told otherwise.
pub const BUCKETS_DEFAULT: u32 = 64;
/// The most parts that an index may have; each part is a file and a row group of every run.
pub const BUCKETS_MAX: u32 = 4096;

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
        let folder = Folder::new(path);
        let Some(settings) = read_settings(&folder)? else {
            return Err(Error::NoIndex {
                path: path.to_owned(),
            });
        };
        let list_path = folder.path(layout::SUFFIX_LIST);
        let text = folder
            .read(layout::SUFFIX_LIST)?
            .ok_or_else(|| Error::damaged(&list_path, "it is missing"))?;
        let text = String::from_utf8(text).map_err(|_| Error::damaged(&list_path, "it is not UTF-8"))?;
        let list = SuffixList::from_text(&text).map_err(|e| Error::damaged(&list_path, e))?;
        Ok(Self {
            folder,
            settings,
            suffix_list: Arc::new(list),
        })
    }

    /// Opens an index, or creates it in a new or empty folder. `buckets` and `list` are for a new one; an existing one
    /// keeps its own, and another value given for it is an error.
    ///
    /// # Errors
    /// As [`Index::open`], [`Error::NotAnIndex`], [`Error::Fixed`].
    pub fn open_or_create(path: &Path, buckets: Option<u32>, list: Option<&SuffixList>) -> Result<Self> {
        let folder = Folder::new(path);
        if read_settings(&folder)?.is_some() {
            let index = Self::open(path)?;
            index.check_fixed(buckets, list)?;
            return Ok(index);
        }
        if folder.list("")?.iter().any(|name| !leftover_of_creation(name)) {
            return Err(Error::NotAnIndex {
                path: path.to_owned(),
            });
        }
        folder.create_folder("")?;
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
        Self::open(path)
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

    /// The number of the published snapshot; None before the first.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Io`].
    pub fn current(&self) -> Result<Option<u64>> {
        let Some(bytes) = self.folder.read(layout::CURRENT)? else {
            return Ok(None);
        };
        let number = std::str::from_utf8(&bytes)
            .ok()
            .and_then(|text| text.trim().parse().ok());
        match number {
            Some(number) => Ok(Some(number)),
            None => Err(Error::damaged(
                &self.folder.path(layout::CURRENT),
                "it holds no number",
            )),
        }
    }

    /// The published snapshot's manifest; None before the first.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Io`].
    pub fn manifest(&self) -> Result<Option<Manifest>> {
        let Some(number) = self.current()? else {
            return Ok(None);
        };
        let name = layout::manifest(number);
        let path = self.folder.path(&name);
        let bytes = self
            .folder
            .read(&name)?
            .ok_or_else(|| Error::damaged(&path, "it is missing"))?;
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|e| Error::damaged(&path, e))
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

    /// Makes a manifest the published one. Its files must be complete and durable. A crash leaves the old snapshot or
    /// the new one.
    ///
    /// # Errors
    /// [`Error::Io`]; the old snapshot is then still the published one.
    pub fn publish(&self, manifest: &Manifest, _lock: &WriteLock) -> Result<()> {
        self.folder.create_folder(layout::SNAPSHOTS)?;
        self.folder
            .write_atomically(&layout::manifest(manifest.snapshot), &json(manifest))?;
        self.folder
            .write_atomically(layout::CURRENT, format!("{}\n", manifest.snapshot).as_bytes())
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

/// Files that a crash during creation may leave before the settings exist.
fn leftover_of_creation(name: &str) -> bool {
    name == layout::SUFFIX_LIST || name == layout::LOCK || name.ends_with(".tmp")
}

fn json(value: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    text
}
