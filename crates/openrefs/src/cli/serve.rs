//! `openrefs serve`: the index over HTTP.

use std::io::{self, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::http::listen::{self, LISTEN_DEFAULT};
use crate::http::server;
use crate::live::Live;

/// Serves the index over HTTP: the wire format of API v2, and a page for a browser
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
    /// Answer other machines too, without asking who they are
    #[arg(long)]
    open: bool,
}

impl Serve {
    /// Runs the command.
    ///
    /// # Errors
    /// When the index cannot be read, or the address not be listened on.
    pub fn run(self) -> anyhow::Result<()> {
        let address = listen::address(&self.listen, self.open)?;
        let live = Live::open(&self.index)?;
        serve(listen::bind(address)?, live, &self.index)
    }
}

/// Says where, and serves until told to end.
///
/// # Errors
/// When the system refuses threads or sockets.
pub fn serve(listener: TcpListener, live: Live, index: &Path) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let _ = writeln!(
        io::stderr(),
        "serving {} at http://{address}/ (Ctrl-C ends it)",
        index.display()
    );
    Ok(server::serve(listener, live)?)
}
