//! The links of one visit: every candidate resolved, judged internal, external or dropped, and the external ones kept,
//! each distinct backlink once (section 4 of the rules of counting).
//!
//! Order matters, because a visit keeps its first [`BACKLINKS_PER_VISIT_MAX`] distinct backlinks: the caller hands
//! in header links first, then elements in document order.

use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};
use openrefs_html::ElementKind;
use openrefs_model::limits::BACKLINKS_PER_VISIT_MAX;
use openrefs_model::{
    Address, Backlink, Canonical, Canonicaliser, Dropped, Flags, LinkType, Sighting, SuffixList, Url, Visit,
};

use crate::header_link::HeaderLink;
use crate::internal::Base;
use crate::tally::Tally;
use crate::{anchor, rel};

/// The page that was visited.
#[derive(Clone, Debug)]
pub struct Source {
    url: Url,
    key: Arc<str>,
    domain: Arc<str>,
    https: bool,
    time: i64,
    ip: Option<Address>,
}

/// One element that may be a link, from whatever reader.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// What it is.
    pub kind: ElementKind,
    /// Its URL text.
    pub url: &'a str,
    /// Its `rel`.
    pub rel: &'a str,
    /// Its `type` (`link`).
    pub media_type: &'a str,
    /// Its text (`a`).
    pub text: &'a str,
    /// The alternative texts of its images (`a`).
    pub image_alt: &'a str,
    /// It holds an image (`a`).
    pub image: bool,
}

/// Resolves URLs and finds repeated links; kept from visit to visit.
#[derive(Debug)]
pub struct Resolver {
    canonicaliser: Canonicaliser,
    positions: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

/// The links of one visit, being gathered.
#[derive(Debug)]
pub struct VisitLinks<'a> {
    resolver: &'a mut Resolver,
    source: &'a Source,
    base: Url,
    own: Base,
    nofollow: bool,
    kept: Vec<Backlink>,
    tally: Tally,
}

/// One link before it is resolved. The anchor is made only when the link is kept.
struct Link<'a> {
    url: &'a str,
    link_type: LinkType,
    flags: Flags,
    text: &'a str,
    image_alt: &'a str,
}

impl Resolver {
    /// One for a list.
    pub fn new(list: Arc<SuffixList>) -> Self {
        Self {
            canonicaliser: Canonicaliser::new(list),
            positions: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }

    /// The page of a visit.
    ///
    /// # Errors
    /// Why its URL is no URL of the index.
    pub fn source(&mut self, uri: &str, time: i64, ip: Option<Address>) -> Result<Source, Dropped> {
        let url = Url::parse(uri).map_err(|_| Dropped::Unparsable)?;
        let page = self.canonicaliser.canonical(&url)?;
        Ok(Source {
            url,
            key: page.key.into(),
            domain: page.domain,
            https: page.https,
            time,
            ip,
        })
    }

    /// Begins a visit; `nofollow` is what robots directives say of all its links.
    pub fn visit<'a>(&'a mut self, source: &'a Source, nofollow: bool) -> VisitLinks<'a> {
        self.positions.clear();
        VisitLinks {
            resolver: self,
            source,
            base: source.url.clone(),
            own: Base::new(&source.url, true),
            nofollow,
            kept: Vec::new(),
            tally: Tally::default(),
        }
    }
}

impl VisitLinks<'_> {
    /// The `Location` of a redirect.
    pub fn redirect(&mut self, location: &str) {
        self.link(&Link {
            url: location,
            link_type: LinkType::Redirect,
            flags: Flags::default(),
            text: "",
            image_alt: "",
        });
    }

    /// A link of the HTTP header `Link`, resolved against the page's own URL: to be handed in before [`Self::base`].
    pub fn header_link(&mut self, link: &HeaderLink<'_>) {
        if !link.anchored && rel::has(&link.rel, "canonical") {
            self.link(&Link {
                url: link.target,
                link_type: LinkType::Canonical,
                flags: rel::flags(&link.rel),
                text: "",
                image_alt: "",
            });
        }
    }

