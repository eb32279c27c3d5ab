//! The rows of the tables, and how two sightings of one row fold into one.
//!
//! Folding is associative and commutative, so an index is the same whatever the order in which crawls were added.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::address::Address;
use crate::key;

/// How a page links. The variants stand in the order of their names, which is the stored order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkType {
    /// an alternate of the page, but no feed
    Alternate,
    /// `link` or HTTP `Link` with `rel=canonical`
    Canonical,
    /// `form`
    Form,
    /// `frame`, `iframe`
    Frame,
    /// `a`, `area`
    Href,
    /// HTTP `Location`, `meta` refresh
    Redirect,
    /// an alternate that is an RSS or Atom feed
    Rss,
}

impl LinkType {
    /// All of them, in their stored order.
    pub const ALL: [Self; 7] = [
        Self::Alternate,
        Self::Canonical,
        Self::Form,
        Self::Frame,
        Self::Href,
        Self::Redirect,
        Self::Rss,
    ];

    /// Its name in answers and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Href => "href",
            Self::Redirect => "redirect",
            Self::Frame => "frame",
            Self::Form => "form",
            Self::Canonical => "canonical",
            Self::Rss => "rss",
            Self::Alternate => "alternate",
        }
    }

    /// The type of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }
}

/// What a link says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flags {
    /// `rel=nofollow`, or a robots directive for the page.
    pub nofollow: bool,
    /// `rel=ugc`
    pub ugc: bool,
    /// `rel=sponsored`
    pub sponsored: bool,
    /// The `a` holds an `img`.
    pub image: bool,
}

impl Flags {
    /// None of the three rel flags is set.
    pub fn followed(self) -> bool {
        !(self.nofollow || self.ugc || self.sponsored)
    }
}

/// One row of `links`: one link of one page to one URL of another registrable domain.
///
/// Its identity is all but the IP, the schemes and the dates; [`Backlink::order`] is the order of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backlink {
    /// Key of the linked URL.
    pub target_key: Box<str>,
    /// Registrable domain of the source page; a function of `source_key`.
    pub refdomain: Arc<str>,
    /// Key of the page that links.
    pub source_key: Arc<str>,
    /// How it links.
    pub link_type: LinkType,
    /// Anchor text, normalised, at most [`crate::limits::ANCHOR_CHARS_MAX`] code points.
    pub anchor: Box<str>,
    /// nofollow, ugc, sponsored, image.
    pub flags: Flags,
    /// When and from where it was seen.
    pub sighting: Sighting,
}

/// What the visits that held a backlink say of it, folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Earliest visit that held it.
    pub first_seen: i64,
    /// Latest visit that held it.
    pub last_visited: i64,
    /// IP of the latest visit.
    pub ip: Option<Address>,
    /// Scheme of the source URL in the latest visit.
    pub source_https: bool,
    /// Scheme of the target URL in the latest visit.
    pub target_https: bool,
}

impl Sighting {
    /// That of one visit.
    pub fn of_visit(time: i64, ip: Option<Address>, source_https: bool, target_https: bool) -> Self {
        Self {
            first_seen: time,
            last_visited: time,
            ip,
            source_https,
            target_https,
        }
    }

    /// Takes in another sighting of the same backlink. The IP and the schemes are the later visit's; of two in the
    /// same second, https before http and the address that [`Address::choose`] names.
    pub fn fold(&mut self, other: &Self) {
        let first_seen = self.first_seen.min(other.first_seen);
        match self.last_visited.cmp(&other.last_visited) {
            Ordering::Greater => {}
            Ordering::Equal => {
                self.ip = Address::choose(self.ip, other.ip);
                self.source_https |= other.source_https;
                self.target_https |= other.target_https;
            }
            Ordering::Less => *self = *other,
        }
        self.first_seen = first_seen;
    }
}

impl Backlink {
    /// The order of the table `links`: target key, referring domain, source key, type, anchor, flags.
    pub fn order(&self, other: &Self) -> Ordering {
        self.identity().cmp(&other.identity())
    }

    fn identity(&self) -> (&str, &str, &str, LinkType, &str, Flags) {
        (
            &self.target_key,
            &self.refdomain,
            &self.source_key,
            self.link_type,
            &self.anchor,
            self.flags,
        )
    }

    /// The URL of the page that links, as its latest visit had it.
    pub fn source_url(&self) -> String {
        key::to_url(&self.source_key, self.sighting.source_https)
    }

    /// The linked URL, as the latest visit had it.
    pub fn target_url(&self) -> String {
        key::to_url(&self.target_key, self.sighting.target_https)
    }
}

/// One row of `visits`: one fetched response of one page at one second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Key of the page.
    pub source_key: Arc<str>,
    /// When it was fetched.
    pub time: i64,
    /// Links to other registrable domains on it, each occurrence counted, those beyond the limit too.
    pub links_external: u32,
    /// Links within its registrable domain, each occurrence counted.
    pub links_internal: u32,
    /// The address it was fetched from.
    pub ip: Option<Address>,
    /// Its scheme.
    pub https: bool,
}

impl Visit {
    /// The order of the table `visits`: source key, time.
    pub fn order(&self, other: &Self) -> Ordering {
        (&self.source_key, self.time).cmp(&(&other.source_key, other.time))
    }

    /// Takes in another record of the same page in the same second: the larger counts, https before http.
    pub fn fold(&mut self, other: &Self) {
        self.links_external = self.links_external.max(other.links_external);
        self.links_internal = self.links_internal.max(other.links_internal);
        self.ip = Address::choose(self.ip, other.ip);
        self.https |= other.https;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sighting() -> impl Strategy<Value = Sighting> {
        (0..3i64, prop::option::of(0..3u8), any::<bool>(), any::<bool>()).prop_map(
            |(time, ip, source, target)| {
                let ip = ip.and_then(|n| Address::parse(&format!("192.0.2.{}", n * 9 + 1)));
                Sighting::of_visit(time, ip, source, target)
            },
        )
    }

    proptest! {
        #[test]
        fn folding_knows_no_order(a in sighting(), b in sighting(), c in sighting()) {
            let fold = |list: [&Sighting; 3]| {
                let mut sum = *list[0];
                sum.fold(list[1]);
                sum.fold(list[2]);
                sum
            };
            let sum = fold([&a, &b, &c]);
            prop_assert_eq!(&sum, &fold([&c, &b, &a]));
            prop_assert_eq!(&sum, &fold([&b, &c, &a]));
            let mut right = b;
            right.fold(&c);
            prop_assert_eq!(&sum, &fold([&a, &right, &right]));
        }
    }

    #[test]
    fn types_stand_in_the_order_of_their_names() {
        assert!(
            LinkType::ALL
                .windows(2)
                .all(|w| w[0] < w[1] && w[0].name() < w[1].name())
        );
    }

    #[test]
    fn followed_is_none_of_the_three() {
        assert!(
            Flags {
                image: true,
                ..Flags::default()
            }
            .followed()
        );
        assert!(
            !Flags {
                ugc: true,
                ..Flags::default()
            }
            .followed()
        );
    }
}
