//! What a user names on the command line, as a list of archives. A file is taken whatever its name; in a folder only names
//! that look like archives are. Order is that of the names; inside a folder or a pattern it is by path. Nothing is listed
//! twice.

use crate::Error;
use flate2::read::MultiGzDecoder;
use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// One archive to read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input, named `-`.
    Stdin,
}

impl Input {
    /// Stored size in bytes, for progress; `None` for standard input and for what has no size.
    pub fn bytes(&self) -> Option<u64> {
        match self {
            Input::File(path) => fs::metadata(path)
                .ok()
                .filter(fs::Metadata::is_file)
                .map(|info| info.len()),
            Input::Stdin => None,
        }
    }
}

/// Expands names: a file, a folder (everything below it), a pattern with `*`, `?`, `[..]` or `**`, `@list` (a file of
/// names, one per line, plain or gzip; blank lines and lines that start with `#` are passed over; relative ones are
/// relative to the current folder), or `-`.
///
/// # Errors
/// When a name leads to nothing, or a file system call fails; the message is one line.
pub fn expand(names: &[PathBuf]) -> Result<Vec<Input>, Error> {
    let mut found = Found::default();
    for name in names {
        match name.to_str() {
            Some("-") => found.add(Input::Stdin),
            Some(text) if text.starts_with('@') => expand_list(Path::new(&text[1..]), &mut found)?,
            _ => expand_name(name, &mut found)?,
        }
    }
    Ok(found.inputs)
}

#[derive(Default)]
struct Found {
    inputs: Vec<Input>,
    known: HashSet<Input>,
}

impl Found {
    fn add(&mut self, input: Input) {
        let key = match &input {
            Input::File(path) => Input::File(fs::canonicalize(path).unwrap_or_else(|_| path.clone())),
            Input::Stdin => Input::Stdin,
        };
        if self.known.insert(key) {
            self.inputs.push(input);
        }
    }
}

fn expand_name(name: &Path, found: &mut Found) -> Result<(), Error> {
    match fs::metadata(name) {
        Ok(info) if info.is_dir() => expand_folder(name, found),
        Ok(_) => {
            found.add(Input::File(name.to_path_buf()));
            Ok(())
        }
        Err(error) => match name.to_str() {
            Some(text) if text.contains(['*', '?', '[']) => expand_pattern(text, found),
            _ => Err(Error::read(name, error)),
        },
    }
}

fn expand_pattern(pattern: &str, found: &mut Found) -> Result<(), Error> {
    let paths = glob::glob(pattern).map_err(|error| Error::BadPattern {
        pattern: pattern.to_owned(),
        reason: error.msg,
    })?;
    let mut any = false;
    for path in paths {
        let path = path.map_err(|error| {
            let path = error.path().to_path_buf();
            Error::read(&path, error.into())
        })?;
        if path.is_dir() {
            any |= add_folder(&path, found)?;
        } else {
            any = true;
            found.add(Input::File(path));
        }
    }
    if any {
        Ok(())
    } else {
        Err(Error::NoMatch {
            pattern: pattern.to_owned(),
        })
    }
}

fn expand_folder(folder: &Path, found: &mut Found) -> Result<(), Error> {
    if add_folder(folder, found)? {
        Ok(())
    } else {
        Err(Error::EmptyFolder {
            path: folder.to_path_buf(),
        })
    }
}

/// Adds the archives below a folder, sorted by path; whether there are any.
fn add_folder(folder: &Path, found: &mut Found) -> Result<bool, Error> {
    let mut files = Vec::new();
    let mut seen = HashSet::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        // Links can lead in circles.
        if !seen.insert(fs::canonicalize(&folder).map_err(|error| Error::read(&folder, error))?) {
            continue;
        }
        for entry in fs::read_dir(&folder).map_err(|error| Error::read(&folder, error))? {
            let path = entry.map_err(|error| Error::read(&folder, error))?.path();
            if path.is_dir() {
                open.push(path);
            } else if is_archive_name(&path) {
                files.push(path);
            }
        }
    }
    files.sort();
    let any = !files.is_empty();
    files.into_iter().for_each(|path| found.add(Input::File(path)));
    Ok(any)
}

