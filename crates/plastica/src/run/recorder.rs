//! From the engine's sink to the store: each record of the file is one table or one series.

use plastica_engine::backend::Step;
use plastica_engine::simulation::{Simulation, Sink, SynapseList, Watch};
use plastica_lang::source::Diagnostic;
use plastica_network::network::Network;
use plastica_record::{Column, ColumnValues, RecordError, SeriesId, SeriesSpec, Store, TableId};

use super::Failure;
use crate::experiment::{Experiment, Precision, Record, Recorded, Which};

/// Writes what is recorded. An error of the store is kept until somebody asks.
pub(super) struct Recorder<'a> {
    store: &'a mut Store,
    dt_s: f64,
    steps: u64,
    targets: Vec<Target>,
    /// Rows of spikes on their way to the store: times, neurons.
    spikes: (Vec<f64>, Vec<i64>),
    error: Option<RecordError>,
}

enum Target {
    Spikes(TableId),
    Series(SeriesId),
    Changes { table: TableId, synapses: Vec<i64>, pre: Vec<i64>, post: Vec<i64> },
    Rate { series: SeriesId, bin: u64, neurons: f64 },
    Count(SeriesId),
}

impl<'a> Recorder<'a> {
    /// Declares the records in the store and asks the simulation for them.
    pub fn new(experiment: &Experiment, network: &Network, simulation: &mut Simulation, store: &'a mut Store) -> Result<Self, RecordError> {
        let mut targets = Vec::with_capacity(experiment.records.len());
        for record in &experiment.records {
            let declared = Declared { experiment, network, record };
            let (watch, target) = declared.target(simulation, store)?;
            simulation.watch(watch);
            targets.push(target);
        }
        Ok(Recorder { store, dt_s: experiment.settings.dt_s, steps: experiment.settings.steps, targets, spikes: Default::default(), error: None })
    }

    /// The first error since the last question.
    pub fn check(&mut self) -> Result<(), RecordError> {
        self.error.take().map_or(Ok(()), Err)
    }

    /// Makes all that was recorded readable.
    pub fn flush(&mut self) -> Result<(), RecordError> {
        self.store.flush()
    }

    /// Forces all that was recorded to the disk; how much it is, for the checkpoint that is saved next.
    pub fn sync(&mut self) -> Result<serde_json::Value, RecordError> {
        self.store.sync()?;
        Ok(self.store.position())
    }

    fn keep(&mut self, result: Result<(), RecordError>) {
        if let Err(e) = result {
            self.error.get_or_insert(e);
        }
    }
}

/// Reports a recorded synapse that does not exist, which is known only when the network has been drawn.
pub(super) fn check_synapses(experiment: &Experiment, simulation: &mut Simulation) -> Result<(), Failure> {
    let mut found = Vec::new();
    for record in &experiment.records {
        let Recorded::Synapses { projection, which: Which::These(list), .. } = &record.what else { continue };
        let synapses = simulation.synapses(*projection).pre.len() as u64;
        if let Some(last) = list.last().filter(|last| **last >= synapses) {
            let message = format!("record `{}`: there is no synapse {last}", record.name);
            let range = if synapses == 0 { "the projection has no synapses".into() } else { format!("the projection has the synapses 0 to {}", synapses - 1) };
            found.push(Diagnostic::error("not-an-index", record.span, message).note(range).help("write numbers in that range, or every = 10"));
        }
    }
    if found.is_empty() { Ok(()) } else { Err(Failure::Text(found)) }
}

struct Declared<'a> {
    experiment: &'a Experiment,
    network: &'a Network,
    record: &'a Record,
}

