//! The cells of reports: which columns a report has, by name, and what a row holds in each.

use std::borrow::Cow;

use openrefs_model::Backlink;
use openrefs_query::{Column, DomainColumn, Refdomain, Totals};
use openrefs_store::domains::DomainRow;

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A text; a missing one is empty.
    Text(Cow<'a, str>),
    /// A number of things.
    Count(u64),
    /// Seconds since 1970.
    Instant(i64),
    /// Yes or no.
    Flag(bool),
}

/// What all rows of a report have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The name of the list of rows.
    pub rows: &'static str,
    /// The name of one of them.
    pub row: &'static str,
    /// The names of the cells, in the order of every row.
    pub columns: Vec<&'static str>,
}

/// The shape of the report `refdomains` with some columns.
pub fn refdomains_shape(columns: &[Column]) -> Shape {
    Shape {
        rows: "refdomains",
        row: "refdomain",
        columns: columns.iter().map(|column| column.name()).collect(),
    }
}

/// A row of the report `refdomains`.
pub fn refdomain<'a>(row: &'a Refdomain, columns: &'a [Column]) -> impl Iterator<Item = Value<'a>> {
    columns.iter().map(|column| match column {
        Column::Refdomain => Value::Text(Cow::Borrowed(&row.refdomain)),
        Column::Backlinks => Value::Count(row.backlinks),
        Column::Refpages => Value::Count(row.refpages),
        Column::FirstSeen => Value::Instant(row.first_seen),
        Column::LastVisited => Value::Instant(row.last_visited),
        Column::DomainRating => Value::Count(row.domain_rating.into()),
    })
}

/// The totals of the report `refdomains`, by name, in the order of an answer.
pub fn totals(totals: &Totals) -> [(&'static str, u64); 3] {
    [
        ("refdomains", totals.refdomains),
        ("ips", totals.ips),
        ("class_c", totals.class_c),
    ]
}

/// The object of the report `domain_rating`: its fields by name, in the order of an answer.
pub fn domain(row: &DomainRow, columns: &[DomainColumn]) -> Vec<(&'static str, Value<'static>)> {
    let value = |column: &DomainColumn| match column {
        DomainColumn::DomainRating => row.rating.into(),
        DomainColumn::AhrefsTop => row.rank,
    };
    columns
        .iter()
        .map(|column| (column.name(), Value::Count(value(column))))
        .collect()
}

/// A column of the report `backlinks`. Names are the wire format's where it has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BacklinkColumn {
    /// The page that links.
    UrlFrom,
    /// The linked URL.
    UrlTo,
    /// Anchor text.
    Anchor,
    /// How it links.
    LinkType,
    /// All flags that are set, in one text.
    Flags,
    /// `rel=nofollow`
    Nofollow,
    /// `rel=ugc`
    Ugc,
    /// `rel=sponsored`
    Sponsored,
    /// The link holds an image.
    Image,
    /// Address of the page's server.
    IpFrom,
    /// Earliest visit that held it.
    FirstSeen,
    /// Latest visit that held it.
    LastVisited,
}

impl BacklinkColumn {
    /// For programs: a cell per fact.
    pub const ALL: [Self; 11] = [
        Self::UrlFrom,
        Self::UrlTo,
        Self::Anchor,
        Self::LinkType,
        Self::Nofollow,
        Self::Ugc,
        Self::Sponsored,
        Self::Image,
        Self::IpFrom,
        Self::FirstSeen,
        Self::LastVisited,
    ];

    /// For people: the flags in one cell.
    pub const SHORT: [Self; 8] = [
        Self::UrlFrom,
        Self::UrlTo,
        Self::Anchor,
        Self::LinkType,
        Self::Flags,
        Self::IpFrom,
        Self::FirstSeen,
        Self::LastVisited,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::UrlFrom => "url_from",
            Self::UrlTo => "url_to",
            Self::Anchor => "anchor",
            Self::LinkType => "link_type",
            Self::Flags => "flags",
            Self::Nofollow => "nofollow",
            Self::Ugc => "ugc",
            Self::Sponsored => "sponsored",
            Self::Image => "image",
            Self::IpFrom => "ip_from",
            Self::FirstSeen => "first_seen",
            Self::LastVisited => "last_visited",
        }
    }
}

/// The shape of the report `backlinks` with some columns.
pub fn backlinks_shape(columns: &[BacklinkColumn]) -> Shape {
    Shape {
        rows: "backlinks",
        row: "backlink",
        columns: columns.iter().map(|column| column.name()).collect(),
    }
}

/// A row of the report `backlinks`.
pub fn backlink<'a>(row: &'a Backlink, columns: &'a [BacklinkColumn]) -> impl Iterator<Item = Value<'a>> {
    let text = |text: &'a str| Value::Text(Cow::Borrowed(text));
    columns.iter().map(move |column| match column {
        BacklinkColumn::UrlFrom => Value::Text(Cow::Owned(row.source_url())),
        BacklinkColumn::UrlTo => Value::Text(Cow::Owned(row.target_url())),
        BacklinkColumn::Anchor => text(&row.anchor),
        BacklinkColumn::LinkType => text(row.link_type.name()),
        BacklinkColumn::Flags => Value::Text(Cow::Owned(flags(row))),
        BacklinkColumn::Nofollow => Value::Flag(row.flags.nofollow),
        BacklinkColumn::Ugc => Value::Flag(row.flags.ugc),
        BacklinkColumn::Sponsored => Value::Flag(row.flags.sponsored),
        BacklinkColumn::Image => Value::Flag(row.flags.image),
        BacklinkColumn::IpFrom => text(row.sighting.ip.as_ref().map_or("", |ip| ip.as_str())),
        BacklinkColumn::FirstSeen => Value::Instant(row.sighting.first_seen),
        BacklinkColumn::LastVisited => Value::Instant(row.sighting.last_visited),
    })
}

/// The names of the flags that are set, with spaces between.
pub fn flags(row: &Backlink) -> String {
    let named = [
        (row.flags.nofollow, "nofollow"),
        (row.flags.ugc, "ugc"),
        (row.flags.sponsored, "sponsored"),
        (row.flags.image, "image"),
    ];
    let set: Vec<&str> = named
        .into_iter()
        .filter_map(|(set, name)| set.then_some(name))
        .collect();
    set.join(" ")
}

/// A number with its thousands apart.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}
