//! What a recording shows by itself, with nothing published to hold it against: a section for each table and series.

use crate::figure::Grid;
use crate::figures::{Axis, HistogramFigure, Raster, trace};
use crate::svg::minus;
use crate::{Piece, Section, statistics};
use plastica_record::read::{Columns, Series};

/// Neurons or synapses of which a trace is drawn.
const TRACES: usize = 3;

/// A table of spikes (with the columns `time_s` and `neuron`): rates, irregularity and a raster. `None` for other tables.
///
/// - `neurons`: size of the population, where it is known; else those that fired are counted
/// - `seconds`: how long was recorded
pub fn spikes(name: &str, table: &Columns, neurons: Option<usize>, seconds: f64) -> Option<Section> {
    let column = |wanted: &str| table.iter().find(|(name, _)| name == wanted).map(|(_, values)| values);
    let (time_s, neuron) = (column("time_s")?, column("neuron")?);
    let fired = neuron.iter().map(|n| n.to_bits()).collect::<std::collections::HashSet<_>>().len();
    let cell = |v: Option<f64>| v.map_or("–".into(), minus);
    let rate = statistics::rate(time_s.len(), neurons.unwrap_or(fired), seconds);
    let head = ["spikes", "neurons that fired", "mean rate (Hz)", "irregularity (CV of intervals)"].map(String::from).to_vec();
    let rows = vec![vec![time_s.len().to_string(), fired.to_string(), cell(rate), cell(statistics::irregularity(time_s, neuron))]];
    let mut pieces = vec![Piece::Table(format!("Spikes in {} s.", minus(seconds)), Grid { head, rows })];
    if !time_s.is_empty() {
        let raster = Raster { time_s: time_s.clone(), neuron: neuron.clone(), from_s: 0.0, to_s: seconds };
        pieces.push(Piece::Figure(raster.figure("Each stroke is a spike.")));
    }
    Some(Section { title: name.into(), pieces })
}

/// A series: the first few places over time, and for synapses how the last values are distributed.
pub fn variable(name: &str, series: &Series) -> Section {
    if series.values.is_empty() {
        return Section { title: name.into(), pieces: vec![Piece::Text(format!("No sample of {} was recorded.", series.variable))] };
    }
    let places: Vec<usize> = (0..series.width.min(TRACES)).collect();
    let caption =
        if places.len() < series.width { format!("The first {} of {}.", places.len(), series.width) } else { format!("{} as recorded.", series.variable) };
    let mut pieces = vec![Piece::Figure(trace(series, &places, series.variable.clone()).figure(caption))];
    if let Some(last) = statistics::weights(series).filter(|_| series.width > TRACES) {
        let axis = Axis::new(series.variable.clone(), series.unit.clone());
        let counted = if series.dimension == "synapse" { "synapses" } else { "neurons" };
        let caption = format!("The last sample: mean {}, standard deviation {}.", minus(last.mean), minus(last.spread));
        pieces.push(Piece::Figure(HistogramFigure { axis, counted: counted.into(), histogram: last.histogram }.figure(caption)));
    }
    Section { title: name.into(), pieces }
}
