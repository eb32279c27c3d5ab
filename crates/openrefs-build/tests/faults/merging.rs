//! A merge of inputs that are longer than what is decoded of them at a time, with operations that fail in the middle.

use openrefs_build::merge::{Part, Piece, merge};
use openrefs_model::{Flags, KeyRange, Sighting, Visit};
use openrefs_store::folder::Operation;
use openrefs_store::table::Kind;
use openrefs_store::{DataFile, FileEntry, Folder, LinkRow, LinksWriter, TableFile, TableName, VisitsWriter};

use crate::crawl::{MEMORY_BYTES, folder};
use crate::faults::{Fault, Faults};

/// More than one batch.
const ROWS: u32 = 4_096 + 1_000;
/// Inputs with rows between those of the others, and every fifth row in all of them.
const INPUTS: u32 = 3;

fn key(input: u32, row: u32) -> String {
    let of = if row.is_multiple_of(5) { 0 } else { input };
    format!("com,example)/{row:05}/{of}")
}

fn links(folder: &Folder, input: u32) -> DataFile {
    let mut writer = LinksWriter::create(folder, &format!("links-{input}"), Kind::Staged).unwrap();
    for row in 0..ROWS {
        let row = LinkRow {
            target_key: &key(input, row),
            refdomain: "a.org",
            source_key: "org,a)/",
            link_type: "href",
            anchor: "",
            flags: Flags::default(),
        };
        let sighting = Sighting {
            first_seen: 1,
            last_visited: 2,
            ip: None,
            source_https: true,
            target_https: true,
        };
        writer.push(&row, &sighting).unwrap();
    }
    writer.finish().unwrap().file
}

fn visits(folder: &Folder, input: u32) -> DataFile {
    let mut writer = VisitsWriter::create(folder, &format!("visits-{input}"), Kind::Staged).unwrap();
    for row in 0..ROWS {
        let visit = Visit {
            source_key: key(input, row).into(),
            time: 1,
            links_external: 1,
            links_internal: 0,
            ip: None,
            https: false,
        };
        writer.push(&visit).unwrap();
    }
    writer.finish().unwrap().file
}

fn merged(
    folder: &Folder,
    table: TableName,
    inputs: &[DataFile],
    keys: Option<&KeyRange>,
) -> openrefs_build::Result<Option<FileEntry>> {
    let open = |input| -> openrefs_build::Result<Part> {
        let file = TableFile::open(folder, input)?;
        let rows = 0..file.rows();
        Ok(Part { file, rows })
    };
    let parts: Vec<Part> = inputs.iter().map(open).collect::<Result<_, _>>()?;
    let piece = Piece {
        table,
        bucket: 0,
        number: 0,
        keys: keys.cloned(),
        parts: &parts,
        temporary: "temporary",
    };
    merge(folder, 1, &piece, MEMORY_BYTES)
}

#[test]
fn a_failure_in_the_middle_of_a_merge_is_an_error_and_loses_no_rows() {
    let temporary = folder();
    let folder = Folder::new(temporary.path());
    let middle = KeyRange {
        start: key(0, 4_000),
        end: key(0, ROWS - 10),
    };
    let distinct = |rows: u32| u64::from(rows.div_ceil(5) + INPUTS * (rows - rows.div_ceil(5)));
    for (table, write) in [
        (TableName::Links, links as fn(&Folder, u32) -> DataFile),
        (TableName::Visits, visits),
    ] {
        let inputs: Vec<DataFile> = (0..INPUTS).map(|input| write(&folder, input + 1)).collect();
        for (keys, rows) in [(None, ROWS), (Some(&middle), ROWS - 10 - 4_000)] {
            let whole = merged(&folder, table, &inputs, keys).unwrap();
            assert_eq!(whole.as_ref().unwrap().rows, distinct(rows), "{table:?}");
            let mut reads = 0;
            for number in 0.. {
                let watch = Faults::new(Fault::Once, number);
                let done = merged(&folder.clone().watched(watch.clone()), table, &inputs, keys);
                let Some((operation, path)) = watch.failed() else {
                    assert_eq!(done.unwrap(), whole, "{table:?}");
                    break;
                };
                reads += u32::from(operation == Operation::Read);
                let error = done
                    .expect_err(&format!("{table:?}: {operation:?} {number}"))
                    .to_string();
                assert!(error.contains(path.to_str().unwrap()), "{error}");
            }
            assert!(reads > 10 * INPUTS, "{table:?}: {reads}");
        }
    }
}
