//! The `plastica` command: parses arguments, prints, and gives exit codes. No science lives here.
//!
//! Exit codes: 0 done, 1 the run failed, 2 bad input, 130 interrupted.
#![forbid(unsafe_code)]

mod again;
mod arguments;
mod bench;
mod check;
mod list;
mod manual;
mod output;
mod progress;
mod run;
mod show;
mod table;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use arguments::{Arguments, Command, Place};
use output::Output;

/// Nothing more to say than this number.
pub(crate) const DONE: u8 = 0;
pub(crate) const FAILED: u8 = 1;
pub(crate) const BAD_INPUT: u8 = 2;
pub(crate) const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let started = std::time::Instant::now();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);
            let code = if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) { DONE } else { BAD_INPUT };
            // A reader who has gone away has seen what he wanted.
            let _ = error.print();
            return ExitCode::from(if help { code.min(BAD_INPUT) } else { BAD_INPUT });
        }
    };
    let mut output = Output::new();
    let code = match arguments.command {
        Command::Run(arguments) => run::run(&mut output, &arguments),
        Command::Resume { run, how } => run::resume(&mut output, &run, &how),
        Command::Check { what, place } => check::check(&mut output, &what, &library(place)),
        Command::List { place, json } => list::list(&mut output, &library(place), json),
        Command::Show { what, place, kernels, text } => show::show(&mut output, &what, &library(place), kernels, text),
        Command::Report { run } => run::report(&mut output, &run),
        Command::Branch { run, at, with, out, how } => again::branch(&mut output, run, at, with, out, &how),
        Command::Audit { what, subjects, run } => again::audit(&mut output, &what, subjects, run),
        Command::Calibrate { what, run } => again::calibrate(&mut output, &what, run),
        Command::Bench(arguments) => bench::bench(&mut output, &arguments, started),
        Command::Man => manual::manual(&mut output),
        Command::Completions { shell } => manual::completions(&mut output, shell),
    };
    ExitCode::from(code)
}

fn library(place: Place) -> plastica::library::Library {
    plastica::library::Library { paths: place.path }
}
