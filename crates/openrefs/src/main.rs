//! The program `openrefs`: runs one command and turns its end into an exit status: 0 done, 1 a clear error, 2 wrong usage.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use openrefs::cli::{Cli, usage};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::end(&error),
    };
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, whatever the texts inside say. With stderr closed there is nobody to tell.
            let text = told(&error).replace(['\n', '\r'], " ");
            let _ = writeln!(io::stderr(), "error: {text}");
            usage::status(&error)
        }
    }
}

/// The texts of an error and its causes, but for causes that those before tell already.
fn told(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.contains(&cause) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause);
    }
    text
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}
