//! Query strings as clients of the wire format write them: percent-encoded or raw, `+` for a space, empty pairs, keys
//! without a value, unknown keys, in any order.
//!
//! Of a key that is given twice the first one counts (the format does not say; a proxy that appends parameters must not
//! change a request). Bytes that are not UTF-8 become replacement characters, which no name of the format holds.

use openrefs_query::Error;
use openrefs_query::request::shown;

use crate::accounts::Token;
use crate::format::wire::Wire;
use crate::parameters::Parameters;

/// Every name that means something; all others are passed over.
pub const NAMES: [&str; 13] = [
    "token",
    "from",
    "target",
    "mode",
    "select",
    "where",
    "having",
    "order_by",
    "limit",
    "offset",
    "output",
    "refdomain",
    "domain",
];

/// A table that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Who links to a target.
    Refdomains,
    /// The rating of a domain.
    DomainRating,
    /// The rows of a token.
    SubscriptionInfo,
}

/// A request to the API or to a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The table; None if the key is not there at all.
    pub from: Option<String>,
    /// Who asks.
    pub token: Token,
    /// The format of the answer.
    pub output: String,
    /// All others.
    pub parameters: Parameters,
}

impl Query {
    /// Reads a query string.
    pub fn read(text: &str) -> Self {
        let mut query = Self::default();
        let mut seen = Vec::new();
        for (key, value) in form_urlencoded::parse(text.as_bytes()) {
            let Some(name) = NAMES.into_iter().find(|name| *name == key) else {
                continue;
            };
            if seen.contains(&name) {
                continue;
            }
            seen.push(name);
            let value = value.into_owned();
            let parameters = &mut query.parameters;
            match name {
                "token" => query.token = Token::given(value),
                "from" => query.from = Some(value),
                "target" => parameters.target = value,
                "mode" => parameters.mode = value,
                "select" => parameters.select = value,
                "where" => parameters.where_ = value,
                "having" => parameters.having = value,
                "order_by" => parameters.order_by = value,
                "limit" => parameters.limit = value,
                "offset" => parameters.offset = value,
                "output" => query.output = value,
                "refdomain" => parameters.refdomain = value,
                _ => parameters.domain = value,
            }
        }
        query
    }

    /// The format of the answer, also of an error; JSON for one nobody knows.
    pub fn wire(&self) -> Wire {
        Wire::from_name(&self.output).unwrap_or_default()
    }

    /// Checks the parameters that decide who answers, and how.
    ///
    /// # Errors
    /// When the output is not one of the format's, or the table is missing or unknown.
    pub fn check(&self) -> Result<Table, Error> {
        if Wire::from_name(&self.output).is_none() {
            let what = format!("invalid value '{}', use json, xml or php", shown(&self.output));
            return Err(Error::request("output", what));
        }
        match self.from.as_deref() {
            None | Some("") => Err(Error::request("from", "missing")),
            Some("refdomains") => Ok(Table::Refdomains),
            Some("domain_rating") => Ok(Table::DomainRating),
            Some("subscription_info") => Ok(Table::SubscriptionInfo),
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
