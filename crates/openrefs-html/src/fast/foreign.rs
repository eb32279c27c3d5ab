//! Foreign content: elements of SVG and MathML.

use super::stack::Space;
use super::{Builder, Flow, Label};
use crate::names::{Name, class};

impl Builder<'_> {
    /// Whether the current node is a foreign element.
    #[inline]
    pub(super) fn is_in_foreign(&self) -> bool {
        self.stack.last().is_some_and(|open| open.space != Space::Html)
    }

    /// Whether the current node takes text as HTML, too, though it is foreign.
    pub(super) fn takes_text_as_html(&self) -> bool {
        self.stack
            .last()
            .is_some_and(|open| open.classes & class::SCOPE != 0 || open.takes_html)
    }

    /// Whether a start tag goes by the rules for foreign content, the current node being foreign.
    pub(super) fn is_foreign_start(&self, name: Name) -> bool {
        let Some(top) = self.stack.last() else {
            return false;
        };
        if top.label.name == Name::AnnotationXml && top.space == Space::MathMl {
            return name != Name::Svg && !top.takes_html;
        }
        let is_integration_point = top.classes & class::SCOPE != 0;
        !is_integration_point
            || (top.space == Space::MathMl && matches!(name, Name::Mglyph | Name::Malignmark))
    }

    /// Whether a start tag ends foreign content.
    pub(super) fn leaves_foreign(&self, name: Name) -> bool {
        name.is(class::BREAKOUT)
            || (name == Name::Font
                && ["color", "face", "size"]
                    .iter()
                    .any(|name| self.attribute(name).is_some()))
    }

    /// Closes foreign elements up to one that takes HTML.
    pub(super) fn pop_foreign(&mut self) {
        while let Some(open) = self.stack.last()
            && open.space != Space::Html
            && open.classes & class::SCOPE == 0
        {
            self.pop();
        }
    }

    /// `svg` and `math` in HTML.
    pub(super) fn enter_foreign(&mut self, label: Label, space: Space, self_closing: bool) {
        self.reconstruct();
        self.insert_foreign(label, space, self_closing);
    }

    pub(super) fn foreign_start(&mut self, label: Label, self_closing: bool) {
        let space = self.stack.last().map_or(Space::Svg, |open| open.space);
        self.insert_foreign(label, space, self_closing);
    }

    fn insert_foreign(&mut self, label: Label, space: Space, self_closing: bool) {
        if self_closing {
            self.insert(label.name, space);
        } else {
            self.push(label, space);
        }
    }

    /// An end tag while the current node is foreign; `Again` if it is up to the rules of the mode.
    pub(super) fn foreign_end(&mut self, label: Label) -> Flow {
        if matches!(label.name, Name::Br | Name::P) {
            self.pop_foreign();
            return Flow::Again;
        }
        for index in (1..self.stack.len()).rev() {
            let open = &self.stack[index];
            if open.space == Space::Html {
                return Flow::Again;
            }
            if self.same_name(open, label) {
                self.pop_to(index);
                return Flow::Done;
            }
        }
        Flow::Done
    }
}
