//! The reader that follows the tree builder's rules without building a tree.
//!
//! It keeps what those rules look at: the stack of open elements, the list of active formatting elements, the
//! insertion mode. An element that means something is written down when its start tag comes. That is right because
//!
//! 1. without foster parenting, every insertion goes to the end of the tree so far, so the order of start tags is
//!    the order of the tree; moving the furthest block of a misnested formatting element keeps that order;
//! 2. the ancestors of the place of insertion are on the stack, as long as no `a` is taken out of its middle.
//!
//! It gives up, with a reason, where this does not hold: when an `a` that may be a link is split by a block, when
//! content is foster parented past something of the page or inside an `a`, on framesets, and on pages so deep that
//! its searches would cost. Formatting elements other than `a` are followed to the letter.

mod body;
mod foreign;
mod formatting;
mod head;
mod insert;
mod stack;
mod table;
mod text;

use crate::names::Name;
use crate::page::Page;
use crate::scan::doctype::{self, Doctype};
use crate::scan::{RawKind, Scanner, Span, Tag, Token};
use formatting::Entry;
use insert::OpenAnchor;
use stack::Open;

/// Reads a page.
///
/// # Errors
/// The reason for giving up, one of a fixed set of phrases; the page then wants the [`dom`](crate::dom) reader.
pub fn read(html: &str) -> Result<Page, &'static str> {
    let mut builder = Builder::new(html);
    while builder.next_token() {
        if let Some(reason) = builder.gave_up {
            return Err(reason);
        }
    }
    builder.gave_up.map_or(Ok(()), Err)?;
    builder.pop_to(0);
    Ok(builder.page)
}

/// The insertion modes of the standard, but for those of framesets and of raw text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Initial,
    BeforeHtml,
    BeforeHead,
    InHead,
    InHeadNoscript,
    AfterHead,
    InBody,
    InTable,
    InCaption,
    InColumnGroup,
    InTableBody,
    InRow,
    InCell,
    InTemplate,
    AfterBody,
    AfterAfterBody,
}

/// What becomes of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// It is used up.
    Done,
    /// It is to be processed again, in the mode set meanwhile.
    Again,
}

/// A tag's name.
#[derive(Clone, Copy, Debug)]
struct Label {
    name: Name,
    /// Where it is written, to tell unknown names apart.
    span: Span,
}

impl Label {
    /// The name of an element that no tag names.
    fn implied(name: Name) -> Self {
        Label {
            name,
            span: Span::default(),
        }
    }
}

/// The state of the tree builder, and what was found.
struct Builder<'a> {
    scanner: Scanner<'a>,
    page: Page,
    mode: Mode,
    template_modes: Vec<Mode>,
    stack: Vec<Open>,
    list: Vec<Entry>,
    anchors: Vec<OpenAnchor>,
    /// HTML templates on the stack: inside one nothing counts.
    templates: u32,
    /// Foreign scripts, styles and templates on the stack: their text is nobody's anchor.
    mutes: u32,
    /// The form element pointer, by the id of the element.
    form: Option<u32>,
    head_seen: bool,
    quirks: bool,
    /// Foster parenting is on.
    foster: bool,
    /// The next token loses its leading line feed.
    ignore_line_feed: bool,
    /// Text directly in a table that no other token has followed yet: whether it holds more than white space.
    table_text: Option<bool>,
    /// Raw text follows.
    raw: Option<RawKind>,
    /// Things found so far, of every kind; tells whether a table has any inside.
    found: u32,
    value_bytes: usize,
    next_id: u32,
    gave_up: Option<&'static str>,
    scratch: String,
}

impl<'a> Builder<'a> {
    fn new(html: &'a str) -> Self {
        Builder {
            scanner: Scanner::new(html),
            page: Page::default(),
            mode: Mode::Initial,
            template_modes: Vec::new(),
            stack: Vec::with_capacity(64),
            list: Vec::with_capacity(16),
            anchors: Vec::new(),
            templates: 0,
            mutes: 0,
            form: None,
            head_seen: false,
            quirks: false,
            foster: false,
            ignore_line_feed: false,
            table_text: None,
            raw: None,
            found: 0,
            value_bytes: 0,
            next_id: 0,
            gave_up: None,
            scratch: String::new(),
        }
    }

    /// Gives up; the first reason stays.
    #[cold]
    fn give_up(&mut self, reason: &'static str) {
        self.gave_up.get_or_insert(reason);
    }

