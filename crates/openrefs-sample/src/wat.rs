//! The JSON of a WAT: what an archive's record says about itself and, for pages, the links of the markup, in the shape
//! of Common Crawl's files. Two things differ from those on purpose: a text is the whole normal anchor, and an image's
//! `alt` stands in for a missing text; so that an index made from this equals the one made from the WARC.

use crate::archive::Member;
use crate::envelope::{
    Container, Entry, Envelope, Fields, Gzip, Head, Html, MetaEntry, Payload, Request, RequestMessage,
    ResponseMessage, ResponseMetadata, Wat,
};
use crate::page::{Anchor, Area, Body, Item, Page, Picture, Run};
use crate::response::Response;
use crate::visit::{Answer, Visit};

/// Writes the payload of the WAT record that describes a record of an archive.
///
/// # Errors
/// None in practice: all of it are strings, written to memory.
pub fn write(
    archive: &str,
    member: &Member,
    fields: &[(&str, String)],
    what: &What<'_>,
) -> serde_json::Result<Vec<u8>> {
    let container = Container {
        filename: archive,
        compressed: true,
        offset: member.offset.to_string(),
        gzip: Gzip {
            deflated: member.deflated.to_string(),
            header: "10",
            footer: "8",
            crc: member.crc.to_string(),
            inflated: member.inflated.to_string(),
        },
    };
    let envelope = Envelope {
        format: crate::warc::VERSION,
        length: member.inflated.to_string(),
        fields: Fields(fields),
        payload: Payload::of(what),
    };
    serde_json::to_vec(&Wat { container, envelope })
}

/// The record that is described.
#[derive(Debug)]
pub enum What<'a> {
    /// A request for a path.
    Request(&'a str),
    /// A response.
    Response(&'a Visit, &'a Response),
}

impl<'a> Payload<'a> {
    fn of(what: &What<'a>) -> Self {
        match *what {
            What::Request(path) => {
                let message = RequestMessage {
                    method: "GET",
                    path,
                    version: "HTTP/1.1",
                };
                let request = Some(Request { message });
                Self {
                    media: "application/http; msgtype=request",
                    request,
                    response: None,
                }
            }
            What::Response(visit, response) => {
                let html = match &visit.answer {
                    Answer::Page(page) if !visit.revisit => Some(Html::of(page)),
                    _ => None,
                };
                let message = ResponseMessage {
                    status: visit.status.0.to_string(),
                    version: "HTTP/1.1",
                    reason: visit.status.1,
                };
                let response = ResponseMetadata {
                    message,
                    headers_length: response.head.len().to_string(),
                    headers: Fields(&response.headers),
                    entity_length: if visit.revisit { 0 } else { response.body.len() }.to_string(),
                    html,
                };
                Self {
                    media: "application/http; msgtype=response",
                    request: None,
                    response: Some(response),
                }
            }
        }
    }
}

impl<'a> Html<'a> {
    fn of(page: &'a Page) -> Self {
        let mut links = Vec::new();
        match &page.body {
            Body::Frames(frames) => links.extend(frames.iter().map(|url| entry("FRAME@/src", url))),
            Body::Items(items) => items.iter().for_each(|item| push_item(&mut links, item)),
        }
        let head = Head {
            title: &page.title,
            base: page.base.as_deref(),
            metas: metas(page),
            links: page
                .links
                .iter()
                .map(|link| Entry {
                    rel: Some(link.rel),
                    kind: link.kind,
                    hreflang: link.language,
                    ..entry("LINK@/href", &link.url)
                })
                .collect(),
        };
        Self { head, links }
    }
}

fn metas(page: &Page) -> Vec<MetaEntry<'_>> {
    let label = page.charset.label;
    let charset = page.charset.in_meta.then(|| match page.charset.is_old() {
        true => MetaEntry {
            http_equiv: Some("Content-Type"),
            content: Some(format!("text/html; charset={label}")),
            ..MetaEntry::default()
        },
        false => MetaEntry {
            charset: Some(label),
            ..MetaEntry::default()
        },
    });
    let others = page.metas.iter().map(|meta| MetaEntry {
        name: (!meta.equiv).then_some(meta.name),
        http_equiv: meta.equiv.then_some(meta.name),
        content: Some(meta.content.clone()),
        ..MetaEntry::default()
    });
    charset.into_iter().chain(others).collect()
}

fn push_item<'a>(links: &mut Vec<Entry<'a>>, item: &'a Item) {
    match item {
        Item::Heading(_) | Item::Decoy(..) => {}
        Item::Paragraph(runs) => {
            for run in runs {
                if let Run::Anchor(anchor) = run {
                    push_anchor(links, anchor);
                }
            }
        }
        Item::List(_, anchors) => anchors.iter().for_each(|anchor| push_anchor(links, anchor)),
        Item::Picture(picture) => links.push(image(picture)),
        Item::Map(areas) => links.extend(areas.iter().map(area)),
        Item::Form { action, method } => {
            links.push(Entry {
                method: Some(method),
                ..entry("FORM@/action", action)
            });
        }
        Item::Frame(url) => links.push(entry("IFRAME@/src", url)),
        Item::Noscript(anchor) => push_anchor(links, anchor),
    }
}

fn push_anchor<'a>(links: &mut Vec<Entry<'a>>, anchor: &'a Anchor) {
    let text = Some(anchor.anchor()).filter(|text| !text.is_empty());
    links.extend(anchor.picture.as_ref().map(image));
    links.push(Entry {
        rel: anchor.rel,
        text,
        ..entry("A@/href", &anchor.url)
    });
}

fn image(picture: &Picture) -> Entry<'_> {
    Entry {
        alt: Some(&picture.alt),
        ..entry("IMG@/src", &picture.url)
    }
}

fn area(area: &Area) -> Entry<'_> {
    Entry {
        rel: area.rel,
        ..entry("AREA@/href", &area.url)
    }
}

fn entry<'a>(path: &'static str, url: &'a str) -> Entry<'a> {
    Entry {
        path,
        url,
        ..Entry::default()
    }
}
