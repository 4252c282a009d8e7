//! `plastica list`: experiments by claim, models by kind, each with its first line of description.

use plastica::library::{Library, Listed};
use serde_json::json;

use crate::DONE;
use crate::output::Output;
use crate::table::wrapped;

/// Columns of the terminal that a line may take.
const WIDTH: usize = 80;

pub fn list(output: &mut Output, library: &Library, as_json: bool) -> u8 {
    let (experiments, neurons, synapses) = (library.listed_experiments(), library.listed("neurons"), library.listed("synapses"));
    if as_json {
        let entry = |l: &Listed| json!({ "name": l.name, "doc": l.doc, "claim": l.claim });
        let all = |list: &[Listed]| list.iter().map(entry).collect::<Vec<_>>();
        output.line(&json!({ "experiments": all(&experiments), "neurons": all(&neurons), "synapses": all(&synapses) }).to_string());
        return DONE;
    }
    let mut claims: Vec<&str> = experiments.iter().map(|e| e.claim.as_str()).collect();
    claims.sort_unstable();
    claims.dedup();
    for claim in claims {
        let title = if claim.is_empty() { "Experiments".to_string() } else { format!("Experiments on {claim}") };
        section(output, &title, experiments.iter().filter(|e| e.claim == claim));
    }
    section(output, "Neurons", neurons.iter());
    section(output, "Synapses", synapses.iter());
    output.line("`plastica show NAME` prints one, `plastica run NAME` runs an experiment.");
    DONE
}

fn section<'a>(output: &mut Output, title: &str, entries: impl Iterator<Item = &'a Listed> + Clone) {
    let width = entries.clone().map(|e| e.name.len()).max().unwrap_or(0);
    let heading = output.bold(title);
    output.line(&heading);
    for entry in entries {
        for (k, line) in wrapped(&entry.doc, WIDTH.saturating_sub(width + 4)).iter().enumerate() {
            let name = if k == 0 { entry.name.as_str() } else { "" };
            output.line(format!("  {name:width$}  {line}").trim_end());
        }
    }
    output.line("");
}
