//! `plastica bench`: the figures of a workload, as a line or as JSON.

use std::time::Instant;

use plastica::bench::{Measure, bench as measured};
use plastica::experiment::parse_experiment;
use plastica::library::Library;
use plastica::open::open;
use plastica::run::Failure;
use serde_json::{Map, Value};

use crate::arguments::Bench;
use crate::output::Output;
use crate::{BAD_INPUT, DONE, FAILED};

/// What is measured when nothing is named.
const WORKLOADS: [&str; 6] = ["brunel", "brunel-stdp", "brunel-stdp-axonal", "coba", "long-plastic", "small-plastic"];

pub fn bench(output: &mut Output, arguments: &Bench, started: Instant) -> u8 {
    if !(arguments.scale > 0.0) || !(arguments.warmup >= 0.0) || arguments.seconds.is_some_and(|s| !(s > 0.0)) {
        output.error("--scale and --seconds must be greater than 0, --warmup not less");
        return BAD_INPUT;
    }
    let named = arguments.what.as_deref().map(|w| vec![w]);
    let mut first = Some(started);
    for what in named.unwrap_or(WORKLOADS.to_vec()) {
        // Only the first workload can count from the start of the process.
        let code = one(output, what, arguments, first.take().unwrap_or_else(Instant::now));
        if code != DONE {
            return code;
        }
    }
    DONE
}

fn one(output: &mut Output, what: &str, arguments: &Bench, started: Instant) -> u8 {
    let library = Library { paths: arguments.place.path.clone() };
    let mut opened = match open(&library, what) {
        Ok(opened) => opened,
        Err(error) => {
            output.error(&error.to_string());
            return BAD_INPUT;
        }
    };
    let experiment = parse_experiment(&mut opened, &library);
    output.diagnostics(&opened.sources, &opened.diagnostics);
    let Some(experiment) = experiment else { return BAD_INPUT };
    let Bench { threads, seconds, warmup, scale, seed, check, .. } = *arguments;
    match measured(&experiment, &Measure { threads, seed, seconds, warmup, scale, check }, started) {
        Ok(figures) if arguments.json => output.line(&Value::Object(figures).to_string()),
        Ok(figures) => output.text(&lines(&figures)),
        Err(Failure::Text(diagnostics)) => {
            output.diagnostics(&opened.sources, &diagnostics);
            return BAD_INPUT;
        }
        Err(failure) => {
            output.error(&failure.to_string());
            return FAILED;
        }
    }
    DONE
}

/// One figure a line, in words.
fn lines(figures: &Map<String, Value>) -> String {
    let text = |name: &str| figures.get(name).map_or("-".into(), |v| v.as_f64().map_or_else(|| v.to_string(), plastica::run::number));
    let mut out = format!(
        "{}: {} neurons, {} synapses, {} s simulated, {} {}\n",
        figures["workload"].as_str().unwrap_or(""),
        text("neurons"),
        text("synapses"),
        text("sim_s"),
        text("threads"),
        if text("threads") == "1" { "thread" } else { "threads" }
    );
    let rows = [
        ("build", "wall_build_s", "s"),
        ("run", "wall_run_s", "s"),
        ("real-time factor", "rtf", ""),
        ("synaptic events", "syn_events_per_s", "per s"),
        ("memory per synapse", "bytes_per_synapse", "bytes"),
        ("peak memory", "peak_rss_mb", "MB"),
    ];
    for (title, name, unit) in rows {
        out.push_str(format!("  {title:<20}{} {unit}", text(name)).trim_end());
        out.push('\n');
    }
    for (name, value) in figures.iter().filter(|(n, _)| n.starts_with("rate_") || n.starts_with("cv_") || n.ends_with("_mean") || n.ends_with("_sd")) {
        out.push_str(&format!("  {name:<20}{}\n", value.as_f64().map_or("-".into(), plastica::run::number)));
    }
    out
}
