//! What a page is before it is written down: typed items, from which `html` makes markup and `wat`
//! the description of that markup. Texts and URLs stand here as a parser gives them: no entities, anchors normalised.

use crate::words::Language;

/// An anchor is cut after so many code points.
const ANCHOR_CHARS_MAX: usize = 256;

/// A page.
#[derive(Debug)]
pub struct Page {
    /// Decides everything about the spelling of the markup.
    pub spelling: u64,
    /// The language of its texts.
    pub language: &'static Language,
    /// How its character set is told.
    pub charset: Charset,
    /// `title`.
    pub title: String,
    /// `base[href]`.
    pub base: Option<String>,
    /// `meta` elements, without the one that tells the character set.
    pub metas: Vec<Meta>,
    /// `link` elements.
    pub links: Vec<HeadLink>,
    /// What its body, or its frame set, holds.
    pub body: Body,
}

/// The two sorts of pages.
#[derive(Debug)]
pub enum Body {
    /// An ordinary page.
    Items(Vec<Item>),
    /// A frame set: the `src` of its frames.
    Frames(Vec<String>),
}

/// The character set of a page, and where it says so.
#[derive(Clone, Copy, Debug)]
pub struct Charset {
    /// Its label, as the page spells it.
    pub label: &'static str,
    /// `Content-Type` has it.
    pub in_header: bool,
    /// A `meta` element has it.
    pub in_meta: bool,
}

impl Charset {
    /// It is not UTF-8; such pages tell it in the old way.
    pub fn is_old(self) -> bool {
        self.label != "UTF-8"
    }
}

/// A `meta` element.
#[derive(Debug)]
pub struct Meta {
    /// `http-equiv` rather than `name`.
    pub equiv: bool,
    /// The value of that attribute.
    pub name: &'static str,
    /// `content`.
    pub content: String,
}

/// A `link` element.
#[derive(Debug)]
pub struct HeadLink {
    /// `rel`.
    pub rel: &'static str,
    /// `href`.
    pub url: String,
    /// `type`.
    pub kind: Option<&'static str>,
    /// `hreflang`.
    pub language: Option<&'static str>,
}

/// A part of a body.
#[derive(Debug)]
pub enum Item {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Paragraph(Vec<Run>),
    /// A list of links, as in a menu.
    List(&'static str, Vec<Anchor>),
    /// An image that is no link.
    Picture(Picture),
    /// An image map.
    Map(Vec<Area>),
    /// A form.
    Form {
        /// `action`.
        action: String,
        /// `method`.
        method: &'static str,
    },
    /// An `iframe`.
    Frame(String),
    /// A link inside `noscript`.
    Noscript(Anchor),
    /// Markup that looks like a link and is none, with a URL inside.
    Decoy(Decoy, String),
}

/// A part of a paragraph.
#[derive(Debug)]
pub enum Run {
    /// So many words of the page's language, drawn from a seed.
    Words(u64, u64),
    /// A link.
    Anchor(Anchor),
}

/// Places where markup is not markup.
#[derive(Clone, Copy, Debug)]
pub enum Decoy {
    /// `<!-- -->`
    Comment,
    /// `script`
    Script,
    /// `textarea`
    Textarea,
    /// `template`
    Template,
    /// The raw text of an `iframe`.
    FrameText,
    /// An `a` without `href` and the URL in another attribute.
    DataAttribute,
}

/// An `a` element.
#[derive(Debug)]
pub struct Anchor {
    /// `href`.
    pub url: String,
    /// `rel`.
    pub rel: Option<&'static str>,
    /// The text inside, normalised; empty if there is none.
    pub text: String,
    /// An image inside.
    pub picture: Option<Picture>,
}

/// An `img` element.
#[derive(Debug)]
pub struct Picture {
    /// `src`.
    pub url: String,
    /// `alt`.
    pub alt: String,
}

/// An `area` element.
#[derive(Debug)]
pub struct Area {
    /// `href`.
    pub url: String,
    /// `rel`.
    pub rel: Option<&'static str>,
}

impl Anchor {
    /// The anchor by the rules of counting: the text, or the `alt` of the image where there is no text, cut.
    pub fn anchor(&self) -> &str {
        let full = match &self.picture {
            Some(picture) if self.text.is_empty() => &picture.alt,
            _ => &self.text,
        };
        let end = full
            .char_indices()
            .nth(ANCHOR_CHARS_MAX)
            .map_or(full.len(), |(at, _)| at);
        full[..end].trim_end()
    }
}

impl Page {
    /// How many links it has by the rules of counting, internal ones and repeats included.
    pub fn count_links(&self) -> u64 {
        let refresh = |meta: &&Meta| meta.equiv && meta.content.contains('=');
        let counted = |link: &&HeadLink| matches!(link.rel, "canonical" | "alternate" | "Alternate");
        let head = self.metas.iter().filter(refresh).count() + self.links.iter().filter(counted).count();
        let body = match &self.body {
            Body::Frames(frames) => frames.len(),
            Body::Items(items) => items.iter().map(Item::count_links).sum(),
        };
        (head + body) as u64
    }
}

impl Item {
    fn count_links(&self) -> usize {
        match self {
            Self::Paragraph(runs) => runs.iter().filter(|run| matches!(run, Run::Anchor(_))).count(),
            Self::List(_, anchors) => anchors.len(),
            Self::Map(areas) => areas.len(),
            Self::Form { .. } | Self::Frame(_) | Self::Noscript(_) => 1,
            Self::Heading(_) | Self::Picture(_) | Self::Decoy(..) => 0,
        }
    }
}
