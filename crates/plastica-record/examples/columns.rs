//! Prints the numeric columns of a Parquet file, or of a folder of parts, as JSON; for the tests that write such files in Python.

use plastica_record::read::parquet_columns;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("give a file")?;
    match parquet_columns(Path::new(&file)) {
        Ok(columns) => println!("{}", serde_json::to_string(&columns)?),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
    Ok(())
}
