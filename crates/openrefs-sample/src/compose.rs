//! What each page holds. A page is drawn as a whole from its number; then the links that do not exist at the time of
//! the visit are left out. So two visits of a page differ by the links that came and went between them, and by
//! nothing else.

use crate::anchor::{Linker, phrase};
use crate::graph::{Slot, World};
use crate::head;
use crate::href;
use crate::names::Domain;
use crate::page::{Anchor, Body, Charset, Decoy, Item, Page, Picture, Run};
use crate::random::{Purpose, Stream};
use crate::words;

/// The size of the markup of a page in steps of equal chance, in bytes.
const SIZES: [u64; 7] = [8_000, 13_000, 19_000, 25_000, 31_000, 41_000, 60_000];
/// About what one link takes in the markup.
const LINK_BYTES: u64 = 120;
/// So many links to other sites stand on every page of a site, at most.
const SITE_WIDE_MAX: u64 = 6;

const DECOYS: &[Decoy] = &[
    Decoy::Comment,
    Decoy::Script,
    Decoy::Textarea,
    Decoy::Template,
    Decoy::FrameText,
    Decoy::DataAttribute,
];

/// Draws the page of a slot as it is at the time of the visit.
pub fn page(world: &World, slot: &Slot, domain: &Domain) -> Page {
    let linker = Linker {
        world,
        domain,
        partners: world.partners(domain.rank),
    };
    let mut stream = Stream::new(world.seed, Purpose::Page, slot.page);
    let spelling = stream.bits();
    let charset = head::charset(&mut stream, domain);
    let mut top = stream.branch();
    let body = if stream.per_mille(8) {
        Body::Frames(frames(&linker, &mut stream))
    } else {
        Body::Items(
            Composer {
                linker: &linker,
                stream,
                time: slot.time,
            }
            .items(),
        )
    };
    Page {
        spelling,
        language: domain.language,
        charset,
        title: phrase(&mut top, domain.language, 5),
        base: head::base(&linker, &mut top),
        metas: head::metas(&linker, &mut top, slot.time),
        links: head::links(&linker, &mut top),
        body,
    }
}

/// The page that a site shows with an error or a redirect: its menu and a sentence.
pub fn notice(world: &World, slot: &Slot, domain: &Domain, title: &str) -> Page {
    let linker = Linker {
        world,
        domain,
        partners: world.partners(domain.rank),
    };
    let mut stream = Stream::new(world.seed, Purpose::Page, slot.page);
    let spelling = stream.bits();
    let mut composer = Composer {
        linker: &linker,
        stream,
        time: slot.time,
    };
    let items = vec![
        Item::Heading(title.to_owned()),
        Item::Paragraph(vec![composer.words(30)]),
        Item::List("menu", composer.menu()),
    ];
    Page {
        spelling,
        language: domain.language,
        charset: Charset {
            label: "UTF-8",
            in_header: true,
            in_meta: true,
        },
        title: title.to_owned(),
        base: None,
        metas: Vec::new(),
        links: Vec::new(),
        body: Body::Items(items),
    }
}

fn frames(linker: &Linker<'_>, stream: &mut Stream) -> Vec<String> {
    let outside = linker.other_site(stream).map(|(url, _)| url);
    let inside = (0..2).map(|_| href::internal(stream, linker.domain));
    inside.chain(outside).collect()
}

/// Draws the items of a body.
struct Composer<'a> {
    linker: &'a Linker<'a>,
    stream: Stream,
    time: u64,
}

