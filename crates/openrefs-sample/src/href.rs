//! How authors spell the URLs of links: many spellings for one page. Texts made here are what an HTML parser or a WAT
//! gives; [`crate::html`] puts the entities in.

use crate::names::{Domain, Host};
use crate::random::{Purpose, Stream};
use crate::words::{self, Language};

/// Pages of a site that others know; the first is its home page.
const KNOWN_PAGES: u64 = 4000;

/// The path and query of a page of a domain that others link to. The low numbers are the popular ones.
pub fn target_path(seed: u64, rank: u64, stream: &mut Stream, language: &Language) -> String {
    if stream.per_mille(420) {
        return "/".to_owned();
    }
    let page = stream.skewed(KNOWN_PAGES);
    deep_path(
        &mut Stream::new(seed, Purpose::Target, rank * KNOWN_PAGES + page),
        page,
        language,
    )
}

/// A path that holds a number, so that two numbers of one domain never give the same.
pub fn deep_path(stream: &mut Stream, number: u64, language: &Language) -> String {
    let (one, two) = (stream.pick(words::NAMES), stream.pick(words::NAMES));
    match stream.below(20) {
        0..6 => format!("/{one}/{two}-{number}.html"),
        6..10 => format!("/{one}/{two}-{number}/"),
        10..12 => format!("/{one}/{number}"),
        12..14 => format!("/index.php?id={number}&lang={}", language.tag),
        14 => format!("/?p={number}"),
        15 => format!("/view?copy=1&amount={number}&copy=2"),
        16 => format!(
            "/{}/{}-{number}",
            stream.pick(language.words),
            stream.pick(language.words)
        ),
        17 => format!("/search?q={}&page={number}", stream.pick(language.words)),
        18 => format!(
            "/{one}/20{}/{:02}/{two}_{number}",
            stream.between(10, 25),
            stream.between(1, 12)
        ),
        _ => format!("/~{one}/{two};v={number}"),
    }
}

/// One of the spellings of an absolute URL.
pub fn absolute(stream: &mut Stream, host: &Host, path: &str) -> String {
    let scheme = if stream.per_mille(780) { "https" } else { "http" };
    let name = match &host.unicode {
        Some(unicode) if stream.per_mille(500) => unicode,
        _ => &host.ascii,
    };
    let fragment = if stream.per_mille(40) { "#part-2" } else { "" };
    match stream.below(1000) {
        0..880 => format!("{scheme}://{name}{path}{fragment}"),
        880..910 => format!("//{name}{path}{fragment}"),
        910..925 => format!("{}://{name}{path}", scheme.to_ascii_uppercase()),
        925..935 => format!("{scheme}://{}{path}", host.ascii.to_ascii_uppercase()),
        935..945 => format!("{scheme}://{name}.{path}"),
        945..955 => format!(
            "{scheme}://{name}:{}{path}",
            if scheme == "http" { 80 } else { 443 }
        ),
        955..965 => format!("{scheme}://{name}:8080{path}"),
        965..968 => format!("{scheme}://guest:secret@{name}{path}"),
        968..978 => format!(" {scheme}://{name}{path}\n"),
        978..985 if path == "/" => format!("{scheme}://{name}"),
        978..985 => format!("{scheme}://{name}/x/..{path}"),
        _ => format!("{scheme}://{name}{path}{fragment}"),
    }
}

/// A link within a site, mostly relative.
pub fn internal(stream: &mut Stream, domain: &Domain) -> String {
    let (one, number) = (stream.pick(words::NAMES), stream.below(500));
    match stream.below(100) {
        0..40 => deep_path(&mut stream.branch(), number, domain.language),
        40..50 => format!("../{one}/{number}.html"),
        50..60 => format!("{one}-{number}.html"),
        60..66 => format!("?page={number}"),
        66..70 => format!("#{one}"),
        70..74 => "/".to_owned(),
        74..92 => absolute(&mut stream.branch(), &domain.home(), &format!("/{one}/{number}")),
        _ => {
            let host = domain.any_host(stream);
            absolute(&mut stream.branch(), &host, &format!("/{one}/{number}"))
        }
    }
}

/// A text in an `href` that leads to no page of the index: other schemes, hosts without a known top-level domain.
pub fn nowhere(stream: &mut Stream) -> String {
    let (one, number) = (stream.pick(words::NAMES), stream.below(1000));
    match stream.below(7) {
        0 => format!("mailto:{one}{number}@example.com"),
        1 => "javascript:void(0)".to_owned(),
        2 => format!("tel:+1555{number:04}"),
        3 => format!("http://intranet/{one}"),
        4 => format!("http://{one}.invalid/{number}"),
        5 => "http://".to_owned(),
        _ => String::new(),
    }
}
