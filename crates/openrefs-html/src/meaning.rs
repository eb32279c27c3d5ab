//! What an element means for the page, from its name and attributes; shared by both readers.

use crate::names::Name;
use crate::page::{Element, ElementKind};
use crate::refresh;

/// What one element contributes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meaning {
    /// An element that may be a link; an `a` still without its text.
    pub(crate) element: Option<Element>,
    /// The document base.
    pub(crate) base: Option<String>,
    /// A robots directive.
    pub(crate) robots: Option<String>,
}

impl Meaning {
    /// Whether it contributes nothing.
    pub(crate) fn is_nothing(&self) -> bool {
        self.element.is_none() && self.base.is_none() && self.robots.is_none()
    }

    /// The bytes of its attribute values.
    pub(crate) fn bytes(&self) -> usize {
        let element = self
            .element
            .as_ref()
            .map_or(0, |e| e.url.len() + e.rel.len() + e.media_type.len());
        let others = [&self.base, &self.robots].into_iter().flatten();
        element + others.map(String::len).sum::<usize>()
    }
}

/// Whether [`meaning`] can be something for an element of this name, so that its attributes are worth a look.
#[inline]
pub(crate) fn may_mean(name: Name) -> bool {
    use Name::*;
    matches!(name, A | Area | Base | Form | Frame | Iframe | Link | Meta)
}

/// The meaning of an element, by local name; `base` and `meta` count in the HTML namespace only, as the standard's
/// algorithms for them say. `attribute` gives the decoded value of the first attribute of that name.
pub(crate) fn meaning(name: Name, is_html: bool, attribute: impl Fn(&str) -> Option<String>) -> Meaning {
    let element = match name {
        Name::A => link(ElementKind::A, "href", &attribute),
        Name::Area => link(ElementKind::Area, "href", &attribute),
        Name::Form => link(ElementKind::Form, "action", &attribute),
        Name::Frame => plain(ElementKind::Frame, attribute("src")),
        Name::Iframe => plain(ElementKind::Iframe, attribute("src")),
        Name::Link => head_link(&attribute),
        Name::Meta if is_html => return meta(&attribute),
        Name::Base if is_html => {
            return Meaning {
                base: attribute("href"),
                ..Meaning::default()
            };
        }
        _ => None,
    };
    Meaning {
        element,
        ..Meaning::default()
    }
}

fn plain(kind: ElementKind, url: Option<String>) -> Option<Element> {
    url.map(|url| Element {
        kind,
        url,
        rel: String::new(),
        media_type: String::new(),
        text: String::new(),
        image_alt: String::new(),
        image: false,
    })
}

fn link(kind: ElementKind, url: &str, attribute: &impl Fn(&str) -> Option<String>) -> Option<Element> {
    let mut element = plain(kind, attribute(url))?;
    element.rel = attribute("rel").unwrap_or_default();
    Some(element)
}

fn head_link(attribute: &impl Fn(&str) -> Option<String>) -> Option<Element> {
    let rel = attribute("rel")?;
    let mut element = plain(ElementKind::Link, attribute("href"))?;
    element.rel = rel;
    element.media_type = attribute("type").unwrap_or_default();
    Some(element)
}

fn meta(attribute: &impl Fn(&str) -> Option<String>) -> Meaning {
    let is = |name: &str, value: &str| attribute(name).is_some_and(|found| found.eq_ignore_ascii_case(value));
    let is_robots = is("name", "robots");
    let is_refresh = is("http-equiv", "refresh");
    if !is_robots && !is_refresh {
        return Meaning::default();
    }
    let Some(content) = attribute("content") else {
        return Meaning::default();
    };
    let url = refresh::url(&content).filter(|_| is_refresh).map(str::to_owned);
    Meaning {
        element: plain(ElementKind::Refresh, url),
        base: None,
        robots: is_robots.then_some(content),
    }
}
