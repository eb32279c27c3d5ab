//! The stack of open elements: scopes, and popping.

use super::{Builder, Label};
use crate::names::{Name, class};
use crate::scan::Span;

/// More open elements than this, and the reader gives up: its searches of the stack would cost too much.
const DEPTH_MAX: usize = 512;

/// No element of the page.
pub(super) const NONE: u32 = u32::MAX;

/// A namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    Html,
    Svg,
    MathMl,
}

/// An open element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    /// Tells elements of one name apart.
    pub(super) id: u32,
    pub(super) label: Label,
    pub(super) space: Space,
    /// Its classes; a foreign element has none, but `SCOPE` if it is an integration point.
    pub(super) classes: u32,
    /// An `a` that may be a link: its place in the page. Otherwise [`NONE`].
    pub(super) anchor: u32,
    /// `table`: how many things had been found before anything inside it.
    pub(super) found: u32,
    /// `annotation-xml` that takes HTML.
    pub(super) takes_html: bool,
}

impl Open {
    /// Whether it is the HTML element `name`, one of the known names.
    #[inline]
    pub(super) fn is(&self, name: Name) -> bool {
        self.label.name == name && self.space == Space::Html
    }

    /// Whether it is an HTML element in one of `classes`.
    #[inline]
    pub(super) fn is_in(&self, classes: u32) -> bool {
        self.classes & classes != 0 && self.space == Space::Html
    }

    fn is_muted(&self) -> bool {
        self.space != Space::Html && matches!(self.label.name, Name::Script | Name::Style | Name::Template)
    }
}

impl Builder<'_> {
    #[inline]
    pub(super) fn top_is(&self, name: Name) -> bool {
        self.stack.last().is_some_and(|open| open.is(name))
    }

    #[inline]
    pub(super) fn top_is_in(&self, classes: u32) -> bool {
        self.stack.last().is_some_and(|open| open.is_in(classes))
    }

    /// Whether an open element has this name, in any namespace.
    pub(super) fn same_name(&self, open: &Open, label: Label) -> bool {
        open.label.name == label.name
            && (label.name != Name::Other || self.same_text(open.label.span, label.span))
    }

    fn same_text(&self, one: Span, other: Span) -> bool {
        self.scanner
            .bytes(one)
            .eq_ignore_ascii_case(self.scanner.bytes(other))
    }

    /// Whether an element that `wanted` holds for is in the scope that `bounds` end.
    #[inline]
    pub(super) fn in_scope_by(&self, bounds: u32, wanted: impl Fn(&Open) -> bool) -> bool {
        for open in self.stack.iter().rev() {
            if wanted(open) {
                return true;
            }
            if open.classes & bounds != 0 {
                return false;
            }
        }
        false
    }

    pub(super) fn in_scope(&self, name: Name) -> bool {
        self.in_scope_by(class::SCOPE, |open| open.is(name))
    }

    pub(super) fn in_table_scope(&self, name: Name) -> bool {
        self.in_scope_by(class::TABLE_SCOPE, |open| open.is(name))
    }

    pub(super) fn p_in_button_scope(&self) -> bool {
        self.in_scope_by(class::SCOPE | class::BUTTON_SCOPE, |open| open.is(Name::P))
    }

    /// Closes an open `p`, as block start tags do.
    #[inline]
    pub(super) fn close_p(&mut self) {
        if self.p_in_button_scope() {
            self.pop_until(Name::P);
        }
    }

    #[inline]
    pub(super) fn push_open(&mut self, open: Open) {
        self.templates += u32::from(open.is(Name::Template));
        self.mutes += u32::from(open.is_muted());
        self.stack.push(open);
        if self.stack.len() > DEPTH_MAX {
            self.give_up("too deep");
        }
    }

    #[inline]
    pub(super) fn pop(&mut self) {
        let Some(open) = self.stack.pop() else { return };
        self.templates -= u32::from(open.is(Name::Template));
        self.mutes -= u32::from(open.is_muted());
        if open.anchor != NONE {
            self.close_anchor();
        }
    }

    /// Pops down to `length` elements.
    pub(super) fn pop_to(&mut self, length: usize) {
        while self.stack.len() > length {
            self.pop();
        }
    }

    /// Pops up to and with the HTML element `name`.
    #[inline]
    pub(super) fn pop_until(&mut self, name: Name) {
        self.pop_until_by(|open| open.is(name));
    }

    #[inline]
    pub(super) fn pop_until_by(&mut self, last: impl Fn(&Open) -> bool) {
        while let Some(open) = self.stack.last() {
            let is_last = last(open);
            self.pop();
            if is_last {
                return;
            }
        }
    }

    /// Pops until the current node is in one of `classes`: "clear the stack back to a ... context".
    pub(super) fn clear_to(&mut self, classes: u32) {
        while !self.stack.is_empty() && !self.top_is_in(classes) {
            self.pop();
        }
    }

    /// Takes an element out of the middle of the stack.
    pub(super) fn remove_at(&mut self, index: usize) {
        if index + 1 == self.stack.len() {
            return self.pop();
        }
        if self.stack[index].anchor != NONE {
            return self.give_up("a taken out of the stack");
        }
        self.stack.remove(index);
    }

    pub(super) fn position(&self, id: u32) -> Option<usize> {
        self.stack.iter().rposition(|open| open.id == id)
    }

    /// "Generate implied end tags", except for elements named `except`.
    pub(super) fn pop_implied(&mut self, except: Option<Name>) {
        while let Some(open) = self.stack.last()
            && open.is_in(class::IMPLIED_END)
            && Some(open.label.name) != except
        {
            self.pop();
        }
    }

    /// The end tag of an element that no rule names.
    pub(super) fn any_other_end(&mut self, label: Label) {
        for index in (0..self.stack.len()).rev() {
            let open = &self.stack[index];
            if open.space == Space::Html && self.same_name(open, label) {
                return self.pop_to(index);
            }
            if open.is_in(class::SPECIAL) {
                return;
            }
        }
    }
}
