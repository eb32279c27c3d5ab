//! Just enough of WARC for measurements and comparisons on real pages: the HTML bodies of a folder of archives.
#![allow(dead_code)]

use std::io::Read;
use std::path::{Path, PathBuf};

/// Where the real data lies, beside the workspace; none if it is not there.
pub fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    folder.is_dir().then_some(folder)
}

/// The decoded HTML pages of an archive, or of every archive below a folder, in the order of the paths.
pub fn pages(folder: &Path) -> Vec<String> {
    let mut pages = Vec::new();
    for path in files(folder) {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let mut data = Vec::new();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            // Damaged archives of the odd collection end early; what came before counts.
            let _ = flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut data);
        } else {
            data = bytes;
        }
        records(&data, &mut pages);
    }
    pages
}

fn files(folder: &Path) -> Vec<PathBuf> {
    if folder.is_file() {
        return vec![folder.to_path_buf()];
    }
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if name.ends_with(".warc") || name.ends_with(".warc.gz") {
            files.push(path);
        }
    }
    files
}

fn find(data: &[u8], what: &[u8]) -> Option<usize> {
    data.windows(what.len()).position(|window| window == what)
}

fn records(mut data: &[u8], pages: &mut Vec<String>) {
    while let Some(start) = find(data, b"WARC/") {
        data = &data[start..];
        let Some(end) = find(data, b"\r\n\r\n") else {
            return;
        };
        let head = String::from_utf8_lossy(&data[..end]).to_ascii_lowercase();
        let length = header(&head, "content-length:")
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        let body = &data[end + 4..];
        let body = &body[..body.len().min(length)];
        if header(&head, "warc-type:") == Some("response") {
            pages.extend(page(body));
        }
        data = &data[end + 4 + body.len()..];
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .find_map(|line| line.strip_prefix(name))
        .map(str::trim)
}

fn page(response: &[u8]) -> Option<String> {
    let end = find(response, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&response[..end]).to_ascii_lowercase();
    let kind = header(&head, "content-type:")?;
    if !kind.contains("html") {
        return None;
    }
    let mut body = response[end + 4..].to_vec();
    if body.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        let _ = flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain);
        body = plain;
    }
    let label = kind
        .split_once("charset=")
        .map(|(_, label)| label.trim_matches(['"', '\'', ' ', ';']));
    let encoding = label.and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()));
    Some(
        encoding
            .unwrap_or(encoding_rs::UTF_8)
            .decode(&body)
            .0
            .into_owned(),
    )
}
