//! Small codes for the element names that the rules of tree construction mention, and the classes they belong to.
//!
//! Every other name is [`Name::Other`]; who needs to tell two of those apart compares the source text. The order of
//! the list is free; a name is looked up through a table that is hashed at compile time.

macro_rules! names {
    ($($variant:ident $text:literal,)*) => {
        /// The code of an element name, lower case.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Name { $($variant,)* Other }

        const ALL: &[(&str, Name)] = &[$(($text, Name::$variant),)*];
    };
}

names! {
    A "a", Address "address", AnnotationXml "annotation-xml", Applet "applet", Area "area", Article "article",
    Aside "aside", B "b", Base "base", Basefont "basefont", Bgsound "bgsound", Big "big",
    Blockquote "blockquote", Body "body", Br "br", Button "button", Caption "caption", Center "center",
    Code "code", Col "col", Colgroup "colgroup", Dd "dd", Desc "desc", Details "details", Dialog "dialog",
    Dir "dir", Div "div", Dl "dl", Dt "dt", Em "em", Embed "embed", Fieldset "fieldset",
    Figcaption "figcaption", Figure "figure", Font "font", Footer "footer", ForeignObject "foreignobject",
    Form "form", Frame "frame", Frameset "frameset", H1 "h1", H2 "h2", H3 "h3", H4 "h4", H5 "h5", H6 "h6",
    Head "head", Header "header", Hgroup "hgroup", Hr "hr", Html "html", I "i", Iframe "iframe",
    Image "image", Img "img", Input "input", Isindex "isindex", Keygen "keygen", Li "li", Link "link",
    Listing "listing", Main "main", Malignmark "malignmark", Marquee "marquee", Math "math", Menu "menu",
    Meta "meta", Mglyph "mglyph", Mi "mi", Mn "mn", Mo "mo", Ms "ms", Mtext "mtext", Nav "nav",
    Nobr "nobr", Noembed "noembed", Noframes "noframes", Noscript "noscript", Object "object", Ol "ol",
    Optgroup "optgroup", Option "option", P "p", Param "param", Plaintext "plaintext", Pre "pre", Rb "rb",
    Rp "rp", Rt "rt", Rtc "rtc", Ruby "ruby", S "s", Script "script", Search "search", Section "section",
    Select "select", Small "small", Source "source", Span "span", Strike "strike", Strong "strong",
    Style "style", Sub "sub", Summary "summary", Sup "sup", Svg "svg", Table "table", Tbody "tbody",
    Td "td", Template "template", Textarea "textarea", Tfoot "tfoot", Th "th", Thead "thead",
    Title "title", Tr "tr", Track "track", Tt "tt", U "u", Ul "ul", Var "var", Wbr "wbr", Xmp "xmp",
}

/// The longest name of the list, in bytes.
const NAME_BYTES_MAX: usize = 14;
const SLOTS: usize = 1024;
const TABLE: [u8; SLOTS] = hashed();

const fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}

const fn slot(hash: u32) -> usize {
    ((hash ^ (hash >> 15)) as usize) % SLOTS
}

const fn hashed() -> [u8; SLOTS] {
    let mut table = [Name::Other as u8; SLOTS];
    let mut index = 0;
    while index < ALL.len() {
        let text = ALL[index].0.as_bytes();
        let mut hash = 0x811c_9dc5;
        let mut at = 0;
        while at < text.len() {
            hash = step(hash, text[at]);
            at += 1;
        }
        let mut place = slot(hash);
        while table[place] != Name::Other as u8 {
            place = (place + 1) % SLOTS;
        }
        table[place] = index as u8;
        index += 1;
    }
    table
}

impl Name {
    /// The code of a name as written in the source, in any ASCII case.
    #[inline]
    pub(crate) fn of(text: &[u8]) -> Name {
        if text.len() > NAME_BYTES_MAX {
            return Name::Other;
        }
        let mut hash = 0x811c_9dc5;
        for &byte in text {
            hash = step(hash, byte.to_ascii_lowercase());
        }
        let mut place = slot(hash);
        loop {
            match ALL.get(usize::from(TABLE[place])) {
                None => return Name::Other,
                Some((known, name)) if known.as_bytes().eq_ignore_ascii_case(text) => return *name,
                Some(_) => place = (place + 1) % SLOTS,
            }
        }
    }

    /// The classes of the HTML element of this name; see the constants of [`class`].
    #[inline]
    pub(crate) fn classes(self) -> u32 {
        CLASSES[self as usize]
    }

    /// Whether the HTML element of this name is in one of `classes`.
    #[inline]
    pub(crate) fn is(self, classes: u32) -> bool {
        self.classes() & classes != 0
    }
}

