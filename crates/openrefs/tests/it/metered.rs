//! Many clients on one token at once. `OPENREFS_METERED_REQUESTS` makes it as many requests as one likes; `bench/metered`
//! does so with a release build.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::accounts::{add, index, rows_left};
use crate::client::Server;

const CLIENTS: u64 = 64;
/// What each request asks, and its price.
const REQUESTS: [(&str, u64); 4] = [
    ("limit=1", 2),
    ("limit=2", 3),
    ("limit=0&having=backlinks%3E0", 6),
    ("where=backlinks%3E0&having=backlinks%3E0", 16),
];

/// A client that keeps its connection.
struct Client(BufReader<TcpStream>);

impl Client {
    fn new(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    fn get(&mut self, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the connection is kept");
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        String::from_utf8(body).unwrap()
    }
}

fn requests_per_client() -> u64 {
    let all: u64 = env::var("OPENREFS_METERED_REQUESTS").map_or(3_200, |n| n.parse().unwrap());
    all.div_ceil(CLIENTS)
}

/// All clients at once; the sum of the prices of what was answered, and the number of requests that were not.
fn ask(server: &Server, token: &str) -> (u64, u64) {
    let (paid, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for number in 0..CLIENTS {
            let (paid, refused) = (&paid, &refused);
            scope.spawn(move || {
                let mut client = Client::new(&server.address);
                for n in 0..requests_per_client() {
                    let (query, price) = REQUESTS[((number + n) % 4) as usize];
                    let path =
                        format!("/?from=refdomains&target=example.com&mode=domain&token={token}&{query}");
                    let body = client.get(&path);
                    if body.starts_with("{\"refdomains\":[") {
                        paid.fetch_add(price, Ordering::Relaxed);
                    } else {
                        assert!(body.starts_with("{\"error\":\"not enough rows left: "), "{body}");
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    (paid.into_inner(), refused.into_inner())
}

#[test]
fn rows_suffice_and_are_counted_exactly() {
    let (_folder, index) = index();
    let rows = 1_000_000_000_000;
    let token = add(&index, rows);
    let server = Server::start(&index);
    let started = Instant::now();
    let (paid, refused) = ask(&server, &token);
    let seconds = started.elapsed().as_secs_f64();
    assert_eq!((refused, rows_left(&server, &token)), (0, rows - paid));
    // Every client goes through the four requests in turn.
    let requests = CLIENTS * requests_per_client();
    assert_eq!(paid, requests * (2 + 3 + 6 + 16) / 4);
    println!(
        "{requests} metered requests of {CLIENTS} clients cost {paid} rows, all of them taken: {seconds:.2} s, {:.0} a second",
        requests as f64 / seconds
    );
}

#[test]
fn rows_run_out_and_never_below_zero() {
    let (_folder, index) = index();
    let rows = CLIENTS * requests_per_client() * 4;
    let token = add(&index, rows);
    let server = Server::start(&index);
    let (paid, refused) = ask(&server, &token);
    let left = rows_left(&server, &token);
    assert_eq!(paid + left, rows);
    // The cheapest request found too few.
    assert!(left < 2 && refused > 0, "{left} {refused}");
}
