//! Conditions: any text is read or is refused in one line of bounded length; a list that is written by the grammar is
//! read, and holds for a row just when a plain model of it holds.

#![no_main]

use std::borrow::Cow;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use openrefs_fuzz::{is_error_line, list};
use openrefs_model::time;
use openrefs_query::filter::{CONDITIONS_MAX, Fields, Filter, FilterColumn, TEXT_BYTES_MAX, having, where_};

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    text: &'a str,
    conditions: Vec<Condition<'a>>,
    row: Row<'a>,
}

#[derive(Arbitrary, Debug)]
struct Row<'a> {
    url_path: &'a str,
    ip: &'a str,
    refdomain: &'a str,
    backlinks: u16,
    refpages: u16,
    first_seen: u32,
    last_visited: u32,
    domain_rating: u8,
}

#[derive(Arbitrary, Debug)]
struct Condition<'a> {
    test: Test<'a>,
    spelling: Spelling,
}

#[derive(Arbitrary, Debug)]
enum Test<'a> {
    Text(TextColumn, TextTest, Literal<'a>),
    Number(NumberColumn, Comparison, u16),
    Date(DateColumn, Comparison, u32),
}

/// A text to look for: any, or a part of the row's own.
#[derive(Arbitrary, Debug)]
enum Literal<'a> {
    Any(&'a str),
    Own(u8, u8),
}

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq)]
enum TextColumn {
    Url,
    Ip,
    Refdomain,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum NumberColumn {
    Backlinks,
    Refpages,
    DomainRating,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum DateColumn {
    FirstSeen,
    LastVisited,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum TextTest {
    Comparison(Comparison),
    Subdomain,
    Substring,
    Word,
}

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Choices that mean nothing.
#[derive(Arbitrary, Debug)]
struct Spelling {
    blanks: u8,
    single: bool,
    colon: bool,
    bare: bool,
    commas: u8,
    escapes: u8,
}

const URL_START: &str = "https://www.example.com/";

impl Fields for Row<'_> {
    fn text(&self, column: FilterColumn) -> Cow<'_, str> {
        match column {
            FilterColumn::Url => Cow::Owned(format!("{URL_START}{}", self.url_path)),
            FilterColumn::Ip => Cow::Borrowed(self.ip),
            _ => Cow::Borrowed(self.refdomain),
        }
    }

    fn number(&self, column: FilterColumn) -> i64 {
        match column {
            FilterColumn::Backlinks => self.backlinks.into(),
            FilterColumn::Refpages => self.refpages.into(),
            FilterColumn::FirstSeen => self.first_seen.into(),
            FilterColumn::LastVisited => self.last_visited.into(),
            _ => self.domain_rating.into(),
        }
    }

    fn target_key(&self) -> &str {
        "com,example,www)/"
    }
}

fuzz_target!(|case: Case<'_>| {
    for text in [
        case.text.to_owned(),
        format!("url{}", case.text),
        format!("refdomain=\"{}", case.text),
    ] {
        for (read, name) in [
            (where_(&text, list()), "where: "),
            (having(&text, list()), "having: "),
        ] {
            match read {
                Ok(filter) => drop(filter.holds(&case.row)),
                Err(error) => {
                    let error = error.to_string();
                    is_error_line(&error);
                    assert!(error.starts_with(name), "{error}");
                }
            }
        }
    }

    let mut list = String::new();
    let mut holds = true;
    for condition in &case.conditions {
        holds &= model(&condition.test, &case.row);
        write(&mut list, condition, &case.row);
    }
    let allowed = |column: fn(&Test<'_>) -> bool| {
        list.len() <= TEXT_BYTES_MAX
            && case.conditions.len() <= CONDITIONS_MAX
            && case.conditions.iter().all(|condition| column(&condition.test))
    };
    check(
        where_(&list, openrefs_fuzz::list()),
        allowed(in_where),
        holds,
        &list,
        &case.row,
    );
    check(
        having(&list, openrefs_fuzz::list()),
        allowed(in_having),
        holds,
        &list,
        &case.row,
    );
});

fn check(read: openrefs_query::Result<Filter>, allowed: bool, holds: bool, list: &str, row: &Row<'_>) {
    match read {
        Ok(filter) => {
            assert!(allowed, "{list:?}");
            assert_eq!(filter.holds(row), holds, "{list:?}");
        }
        Err(error) => {
            is_error_line(&error.to_string());
            assert!(!allowed, "{error}: {list:?}");
        }
    }
}

fn in_where(test: &Test<'_>) -> bool {
    !matches!(test, Test::Number(NumberColumn::DomainRating, ..))
}

fn in_having(test: &Test<'_>) -> bool {
    !matches!(test, Test::Text(TextColumn::Url | TextColumn::Ip, ..))
}

fn own_text(column: TextColumn, row: &Row<'_>) -> String {
    let column = match column {
        TextColumn::Url => FilterColumn::Url,
        TextColumn::Ip => FilterColumn::Ip,
        TextColumn::Refdomain => FilterColumn::Refdomain,
    };
    row.text(column).into_owned()
}

fn literal_text(column: TextColumn, test: TextTest, literal: &Literal<'_>, row: &Row<'_>) -> String {
    // Equality of URLs goes by key, so its literal is one that has a key.
    if column == TextColumn::Url
        && let TextTest::Comparison(Comparison::Equal | Comparison::NotEqual) = test
    {
        return match literal {
            Literal::Any(_) => "HTTP://other.example.com".to_owned(),
            Literal::Own(..) => "www.EXAMPLE.com#x".to_owned(),
        };
    }
    match *literal {
        Literal::Any(text) => text.to_owned(),
        Literal::Own(start, length) => own_text(column, row)
            .chars()
            .skip(start.into())
            .take(length.into())
            .collect(),
    }
}

