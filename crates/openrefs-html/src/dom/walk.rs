//! The walk over the finished tree that gives the page: in tree order, without recursion.

use super::sink::{Content, Kind, NONE};
use crate::ELEMENTS_MAX;
use crate::anchor::Words;
use crate::meaning::Meaning;
use crate::page::{ElementKind, Page};

/// Steps of text into open anchors before the page is cut: anchors inside anchors each gather the same text.
const TEXT_WORK_MAX: usize = 256 << 20;

/// An `a` that is open at this point of the walk.
struct OpenAnchor {
    node: u32,
    element: usize,
    text: Words,
    image_alt: Words,
    image: bool,
    /// Scripts, styles and templates between it and this point.
    mutes: u32,
}

struct Walk {
    page: Page,
    anchors: Vec<OpenAnchor>,
    text_work: usize,
}

/// What the tree says, and whether it was cut.
pub(super) fn page(content: Content) -> (Page, bool) {
    let Content {
        nodes,
        mut meanings,
        text,
        ..
    } = content;
    let mut walk = Walk {
        page: Page::default(),
        anchors: Vec::new(),
        text_work: 0,
    };
    let piece = |start: u32, end: u32| &text[start as usize..end as usize];
    let mut at = 0;
    loop {
        match nodes[at as usize].kind {
            Kind::Text { start, end } => walk.text(piece(start, end)),
            Kind::Image { start, end } => walk.image(piece(start, end)),
            Kind::Meant(index) => walk.element(at, std::mem::take(&mut meanings[index as usize])),
            Kind::Mute => walk.anchors.iter_mut().for_each(|anchor| anchor.mutes += 1),
            Kind::Other | Kind::Element | Kind::Template(_) => {}
        }
        if walk.is_over() {
            break;
        }
        let mut next = nodes[at as usize].first;
        while next == NONE {
            walk.leave(at, &nodes[at as usize].kind);
            next = nodes[at as usize].next;
            if next == NONE {
                at = nodes[at as usize].parent;
                if at == NONE {
                    return (walk.page, false);
                }
            }
        }
        at = next;
    }
    while let Some(anchor) = walk.anchors.pop() {
        walk.close(anchor);
    }
    (walk.page, true)
}

impl Walk {
    fn is_over(&self) -> bool {
        self.text_work > TEXT_WORK_MAX || self.page.elements.len() > ELEMENTS_MAX
    }

    fn text(&mut self, text: &str) {
        for anchor in self.anchors.iter_mut().filter(|anchor| anchor.mutes == 0) {
            self.text_work += text.len() + 8;
            anchor.text.push(text);
        }
    }

    fn image(&mut self, alt: &str) {
        for anchor in &mut self.anchors {
            self.text_work += alt.len() + 8;
            anchor.image = true;
            anchor.image_alt.push(" ");
            anchor.image_alt.push(alt);
        }
    }

    fn element(&mut self, node: u32, meaning: Meaning) {
        let page = &mut self.page;
        page.base_href = page.base_href.take().or(meaning.base);
        page.robots.extend(meaning.robots);
        let Some(element) = meaning.element else { return };
        if element.kind == ElementKind::A {
            let (text, image_alt) = (Words::default(), Words::default());
            let element = page.elements.len();
            self.anchors.push(OpenAnchor {
                node,
                element,
                text,
                image_alt,
                image: false,
                mutes: 0,
            });
        }
        page.elements.push(element);
    }

    fn leave(&mut self, node: u32, kind: &Kind) {
        match kind {
            Kind::Meant(_) => {
                if let Some(anchor) = self.anchors.pop_if(|anchor| anchor.node == node) {
                    self.close(anchor);
                }
            }
            Kind::Mute => self.anchors.iter_mut().for_each(|anchor| anchor.mutes -= 1),
            _ => {}
        }
    }

    fn close(&mut self, anchor: OpenAnchor) {
        let element = &mut self.page.elements[anchor.element];
        element.text = anchor.text.finish();
        element.image_alt = anchor.image_alt.finish();
        element.image = anchor.image;
    }
}
