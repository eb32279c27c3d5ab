//! Where the server listens. Without tokens everybody who reaches it may ask, so it stays on this machine unless told.

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

/// Where the server listens unless told otherwise.
pub const LISTEN_DEFAULT: &str = "127.0.0.1:8001";

/// Why it cannot listen there.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The text is no address.
    #[error("--listen: '{0}' is no address and port; write one like {LISTEN_DEFAULT}")]
    NoAddress(String),
    /// Other machines could reach it.
    #[error(
        "--listen: {0} can be reached from other machines and every request would be answered; make a token for each \
         client with 'openrefs token add', or add --open to allow that"
    )]
    NotLoopback(SocketAddr),
    /// Something else listens there.
    #[error(
        "cannot listen on {0}: the port is in use; stop what uses it, or choose another port with --listen"
    )]
    InUse(SocketAddr),
    /// The system says no.
    #[error("cannot listen on {0}: {1}; choose another address with --listen")]
    Io(SocketAddr, io::Error),
}

/// Reads an address, and refuses one that other machines can reach unless that is `allowed`.
///
/// # Errors
/// When it is none, or can be reached.
pub fn address(text: &str, allowed: bool) -> Result<SocketAddr, ListenError> {
    let no_address = || ListenError::NoAddress(text.to_owned());
    let address = text
        .to_socket_addrs()
        .ok()
        .and_then(|mut all| all.next())
        .ok_or_else(no_address)?;
    if address.ip().to_canonical().is_loopback() || allowed {
        Ok(address)
    } else {
        Err(ListenError::NotLoopback(address))
    }
}

/// Opens a socket.
///
/// # Errors
/// When the port is in use, or the system says no.
pub fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse(address),
        _ => ListenError::Io(address, error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_unless_told() {
        for text in ["127.0.0.1:8001", "[::1]:1", "127.9.9.9:0", "[::ffff:127.0.0.1]:1"] {
            assert!(address(text, false).is_ok(), "{text}");
        }
        for text in ["0.0.0.0:8001", "[::]:8001", "192.0.2.1:1"] {
            assert!(
                matches!(address(text, false), Err(ListenError::NotLoopback(_))),
                "{text}"
            );
            assert!(address(text, true).is_ok(), "{text}");
        }
        for text in ["", "8001", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:x"] {
            assert!(
                matches!(address(text, true), Err(ListenError::NoAddress(_))),
                "{text}"
            );
        }
    }
}
