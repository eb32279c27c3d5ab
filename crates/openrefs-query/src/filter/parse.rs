//! The language of conditions, read into typed tests.
//!
//! ```text
//! list    = [ cond *( "," cond ) ]            empty items are passed over
//! cond    = column op literal | function "(" column "," literal ")"
//! op      = "=" | ":" | "<>" | "<=" | ">=" | "<" | ">"
//! literal = quoted with " or ', where \ takes the next character as it is (\0 is NUL), or bare up to "," or ")"
//! ```

use openrefs_model::{Canonicaliser, SuffixList, time};
use std::sync::Arc;
use winnow::ascii::multispace0;
use winnow::combinator::{alt, cut_err, delimited, opt, preceded, repeat};
use winnow::error::{ContextError, StrContext, StrContextValue};
use winnow::prelude::*;
use winnow::token::{any, none_of, take_till, take_while};

use super::{Comparison, Condition, Filter, FilterColumn, Kind, Test};
use crate::error::{Error, Result};
use crate::request::shown;

/// The longest text of conditions that is read.
pub const TEXT_BYTES_MAX: usize = 16 << 10;
/// The most conditions in a list.
pub const CONDITIONS_MAX: usize = 100;

/// Reads the conditions on rows before grouping. The list makes keys of URLs.
///
/// # Errors
/// A text that is no list of conditions, an unknown column, or one that `where` does not allow.
pub fn where_(text: &str, list: &Arc<SuffixList>) -> Result<Filter> {
    let columns = Columns {
        known: FilterColumn::of_refdomains,
        allowed: FilterColumn::in_where,
    };
    filter("where", text, list, columns)
}

/// Reads the conditions on groups.
///
/// # Errors
/// As [`where_`], with the columns that `having` allows.
pub fn having(text: &str, list: &Arc<SuffixList>) -> Result<Filter> {
    let columns = Columns {
        known: FilterColumn::of_refdomains,
        allowed: FilterColumn::in_having,
    };
    filter("having", text, list, columns)
}

/// Reads the conditions on rows before grouping of the report `domain_rating`, which allows none.
///
/// # Errors
/// As [`where_`].
pub fn where_of_domain(text: &str, list: &Arc<SuffixList>) -> Result<Filter> {
    let columns = Columns {
        known: FilterColumn::of_domain,
        allowed: |_| false,
    };
    filter("where", text, list, columns)
}

/// Reads the conditions on the one row of the report `domain_rating`.
///
/// # Errors
/// As [`having`].
pub fn having_of_domain(text: &str, list: &Arc<SuffixList>) -> Result<Filter> {
    let columns = Columns {
        known: FilterColumn::of_domain,
        allowed: FilterColumn::of_domain,
    };
    filter("having", text, list, columns)
}

/// The columns of a report, and those of them that a list of conditions may name.
#[derive(Clone, Copy)]
struct Columns {
    known: fn(FilterColumn) -> bool,
    allowed: fn(FilterColumn) -> bool,
}

fn filter(parameter: &str, text: &str, list: &Arc<SuffixList>, columns: Columns) -> Result<Filter> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Error::request(
            parameter,
            format!("longer than {TEXT_BYTES_MAX} bytes"),
        ));
    }
    let parts: Vec<Part> = conditions.parse(text).map_err(|error| {
        let at = text
            .get(..error.offset())
            .map_or(0, |before| before.chars().count());
        Error::request(
            parameter,
            format!("syntax error at character {}{}", at + 1, expected(error.inner())),
        )
    })?;
    if parts.len() > CONDITIONS_MAX {
        return Err(Error::request(
            parameter,
            format!("more than {CONDITIONS_MAX} conditions"),
        ));
    }
    let conditions = parts.into_iter().map(|part| {
        let column = columns.find(parameter, part.column)?;
        Ok(Condition {
            column,
            test: test(parameter, column, part.form, part.literal, list)?,
        })
    });
    Ok(Filter {
        conditions: conditions.collect::<Result<_>>()?,
    })
}

/// A condition as written.
struct Part<'a> {
    column: &'a str,
    form: Form,
    literal: String,
}

#[derive(Clone, Copy)]
enum Form {
    Comparison(Comparison),
    Subdomain,
    Substring,
    Word,
}

fn conditions<'a>(input: &mut &'a str) -> ModalResult<Vec<Part<'a>>> {
    let mut parts = Vec::new();
    loop {
        multispace0.parse_next(input)?;
        if input.is_empty() {
            return Ok(parts);
        }
        if opt(',').parse_next(input)?.is_some() {
            continue;
        }
        parts.push(cut_err(condition).parse_next(input)?);
        multispace0.parse_next(input)?;
        if !input.is_empty() {
            cut_err(','.context(expects("','"))).parse_next(input)?;
        }
    }
}

