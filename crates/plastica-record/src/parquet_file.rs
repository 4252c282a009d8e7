//! One Parquet file: columns to bytes, and back. Encoding and compression are the library's.

use crate::table::{Buffer, Column, ColumnKind};
use crate::{RecordError, read::Columns};
use parquet::basic::{Compression, ConvertedType, Encoding, LogicalType, Repetition, Type as Physical};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnDescriptor, ColumnPath, Type};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

const ROWS_AT_ONCE: usize = 1 << 16;

/// The bytes of a file with these columns, all of one length.
pub fn encode(columns: &[Column], rows: &[Buffer]) -> Result<Vec<u8>, ParquetError> {
    let mut fields = Vec::new();
    let mut properties = WriterProperties::builder().set_compression(Compression::SNAPPY).set_created_by("Plastica".into());
    for column in columns {
        let physical = match column.kind {
            ColumnKind::Float => Physical::DOUBLE,
            ColumnKind::Integer => Physical::INT64,
            ColumnKind::Text => Physical::BYTE_ARRAY,
        };
        let logical = (column.kind == ColumnKind::Text).then_some(LogicalType::String);
        let field = Type::primitive_type_builder(&column.name, physical).with_repetition(Repetition::REQUIRED).with_logical_type(logical);
        fields.push(Arc::new(field.build()?));
        let path = ColumnPath::from(column.name.as_str());
        // Numbers hardly repeat, so that a dictionary of them takes long and saves nothing; differences of indices are small.
        if column.kind != ColumnKind::Text {
            properties = properties.set_column_dictionary_enabled(path.clone(), false);
        }
        if column.kind == ColumnKind::Integer {
            properties = properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
        }
    }
    let schema = Arc::new(Type::group_type_builder("schema").with_fields(fields).build()?);
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build()))?;
    if rows.first().is_some_and(|r| r.len() > 0) {
        let mut group = writer.next_row_group()?;
        for buffer in rows {
            let Some(mut column) = group.next_column()? else { break };
            match buffer {
                Buffer::Float(v) => column.typed::<DoubleType>().write_batch(v, None, None)?,
                Buffer::Integer(v) => column.typed::<Int64Type>().write_batch(v, None, None)?,
                Buffer::Text(v) => {
                    let bytes: Vec<ByteArray> = v.iter().map(|text| ByteArray::from(text.as_str())).collect();
                    column.typed::<ByteArrayType>().write_batch(&bytes, None, None)?
                }
            };
            column.close()?;
        }
        group.close()?;
    }
    writer.into_inner()
}

/// The columns of a file that Plastica wrote, in their own types.
pub fn read_exact(path: &Path) -> Result<(Vec<Column>, Vec<Buffer>), RecordError> {
    let fail = || RecordError::format("Parquet", path);
    let reader = open(path)?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let (mut columns, mut rows) = (Vec::new(), Vec::new());
    for (at, field) in schema.columns().iter().enumerate() {
        let (kind, buffer) = match (field.physical_type(), field.max_def_level()) {
            (Physical::DOUBLE, 0) => (ColumnKind::Float, Buffer::Float(read_column(&reader, at, |x: &f64| *x).map_err(fail())?)),
            (Physical::BYTE_ARRAY, 0) => (ColumnKind::Text, Buffer::Text(read_column(&reader, at, text).map_err(fail())?)),
            (Physical::INT64, 0) => (ColumnKind::Integer, Buffer::Integer(read_column(&reader, at, |x: &i64| *x).map_err(fail())?)),
            _ => return Err(RecordError::format("Parquet", path)(format!("column `{}` is not of a type that Plastica writes", field.name()))),
        };
        columns.push(Column { name: field.name().into(), kind });
        rows.push(buffer);
    }
    Ok((columns, rows))
}

fn text(bytes: &ByteArray) -> String {
    String::from_utf8_lossy(bytes.data()).into_owned()
}

/// The numeric columns of any Parquet file as `f64`, in their order in the file.
///
/// A missing value becomes NaN. Columns that are no plain numbers (text, dates, decimals, lists) are left out.
pub fn read_numbers(path: &Path) -> Result<Columns, RecordError> {
    let reader = open(path)?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let mut out = Vec::new();
    for (at, field) in schema.columns().iter().enumerate() {
        if is_number(field) {
            let values = numbers(&reader, at, field).map_err(RecordError::format("Parquet", path))?;
            out.push((field.name().to_string(), values));
        }
    }
    Ok(out)
}

