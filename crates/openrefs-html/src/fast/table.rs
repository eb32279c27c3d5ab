//! The insertion modes of tables.

use super::stack::Space;
use super::{Builder, Flow, Label, Mode};
use crate::names::{Name, class};

impl Builder<'_> {
    pub(super) fn in_table_start(&mut self, label: Label, self_closing: bool) -> Flow {
        use Name::*;
        match label.name {
            Caption => {
                self.clear_to(class::TABLE_SCOPE);
                self.push_marker();
                self.push_html(label);
                self.mode = Mode::InCaption;
            }
            Colgroup => {
                self.clear_to(class::TABLE_SCOPE);
                self.push_html(label);
                self.mode = Mode::InColumnGroup;
            }
            Col => return self.imply_part(Colgroup, Mode::InColumnGroup),
            Tbody | Tfoot | Thead => {
                self.clear_to(class::TABLE_SCOPE);
                self.push_html(label);
                self.mode = Mode::InTableBody;
            }
            Td | Th | Tr => return self.imply_part(Tbody, Mode::InTableBody),
            Table => return self.table_in_table(),
            Style | Script | Template => return self.in_head_start(label),
            Input
                if self
                    .attribute("type")
                    .is_some_and(|kind| kind.eq_ignore_ascii_case("hidden")) =>
            {
                self.insert(Input, Space::Html);
            }
            Form => {
                if self.templates == 0 && self.form.is_none() {
                    self.insert(Form, Space::Html);
                    self.form = Some(self.new_id());
                }
            }
            _ => {
                self.foster = true;
                let flow = self.in_body_start(label, self_closing);
                self.foster = false;
                return flow;
            }
        }
        Flow::Done
    }

    fn imply_part(&mut self, name: Name, mode: Mode) -> Flow {
        self.clear_to(class::TABLE_SCOPE);
        self.push_implied(name);
        self.mode = mode;
        Flow::Again
    }

    fn table_in_table(&mut self) -> Flow {
        if !self.in_table_scope(Name::Table) {
            return Flow::Done;
        }
        self.end_table();
        Flow::Again
    }

    fn end_table(&mut self) {
        self.pop_until(Name::Table);
        self.mode = self.appropriate_mode();
    }

    pub(super) fn in_table_end(&mut self, label: Label) -> Flow {
        use Name::*;
        match label.name {
            Table => {
                if self.in_table_scope(Table) {
                    self.end_table();
                }
                Flow::Done
            }
            Body | Html => Flow::Done,
            name if name.is(class::TABLE_PART) => Flow::Done,
            Template => self.template_end(),
            _ => {
                self.foster = true;
                let flow = self.in_body_end(label);
                self.foster = false;
                flow
            }
        }
    }

    pub(super) fn in_table_body_start(&mut self, label: Label, self_closing: bool) -> Flow {
        use Name::*;
        match label.name {
            Tr => {
                self.clear_to(class::BODY_CONTEXT);
                self.push_html(label);
                self.mode = Mode::InRow;
                Flow::Done
            }
            Th | Td => {
                self.clear_to(class::BODY_CONTEXT);
                self.push_implied(Tr);
                self.mode = Mode::InRow;
                Flow::Again
            }
            name if name.is(class::TABLE_PART) => self.leave_table_body(),
            _ => self.in_table_start(label, self_closing),
        }
    }

    fn leave_table_body(&mut self) -> Flow {
        let is_outer = |name: Name| matches!(name, Name::Table | Name::Tbody | Name::Tfoot);
        if !self.in_scope_by(class::TABLE_SCOPE, |open| {
            open.space == Space::Html && is_outer(open.label.name)
        }) {
            return Flow::Done;
        }
        self.clear_to(class::BODY_CONTEXT);
        self.pop();
        self.mode = Mode::InTable;
        Flow::Again
    }

    pub(super) fn in_table_body_end(&mut self, label: Label) -> Flow {
        use Name::*;
        match label.name {
            Tbody | Tfoot | Thead => {
                if self.in_table_scope(label.name) {
                    self.clear_to(class::BODY_CONTEXT);
                    self.pop();
                    self.mode = Mode::InTable;
                }
                Flow::Done
            }
            Table => self.leave_table_body(),
            Body | Html => Flow::Done,
            name if name.is(class::TABLE_PART) => Flow::Done,
            _ => self.in_table_end(label),
        }
    }

    pub(super) fn in_row_start(&mut self, label: Label, self_closing: bool) -> Flow {
        match label.name {
            Name::Th | Name::Td => {
                self.clear_to(class::ROW_CONTEXT);
                self.push_html(label);
                self.mode = Mode::InCell;
                self.push_marker();
                Flow::Done
            }
            name if name.is(class::TABLE_PART) => self.leave_row(),
            _ => self.in_table_start(label, self_closing),
        }
    }

    fn leave_row(&mut self) -> Flow {
        if !self.in_table_scope(Name::Tr) {
            return Flow::Done;
        }
        self.clear_to(class::ROW_CONTEXT);
        self.pop();
        self.mode = Mode::InTableBody;
        Flow::Again
    }

    pub(super) fn in_row_end(&mut self, label: Label) -> Flow {
        use Name::*;
        match label.name {
            Tr => {
                self.leave_row();
                Flow::Done
            }
            Table => self.leave_row(),
            Tbody | Tfoot | Thead if self.in_table_scope(label.name) => self.leave_row(),
            Body | Html => Flow::Done,
            name if name.is(class::TABLE_PART) => Flow::Done,
            _ => self.in_table_end(label),
        }
    }

    pub(super) fn in_cell_start(&mut self, label: Label, self_closing: bool) -> Flow {
        if !label.name.is(class::TABLE_PART) {
            return self.in_body_start(label, self_closing);
        }
        if !self.in_scope_by(class::TABLE_SCOPE, |open| open.is_in(class::CELL)) {
            return Flow::Done;
        }
        self.close_cell()
    }

    fn close_cell(&mut self) -> Flow {
        self.pop_until_by(|open| open.is_in(class::CELL));
        self.clear_to_marker();
        self.mode = Mode::InRow;
        Flow::Again
    }

    pub(super) fn in_cell_end(&mut self, label: Label) -> Flow {
        use Name::*;
        match label.name {
            Td | Th => {
                if self.in_table_scope(label.name) {
                    self.pop_until(label.name);
                    self.clear_to_marker();
                    self.mode = Mode::InRow;
                }
                Flow::Done
            }
            Body | Caption | Col | Colgroup | Html => Flow::Done,
            Table | Tbody | Tfoot | Thead | Tr => {
                if self.in_table_scope(label.name) {
                    return self.close_cell();
                }
                Flow::Done
            }
            _ => self.in_body_end(label),
        }
    }

    pub(super) fn in_caption_start(&mut self, label: Label, self_closing: bool) -> Flow {
        if label.name.is(class::TABLE_PART) {
            return self.close_caption();
        }
        self.in_body_start(label, self_closing)
    }

    fn close_caption(&mut self) -> Flow {
        if !self.in_table_scope(Name::Caption) {
            return Flow::Done;
        }
        self.pop_until(Name::Caption);
        self.clear_to_marker();
        self.mode = Mode::InTable;
        Flow::Again
    }

    pub(super) fn in_caption_end(&mut self, label: Label) -> Flow {
        match label.name {
            Name::Table => self.close_caption(),
            Name::Caption => {
                self.close_caption();
                Flow::Done
            }
            Name::Body | Name::Html => Flow::Done,
            name if name.is(class::TABLE_PART) => Flow::Done,
            _ => self.in_body_end(label),
        }
    }

    pub(super) fn in_column_group_start(&mut self, label: Label) -> Flow {
        match label.name {
            Name::Html => Flow::Done,
            Name::Col => {
                self.insert(Name::Col, Space::Html);
                Flow::Done
            }
            Name::Template => self.in_head_start(label),
            _ => self.leave_column_group(),
        }
    }

    /// What does not belong in a column group ends it; in a template there is none, and it is ignored.
    pub(super) fn leave_column_group(&mut self) -> Flow {
        if !self.top_is(Name::Colgroup) {
            return Flow::Done;
        }
        self.pop();
        self.mode = Mode::InTable;
        Flow::Again
    }

    pub(super) fn in_column_group_end(&mut self, label: Label) -> Flow {
        match label.name {
            Name::Colgroup => {
                self.leave_column_group();
                Flow::Done
            }
            Name::Col => Flow::Done,
            Name::Template => self.template_end(),
            _ => self.leave_column_group(),
        }
    }
}
