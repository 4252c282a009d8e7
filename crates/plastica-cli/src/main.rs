//! The program `plastica`: hands its command line to the library.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(plastica_cli::command(std::env::args_os()))
}
