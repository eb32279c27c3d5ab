//! A server's way to the accounts: whether it asks for tokens at all, whose a request is, and what it is charged.
//!
//! SQLite is asked on threads that may wait, one connection for looking up and one for taking rows, so that a look-up
//! never stands behind a commit.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::accounts::store::{Account, AccountsError, Store, Taken};
use crate::accounts::token::Token;

/// Whether a server asks for tokens. Once it does, it never stops.
pub struct Gate {
    index: PathBuf,
    accounts: OnceLock<Accounts>,
}

struct Accounts {
    look_ups: Mutex<Store>,
    charges: Mutex<Store>,
}

/// A request that may be answered.
#[derive(Clone, Debug)]
pub enum Pass {
    /// Nobody is asked for a token.
    Open,
    /// Its token is good.
    Of(Account),
}

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Missing, unknown or revoked.
    #[error("invalid token")]
    Token,
    /// There are too few rows. The price is exact, or a lower bound if the answer was not worked out.
    #[error("not enough rows left: this answer costs {}{cost}, {left} are left", if *.exact { "" } else { "at least " })]
    Rows {
        /// What the answer costs.
        cost: u64,
        /// The cost is not a lower bound.
        exact: bool,
        /// What the token has.
        left: u64,
    },
    /// The accounts could not be asked. Why is in the log.
    #[error("internal error; the server's log says more")]
    Failed,
}

impl Gate {
    /// For the accounts of an index.
    ///
    /// # Errors
    /// When there are accounts that cannot be read: better no server than an open one.
    pub fn open(index: &Path) -> Result<Arc<Self>, AccountsError> {
        let gate = Self {
            index: index.to_owned(),
            accounts: OnceLock::new(),
        };
        gate.look()?;
        Ok(Arc::new(gate))
    }

    /// Whether requests need a token.
    pub fn asks_for_tokens(&self) -> bool {
        self.accounts.get().is_some()
    }

    /// Looks whether there are tokens by now.
    fn look(&self) -> Result<(), AccountsError> {
        if self.asks_for_tokens() {
            return Ok(());
        }
        let Some(look_ups) = Store::open(&self.index)? else {
            return Ok(());
        };
        if look_ups.has_tokens()?
            && let Some(charges) = Store::open(&self.index)?
        {
            let accounts = Accounts {
                look_ups: Mutex::new(look_ups),
                charges: Mutex::new(charges),
            };
            // Somebody else was faster: the same accounts.
            let _ = self.accounts.set(accounts);
        }
        Ok(())
    }

    /// Looks as [`Gate::open`] did, on a thread that may wait. To be called now and then by a server that runs open, so
    /// that its first token counts without a restart.
    pub async fn look_again(self: &Arc<Self>) {
        let gate = Arc::clone(self);
        let looked = tokio::task::spawn_blocking(move || gate.look()).await;
        if let Ok(Err(error)) = looked {
            tracing::error!("cannot look for tokens: {error}");
        }
    }

    /// Lets a request in, if its token is good.
    ///
    /// # Errors
    /// When it is not.
    pub async fn admit(self: &Arc<Self>, token: Token) -> Result<Pass, Denied> {
        if !self.asks_for_tokens() {
            return Ok(Pass::Open);
        }
        let found = self
            .ask(move |accounts| locked(&accounts.look_ups).find(&token.hash()))
            .await?;
        found.map(Pass::Of).ok_or(Denied::Token)
    }

    /// Takes what an answer costs.
    ///
    /// # Errors
    /// When the rows do not suffice; nothing is taken then.
    pub async fn charge(self: &Arc<Self>, pass: &Pass, cost: u64) -> Result<(), Denied> {
        let Pass::Of(Account { id, .. }) = *pass else {
            return Ok(());
        };
        match self
            .ask(move |accounts| locked(&accounts.charges).take(id, cost))
            .await?
        {
            Taken::Yes => Ok(()),
            Taken::Revoked => Err(Denied::Token),
            Taken::Short(left) => Err(Denied::Rows {
                cost,
                exact: true,
                left,
            }),
        }
    }

    async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Accounts) -> Result<T, AccountsError> + Send + 'static,
    ) -> Result<T, Denied> {
        let gate = Arc::clone(self);
        let asked = tokio::task::spawn_blocking(move || gate.accounts.get().map(work)).await;
        match asked {
            Ok(Some(Ok(answer))) => Ok(answer),
            Ok(Some(Err(error))) => {
                tracing::error!("{error}");
                Err(Denied::Failed)
            }
            Ok(None) | Err(_) => Err(Denied::Failed),
        }
    }
}

impl Pass {
    /// Refuses to work for a token that cannot pay even the least; that work would be free for ever.
    ///
    /// # Errors
    /// When it has fewer rows.
    pub fn can_pay(&self, least: u64) -> Result<(), Denied> {
        match self {
            Self::Of(account) if account.rows_left < least => Err(Denied::Rows {
                cost: least,
                exact: false,
                left: account.rows_left,
            }),
            _ => Ok(()),
        }
    }
}

/// A store is left whole by a panic: SQLite rolls back what was not committed.
fn locked(store: &Mutex<Store>) -> std::sync::MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}
