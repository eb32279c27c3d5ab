//! Connections: accepted a bounded number at a time, each with bounds for what a client may send and how long it may
//! take, and ended gracefully.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::http::request_line::Encoding;
use crate::http::stall::Stalling;

/// Bounds of connections.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// At a time; more wait to be accepted.
    pub connections: usize,
    /// Line and headers of a request together; a longer head is answered with 431, or 414 if its URL alone is too long.
    pub head_bytes: usize,
    /// From the end of one request, or the start of the connection, to the end of the head of the next.
    pub head_within: Duration,
    /// A client that takes nothing of an answer for so long is cut off.
    pub stalled_for: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            head_bytes: 96 << 10,
            head_within: Duration::from_secs(20),
            stalled_for: Duration::from_secs(60),
        }
    }
}

/// After the system refused a connection (no files left, say), it is asked again after so long.
const REFUSED_PAUSE: Duration = Duration::from_millis(100);

/// Serves connections until told to end; then the answers that are being sent are finished.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, end: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_within)
        .max_buf_size(limits.head_bytes);
    let connections = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut end = std::pin::pin!(end);
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, accept(&listener).await)
        };
        let (place, stream) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut end => break,
        };
        let stream = Stalling::new(stream, limits.stalled_for);
        let io = TokioIo::new(Encoding::new(stream, limits.head_bytes));
        let service = TowerToHyperService::new(router.clone());
        let connection = connections.watch(http.serve_connection(io, service));
        tokio::spawn(async move {
            let _place = place;
            // Clients that go away, send rubbish or are too slow are nothing to tell.
            let _ = connection.await;
        });
    }
    drop(listener);
    connections.shutdown().await;
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are written in whole pieces; waiting to fill a packet only delays them.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(error) => {
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(REFUSED_PAUSE).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net;
    use std::sync::mpsc;
    use std::time::Instant;

    use axum::http::HeaderMap;
    use axum::routing::get;
    use tokio::sync::oneshot;

    use super::*;

    const LARGE_BYTES: usize = 64 << 20;
    const SHORT: Duration = Duration::from_millis(200);

    /// What a client of [`beside`] has of its server.
    struct Beside {
        address: net::SocketAddr,
        /// Ends the server.
        end: oneshot::Sender<()>,
        /// Says that a slow answer has begun.
        begun: mpsc::Receiver<()>,
    }

    /// Runs a server beside a client on a thread of its own.
    fn beside<T: Send + 'static>(limits: Limits, client: impl FnOnce(Beside) -> T + Send + 'static) -> T {
        let (begins, begun) = mpsc::channel();
        let slow = move || {
            begins.send(()).unwrap();
            async {
                tokio::time::sleep(2 * SHORT).await;
                "slow"
            }
        };
        let router = Router::new()
            .route("/slow", get(slow))
            .route("/large", get(|| async { vec![b'x'; LARGE_BYTES] }))
            .route(
                "/headers",
                get(|headers: HeaderMap| async move { headers.len().to_string() }),
            );
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let (end, ended) = oneshot::channel();
            let beside = Beside { address, end, begun };
            let client = tokio::task::spawn_blocking(move || client(beside));
            serve(listener, router, limits, async {
                let _ = ended.await;
            })
            .await;
            client.await.unwrap()
        })
    }

    fn send(address: net::SocketAddr, text: &str) -> net::TcpStream {
        let mut stream = net::TcpStream::connect(address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    }

    fn get_(address: net::SocketAddr, path: &str, headers: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
        let mut answer = String::new();
        // A server that answers before it has read everything may cut what is still on its way.
        let _ = send(address, &request).read_to_string(&mut answer);
        answer
    }

    #[test]
    fn an_answer_under_way_is_finished_at_the_end() {
        let answer = beside(Limits::default(), |server| {
            let mut stream = send(server.address, "GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
            server.begun.recv().unwrap();
            server.end.send(()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        });
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nslow"),
            "{answer}"
        );
    }

    #[test]
    fn slow_heads_and_idle_connections_are_cut() {
        let limits = Limits {
            connections: 2,
            head_within: SHORT,
            ..Limits::default()
        };
        beside(limits, |server| {
            for sent in [
                "",
                "GET /slow HTTP/1.1\r\nx: ",
                "GET /headers HTTP/1.1\r\nhost: x\r\n\r\n",
            ] {
                let (started, mut rest) = (Instant::now(), Vec::new());
                let _ = send(server.address, sent).read_to_end(&mut rest);
                assert!(started.elapsed() < Duration::from_secs(15), "{sent}");
            }
        });
    }

    #[test]
    fn who_takes_nothing_is_cut() {
        let limits = Limits {
            stalled_for: SHORT,
            ..Limits::default()
        };
        let taken = beside(limits, |server| {
            let mut stream = send(server.address, "GET /large HTTP/1.1\r\nhost: x\r\n\r\n");
            std::thread::sleep(Duration::from_secs(2));
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest);
            rest.len()
        });
        assert!(taken < LARGE_BYTES, "{taken}");
    }

    #[test]
    fn long_heads_are_refused() {
        beside(Limits::default(), |server| {
            let address = server.address;
            let status = |answer: String| answer.get(9..12).unwrap_or("cut").to_owned();
            let many: String = (0..200).map(|n| format!("x-{n}: x\r\n")).collect();
            assert_eq!(status(get_(address, "/headers", &many)), "431");
            let long = format!("x: {}\r\n", "x".repeat(200 << 10));
            assert_eq!(status(get_(address, "/headers", &long)), "431");
            assert_eq!(
                status(get_(address, &format!("/{}", "x".repeat(70_000)), "")),
                "414"
            );
            let some = format!("x: {}\r\n", "x".repeat(20 << 10));
            assert!(get_(address, "/headers", &some).ends_with("\r\n\r\n3"));
        });
    }
}
