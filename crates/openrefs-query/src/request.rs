//! Parameters as text, read and checked. The same readers serve the command line and HTTP, so both say the same.
//!
//! Texts of errors follow the wire format: `parameter: lower-case text`.

use std::sync::Arc;

use openrefs_model::suffix::Registrable;
use openrefs_model::{Mode, Scope, SuffixList, TargetError};

use crate::column::{Column, DomainColumn};
use crate::error::{Error, Result};
use crate::filter::{self, Filter};

/// Rows returned unless told otherwise.
pub const LIMIT_DEFAULT: u64 = 1_000;
/// The most rows that one request may ask for.
pub const LIMIT_MAX: u64 = 5_000_000;
/// The most rows that one request may pass over.
pub const OFFSET_MAX: u64 = 100_000_000;
/// The most keys that `order_by` may name; there are fewer columns.
const ORDER_KEYS_MAX: usize = 16;

/// One key of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderKey {
    /// By which column.
    pub column: Column,
    /// Largest first.
    pub descending: bool,
}

/// The parameters of a `refdomains` request as they were sent; an empty text is a parameter that was not sent.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    /// Domain, directory or URL.
    pub target: String,
    /// `exact`, `domain`, `subdomains` or `prefix`.
    pub mode: String,
    /// Comma-separated columns.
    pub select: String,
    /// Conditions on rows before grouping.
    pub where_: String,
    /// Conditions on groups.
    pub having: String,
    /// Comma-separated `column[:asc|:desc]`.
    pub order_by: String,
    /// Rows to return.
    pub limit: String,
    /// Rows to pass over.
    pub offset: String,
}

/// A request for referring domains.
#[derive(Clone, Debug)]
pub struct RefdomainsRequest {
    /// What it is about.
    pub scope: Scope,
    /// Columns to return, in this order.
    pub select: Vec<Column>,
    /// Which rows count, before grouping.
    pub where_: Filter,
    /// Which groups are returned.
    pub having: Filter,
    /// The order of the rows; ties, and all rows if it is empty, go by referring domain, ascending.
    pub order_by: Vec<OrderKey>,
    /// Rows to return at the most.
    pub limit: u64,
    /// Rows to pass over first.
    pub offset: u64,
}

/// A request for backlinks.
#[derive(Clone, Debug)]
pub struct BacklinksRequest {
    /// What it is about.
    pub scope: Scope,
    /// Only those from this referring domain.
    pub refdomain: Option<String>,
    /// Rows to return at the most.
    pub limit: u64,
    /// Rows to pass over first.
    pub offset: u64,
}

/// A request for the rating of a domain.
#[derive(Clone, Debug)]
pub struct DomainRatingRequest {
    /// Which one.
    pub domain: String,
    /// Columns to return, in this order.
    pub select: Vec<DomainColumn>,
    /// Whether its row is returned.
    pub having: Filter,
}

impl DomainRatingRequest {
    /// Reads and checks parameters. The mode says nothing here, and neither do order, limit and offset of the one row.
    ///
    /// # Errors
    /// The first parameter that is wrong.
    pub fn read(list: &Arc<SuffixList>, parameters: &Parameters) -> Result<Self> {
        let domain = domain(list, "target", &parameters.target)?;
        let select = columns(&parameters.select, &DomainColumn::ALL, DomainColumn::from_name)?;
        filter::where_of_domain(&parameters.where_, list)?;
        Ok(Self {
            domain,
            select,
            having: filter::having_of_domain(&parameters.having, list)?,
        })
    }
}

impl RefdomainsRequest {
    /// Reads and checks parameters, in the order of the wire format's table.
    ///
    /// # Errors
    /// The first parameter that is wrong.
    pub fn read(list: &Arc<SuffixList>, parameters: &Parameters) -> Result<Self> {
        Ok(Self {
            scope: scope(list, &parameters.target, &parameters.mode)?,
            select: select(&parameters.select)?,
            where_: filter::where_(&parameters.where_, list)?,
            having: filter::having(&parameters.having, list)?,
            order_by: order_by(&parameters.order_by)?,
            limit: limit(&parameters.limit)?,
            offset: offset(&parameters.offset)?,
        })
    }
}

