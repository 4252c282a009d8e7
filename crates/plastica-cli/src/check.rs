//! `plastica check`: diagnostics, then how it will be computed and why.

use plastica::library::Library;
use plastica::open::open;

use crate::output::Output;
use crate::{BAD_INPUT, DONE};

pub fn check(output: &mut Output, what: &str, library: &Library) -> u8 {
    let mut opened = match open(library, what) {
        Ok(opened) => opened,
        Err(error) => {
            output.error(&error.to_string());
            return BAD_INPUT;
        }
    };
    let explained = plastica::explain::explain(&mut opened, library);
    output.diagnostics(&opened.sources, &opened.diagnostics);
    match explained {
        Some(explained) => {
            output.text(&explained.text);
            DONE
        }
        None => BAD_INPUT,
    }
}
