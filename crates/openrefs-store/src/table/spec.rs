//! What the columns of a table are, and the writer settings that follow.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

/// Rows of a row group.
const ROW_GROUP_ROWS: usize = 128 << 10;
/// A page is closed at this size even if it has few rows; long keys and anchors stay below it.
const PAGE_BYTES_MAX: usize = 16 << 20;
/// So much of a key stands in the page index: enough to tell the URLs of one folder apart.
const KEY_BYTES_INDEXED: usize = 256;

/// How hard a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Read once by a merge and then removed.
    Staged,
    /// Part of snapshots.
    Published,
}

/// The columns of a table and how they are laid out.
pub(crate) struct TableSpec {
    pub columns: &'static [ColumnSpec],
    /// The leading columns that the rows are sorted by.
    pub sorted_by: usize,
    /// The leading columns that have an index of pages.
    pub indexed: usize,
    pub page_rows: usize,
}

/// One column.
pub(crate) struct ColumnSpec {
    pub name: &'static str,
    pub kind: ColumnKind,
    /// Rows of its pages, if not those of the table.
    pub page_rows: Option<usize>,
}

impl ColumnSpec {
    /// The column with pages of its own.
    pub(crate) const fn in_pages_of(self, page_rows: usize) -> Self {
        Self {
            page_rows: Some(page_rows),
            ..self
        }
    }
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum ColumnKind {
    Text,
    /// Null where there is none.
    OptionalText,
    /// One of a few texts: it gets a dictionary.
    Word,
    Long,
    Integer,
    /// A number from 0 to 100: it gets a dictionary, too.
    Rating,
    Double,
    Flag,
}

pub(crate) const fn column(name: &'static str, kind: ColumnKind) -> ColumnSpec {
    ColumnSpec {
        name,
        kind,
        page_rows: None,
    }
}

impl TableSpec {
    pub(super) fn schema(&self) -> SchemaRef {
        let fields = self.columns.iter().map(|column| {
            let data_type = match column.kind {
                ColumnKind::Text | ColumnKind::OptionalText | ColumnKind::Word => DataType::Utf8,
                ColumnKind::Long => DataType::Int64,
                ColumnKind::Integer | ColumnKind::Rating => DataType::Int32,
                ColumnKind::Double => DataType::Float64,
                ColumnKind::Flag => DataType::Boolean,
            };
            Field::new(column.name, data_type, column.kind == ColumnKind::OptionalText)
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    pub(super) fn properties(&self, kind: Kind) -> WriterProperties {
        // Staged files live for minutes: speed counts more than size.
        let level = ZstdLevel::try_new(if kind == Kind::Staged { 1 } else { 3 }).unwrap_or_default();
        let order = (0..self.sorted_by).map(|column| SortingColumn {
            column_idx: i32::try_from(column).unwrap_or(0),
            descending: false,
            nulls_first: true,
        });
        let mut properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .set_created_by(concat!("openrefs ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::ZSTD(level))
            .set_dictionary_enabled(false)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_write_page_header_statistics(true)
            .set_data_page_row_count_limit(self.page_rows)
            .set_write_batch_size(self.page_rows)
            .set_data_page_size_limit(PAGE_BYTES_MAX)
            .set_column_index_truncate_length(Some(KEY_BYTES_INDEXED))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_sorting_columns(Some(order.collect()));
        for (number, column) in self.columns.iter().enumerate() {
            let path = ColumnPath::from(column.name);
            if let Some(rows) = column.page_rows {
                properties = properties.set_column_data_page_row_count_limit(path.clone(), rows);
            }
            if number < self.indexed {
                properties = properties.set_column_statistics_enabled(path.clone(), EnabledStatistics::Page);
            }
            let encoding = match column.kind {
                ColumnKind::Word | ColumnKind::Rating => {
                    properties = properties.set_column_dictionary_enabled(path, true);
                    continue;
                }
                ColumnKind::Text | ColumnKind::OptionalText => Encoding::DELTA_BYTE_ARRAY,
                ColumnKind::Long | ColumnKind::Integer => Encoding::DELTA_BINARY_PACKED,
                ColumnKind::Double => Encoding::BYTE_STREAM_SPLIT,
                ColumnKind::Flag => Encoding::RLE,
            };
            properties = properties.set_column_encoding(path, encoding);
        }
        properties.build()
    }
}