/// Reads `target` and `mode`.
///
/// # Errors
/// A missing or impossible target, a missing or unknown mode.
pub fn scope(list: &Arc<SuffixList>, target: &str, mode: &str) -> Result<Scope> {
    if target.trim().is_empty() {
        return Err(Error::request("target", TargetError::Missing));
    }
    let mode = match Mode::from_name(mode) {
        Some(mode) => mode,
        None if mode.is_empty() => return Err(Error::request("mode", "missing")),
        None => {
            let what = format!(
                "invalid value '{}', use exact, domain, subdomains or prefix",
                shown(mode)
            );
            return Err(Error::request("mode", what));
        }
    };
    Scope::new(list, target, mode)
        .map_err(|error| Error::request("target", format!("invalid value '{}', {error}", shown(target))))
}

/// Reads a host or a URL as the domain that it belongs to.
///
/// # Errors
/// A missing or impossible one.
pub fn domain(list: &Arc<SuffixList>, parameter: &str, text: &str) -> Result<String> {
    if text.trim().is_empty() {
        return Err(Error::request(parameter, TargetError::Missing));
    }
    let scope = Scope::new(list, text, Mode::Domain)
        .map_err(|error| Error::request(parameter, format!("invalid value '{}', {error}", shown(text))))?;
    Ok(match list.registrable(&scope.host) {
        Registrable::Domain(domain) => domain.to_owned(),
        Registrable::BareSuffix | Registrable::Unknown => scope.host,
    })
}

/// Reads `select`: nothing or `*` is all columns.
///
/// # Errors
/// An unknown column.
pub fn select(text: &str) -> Result<Vec<Column>> {
    columns(text, &Column::ALL, Column::from_name)
}

/// Reads a list of columns, each once; nothing or `*` is all of them.
fn columns<C: Copy + PartialEq>(text: &str, all: &[C], from_name: fn(&str) -> Option<C>) -> Result<Vec<C>> {
    let mut columns = Vec::new();
    for name in items(text) {
        if name == "*" {
            columns.extend(all);
        } else {
            columns.push(found("select", name, from_name)?);
        }
    }
    if columns.is_empty() {
        columns.extend(all);
    }
    let mut once = Vec::new();
    columns.retain(|c| {
        !once.contains(c) && {
            once.push(*c);
            true
        }
    });
    Ok(columns)
}

/// Reads `order_by`: `column[:asc|:desc]`, comma-separated, ascending by default.
///
/// # Errors
/// An unknown column or direction.
pub fn order_by(text: &str) -> Result<Vec<OrderKey>> {
    let mut keys = Vec::new();
    for item in items(text) {
        let (name, direction) = item.split_once(':').unwrap_or((item, "asc"));
        let descending = match direction.trim() {
            "asc" => false,
            "desc" => true,
            other => {
                let what = format!("invalid direction '{}', use asc or desc", shown(other));
                return Err(Error::request("order_by", what));
            }
        };
        keys.push(OrderKey {
            column: found("order_by", name.trim(), Column::from_name)?,
            descending,
        });
    }
    if keys.len() > ORDER_KEYS_MAX {
        return Err(Error::request(
            "order_by",
            format!("more than {ORDER_KEYS_MAX} keys"),
        ));
    }
    Ok(keys)
}

/// Reads `limit`: nothing is [`LIMIT_DEFAULT`].
///
/// # Errors
/// Not a whole number, or more than [`LIMIT_MAX`].
pub fn limit(text: &str) -> Result<u64> {
    if text.trim().is_empty() {
        return Ok(LIMIT_DEFAULT);
    }
    match text.trim().parse() {
        Ok(limit) if limit <= LIMIT_MAX => Ok(limit),
        _ => {
            let what = format!(
                "invalid value '{}', use a whole number from 0 to {LIMIT_MAX}",
                shown(text)
            );
            Err(Error::request("limit", what))
        }
    }
}

