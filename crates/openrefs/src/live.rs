//! The published snapshot of an index, kept current without a restart.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use openrefs_query::files::Files;
use openrefs_query::{Result, Snapshot};
use openrefs_store::Index;

/// The pointer to the published snapshot is read at most this often.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// An index whose published snapshot may change.
pub struct Live {
    index: Index,
    files: Arc<Files>,
    state: Mutex<State>,
}

struct State {
    snapshot: Arc<Snapshot>,
    checked: Instant,
}

impl Live {
    /// Opens an index and its published snapshot.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let index = Index::open(path)?;
        let files = Arc::new(Files::new(index.folder()));
        let snapshot = Arc::new(Snapshot::open_with(&index, &files)?);
        let state = Mutex::new(State {
            snapshot,
            checked: Instant::now(),
        });
        Ok(Self { index, files, state })
    }

    /// The published snapshot. It may look at the disk, so it is no call for a thread that must not wait. A new snapshot
    /// that cannot be opened is a line in the log; the one at hand goes on answering.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        // A panic while it was held left a whole snapshot in it: the swap below is one assignment.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.checked.elapsed() >= CHECK_EVERY {
            state.checked = Instant::now();
            match self.newer_than(state.snapshot.manifest().snapshot) {
                Ok(Some(newer)) => {
                    tracing::info!("answering from snapshot {}", newer.manifest().snapshot);
                    state.snapshot = Arc::new(newer);
                }
                Ok(None) => {}
                Err(error) => tracing::error!("cannot take up the new snapshot: {error}"),
            }
        }
        Arc::clone(&state.snapshot)
    }

    fn newer_than(&self, number: u64) -> Result<Option<Snapshot>> {
        match self.index.current()? {
            Some(current) if current != number => Snapshot::open_with(&self.index, &self.files).map(Some),
            _ => Ok(None),
        }
    }
}
