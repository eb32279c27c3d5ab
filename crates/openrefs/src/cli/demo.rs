//! `openrefs demo`: the whole way from archives to a page in a browser, on a synthetic crawl.

use std::fs;
use std::io::{self, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use openrefs_sample::Options;
use openrefs_store::Index;

use crate::accounts::Gate;
use crate::cli::{ingest, refdomains, sample, serve, top};
use crate::format::Output;
use crate::http::listen::{self, LISTEN_DEFAULT, ListenError};
use crate::http::server;
use crate::live::Live;
use crate::parameters::Parameters;

/// The crawl of the demo.
const CRAWL: Options = Options {
    domains: 400,
    pages: 5_000,
    seed: 1,
};

/// Makes a sample crawl, ingests it, shows a table and serves the index
#[derive(Args, Debug)]
#[command(after_help = "Example: openrefs demo --no-serve")]
pub struct Demo {
    /// Folder for the crawl and the index; a second run uses what is there
    #[arg(long, value_name = "DIR", default_value = "openrefs-demo")]
    dir: PathBuf,
    /// Address and port of the server; without it, a free port if 8001 is taken
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// End after the table
    #[arg(long)]
    no_serve: bool,
}

impl Demo {
    /// Runs the command.
    ///
    /// # Errors
    /// When a step fails.
    pub fn run(self) -> anyhow::Result<()> {
        let address = listen::address(self.listen.as_deref().unwrap_or(LISTEN_DEFAULT), false)?;
        let (crawl, index) = (self.dir.join("crawl"), self.dir.join("index"));
        make_crawl(&crawl)?;
        say(&format!("ingesting {}", crawl.join("warc").display()));
        ingest::quick(&crawl.join("warc"), &index)?;
        let target = top::host(&Index::open(&index)?)?.context("the sample crawl holds no link")?;
        say(&format!("\nwho links to {target}, most backlinks first:\n"));
        let parameters = Parameters {
            target: target.clone(),
            mode: "domain".into(),
            order_by: "backlinks:desc".into(),
            limit: "10".into(),
            ..Parameters::default()
        };
        refdomains::show(&index, &parameters, Output::Table)?;
        say(&next_steps(&target, &index));
        if self.no_serve {
            return Ok(());
        }
        let live = Live::open(&index)?;
        let listener = match listen::bind(address) {
            Err(ListenError::InUse(taken)) if self.listen.is_none() => free_port(taken)?,
            other => other?,
        };
        say(&format!(
            "the page of this target: http://{}/?target={target}",
            listener.local_addr()?
        ));
        serve::serve(
            listener,
            live,
            Gate::open(&index)?,
            server::Options::default(),
            &index,
        )
    }
}

/// Makes the crawl unless it is there. It gets its name when it is whole, so a demo that was stopped starts anew.
fn make_crawl(crawl: &Path) -> anyhow::Result<()> {
    if crawl.exists() {
        say(&format!("using the sample crawl in {}", crawl.display()));
        return Ok(());
    }
    let partial = crawl.with_extension("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).with_context(|| format!("cannot remove {}", partial.display()))?;
    }
    say(&format!(
        "making a sample crawl of {} pages in {}",
        CRAWL.pages,
        crawl.display()
    ));
    sample::write(&CRAWL, &partial)?;
    fs::rename(&partial, crawl).with_context(|| format!("cannot rename {}", partial.display()))
}

fn free_port(taken: std::net::SocketAddr) -> anyhow::Result<TcpListener> {
    say(&format!("port {} is in use, taking a free one", taken.port()));
    Ok(listen::bind(std::net::SocketAddr::new(taken.ip(), 0))?)
}

fn next_steps(target: &str, index: &Path) -> String {
    let index = index.display();
    format!(
        "\ntry:\n  openrefs refdomains {target} --index {index} --mode subdomains --output csv\n  \
         openrefs backlinks {target} --index {index} --limit 5\n  \
         openrefs rating {target} --index {index} --explain\n  \
         openrefs serve --index {index}\n"
    )
}

/// Words go to standard error; with it closed there is nobody to tell.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
