//! Text: what of it goes to the open anchors, and what it does to the insertion mode.

use super::{Builder, Flow, Label, Mode};
use crate::names::{Name, class};
use crate::scan::reference::{Place, decode};
use crate::scan::{RawKind, Span};

impl Builder<'_> {
    /// Text of the data state or of a CDATA section.
    #[inline]
    pub(super) fn text(&mut self, span: Span, is_cdata: bool) {
        let in_body = matches!(self.mode, Mode::InBody | Mode::InCell) && !self.is_in_foreign();
        if in_body && self.anchors.is_empty() && !self.ignore_line_feed {
            // Only a text of nothing but NULs would not do this, and they are too rare to look for all of them.
            if self.scanner.bytes(span).first() == Some(&0) {
                return self.give_up("NUL in text");
            }
            self.reconstruct();
            if self.anchors.is_empty() {
                return;
            }
        }
        let place = if is_cdata { Place::Cdata } else { Place::Data };
        self.decoded_text(span, place);
    }

    fn decoded_text(&mut self, span: Span, place: Place) {
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        decode(self.scanner.text(span), place, &mut text);
        let mut rest = text.as_str();
        if std::mem::take(&mut self.ignore_line_feed) {
            rest = rest.strip_prefix('\n').unwrap_or(rest);
        }
        for piece in rest.split_inclusive('\0') {
            let solid = piece.trim_end_matches('\0');
            if !solid.is_empty() {
                self.characters(solid);
            }
            if solid.len() < piece.len() {
                self.null();
            }
        }
        self.scratch = text;
    }

    fn null(&mut self) {
        if self.is_in_foreign() && !self.takes_text_as_html() {
            return self.append("\u{fffd}");
        }
        let ignores = !matches!(
            self.mode,
            Mode::Initial
                | Mode::BeforeHtml
                | Mode::BeforeHead
                | Mode::InHead
                | Mode::InHeadNoscript
                | Mode::AfterHead
                | Mode::InColumnGroup
                | Mode::AfterBody
                | Mode::AfterAfterBody
        );
        if !ignores {
            self.give_up("NUL outside the body");
        }
    }

    fn characters(&mut self, text: &str) {
        if self.is_in_foreign() && !self.takes_text_as_html() {
            return self.append(text);
        }
        let mut rest = text;
        while !rest.is_empty() {
            rest = self.characters_by_mode(rest);
        }
    }

    /// Processes text, or its leading white space; what is left of it.
    fn characters_by_mode<'t>(&mut self, text: &'t str) -> &'t str {
        let solid = text.trim_start_matches(|sign: char| sign.is_ascii_whitespace());
        let flow = match self.mode {
            Mode::InBody | Mode::InCell | Mode::InCaption | Mode::InTemplate => {
                self.body_text(text);
                return "";
            }
            Mode::InTable | Mode::InTableBody | Mode::InRow => {
                self.text_in_table(text, !solid.is_empty());
                return "";
            }
            Mode::AfterBody | Mode::AfterAfterBody => {
                if solid.len() < text.len() {
                    self.body_text(&text[..text.len() - solid.len()]);
                }
                if !solid.is_empty() {
                    self.mode = Mode::InBody;
                }
                return solid;
            }
            _ if solid.is_empty() => {
                self.append_blank();
                return "";
            }
            Mode::Initial => self.initial(),
            Mode::BeforeHtml => self.imply_html(),
            Mode::BeforeHead => self.imply_head(),
            Mode::InHead => self.leave_head(),
            Mode::InHeadNoscript => self.leave_noscript(),
            Mode::AfterHead => self.imply_body(),
            Mode::InColumnGroup => {
                if solid.len() < text.len() {
                    self.append_blank();
                }
                self.leave_column_group()
            }
        };
        if flow == Flow::Done { "" } else { solid }
    }

    /// White space where only that is allowed.
    fn append_blank(&mut self) {
        self.append(" ");
    }

    fn body_text(&mut self, text: &str) {
        self.reconstruct();
        self.append(text);
    }

    /// Puts text at the place of insertion: it counts for every open anchor.
    fn append(&mut self, text: &str) {
        if self.templates > 0 || self.mutes > 0 {
            return;
        }
        if !self.anchors.is_empty() && self.is_fostered() {
            return self.give_up("text fostered inside an a");
        }
        for anchor in &mut self.anchors {
            anchor.text.push(text);
        }
    }

    fn text_in_table(&mut self, text: &str, is_solid: bool) {
        if self.top_is_in(class::FOSTER) {
            self.table_text = Some(is_solid || self.table_text == Some(true));
            return;
        }
        self.foster = true;
        self.body_text(text);
        self.foster = false;
    }

    /// Text in a table waits for the next token: only all of it together is white space or not. One space stands for
    /// white space of any length.
    #[inline]
    pub(super) fn flush_table_text(&mut self) {
        let Some(is_solid) = self.table_text.take() else {
            return;
        };
        if !is_solid {
            return self.append_blank();
        }
        self.foster = true;
        self.reconstruct();
        self.foster = false;
        // The text itself is not kept, so it must be nobody's.
        if !self.anchors.is_empty() {
            self.give_up("text fostered inside an a");
        }
    }

    /// The content of an element that holds raw text; its end tag is the next token.
    pub(super) fn raw_text(&mut self, kind: RawKind, label: Label) {
        let name = self.scanner.bytes(label.span);
        let span = self.scanner.raw_text(kind, name);
        if kind == RawKind::Plaintext {
            return self.decoded_text(span, Place::Raw);
        }
        let ignore_line_feed = std::mem::take(&mut self.ignore_line_feed);
        self.scanner.next(|| false);
        let is_text = !matches!(label.name, Name::Script | Name::Style);
        if self.anchors.is_empty() || !is_text {
            return;
        }
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        let place = if kind == RawKind::Rcdata {
            Place::Rcdata
        } else {
            Place::Raw
        };
        decode(self.scanner.text(span), place, &mut text);
        let rest = if ignore_line_feed {
            text.strip_prefix('\n')
        } else {
            None
        };
        self.append(rest.unwrap_or(&text));
        self.scratch = text;
    }
}
