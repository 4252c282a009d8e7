//! The manual page and shell completions, from the definitions of the arguments.

use clap::CommandFactory as _;

use crate::arguments::Arguments;
use crate::output::Output;
use crate::{DONE, FAILED};

pub fn manual(output: &mut Output) -> u8 {
    let mut page = Vec::new();
    if let Err(error) = clap_mangen::Man::new(Arguments::command()).render(&mut page) {
        output.error(&error.to_string());
        return FAILED;
    }
    output.text(&String::from_utf8_lossy(&page));
    DONE
}

pub fn completions(output: &mut Output, shell: clap_complete::Shell) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "plastica", &mut script);
    output.text(&String::from_utf8_lossy(&script));
    DONE
}
