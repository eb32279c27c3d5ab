//! Where a large bucket may be cut for the roll-up: at keys that no domain lies across.

use openrefs_model::{KeyRange, SuffixList, key, suffix::Registrable};
use openrefs_store::TableFile;

use crate::error::Result;
use crate::merge::ranges_between;

/// A bucket with more rows than this is rolled up in segments of about so many.
pub const SEGMENT_ROWS: usize = 4 << 20;

/// The ranges of keys of the segments of a bucket, whose files come in the order of keys.
///
/// # Errors
/// When a file cannot be read.
pub fn segments(
    list: &SuffixList,
    links: &[TableFile],
    segment_rows: usize,
) -> Result<Vec<Option<KeyRange>>> {
    let rows: usize = links.iter().map(TableFile::rows).sum();
    if rows <= segment_rows {
        return Ok(vec![None]);
    }
    let mut bounds = vec![String::new()];
    let mut in_segment = 0;
    for file in links {
        for (key, rows_of_page) in file.page_keys(0..file.rows())? {
            if in_segment >= segment_rows
                && let Some(bound) = bound(list, &key)
                && bounds.last().is_some_and(|last| *last < bound)
            {
                bounds.push(bound);
                in_segment = 0;
            }
            in_segment += rows_of_page;
        }
    }
    Ok(ranges_between(bounds))
}

/// The start of the keys of a key's domain, if no other domain has keys on both sides of it. The keys of a domain are its
/// reversed name followed by `)`, `,` or `:`. Another one lies across only if its name is the beginning of this one and the
/// character that follows there is not greater than these, as letters are: `it,friuli:81)` stands behind
/// `it,friuli-v-giulia,x)`. So all labels must be letters, and the domain below no other one.
fn bound(list: &SuffixList, key: &str) -> Option<String> {
    let (reversed, _) = key::split_port(key::split(key).0);
    let host = key::host_of(reversed);
    let Registrable::Domain(domain) = list.icann_registrable(&host) else {
        return None;
    };
    let (_, above) = domain.split_once('.')?;
    let letters = domain
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'.');
    // `kobe.jp` is a domain above others, so its keys at a port stand behind those of `y.x.kobe.jp`.
    let parents = std::iter::successors(Some(above), |name| Some(name.split_once('.')?.1));
    let below_a_domain = parents
        .into_iter()
        .any(|name| list.registrable(name) == Registrable::Domain(name));
    (letters && !below_a_domain).then(|| key::reverse_host(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_domain_lies_across_a_bound() {
        let list = SuffixList::bundled();
        for (key, expected) in [
            ("com,example,www)/a", Some("com,example")),
            ("com,example:81)/", Some("com,example")),
            // `com,ex:81)` and `it,friuli:81)` would stand behind these, `com,ex)` and `it,friuli)` before.
            ("com,ex-ample)/", None),
            ("it,friuli-v-giulia,x)/", None),
            // `kobe.jp` is a domain, and so is what is below its suffixes.
            ("jp,kobe,x,y)/", None),
            ("192.0.2.1)/", None),
        ] {
            assert_eq!(bound(&list, key).as_deref(), expected, "{key}");
        }
    }
}
