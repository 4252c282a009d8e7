//! Is there memory enough for a network? Asked before it is drawn, so that a typing error in a size ends in a sentence, not in
//! a machine without memory. The estimate is rough on purpose: it leaves out what is small.

use plastica_lang::source::Diagnostic;
use plastica_network::network::{InitialValue, Network};

use super::Failure;

/// Bytes of a synapse besides its variables, while a network is drawn and afterwards: target, source, delays, order.
const SYNAPSE: f64 = 12.0;
/// Bytes of a neuron besides its variables: its last spike, its place in rows and columns.
const NEURON: f64 = 40.0;
/// Bytes of a variable of a neuron: drawn in double precision, kept in the precision of the run.
const VARIABLE: f64 = 12.0;
/// Bytes of a variable of a synapse that is kept.
const KEPT: f64 = 4.0;
/// Bytes of a value of a synapse that is drawn, gone when its projection is complete.
const DRAWN: f64 = 12.0;

/// Refuses a network that the free memory cannot hold, at the greatest of its parts.
///
/// # Errors
/// [`Failure::Text`]; never where the system does not tell how much is free.
pub(crate) fn enough(network: &Network) -> Result<(), Failure> {
    free_bytes().map_or(Ok(()), |free| fits(network, free))
}

fn fits(network: &Network, free: f64) -> Result<(), Failure> {
    let mut parts = Vec::new();
    let mut drawing = 0.0_f64;
    for population in &network.populations {
        let variables = population.model().map_or(0, |m| m.variables.len() + population.varying().len());
        parts.push((population.size as f64 * (NEURON + VARIABLE * variables as f64), population.span, format!("population `{}`", population.name)));
    }
    for projection in &network.projections {
        let synapses = projection.expected_synapses(network);
        let drawn =
            projection.defaults.iter().chain(&projection.initial).chain(&projection.parameters).filter(|(_, v)| !matches!(v, InitialValue::Constant(_)));
        drawing = drawing.max(synapses * (SYNAPSE + DRAWN * drawn.count() as f64));
        let kept = projection.model.variables.len() + projection.varying().len();
        parts.push((synapses * (SYNAPSE / 2.0 + KEPT * kept as f64), projection.span, format!("projection `{}`", projection.name)));
    }
    let needed = drawing + parts.iter().map(|p| p.0).sum::<f64>();
    if needed <= free {
        return Ok(());
    }
    let Some((_, span, what)) = parts.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)) else { return Ok(()) };
    let gigabytes = |bytes: f64| format!("{} GB", plastica_report::number(bytes / 1e9));
    Err(Failure::Text(vec![
        Diagnostic::error("not-enough-memory", span, format!("this network needs about {}, but {} are free", gigabytes(needed), gigabytes(free)))
            .label("the greatest part of it")
            .note(format!("{what} takes most of the memory"))
            .help("use fewer neurons or synapses; check `size` and the connection rule"),
    ]))
}

/// Free memory, where the system tells it.
fn free_bytes() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix("MemAvailable:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<f64>().ok().map(|kilobytes| kilobytes * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::parse_experiment;
    use crate::library::Library;
    use crate::open::open;

    #[test]
    fn a_network_that_is_too_large_is_refused_at_its_greatest_part() {
        let library = Library::default();
        let mut opened = open(&library, "brunel-stdp").unwrap();
        let network = parse_experiment(&mut opened, &library).unwrap().network.unwrap();
        // It was measured to take 120 MB.
        assert!(fits(&network, 400e6).is_ok());
        let Err(Failure::Text(d)) = fits(&network, 40e6) else { panic!("40 MB are too little") };
        assert_eq!(d[0].id, "not-enough-memory");
        assert!(d[0].note.as_deref().unwrap_or("").contains("projection `EE`"), "{:?}", d[0]);
    }
}
