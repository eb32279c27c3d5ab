//! Whether conditions hold for a row.

use std::borrow::Cow;
use std::cmp::Ordering;

use openrefs_model::key;

use super::{Comparison, Filter, FilterColumn, Test};

/// A row that conditions are evaluated on.
pub trait Fields {
    /// The value of a text column: `url`, `ip` (empty if unknown) or `refdomain`.
    fn text(&self, column: FilterColumn) -> Cow<'_, str>;
    /// The value of a number or date column, dates in seconds since 1970.
    fn number(&self, column: FilterColumn) -> i64;
    /// The key of the target's URL.
    fn target_key(&self) -> &str;
}

impl Filter {
    /// Whether all conditions hold.
    pub fn holds(&self, row: &impl Fields) -> bool {
        self.conditions.iter().all(|condition| {
            let column = condition.column;
            match &condition.test {
                Test::Text(comparison, literal) => {
                    comparison.holds((*row.text(column)).cmp(literal.as_str()))
                }
                Test::Key(comparison, literal) => comparison.holds(
                    literal
                        .as_deref()
                        .map_or(Ordering::Less, |key| key.cmp(row.target_key())),
                ),
                // Counts and dates are far below 2^53, so the conversion is exact.
                Test::Number(comparison, literal) => (row.number(column) as f64)
                    .partial_cmp(literal)
                    .is_some_and(|order| comparison.holds(order)),
                Test::Subdomain(domain) => match column {
                    FilterColumn::Url => is_below(&host_of(row.target_key()), domain),
                    _ => is_below(&row.text(column), domain),
                },
                Test::Substring(part) => row.text(column).contains(part.as_str()),
                Test::Word(word) => holds_word(&row.text(column), word),
            }
        })
    }
}

impl Comparison {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

fn host_of(key: &str) -> String {
    key::host_of(key::split_port(key::split(key).0).0)
}

/// `d` itself and every name below it.
fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn holds_word(text: &str, word: &str) -> bool {
    let touches = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    // Occurrences may overlap, so each search starts one character after the last find.
    let mut from = 0;
    while let Some(found) = text[from..].find(word) {
        let start = from + found;
        let before = text[..start].chars().next_back();
        let after = text[start + word.len()..].chars().next();
        if !touches(before) && !touches(after) {
            return true;
        }
        match text[start..].chars().next() {
            Some(c) => from = start + c.len_utf8(),
            None => break,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subdomains_of_a_name() {
        assert!(is_below("example.com", "example.com"));
        assert!(is_below("a.example.com", "example.com"));
        assert!(!is_below("notexample.com", "example.com"));
        assert!(!is_below("com", "example.com"));
    }

    #[test]
    fn words_stand_alone() {
        assert!(holds_word("http://example.com/share?x", "share"));
        assert!(holds_word("sharer/share", "share"));
        assert!(!holds_word("sharer", "share"));
        assert!(!holds_word("re_share", "share"));
        assert!(!holds_word("\u{e9}share", "share"));
        assert!(holds_word("aa a", "a"));
        assert!(holds_word("-", ""));
        assert!(!holds_word("ab", ""));
    }
}
