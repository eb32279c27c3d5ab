//! How a segment is read: host after host, but for those with so many backlinks that all threads gather one of them.

use openrefs_model::KeyRange;
use openrefs_store::TableFile;

use crate::error::Result;

/// A host with so many backlinks or more, about, is gathered by all threads.
pub const LARGE_HOST_ROWS: usize = 256 << 10;

/// Keys of a segment that are read in one way.
#[derive(Debug, PartialEq)]
pub enum Stretch {
    /// Hosts one after another; None = all keys.
    Hosts(Option<KeyRange>),
    /// All keys of one host.
    LargeHost(KeyRange),
}

/// The stretches of the keys (None = all) of a segment, in their order, whose files come in the order of keys.
pub fn stretches(
    links: &[TableFile],
    keys: Option<&KeyRange>,
    large_host_rows: usize,
) -> Result<Vec<Stretch>> {
    let mut pages = Vec::new();
    for file in links {
        let rows = match keys {
            None => std::iter::once(0..file.rows()).collect(),
            Some(keys) => file.rows_of_keys(std::slice::from_ref(keys))?,
        };
        for rows in rows {
            // The first page may begin with a host of the segment before.
            let within = |key: &String| keys.is_none_or(|keys| keys.start <= *key);
            pages.extend(file.page_keys(rows)?.into_iter().filter(|(key, _)| within(key)));
        }
    }
    let large = match rayon::current_num_threads() {
        1 => Vec::new(),
        _ => large_hosts(&pages, large_host_rows),
    };
    Ok(around(keys, large))
}

/// What the keys of hosts begin with that have this many rows, going by the least keys of pages.
fn large_hosts(pages: &[(String, usize)], rows_min: usize) -> Vec<&str> {
    let hosts = pages.chunk_by(|(a, _), (b, _)| host(a) == host(b));
    let large = hosts.filter(|pages| pages.iter().map(|(_, rows)| rows).sum::<usize>() >= rows_min);
    large.filter_map(|pages| host(&pages[0].0)).collect()
}

/// The part of a key that all keys of its host begin with; None when it is longer than what the page index holds.
fn host(key: &str) -> Option<&str> {
    key.find(")/").map(|end| &key[..end + 2])
}

/// Large hosts, ascending, and what lies between.
fn around(keys: Option<&KeyRange>, large: Vec<&str>) -> Vec<Stretch> {
    if large.is_empty() {
        return vec![Stretch::Hosts(keys.cloned())];
    }
    let mut start = keys.map(|keys| keys.start.clone()).unwrap_or_default();
    // No key begins with the last character there is.
    let last = keys.map_or(char::MAX.to_string(), |keys| keys.end.clone());
    let mut stretches = Vec::new();
    for host in large {
        // `0` is the character behind `/`.
        let end = format!("{}0", &host[..host.len() - 1]);
        let keys = |start: String, end: &str| KeyRange {
            start,
            end: end.to_owned(),
        };
        stretches.push(Stretch::Hosts(Some(keys(start, host))));
        stretches.push(Stretch::LargeHost(keys(host.to_owned(), &end)));
        start = end;
    }
    stretches.push(Stretch::Hosts(Some(KeyRange { start, end: last })));
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_large_by_the_rows_of_its_pages() {
        let page = |key: &str| (key.to_owned(), 10);
        let keys = [
            "a)/", "a)/x", "b)/", "b,c)/1", "b,c)/2", "b,c)/3", "b,c:81)/", "long", "long",
        ];
        let pages: Vec<_> = keys.into_iter().map(page).collect();
        assert_eq!(large_hosts(&pages, 20), ["a)/", "b,c)/"]);
        assert_eq!(large_hosts(&pages, 21), ["b,c)/"]);
    }

    #[test]
    fn stretches_tile_the_keys_of_a_segment() {
        let range = |start: &str, end: &str| KeyRange {
            start: start.to_owned(),
            end: end.to_owned(),
        };
        let last = char::MAX.to_string();
        for (keys, last) in [(None, last.as_str()), (Some(range("", "c")), "c")] {
            let expected = vec![
                Stretch::Hosts(Some(range("", "a)/"))),
                Stretch::LargeHost(range("a)/", "a)0")),
                Stretch::Hosts(Some(range("a)0", "b,c)/"))),
                Stretch::LargeHost(range("b,c)/", "b,c)0")),
                Stretch::Hosts(Some(range("b,c)0", last))),
            ];
            assert_eq!(around(keys.as_ref(), vec!["a)/", "b,c)/"]), expected);
        }
        assert_eq!(around(None, Vec::new()), [Stretch::Hosts(None)]);
    }
}
