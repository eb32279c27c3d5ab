//! What is known of a domain: its rating, and where that comes from.

use std::borrow::Cow;
use std::cmp::Ordering;

use arrow_array::{Array, Int32Array, RecordBatch, StringArray};
use openrefs_store::domains::{self, DomainRow, DomainsBatch};
use openrefs_store::pairs::{self, PairsBatch};
use openrefs_store::table::{integers, partition, strings};
use openrefs_store::{FileEntry, TableFile, TableName};

use crate::error::Result;
use crate::filter::{Fields, FilterColumn};
use crate::pieces::PagedColumns;
use crate::request::DomainRatingRequest;
use crate::snapshot::Snapshot;

/// The part of a score that goes along arcs; the rating's rules fix it.
const DAMPING: f64 = 0.85;

/// What an answer needs of a referring domain.
const RATINGS: PagedColumns = PagedColumns {
    names: &["domain", "domain_rating"],
    rows: domains::PAGE_ROWS,
    narrow: false,
};
/// All that is known of a domain.
const ROWS: PagedColumns = PagedColumns {
    names: &domains::COLUMNS,
    rows: domains::PAGE_ROWS,
    narrow: false,
};

/// Looks domains up. Names that come in ascending order cost least.
pub struct Domains<'a> {
    snapshot: &'a Snapshot,
    /// The file of the last look-up.
    file: Option<(usize, TableFile)>,
    ratings: Option<(StringArray, Int32Array)>,
    rows: Option<DomainsBatch>,
}

impl<'a> Domains<'a> {
    /// Those of a snapshot.
    pub fn new(snapshot: &'a Snapshot) -> Self {
        Self {
            snapshot,
            file: None,
            ratings: None,
            rows: None,
        }
    }

    /// The rating of a domain, 0 to 100; 0 for one that is not there.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn rating(&mut self, name: &str) -> Result<u8> {
        let reaches_around = |(names, _): &(StringArray, Int32Array)| {
            let last = names.len().checked_sub(1);
            last.is_some_and(|last| names.value(0) <= name && name <= names.value(last))
        };
        if !self.ratings.as_ref().is_some_and(reaches_around) {
            let read = |batch: &RecordBatch| {
                let names = strings(batch, RATINGS.names[0])?.clone();
                Ok((names, integers(batch, RATINGS.names[1])?.clone()))
            };
            self.ratings = self.page_of(name, RATINGS, read)?;
        }
        let Some((names, ratings)) = &self.ratings else {
            return Ok(0);
        };
        let row = partition(names.len(), |row| names.value(row) < name);
        let found = row < names.len() && names.value(row) == name;
        Ok(if found {
            u8::try_from(ratings.value(row)).unwrap_or(0)
        } else {
            0
        })
    }

    /// What is known of a domain; None for one that is neither source nor target of a backlink.
    ///
    /// # Errors
    /// As [`Domains::rating`].
    pub fn row(&mut self, name: &str) -> Result<Option<DomainRow>> {
        let fits = |page: &DomainsBatch| {
            !page.is_empty() && page.domain(0) <= name && name <= page.domain(page.len() - 1)
        };
        if !self.rows.as_ref().is_some_and(fits) {
            self.rows = self.page_of(name, ROWS, DomainsBatch::of)?;
        }
        let Some(page) = &self.rows else { return Ok(None) };
        let row = partition(page.len(), |row| page.domain(row) < name);
        let found = row < page.len() && page.domain(row) == name;
        Ok(found.then(|| page.row(row)))
    }

    /// Some columns of the page that holds a name, if it is there.
    fn page_of<T>(
        &mut self,
        name: &str,
        columns: PagedColumns,
        read: impl Fn(&RecordBatch) -> std::result::Result<T, String>,
    ) -> Result<Option<T>> {
        let entries = self.snapshot.entries(TableName::Domains, 0);
        let place = entries.partition_point(|entry| entry.last_key.as_str() < name);
        let Some(entry) = entries.get(place) else {
            return Ok(None);
        };
        let file = match self.file.take() {
            Some((last, file)) if last == place => file,
            _ => self.snapshot.files().open(entry)?,
        };
        // A name is never cut in the page index, so no page before this one holds it, and none behind.
        let row = file.rows_before(name)?;
        let page = if row < file.rows() {
            let pieces = self.snapshot.files().pieces();
            let batch = pieces.one(&file, columns, row / columns.rows)?;
            Some(read(&batch).map_err(|what| file.damaged(what))?)
        } else {
            None
        };
        self.file = Some((place, file));
        Ok(page)
    }
}

