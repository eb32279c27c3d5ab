//! The "in body" insertion mode.

use super::stack::Space;
use super::{Builder, Flow, Label, Mode};
use crate::names::{Name, class};
use crate::scan::RawKind;

impl Builder<'_> {
    #[inline]
    pub(super) fn in_body_start(&mut self, label: Label, self_closing: bool) -> Flow {
        let classes = label.name.classes();
        if label.name == Name::A {
            self.end_open_a(label);
            self.reconstruct();
            self.push_formatting(label);
        } else if classes & class::BLOCK != 0 || label.name == Name::P {
            self.close_p();
            self.push_html(label);
        } else if classes & class::HEAD != 0 {
            return self.in_head_start(label);
        } else if classes & class::FORMATTING != 0 {
            self.formatting_start(label);
        } else if classes & class::HEADING != 0 {
            self.close_p();
            if self.top_is_in(class::HEADING) {
                self.pop();
            }
            self.push_html(label);
        } else if classes & class::TABLE_PART == 0 {
            self.other_start(label, self_closing);
        }
        Flow::Done
    }

    fn formatting_start(&mut self, label: Label) {
        self.reconstruct();
        if label.name == Name::Nobr && self.in_scope(Name::Nobr) {
            self.adoption_agency(label);
            self.reconstruct();
        }
        self.push_formatting(label);
    }

    fn other_start(&mut self, label: Label, self_closing: bool) {
        use Name::*;
        match label.name {
            Html | Body | Head | Frame => {}
            Frameset => self.give_up("frameset"),
            Area | Br | Embed | Img | Keygen | Wbr => {
                self.reconstruct();
                self.insert(label.name, Space::Html);
            }
            Image => {
                self.reconstruct();
                self.insert(Img, Space::Html);
            }
            Param | Source | Track => self.insert(label.name, Space::Html),
            Li => self.item_start(label, &[Li]),
            Dd | Dt => self.item_start(label, &[Dd, Dt]),
            Form => self.form_start(label),
            Pre | Listing => {
                self.close_p();
                self.push_html(label);
                self.ignore_line_feed = true;
            }
            Plaintext => {
                self.close_p();
                self.push_html(label);
                self.raw = Some(RawKind::Plaintext);
            }
            Textarea => {
                self.ignore_line_feed = true;
                self.insert_raw(label, RawKind::Rcdata);
            }
            Xmp => {
                self.close_p();
                self.reconstruct();
                self.insert_raw(label, RawKind::Rawtext);
            }
            Iframe | Noembed => self.insert_raw(label, RawKind::Rawtext),
            Table => {
                if !self.quirks {
                    self.close_p();
                }
                self.push_html(label);
                self.mode = Mode::InTable;
            }
            Math => self.enter_foreign(label, Space::MathMl, self_closing),
            Svg => self.enter_foreign(label, Space::Svg, self_closing),
            _ => self.control_start(label),
        }
    }

    /// Form controls, ruby, objects, and elements that no rule names.
    fn control_start(&mut self, label: Label) {
        use Name::*;
        match label.name {
            Button if self.in_scope(Button) => self.pop_until(Button),
            Input => {
                if self.in_scope(Select) {
                    self.pop_until(Select);
                }
                self.reconstruct();
                return self.insert(Input, Space::Html);
            }
            Hr => {
                self.close_p();
                if self.in_scope(Select) {
                    self.pop_implied(None);
                }
                return self.insert(Hr, Space::Html);
            }
            Select if self.in_scope(Select) => return self.pop_until(Select),
            Option | Optgroup => self.before_option(label.name),
            Rb | Rtc | Rp | Rt => {
                if self.in_scope(Ruby) {
                    let except = matches!(label.name, Rp | Rt).then_some(Rtc);
                    self.pop_implied(except);
                }
                self.push_html(label);
                return;
            }
            _ => {}
        }
        self.reconstruct();
        self.push_html(label);
        if matches!(label.name, Applet | Marquee | Object) {
            self.push_marker();
        }
    }

    fn before_option(&mut self, name: Name) {
        if self.in_scope(Name::Select) {
            let except = (name == Name::Option).then_some(Name::Optgroup);
            self.pop_implied(except);
        } else if self.top_is(Name::Option) {
            self.pop();
        }
    }

    /// `li`, `dd`, `dt`: ends an open item of the same list.
    fn item_start(&mut self, label: Label, items: &[Name]) {
        for index in (0..self.stack.len()).rev() {
            let open = &self.stack[index];
            if open.space == Space::Html && items.contains(&open.label.name) {
                self.pop_to(index);
                break;
            }
            let name = open.label.name;
            if open.is_in(class::SPECIAL) && !matches!(name, Name::Address | Name::Div | Name::P) {
                break;
            }
        }
        self.close_p();
        self.push_html(label);
    }

    fn form_start(&mut self, label: Label) {
        if self.form.is_some() && self.templates == 0 {
            return;
        }
        self.close_p();
        let id = self.push_html(label);
        if self.templates == 0 {
            self.form = Some(id);
        }
    }

    #[inline]
    pub(super) fn in_body_end(&mut self, label: Label) -> Flow {
        use Name::*;
        let name = label.name;
        if name.is(class::FORMATTING) {
            self.adoption_agency(label);
        } else if name.is(class::BLOCK) || matches!(name, Button | Listing | Pre | Select) {
            self.end_in_scope(name, class::SCOPE);
        } else if name.is(class::HEADING) {
            if self.in_scope_by(class::SCOPE, |open| open.is_in(class::HEADING)) {
                self.pop_until_by(|open| open.is_in(class::HEADING));
            }
        } else {
            return self.other_end(label);
        }
        Flow::Done
    }

    fn other_end(&mut self, label: Label) -> Flow {
        use Name::*;
        match label.name {
            Template => return self.template_end(),
            Body | Html => {
                if self.in_scope(Body) {
                    self.mode = Mode::AfterBody;
                    return if label.name == Html {
                        Flow::Again
                    } else {
                        Flow::Done
                    };
                }
            }
            P => {
                if !self.p_in_button_scope() {
                    self.push_implied(P);
                }
                self.pop_until(P);
            }
            Li => self.end_in_scope(Li, class::SCOPE | class::LIST_SCOPE),
            Dd | Dt => self.end_in_scope(label.name, class::SCOPE),
            Form => self.form_end(),
            Applet | Marquee | Object => {
                if self.in_scope(label.name) {
                    self.pop_until(label.name);
                    self.clear_to_marker();
                }
            }
            Br => {
                self.reconstruct();
                self.insert(Br, Space::Html);
            }
            _ => self.any_other_end(label),
        }
        Flow::Done
    }

    /// Closes down to the element `name` if it is in scope.
    fn end_in_scope(&mut self, name: Name, bounds: u32) {
        if self.in_scope_by(bounds, |open| open.is(name)) {
            self.pop_until(name);
        }
    }

    fn form_end(&mut self) {
        if self.templates > 0 {
            return self.end_in_scope(Name::Form, class::SCOPE);
        }
        let Some(id) = self.form.take() else { return };
        if !self.in_scope_by(class::SCOPE, |open| open.id == id) {
            return;
        }
        self.pop_implied(None);
        if let Some(index) = self.position(id) {
            self.remove_at(index);
        }
    }
}
