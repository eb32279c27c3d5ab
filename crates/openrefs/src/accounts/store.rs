//! Tokens and rows in SQLite. One file, so that servers and commands on one machine share it; in WAL mode a look-up does
//! not wait for one that takes rows.
//!
//! A commit is not synced to the disk by itself (`synchronous=NORMAL`): a crash of a process loses nothing, a loss of
//! power may give the rows of the last moments back.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};

use crate::accounts::token::{Hash, Token};

/// The file's name in the folder of an index.
pub const FILE: &str = "accounts.sqlite";
/// Rows that one token may have: what a double, and so every client, holds exactly.
pub const ROWS_MAX: u64 = (1 << 53) - 1;
/// So long a statement waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// The layout of the tables; another number is another program's.
const LAYOUT: i64 = 1;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS tokens (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        hash BLOB NOT NULL UNIQUE,
        name TEXT NOT NULL,
        rows_limit INTEGER NOT NULL,
        rows_left INTEGER NOT NULL CHECK (rows_left BETWEEN 0 AND rows_limit),
        created INTEGER NOT NULL,
        revoked INTEGER
    ) STRICT;";
const COLUMNS: &str = "id, name, rows_limit, rows_left, created, revoked";

/// Why accounts cannot be read or changed. No text names a token.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// SQLite says no.
    #[error("{path}: {error}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What it says.
        error: rusqlite::Error,
    },
    /// Written by another version.
    #[error("{path} has layout {found}, this openrefs reads layout {LAYOUT}; use a matching openrefs")]
    Layout {
        /// The file.
        path: PathBuf,
        /// Its number.
        found: i64,
    },
    /// No token has this id.
    #[error("no token has the id {0}; see 'openrefs token list'")]
    NoSuchToken(i64),
}

/// A token as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number, for commands.
    pub id: i64,
    /// What it was called.
    pub name: String,
    /// Rows it was given.
    pub rows_limit: u64,
    /// Rows that are left.
    pub rows_left: u64,
    /// When it was made, seconds since 1970.
    pub created: i64,
    /// When it was taken back, if it was.
    pub revoked: Option<i64>,
}

/// What became of taking rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// They are taken.
    Yes,
    /// There are only so many; none are taken.
    Short(u64),
    /// The token was revoked meanwhile.
    Revoked,
}

/// A connection to the accounts of an index.
pub struct Store {
    path: PathBuf,
    connection: Connection,
}

impl Store {
    /// Opens the accounts of an index; None if it never had any.
    ///
    /// # Errors
    /// When the file is damaged, or of another version.
    pub fn open(index: &Path) -> Result<Option<Self>, AccountsError> {
        let path = index.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map(Some)
    }

    /// Opens the accounts of an index, and makes them if there are none.
    ///
    /// # Errors
    /// When they cannot be made, are damaged, or of another version.
    pub fn open_or_create(index: &Path) -> Result<Self, AccountsError> {
        let create = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        Self::connect(index.join(FILE), create)
    }

    fn connect(path: PathBuf, flags: OpenFlags) -> Result<Self, AccountsError> {
        let open = || {
            let connection = Connection::open_with_flags(&path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "synchronous", "normal")?;
            let layout: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            if layout == 0 {
                connection.execute_batch(&format!(
                    "BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {LAYOUT}; COMMIT;"
                ))?;
            }
            Ok((connection, layout))
        };
        let (connection, layout) = open().map_err(|error| AccountsError::Sqlite {
            path: path.clone(),
            error,
        })?;
        match layout {
            0 | LAYOUT => Ok(Self { path, connection }),
            found => Err(AccountsError::Layout { path, found }),
        }
    }

    /// Whether there ever was a token. Revoking the last one must not open a server to everybody.
    ///
    /// # Errors
    /// SQLite's.
    pub fn has_tokens(&self) -> Result<bool, AccountsError> {
        self.run(|c| {
            c.prepare_cached("SELECT EXISTS (SELECT 1 FROM tokens)")?
                .query_row([], |row| row.get(0))
        })
    }

    /// Keeps a new token.
    ///
    /// # Errors
    /// SQLite's.
    pub fn add(&self, token: &Token, name: &str, rows: u64) -> Result<i64, AccountsError> {
        self.run(|c| {
            c.execute(
                "INSERT INTO tokens (hash, name, rows_limit, rows_left, created) VALUES (?1, ?2, ?3, ?3, ?4)",
                params![token.hash(), name, signed(rows), now()],
            )?;
            Ok(c.last_insert_rowid())
        })
    }

