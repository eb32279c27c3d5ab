//! Queries run for a server: off its own threads, a bounded number at a time, with a bounded number waiting.

use std::sync::Arc;
use std::time::Duration;

use openrefs_query::{Error, Snapshot};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::accounts::gate::Denied;
use crate::live::Live;
use crate::rating::NotInIndex;

/// So many requests may wait for a place among the queries.
const WAITING_MAX: usize = 256;
/// So long a request waits for its place and its answer, unless told otherwise.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(300);

/// What all handlers share.
pub struct Service {
    live: Live,
    queries: Arc<Semaphore>,
    /// Places for those that wait, and for those that have got one of `queries`.
    waiting: Arc<Semaphore>,
    answer_within: Duration,
}

/// Why there is no answer, in words for whoever asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request is wrong or asks for too much.
    #[error("{0}")]
    Request(String),
    /// The account does not allow it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such domain.
    #[error("domain: {0}")]
    NotInIndex(#[from] NotInIndex),
    /// Too many wait already.
    #[error("server: too many requests are waiting, try again")]
    Busy,
    /// It took too long.
    #[error("server: no answer within {} seconds, try again or ask for a smaller scope", .0.as_secs())]
    Slow(Duration),
    /// The server failed. What exactly is in its log, not in the answer.
    #[error("internal error; the server's log says more")]
    Internal,
}

impl Service {
    /// Answers from an index, so many queries at a time, each of them within a time.
    pub fn new(live: Live, queries_max: usize, answer_within: Duration) -> Arc<Self> {
        let queries_max = queries_max.max(1);
        Arc::new(Self {
            live,
            queries: Arc::new(Semaphore::new(queries_max)),
            waiting: Arc::new(Semaphore::new(queries_max + WAITING_MAX)),
            answer_within,
        })
    }

    /// The number of the snapshot that answers, asked for beside all queries.
    ///
    /// # Errors
    /// When asking panics.
    pub async fn snapshot_number(self: &Arc<Self>) -> Result<u64, Refusal> {
        let service = Arc::clone(self);
        let asked = tokio::task::spawn_blocking(move || service.live.snapshot().manifest().snapshot).await;
        asked.map_err(|_| Refusal::Internal)
    }

    /// Runs a query. It goes on, and keeps its place among the others, when nobody waits for it any more.
    ///
    /// # Errors
    /// When the request is wrong, too many wait, or the query takes too long, fails or panics.
    pub async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        query: impl FnOnce(&Snapshot) -> openrefs_query::Result<T> + Send + 'static,
    ) -> Result<T, Refusal> {
        let Ok(waiting) = Arc::clone(&self.waiting).try_acquire_owned() else {
            return Err(Refusal::Busy);
        };
        tokio::time::timeout(self.answer_within, self.run(waiting, query))
            .await
            .unwrap_or(Err(Refusal::Slow(self.answer_within)))
    }

    async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        waiting: OwnedSemaphorePermit,
        query: impl FnOnce(&Snapshot) -> openrefs_query::Result<T> + Send + 'static,
    ) -> Result<T, Refusal> {
        let place = Arc::clone(&self.queries).acquire_owned().await;
        let service = Arc::clone(self);
        let run = move || {
            let _places = (place, waiting);
            query(&service.live.snapshot())
        };
        match tokio::task::spawn_blocking(run).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(error.into()),
            Err(error) => {
                tracing::error!("a query ended badly: {error}");
                Err(Refusal::Internal)
            }
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Request(_) | Error::TooLarge => Self::Request(error.to_string()),
            Error::Store(_) | Error::Sort(_) => {
                tracing::error!("{error}");
                Self::Internal
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use openrefs_store::Index;

    use super::*;

    /// A service over an index that holds nothing.
    fn service(folder: &std::path::Path, queries_max: usize) -> Arc<Service> {
        service_within(folder, queries_max, ANSWER_WITHIN)
    }

    fn service_within(folder: &std::path::Path, queries_max: usize, answer_within: Duration) -> Arc<Service> {
        let index = Index::open_or_create(folder, Some(1), None).unwrap();
        index
            .publish(&index.new_manifest(1), &index.lock().unwrap())
            .unwrap();
        Service::new(Live::open(folder).unwrap(), queries_max, answer_within)
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(future)
    }

    #[test]
    fn a_panic_is_a_refusal_and_gives_its_place_back() {
        let folder = tempfile::tempdir().unwrap();
        let service = service(folder.path(), 1);
        for _ in 0..3 {
            let refused = block_on(service.ask::<()>(|_| panic!("on purpose")));
            assert_eq!(refused, Err(Refusal::Internal));
        }
        assert_eq!(block_on(service.ask(|s| Ok(s.manifest().snapshot))), Ok(1));
    }

    #[test]
    fn so_many_queries_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let service = service(folder.path(), 2);
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        block_on(async {
            let mut tasks = Vec::new();
            for _ in 0..16 {
                let (service, running, most) =
                    (Arc::clone(&service), Arc::clone(&running), Arc::clone(&most));
                tasks.push(tokio::spawn(async move {
                    let query = move |_: &Snapshot| {
                        most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_millis(5));
                        running.fetch_sub(1, Ordering::SeqCst);
                        Ok(())
                    };
                    service.ask(query).await
                }));
            }
            for task in tasks {
                assert_eq!(task.await.unwrap(), Ok(()));
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn so_many_waiting_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let service = service(folder.path(), 1);
        let (open, closed) = std::sync::mpsc::channel::<()>();
        block_on(async {
            let first = {
                let service = Arc::clone(&service);
                tokio::spawn(async move { service.ask(move |_| Ok(closed.recv().is_ok())).await })
            };
            let mut others = Vec::new();
            for _ in 0..WAITING_MAX {
                let service = Arc::clone(&service);
                others.push(tokio::spawn(async move { service.ask(|_| Ok(())).await }));
            }
            while service.waiting.available_permits() > 0 {
                tokio::task::yield_now().await;
            }
            assert_eq!(service.ask(|_| Ok(())).await, Err(Refusal::Busy));
            open.send(()).unwrap();
            assert_eq!(first.await.unwrap(), Ok(true));
            for other in others {
                assert_eq!(other.await.unwrap(), Ok(()));
            }
        });
    }

    #[test]
    fn so_long_and_no_longer() {
        let folder = tempfile::tempdir().unwrap();
        let within = Duration::from_millis(200);
        let service = service_within(folder.path(), 1, within);
        let (open, closed) = std::sync::mpsc::channel::<()>();
        block_on(async {
            // One takes too long, the other gets no place in time; afterwards the place is free again.
            let slow = service.ask(move |_| Ok(closed.recv().is_ok())).await;
            assert_eq!(slow, Err(Refusal::Slow(within)));
            assert_eq!(service.ask(|_| Ok(())).await, Err(Refusal::Slow(within)));
            open.send(()).unwrap();
            while service.queries.available_permits() == 0 {
                tokio::task::yield_now().await;
            }
            let again = async { while service.ask(|_| Ok(())).await.is_err() {} };
            assert!(tokio::time::timeout(Duration::from_secs(10), again).await.is_ok());
            assert_eq!(service.waiting.available_permits(), 1 + WAITING_MAX);
        });
    }
}
