//! Bodies that are written while they are sent: a piece at a time, when the client has taken the one before. A slow
//! client holds rows, but no thread and no place among the queries.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use http_body::Frame;
use openrefs_query::{Answer, Column};

use crate::format::Format;
use crate::value;

/// About so many bytes are one piece.
const PIECE_BYTES: usize = 64 << 10;

/// The body of a report.
pub fn report(answer: Answer, columns: Vec<Column>, format: Box<dyn Format>) -> Body {
    let mut pieces = Pieces {
        answer,
        columns,
        format,
        next_row: 0,
        state: State::Start,
    };
    let first = pieces.next().unwrap_or_default();
    if pieces.state == State::Done {
        // All of it at once, so its length is known.
        return Body::from(first);
    }
    Body::new(Streamed {
        first: Some(first),
        pieces,
    })
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Start,
    Rows,
    Done,
}

/// The text of a report, piece by piece.
struct Pieces {
    answer: Answer,
    columns: Vec<Column>,
    format: Box<dyn Format>,
    next_row: usize,
    state: State,
}

impl Iterator for Pieces {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if self.state == State::Done {
            return None;
        }
        let mut piece = Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 16);
        // Writing to memory does not fail.
        let _ = self.write(&mut piece);
        Some(piece.into())
    }
}

impl Pieces {
    fn write(&mut self, piece: &mut Vec<u8>) -> std::io::Result<()> {
        if self.state == State::Start {
            self.state = State::Rows;
            self.format.start(piece)?;
        }
        while let Some(row) = self.answer.rows.get(self.next_row) {
            if piece.len() >= PIECE_BYTES {
                return Ok(());
            }
            self.next_row += 1;
            self.format
                .row(piece, &mut value::refdomain(row, &self.columns))?;
        }
        self.state = State::Done;
        self.format.end(piece, &value::totals(&self.answer.totals))
    }
}

struct Streamed {
    first: Option<Bytes>,
    pieces: Pieces,
}

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.first.take().or_else(|| self.pieces.next());
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }
}

#[cfg(test)]
mod tests {
    use openrefs_query::Refdomain;

    use super::*;
    use crate::format::json::Json;

    #[test]
    fn pieces_are_small_and_join_to_the_whole() {
        let row = |n| Refdomain {
            refdomain: format!("example-{n:06}.com"),
            backlinks: n,
            refpages: 1,
            first_seen: 0,
            last_visited: 0,
            domain_rating: 0,
        };
        let columns = Column::ALL.to_vec();
        let pieces: Vec<Bytes> = Pieces {
            answer: Answer {
                rows: (0..5_000).map(row).collect(),
                ..Answer::default()
            },
            format: Box::new(Json::new(&value::refdomains_shape(&columns))),
            columns,
            next_row: 0,
            state: State::Start,
        }
        .collect();
        assert!(pieces.len() > 5);
        assert!(pieces.iter().all(|piece| piece.len() < PIECE_BYTES + 1_000));
        let whole: serde_json::Value = serde_json::from_slice(&pieces.concat()).unwrap();
        assert_eq!(whole["refdomains"].as_array().unwrap().len(), 5_000);
        assert_eq!(whole["refdomains"][4_999]["backlinks"], 4_999);
    }
}