    /// All tokens, also revoked ones, in the order they were made.
    ///
    /// # Errors
    /// SQLite's.
    pub fn list(&self) -> Result<Vec<Account>, AccountsError> {
        self.run(|c| {
            c.prepare(&format!("SELECT {COLUMNS} FROM tokens ORDER BY id"))?
                .query_map([], account)?
                .collect()
        })
    }

    /// Takes a token back, for good. Doing it again changes nothing.
    ///
    /// # Errors
    /// When there is no such token.
    pub fn revoke(&self, id: i64) -> Result<(), AccountsError> {
        let changed = self.run(|c| {
            c.execute(
                "UPDATE tokens SET revoked = coalesce(revoked, ?2) WHERE id = ?1",
                params![id, now()],
            )
        })?;
        if changed == 0 {
            return Err(AccountsError::NoSuchToken(id));
        }
        Ok(())
    }

    /// The account of a token that is known and not revoked.
    ///
    /// # Errors
    /// SQLite's.
    pub fn find(&self, hash: &Hash) -> Result<Option<Account>, AccountsError> {
        self.run(|c| {
            let sql = format!("SELECT {COLUMNS} FROM tokens WHERE hash = ?1 AND revoked IS NULL");
            c.prepare_cached(&sql)?.query_row([hash], account).optional()
        })
    }

    /// Takes rows, all or none.
    ///
    /// # Errors
    /// SQLite's; then none are taken.
    pub fn take(&self, id: i64, rows: u64) -> Result<Taken, AccountsError> {
        self.run(|c| {
            let taken = c
                .prepare_cached(
                    "UPDATE tokens SET rows_left = rows_left - ?2
                     WHERE id = ?1 AND revoked IS NULL AND rows_left >= ?2",
                )?
                .execute(params![id, signed(rows)])?;
            if taken == 1 {
                return Ok(Taken::Yes);
            }
            // Rows only ever become fewer, so whatever was taken in between, these are too few as well.
            let left = c
                .prepare_cached("SELECT rows_left FROM tokens WHERE id = ?1 AND revoked IS NULL")?
                .query_row([id], |row| row.get(0).map(unsigned))
                .optional()?;
            Ok(left.map_or(Taken::Revoked, Taken::Short))
        })
    }

    fn run<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, AccountsError> {
        work(&self.connection).map_err(|error| AccountsError::Sqlite {
            path: self.path.clone(),
            error,
        })
    }
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: row.get(0)?,
        name: row.get(1)?,
        rows_limit: row.get(2).map(unsigned)?,
        rows_left: row.get(3).map(unsigned)?,
        created: row.get(4)?,
        revoked: row.get(5)?,
    })
}

/// SQLite's integers have a sign; more rows than it holds are more than any token has.
fn signed(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn unsigned(rows: i64) -> u64 {
    u64::try_from(rows).unwrap_or(0)
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_taken_all_or_none() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Store::open(folder.path()).unwrap().is_none());
        let store = Store::open_or_create(folder.path()).unwrap();
        assert!(!store.has_tokens().unwrap());
        let token = Token::new().unwrap();
        let id = store.add(&token, "x", 10).unwrap();
        assert!(store.has_tokens().unwrap());
        assert_eq!(store.take(id, 7).unwrap(), Taken::Yes);
        assert_eq!(store.take(id, 4).unwrap(), Taken::Short(3));
        assert_eq!(store.take(id, u64::MAX).unwrap(), Taken::Short(3));
        assert_eq!(store.take(id, 3).unwrap(), Taken::Yes);
        let found = store.find(&token.hash()).unwrap().unwrap();
        assert_eq!((found.rows_left, found.rows_limit), (0, 10));
        store.revoke(id).unwrap();
        assert_eq!(store.find(&token.hash()).unwrap(), None);
        assert_eq!(store.take(id, 0).unwrap(), Taken::Revoked);
        assert!(store.has_tokens().unwrap());
        assert!(matches!(store.revoke(7), Err(AccountsError::NoSuchToken(7))));
    }

    #[test]
    fn another_layout_and_damage_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_or_create(folder.path()).unwrap();
        store.connection.pragma_update(None, "user_version", 9).unwrap();
        drop(store);
        assert!(matches!(
            Store::open(folder.path()),
            Err(AccountsError::Layout { found: 9, .. })
        ));
        std::fs::write(folder.path().join(FILE), "no database, whatever its name says").unwrap();
        assert!(matches!(
            Store::open(folder.path()),
            Err(AccountsError::Sqlite { .. })
        ));
    }
}
