//! Whether conditions hold for a row.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::RangeInclusive;

use openrefs_model::key;

use super::{Comparison, Condition, Filter, FilterColumn, Test};

/// A row that conditions are evaluated on.
pub trait Fields {
    /// The value of a text column: `url`, `ip` (empty if unknown) or `refdomain`.
    fn text(&self, column: FilterColumn) -> Cow<'_, str>;
    /// The value of a number or date column, dates in seconds since 1970.
    fn number(&self, column: FilterColumn) -> i64;
    /// The key of the target's URL.
    fn target_key(&self) -> &str;
}

/// What none of some rows exceeds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Backlinks, and referring pages.
    pub count_max: u64,
    /// Earliest visit.
    pub first_seen_min: i64,
    /// Latest visit.
    pub last_visited_max: i64,
}

/// The numbers of a column, one for each of some rows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Numbers<'a> {
    /// 64-bit ones.
    Long(&'a [i64]),
    /// 32-bit ones.
    Integer(&'a [i32]),
}

impl Numbers<'_> {
    /// That of a row.
    pub fn value(&self, row: usize) -> i64 {
        match self {
            Self::Long(values) => values[row],
            Self::Integer(values) => values[row].into(),
        }
    }

    /// Clears the marks of the rows whose number is not in a range.
    pub fn mark_within(&self, marks: &mut [bool], range: RangeInclusive<i64>) {
        let holds = |value: i64| range.contains(&value);
        match self {
            Self::Long(values) => marks
                .iter_mut()
                .zip(*values)
                .for_each(|(mark, value)| *mark &= holds(*value)),
            Self::Integer(values) => {
                marks
                    .iter_mut()
                    .zip(*values)
                    .for_each(|(mark, value)| *mark &= holds((*value).into()));
            }
        }
    }
}

impl Filter {
    /// Whether all conditions hold.
    pub fn holds(&self, row: &impl Fields) -> bool {
        self.conditions.iter().all(|condition| condition.holds(row))
    }

    /// Whether all conditions hold that are not about a column.
    pub(crate) fn holds_apart_from(&self, column: FilterColumn, row: &impl Fields) -> bool {
        let mut conditions = self
            .conditions
            .iter()
            .filter(|condition| condition.column != column);
        conditions.all(|condition| condition.holds(row))
    }

    /// Whether all conditions on the referring domain hold.
    pub fn holds_for_refdomain(&self, refdomain: &str) -> bool {
        let mut conditions = self
            .conditions
            .iter()
            .filter(|condition| condition.column == FilterColumn::Refdomain);
        conditions.all(|condition| condition.holds(&RefdomainOnly(refdomain)))
    }

    /// Whether all conditions can hold for a row within limits. They tell what is out, not what is in.
    pub(crate) fn can_hold_within(&self, limits: &Limits) -> bool {
        self.conditions
            .iter()
            .all(|condition| condition.can_hold_within(limits))
    }

    /// Clears the marks of the rows for which a condition on numbers does not hold, a column at a time.
    pub(crate) fn mark<'a>(&self, marks: &mut [bool], numbers: impl Fn(FilterColumn) -> Option<Numbers<'a>>) {
        for condition in &self.conditions {
            let Test::Number(comparison, literal) = &condition.test else {
                continue;
            };
            match numbers(condition.column) {
                Some(Numbers::Long(values)) => {
                    comparison.mark(marks, values.iter().map(|value| *value as f64), *literal);
                }
                Some(Numbers::Integer(values)) => {
                    comparison.mark(marks, values.iter().map(|value| f64::from(*value)), *literal);
                }
                // A number that nobody has passes nothing.
                None => marks.fill(false),
            }
        }
    }
}