    /// Reads and processes one token; whether there are more.
    #[inline]
    fn next_token(&mut self) -> bool {
        let in_foreign = self.is_in_foreign();
        let token = self.scanner.next(|| in_foreign);
        match token {
            Token::Text(span) => self.text(span, false),
            Token::Cdata(span) => self.text(span, true),
            Token::Start(tag) => self.tag(tag, true),
            Token::End(tag) => self.tag(tag, false),
            Token::Comment => {
                self.ignore_line_feed = false;
                self.flush_table_text();
            }
            Token::Doctype(span, closed) => self.doctype(span, closed),
            Token::Eof => {
                self.flush_table_text();
                return false;
            }
        }
        true
    }

    fn doctype(&mut self, span: Span, closed: bool) {
        self.ignore_line_feed = false;
        if self.mode == Mode::Initial {
            let doctype: Doctype = doctype::parse(self.scanner.text(span), closed);
            self.quirks = doctype::quirks(Some(&doctype));
            self.mode = Mode::BeforeHtml;
        }
    }

    #[inline]
    fn tag(&mut self, tag: Tag, is_start: bool) {
        self.ignore_line_feed = false;
        self.flush_table_text();
        let text = self.scanner.bytes(tag.name);
        let label = Label {
            name: Name::of(text),
            span: tag.name,
        };
        if label.name == Name::Other && text.contains(&0) {
            return self.give_up("NUL in a tag name");
        }
        if !is_start {
            return self.end_tag(label);
        }
        self.start_tag(label, tag.self_closing);
        if let Some(kind) = self.raw.take() {
            self.raw_text(kind, label);
        }
    }

    #[inline]
    fn start_tag(&mut self, label: Label, self_closing: bool) {
        loop {
            if self.is_in_foreign() && self.is_foreign_start(label.name) {
                if !self.leaves_foreign(label.name) {
                    return self.foreign_start(label, self_closing);
                }
                self.pop_foreign();
            }
            if self.start_by_mode(label, self_closing) == Flow::Done {
                return;
            }
        }
    }

    fn start_by_mode(&mut self, label: Label, self_closing: bool) -> Flow {
        match self.mode {
            Mode::InBody => self.in_body_start(label, self_closing),
            Mode::Initial => self.initial(),
            Mode::BeforeHtml => self.before_html_start(label),
            Mode::BeforeHead => self.before_head_start(label),
            Mode::InHead => self.in_head_start(label),
            Mode::InHeadNoscript => self.in_head_noscript_start(label),
            Mode::AfterHead => self.after_head_start(label),
            Mode::InTable => self.in_table_start(label, self_closing),
            Mode::InCaption => self.in_caption_start(label, self_closing),
            Mode::InColumnGroup => self.in_column_group_start(label),
            Mode::InTableBody => self.in_table_body_start(label, self_closing),
            Mode::InRow => self.in_row_start(label, self_closing),
            Mode::InCell => self.in_cell_start(label, self_closing),
            Mode::InTemplate => self.in_template_start(label),
            Mode::AfterBody | Mode::AfterAfterBody => self.after_body_start(label),
        }
    }

    #[inline]
    fn end_tag(&mut self, label: Label) {
        loop {
            if self.is_in_foreign() && self.foreign_end(label) == Flow::Done {
                return;
            }
            if self.end_by_mode(label) == Flow::Done {
                return;
            }
        }
    }

    fn end_by_mode(&mut self, label: Label) -> Flow {
        match self.mode {
            Mode::InBody => self.in_body_end(label),
            Mode::Initial => self.initial(),
            Mode::BeforeHtml => self.before_html_end(label),
            Mode::BeforeHead => self.before_head_end(label),
            Mode::InHead => self.in_head_end(label),
            Mode::InHeadNoscript => self.in_head_noscript_end(label),
            Mode::AfterHead => self.after_head_end(label),
            Mode::InTable => self.in_table_end(label),
            Mode::InCaption => self.in_caption_end(label),
            Mode::InColumnGroup => self.in_column_group_end(label),
            Mode::InTableBody => self.in_table_body_end(label),
            Mode::InRow => self.in_row_end(label),
            Mode::InCell => self.in_cell_end(label),
            Mode::InTemplate => self.in_template_end(label),
            Mode::AfterBody | Mode::AfterAfterBody => self.after_body_end(label),
        }
    }
}
