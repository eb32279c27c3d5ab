//! What the steps of a build leave for one another: a value as one line of JSON, and a line with its checksum.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::checked::checksum;
use crate::error::Result;
use crate::folder::Folder;

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
