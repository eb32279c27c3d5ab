//! Every file of the odd collection against a table of what is in it: records by kind and damages. The table was checked
//! by hand and against warcio where warcio can read the file. Files that are not in the table fail the test.

use openrefs_archive::{Damage, Input, Record, RecordKind, Sink, expand, read_file, read_stream};
use std::collections::BTreeMap;
use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

struct Nothing;

impl Sink for Nothing {
    fn record(&mut self, _: Record<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn damage(&mut self, _: Damage) {}
}

fn row(totals: &openrefs_archive::Totals) -> String {
    let kinds = RecordKind::ALL.iter().filter(|&&kind| totals.records(kind) > 0);
    let kinds: Vec<String> = kinds
        .map(|&kind| format!("{kind:?}={}", totals.records(kind)).to_lowercase())
        .collect();
    let kinds = if kinds.is_empty() {
        "-".to_owned()
    } else {
        kinds.join(",")
    };
    format!("{kinds}\t{}", totals.damages)
}

/// Every file two levels down, whatever its name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let inputs = expand(&[folder.join("*/*")]).expect("the folder");
    let path = |input| {
        if let Input::File(path) = input {
            Some(path)
        } else {
            None
        }
    };
    inputs.into_iter().filter_map(path).collect()
}

#[test]
fn odd_archives_hold_what_the_table_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/odd");
    if !folder.exists() {
        println!("skipped: ../shared is absent");
        return;
    }
    let table: BTreeMap<&str, &str> = include_str!("odd.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once('\t').expect("a row"))
        .collect();
    let mut seen = 0;
    for path in files(&folder) {
        let name = path
            .strip_prefix(&folder)
            .expect("below")
            .to_string_lossy()
            .into_owned();
        let totals = read_file(&path, &|_| {}, &mut Nothing).expect("readable");
        let streamed =
            read_stream(File::open(&path).expect("there"), &|_| {}, &mut Nothing).expect("readable");
        assert_eq!(table.get(name.as_str()), Some(&row(&totals).as_str()), "{name}");
        assert_eq!(row(&streamed), row(&totals), "{name} as a stream");
        seen += 1;
    }
    assert_eq!(seen, table.len());
}
