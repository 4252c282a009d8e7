//! The `plastica` command: parses arguments, prints, and gives exit codes. No science lives here.
//!
//! It is a library so that the Python package can bring the very same command.
//! Exit codes: 0 done, 1 the run failed, 2 bad input, 130 interrupted.
#![forbid(unsafe_code)]

mod again;
mod arguments;
mod atlas;
mod bench;
mod check;
mod list;
mod manual;
mod output;
mod progress;
mod run;
mod show;
mod table;

use std::ffi::OsString;

use clap::Parser as _;
use clap::error::ErrorKind;

use arguments::{Arguments, Command, Place};
use output::Output;

/// Nothing more to say than this number.
pub(crate) const DONE: u8 = 0;
pub(crate) const FAILED: u8 = 1;
pub(crate) const BAD_INPUT: u8 = 2;
pub(crate) const INTERRUPTED: u8 = 130;

/// Does what a command line says, its first word being the name of the program; the exit code.
pub fn command(line: impl IntoIterator<Item = OsString>) -> u8 {
    let started = std::time::Instant::now();
    let arguments = match Arguments::try_parse_from(line) {
        Ok(arguments) => arguments,
        Err(error) => {
            // A reader who has gone away has seen what he wanted.
            let _ = error.print();
            return if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) { DONE } else { BAD_INPUT };
        }
    };
    let mut output = Output::new();
    match arguments.command {
        Command::Run(arguments) => run::run(&mut output, &arguments),
        Command::Resume { run, how } => run::resume(&mut output, &run, &how),
        Command::Check { what, place } => check::check(&mut output, &what, &library(place)),
        Command::Atlas(arguments) => atlas::make(&mut output, &arguments),
        Command::List { what, place, json } => list::list(&mut output, &library(place), what.as_deref(), json),
        Command::Show { what, place, kernels, text } => show::show(&mut output, &what, &library(place), kernels, text),
        Command::Report { run } => run::report(&mut output, &run),
        Command::Branch { run, at, with, out, how } => again::branch(&mut output, run, at, with, out, &how),
        Command::Audit { what, subjects, run } => again::audit(&mut output, &what, subjects, run),
        Command::Calibrate { what, run } => again::calibrate(&mut output, &what, run),
        Command::Sweep { what, name, run } => again::sweep(&mut output, &what, &name, run),
        Command::Bench(arguments) => bench::bench(&mut output, &arguments, started),
        Command::Man => manual::manual(&mut output),
        Command::Completions { shell } => manual::completions(&mut output, shell),
    }
}

fn library(place: Place) -> plastica::library::Library {
    plastica::library::Library { paths: place.path }
}