/// Whether a file in a folder is taken for an archive: `.warc`, `.arc`, `.wat`, `.wet` or `.wacz`, then perhaps `.gz`,
/// `.zst` or `.lz4`, then perhaps `.open` (a file still being written), in any case.
fn is_archive_name(path: &Path) -> bool {
    let Some(name) = path.file_name() else {
        return false;
    };
    let name = name.to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".open").unwrap_or(&name);
    let plain = [".gz", ".zst", ".lz4"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name);
    [".warc", ".arc", ".wat", ".wet", ".wacz"]
        .iter()
        .any(|suffix| plain.ends_with(suffix))
}

fn expand_list(list: &Path, found: &mut Found) -> Result<(), Error> {
    let bytes = fs::read(list).map_err(|error| Error::read(list, error))?;
    let text = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut text = Vec::new();
        MultiGzDecoder::new(&bytes[..])
            .read_to_end(&mut text)
            .map_err(|error| Error::read(list, error))?;
        text
    } else {
        bytes
    };
    let text = String::from_utf8_lossy(&text);
    let names = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut any = false;
    for name in names {
        any = true;
        expand_name(Path::new(name), found)?;
    }
    if any {
        Ok(())
    } else {
        Err(Error::EmptyList {
            path: list.to_path_buf(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn names(inputs: &[Input], root: &Path) -> Vec<String> {
        let name = |input: &Input| match input {
            Input::File(path) => path
                .strip_prefix(root)
                .unwrap_or(path)
                .to_string_lossy()
                .into_owned(),
            Input::Stdin => "-".to_owned(),
        };
        inputs.iter().map(name).collect()
    }

    fn tree() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("a/b")).unwrap();
        fs::create_dir(root.path().join("empty")).unwrap();
        for name in [
            "a/2.warc.gz",
            "a/1.ARC",
            "a/b/x.warc.wat.gz",
            "a/b/y.warc.gz.open",
            "a/z.txt",
            "a/w.wacz",
        ] {
            fs::write(root.path().join(name), b"").unwrap();
        }
        root
    }

    #[test]
    fn a_folder_gives_its_archives_sorted() {
        let root = tree();
        let found = expand(&[root.path().join("a")]).unwrap();
        assert_eq!(
            names(&found, root.path()),
            [
                "a/1.ARC",
                "a/2.warc.gz",
                "a/b/x.warc.wat.gz",
                "a/b/y.warc.gz.open",
                "a/w.wacz"
            ]
        );
    }

    #[test]
    fn files_of_any_name_patterns_and_stdin_once_each() {
        let root = tree();
        let dir = root.path();
        let found = expand(&[
            dir.join("a/z.txt"),
            dir.join("a/*.warc.gz"),
            "-".into(),
            dir.join("a/z.txt"),
            "-".into(),
        ]);
        assert_eq!(names(&found.unwrap(), dir), ["a/z.txt", "a/2.warc.gz", "-"]);
    }

    #[test]
    fn a_list_plain_or_gzip() {
        use std::io::Write;
        let root = tree();
        let text = format!(
            "# crawl\n\n{}\n  {} \r\n",
            root.path().join("a/z.txt").display(),
            root.path().join("a/b").display()
        );
        fs::write(root.path().join("list"), &text).unwrap();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        fs::write(root.path().join("list.gz"), gzip.finish().unwrap()).unwrap();
        for list in ["list", "list.gz"] {
            let name = format!("@{}", root.path().join(list).display());
            let found = expand(&[name.into()]).unwrap();
            assert_eq!(
                names(&found, root.path()),
                ["a/z.txt", "a/b/x.warc.wat.gz", "a/b/y.warc.gz.open"]
            );
        }
    }

    #[test]
    fn errors_say_what_and_what_to_do() {
        let root = tree();
        let error = |name: PathBuf| expand(&[name]).unwrap_err().to_string();
        assert!(error(root.path().join("none.warc")).contains("none.warc not found; name an archive"));
        assert!(error(root.path().join("*.nothing")).contains("no file matches"));
        assert!(error(root.path().join("empty")).contains("no archive in"));
        assert!(error(root.path().join("[")).contains("bad pattern"));
        fs::write(root.path().join("l"), b"# nothing\n").unwrap();
        assert!(error(format!("@{}", root.path().join("l").display()).into()).contains("names no archive"));
    }
}
