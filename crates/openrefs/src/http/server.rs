//! The runtime of the server, from an open socket to a graceful end.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::accounts::Gate;
use crate::http::app::App;
use crate::http::connections::{self, Limits};
use crate::http::metrics::Metrics;
use crate::http::router::router;
use crate::live::Live;
use crate::service::{ANSWER_WITHIN, Service};

/// After a signal, answers that are being sent have this long to end.
const END_WITHIN: Duration = Duration::from_secs(10);
/// A server without tokens looks so often whether there is one by now.
const LOOK_FOR_TOKENS_EVERY: Duration = Duration::from_secs(1);

/// What a server is told at its start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Answer other machines without a token.
    pub open: bool,
    /// Log every request.
    pub log: bool,
}

/// Serves an index until a signal asks it to end (SIGINT, SIGTERM).
///
/// # Errors
/// When the system refuses threads or sockets.
pub fn serve(listener: TcpListener, live: Live, gate: Arc<Gate>, options: Options) -> io::Result<()> {
    let _ = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_target(false)
        .try_init();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let app = App {
        service: Service::new(live, cores, ANSWER_WITHIN),
        gate,
        metrics: Metrics::default(),
        open: options.open,
        log: options.log,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(serve_until_signal(listener, Arc::new(app)));
    // A query that nobody waits for any more must not hold up the end.
    runtime.shutdown_background();
    result
}

async fn serve_until_signal(listener: TcpListener, app: Arc<App>) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let mut signals = Signals::new()?;
    tokio::spawn(look_for_tokens(Arc::clone(&app.gate)));
    let ending = Notify::new();
    let mut server = std::pin::pin!(connections::serve(
        listener,
        router(app),
        Limits::default(),
        ending.notified()
    ));
    tokio::select! {
        () = &mut server => return Ok(()),
        () = signals.next() => ending.notify_one(),
    }
    tokio::select! {
        () = server => {}
        // Who asks twice means it.
        () = signals.next() => {}
        () = tokio::time::sleep(END_WITHIN) => {}
    }
    Ok(())
}

async fn look_for_tokens(gate: Arc<Gate>) {
    if gate.asks_for_tokens() {
        return;
    }
    while !gate.asks_for_tokens() {
        tokio::time::sleep(LOOK_FOR_TOKENS_EVERY).await;
        gate.look_again().await;
    }
    tracing::info!("requests need a token");
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
