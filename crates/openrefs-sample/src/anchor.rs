//! The links of a page: where they lead, what they are called, and which flags they carry.
//!
//! One rule is kept for the sake of WAT files, which cannot tell whether a link holds an image: whether it does
//! follows from its anchor (those of images begin with a word that no other anchor begins with) or, where the anchor
//! is empty, from its path. So no two links differ by the image alone, and leaving the image out joins no two links.

use crate::graph::World;
use crate::href;
use crate::names::Domain;
use crate::page::{Anchor, Area, Picture};
use crate::random::Stream;
use crate::words::{self, Language};

/// What `rel` says on links to other sites.
const RELS: &[(u64, Option<&str>)] = &[
    (640, None),
    (90, Some("nofollow")),
    (60, Some("noopener noreferrer")),
    (50, Some("noopener nofollow")),
    (30, Some("external")),
    (30, Some("ugc")),
    (25, Some("nofollow ugc")),
    (20, Some("UGC NoFollow")),
    (20, Some("sponsored")),
    (10, Some("Sponsored noopener\tNOFOLLOW")),
    (10, Some("NOFOLLOW")),
    (10, Some("  friend met ")),
    (5, Some("nofollow,noopener")),
];

/// The words before the name of an image.
const PICTURE: &str = "Photo:";

/// What makes the links of one page.
#[derive(Debug)]
pub struct Linker<'a> {
    /// The sample.
    pub world: &'a World,
    /// The domain of the page.
    pub domain: &'a Domain,
    /// How many domains that one links to.
    pub partners: u64,
}

impl Linker<'_> {
    /// The URL of a page of another domain, as written, and that domain; none where the domain links to no other.
    pub fn other_site(&self, stream: &mut Stream) -> Option<(String, Domain)> {
        if self.partners == 0 {
            return None;
        }
        let index = if stream.per_mille(400) {
            stream.skewed(self.partners)
        } else {
            stream.below(self.partners)
        };
        let other = Domain::new(self.world.seed, self.world.partner(self.domain.rank, index));
        let path = href::target_path(self.world.seed, other.rank, stream, other.language);
        let host = other.any_host(stream);
        Some((href::absolute(stream, &host, &path), other))
    }

    /// A link to another site.
    pub fn external(&self, stream: &mut Stream) -> Option<Anchor> {
        let (url, other) = self.other_site(stream)?;
        let rel = stream.weighted(RELS);
        let language = if stream.per_mille(700) {
            self.domain.language
        } else {
            other.language
        };
        Some(match stream.below(100) {
            0..8 => self.pictured(stream, url, rel, language),
            8..12 => Anchor {
                url,
                rel,
                text: String::new(),
                picture: None,
            },
            12..30 => Anchor {
                url,
                rel,
                text: other.unicode.unwrap_or(other.ascii),
                picture: None,
            },
            30..34 => Anchor {
                text: url.trim().to_owned(),
                url,
                rel,
                picture: None,
            },
            34 => Anchor {
                url,
                rel,
                text: phrase(stream, language, 70),
                picture: None,
            },
            _ => {
                let length = stream.between(1, 5);
                Anchor {
                    url,
                    rel,
                    text: phrase(stream, language, length),
                    picture: None,
                }
            }
        })
    }

    /// A link within the site.
    pub fn internal(&self, stream: &mut Stream) -> Anchor {
        let url = href::internal(stream, self.domain);
        let length = stream.between(1, 4);
        let text = phrase(stream, self.domain.language, length);
        match stream.below(1000) {
            0..60 => self.pictured(stream, url, None, self.domain.language),
            60..75 => Anchor {
                url: href::nowhere(stream),
                rel: None,
                text,
                picture: None,
            },
            75..90 => Anchor {
                url,
                rel: Some("nofollow"),
                text,
                picture: None,
            },
            _ => Anchor {
                url,
                rel: None,
                text,
                picture: None,
            },
        }
    }

    /// An `area` of an image map, half of them to other sites.
    pub fn area(&self, stream: &mut Stream) -> Area {
        let outside = if stream.per_mille(500) {
            self.other_site(stream)
        } else {
            None
        };
        let url = outside.map_or_else(|| href::internal(stream, self.domain), |(url, _)| url);
        Area {
            url,
            rel: stream.weighted(RELS),
        }
    }

    /// A link that holds an image: with an `alt`, with a text beside it, or with neither; then its path tells.
    fn pictured(
        &self,
        stream: &mut Stream,
        url: String,
        rel: Option<&'static str>,
        language: &Language,
    ) -> Anchor {
        let name = format!("{PICTURE} {}", phrase(stream, language, 2));
        let source = format!("/img/{}-{}.jpg", stream.pick(words::NAMES), stream.below(900));
        let (url, text, alt) = match stream.below(10) {
            0..6 => (url, String::new(), name),
            6..8 => (url, name, String::new()),
            8 => (url, name, phrase(stream, language, 1)),
            _ => (gallery(stream, &url), String::new(), String::new()),
        };
        Anchor {
            url,
            rel,
            text,
            picture: Some(Picture { url: source, alt }),
        }
    }
}

/// A page of the same host that only images without any text lead to.
fn gallery(stream: &mut Stream, url: &str) -> String {
    let url = url.trim();
    let authority = url.find("//").map_or(0, |at| at + 2);
    let end = url[authority..]
        .find(['/', '#', '?'])
        .map_or(url.len(), |at| authority + at);
    let origin = if authority == 0 { "" } else { &url[..end] };
    format!("{origin}/gallery/{}", stream.below(50))
}

/// So many words, the first one with a capital where the script has them.
pub fn phrase(stream: &mut Stream, language: &Language, words: u64) -> String {
    let mut text = String::new();
    for index in 0..words {
        let word = stream.pick(language.words);
        if index == 0 {
            let mut letters = word.chars();
            text.extend(letters.next().into_iter().flat_map(char::to_uppercase));
            text.push_str(letters.as_str());
        } else {
            text.push_str(language.space);
            text.push_str(word);
        }
    }
    text
}