fn condition<'a>(input: &mut &'a str) -> ModalResult<Part<'a>> {
    let word = name
        .context(expects("a column or a function"))
        .parse_next(input)?;
    multispace0.parse_next(input)?;
    if input.starts_with('(') {
        return function(word, input);
    }
    let comparison = comparison
        .context(expects("an operator such as '=' or '>='"))
        .parse_next(input)?;
    multispace0.parse_next(input)?;
    let literal = literal.parse_next(input)?;
    Ok(Part {
        column: word,
        form: Form::Comparison(comparison),
        literal,
    })
}

fn function<'a>(word: &str, input: &mut &'a str) -> ModalResult<Part<'a>> {
    let form = match word {
        "subdomain" => Form::Subdomain,
        "substring" => Form::Substring,
        "word" => Form::Word,
        _ => {
            return winnow::combinator::fail
                .context(expects("subdomain, substring or word before '('"))
                .parse_next(input);
        }
    };
    let column =
        delimited(('(', multispace0), name.context(expects("a column")), multispace0).parse_next(input)?;
    (','.context(expects("','")), multispace0).parse_next(input)?;
    let literal = literal.parse_next(input)?;
    (multispace0, ')'.context(expects("')'"))).parse_next(input)?;
    Ok(Part {
        column,
        form,
        literal,
    })
}

fn name<'a>(input: &mut &'a str) -> ModalResult<&'a str> {
    take_while(1.., |c: char| c.is_ascii_alphanumeric() || c == '_').parse_next(input)
}

fn comparison(input: &mut &str) -> ModalResult<Comparison> {
    alt((
        "<>".value(Comparison::NotEqual),
        "<=".value(Comparison::LessOrEqual),
        ">=".value(Comparison::GreaterOrEqual),
        "<".value(Comparison::Less),
        ">".value(Comparison::Greater),
        // The official examples use both.
        alt(('=', ':')).value(Comparison::Equal),
    ))
    .parse_next(input)
}

fn literal(input: &mut &str) -> ModalResult<String> {
    alt((
        |i: &mut &str| quoted('"', i),
        |i: &mut &str| quoted('\'', i),
        bare,
    ))
    .context(expects("a value"))
    .parse_next(input)
}

fn quoted(quote: char, input: &mut &str) -> ModalResult<String> {
    let escaped = preceded('\\', any).map(|c| if c == '0' { '\0' } else { c });
    let characters =
        repeat(0.., alt((escaped, none_of([quote, '\\'])))).fold(String::new, |mut text: String, c| {
            text.push(c);
            text
        });
    let text = preceded(quote, characters).parse_next(input)?;
    cut_err(quote.context(expects("a closing quote"))).parse_next(input)?;
    Ok(text)
}

fn bare(input: &mut &str) -> ModalResult<String> {
    let text: &str = take_till(1.., [',', ')', '(', '"', '\'']).parse_next(input)?;
    Ok(text.trim_end().to_owned())
}

fn expects(what: &'static str) -> StrContext {
    StrContext::Expected(StrContextValue::Description(what))
}

fn expected(error: &ContextError) -> String {
    let described = error.context().find_map(|context| match context {
        StrContext::Expected(StrContextValue::Description(what)) => Some(*what),
        _ => None,
    });
    described
        .map(|what| format!(", expected {what}"))
        .unwrap_or_default()
}

impl Columns {
    fn find(self, parameter: &str, name: &str) -> Result<FilterColumn> {
        let named = |column: &FilterColumn| column.name() == name && (self.known)(*column);
        match FilterColumn::ALL.into_iter().find(named) {
            Some(column) if (self.allowed)(column) => Ok(column),
            Some(_) => {
                let other = if parameter == "where" { "having" } else { "where" };
                Err(Error::request(
                    parameter,
                    format!("column '{name}' not allowed here, use it in {other}"),
                ))
            }
            None => Err(Error::request(
                parameter,
                format!("column '{}' not found", shown(name)),
            )),
        }
    }
}

fn test(
    parameter: &str,
    column: FilterColumn,
    form: Form,
    literal: String,
    list: &Arc<SuffixList>,
) -> Result<Test> {
    let wrong = |what: &str| {
        let name = column.name();
        Err(Error::request(
            parameter,
            format!("column '{name}' takes {what}, not '{}'", shown(&literal)),
        ))
    };
    let comparison = match form {
        Form::Comparison(comparison) => comparison,
        _ if column.kind() != Kind::Text => {
            let what = format!(
                "column '{}' is no text, compare it with '=', '<' or '>'",
                column.name()
            );
            return Err(Error::request(parameter, what));
        }
        Form::Subdomain => return Ok(Test::Subdomain(literal)),
        Form::Substring => return Ok(Test::Substring(literal)),
        Form::Word => return Ok(Test::Word(literal)),
    };
    match column.kind() {
        Kind::Text
            if column == FilterColumn::Url
                && matches!(comparison, Comparison::Equal | Comparison::NotEqual) =>
        {
            Ok(Test::Key(comparison, key_of(&literal, list)))
        }
        Kind::Text => Ok(Test::Text(comparison, literal)),
        Kind::Number => match literal.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Test::Number(comparison, number)),
            _ => wrong("a number"),
        },
        Kind::Date => match time::parse(&literal) {
            Some(seconds) => Ok(Test::Number(comparison, seconds as f64)),
            None => wrong("a date such as \"2024-05-01\""),
        },
    }
}

