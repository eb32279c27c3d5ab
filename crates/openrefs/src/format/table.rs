//! Aligned columns for people: texts to the left, numbers to the right, the totals below.
//!
//! Widths are those of the first rows, so memory is bounded whatever the number of rows. On a terminal no line is wider
//! than it: instants become days, then the widest texts are cut. Characters that would control the terminal are not passed on, since texts
//! come from the web.

use std::borrow::Cow;
use std::io::{self, Write};

use console::{Alignment, Term, measure_text_width, pad_str, truncate_str};
use openrefs_model::time;

use crate::format::{Format, Row};
use crate::value::{Shape, Value};

/// Rows that decide over the widths.
const ROWS_MEASURED: usize = 1_000;
/// A text column is not cut below this.
const TEXT_COLUMNS_MIN: usize = 12;
/// A day is so much of an instant.
const DAY_COLUMNS: usize = "YYYY-MM-DD".len();
const GAP: &str = "  ";

/// The width of the terminal that standard output is, if it is one.
pub fn terminal_columns() -> Option<usize> {
    let term = Term::stdout();
    if !term.is_term() {
        return None;
    }
    term.size_checked().map(|(_, columns)| usize::from(columns))
}

/// Writes lines.
pub struct Table {
    shape: Shape,
    columns_max: Option<usize>,
    /// Rows held back until the widths are known.
    held: Vec<Vec<Cell>>,
    widths: Option<Vec<usize>>,
    rows: u64,
}

struct Cell {
    text: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Number,
    Instant,
}

impl Table {
    /// For a report, on a terminal of so many columns.
    pub fn new(shape: Shape, columns_max: Option<usize>) -> Self {
        Self {
            shape,
            columns_max,
            held: Vec::new(),
            widths: None,
            rows: 0,
        }
    }

    /// Writes the head and the rows held back, with the widths they need.
    fn release(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        let widths = self.measure(&held);
        let head: Vec<Cell> = self
            .shape
            .columns
            .iter()
            .enumerate()
            .map(|(n, name)| Cell {
                text: (*name).to_owned(),
                // The head of dates is cut like a text, not like a date.
                kind: match held.first().map(|row| row[n].kind) {
                    Some(Kind::Number) => Kind::Number,
                    _ => Kind::Text,
                },
            })
            .collect();
        self.line(out, &head, &widths)?;
        let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        self.write_line(out, &rule.join(GAP))?;
        for row in &held {
            self.line(out, row, &widths)?;
        }
        self.widths = Some(widths);
        Ok(())
    }

    fn measure(&self, rows: &[Vec<Cell>]) -> Vec<usize> {
        let mut widths: Vec<usize> = self.shape.columns.iter().map(|name| name.len()).collect();
        let heads = widths.clone();
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(measure_text_width(&cell.text));
            }
        }
        if let (Some(columns_max), Some(row)) = (self.columns_max, rows.first()) {
            let gaps = GAP.len() * widths.len().saturating_sub(1);
            let of_kind = |kind| (0..row.len()).filter(move |&n| row[n].kind == kind);
            let too_wide = |widths: &[usize]| widths.iter().sum::<usize>() + gaps > columns_max;
            if too_wide(&widths) {
                of_kind(Kind::Instant).for_each(|n| widths[n] = heads[n].max(DAY_COLUMNS));
            }
            while too_wide(&widths) {
                let shrinkable = of_kind(Kind::Text).filter(|&n| widths[n] > TEXT_COLUMNS_MIN);
                let Some(widest) = shrinkable.max_by_key(|&n| widths[n]) else {
                    break;
                };
                widths[widest] -= 1;
            }
        }
        widths
    }

    fn line(&self, out: &mut dyn Write, row: &[Cell], widths: &[usize]) -> io::Result<()> {
        let mut line = String::new();
        for (n, (cell, width)) in row.iter().zip(widths).enumerate() {
            if n > 0 {
                line.push_str(GAP);
            }
            // Without a terminal nothing is cut: a late text that is longer just moves its line.
            let cut = self.columns_max.map(|_| "…");
            let (text, side) = match cell.kind {
                Kind::Number => (cell.text.as_str(), Alignment::Right),
                Kind::Instant if cell.text.len() > *width => {
                    (cell.text.get(..DAY_COLUMNS).unwrap_or_default(), Alignment::Left)
                }
                Kind::Text | Kind::Instant => (cell.text.as_str(), Alignment::Left),
            };
            line.push_str(&pad_str(text, *width, side, cut));
        }
        self.write_line(out, line.trim_end())
    }

    fn write_line(&self, out: &mut dyn Write, line: &str) -> io::Result<()> {
        let line = match self.columns_max {
            Some(columns_max) => truncate_str(line, columns_max, "…"),
            None => Cow::Borrowed(line),
        };
        writeln!(out, "{line}")
    }
}