    /// The `href` of the first `base`: the standard's "set the frozen base URL", by which a base that does not parse,
    /// or of scheme `data` or `javascript`, is none.
    pub fn base(&mut self, href: &str) {
        if let Ok(base) = self.source.url.join(href)
            && !matches!(base.scheme(), "data" | "javascript")
        {
            let internal = self
                .resolver
                .canonicaliser
                .canonical(&base)
                .is_ok_and(|b| b.domain == self.source.domain);
            self.own = Base::new(&base, internal);
            self.base = base;
        }
    }

    /// The next element in document order: one link per row of the table that fits it.
    pub fn element(&mut self, candidate: &Candidate<'_>) {
        let row = |link_type, flags| Link {
            url: candidate.url,
            link_type,
            flags,
            text: "",
            image_alt: "",
        };
        match candidate.kind {
            ElementKind::A => self.link(&Link {
                flags: Flags {
                    image: candidate.image,
                    ..rel::flags(candidate.rel)
                },
                text: candidate.text,
                image_alt: candidate.image_alt,
                ..row(LinkType::Href, Flags::default())
            }),
            ElementKind::Area => self.link(&row(LinkType::Href, rel::flags(candidate.rel))),
            ElementKind::Form => self.link(&row(LinkType::Form, rel::flags(candidate.rel))),
            ElementKind::Frame | ElementKind::Iframe => self.link(&row(LinkType::Frame, Flags::default())),
            ElementKind::Refresh => self.link(&row(LinkType::Redirect, Flags::default())),
            ElementKind::Link => {
                for link_type in rel::link_types(candidate.rel, candidate.media_type) {
                    self.link(&row(link_type, rel::flags(candidate.rel)));
                }
            }
        }
    }

    /// The visit, its backlinks, and what became of every link.
    pub fn finish(self) -> (Visit, Vec<Backlink>, Tally) {
        let visit = Visit {
            source_key: Arc::clone(&self.source.key),
            time: self.source.time,
            links_external: self.tally.external,
            links_internal: self.tally.internal,
            ip: self.source.ip,
            https: self.source.https,
        };
        (visit, self.kept, self.tally)
    }

    fn link(&mut self, link: &Link<'_>) {
        if self.own.is_own(link.url) {
            self.tally.internal += 1;
            return;
        }
        match self.resolver.canonicaliser.resolve(&self.base, link.url) {
            Err(reason) => self.tally.dropped(reason),
            Ok(target) if target.domain == self.source.domain => self.tally.internal += 1,
            Ok(target) => {
                self.tally.external += 1;
                self.keep(link, target);
            }
        }
    }

    fn keep(&mut self, link: &Link<'_>, target: Canonical) {
        let flags = Flags {
            nofollow: link.flags.nofollow || self.nofollow,
            ..link.flags
        };
        let anchor = anchor::of(link.text, link.image_alt);
        let hasher = &self.resolver.hasher;
        let hash = hasher.hash_one((target.key.as_str(), link.link_type, &*anchor, flags));
        let kept = &mut self.kept;
        let same = |&at: &u32| {
            let known = &kept[at as usize];
            *known.target_key == *target.key
                && known.link_type == link.link_type
                && known.anchor == anchor
                && known.flags == flags
        };
        if let Some(&at) = self.resolver.positions.find(hash, same) {
            // One key may be linked by both schemes; as between visits of one second, https is shown.
            kept[at as usize].sighting.target_https |= target.https;
            return;
        }
        if kept.len() >= BACKLINKS_PER_VISIT_MAX {
            self.tally.beyond_limit += 1;
            return;
        }
        let rehash = |&at: &u32| {
            let known = &kept[at as usize];
            hasher.hash_one((&*known.target_key, known.link_type, &*known.anchor, known.flags))
        };
        let at = u32::try_from(kept.len()).unwrap_or(u32::MAX);
        self.resolver.positions.insert_unique(hash, at, rehash);
        let source = self.source;
        kept.push(Backlink {
            target_key: target.key.into(),
            refdomain: Arc::clone(&source.domain),
            source_key: Arc::clone(&source.key),
            link_type: link.link_type,
            anchor,
            flags,
            sighting: Sighting::of_visit(source.time, source.ip, source.https, target.https),
        });
    }
}