fn open(path: &Path) -> Result<SerializedFileReader<File>, RecordError> {
    let file = File::open(path).map_err(RecordError::io("read", path))?;
    let length = file.metadata().map_err(RecordError::io("read", path))?.len();
    let reader = SerializedFileReader::new(file).map_err(RecordError::format("Parquet", path))?;
    // The library trusts the places that the file names; one outside the file would make it panic.
    let inside = |c: &ColumnChunkMetaData| {
        let start = c.dictionary_page_offset().unwrap_or(c.data_page_offset());
        let [start, first, size] = [start, c.data_page_offset(), c.compressed_size()].map(|n| u64::try_from(n).unwrap_or(u64::MAX));
        first < length && start.saturating_add(size) <= length && c.num_values() >= 0
    };
    for group in reader.metadata().row_groups() {
        if group.num_rows() < 0 || !group.columns().iter().all(inside) {
            return Err(RecordError::format("Parquet", path)("a column lies outside the file"));
        }
        for column in group.columns() {
            if ![Compression::UNCOMPRESSED, Compression::SNAPPY].contains(&column.compression()) {
                let reason = format!("it is compressed with {:?}; write it with Snappy or without compression", column.compression());
                return Err(RecordError::format("Parquet", path)(reason));
            }
        }
    }
    Ok(reader)
}

fn is_number(field: &ColumnDescriptor) -> bool {
    use ConvertedType as C;
    let plain = [C::NONE, C::INT_8, C::INT_16, C::INT_32, C::INT_64, C::UINT_8, C::UINT_16, C::UINT_32, C::UINT_64].contains(&field.converted_type());
    let physical = [Physical::BOOLEAN, Physical::INT32, Physical::INT64, Physical::FLOAT, Physical::DOUBLE].contains(&field.physical_type());
    // A time in nanoseconds has a logical type and no converted one.
    let logical = field.logical_type_ref().is_none_or(|l| matches!(l, LogicalType::Integer { .. }));
    plain && physical && logical && field.max_rep_level() == 0 && field.path().parts().len() == 1
}

fn numbers(reader: &SerializedFileReader<File>, at: usize, field: &ColumnDescriptor) -> Result<Vec<f64>, ParquetError> {
    let unsigned = matches!(field.converted_type(), ConvertedType::UINT_32 | ConvertedType::UINT_64);
    match field.physical_type() {
        Physical::BOOLEAN => read_column(reader, at, |x: &bool| f64::from(u8::from(*x))),
        Physical::INT32 if unsigned => read_column(reader, at, |x: &i32| f64::from(*x as u32)),
        Physical::INT32 => read_column(reader, at, |x: &i32| f64::from(*x)),
        Physical::INT64 if unsigned => read_column(reader, at, |x: &i64| *x as u64 as f64),
        Physical::INT64 => read_column(reader, at, |x: &i64| *x as f64),
        Physical::FLOAT => read_column(reader, at, |x: &f32| f64::from(*x)),
        _ => read_column(reader, at, |x: &f64| *x),
    }
}

/// One column through all row groups; a missing value is `T::missing()`.
fn read_column<D: Stored, T: Missing>(reader: &SerializedFileReader<File>, at: usize, convert: impl Fn(&D) -> T) -> Result<Vec<T>, ParquetError> {
    let mut out = Vec::new();
    for group in 0..reader.num_row_groups() {
        let column = reader.get_row_group(group)?.get_column_reader(at)?;
        let Some(mut column) = D::typed(column) else { return Err(ParquetError::General("a column changes its type".into())) };
        loop {
            let (mut present, mut levels) = (Vec::new(), Vec::new());
            let (records, ..) = column.read_records(ROWS_AT_ONCE, Some(&mut levels), None, &mut present)?;
            if records == 0 {
                break;
            }
            let mut values = present.iter();
            if levels.is_empty() {
                out.extend(values.map(&convert));
            } else {
                out.extend(levels.iter().map(|l| if *l > 0 { values.next().map_or_else(T::missing, &convert) } else { T::missing() }));
            }
        }
    }
    Ok(out)
}

/// What stands for a value that is not there.
trait Missing {
    fn missing() -> Self;
}

impl Missing for f64 {
    fn missing() -> Self {
        f64::NAN
    }
}

impl Missing for String {
    fn missing() -> Self {
        String::new()
    }
}

impl Missing for i64 {
    fn missing() -> Self {
        0
    }
}

/// A type as it lies in the file, with the reader that yields it.
trait Stored: Sized + Clone {
    type Parquet: DataType<T = Self>;
    fn typed(column: ColumnReader) -> Option<ColumnReaderImpl<Self::Parquet>>;
}

macro_rules! stored {
    ($($rust:ty, $parquet:ident, $reader:ident;)*) => { $(
        impl Stored for $rust {
            type Parquet = parquet::data_type::$parquet;
            fn typed(column: ColumnReader) -> Option<ColumnReaderImpl<Self::Parquet>> {
                if let ColumnReader::$reader(reader) = column { Some(reader) } else { None }
            }
        }
    )* };
}

stored! {
    bool, BoolType, BoolColumnReader;
    i32, Int32Type, Int32ColumnReader;
    i64, Int64Type, Int64ColumnReader;
    f32, FloatType, FloatColumnReader;
    f64, DoubleType, DoubleColumnReader;
    ByteArray, ByteArrayType, ByteArrayColumnReader;
}