/// Reads `offset`: nothing is 0.
///
/// # Errors
/// Not a whole number, or more than [`OFFSET_MAX`].
pub fn offset(text: &str) -> Result<u64> {
    if text.trim().is_empty() {
        return Ok(0);
    }
    match text.trim().parse() {
        Ok(offset) if offset <= OFFSET_MAX => Ok(offset),
        _ => {
            let what = format!(
                "invalid value '{}', use a whole number from 0 to {OFFSET_MAX}",
                shown(text)
            );
            Err(Error::request("offset", what))
        }
    }
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn found<C>(parameter: &str, name: &str, from_name: fn(&str) -> Option<C>) -> Result<C> {
    from_name(name).ok_or_else(|| Error::request(parameter, format!("column '{}' not found", shown(name))))
}

/// A value as an error shows it: one line of bounded length, whatever was sent.
pub fn shown(value: &str) -> String {
    const CHARS_MAX: usize = 100;
    let mut text: String = value
        .chars()
        .take(CHARS_MAX)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if value.chars().nth(CHARS_MAX).is_some() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error<T>(result: Result<T>) -> String {
        result.err().map(|e| e.to_string()).unwrap_or_default()
    }

    #[test]
    fn order_keys() {
        let keys = order_by("backlinks:desc, refdomain,,first_seen:asc").unwrap();
        let expected = [
            (Column::Backlinks, true),
            (Column::Refdomain, false),
            (Column::FirstSeen, false),
        ];
        assert_eq!(
            keys,
            expected.map(|(column, descending)| OrderKey { column, descending })
        );
        assert_eq!(
            error(order_by("foobar_rating:desc")),
            "order_by: column 'foobar_rating' not found"
        );
        assert!(error(order_by("backlinks:down")).starts_with("order_by: invalid direction 'down'"));
    }

    #[test]
    fn selected_columns() {
        assert_eq!(select("").unwrap(), Column::ALL);
        assert_eq!(select("*").unwrap(), Column::ALL);
        assert_eq!(
            select("backlinks,refdomain,backlinks").unwrap(),
            [Column::Backlinks, Column::Refdomain]
        );
        assert_eq!(error(select("url")), "select: column 'url' not found");
    }

    #[test]
    fn ratings_of_domains() {
        let list = Arc::new(SuffixList::bundled());
        let read = |target: &str, select: &str, where_: &str, having: &str| {
            let parameters = Parameters {
                target: target.into(),
                mode: "whatever".into(),
                select: select.into(),
                where_: where_.into(),
                having: having.into(),
                ..Parameters::default()
            };
            DomainRatingRequest::read(&list, &parameters)
        };
        for target in [
            "example.co.uk",
            "https://a.b.example.co.uk:81/x?y#z",
            " EXAMPLE.co.uk",
        ] {
            let request = read(target, "", "", "").unwrap();
            assert_eq!(request.domain, "example.co.uk", "{target}");
            assert_eq!(request.select, DomainColumn::ALL);
        }
        assert_eq!(
            read("x.alice.github.io", "", "", "").unwrap().domain,
            "alice.github.io"
        );
        assert_eq!(read("203.0.113.9", "", "", "").unwrap().domain, "203.0.113.9");
        let columns = read("a.com", "ahrefs_top", "", "domain_rating>1,ahrefs_top<9").unwrap();
        assert_eq!(columns.select, [DomainColumn::AhrefsTop]);
        for (select, where_, having, what) in [
            ("rank", "", "", "select: column 'rank' not found"),
            (
                "",
                "ahrefs_top=1",
                "",
                "where: column 'ahrefs_top' not allowed here, use it in having",
            ),
            ("", "url=x", "", "where: column 'url' not found"),
            ("", "", "backlinks>1", "having: column 'backlinks' not found"),
            (
                "",
                "",
                "ahrefs_top>x",
                "having: column 'ahrefs_top' takes a number, not 'x'",
            ),
        ] {
            assert_eq!(error(read("a.com", select, where_, having)), what);
        }
        assert_eq!(error(read("", "", "", "")), "target: missing");
        assert!(error(read("co.uk", "", "", "")).starts_with("target: invalid value 'co.uk'"));
        assert_eq!(
            error(filter::having("ahrefs_top=1", &list)),
            "having: column 'ahrefs_top' not found"
        );
    }

    #[test]
    fn numbers() {
        assert_eq!(limit("").unwrap(), LIMIT_DEFAULT);
        assert_eq!(limit("0").unwrap(), 0);
        assert_eq!(limit("5000000").unwrap(), LIMIT_MAX);
        for wrong in ["-1", "5000001", "1e3", "ten", "99999999999999999999999"] {
            assert!(error(limit(wrong)).starts_with("limit: invalid value"), "{wrong}");
        }
        assert_eq!(offset("100000000").unwrap(), OFFSET_MAX);
        for wrong in ["-1", "100000001"] {
            assert!(
                error(offset(wrong)).starts_with("offset: invalid value"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn targets_and_modes() {
        let list = Arc::new(SuffixList::bundled());
        assert_eq!(error(scope(&list, "", "domain")), "target: missing");
        assert_eq!(error(scope(&list, "example.com", "")), "mode: missing");
        assert!(error(scope(&list, "example.com", "host")).starts_with("mode: invalid value 'host'"));
        assert!(error(scope(&list, "co.uk", "domain")).starts_with("target: invalid value 'co.uk'"));
        assert!(!error(scope(&list, "a\nb", "domain")).contains('\n'));
    }
}
