//! What one HTML page says about links: the elements that can be links, the document base, refreshes and robots
//! directives, in document order, with nothing resolved and nothing judged.
//!
//! The truth is the DOM that the HTML standard builds with scripting off. Two readers give it: `fast`, a tokenizer
//! with just enough of the tree builder's state, which gives up on any page where the tree could differ from what
//! it tracks, and `dom`, the whole tree builder, which then reads that page. Both give the same [`Page`].

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
    /// `a` only: the text nodes inside it joined as they are (without those in script, style, template), not yet
    /// normalised; may be cut after [`ANCHOR_TEXT_BYTES_MAX`] bytes of it.
    pub text: String,
    /// `a` only: the `alt` values of the `img` elements inside it joined by spaces, cut in the same way.
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
