//! Query strings as clients of the wire format write them: percent-encoded or raw, `+` for a space, empty pairs, keys
//! without a value, unknown keys, in any order.
//!
//! Of a key that is given twice the first one counts (the format does not say; a proxy that appends parameters must not
//! change a request). Bytes that are not UTF-8 become replacement characters, which no name of the format holds.

use openrefs_query::Error;
use openrefs_query::request::shown;

use crate::parameters::Parameters;

/// A request to the API or to a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The table; None if the key is not there at all.
    pub from: Option<String>,
    /// The format of the answer.
    pub output: String,
    /// All others.
    pub parameters: Parameters,
}

impl Query {
    /// Reads a query string.
    pub fn read(text: &str) -> Self {
        let mut query = Self::default();
        let mut from = String::new();
        let mut seen = Vec::new();
        for (key, value) in form_urlencoded::parse(text.as_bytes()) {
            let parameters = &mut query.parameters;
            let (number, field) = match &*key {
                "from" => (0, &mut from),
                "output" => (1, &mut query.output),
                "target" => (2, &mut parameters.target),
                "mode" => (3, &mut parameters.mode),
                "select" => (4, &mut parameters.select),
                "order_by" => (5, &mut parameters.order_by),
                "limit" => (6, &mut parameters.limit),
                "offset" => (7, &mut parameters.offset),
                "where" => (8, &mut parameters.where_),
                "having" => (9, &mut parameters.having),
                "refdomain" => (10, &mut parameters.refdomain),
                _ => continue,
            };
            if !seen.contains(&number) {
                seen.push(number);
                *field = value.into_owned();
            }
        }
        query.from = seen.contains(&0).then_some(from);
        query
    }

    /// Checks the parameters that decide who answers.
    ///
    /// # Errors
    /// When the output is not one of the format's, or the table is missing or unknown.
    pub fn check(&self) -> Result<(), Error> {
        match self.output.as_str() {
            "" | "json" => {}
            other => {
                let what = format!("invalid value '{}', use json", shown(other));
                return Err(Error::request("output", what));
            }
        }
        match self.from.as_deref() {
            None | Some("") => Err(Error::request("from", "missing")),
            Some("refdomains") => Ok(()),
            Some(other) => {
                let what = format!("table '{}' not found or not implemented", shown(other));
                Err(Error::request("from", what))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_clients() {
        let read = |text| Query::read(text).parameters;
        assert_eq!(
            read("&&target=https://x.com/a?b=c&mode&=&zzz=1&").target,
            "https://x.com/a?b=c"
        );
        assert_eq!(
            read("order_by=backlinks%3Adesc%2Crefdomain").order_by,
            "backlinks:desc,refdomain"
        );
        assert_eq!(
            read("order_by=backlinks:desc,refdomain").order_by,
            "backlinks:desc,refdomain"
        );
        assert_eq!(read("target=a+b%20c").target, "a b c");
        assert_eq!(read("target=%ff%zz%").target, "\u{fffd}%zz%");
        assert_eq!(read("limit=1&limit=2").limit, "1");
        assert_eq!(read("limit=&limit=2").limit, "");
        assert_eq!(Query::read("target=x").from, None);
        assert_eq!(Query::read("from").from.as_deref(), Some(""));
    }
}
