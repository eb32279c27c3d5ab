//! Rows in pieces that all cores can read, none of which cuts a pair of target key and referring domain.

use std::ops::Range;

use arrow_array::RecordBatch;
use openrefs_store::TableFile;
use openrefs_store::links::PAGE_ROWS;
use openrefs_store::table::strings;
use rayon::prelude::*;

use crate::error::Result;

/// A thread gets so many chunks, so that it makes little difference when one takes longer.
const CHUNKS_A_THREAD: usize = 4;
/// A chunk is not smaller for that than so many rows, about.
const ROWS_MIN: usize = 4_096;
/// Rows that are looked at at a time for the end of a pair; most have few.
const LOOK_ROWS: usize = 256;

/// Rows of a file.
pub struct Chunk<'a> {
    pub file: &'a TableFile,
    pub rows: Range<usize>,
}

/// Cuts rows into chunks of at most so many rows, about, where pairs begin; without target keys, where the rows of a
/// referring domain begin.
pub fn cut<'a>(parts: Vec<Chunk<'a>>, rows_max: usize, by_target_key: bool) -> Result<Vec<Chunk<'a>>> {
    let all: usize = parts.iter().map(|part| part.rows.len()).sum();
    let share = all / (rayon::current_num_threads() * CHUNKS_A_THREAD).max(1);
    let rows = share.clamp(ROWS_MIN.min(rows_max), rows_max).max(1);
    let mut chunks = Vec::new();
    for part in parts {
        let about = part.rows.clone().step_by(rows).skip(1);
        // A page that two chunks share is read twice: better one of them needs only its first rows.
        let at_page = |row: usize| {
            if rows > PAGE_ROWS {
                row - row % PAGE_ROWS
            } else {
                row
            }
        };
        let mut about: Vec<usize> = about.map(at_page).filter(|row| part.rows.start < *row).collect();
        about.push(part.rows.end);
        // Each looks no further than to the next, so that a pair of any length is looked through once.
        let exact = |cut: &[usize]| next_pair(part.file, cut[0]..cut[1], by_target_key);
        let cuts: Vec<Option<usize>> = match about.len() {
            1 => Vec::new(),
            _ => about.par_windows(2).map(exact).collect::<Result<_>>()?,
        };
        let mut cuts: Vec<usize> = cuts.into_iter().flatten().collect();
        cuts.push(part.rows.end);
        let mut start = part.rows.start;
        for end in cuts {
            chunks.push(Chunk {
                file: part.file,
                rows: start..end,
            });
            start = end;
        }
    }
    Ok(chunks)
}

/// The first of some rows that begins a pair, given that there is a row before them.
fn next_pair(file: &TableFile, rows: Range<usize>, by_target_key: bool) -> Result<Option<usize>> {
    let columns: &[&str] = if by_target_key {
        &["target_key", "refdomain"]
    } else {
        &["refdomain"]
    };
    let from_the_last = rows.start - 1..rows.end;
    let mut reader = file.rows_in_batches(columns, std::slice::from_ref(&from_the_last), LOOK_ROWS)?;
    let mut last: Option<Vec<String>> = None;
    let mut row = rows.start - 1;
    while let Some(batch) = reader.next_as(|batch: &RecordBatch| Ok(batch.clone()))? {
        let texts: Vec<_> = columns
            .iter()
            .map(|column| strings(&batch, column))
            .collect::<std::result::Result<_, _>>()
            .map_err(|what| file.damaged(what))?;
        for place in 0..batch.num_rows() {
            let same = |last: &Vec<String>| {
                texts
                    .iter()
                    .zip(last)
                    .all(|(text, last)| text.value(place) == last)
            };
            match &last {
                Some(last) if !same(last) => return Ok(Some(row)),
                Some(_) => {}
                None => last = Some(texts.iter().map(|text| text.value(place).to_owned()).collect()),
            }
            row += 1;
        }
    }
    Ok(None)
}
