//! What is the same for all parts of a running circuit: which delays there are, and how often parts must exchange.

use std::collections::BTreeSet;

use plastica_network::arrays::{Delays, Synapses};
use plastica_network::network::PopulationKind;

use crate::ahead::{LONGEST, may_be_sent};
use crate::backend::{InputId, Step};
use crate::circuit::Circuit;

/// Events of one projection along one pathway after one delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Index of the projection.
    pub projection: usize,
    /// Index in `on_pre` or `on_post`.
    pub pathway: usize,
    /// Delay of the synapses, in steps.
    pub delay: u32,
    /// Delay of synapses and pathway together.
    pub total: u64,
    /// Is there something to do after the events of the step?
    pub after: bool,
}

/// The plan of a run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The circuit.
    pub circuit: std::sync::Arc<Circuit>,
    /// The delays that it knows, for each projection.
    pub delays: Vec<ProjectionDelays>,
    /// Presynaptic events, in order.
    pub pre: Vec<Route>,
    /// Those that may be sent ahead, in the order of the spikes: the longest delay first.
    pub ahead: Vec<Route>,
    /// Their pathways: projection, pathway, its delay in steps.
    pub sent: Vec<(usize, usize, u32)>,
    /// Postsynaptic events, in order.
    pub post: Vec<Route>,
    /// Steps between two exchanges.
    pub epoch: Step,
    /// How many steps of spikes of all neurons are kept, for each population.
    pub depth: Vec<u64>,
    /// How many steps of a part's own spikes are kept, for each population.
    pub own_depth: Vec<u64>,
    /// Slots that synapses read of presynaptic neurons, for each population.
    pub published: Vec<Vec<u32>>,
    /// Do clock-driven equations or slow clocks read such slots?
    pub published_between: bool,
    /// Slots of presynaptic neurons that are read only when it is decided which synapses go, for each population.
    pub read_to_prune: Vec<Vec<u32>>,
    /// Slow clocks of neurons, in order of the populations.
    pub intervals: Vec<NeuronInterval>,
    /// For each input of the network, the slot that it sets if it is timed.
    pub timed: Vec<Option<u32>>,
}

/// A slow clock of the neurons of a population. A back end takes it as one more input, after those of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeuronInterval {
    /// Period in steps.
    pub every: u64,
    /// Handle of its statements.
    pub input: InputId,
}

impl Plan {
    /// Makes the plan from the synapses of all parts (for each part, those of each projection).
    pub fn new(circuit: std::sync::Arc<Circuit>, delays: &[ProjectionDelays]) -> Plan {
        let n = circuit.network.populations.len();
        let mut plan = Plan {
            pre: Vec::new(),
            ahead: Vec::new(),
            sent: Vec::new(),
            post: Vec::new(),
            epoch: Step::MAX,
            depth: vec![0; n],
            own_depth: vec![0; n],
            published: vec![Vec::new(); n],
            published_between: false,
            read_to_prune: vec![Vec::new(); n],
            intervals: intervals(&circuit),
            timed: timed(&circuit),
            delays: delays.to_vec(),
            circuit,
        };
        let circuit = plan.circuit.clone();
        for (k, (projection, program)) in circuit.network.projections.iter().zip(&circuit.projections).enumerate() {
            let steps = |s: f64| (s / circuit.network.dt_s).round() as u64;
            let longest = u64::from(delays[k].axonal.last().copied().unwrap_or(0)) + program.on_pre.iter().map(|e| steps(e.delay_s)).max().unwrap_or(0);
            let ahead = delays[k].axonal.len() > 1 && longest <= LONGEST && may_be_sent(&circuit, k);
            for (pathway, event) in program.on_pre.iter().enumerate() {
                if ahead {
                    plan.sent.push((k, pathway, steps(event.delay_s) as u32));
                }
                for delay in &delays[k].axonal {
                    let total = u64::from(*delay) + steps(event.delay_s);
                    let after = event.after.is_some() || event.after_side.is_some();
                    let routes = if ahead { &mut plan.ahead } else { &mut plan.pre };
                    routes.push(Route { projection: k, pathway, delay: *delay, total, after });
                    plan.depth[projection.pre] = plan.depth[projection.pre].max(total);
                    // Given spikes are known to all parts beforehand, but all spikes of a step are sent ahead together.
                    if ahead || !matches!(circuit.network.populations[projection.pre].kind, PopulationKind::Spikes(_)) {
                        plan.epoch = plan.epoch.min(total as Step + 1);
                    }
                }
            }
            for (pathway, event) in program.on_post.iter().enumerate() {
                for delay in &delays[k].dendritic {
                    let total = u64::from(*delay) + steps(event.delay_s);
                    let after = event.after.is_some() || event.after_side.is_some();
                    plan.post.push(Route { projection: k, pathway, delay: *delay, total, after });
                    plan.own_depth[projection.post] = plan.own_depth[projection.post].max(total);
                }
            }
            let (published, between) = crate::view::reads_of_pre(program);
            plan.published_between |= between;
            if !published.is_empty() {
                plan.epoch = 1;
            }
            plan.published[projection.pre].extend(published);
            plan.read_to_prune[projection.pre].extend(crate::view::conditions_read_of_pre(program));
        }
        for (depth, own) in plan.depth.iter_mut().zip(&plan.own_depth) {
            *depth = (*depth).max(*own);
        }
        for list in &mut plan.published {
            list.sort_unstable();
            list.dedup();
        }
        // The order among spikes of one step is that of the projections.
        plan.ahead.sort_by_key(|route| std::cmp::Reverse(route.total));
        // Long epochs gain nothing more, and hold back what is to be recorded.
        plan.epoch = plan.epoch.min(1000);
        plan
    }
}

fn intervals(circuit: &Circuit) -> Vec<NeuronInterval> {
    let first = circuit.inputs.len();
    let periods = circuit.populations.iter().flat_map(|program| &program.on_interval).map(|(every, _)| *every);
    periods.enumerate().map(|(k, every)| NeuronInterval { every, input: InputId(first + k) }).collect()
}

fn timed(circuit: &Circuit) -> Vec<Option<u32>> {
    let slot = |population: usize, name: &str| circuit.populations[population].slots.iter().position(|s| s.visible && s.name == name);
    let inputs = circuit.network.inputs.iter();
    inputs.map(|input| input.timed.as_ref().and_then(|timed| slot(input.population, &timed.variable)).map(|slot| slot as u32)).collect()
}

/// The delays of a projection's synapses, over all parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProjectionDelays {
    /// Axonal, in steps.
    pub axonal: BTreeSet<u32>,
    /// Dendritic, in steps.
    pub dendritic: BTreeSet<u32>,
}

impl ProjectionDelays {
    /// Takes in the synapses of a part.
    pub fn gather(&mut self, synapses: &Synapses) {
        for (delays, set) in [(&synapses.axonal, &mut self.axonal), (&synapses.dendritic, &mut self.dendritic)] {
            match delays {
                Delays::Same(d) => {
                    set.insert(*d);
                }
                Delays::Each(list) => set.extend(list),
            }
        }
    }
}
