//! What the targets hold results to, in one place.
//!
//! The one known exception to "a URL of the index is canonical" is a host label that holds a `,` (no name server knows
//! one): its key says two labels, so the URL of the key has another host, and maybe another registrable domain or none.

use std::sync::{Arc, OnceLock};

use openrefs_archive::{Record, RecordKind};
use openrefs_extract::{Extractor, Output};
use openrefs_model::limits::{ANCHOR_CHARS_MAX, BACKLINKS_PER_VISIT_MAX, URL_BYTES_MAX};
use openrefs_model::{Backlink, Canonical, Canonicaliser, SuffixList, Visit, key};

/// An error longer than this shows too much of what was sent, characters.
const ERROR_CHARS_MAX: usize = 400;

/// The bundled list, read once.
pub fn list() -> &'static Arc<SuffixList> {
    static LIST: OnceLock<Arc<SuffixList>> = OnceLock::new();
    LIST.get_or_init(|| Arc::new(SuffixList::bundled()))
}

/// One with nothing remembered, so that a finding does not depend on the inputs before it.
pub fn canonicaliser() -> Canonicaliser {
    Canonicaliser::new(Arc::clone(list()))
}

/// An error is one line of bounded length that begins with the name of what is wrong.
pub fn is_error_line(error: &str) {
    assert!(!error.chars().any(char::is_control), "not one line: {error:?}");
    assert!(error.chars().count() <= ERROR_CHARS_MAX, "too long: {error:?}");
    let (parameter, what) = error.split_once(": ").expect("a parameter, a colon, a text");
    assert!(
        parameter.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
        "{error:?}"
    );
    assert!(!what.is_empty(), "{error:?}");
}

/// The URL of a key gives the same key, scheme and domain again.
pub fn is_canonical(canonical: &Canonical) {
    let url = key::to_url(&canonical.key, canonical.https);
    assert!(url.len() <= URL_BYTES_MAX && url.is_ascii(), "{url}");
    assert_eq!(canonicaliser().absolute(&url).as_ref(), Ok(canonical), "{url}");
}

/// Reads one record and holds what comes out to the rules.
pub fn extract(record: &Record<'_>) {
    let mut extractor = Extractor::new(Arc::clone(list()));
    let mut found = Found::default();
    extractor.record(record, &mut found);
    let report = extractor.report();
    let of = |prefix: &str| -> u64 {
        report
            .iter()
            .filter(|(name, _)| name.starts_with(prefix))
            .map(|(_, count)| count)
            .sum()
    };
    assert_eq!(report.get("records"), 1);
    assert_eq!(of("visit: "), found.visits.len() as u64);
    assert_eq!(of("visit: ") + of("skipped: "), 1, "{report:?}");
    let comma =
        may_hold_comma(record.block) || may_hold_comma(record.target_uri.as_deref().unwrap_or("").as_bytes());
    for (visit, backlinks) in &found.visits {
        is_kept_well(visit, backlinks, comma);
    }
}

/// A response or a metadata record as a reader of archives hands it out.
pub fn record<'a>(kind: RecordKind, uri: &str, content_type: &str, block: &'a [u8]) -> Record<'a> {
    Record {
        offset: 0,
        kind,
        target_uri: Some(uri.to_owned()),
        date: Some("2024-05-01T12:00:00Z".to_owned()),
        ip: Some("192.0.2.1".to_owned()),
        content_type: Some(content_type.to_owned()),
        block,
        block_bytes: block.len() as u64,
        arc: false,
    }
}

#[derive(Default)]
struct Found {
    visits: Vec<(Visit, Vec<Backlink>)>,
}

impl Output for Found {
    fn visit(&mut self, visit: Visit, backlinks: Vec<Backlink>) {
        self.visits.push((visit, backlinks));
    }
}

fn is_kept_well(visit: &Visit, backlinks: &[Backlink], comma: bool) {
    assert!(backlinks.len() <= BACKLINKS_PER_VISIT_MAX);
    assert!(backlinks.len() <= visit.links_external as usize);
    let mut canonicaliser = canonicaliser();
    for backlink in backlinks {
        assert_eq!(backlink.source_key, visit.source_key);
        let sighting = backlink.sighting;
        assert_eq!(
            (sighting.first_seen, sighting.last_visited),
            (visit.time, visit.time)
        );
        assert_eq!((sighting.ip, sighting.source_https), (visit.ip, visit.https));
        is_anchor(&backlink.anchor);
        if comma {
            continue;
        }
        let source = Canonical {
            key: backlink.source_key.to_string(),
            https: sighting.source_https,
            domain: Arc::clone(&backlink.refdomain),
        };
        assert_eq!(
            canonicaliser.absolute(&backlink.source_url()).as_ref(),
            Ok(&source)
        );
        let target = canonicaliser
            .absolute(&backlink.target_url())
            .expect("a target of the index");
        assert_eq!(
            (&*target.key, target.https),
            (&*backlink.target_key, sighting.target_https)
        );
        assert_ne!(target.domain, source.domain, "an internal link was kept");
    }
    let mut identities: Vec<_> = backlinks.iter().collect();
    identities.sort_by(|a, b| a.order(b));
    assert!(
        identities.windows(2).all(|w| w[0].order(w[1]).is_lt()),
        "a backlink stands twice"
    );
}

fn is_anchor(anchor: &str) {
    assert!(anchor.chars().count() <= ANCHOR_CHARS_MAX, "{anchor:?}");
    let normal = anchor.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(anchor, normal);
}

/// Whether a host in the text may hold a comma: as itself, by `%2C`, `&#44;` or `\u002C`, or by a character that IDNA
/// maps to it. Coded bodies are not looked into and may too.
fn may_hold_comma(text: &[u8]) -> bool {
    let lower = text.to_ascii_lowercase();
    let has = |part: &[u8]| lower.windows(part.len()).any(|window| window == part);
    lower.iter().any(|&byte| byte >= 0x80)
        || [
            &b"%2c"[..],
            b"44",
            b"2c",
            b"comma",
            b"ff0c",
            b"fe5",
            b"fe1",
            b"652",
            b"650",
            b"charset",
            b"encoding",
        ]
        .iter()
        .any(|part| has(part))
        || lower.contains(&b',')
}
