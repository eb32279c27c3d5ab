//! `openrefs rating`: the rating of a domain, where it comes from, and a plot of all ratings.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use openrefs_query::{Snapshot, domains};
use openrefs_store::Index;

use crate::cli::output::{CANNOT_WRITE, stdout};
use crate::format::Format;
use crate::format::table::{Table, terminal_columns};
use crate::plot::{self, Place};
use crate::rating::{self, Explained, Part, Rating, Shown};
use crate::value::{Shape, Value, grouped};

/// The rating of a domain, its rank, and which domains make it
#[derive(Args, Debug)]
#[command(after_help = "Example: openrefs rating example.com --index idx --explain --plot ratings.svg")]
pub struct RatingCommand {
    /// A domain; of a host or URL its registrable domain is meant
    #[arg(required_unless_present = "plot")]
    domain: Option<String>,
    /// Folder of the index
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// Show where the score comes from
    #[arg(long, requires = "domain")]
    explain: bool,
    /// Contributing domains to show at the most, strongest first [default: 20]
    #[arg(
        long,
        value_name = "N",
        default_value = "",
        hide_default_value = true,
        requires = "explain",
        allow_negative_numbers = true
    )]
    limit: String,
    /// Write an SVG plot of all ratings, with the domain's place if one is named
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// table or json
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "table",
        hide_possible_values = true
    )]
    output: Output,
}

/// A format of this command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    /// Lines for people.
    Table,
    /// One object.
    Json,
}

impl RatingCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When the domain is wrong or not in the index, the index cannot be read, or the plot cannot be written.
    pub fn run(self) -> anyhow::Result<()> {
        let snapshot = Snapshot::open(&Index::open(&self.index)?)?;
        let rating = match &self.domain {
            Some(domain) => {
                let (domain, limit) = rating::request(&snapshot, domain, &self.limit)?;
                let rating = Rating::of(&snapshot, &domain)??;
                self.show(&snapshot, &rating, limit)?;
                Some(rating)
            }
            None => None,
        };
        match &self.plot {
            Some(file) => plot(&snapshot, rating.as_ref(), file),
            None => Ok(()),
        }
    }

    fn show(&self, snapshot: &Snapshot, rating: &Rating, limit: u64) -> anyhow::Result<()> {
        let explanation = match self.explain {
            true => Some(rating.explain(snapshot, limit)?),
            false => None,
        };
        let mut out = stdout();
        match self.output {
            Output::Table => lines(&mut out, rating, explanation.as_ref()),
            Output::Json => json(&mut out, rating.clone(), explanation),
        }
        .and_then(|()| out.flush())
        .context(CANNOT_WRITE)
    }
}

fn plot(snapshot: &Snapshot, rating: Option<&Rating>, file: &Path) -> anyhow::Result<()> {
    let place = rating.map(|rating| Place {
        domain: &rating.row.domain,
        rating: rating.row.rating,
    });
    let svg = plot::distribution(&domains::distribution(snapshot)?, place);
    fs::write(file, svg).with_context(|| format!("cannot write {}", file.display()))
}

fn json(out: &mut dyn Write, rating: Rating, explanation: Option<Explained>) -> io::Result<()> {
    let shown = Shown {
        rating,
        explanation,
        distribution: None,
    };
    serde_json::to_writer(out, &shown).map_err(io::Error::from)
}

fn lines(out: &mut dyn Write, rating: &Rating, explanation: Option<&Explained>) -> io::Result<()> {
    let row = &rating.row;
    let rank = format!("{} of {} domains", grouped(row.rank), grouped(rating.domains));
    let linked = format!(
        "{}, {} of them followed",
        grouped(row.linked_domains),
        grouped(row.linked_domains_followed)
    );
    for (name, value) in [
        ("domain", row.domain.clone()),
        ("rating", row.rating.to_string()),
        ("rank", rank),
        ("score", score(row.score)),
        ("referring domains", grouped(row.refdomains)),
        ("linked domains", linked),
        ("backlinks", grouped(row.backlinks)),
    ] {
        writeln!(out, "{name:<17}  {value}")?;
    }
    match explanation {
        Some(explanation) => parts(out, explanation),
        None => Ok(()),
    }
}

/// The parts of the score as a table: the base, the strongest contributions, the rest of them.
fn parts(out: &mut dyn Write, explanation: &Explained) -> io::Result<()> {
    let shape = Shape {
        rows: "parts",
        row: "part",
        columns: vec!["percent", "score", "refdomain", "domain_rating", "linked_domains"],
    };
    writeln!(out, "\nwhere the score comes from:\n")?;
    let mut table = Table::new(shape, terminal_columns());
    let base = "(base, which every domain has)".into();
    table.row(out, &mut cells(explanation.base, base).chain(none()))?;
    for one in &explanation.contributions {
        let counts = [one.domain_rating.into(), one.linked_domains_followed].map(Value::Count);
        table.row(
            out,
            &mut cells(one.part, Cow::Borrowed(&one.refdomain)).chain(counts),
        )?;
    }
    let others = explanation.others;
    if others.refdomains > 0 {
        let domains = if others.refdomains == 1 {
            "domain"
        } else {
            "domains"
        };
        let rest = format!("({} more {domains})", grouped(others.refdomains)).into();
        table.row(out, &mut cells(others.part, rest).chain(none()))?;
    }
    let contributing = explanation.contributions.len() as u64 + others.refdomains;
    table.end(out, &[("contributing domains", contributing)])
}

fn cells(part: Part, name: Cow<'_, str>) -> impl Iterator<Item = Value<'_>> {
    let percent = Value::Text(format!("{:>7.3}", part.percent).into());
    [percent, Value::Text(score(part.score).into()), Value::Text(name)].into_iter()
}

/// Cells of a part that comes from no single domain.
fn none() -> [Value<'static>; 2] {
    [const { Value::Text(Cow::Borrowed("")) }; 2]
}

/// A score, or a part of one.
fn score(score: f64) -> String {
    format!("{score:.6e}")
}
