//! Folders that one process works in while others may tidy up around it.
//!
//! Who works in `x` holds the exclusive lock on `x.lock` beside it; the operating system frees it when the process ends,
//! however it ends. So what is left of a killed process can be told from what a living one still writes.

use std::fs::File;

use crate::error::Result;
use crate::folder::Folder;
use crate::layout;

/// What the names of locks end with.
const LOCK: &str = ".lock";

/// The right to work in a folder; dropping it gives it back and leaves the folder as it is.
#[derive(Debug)]
pub struct Claim {
    folder: Folder,
    name: String,
    _lock: File,
}

impl Claim {
    /// Takes the right to work in a folder, which need not exist; None while another one has it.
    ///
    /// # Errors
    /// The operating system's.
    pub fn take(folder: &Folder, name: &str) -> Result<Option<Self>> {
        let lock = folder.lock(&format!("{name}{LOCK}"))?;
        Ok(lock.map(|lock| Self {
            folder: folder.clone(),
            name: name.to_owned(),
            _lock: lock,
        }))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // What stays is an empty file that the next one takes over.
        let _ = self.folder.remove(&format!("{}{LOCK}", self.name));
    }
}

/// Whether a name is that of a lock.
pub fn is_lock(name: &str) -> bool {
    name.ends_with(LOCK)
}

/// Removes what a folder holds, but for what somebody works in and what `keep` is true for, which is asked while nobody
/// does; and the folder, if nothing is left in it.
///
/// # Errors
/// The operating system's; those of `keep`.
pub fn clear(folder: &Folder, parent: &str, keep: impl Fn(&str) -> Result<bool>) -> Result<()> {
    for name in folder.list(parent)? {
        let name = name.strip_suffix(LOCK).unwrap_or(&name);
        let path = format!("{parent}/{name}");
        if let Some(_claim) = Claim::take(folder, &path)?
            && !keep(name)?
        {
            folder.remove(&path)?;
        }
    }
    folder.remove_if_empty(parent)
}

/// A folder for temporary files of one process. Dropping it removes it.
#[derive(Debug)]
pub struct Temporary {
    claim: Claim,
}

impl Temporary {
    /// Makes one in an index folder.
    ///
    /// # Errors
    /// The operating system's.
    pub fn new(folder: &Folder) -> Result<Self> {
        for number in 0u32.. {
            let name = format!("{}/{number}", layout::TEMPORARY);
            if let Some(claim) = Claim::take(folder, &name)? {
                folder.remove(&name)?;
                folder.create_folder(&name)?;
                return Ok(Self { claim });
            }
        }
        unreachable!("there are more numbers than processes")
    }

    /// Its name in the index folder.
    pub fn name(&self) -> &str {
        &self.claim.name
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next one who tidies up.
        let _ = self.claim.folder.remove(self.name());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_works_in_stays() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::new(temporary.path());
        let (mine, yours) = (Temporary::new(&folder).unwrap(), Temporary::new(&folder).unwrap());
        assert_ne!(mine.name(), yours.name());
        folder.write_atomically("temporary/left/over", b"x").unwrap();
        clear(&folder, layout::TEMPORARY, |_| Ok(false)).unwrap();
        assert!(folder.exists(mine.name()) && folder.exists(yours.name()));
        assert!(!folder.exists("temporary/left"));
        drop((mine, yours));
        clear(&folder, layout::TEMPORARY, |_| Ok(false)).unwrap();
        assert!(!folder.exists(layout::TEMPORARY));
    }
}
