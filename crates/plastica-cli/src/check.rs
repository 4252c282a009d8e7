//! `plastica check`: diagnostics, then how it will be computed and why.

use plastica::experiment::Length;
use plastica::library::Library;
use plastica::open::open;

use crate::output::Output;
use crate::table::wrapped;
use crate::{BAD_INPUT, DONE};

pub fn check(output: &mut Output, what: &str, library: &Library) -> u8 {
    let mut opened = match open(library, what) {
        Ok(opened) => opened,
        Err(error) => {
            output.error(&error.to_string());
            return BAD_INPUT;
        }
    };
    let explained = plastica::explain::explain(&mut opened, library, Length::Told);
    output.diagnostics(&opened.sources, &opened.diagnostics);
    match explained {
        Some(explained) => {
            output.text(&folded(&explained.text));
            DONE
        }
        None => BAD_INPUT,
    }
}

/// Columns of the terminal that a line may take.
const WIDTH: usize = 80;

/// Long lines broken between words, and further lines indented a little more than the first.
fn folded(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        for (k, part) in wrapped(line, WIDTH - indent - 2).iter().enumerate() {
            let space = " ".repeat(if k == 0 { indent } else { indent + 2 });
            out.push_str(format!("{space}{part}").trim_end());
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn long_lines_are_folded() {
        let shown = folded(&format!("a\n  {}\n", "word ".repeat(20).trim()));
        assert!(shown.lines().all(|l| l.len() <= 80) && shown.starts_with("a\n  word") && shown.contains("\n    word"), "{shown}");
    }
}