/// Classes of HTML elements that the tree construction rules ask about, as bits.
pub(crate) mod class {
    /// "Special", as far as it ends the walk of an unknown end tag.
    pub(crate) const SPECIAL: u32 = 1;
    /// Bounds every scope but the table scope.
    pub(crate) const SCOPE: u32 = 2;
    /// Bounds the list item scope too.
    pub(crate) const LIST_SCOPE: u32 = 4;
    /// Bounds the button scope too.
    pub(crate) const BUTTON_SCOPE: u32 = 8;
    /// Bounds the table scope.
    pub(crate) const TABLE_SCOPE: u32 = 16;
    /// Has an implied end tag.
    pub(crate) const IMPLIED_END: u32 = 32;
    /// `h1` to `h6`.
    pub(crate) const HEADING: u32 = 64;
    /// Goes on the list of active formatting elements; with `a` and `nobr`.
    pub(crate) const FORMATTING: u32 = 128;
    /// Table body context: what `tr` is cleared back to.
    pub(crate) const BODY_CONTEXT: u32 = 256;
    /// Table row context: what `td` is cleared back to.
    pub(crate) const ROW_CONTEXT: u32 = 512;
    /// `td`, `th`.
    pub(crate) const CELL: u32 = 1024;
    /// Content put here is foster parented.
    pub(crate) const FOSTER: u32 = 2048;
    /// A start tag that leaves foreign content.
    pub(crate) const BREAKOUT: u32 = 4096;
    /// A block whose start tag closes an open `p`, and whose end tag closes down to it.
    pub(crate) const BLOCK: u32 = 8192;
    /// Handled by the "in head" rules wherever it stands.
    pub(crate) const HEAD: u32 = 1 << 14;
    /// `tbody`, `thead`, `tfoot`.
    pub(crate) const SECTION: u32 = 1 << 15;
    /// Start tags that end a caption or a cell: `caption col colgroup tbody td tfoot th thead tr`.
    pub(crate) const TABLE_PART: u32 = 1 << 16;
}

use class::*;

const CLASSES: [u32; ALL.len() + 1] = classes();

const fn classes() -> [u32; ALL.len() + 1] {
    let mut table = [0; ALL.len() + 1];
    let mut index = 0;
    while index < ALL.len() {
        table[index] = classes_of(ALL[index].1);
        index += 1;
    }
    table
}

const fn classes_of(name: Name) -> u32 {
    structure(name) | table_classes(name) | breakout(name) | special(name)
}

const fn structure(name: Name) -> u32 {
    use Name::*;
    match name {
        Address | Article | Aside | Blockquote | Center | Details | Dialog | Dir | Div | Dl | Fieldset
        | Figcaption | Figure | Footer | Header | Hgroup | Main | Menu | Nav | Search | Section | Summary => {
            BLOCK
        }
        Ol | Ul => BLOCK | LIST_SCOPE,
        Button => BUTTON_SCOPE,
        Applet | Marquee | Object | Select => SCOPE,
        Dd | Dt | Li | Option | Optgroup | P | Rb | Rp | Rt | Rtc => IMPLIED_END,
        H1 | H2 | H3 | H4 | H5 | H6 => HEADING,
        A | B | Big | Code | Em | Font | I | Nobr | S | Small | Strike | Strong | Tt | U => FORMATTING,
        Base | Basefont | Bgsound | Link | Meta | Noframes | Script | Style | Title => HEAD,
        _ => 0,
    }
}

const fn table_classes(name: Name) -> u32 {
    use Name::*;
    match name {
        Html => SCOPE | TABLE_SCOPE | BODY_CONTEXT | ROW_CONTEXT,
        Table => SCOPE | TABLE_SCOPE | FOSTER,
        Template => SCOPE | TABLE_SCOPE | BODY_CONTEXT | ROW_CONTEXT | HEAD,
        Tbody | Tfoot | Thead => BODY_CONTEXT | FOSTER | SECTION | TABLE_PART,
        Tr => ROW_CONTEXT | FOSTER | TABLE_PART,
        Td | Th => SCOPE | CELL | TABLE_PART,
        Caption => SCOPE | TABLE_PART,
        Col | Colgroup => TABLE_PART,
        _ => 0,
    }
}

const fn breakout(name: Name) -> u32 {
    use Name::*;
    match name {
        B | Big | Blockquote | Body | Br | Center | Code | Dd | Div | Dl | Dt | Em | Embed | H1 | H2 | H3
        | H4 | H5 | H6 | Head | Hr | I | Img | Li | Listing | Menu | Meta | Nobr | Ol | P | Pre | Ruby
        | S | Small | Span | Strong | Strike | Sub | Sup | Table | Tt | U | Ul | Var => BREAKOUT,
        _ => 0,
    }
}

const fn special(name: Name) -> u32 {
    use Name::*;
    match name {
        Address | Applet | Area | Article | Aside | Base | Basefont | Bgsound | Blockquote | Body | Br
        | Button | Caption | Center | Col | Colgroup | Dd | Details | Dir | Div | Dl | Dt | Embed
        | Fieldset | Figcaption | Figure | Footer | Form | Frame | Frameset | H1 | H2 | H3 | H4 | H5 | H6
        | Head | Header | Hgroup | Hr | Html | Iframe | Img | Input | Isindex | Li | Link | Listing
        | Main | Marquee | Menu | Meta | Nav | Noembed | Noframes | Noscript | Object | Ol | P | Param
        | Plaintext | Pre | Script | Section | Select | Source | Style | Summary | Table | Tbody | Td
        | Template | Textarea | Tfoot | Th | Thead | Title | Tr | Track | Ul | Wbr | Xmp => SPECIAL,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_finds_its_code() {
        for (index, (text, name)) in ALL.iter().enumerate() {
            assert_eq!(*name as usize, index);
            assert!(text.len() <= NAME_BYTES_MAX);
            assert_eq!(Name::of(text.to_ascii_uppercase().as_bytes()), *name);
        }
        for text in ["", "x", "aa", "spans", "annotation-xmlx", "h7", "é"] {
            assert_eq!(Name::of(text.as_bytes()), Name::Other);
        }
    }
}
