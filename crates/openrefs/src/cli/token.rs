//! `openrefs token`: who may ask a server, and for how many rows.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use openrefs_model::time;
use openrefs_store::Index;

use crate::accounts::store::ROWS_MAX;
use crate::accounts::{Store, Token};
use crate::cli::output::{CANNOT_WRITE, stdout};

const NAME_CHARS_MAX: usize = 100;

/// Makes, lists and revokes the tokens that a server of this index asks for
///
/// As long as there is no token, a server asks nobody and answers this machine only.
#[derive(Args, Debug)]
#[command(after_help = "Example: openrefs token add --index idx --rows 500000 --name \"reports\"")]
pub struct TokenCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a token and print it; it cannot be printed again
    #[command(after_help = "Example: openrefs token add --index idx --rows 500000 --name \"reports\"")]
    Add {
        /// Folder of the index
        #[arg(long, value_name = "DIR")]
        index: PathBuf,
        /// Rows that it may use up; a request costs 1, 1 for each row of its answer, and 5 for each of where and having
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=ROWS_MAX))]
        rows: u64,
        /// What to call it in the list
        #[arg(long, value_name = "TEXT", default_value = "", value_parser = name)]
        name: String,
    },
    /// List all tokens by id, with the rows left; never the tokens themselves
    #[command(after_help = "Example: openrefs token list --index idx")]
    List {
        /// Folder of the index
        #[arg(long, value_name = "DIR")]
        index: PathBuf,
    },
    /// Revoke a token for good; running servers refuse it at once
    #[command(after_help = "Example: openrefs token revoke 1 --index idx")]
    Revoke {
        /// Its id in the list
        id: i64,
        /// Folder of the index
        #[arg(long, value_name = "DIR")]
        index: PathBuf,
    },
}

impl TokenCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When there is no index, or its accounts cannot be read or changed.
    pub fn run(self) -> anyhow::Result<()> {
        match self.action {
            Action::Add { index, rows, name } => {
                // Accounts stand beside an index, never alone: a wrong folder is an error.
                Index::open(&index)?;
                let token = Token::new().context("the system gives no random numbers")?;
                let id = Store::open_or_create(&index)?.add(&token, &name, rows)?;
                let mut err = std::io::stderr();
                let _ = writeln!(err, "token {id} with {rows} rows; keep it, it is shown only now:");
                print(&format!("{}\n", token.reveal()))
            }
            Action::List { index } => {
                Index::open(&index)?;
                print(&list(Store::open(&index)?.as_ref())?)
            }
            Action::Revoke { id, index } => {
                Index::open(&index)?;
                let store = Store::open(&index)?;
                Ok(store
                    .ok_or(crate::accounts::AccountsError::NoSuchToken(id))?
                    .revoke(id)?)
            }
        }
    }
}

/// Tab-separated, so that other programs can read it.
fn list(store: Option<&Store>) -> anyhow::Result<String> {
    let mut text = String::from("id\tname\trows_limit\trows_left\tcreated\trevoked\n");
    for token in store.map(Store::list).transpose()?.unwrap_or_default() {
        let (created, revoked) = (
            time::format(token.created),
            token.revoked.map(time::format).unwrap_or_default(),
        );
        text.push_str(&format!(
            "{}\t{}\t{}\t{}\t{created}\t{revoked}\n",
            token.id, token.name, token.rows_limit, token.rows_left
        ));
    }
    Ok(text)
}

fn print(text: &str) -> anyhow::Result<()> {
    let mut out = stdout();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context(CANNOT_WRITE)
}

/// A name is one short line, since it stands in a list.
fn name(text: &str) -> Result<String, String> {
    if text.chars().count() > NAME_CHARS_MAX || text.contains(char::is_control) {
        return Err(format!("use one line of at most {NAME_CHARS_MAX} characters"));
    }
    Ok(text.to_owned())
}
