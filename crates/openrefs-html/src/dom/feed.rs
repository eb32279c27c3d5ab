//! Feeds our tokens to html5ever's tree builder.
//!
//! A tag takes along only the attributes that the tree builder or we ask for. Formatting elements are compared with
//! one another by all their attributes, so they get one more, made of a hash of all. That keeps the tree builder's
//! work per tag bounded, however many attributes a hostile page writes.

use super::sink::Tree;
use crate::names::{Name, class};
use crate::scan::doctype;
use crate::scan::reference::{Place, decode, decoded};
use crate::scan::{RawKind, Scanner, Span, Tag as Scanned, Token};
use html5ever::interface::QualName;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind as TreeRawKind;
use html5ever::tokenizer::{Doctype, Tag, TagKind, TokenSink, TokenSinkResult};
use html5ever::tokenizer::{Token as TreeToken, Token::*};
use html5ever::tree_builder::TreeBuilder;
use html5ever::{Attribute, LocalName, ns};

/// The tokenizer and the tree builder of one page.
pub(super) struct Feed<'a> {
    scanner: Scanner<'a>,
    builder: TreeBuilder<u32, Tree>,
    scratch: String,
}

impl<'a> Feed<'a> {
    pub(super) fn new(html: &'a str, builder: TreeBuilder<u32, Tree>) -> Self {
        Feed {
            scanner: Scanner::new(html),
            builder,
            scratch: String::new(),
        }
    }

    /// Reads to the end, or to where the work budget ends.
    pub(super) fn run(mut self) -> Tree {
        loop {
            let builder = &self.builder;
            let token = self
                .scanner
                .next(|| builder.adjusted_current_node_present_but_not_in_html_namespace());
            let eof = token == Token::Eof;
            self.token(token);
            if eof || self.builder.sink.is_exhausted() {
                return self.builder.sink;
            }
        }
    }

    fn token(&mut self, token: Token) {
        match token {
            Token::Text(span) => self.text(span, Place::Data),
            Token::Cdata(span) => self.text(span, Place::Cdata),
            Token::Start(tag) => self.tag(tag, TagKind::StartTag),
            Token::End(tag) => self.tag(tag, TagKind::EndTag),
            Token::Comment => drop(self.process(CommentToken(StrTendril::new()))),
            Token::Doctype(span, closed) => self.doctype(span, closed),
            Token::Eof => drop(self.process(EOFToken)),
        }
    }

    fn process(&self, token: TreeToken) -> TokenSinkResult<u32> {
        self.builder.process_token(token, 1)
    }

    fn text(&mut self, span: Span, place: Place) {
        self.scratch.clear();
        decode(self.scanner.text(span), place, &mut self.scratch);
        for piece in self.scratch.split_inclusive('\0') {
            let text = piece.trim_end_matches('\0');
            if !text.is_empty() {
                drop(self.process(CharacterTokens(StrTendril::from_slice(text))));
            }
            if text.len() < piece.len() {
                drop(self.process(NullCharacterToken));
            }
        }
    }

    fn doctype(&mut self, span: Span, closed: bool) {
        let doctype = doctype::parse(self.scanner.text(span), closed);
        let id = |id: Option<String>| id.map(StrTendril::from);
        drop(self.process(DoctypeToken(Doctype {
            name: id(doctype.name),
            public_id: id(doctype.public),
            system_id: id(doctype.system),
            force_quirks: doctype.force_quirks,
        })));
    }

    fn tag(&mut self, tag: Scanned, kind: TagKind) {
        let text = self.scanner.bytes(tag.name);
        let name = Name::of(text);
        self.scratch.clear();
        self.scratch.push_str(self.scanner.text(tag.name));
        self.scratch.make_ascii_lowercase();
        if text.contains(&0) {
            self.scratch = self.scratch.replace('\0', "\u{fffd}");
        }
        let attrs = if kind == TagKind::StartTag {
            self.attributes(name)
        } else {
            Vec::new()
        };
        let is_start = kind == TagKind::StartTag;
        let result = self.process(TagToken(Tag {
            kind,
            name: LocalName::from(self.scratch.as_str()),
            self_closing: tag.self_closing,
            attrs,
            had_duplicate_attributes: false,
        }));
        if name.is(class::FORMATTING) {
            self.builder.sink.charge_for_formatting(is_start);
        }
        match result {
            TokenSinkResult::Plaintext => self.raw(RawKind::Plaintext, tag),
            TokenSinkResult::RawData(TreeRawKind::Rcdata) => self.raw(RawKind::Rcdata, tag),
            TokenSinkResult::RawData(TreeRawKind::Rawtext) => self.raw(RawKind::Rawtext, tag),
            TokenSinkResult::RawData(_) => self.raw(RawKind::Script, tag),
            _ => {}
        }
    }

    fn raw(&mut self, kind: RawKind, tag: Scanned) {
        let name = self.scanner.bytes(tag.name);
        let span = self.scanner.raw_text(kind, name);
        self.text(
            span,
            if kind == RawKind::Rcdata {
                Place::Rcdata
            } else {
                Place::Raw
            },
        );
    }

    fn attributes(&self, name: Name) -> Vec<Attribute> {
        let wanted = wanted(name);
        let mut attrs: Vec<Attribute> = Vec::new();
        for attribute in self.scanner.attributes() {
            let text = self.scanner.bytes(attribute.name);
            let found = wanted
                .iter()
                .find(|name| name.as_bytes().eq_ignore_ascii_case(text));
            if let Some(name) = found
                && attrs.iter().all(|attr| *attr.name.local != **name)
            {
                attrs.push(attr(
                    name,
                    &decoded(self.scanner.text(attribute.value), Place::Attribute),
                ));
            }
        }
        if name.is(class::FORMATTING) {
            attrs.push(attr("all", &self.scanner.fingerprint().to_string()));
        }
        attrs
    }
}

fn attr(name: &str, value: &str) -> Attribute {
    let name = QualName::new(None, ns!(), LocalName::from(name));
    Attribute {
        name,
        value: StrTendril::from_slice(value),
    }
}

/// The attributes that somebody asks for, by element; in any namespace.
fn wanted(name: Name) -> &'static [&'static str] {
    match name {
        Name::A | Name::Area => &["href", "rel"],
        Name::AnnotationXml => &["encoding"],
        Name::Base => &["href"],
        Name::Font => &["color", "face", "size"],
        Name::Form => &["action", "rel"],
        Name::Frame | Name::Iframe => &["src"],
        Name::Img | Name::Image => &["alt"],
        Name::Input => &["type"],
        Name::Link => &["href", "rel", "type"],
        Name::Meta => &["name", "http-equiv", "content"],
        _ => &[],
    }
}
