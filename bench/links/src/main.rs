//! The benchmark of building and asking an index, on invented link rows with the web's skew.
//!
//! `bench/links/run` drives it and does the same work on other engines. Overview, lowest layer first: [`chance`] draws;
//! [`names`] what things are called; [`universe`] who there is; [`site`] a visit and its links; [`crawl`] a file of
//! visits; [`rows`] the neutral files; [`generate`], [`stage`], [`build`], [`targets`] and [`query`] the steps;
//! [`measure`] what they tell.

mod chance;
mod names;
mod universe;

mod crawl;
mod site;

mod measure;
mod rows;

mod build;
mod generate;
mod query;
mod stage;
mod targets;

use clap::Parser;

/// Rows, index and requests of the link benchmark. Figures go to standard output as lines of JSON.
#[derive(Debug, Parser)]
enum Command {
    /// Invents the rows of a crawl
    Generate(generate::Arguments),
    /// Stages rows as runs of an index
    Stage(stage::Arguments),
    /// Merges what is staged and publishes it
    Build(build::Arguments),
    /// Picks the requests to measure
    Targets(targets::Arguments),
    /// Asks an index these requests
    Query(query::Arguments),
}

fn main() -> anyhow::Result<()> {
    match Command::parse() {
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Stage(arguments) => stage::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Targets(arguments) => targets::run(&arguments),
        Command::Query(arguments) => query::run(&arguments),
    }
}
