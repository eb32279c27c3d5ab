//! The outcome: one page as read.

/// Which kind of element an [`Element`] was. Elements count by local name, whatever their namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementKind {
    /// `a[href]`
    A,
    /// `area[href]`
    Area,
    /// `frame[src]`
    Frame,
    /// `iframe[src]`
    Iframe,
    /// `form[action]`
    Form,
    /// `link[href]` with a `rel`
    Link,
    /// `meta[http-equiv=refresh]` whose content names a non-empty URL; `url` is that URL
    Refresh,
}

/// One element that may be a link. Attribute values are decoded (character references) and otherwise untouched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// What it was.
    pub kind: ElementKind,
    /// The value of `href`, `src` or `action`, or the URL of a refresh; may be empty.
    pub url: String,
    /// The value of `rel` (`a`, `area`, `form`, `link`), empty if absent.
    pub rel: String,
    /// The value of `type` (`link` only), empty if absent.
    pub media_type: String,
    /// `a` only: the text nodes inside it joined (without those in script, style, template), runs of Unicode white
    /// space made one space, trimmed, cut after [`ANCHOR_TEXT_BYTES_MAX`](crate::ANCHOR_TEXT_BYTES_MAX) bytes.
    pub text: String,
    /// `a` only: the `alt` values of the `img` elements inside it joined by spaces, and then treated in the same way.
    pub image_alt: String,
    /// `a` only: it holds an `img`.
    pub image: bool,
}

/// One page as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The `href` of the first `base` element that has one.
    pub base_href: Option<String>,
    /// The `content` of every `meta[name=robots]`, in document order.
    pub robots: Vec<String>,
    /// The elements that may be links, in document (tree) order.
    pub elements: Vec<Element>,
}