impl Composer<'_> {
    fn items(mut self) -> Vec<Item> {
        let mut size = self.size();
        let menu = self.menu();
        let aside = self.aside();
        let inline = self.inline();
        size = size
            .saturating_sub((menu.len() + aside.len() + inline.len()) as u64 * LINK_BYTES)
            .max(2_000);
        // The text draws as often as it has links, so what comes after it has a stream of its own.
        let after = self.stream.branch();
        let mut items = vec![Item::List("menu", menu)];
        items.extend(self.text(inline, size));
        self.stream = after;
        items.push(Item::List("aside", aside));
        self.extras(&mut items);
        let foot = (0..self.stream.between(3, 9))
            .map(|_| self.linker.internal(&mut self.stream))
            .collect();
        items.push(Item::List("foot", foot));
        items
    }

    fn size(&mut self) -> u64 {
        let step = self.stream.below(SIZES.len() as u64 - 1) as usize;
        self.stream.between(SIZES[step], SIZES[step + 1])
    }

    /// The links that every page of the site has: drawn from the site, and gone everywhere at the same time.
    fn menu(&mut self) -> Vec<Anchor> {
        let mut site = Stream::new(self.linker.world.seed, Purpose::Site, self.linker.domain.rank);
        let inside = site.between(8, 24);
        let outside = site.below(SITE_WIDE_MAX + 1);
        let mut menu: Vec<Anchor> = (0..inside)
            .map(|_| self.linker.internal(&mut site.branch()))
            .collect();
        menu.extend((0..outside).filter_map(|_| self.outside(&mut site.branch())));
        menu
    }

    fn aside(&mut self) -> Vec<Anchor> {
        (0..self.stream.between(14, 36))
            .map(|_| self.linker.internal(&mut self.stream.branch()))
            .collect()
    }

    /// The links in the text, of both sorts mixed. Directories have hundreds to other sites.
    fn inline(&mut self) -> Vec<Anchor> {
        let outside = match self.linker.partners {
            0 => 0,
            600.. => self.stream.between(60, 300),
            _ if self.stream.per_mille(10) => self.stream.between(40, 150),
            _ => self.stream.between(2, 22),
        };
        let inside = self.stream.between(12, 44);
        let mut links = Vec::new();
        for index in 0..inside + outside {
            let mut one = self.stream.branch();
            let link = if index < inside {
                Some(self.linker.internal(&mut one))
            } else {
                self.outside(&mut one)
            };
            let place = self.stream.below(links.len() as u64 + 1) as usize;
            links.extend(link);
            let last = links.len().saturating_sub(1);
            links.swap(place.min(last), last);
        }
        links
    }

    /// A link to another site if it is there at the time.
    fn outside(&self, stream: &mut Stream) -> Option<Anchor> {
        let alive = World::is_alive(stream, self.time);
        self.linker.external(stream).filter(|_| alive)
    }

    /// Paragraphs of about so many bytes in all, with the links in them, under headings.
    fn text(&mut self, inline: Vec<Anchor>, bytes: u64) -> Vec<Item> {
        let language = self.linker.domain.language;
        let word_bytes = language.words.iter().map(|word| word.len() as u64).sum::<u64>()
            / language.words.len() as u64
            + language.space.len() as u64;
        let runs = inline.len() as u64 + 6;
        let words = (bytes / word_bytes / runs).max(2);
        let mut items = Vec::new();
        let mut paragraph = vec![self.words(words)];
        for link in inline {
            paragraph.push(Run::Anchor(link));
            paragraph.push(self.words(words));
            if self.stream.per_mille(350) {
                items.push(Item::Paragraph(std::mem::take(&mut paragraph)));
                if self.stream.per_mille(250) {
                    items.push(Item::Heading(phrase(&mut self.stream, language, 4)));
                }
                paragraph.push(self.words(words));
            }
        }
        items.push(Item::Paragraph(paragraph));
        items
    }

    fn words(&mut self, about: u64) -> Run {
        Run::Words(self.stream.bits(), about / 2 + self.stream.below(about + 1))
    }

    /// What not every page has: images, forms, frames, maps, and markup that is not what it looks like.
    fn extras(&mut self, items: &mut Vec<Item>) {
        for _ in 0..self.stream.below(9) {
            let url = format!(
                "/img/{}-{}.png",
                self.stream.pick(words::NAMES),
                self.stream.below(900)
            );
            items.push(Item::Picture(Picture {
                url,
                alt: phrase(&mut self.stream, self.linker.domain.language, 2),
            }));
        }
        if self.stream.per_mille(300) {
            let method = self.stream.pick(&["get", "post"]);
            items.push(Item::Form {
                action: self.url(120),
                method,
            });
        }
        if self.stream.per_mille(100) {
            items.push(Item::Frame(self.url(700)));
        }
        if self.stream.per_mille(25) {
            let areas = (0..self.stream.between(2, 5))
                .map(|_| self.linker.area(&mut self.stream))
                .collect();
            items.push(Item::Map(areas));
        }
        if self.stream.per_mille(30) {
            items.extend(self.linker.external(&mut self.stream).map(Item::Noscript));
        }
        if self.stream.per_mille(200) {
            let decoy = self.stream.pick(DECOYS);
            items.push(Item::Decoy(decoy, self.url(900)));
        }
    }

    fn url(&mut self, outside_per_mille: u64) -> String {
        let outside = if self.stream.per_mille(outside_per_mille) {
            self.linker.other_site(&mut self.stream)
        } else {
            None
        };
        outside.map_or_else(
            || href::internal(&mut self.stream, self.linker.domain),
            |(url, _)| url,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;

    /// What the twins rest on; see the head of `anchor.rs`.
    #[test]
    fn whether_a_link_holds_an_image_follows_from_its_anchor_and_its_path() {
        let world = World::new(&Options {
            domains: 500,
            pages: 1_000,
            seed: 11,
        });
        let mut pictures = 0;
        for visit in 0..300 {
            let slot = world.slot(visit);
            let page = page(&world, &slot, &Domain::new(world.seed, world.owner(slot.page)));
            let Body::Items(items) = page.body else { continue };
            for anchor in items.iter().flat_map(anchors) {
                let silent = anchor.anchor().is_empty() && anchor.url.contains("/gallery/");
                let told = anchor.anchor().starts_with("Photo:") || silent;
                assert_eq!(told, anchor.picture.is_some(), "{anchor:?}");
                pictures += usize::from(told);
            }
        }
        assert!(pictures > 500);
    }

    fn anchors(item: &Item) -> Vec<&Anchor> {
        match item {
            Item::List(_, anchors) => anchors.iter().collect(),
            Item::Noscript(anchor) => vec![anchor],
            Item::Paragraph(runs) => runs
                .iter()
                .filter_map(|run| match run {
                    Run::Anchor(anchor) => Some(anchor),
                    Run::Words(..) => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}
