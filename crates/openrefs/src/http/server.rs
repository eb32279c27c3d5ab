//! The runtime of the server, from an open socket to a graceful end.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::http::router::router;
use crate::live::Live;
use crate::service::Service;

/// After a signal, answers that are being sent have this long to end.
const END_WITHIN: Duration = Duration::from_secs(10);

/// Serves an index until a signal asks it to end (SIGINT, SIGTERM).
///
/// # Errors
/// When the system refuses threads or sockets.
pub fn serve(listener: TcpListener, live: Live) -> io::Result<()> {
    let _ = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_target(false)
        .try_init();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let service = Service::new(live, cores);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(serve_until_signal(listener, service));
    // A query that nobody waits for any more must not hold up the end.
    runtime.shutdown_background();
    result
}

async fn serve_until_signal(listener: TcpListener, service: Arc<Service>) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let mut signals = Signals::new()?;
    let ending = Arc::new(Notify::new());
    let told = Arc::clone(&ending);
    let server =
        axum::serve(listener, router(service)).with_graceful_shutdown(async move { told.notified().await });
    let mut server = std::pin::pin!(std::future::IntoFuture::into_future(server));
    tokio::select! {
        result = &mut server => return result,
        () = signals.next() => ending.notify_one(),
    }
    tokio::select! {
        result = server => result,
        // Who asks twice means it.
        () = signals.next() => Ok(()),
        () = tokio::time::sleep(END_WITHIN) => Ok(()),
    }
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