fn model(test: &Test<'_>, row: &Row<'_>) -> bool {
    match test {
        Test::Number(column, comparison, literal) => {
            let value = match column {
                NumberColumn::Backlinks => row.backlinks,
                NumberColumn::Refpages => row.refpages,
                NumberColumn::DomainRating => row.domain_rating.into(),
            };
            compare(*comparison, &value, literal)
        }
        Test::Date(column, comparison, literal) => {
            let value = match column {
                DateColumn::FirstSeen => row.first_seen,
                DateColumn::LastVisited => row.last_visited,
            };
            compare(*comparison, &value, literal)
        }
        Test::Text(column, test, literal) => {
            let (own, part) = (own_text(*column, row), literal_text(*column, *test, literal, row));
            match test {
                TextTest::Comparison(comparison @ (Comparison::Equal | Comparison::NotEqual))
                    if *column == TextColumn::Url =>
                {
                    matches!(literal, Literal::Own(..)) == (*comparison == Comparison::Equal)
                }
                TextTest::Comparison(comparison) => compare(*comparison, &own, &part),
                TextTest::Subdomain => {
                    let name = if *column == TextColumn::Url {
                        "www.example.com"
                    } else {
                        &*own
                    };
                    name == part || name.ends_with(&format!(".{part}"))
                }
                TextTest::Substring => own.contains(&part),
                TextTest::Word => holds_word(&own, &part),
            }
        }
    }
}

fn compare<T: Ord + ?Sized>(comparison: Comparison, value: &T, literal: &T) -> bool {
    match comparison {
        Comparison::Equal => value == literal,
        Comparison::NotEqual => value != literal,
        Comparison::Less => value < literal,
        Comparison::LessOrEqual => value <= literal,
        Comparison::Greater => value > literal,
        Comparison::GreaterOrEqual => value >= literal,
    }
}

fn holds_word(text: &str, word: &str) -> bool {
    let touches = |c: char| c.is_alphanumeric() || c == '_';
    (0..=text.len())
        .filter(|&at| text.is_char_boundary(at))
        .any(|at| {
            let (before, rest) = text.split_at(at);
            rest.strip_prefix(word)
                .is_some_and(|after| !before.ends_with(touches) && !after.starts_with(touches))
        })
}

fn write(list: &mut String, condition: &Condition<'_>, row: &Row<'_>) {
    let Condition { test, spelling } = condition;
    let blank = ["", " ", "\t ", "\r\n"][usize::from(spelling.blanks % 4)];
    let (column, sign, literal) = match test {
        Test::Number(column, comparison, literal) => {
            let column = match column {
                NumberColumn::Backlinks => "backlinks",
                NumberColumn::Refpages => "refpages",
                NumberColumn::DomainRating => "domain_rating",
            };
            (
                column,
                Ok(*comparison),
                bare_or_quoted(literal.to_string(), spelling),
            )
        }
        Test::Date(column, comparison, literal) => {
            let column = match column {
                DateColumn::FirstSeen => "first_seen",
                DateColumn::LastVisited => "last_visited",
            };
            (
                column,
                Ok(*comparison),
                bare_or_quoted(time::format((*literal).into()), spelling),
            )
        }
        Test::Text(column, test, literal) => {
            let quoted = quoted(&literal_text(*column, *test, literal, row), spelling);
            let column = match column {
                TextColumn::Url => "url",
                TextColumn::Ip => "ip",
                TextColumn::Refdomain => "refdomain",
            };
            let form = match test {
                TextTest::Comparison(comparison) => Ok(*comparison),
                TextTest::Subdomain => Err("subdomain"),
                TextTest::Substring => Err("substring"),
                TextTest::Word => Err("word"),
            };
            (column, form, quoted)
        }
    };
    match sign {
        Ok(comparison) => {
            let sign = match comparison {
                Comparison::Equal if spelling.colon => ":",
                Comparison::Equal => "=",
                Comparison::NotEqual => "<>",
                Comparison::Less => "<",
                Comparison::LessOrEqual => "<=",
                Comparison::Greater => ">",
                Comparison::GreaterOrEqual => ">=",
            };
            list.push_str(&format!("{blank}{column}{blank}{sign}{blank}{literal}{blank}"));
        }
        Err(name) => list.push_str(&format!(
            "{blank}{name}{blank}({blank}{column}{blank},{blank}{literal}{blank}){blank}"
        )),
    }
    for _ in 0..=spelling.commas % 3 {
        list.push(',');
        list.push_str(blank);
    }
}

fn bare_or_quoted(text: String, spelling: &Spelling) -> String {
    if spelling.bare {
        text
    } else {
        quoted(&text, spelling)
    }
}

fn quoted(text: &str, spelling: &Spelling) -> String {
    let quote = if spelling.single { '\'' } else { '"' };
    let mut out = String::from(quote);
    for (n, c) in text.chars().enumerate() {
        if c == '\0' && spelling.escapes & 1 == 1 {
            out.push_str("\\0");
            continue;
        }
        // Any character may be escaped but 0, which would then be NUL.
        let idle = c != '0' && n % 8 == usize::from(spelling.escapes % 16);
        if c == quote || c == '\\' || idle {
            out.push('\\');
        }
        out.push(c);
    }
    out.push(quote);
    out
}
