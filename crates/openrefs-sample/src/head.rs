//! What the head of a page holds: character set, base, `meta` and `link` elements.

use crate::anchor::{Linker, phrase};
use crate::graph::World;
use crate::href;
use crate::names::Domain;
use crate::page::{Charset, HeadLink, Meta};
use crate::random::Stream;

const ROBOTS: &[(u64, &str)] = &[
    (30, "index,follow"),
    (25, "max-snippet:-1, max-image-preview:large"),
    (15, "noindex, nofollow"),
    (10, "NOFOLLOW"),
    (5, "none"),
    (5, "noindex nofollow"),
];

/// Its character set and where it says so; some pages in UTF-8 say nothing.
pub fn charset(stream: &mut Stream, domain: &Domain) -> Charset {
    let old = domain.language.old_charset.filter(|_| stream.per_mille(120));
    let place = stream.below(10);
    let silent = old.is_none() && stream.per_mille(15);
    Charset {
        label: old.unwrap_or("UTF-8"),
        in_header: place < 7 && !silent,
        in_meta: place >= 3 && !silent,
    }
}

/// Its `base`, mostly none.
pub fn base(linker: &Linker<'_>, stream: &mut Stream) -> Option<String> {
    match stream.below(1000) {
        0..20 => Some("/".to_owned()),
        20..30 => Some(format!("//{}/base/", linker.domain.home().ascii)),
        30..38 => linker.other_site(stream).map(|(url, _)| url),
        _ => None,
    }
}

/// Its `meta` elements at a time.
pub fn metas(linker: &Linker<'_>, stream: &mut Stream, time: u64) -> Vec<Meta> {
    let named = |name, content| Meta {
        equiv: false,
        name,
        content,
    };
    let mut metas = vec![
        named("viewport", "width=device-width, initial-scale=1".to_owned()),
        named("description", phrase(stream, linker.domain.language, 14)),
    ];
    if stream.per_mille(90) {
        let name = stream.pick(&["robots", "ROBOTS", "Robots"]);
        metas.push(named(name, stream.weighted(ROBOTS).to_owned()));
    }
    if stream.per_mille(12) && World::is_alive(stream, time) {
        let outside = if stream.per_mille(400) {
            linker.other_site(stream)
        } else {
            None
        };
        let url = outside.map_or_else(|| href::internal(stream, linker.domain), |(url, _)| url);
        let content = match stream.below(4) {
            0 => format!("0; url={}", url.trim()),
            1 => format!("5;URL='{}'", url.trim()),
            2 => format!("0;url=\"{}\"", url.trim()),
            _ => "300".to_owned(),
        };
        metas.push(Meta {
            equiv: true,
            name: stream.pick(&["refresh", "Refresh"]),
            content,
        });
    }
    metas
}

/// Its `link` elements.
pub fn links(linker: &Linker<'_>, stream: &mut Stream) -> Vec<HeadLink> {
    let link = |rel, url, kind, language| HeadLink {
        rel,
        url,
        kind,
        language,
    };
    let mut links = vec![
        link("stylesheet", "/css/site.css".to_owned(), Some("text/css"), None),
        link("shortcut icon", "/favicon.ico".to_owned(), None, None),
    ];
    let url = |stream: &mut Stream, outside: u64| {
        let outside = if stream.per_mille(outside) {
            linker.other_site(stream)
        } else {
            None
        };
        outside.map_or_else(|| href::internal(stream, linker.domain), |(url, _)| url)
    };
    if stream.per_mille(500) {
        links.push(link("canonical", url(stream, 30), None, None));
    }
    if stream.per_mille(200) {
        let kind = stream.pick(&[
            "application/rss+xml",
            "application/atom+xml",
            "Application/RSS+XML; charset=utf-8",
        ]);
        links.push(link("alternate", url(stream, 50), Some(kind), None));
    }
    if stream.per_mille(120) {
        let language = stream.pick(&["de", "fr", "pt-BR", "x-default"]);
        links.push(link(
            stream.pick(&["alternate", "Alternate"]),
            url(stream, 150),
            None,
            Some(language),
        ));
    }
    if stream.per_mille(40) {
        links.push(link(
            "alternate stylesheet",
            url(stream, 100),
            Some("text/css"),
            None,
        ));
    }
    links
}
