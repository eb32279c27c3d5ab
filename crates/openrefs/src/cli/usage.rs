//! Wrong usage: what the command line itself gets wrong, whatever the index. It ends with status 2, everything else that
//! goes wrong with 1; both in one line.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::http::listen::ListenError;

/// An argument that can mean nothing.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WrongUsage(pub String);

/// The exit status of an error.
pub fn status(error: &anyhow::Error) -> ExitCode {
    let wrong_usage = error.is::<WrongUsage>()
        || matches!(
            error.downcast_ref(),
            Some(ListenError::NoAddress(_) | ListenError::NotLoopback(_))
        )
        || matches!(error.downcast_ref(), Some(openrefs_query::Error::Request(_)));
    ExitCode::from(if wrong_usage { 2 } else { 1 })
}

/// Ends a run whose arguments could not be read, or that only asked for help.
pub fn end(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // Closed output: whoever asked has seen enough.
            let _ = error.print();
            ExitCode::from(u8::from(error.use_stderr()) * 2)
        }
        _ => {
            let _ = writeln!(io::stderr(), "{}", one_line(&error.render().to_string()));
            ExitCode::from(2)
        }
    }
}

/// The first paragraph of a message of the argument parser, its tips, and where to read more, in one line.
fn one_line(text: &str) -> String {
    let joined = |lines: &mut dyn Iterator<Item = &str>| lines.map(str::trim).collect::<Vec<_>>().join(" ");
    let mut line = joined(&mut text.lines().take_while(|line| !line.trim().is_empty()));
    for tip in text.lines().filter_map(|line| line.trim().strip_prefix("tip: ")) {
        line.push_str("; ");
        line.push_str(tip);
    }
    let usage = text.lines().find_map(|line| line.strip_prefix("Usage: "));
    let command: Vec<&str> = usage
        .unwrap_or("openrefs")
        .split_whitespace()
        .take_while(|word| word.bytes().all(|b| b.is_ascii_lowercase()))
        .collect();
    line.push_str(&format!("; see '{} --help'", command.join(" ")));
    line
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn messages_of_the_parser_are_one_line() {
        for (arguments, expected) in [
            (
                "openrefs refdomains",
                "error: the following required arguments were not provided: --index <DIR> <TARGET>; see 'openrefs refdomains --help'",
            ),
            (
                "openrefs refdomains x.com --index i --outputt csv",
                "error: unexpected argument '--outputt' found; a similar argument exists: '--output'; see 'openrefs refdomains --help'",
            ),
            (
                "openrefs refdomains x.com --index i --output yaml",
                "error: invalid value 'yaml' for '--output <FORMAT>' [possible values: table, json, xml, php, csv, ndjson]; a similar value exists: 'xml'; see 'openrefs --help'",
            ),
            (
                "openrefs zzz",
                "error: unrecognized subcommand 'zzz'; see 'openrefs --help'",
            ),
        ] {
            let error = Cli::try_parse_from(arguments.split(' ')).unwrap_err();
            assert_eq!(one_line(&error.render().to_string()), expected);
        }
    }
}
