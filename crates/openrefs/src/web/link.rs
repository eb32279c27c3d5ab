//! Addresses of pages, with their parameters.

use form_urlencoded::Serializer;

use crate::parameters::Parameters;

/// The address of a page with parameters; those that are empty are left out.
pub fn to(path: &str, parameters: &Parameters) -> String {
    let all = [
        ("domain", &parameters.domain),
        ("target", &parameters.target),
        ("mode", &parameters.mode),
        ("refdomain", &parameters.refdomain),
        ("where", &parameters.where_),
        ("having", &parameters.having),
        ("order_by", &parameters.order_by),
        ("limit", &parameters.limit),
        ("offset", &parameters.offset),
    ];
    let mut query = Serializer::new(String::new());
    query.extend_pairs(all.iter().filter(|(_, value)| !value.is_empty()));
    format!("{path}?{}", query.finish())
}

/// The address of the page about the rating of a domain.
pub fn to_rating(domain: &str) -> String {
    let parameters = Parameters {
        domain: domain.to_owned(),
        ..Parameters::default()
    };
    to("/rating", &parameters)
}

/// Links to the neighbours of a page of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pager {
    /// To the rows before, if there are any.
    pub previous: Option<String>,
    /// To the rows after, if there are any.
    pub next: Option<String>,
}

impl Pager {
    /// Around `limit` rows from `offset` on.
    pub fn new(path: &str, parameters: &Parameters, offset: u64, limit: u64, more: bool) -> Self {
        let at = |offset: u64| {
            let offset = if offset == 0 {
                String::new()
            } else {
                offset.to_string()
            };
            let parameters = Parameters {
                offset,
                ..parameters.clone()
            };
            to(path, &parameters)
        };
        Self {
            previous: (offset > 0).then(|| at(offset.saturating_sub(limit))),
            next: more.then(|| at(offset.saturating_add(limit))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_encoded() {
        let parameters = Parameters {
            target: "a&b=\"c\"#<d> e".into(),
            offset: "10".into(),
            ..Parameters::default()
        };
        assert_eq!(
            to("/", &parameters),
            "/?target=a%26b%3D%22c%22%23%3Cd%3E+e&offset=10"
        );
    }

    #[test]
    fn neighbours() {
        let pager = |offset, more| Pager::new("/", &Parameters::default(), offset, 50, more);
        assert_eq!(pager(0, false), Pager::default());
        assert_eq!(pager(0, true).next.as_deref(), Some("/?offset=50"));
        assert_eq!(pager(20, false).previous.as_deref(), Some("/?"));
        assert_eq!(pager(100, true).previous.as_deref(), Some("/?offset=50"));
    }
}