/// Answers a request for a rating: the row of a domain, None if it does not pass the conditions. A domain that is not there
/// has rating 0 and rank 0, and passes no condition.
///
/// # Errors
/// When the index cannot be read.
pub fn domain_rating(snapshot: &Snapshot, request: &DomainRatingRequest) -> Result<Option<DomainRow>> {
    Ok(match Domains::new(snapshot).row(&request.domain)? {
        Some(row) => request.having.holds(&Conditioned(&row)).then_some(row),
        None => request.having.is_empty().then(|| DomainRow {
            domain: request.domain.clone(),
            ..DomainRow::default()
        }),
    })
}

/// A row as conditions see it.
struct Conditioned<'a>(&'a DomainRow);

impl Fields for Conditioned<'_> {
    fn text(&self, _column: FilterColumn) -> Cow<'_, str> {
        Cow::Borrowed(&self.0.domain)
    }

    fn number(&self, column: FilterColumn) -> i64 {
        match column {
            FilterColumn::DomainRating => self.0.rating.into(),
            _ => i64::try_from(self.0.rank).unwrap_or(i64::MAX),
        }
    }

    fn target_key(&self) -> &str {
        ""
    }
}

/// Where the score of a domain comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What every domain has, whoever links to it.
    pub base: f64,
    /// What the domains pass on that link to it, strongest first; ties by name.
    pub contributions: Vec<Contribution>,
}

/// What one domain passes on to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// The domain that links.
    pub refdomain: String,
    /// Its part of the score.
    pub share: f64,
    /// Its rating.
    pub domain_rating: u8,
    /// To how many domains it passes parts of the same size.
    pub linked_domains_followed: u64,
}

/// Explains the score of a domain: the shares and the base add up to it.
///
/// # Errors
/// When the index cannot be read.
pub fn explain(snapshot: &Snapshot, domain: &DomainRow) -> Result<Explanation> {
    let mut contributions = Vec::new();
    let mut domains = Domains::new(snapshot);
    let bucket = snapshot.bucket_of(&domain.domain);
    for entry in snapshot.entries(TableName::Pairs, bucket) {
        each_source(snapshot, entry, &domain.domain, &mut |refdomain| {
            if let Some(source) = domains.row(refdomain)? {
                contributions.push(Contribution {
                    refdomain: refdomain.to_owned(),
                    share: DAMPING * source.score / source.linked_domains_followed.max(1) as f64,
                    domain_rating: source.rating,
                    linked_domains_followed: source.linked_domains_followed,
                });
            }
            Ok(())
        })?;
    }
    contributions.sort_by(|a, b| {
        b.share
            .partial_cmp(&a.share)
            .unwrap_or(Ordering::Equal)
            .then_with(|| a.refdomain.cmp(&b.refdomain))
    });
    let passed: f64 = contributions.iter().rev().map(|c| c.share).sum();
    Ok(Explanation {
        base: domain.score - passed,
        contributions,
    })
}

/// Calls `each` with every domain that passes a part of its score to another one.
fn each_source(
    snapshot: &Snapshot,
    entry: &FileEntry,
    target: &str,
    each: &mut dyn FnMut(&str) -> Result<()>,
) -> Result<()> {
    let file = snapshot.files().open(entry)?;
    let mut reader = file.rows_in(&pairs::COLUMNS, &file.rows_that_may_hold(target)?)?;
    while let Some(batch) = reader.next_as(PairsBatch::of)? {
        for row in 0..batch.len() {
            let refdomain = batch.refdomain(row);
            if batch.followed(row) && batch.target_domain(row) == target && refdomain != target {
                each(refdomain)?;
            }
        }
    }
    Ok(())
}

/// How many domains have each rating, 0 to 100. The first call of a snapshot reads the ratings of all its domains.
///
/// # Errors
/// When the index cannot be read.
pub fn distribution(snapshot: &Snapshot) -> Result<[u64; 101]> {
    if let Some(counts) = snapshot.distribution.get() {
        return Ok(*counts);
    }
    let counts = count_ratings(snapshot)?;
    Ok(*snapshot.distribution.get_or_init(|| counts))
}

fn count_ratings(snapshot: &Snapshot) -> Result<[u64; 101]> {
    let mut counts = [0; 101];
    for entry in snapshot.entries(TableName::Domains, 0) {
        let mut reader = snapshot.files().open(entry)?.all(&["domain_rating"])?;
        let ratings = |batch: &arrow_array::RecordBatch| {
            openrefs_store::table::integers(batch, "domain_rating").cloned()
        };
        while let Some(ratings) = reader.next_as(ratings)? {
            for rating in ratings.values() {
                if let Some(count) = usize::try_from(*rating)
                    .ok()
                    .and_then(|place| counts.get_mut(place))
                {
                    *count += 1;
                }
            }
        }
    }
    Ok(counts)
}
