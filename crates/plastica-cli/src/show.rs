//! `plastica show`: the text of a model or an experiment, the timeline of a study, or compiled kernels.

use plastica::experiment::Length;
use plastica::library::Library;
use plastica::open::open;

use crate::output::Output;
use crate::{BAD_INPUT, DONE};

pub fn show(output: &mut Output, what: &str, library: &Library, kernels: bool, text: bool) -> u8 {
    let mut opened = match open(library, what) {
        Ok(opened) => opened,
        Err(error) => {
            output.error(&error.to_string());
            return BAD_INPUT;
        }
    };
    if !kernels && !text && opened.table.get("group").is_some() {
        let experiment = plastica::experiment::parse_experiment(&mut opened, library);
        output.diagnostics(&opened.sources, &opened.diagnostics);
        return match experiment.and_then(|e| e.study) {
            Some(study) => {
                output.text(&study.show());
                DONE
            }
            None => BAD_INPUT,
        };
    }
    if !kernels {
        let text = opened.sources.text(opened.id).to_string();
        output.text(&text);
        if !text.ends_with('\n') {
            output.text("\n");
        }
        return DONE;
    }
    let explained = plastica::explain::explain(&mut opened, library, Length::Told);
    output.diagnostics(&opened.sources, &opened.diagnostics);
    match explained {
        Some(explained) => {
            output.text(&plastica::explain::kernels(&explained));
            DONE
        }
        None => BAD_INPUT,
    }
}
