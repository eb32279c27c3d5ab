//! One visit of the crawl: which URL, when, from where, and what came back.

use crate::address;
use crate::compose;
use crate::date;
use crate::graph::{Slot, World};
use crate::href;
use crate::names::Domain;
use crate::page::Page;
use crate::random::{Purpose, Stream};
use crate::words;

/// A visit with its answer.
#[derive(Debug)]
pub struct Visit {
    /// The URL, in ASCII.
    pub url: String,
    /// When, in seconds since 1970.
    pub time: u64,
    /// The text of `WARC-IP-Address`.
    pub address: Option<String>,
    /// Nothing new: the archive holds the headers only.
    pub revisit: bool,
    /// The request is in the archive too.
    pub with_request: bool,
    /// The status, with its reason.
    pub status: (u16, &'static str),
    /// The headers, without those that the body decides.
    pub headers: Vec<(&'static str, String)>,
    /// What the body is.
    pub answer: Answer,
    /// Links by the rules of counting.
    pub links: u64,
    /// Decides identifiers and codings.
    pub stream: Stream,
}

/// What a body is made of.
#[derive(Debug)]
pub enum Answer {
    /// Markup.
    Page(Box<Page>),
    /// Something that holds no links: its bytes.
    Other(Vec<u8>),
}

const REDIRECTS: &[(u64, (u16, &str))] = &[
    (50, (301, "Moved Permanently")),
    (30, (302, "Found")),
    (5, (303, "See Other")),
    (8, (307, "Temporary Redirect")),
    (7, (308, "Permanent Redirect")),
];
const MISSING: &[(u64, (u16, &str))] = &[
    (70, (404, "Not Found")),
    (10, (410, "Gone")),
    (10, (403, "Forbidden")),
    (10, (500, "Internal Server Error")),
];
const MEDIA: &[&str] = &[
    "text/html; charset={}",
    "text/html;charset={}",
    "Text/HTML; Charset={}",
];
const XROBOTS: &[&[&str]] = &[
    &["nofollow"],
    &["noindex, nofollow"],
    &["none"],
    &["noarchive", "nofollow"],
    &["examplebot: nofollow"],
    &["noimageindex"],
];

/// What a slot of the crawl turns out to be.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Page,
    Redirect,
    Missing,
    Other,
}

/// Makes the visit of a number.
pub fn visit(world: &World, number: u64) -> Visit {
    let slot = world.slot(number);
    let domain = Domain::new(world.seed, world.owner(slot.page));
    let mut place = Stream::new(world.seed, Purpose::Location, slot.page | 1 << 63);
    let mut stream = Stream::new(world.seed, Purpose::Visit, number);
    let url = url(world, &slot, &domain, &mut place, &mut stream);
    let kind = kind(world, &slot, &mut place, &mut stream);
    let mut visit = Visit {
        url,
        time: slot.time,
        address: address::text(world.seed, domain.rank, World::crawl_of(slot.time), &mut stream),
        revisit: kind == Kind::Page && slot.again && stream.per_mille(60),
        with_request: stream.per_mille(60),
        status: (200, "OK"),
        headers: vec![
            ("Date", date::http(slot.time)),
            ("Server", stream.pick(words::NAMES).to_owned()),
        ],
        answer: Answer::Other(Vec::new()),
        links: 0,
        stream,
    };
    match kind {
        Kind::Page => visit.page(world, &slot, &domain, &mut place),
        Kind::Redirect => visit.redirect(world, &slot, &domain, &mut place),
        Kind::Missing => visit.missing(world, &slot, &domain),
        Kind::Other => visit.other(),
    }
    if visit.revisit {
        visit.links = 0;
    }
    visit
}

fn kind(world: &World, slot: &Slot, place: &mut Stream, stream: &mut Stream) -> Kind {
    if slot.again && stream.per_mille(40) {
        return Kind::Missing; // the page is gone, and so are its links
    }
    match place.below(1000) {
        0..25 => Kind::Redirect,
        _ if world.is_home(slot.page) => Kind::Page,
        25..70 => Kind::Redirect,
        70..105 => Kind::Missing,
        105..140 => Kind::Other,
        _ => Kind::Page,
    }
}

fn url(world: &World, slot: &Slot, domain: &Domain, place: &mut Stream, stream: &mut Stream) -> String {
    let secure = place.per_mille(850) ^ (slot.again && stream.per_mille(80));
    let host = if world.is_home(slot.page) {
        domain.home()
    } else {
        domain.any_host(place)
    };
    let port = if place.per_mille(6) { ":8080" } else { "" };
    let path = match world.is_home(slot.page) {
        true => "/".to_owned(),
        false => href::deep_path(&mut place.branch(), slot.page, domain.language),
    };
    let url = format!(
        "http{}://{}{port}{path}",
        if secure { "s" } else { "" },
        host.ascii
    );
    let mut ascii = String::with_capacity(url.len());
    for byte in url.bytes() {
        match byte {
            0..=127 => ascii.push(char::from(byte)),
            _ => ascii.push_str(&format!("%{byte:02X}")),
        }
    }
    ascii
}

impl Visit {
    fn page(&mut self, world: &World, slot: &Slot, domain: &Domain, place: &mut Stream) {
        let page = compose::page(world, slot, domain);
        self.links = page.count_links();
        let media = match place.below(100) {
            // Without a charset here, so the markup has to tell it.
            0..3 if page.charset.in_meta => "application/xhtml+xml".to_owned(),
            _ if page.charset.in_header => place.pick(MEDIA).replace("{}", page.charset.label),
            _ => "text/html".to_owned(),
        };
        self.headers.push(("Content-Type", media));
        if place.per_mille(150) {
            self.headers.push((
                "Set-Cookie",
                format!("visit={}; path=/", self.stream.below(1 << 32)),
            ));
            self.headers.push(("Set-Cookie", "language=1; path=/".to_owned()));
        }
        if place.per_mille(30) {
            let values = place.pick(XROBOTS);
            self.headers
                .extend(values.iter().map(|value| ("X-Robots-Tag", (*value).to_owned())));
        }
        if place.per_mille(50) {
            self.link_headers(world, domain, place);
        }
        self.answer = Answer::Page(Box::new(page));
    }