/// The key of a URL in a condition; as in targets, the scheme may be missing.
fn key_of(literal: &str, list: &Arc<SuffixList>) -> Option<String> {
    let mut canonicaliser = Canonicaliser::new(Arc::clone(list));
    let url = openrefs_model::scope::parse_target(literal).ok()?;
    canonicaliser.canonical(&url).ok().map(|canonical| canonical.key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Fields;
    use std::borrow::Cow;

    struct Row;

    impl Fields for Row {
        fn text(&self, column: FilterColumn) -> Cow<'_, str> {
            Cow::Borrowed(match column {
                FilterColumn::Url => "https://www.example.com/a,b",
                FilterColumn::Ip => "192.0.2.7",
                _ => "o'b\"c\\d.org",
            })
        }

        fn number(&self, column: FilterColumn) -> i64 {
            match column {
                FilterColumn::FirstSeen => 1_385_942_400, // 2013-12-02T00:00:00Z
                FilterColumn::LastVisited => 1_385_942_401,
                _ => 10,
            }
        }

        fn target_key(&self) -> &str {
            "com,example,www)/a,b"
        }
    }

    fn list() -> Arc<SuffixList> {
        Arc::new(SuffixList::bundled())
    }

    #[test]
    fn conditions_that_hold_and_that_do_not() {
        for (text, expected) in [
            ("", true),
            (",,", true),
            ("backlinks=10", true),
            ("backlinks:10", true),
            ("backlinks:\"10\"", true),
            ("backlinks<>10", false),
            ("backlinks>=10,refpages<=10", true),
            ("backlinks>10", false),
            ("backlinks < 10.5 , refpages > 9", true),
            ("first_seen=\"2013-12-02\"", true),
            ("first_seen=2013-12-02", true),
            ("last_visited>\"2013-12-02\"", true),
            ("last_visited='2013-12-02T00:00:01Z'", true),
            (r#"refdomain="o'b\"c\\d.org""#, true),
            (
                r#"substring(refdomain,"o\'b\"c\\d"),substring( refdomain , 'c' )"#,
                true,
            ),
            ("substring(url,\"a,b\")", true),
            ("url=\"http://www.example.com/a,b\"", true),
            ("url<>\"https://WWW.example.com/a,b#x\"", false),
            ("url=\"http://\"", false),
            ("url<>\"http://\"", true),
            ("subdomain(url,\"example.com\")", true),
            ("subdomain(url,example.com)", true),
            ("subdomain(url,\"ample.com\")", false),
            ("word(url,\"example\")", true),
            ("word(url,\"exampl\")", false),
            ("ip=192.0.2.7", true),
            ("ip<>\"\"", true),
        ] {
            assert_eq!(where_(text, &list()).unwrap().holds(&Row), expected, "{text}");
        }
    }

    #[test]
    fn errors_say_what_is_wrong() {
        for (text, expected) in [
            ("foo=1", "where: column 'foo' not found"),
            (
                "domain_rating>1",
                "where: column 'domain_rating' not allowed here, use it in having",
            ),
            (
                "backlinks",
                "where: syntax error at character 10, expected an operator such as '=' or '>='",
            ),
            (
                "backlinks>",
                "where: syntax error at character 11, expected a value",
            ),
            (
                "backlinks>ten",
                "where: column 'backlinks' takes a number, not 'ten'",
            ),
            (
                "backlinks>1 refpages>1",
                "where: column 'backlinks' takes a number, not '1 refpages>1'",
            ),
            (
                "backlinks>\"1\" refpages>1",
                "where: syntax error at character 15, expected ','",
            ),
            (
                "first_seen>\"soon\"",
                "where: column 'first_seen' takes a date such as \"2024-05-01\", not 'soon'",
            ),
            (
                "substring(backlinks,\"1\")",
                "where: column 'backlinks' is no text, compare it with '=', '<' or '>'",
            ),
            (
                "like(url,\"x\")",
                "where: syntax error at character 5, expected subdomain, substring or word before '('",
            ),
            (
                "refdomain=\"x",
                "where: syntax error at character 13, expected a closing quote",
            ),
            (
                "substring(url,\"x\"",
                "where: syntax error at character 18, expected ')'",
            ),
        ] {
            assert_eq!(where_(text, &list()).unwrap_err().to_string(), expected, "{text}");
        }
        assert!(
            having("url=\"x\"", &list())
                .unwrap_err()
                .to_string()
                .starts_with("having: column 'url' not allowed")
        );
        assert!(having("domain_rating>=20", &list()).is_ok());
        assert!(where_(&"a".repeat(TEXT_BYTES_MAX + 1), &list()).is_err());
        assert!(where_(&"ip=1,".repeat(CONDITIONS_MAX + 1), &list()).is_err());
    }
}
