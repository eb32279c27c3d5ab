//! The published snapshot of an index, kept current without a restart.
//!
//! A thread looks for a new snapshot, whether anybody asks or not, so that an old one is let go of, and its files are
//! closed, as soon as the last answer from it has ended: until then `openrefs gc` leaves it alone.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use openrefs_query::files::Files;
use openrefs_query::{Result, Snapshot};
use openrefs_store::Index;

/// The pointer to the published snapshot is read this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// An index whose published snapshot may change.
pub struct Live {
    shared: Arc<Shared>,
}

struct Shared {
    index: Index,
    files: Arc<Files>,
    snapshot: Mutex<Arc<Snapshot>>,
}

impl Live {
    /// Opens an index and its published snapshot.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let index = Index::open(path)?;
        let files = Arc::new(Files::new(index.folder()));
        let snapshot = Mutex::new(Arc::new(Snapshot::open_with(&index, &files)?));
        let shared = Arc::new(Shared {
            index,
            files,
            snapshot,
        });
        let weak = Arc::downgrade(&shared);
        std::thread::spawn(move || look(&weak));
        Ok(Self { shared })
    }

    /// The published snapshot, about a second late at the most. As long as somebody holds it, its files stay.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.shared.snapshot())
    }
}

impl Shared {
    fn snapshot(&self) -> MutexGuard<'_, Arc<Snapshot>> {
        // A panic while it was held left a whole snapshot in it: it is only ever assigned.
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The published snapshot, if it is another one than at hand.
    fn newer(&self) -> Result<Option<Snapshot>> {
        let at_hand = self.snapshot().manifest().snapshot;
        match self.index.current()? {
            Some(current) if current != at_hand => Snapshot::open_with(&self.index, &self.files).map(Some),
            _ => Ok(None),
        }
    }
}

/// Takes up new snapshots until nobody needs them any more. One that cannot be opened is a line in the log; the one at hand
/// goes on answering.
fn look(shared: &Weak<Shared>) {
    let mut old: Vec<Weak<Snapshot>> = Vec::new();
    loop {
        std::thread::sleep(LOOK_EVERY);
        let Some(shared) = shared.upgrade() else {
            return;
        };
        match shared.newer() {
            Ok(None) => {}
            Ok(Some(newer)) => {
                tracing::info!("answering from snapshot {}", newer.manifest().snapshot);
                let before = std::mem::replace(&mut *shared.snapshot(), Arc::new(newer));
                old.push(Arc::downgrade(&before));
            }
            Err(error) => tracing::error!("cannot take up the new snapshot: {error}"),
        }
        let before = old.len();
        old.retain(|snapshot| snapshot.strong_count() > 0);
        if old.len() < before {
            let snapshot = Arc::clone(&shared.snapshot());
            shared.files.keep(snapshot.manifest());
        }
    }
}
