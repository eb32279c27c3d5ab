//! The insertion modes before the body and after it.

use super::{Builder, Flow, Label, Mode};
use crate::names::{Name, class};
use crate::scan::RawKind;

impl Builder<'_> {
    /// Any token but a doctype.
    pub(super) fn initial(&mut self) -> Flow {
        self.quirks = true;
        self.mode = Mode::BeforeHtml;
        Flow::Again
    }

    pub(super) fn before_html_start(&mut self, label: Label) -> Flow {
        if label.name == Name::Html {
            self.push_html(label);
            self.mode = Mode::BeforeHead;
            return Flow::Done;
        }
        self.imply_html()
    }

    pub(super) fn imply_html(&mut self) -> Flow {
        self.push_implied(Name::Html);
        self.mode = Mode::BeforeHead;
        Flow::Again
    }

    pub(super) fn before_html_end(&mut self, label: Label) -> Flow {
        match label.name {
            Name::Head | Name::Body | Name::Html | Name::Br => self.imply_html(),
            _ => Flow::Done,
        }
    }

    pub(super) fn before_head_start(&mut self, label: Label) -> Flow {
        match label.name {
            Name::Html => Flow::Done,
            Name::Head => {
                self.imply_head();
                Flow::Done
            }
            _ => self.imply_head(),
        }
    }

    pub(super) fn imply_head(&mut self) -> Flow {
        self.push_implied(Name::Head);
        self.head_seen = true;
        self.mode = Mode::InHead;
        Flow::Again
    }

    pub(super) fn before_head_end(&mut self, label: Label) -> Flow {
        match label.name {
            Name::Head | Name::Body | Name::Html | Name::Br => self.imply_head(),
            _ => Flow::Done,
        }
    }

    pub(super) fn in_head_start(&mut self, label: Label) -> Flow {
        match label.name {
            Name::Html | Name::Head => {}
            Name::Base | Name::Basefont | Name::Bgsound | Name::Link | Name::Meta => {
                self.insert(label.name, super::stack::Space::Html);
            }
            Name::Title => self.insert_raw(label, RawKind::Rcdata),
            Name::Noframes | Name::Style => self.insert_raw(label, RawKind::Rawtext),
            Name::Script => self.insert_raw(label, RawKind::Script),
            Name::Noscript => {
                self.push_html(label);
                self.mode = Mode::InHeadNoscript;
            }
            Name::Template => {
                self.push_marker();
                self.mode = Mode::InTemplate;
                self.template_modes.push(Mode::InTemplate);
                self.push_html(label);
            }
            _ => return self.leave_head(),
        }
        Flow::Done
    }

    pub(super) fn leave_head(&mut self) -> Flow {
        self.pop();
        self.mode = Mode::AfterHead;
        Flow::Again
    }

    pub(super) fn in_head_end(&mut self, label: Label) -> Flow {
        match label.name {
            Name::Head => {
                self.leave_head();
                Flow::Done
            }
            Name::Body | Name::Html | Name::Br => self.leave_head(),
            Name::Template => self.template_end(),
            _ => Flow::Done,
        }
    }

    pub(super) fn template_end(&mut self) -> Flow {
        if self.templates > 0 {
            self.pop_until(Name::Template);
            self.clear_to_marker();
            self.template_modes.pop();
            self.mode = self.appropriate_mode();
        }
        Flow::Done
    }

    pub(super) fn in_head_noscript_start(&mut self, label: Label) -> Flow {
        match label.name {
            Name::Html | Name::Head | Name::Noscript => Flow::Done,
            Name::Basefont | Name::Bgsound | Name::Link | Name::Meta | Name::Noframes | Name::Style => {
                self.in_head_start(label)
            }
            _ => self.leave_noscript(),
        }
    }

    pub(super) fn leave_noscript(&mut self) -> Flow {
        self.pop();
        self.mode = Mode::InHead;
        Flow::Again
    }

    pub(super) fn in_head_noscript_end(&mut self, label: Label) -> Flow {
        match label.name {
            Name::Noscript => {
                self.leave_noscript();
                Flow::Done
            }
            Name::Br => self.leave_noscript(),
            _ => Flow::Done,
        }
    }

    pub(super) fn after_head_start(&mut self, label: Label) -> Flow {
        match label.name {
            Name::Html | Name::Head => Flow::Done,
            Name::Body => {
                self.imply_body();
                Flow::Done
            }
            Name::Frameset => {
                self.give_up("frameset");
                Flow::Done
            }
            // These go into the head, which was before: nothing that counts is between.
            name if name.is(class::HEAD) => self.in_head_start(label),
            _ => self.imply_body(),
        }
    }

    pub(super) fn imply_body(&mut self) -> Flow {
        self.push_implied(Name::Body);
        self.mode = Mode::InBody;
        Flow::Again
    }

    pub(super) fn after_head_end(&mut self, label: Label) -> Flow {
        match label.name {
            Name::Template => self.template_end(),
            Name::Body | Name::Html | Name::Br => self.imply_body(),
            _ => Flow::Done,
        }
    }

    pub(super) fn in_template_start(&mut self, label: Label) -> Flow {
        let mode = match label.name {
            Name::Caption | Name::Colgroup | Name::Tbody | Name::Tfoot | Name::Thead => Mode::InTable,
            Name::Col => Mode::InColumnGroup,
            Name::Tr => Mode::InTableBody,
            Name::Td | Name::Th => Mode::InRow,
            name if name.is(class::HEAD) => return self.in_head_start(label),
            _ => Mode::InBody,
        };
        self.template_modes.pop();
        self.template_modes.push(mode);
        self.mode = mode;
        Flow::Again
    }

    pub(super) fn in_template_end(&mut self, label: Label) -> Flow {
        match label.name {
            Name::Template => self.template_end(),
            _ => Flow::Done,
        }
    }

    pub(super) fn after_body_start(&mut self, label: Label) -> Flow {
        if label.name == Name::Html {
            return Flow::Done;
        }
        self.mode = Mode::InBody;
        Flow::Again
    }

    pub(super) fn after_body_end(&mut self, label: Label) -> Flow {
        if self.mode == Mode::AfterBody && label.name == Name::Html {
            self.mode = Mode::AfterAfterBody;
            return Flow::Done;
        }
        self.mode = Mode::InBody;
        Flow::Again
    }

    /// "Reset the insertion mode appropriately".
    pub(super) fn appropriate_mode(&self) -> Mode {
        for (index, open) in self.stack.iter().enumerate().rev() {
            if open.space != super::stack::Space::Html {
                continue;
            }
            match open.label.name {
                Name::Td | Name::Th if index > 0 => return Mode::InCell,
                Name::Tr => return Mode::InRow,
                Name::Tbody | Name::Thead | Name::Tfoot => return Mode::InTableBody,
                Name::Caption => return Mode::InCaption,
                Name::Colgroup => return Mode::InColumnGroup,
                Name::Table => return Mode::InTable,
                Name::Template => return self.template_modes.last().copied().unwrap_or(Mode::InTemplate),
                Name::Head if index > 0 => return Mode::InHead,
                Name::Body => return Mode::InBody,
                Name::Html => {
                    return if self.head_seen {
                        Mode::AfterHead
                    } else {
                        Mode::BeforeHead
                    };
                }
                _ => {}
            }
        }
        Mode::InBody
    }
}
