//! `openrefs serve`: the index over HTTP.

use std::io::{self, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::accounts::Gate;
use crate::http::listen::{self, LISTEN_DEFAULT};
use crate::http::server::{self, Options};
use crate::live::Live;

/// Serves the index over HTTP: the wire format of API v2, and pages for a browser
///
/// As long as the index has no token (see 'openrefs token --help'), only this machine is answered, under its own names.
/// With tokens every request needs one, and there are no pages.
#[derive(Args, Debug)]
#[command(
    after_help = "Example: openrefs serve --index idx\n         curl 'http://127.0.0.1:8001/?from=refdomains&target=example.com&mode=domain'"
)]
pub struct Serve {
    /// Folder of the index
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// Address and port
    #[arg(long, value_name = "ADDRESS", default_value = LISTEN_DEFAULT)]
    listen: String,
    /// Without tokens, answer other machines too, whoever they are
    #[arg(long)]
    open: bool,
    /// Write a line to standard error for every request
    #[arg(long)]
    log: bool,
}

impl Serve {
    /// Runs the command.
    ///
    /// # Errors
    /// When the index cannot be read, or the address not be listened on.
    pub fn run(self) -> anyhow::Result<()> {
        let gate = Gate::open(&self.index)?;
        let address = listen::address(&self.listen, self.open || gate.asks_for_tokens())?;
        let live = Live::open(&self.index)?;
        let options = Options {
            open: self.open,
            log: self.log,
        };
        serve(listen::bind(address)?, live, gate, options, &self.index)
    }
}

/// Says where, and serves until told to end.
///
/// # Errors
/// When the system refuses threads or sockets.
pub fn serve(
    listener: TcpListener,
    live: Live,
    gate: Arc<Gate>,
    options: Options,
    index: &Path,
) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let tokens = if gate.asks_for_tokens() {
        "requests need a token; "
    } else {
        ""
    };
    let _ = writeln!(
        io::stderr(),
        "serving {} at http://{address}/ ({tokens}Ctrl-C ends it)",
        index.display()
    );
    Ok(server::serve(listener, live, gate, options)?)
}