impl Format for Table {
    fn start(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, out: &mut dyn Write, row: Row<'_, '_>) -> io::Result<()> {
        let row: Vec<Cell> = row.map(|value| cell(&value)).collect();
        self.rows += 1;
        if let Some(widths) = &self.widths {
            return self.line(out, &row, widths);
        }
        self.held.push(row);
        if self.held.len() >= ROWS_MEASURED {
            self.release(out)?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write, totals: &[(&'static str, u64)]) -> io::Result<()> {
        if self.widths.is_none() && !self.held.is_empty() {
            self.release(out)?;
        }
        if self.rows > 0 {
            writeln!(out)?;
        }
        let rows = if self.rows == 1 { "row" } else { "rows" };
        let mut line = format!("{} {rows} shown", self.rows);
        for (n, (name, total)) in totals.iter().enumerate() {
            line.push_str(if n == 0 { "; in all " } else { ", " });
            line.push_str(&format!("{name} {total}"));
        }
        self.write_line(out, &line)
    }
}

fn cell(value: &Value<'_>) -> Cell {
    let (text, kind) = match value {
        Value::Text(text) => (visible(text), Kind::Text),
        Value::Count(count) => (count.to_string(), Kind::Number),
        Value::Instant(instant) => (time::format(*instant), Kind::Instant),
        Value::Flag(flag) => (if *flag { "yes" } else { "no" }.to_owned(), Kind::Text),
    };
    Cell { text, kind }
}

/// A text without characters that control the terminal or turn the direction of writing.
fn visible(text: &str) -> String {
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .map(|c| if c.is_control() || turns(c) { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(columns_max: Option<usize>, rows: &[(&str, u64)]) -> String {
        let shape = Shape {
            rows: "rows",
            row: "row",
            columns: vec!["text", "number"],
        };
        let mut table = Table::new(shape, columns_max);
        let mut out = Vec::new();
        table.start(&mut out).unwrap();
        for (text, number) in rows {
            let cells = [Value::Text(Cow::Borrowed(text)), Value::Count(*number)];
            table.row(&mut out, &mut cells.into_iter()).unwrap();
        }
        table.end(&mut out, &[("things", 7)]).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn texts_left_numbers_right() {
        assert_eq!(
            written(None, &[("a", 10), ("路路", 9)]),
            "text  number\n----  ------\na         10\n路路       9\n\n2 rows shown; in all things 7\n"
        );
    }

    #[test]
    fn never_wider_than_the_terminal() {
        let long = "路".repeat(300);
        for columns_max in [10, 20, 40, 80] {
            for line in written(Some(columns_max), &[(&long, 1), ("x", u64::MAX)]).lines() {
                assert!(measure_text_width(line) <= columns_max, "{columns_max}: {line}");
            }
        }
    }

    #[test]
    fn instants_become_days_before_texts_are_cut() {
        let shape = Shape {
            rows: "rows",
            row: "row",
            columns: vec!["text", "seen"],
        };
        let mut table = Table::new(shape, Some(25));
        let mut out = Vec::new();
        let cells = [Value::Text(Cow::Borrowed("abcdefghijklm")), Value::Instant(0)];
        table.row(&mut out, &mut cells.into_iter()).unwrap();
        table.end(&mut out, &[]).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("\nabcdefghijklm  1970-01-01\n"), "{text}");
    }

    #[test]
    fn rows_beyond_those_measured_are_written_too() {
        let rows = vec![("x", 1); ROWS_MEASURED + 2];
        let text = written(None, &rows);
        assert_eq!(
            text.lines().filter(|line| line.starts_with("x ")).count(),
            ROWS_MEASURED + 2
        );
        assert_eq!(text.matches("----").count(), 2);
    }

    #[test]
    fn texts_do_not_control_the_terminal() {
        let text = written(None, &[("a\u{1b}[31mb\r\n\u{202e}c", 1)]);
        assert!(text.contains("a\u{fffd}[31mb\u{fffd}\u{fffd}\u{fffd}c"), "{text}");
    }
}
