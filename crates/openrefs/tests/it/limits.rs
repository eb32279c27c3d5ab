//! The time limit of answers: a server in this process, with a limit short enough to wait for.

use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use openrefs::accounts::Gate;
use openrefs::http::app::App;
use openrefs::http::connections::{Limits, serve};
use openrefs::http::metrics::Metrics;
use openrefs::http::router::router;
use openrefs::live::Live;
use openrefs::service::{ANSWER_WITHIN, Refusal, Service};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::accounts::{add, index};
use crate::client::{Response, send};

const WITHIN: Duration = Duration::from_secs(1);

/// A server with one place for queries, and its runtime, which must stay.
struct Served {
    runtime: Runtime,
    service: Arc<Service>,
    address: String,
}

impl Served {
    fn start(index: &Path) -> Self {
        let service = Service::new(Live::open(index).unwrap(), 1, WITHIN);
        let app = App {
            service: Arc::clone(&service),
            gate: Gate::open(index).unwrap(),
            metrics: Metrics::default(),
            open: false,
            log: false,
        };
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        runtime.spawn(serve(
            listener,
            router(Arc::new(app)),
            Limits::default(),
            std::future::pending(),
        ));
        Self {
            runtime,
            service,
            address,
        }
    }

    fn get(&self, path: &str) -> Response {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        send(&self.address, request.as_bytes())
    }
}

#[test]
fn an_answer_that_takes_too_long_is_503_and_costs_nothing() {
    assert_eq!(ANSWER_WITHIN, Duration::from_secs(300));
    let (_folder, index) = index();
    let token = add(&index, 100);
    let served = Served::start(&index);
    let report = format!("/?from=refdomains&target=example.com&mode=domain&token={token}");
    let info = format!("/?from=subscription_info&token={token}");

    // A query that does not end takes the only place.
    let (end, ended) = mpsc::channel::<()>();
    let service = Arc::clone(&served.service);
    let endless = served
        .runtime
        .spawn(async move { service.ask(move |_| Ok(ended.recv().is_err())).await });
    let refused = served.runtime.block_on(endless).unwrap();
    assert_eq!(refused, Err(Refusal::Slow(WITHIN)));

    let started = Instant::now();
    let text = "server: no answer within 1 seconds, try again or ask for a smaller scope";
    for (output, body) in [
        ("json", format!("{{\"error\":\"{text}\"}}")),
        (
            "xml",
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
                 <AhrefsApiResponse><error>{text}</error></AhrefsApiResponse>"
            ),
        ),
    ] {
        let refused = served.get(&format!("{report}&output={output}"));
        assert_eq!((refused.status, refused.header("x-status")), (503, Some("error")));
        assert_eq!(refused.header("x-results-count"), Some("0"));
        assert_eq!(refused.text().replace('\n', ""), body);
    }
    assert!(started.elapsed() >= 2 * WITHIN);
    // What needs no place is answered meanwhile.
    assert!(served.get(&info).text().contains("\"rows_left\":100,"));
    assert_eq!(served.get("/health").status, 200);
    let metrics = served.get("/metrics").text();
    let counted = "openrefs_requests_total{table=\"refdomains\",outcome=\"timeout\"} 2";
    assert!(metrics.lines().any(|line| line == counted), "{metrics}");

    // Once the place is free again, all is as before.
    drop(end);
    while served.get(&report).status != 200 {
        assert!(started.elapsed() < Duration::from_secs(60));
    }
    assert!(served.get(&info).text().contains("\"rows_left\":94,"));
}
