//! What the steps of a build leave for one another: a value as one line of JSON, and a line with its checksum.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::checked::checksum;
use crate::error::Result;
use crate::folder::Folder;
use crate::layout;
use crate::manifest::{FileEntry, RatingSummary};

/// What a single step made of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The staged groups that are in it, by name. Only what is made of the same groups goes together.
    pub groups: Vec<String>,
    /// Its files, and those that carried over.
    pub files: Vec<FileEntry>,
    /// How the ratings came about, of the step that makes them.
    pub rating: RatingSummary,
}

/// What single steps have made for a snapshot so far, by the names of their lists.
///
/// # Errors
/// The operating system's.
pub fn outcomes(folder: &Folder, snapshot: u64) -> Result<BTreeMap<String, Outcome>> {
    let lists = layout::lists_folder(snapshot);
    let mut outcomes = BTreeMap::new();
    for name in folder.list(&lists)? {
        if let Some(outcome) = read(folder, &format!("{lists}/{name}"))? {
            outcomes.insert(name, outcome);
        }
    }
    Ok(outcomes)
}

/// Writes a value so that it is there whole or not at all.
///
/// # Errors
/// The operating system's.
pub fn write(folder: &Folder, name: &str, value: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_vec(value).unwrap_or_default();
    let checksum = checksum(&text);
    text.push(b'\n');
    text.extend_from_slice(checksum.as_bytes());
    text.push(b'\n');
    folder.write_atomically(name, &text)
}

/// Reads a value; None if there is none, or not what was written.
///
/// # Errors
/// The operating system's.
pub fn read<T: DeserializeOwned>(folder: &Folder, name: &str) -> Result<Option<T>> {
    let Some(text) = folder.read(name)? else {
        return Ok(None);
    };
    let mut lines = text.split(|&byte| byte == b'\n');
    let (Some(value), Some(expected)) = (lines.next(), lines.next()) else {
        return Ok(None);
    };
    if checksum(value).as_bytes() != expected {
        return Ok(None);
    }
    Ok(serde_json::from_slice(value).ok())
}
