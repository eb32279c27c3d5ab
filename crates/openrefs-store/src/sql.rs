//! SQL that lets DuckDB query the files of a snapshot as tables.

use std::fmt::Write;

use crate::folder::Folder;
use crate::manifest::{Manifest, TableName};
use crate::table::{ColumnKind, TableSpec};
use crate::{domains, links, pairs, refdomains, targets, visits};

/// Definitions of views over the files of a snapshot, one a table. `refdomains` has a row for every scope of `targets`, also
/// those that share the rows of another one, and the ratings from the side file.
pub fn views(folder: &Folder, manifest: &Manifest) -> String {
    let mut sql = format!(
        "-- Snapshot {} of the index, published {}. Its files stay until 'openrefs gc' removes it.\n",
        manifest.snapshot, manifest.published
    );
    let files = |table| Files::of(folder, manifest, table);
    for (table, spec) in [
        (TableName::Links, &links::SPEC),
        (TableName::Visits, &visits::SPEC),
        (TableName::Pairs, &pairs::SPEC),
        (TableName::Targets, &targets::SPEC),
        (TableName::Domains, &domains::SPEC),
    ] {
        let rows = match files(table) {
            files if files.0.is_empty() => format!("SELECT {} WHERE false", nothing(spec)),
            files => format!("SELECT * FROM {}", files.rows("")),
        };
        view(&mut sql, table.name(), &rows);
    }
    let (rows, ratings) = (files(TableName::Refdomains), files(TableName::Ratings));
    let name = TableName::Refdomains.name();
    if rows.0.is_empty() || ratings.0.is_empty() {
        let (own, side) = (nothing(&refdomains::SPEC), nothing(&refdomains::RATINGS));
        view(&mut sql, name, &format!("SELECT {own}, {side} WHERE false"));
        return sql;
    }
    let places = ", filename = true, file_row_number = true";
    let part = |of: &str| format!("regexp_extract({of}.filename, '[0-9]+-[0-9]+[.]parquet$')");
    let joined = format!(
        "SELECT t.scope, r.* EXCLUDE (scope, filename, file_row_number), g.{}\n  FROM targets t\n  JOIN {} r ON r.scope = \
         t.rows_of\n  JOIN {} g ON {} = {} AND g.file_row_number = r.file_row_number",
        refdomains::RATING,
        rows.rows(places),
        ratings.rows(places),
        part("g"),
        part("r"),
    );
    view(&mut sql, name, &joined);
    sql
}

fn view(sql: &mut String, name: &str, rows: &str) {
    let _ = writeln!(sql, "CREATE OR REPLACE VIEW {name} AS {rows};");
}

/// The columns of a table without files.
fn nothing(spec: &TableSpec) -> String {
    let columns = spec.columns.iter().map(|column| {
        let of = match column.kind {
            ColumnKind::Text | ColumnKind::OptionalText | ColumnKind::Word => "VARCHAR",
            ColumnKind::Long => "BIGINT",
            ColumnKind::Integer | ColumnKind::Rating => "INTEGER",
            ColumnKind::Double => "DOUBLE",
            ColumnKind::Flag => "BOOLEAN",
        };
        format!("NULL::{of} AS {}", column.name)
    });
    columns.collect::<Vec<_>>().join(", ")
}

/// The absolute paths of the files of a table.
struct Files(Vec<String>);

impl Files {
    fn of(folder: &Folder, manifest: &Manifest, table: TableName) -> Self {
        let root = std::path::absolute(folder.root()).unwrap_or_else(|_| folder.root().to_owned());
        let path = |name: &str| root.join(name).to_string_lossy().replace('\'', "''");
        Self(manifest.table(table).map(|file| path(&file.file.name)).collect())
    }

    fn rows(&self, options: &str) -> String {
        format!("read_parquet(['{}']{options})", self.0.join("',\n  '"))
    }
}