impl Declared<'_> {
    fn target(&self, simulation: &mut Simulation, store: &mut Store) -> Result<(Watch, Target), RecordError> {
        let name = self.record.name.as_str();
        let dt = self.experiment.settings.dt_s;
        Ok(match &self.record.what {
            Recorded::Spikes { population, neurons } => {
                let table = store.table(name, &[Column::float("time_s"), Column::integer("neuron")])?;
                (Watch::Spikes { population: *population, neurons: neurons.clone() }, Target::Spikes(table))
            }
            Recorded::Neurons { population, variable, every, neurons } => {
                let own = &self.network.populations[*population];
                let numbers = neurons.clone().unwrap_or_else(|| (0..own.size as u32).collect());
                let unit = own.model().map_or_else(String::new, |m| unit(m, variable));
                let labels = vec![("neuron".to_string(), numbers.iter().map(|n| i64::from(*n)).collect())];
                let series = store.series(name, self.spec(variable, unit, "neuron", labels, *every as f64 * dt))?;
                (Watch::Neurons { population: *population, variable: variable.clone(), neurons: neurons.clone(), every: *every }, Target::Series(series))
            }
            Recorded::Synapses { projection, variable, every, which } => {
                let list = simulation.synapses(*projection);
                let chosen = chosen(which, list.pre.len());
                let (pre, post) = ends(&list, &chosen);
                let synapses: Vec<i64> = chosen.iter().map(|s| *s as i64).collect();
                let target = match every {
                    Some(every) => {
                        let unit = unit(&self.network.projections[*projection].model, variable);
                        let labels = vec![("synapse".to_string(), synapses), ("pre".to_string(), pre), ("post".to_string(), post)];
                        Target::Series(store.series(name, self.spec(variable, unit, "synapse", labels, *every as f64 * dt))?)
                    }
                    None => {
                        let columns = [
                            Column::float("time_s"),
                            Column::integer("synapse"),
                            Column::integer("pre"),
                            Column::integer("post"),
                            Column::float(variable.clone()),
                        ];
                        Target::Changes { table: store.table(name, &columns)?, synapses, pre, post }
                    }
                };
                (Watch::Synapses { projection: *projection, variable: variable.clone(), synapses: Some(chosen), every: *every }, target)
            }
            Recorded::Count { projection, what, every } => {
                let series = store.series(name, self.spec(what.word(), String::new(), "", Vec::new(), *every as f64 * dt))?;
                (Watch::Turnover { projection: *projection, what: *what, every: *every }, Target::Count(series))
            }
            Recorded::Rate { population, bin } => {
                let series = store.series(name, self.spec("rate", "Hz".into(), "", Vec::new(), *bin as f64 * dt))?;
                let neurons = self.network.populations[*population].size as f64;
                (Watch::Rate { population: *population, bin: *bin }, Target::Rate { series, bin: *bin, neurons })
            }
        })
    }

    fn spec(&self, variable: &str, unit: String, dimension: &str, labels: Vec<(String, Vec<i64>)>, interval_s: f64) -> SeriesSpec {
        let precision = match self.experiment.settings.precision {
            Precision::Single => plastica_record::Precision::Single,
            Precision::Double => plastica_record::Precision::Double,
        };
        SeriesSpec { variable: variable.into(), unit, dimension: dimension.into(), labels, interval_s, first_s: 0.0, precision }
    }
}

pub(super) fn unit(model: &plastica_lang::model::Model, variable: &str) -> String {
    model.variables.iter().find(|v| v.name == variable && !v.dimension.is_none()).map_or_else(String::new, |v| v.dimension.to_string())
}

pub(super) fn chosen(which: &Which, synapses: usize) -> Vec<u64> {
    match which {
        Which::Every(n) => (0..synapses as u64).step_by(*n as usize).collect(),
        // That they exist has been checked.
        Which::These(list) => list.clone(),
    }
}

fn ends(list: &SynapseList, chosen: &[u64]) -> (Vec<i64>, Vec<i64>) {
    let of = |side: &[u32]| chosen.iter().map(|s| i64::from(side[*s as usize])).collect();
    (of(&list.pre), of(&list.post))
}

impl Sink for Recorder<'_> {
    fn spikes(&mut self, watch: usize, step: Step, neurons: &[u32]) {
        let Target::Spikes(table) = &self.targets[watch] else { return };
        let (time, rows) = &mut self.spikes;
        time.clear();
        time.resize(neurons.len(), step as f64 * self.dt_s);
        rows.clear();
        rows.extend(neurons.iter().map(|n| i64::from(*n)));
        let result = self.store.append(*table, &[ColumnValues::Float(time), ColumnValues::Integer(rows)]);
        self.keep(result);
    }

    fn samples(&mut self, watch: usize, step: Step, values: &[f64]) {
        let Target::Series(series) = &self.targets[watch] else { return };
        let result = self.store.sample(*series, step as f64 * self.dt_s, values);
        self.keep(result);
    }

    fn changes(&mut self, watch: usize, step: Step, places: &[u32], values: &[f64]) {
        let Target::Changes { table, synapses, pre, post } = &self.targets[watch] else { return };
        let of = |column: &[i64]| -> Vec<i64> { places.iter().map(|p| column[*p as usize]).collect() };
        let (synapses, pre, post) = (of(synapses), of(pre), of(post));
        let time = vec![step as f64 * self.dt_s; places.len()];
        let columns = [
            ColumnValues::Float(&time),
            ColumnValues::Integer(&synapses),
            ColumnValues::Integer(&pre),
            ColumnValues::Integer(&post),
            ColumnValues::Float(values),
        ];
        let result = self.store.append(*table, &columns);
        self.keep(result);
    }

    fn count(&mut self, watch: usize, step: Step, spikes: u64) {
        if let Target::Count(series) = &self.targets[watch] {
            let result = self.store.sample(*series, step as f64 * self.dt_s, &[spikes as f64]);
            self.keep(result);
        }
        let Target::Rate { series, bin, neurons } = &self.targets[watch] else { return };
        // The last bin may be cut short by the end of the run.
        let steps = (*bin).min(self.steps.saturating_sub(step as u64)).max(1);
        let rate = spikes as f64 / (steps as f64 * self.dt_s * neurons);
        let result = self.store.sample(*series, step as f64 * self.dt_s, &[rate]);
        self.keep(result);
    }
}
