//! Inserting elements: what they mean goes to the page, what stays open to the stack.

use super::stack::{NONE, Open, Space};
use super::{Builder, Label};
use crate::ELEMENTS_MAX;
use crate::anchor::Words;
use crate::meaning::{may_mean, meaning};
use crate::names::{Name, class};
use crate::page::{Element, ElementKind};
use crate::scan::RawKind;

/// Bytes of attribute values kept before the reader gives up.
const VALUE_BYTES_MAX: usize = 96 << 20;

/// `a` elements open inside one another before the reader gives up.
const ANCHORS_OPEN_MAX: usize = 8;

/// An `a` that may be a link and is open.
#[derive(Debug, Default)]
pub(super) struct OpenAnchor {
    element: usize,
    pub(super) text: Words,
    image_alt: Words,
    image: bool,
}

impl Builder<'_> {
    /// Inserts an element and leaves it open.
    #[inline]
    pub(super) fn push(&mut self, label: Label, space: Space) -> u32 {
        if self.is_fostered() {
            self.check_fostering(label.name, true);
        }
        let anchor = self.found_by_tag(label.name, space);
        self.open(label, space, anchor)
    }

    /// Inserts an HTML element and leaves it open.
    #[inline]
    pub(super) fn push_html(&mut self, label: Label) -> u32 {
        self.push(label, Space::Html)
    }

    pub(super) fn push_implied(&mut self, name: Name) {
        self.push_html(Label::implied(name));
    }

    /// Inserts an element and closes it at once.
    pub(super) fn insert(&mut self, name: Name, space: Space) {
        let fostered = self.is_fostered();
        if fostered {
            self.check_fostering(name, false);
        }
        let before = self.found;
        self.found_by_tag(name, space);
        if fostered && let Some(index) = self.table_index() {
            // What went before the table is not in it.
            self.stack[index].found += self.found - before;
        }
    }

    /// Inserts an element that holds raw text, which follows.
    pub(super) fn insert_raw(&mut self, label: Label, kind: RawKind) {
        if self.is_fostered() && !self.anchors.is_empty() {
            self.give_up("fostered inside an a");
        }
        self.insert(label.name, Space::Html);
        self.raw = Some(kind);
    }

    /// Puts an element on the stack.
    pub(super) fn open(&mut self, label: Label, space: Space, anchor: u32) -> u32 {
        let id = self.new_id();
        let name = label.name;
        let classes = match space {
            Space::Html => name.classes(),
            Space::Svg if matches!(name, Name::ForeignObject | Name::Desc | Name::Title) => class::SCOPE,
            Space::MathMl if matches!(name, Name::Mi | Name::Mo | Name::Mn | Name::Ms | Name::Mtext) => {
                class::SCOPE
            }
            _ => 0,
        };
        let takes_html =
            space == Space::MathMl && name == Name::AnnotationXml && self.annotation_takes_html();
        self.push_open(Open {
            id,
            label,
            space,
            classes,
            anchor,
            found: self.found,
            takes_html,
        });
        if anchor != NONE {
            self.anchors.push(OpenAnchor {
                element: anchor as usize,
                ..OpenAnchor::default()
            });
            if self.anchors.len() > ANCHORS_OPEN_MAX {
                self.give_up("too many open a elements");
            }
        }
        id
    }

    pub(super) fn new_id(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id
    }

    /// Writes down what the start tag just read means. Gives the place of an `a` that may be a link.
    #[inline]
    fn found_by_tag(&mut self, name: Name, space: Space) -> u32 {
        if self.templates > 0 {
            return NONE;
        }
        if may_mean(name) {
            return self.found_meaning(name, space);
        }
        if name == Name::Img && !self.anchors.is_empty() {
            self.found_image();
        }
        NONE
    }

    fn found_meaning(&mut self, name: Name, space: Space) -> u32 {
        let found = meaning(name, space == Space::Html, |name| self.attribute(name));
        if found.is_nothing() {
            return NONE;
        }
        self.value_bytes += found.bytes();
        self.found += 1;
        let base = &mut self.page.base_href;
        *base = base.take().or(found.base);
        self.page.robots.extend(found.robots);
        found.element.map_or(NONE, |element| self.found_element(element))
    }

    fn found_element(&mut self, element: Element) -> u32 {
        let is_anchor = element.kind == ElementKind::A;
        self.page.elements.push(element);
        if self.page.elements.len() > ELEMENTS_MAX || self.value_bytes > VALUE_BYTES_MAX {
            self.give_up("too many elements");
        }
        if is_anchor && self.mutes > 0 {
            self.give_up("a inside a foreign script, style or template");
        }
        if is_anchor {
            (self.page.elements.len() - 1) as u32
        } else {
            NONE
        }
    }

    /// Inserts one more element for the tag of the `a` at `anchor`. Gives its place.
    pub(super) fn found_again(&mut self, anchor: u32) -> u32 {
        let first = &self.page.elements[anchor as usize];
        let (url, rel) = (first.url.clone(), first.rel.clone());
        let element = Element {
            kind: ElementKind::A,
            url,
            rel,
            media_type: String::new(),
            text: String::new(),
            image_alt: String::new(),
            image: false,
        };
        self.value_bytes += element.url.len() + element.rel.len();
        self.found += 1;
        self.found_element(element)
    }

    fn found_image(&mut self) {
        let alt = self.attribute("alt").unwrap_or_default();
        for anchor in &mut self.anchors {
            anchor.image = true;
            anchor.image_alt.push(" ");
            anchor.image_alt.push(&alt);
        }
    }

    /// The decoded value of the first attribute `name` of the tag just read.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let scanner = &self.scanner;
        let mut attributes = scanner.attributes().iter();
        let found = attributes.find(|a| scanner.bytes(a.name).eq_ignore_ascii_case(name.as_bytes()));
        found.map(|attribute| scanner.value(attribute))
    }

    fn annotation_takes_html(&self) -> bool {
        self.attribute("encoding").is_some_and(|value| {
            value.eq_ignore_ascii_case("text/html") || value.eq_ignore_ascii_case("application/xhtml+xml")
        })
    }

    pub(super) fn close_anchor(&mut self) {
        let Some(anchor) = self.anchors.pop() else { return };
        let element = &mut self.page.elements[anchor.element];
        element.text = anchor.text.finish();
        element.image_alt = anchor.image_alt.finish();
        element.image = anchor.image;
    }

    /// Whether the next insertion is foster parented.
    #[inline]
    pub(super) fn is_fostered(&self) -> bool {
        self.foster && self.top_is_in(class::FOSTER)
    }

    fn table_index(&self) -> Option<usize> {
        let index = self
            .stack
            .iter()
            .rposition(|open| open.is(Name::Table) || open.is(Name::Template));
        index.filter(|&index| self.stack[index].is(Name::Table))
    }

    /// What is inserted next goes before the table: gives up if the page can tell.
    pub(super) fn check_fostering(&mut self, name: Name, stays_open: bool) {
        let Some(index) = self.table_index() else { return };
        if !self.anchors.is_empty() && (stays_open || name == Name::Img) {
            self.give_up("fostered inside an a");
        }
        if (stays_open || may_mean(name)) && self.stack[index].found != self.found {
            self.give_up("fostered past content of the table");
        }
    }
}