impl Condition {
    fn holds(&self, row: &impl Fields) -> bool {
        let column = self.column;
        match &self.test {
            Test::Text(comparison, literal) => comparison.holds((*row.text(column)).cmp(literal.as_str())),
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
    }

    fn can_hold_within(&self, limits: &Limits) -> bool {
        let Test::Number(comparison, literal) = &self.test else {
            return true;
        };
        let (limit, is_max) = match self.column {
            FilterColumn::Backlinks | FilterColumn::Refpages => (limits.count_max as f64, true),
            FilterColumn::LastVisited => (limits.last_visited_max as f64, true),
            FilterColumn::FirstSeen => (limits.first_seen_min as f64, false),
            _ => return true,
        };
        match comparison {
            Comparison::Greater if is_max => limit > *literal,
            Comparison::GreaterOrEqual | Comparison::Equal if is_max => limit >= *literal,
            Comparison::Less if !is_max => limit < *literal,
            Comparison::LessOrEqual | Comparison::Equal if !is_max => limit <= *literal,
            _ => true,
        }
    }
}

/// A referring domain as conditions see it that look at nothing else.
struct RefdomainOnly<'a>(&'a str);

impl Fields for RefdomainOnly<'_> {
    fn text(&self, _column: FilterColumn) -> Cow<'_, str> {
        Cow::Borrowed(self.0)
    }

    fn number(&self, _column: FilterColumn) -> i64 {
        0
    }

    fn target_key(&self) -> &str {
        ""
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

    /// Clears the marks of the values that do not compare so with a literal.
    fn mark(self, marks: &mut [bool], values: impl Iterator<Item = f64>, literal: f64) {
        // One loop for each comparison, so that none decides anew for every value.
        let marks = marks.iter_mut().zip(values);
        match self {
            Self::Equal => marks.for_each(|(mark, value)| *mark &= value == literal),
            Self::NotEqual => marks.for_each(|(mark, value)| *mark &= value != literal),
            Self::Less => marks.for_each(|(mark, value)| *mark &= value < literal),
            Self::LessOrEqual => marks.for_each(|(mark, value)| *mark &= value <= literal),
            Self::Greater => marks.for_each(|(mark, value)| *mark &= value > literal),
            Self::GreaterOrEqual => marks.for_each(|(mark, value)| *mark &= value >= literal),
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
    use std::sync::Arc;

    use openrefs_model::SuffixList;
    use proptest::prelude::*;

    use super::*;
    use crate::filter::having;

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

    /// A row of which every number is the same.
    struct Same(i64);

    impl Fields for Same {
        fn text(&self, _column: FilterColumn) -> Cow<'_, str> {
            Cow::Borrowed("a.org")
        }

        fn number(&self, _column: FilterColumn) -> i64 {
            self.0
        }

        fn target_key(&self) -> &str {
            ""
        }
    }

    proptest! {
        #[test]
        fn marks_and_limits_agree_with_what_holds(
            column in prop::sample::select(vec!["backlinks", "refpages"]),
            comparison in prop::sample::select(vec!["=", "<>", "<", "<=", ">", ">="]),
            literal in 0..6u32,
            values in prop::collection::vec(0..6i32, 1..20),
        ) {
            let list = Arc::new(SuffixList::bundled());
            let filter = having(&format!("{column}{comparison}{literal}"), &list).unwrap();
            let holds: Vec<bool> = values.iter().map(|value| filter.holds(&Same((*value).into()))).collect();
            let longs: Vec<i64> = values.iter().map(|value| i64::from(*value)).collect();
            for numbers in [Numbers::Integer(&values), Numbers::Long(&longs)] {
                let mut marks = vec![true; values.len()];
                filter.mark(&mut marks, |_| Some(numbers));
                prop_assert_eq!(&marks, &holds);
            }
            let limits = Limits {
                count_max: longs.iter().copied().max().unwrap() as u64,
                first_seen_min: i64::MIN,
                last_visited_max: i64::MAX,
            };
            prop_assert!(filter.can_hold_within(&limits) || !holds.contains(&true));
        }
    }
}
