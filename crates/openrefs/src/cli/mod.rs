//! The commands, one file each. Data goes to standard output, words and progress to standard error.

pub mod usage;

pub mod output;
pub mod report;

pub mod backlinks;
pub mod gc;
pub mod ingest;
pub mod rating;
pub mod refdomains;
pub mod sample;
pub mod serve;
pub mod snapshots;
pub mod step;
pub mod token;
pub mod top;
pub mod verify;

pub mod demo;

use clap::{Parser, Subcommand};

/// Finds who links to a page, a host or a whole domain, in crawl archives of your own.
#[derive(Debug, Parser)]
#[command(
    name = "openrefs",
    version,
    arg_required_else_help = true,
    after_help = "To see it work: openrefs demo"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Ingest(ingest::Ingest),
    Refdomains(refdomains::Refdomains),
    Backlinks(backlinks::Backlinks),
    Rating(rating::RatingCommand),
    Serve(serve::Serve),
    Snapshots(snapshots::Snapshots),
    Verify(verify::Verify),
    Gc(gc::Gc),
    Step(step::StepCommand),
    Token(token::TokenCommand),
    Sample(sample::Sample),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// What went wrong and what to do about it, in one line.
    pub fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Demo(command) => command.run(),
            Command::Ingest(command) => command.run(),
            Command::Refdomains(command) => command.run(),
            Command::Backlinks(command) => command.run(),
            Command::Rating(command) => command.run(),
            Command::Serve(command) => command.run(),
            Command::Snapshots(command) => command.run(),
            Command::Verify(command) => command.run(),
            Command::Gc(command) => command.run(),
            Command::Step(command) => command.run(),
            Command::Token(command) => command.run(),
            Command::Sample(command) => command.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_help_shows_an_example() {
        for command in Cli::command().get_subcommands() {
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            let example = format!("openrefs {}", command.get_name());
            assert!(help.contains(&example), "{example}");
        }
    }
}