    fn link_headers(&mut self, world: &World, domain: &Domain, place: &mut Stream) {
        let linker = crate::anchor::Linker {
            world,
            domain,
            partners: world.partners(domain.rank),
        };
        let outside = if place.per_mille(300) {
            linker.other_site(place)
        } else {
            None
        };
        let url = outside.map_or_else(|| "/canonical".to_owned(), |(url, _)| url.trim().to_owned());
        let rel = place.pick(&[
            "rel=\"canonical\"",
            "rel=canonical",
            "rel=\"nofollow canonical\"",
            "REL=\"Canonical\"",
        ]);
        let preload = "</css/site.css>; rel=preload; as=style";
        let canonical = format!("<{url}>; {rel}");
        let values = match place.below(3) {
            0 => vec![canonical],
            1 => vec![format!("{preload}, {canonical}")],
            _ => vec![preload.to_owned(), canonical],
        };
        self.headers
            .extend(values.into_iter().map(|value| ("Link", value)));
        self.links += 1;
    }

    fn redirect(&mut self, world: &World, slot: &Slot, domain: &Domain, place: &mut Stream) {
        self.status = place.weighted(REDIRECTS);
        let linker = crate::anchor::Linker {
            world,
            domain,
            partners: world.partners(domain.rank),
        };
        let outside = if place.per_mille(350) {
            linker.other_site(place)
        } else {
            None
        };
        let location = match outside {
            Some((url, _)) => url.trim().to_owned(),
            None => href::internal(place, domain).trim().to_owned(),
        };
        if place.per_mille(30) {
            self.headers.push(("X-Robots-Tag", "nofollow".to_owned()));
        }
        self.headers.push(("Location", location));
        self.headers
            .push(("Content-Type", "text/html; charset=UTF-8".to_owned()));
        self.links = 1;
        self.answer = Answer::Page(Box::new(compose::notice(world, slot, domain, self.status.1)));
    }

    fn missing(&mut self, world: &World, slot: &Slot, domain: &Domain) {
        self.status = self.stream.weighted(MISSING);
        self.headers
            .push(("Content-Type", "text/html; charset=UTF-8".to_owned()));
        self.answer = Answer::Page(Box::new(compose::notice(world, slot, domain, self.status.1)));
    }

    /// A file of another type that talks about links all the same.
    fn other(&mut self) {
        let link = "<a href=\"http://example.com/not-html\">x</a>";
        let (media, start) = self.stream.pick(&[
            ("application/pdf", "%PDF-1.4\n% "),
            ("application/json", "{\"text\": \""),
            ("text/plain; charset=utf-8", ""),
        ]);
        let mut body = format!("{start}{}", link.replace('"', "'"));
        for _ in 0..self.stream.between(100, 2000) {
            body.push(' ');
            body.push_str(self.stream.pick(words::NAMES));
        }
        if media == "application/json" {
            body.push_str("\"}");
        }
        self.headers.push(("Content-Type", media.to_owned()));
        self.answer = Answer::Other(body.into_bytes());
    }
}
