//! Conditions: `where` on the rows before grouping, `having` on the groups. Parsed once, evaluated row by row.
//!
//! Grammar and columns: sections 2.3, 7 and 8 of the wire format. All conditions of a list must hold.

mod evaluate;
mod parse;

pub use evaluate::Fields;
pub(crate) use evaluate::{Limits, Numbers};
pub use parse::{CONDITIONS_MAX, TEXT_BYTES_MAX, having, having_of_domain, where_, where_of_domain};

/// A column that conditions may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterColumn {
    /// The target's URL.
    Url,
    /// The source's address; the empty text if unknown.
    Ip,
    /// The referring domain.
    Refdomain,
    /// Backlinks.
    Backlinks,
    /// Referring pages.
    Refpages,
    /// Earliest visit.
    FirstSeen,
    /// Latest visit.
    LastVisited,
    /// Rating of the referring domain; in the report `domain_rating` that of the domain itself.
    DomainRating,
    /// Rank of the domain, in the report `domain_rating` alone.
    AhrefsTop,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Date,
}

impl FilterColumn {
    const ALL: [Self; 9] = [
        Self::Url,
        Self::Ip,
        Self::Refdomain,
        Self::Backlinks,
        Self::Refpages,
        Self::FirstSeen,
        Self::LastVisited,
        Self::DomainRating,
        Self::AhrefsTop,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Ip => "ip",
            Self::Refdomain => "refdomain",
            Self::Backlinks => "backlinks",
            Self::Refpages => "refpages",
            Self::FirstSeen => "first_seen",
            Self::LastVisited => "last_visited",
            Self::DomainRating => "domain_rating",
            Self::AhrefsTop => "ahrefs_top",
        }
    }

    fn kind(self) -> Kind {
        match self {
            Self::Url | Self::Ip | Self::Refdomain => Kind::Text,
            Self::Backlinks | Self::Refpages | Self::DomainRating | Self::AhrefsTop => Kind::Number,
            Self::FirstSeen | Self::LastVisited => Kind::Date,
        }
    }

    /// Ratings belong to groups.
    fn in_where(self) -> bool {
        self != Self::DomainRating
    }

    /// Target URLs and addresses belong to rows before grouping.
    fn in_having(self) -> bool {
        !matches!(self, Self::Url | Self::Ip)
    }

    fn of_refdomains(self) -> bool {
        self != Self::AhrefsTop
    }

    fn of_domain(self) -> bool {
        matches!(self, Self::DomainRating | Self::AhrefsTop)
    }
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// One test of one column.
#[derive(Clone, Debug, PartialEq)]
enum Test {
    /// A text column, bytewise.
    Text(Comparison, String),
    /// `url`, for equality: by key; None for a text that is no URL of an index, which equals no row's.
    Key(Comparison, Option<String>),
    /// A number or a date, in seconds.
    Number(Comparison, f64),
    /// The domain in the column is this one or below it.
    Subdomain(String),
    /// It occurs in the column.
    Substring(String),
    /// It occurs in the column and touches no letter, digit or `_`.
    Word(String),
}

#[derive(Clone, Debug, PartialEq)]
struct Condition {
    column: FilterColumn,
    test: Test,
}

/// A list of conditions; the empty one holds for every row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    conditions: Vec<Condition>,
}

impl Filter {
    /// There is no condition.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Whether a condition is about a column.
    pub fn names(&self, column: FilterColumn) -> bool {
        self.conditions.iter().any(|condition| condition.column == column)
    }

    /// Whether all conditions are about one column.
    pub fn names_only(&self, column: FilterColumn) -> bool {
        self.conditions.iter().all(|condition| condition.column == column)
    }
}
