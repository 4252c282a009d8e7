//! The complete state of a run as named arrays in public order, whatever the number of parts.

use crate::backend::{Array, Pending, PopulationId, ProjectionId, Step};
use crate::plan::ProjectionDelays;
use crate::record::PartWatch;
use crate::simulation::{Checkpoint, RunError, Simulation, SynapseList};
use crate::step::Worker;

/// Takes the state.
pub fn save(simulation: &mut Simulation) -> Checkpoint {
    let circuit = simulation.workers[0].plan.circuit.clone();
    let mut arrays = Vec::new();
    for (k, (population, program)) in circuit.network.populations.iter().zip(&circuit.populations).enumerate() {
        let id = PopulationId(k);
        let name = |what: &str| format!("population.{}.{what}", population.name);
        let mut joined = |what: String, array: Array| {
            let values = simulation.workers.iter_mut().flat_map(|w| w.backend.read(array, w.now)).collect();
            arrays.push((what, values));
        };
        for s in 0..program.slots.len() as u32 {
            joined(name(&format!("slot{s}")), Array::Neurons(id, s));
        }
        joined(name("last_spike"), Array::LastSpike(id));
        joined(name("not_refractory"), Array::NotRefractory(id));
        arrays.push((name("count"), vec![simulation.workers.iter().map(|w| w.counts[k]).sum::<u64>() as f64]));
        let dead = simulation.dead(k);
        if !dead.is_empty() {
            arrays.push((name("dead"), dead.into_iter().map(f64::from).collect()));
        }
        let worker = &simulation.workers[0];
        let spikes = worker.recent[k].before(worker.now);
        arrays.push((name("recent_step"), spikes.iter().flat_map(|(step, n)| vec![*step as f64; n.len()]).collect()));
        arrays.push((name("recent_neuron"), spikes.iter().flat_map(|(_, n)| n.iter().map(|n| f64::from(*n))).collect()));
    }
    for (k, (projection, program)) in circuit.network.projections.iter().zip(&circuit.projections).enumerate() {
        let id = ProjectionId(k);
        let name = |what: &str| format!("projection.{}.{what}", projection.name);
        // Where synapses may come or go, or a lesion has taken some, a state says which there are.
        if simulation.can_rewire(k) || simulation.turnover(k) > 0 {
            let list = simulation.synapses(k);
            arrays.push((name("pre"), list.pre.iter().map(|x| f64::from(*x)).collect()));
            arrays.push((name("post"), list.post.iter().map(|x| f64::from(*x)).collect()));
            arrays.push((name("which"), list.which.iter().map(|x| f64::from(*x)).collect()));
            arrays.push((name("axonal"), list.axonal.iter().map(|x| f64::from(*x)).collect()));
            arrays.push((name("dendritic"), list.dendritic.iter().map(|x| f64::from(*x)).collect()));
            arrays.push((name("axonal_delays"), simulation.delays[k].axonal.iter().map(|x| f64::from(*x)).collect()));
            arrays.push((name("dendritic_delays"), simulation.delays[k].dendritic.iter().map(|x| f64::from(*x)).collect()));
            let turnover = simulation.workers.iter().map(|w| w.turnover[k]);
            arrays.push((name("turnover"), turnover.fold(vec![0.0; 2], |sum, t| vec![sum[0] + t.grown as f64, sum[1] + t.pruned as f64])));
        }
        let mut parts = |array: Array| simulation.workers.iter_mut().map(|w| w.backend.read(array, w.now)).collect::<Vec<_>>();
        let mut found = Vec::new();
        for s in 0..program.slots.len() as u32 {
            found.push((name(&format!("slot{s}")), parts(Array::Synapses(id, s))));
        }
        for s in 0..program.row_slots.len() as u32 {
            // Every part keeps the same rows.
            arrays.push((name(&format!("row{s}")), parts(Array::Rows(id, s)).swap_remove(0)));
        }
        for s in 0..program.column_slots.len() as u32 {
            arrays.push((name(&format!("column{s}")), parts(Array::Columns(id, s)).concat()));
        }
        arrays.extend(found.into_iter().map(|(name, parts)| (name, simulation.topology[k].look(&simulation.workers).join(&parts))));
        let mut pending: Vec<Pending> = simulation.workers.iter_mut().flat_map(|w| w.backend.pending(id, w.now)).collect();
        pending.sort_by_key(|p| (p.step, p.slot, p.neuron));
        arrays.push((name("pending_step"), pending.iter().map(|p| p.step as f64).collect()));
        arrays.push((name("pending_slot"), pending.iter().map(|p| f64::from(p.slot)).collect()));
        arrays.push((name("pending_neuron"), pending.iter().map(|p| f64::from(p.neuron)).collect()));
        arrays.push((name("pending_value"), pending.iter().map(|p| p.value).collect()));
        arrays.push((name("frozen"), vec![f64::from(u8::from(simulation.workers[0].frozen[k]))]));
    }
    for (input, enabled) in circuit.network.inputs.iter().zip(&simulation.workers[0].enabled) {
        arrays.push((format!("input.{}.enabled", input.name), vec![f64::from(u8::from(*enabled))]));
    }
    let step = simulation.now();
    let bins: Vec<(usize, Step, u64)> = (0..simulation.workers[0].watches.len()).filter_map(|w| open_bin(&simulation.workers, w)).collect();
    for (watch, from, count) in bins {
        arrays.push((format!("watch.{watch}.bin"), vec![from as f64, count as f64]));
    }
    for (which, list) in ["population", "projection"].into_iter().zip(simulation.scalars()) {
        arrays.extend(list.iter().enumerate().map(|(k, values)| (format!("{which}.{k}.shared"), values.clone())));
    }
    Checkpoint { step, arrays }
}

fn open_bin(workers: &[Worker], watch: usize) -> Option<(usize, Step, u64)> {
    let counts = workers.iter().filter_map(|w| if let PartWatch::Rate { from, count, .. } = &w.watches[watch] { Some((*from, *count)) } else { None });
    let counts: Vec<(Step, u64)> = counts.collect();
    Some((watch, counts.first()?.0, counts.iter().map(|c| c.1).sum()))
}

/// Goes on from a state.
pub fn restore(simulation: &mut Simulation, checkpoint: &Checkpoint) -> Result<(), RunError> {
    let circuit = simulation.workers[0].plan.circuit.clone();
    let find = |name: String| match checkpoint.arrays.iter().find(|(n, _)| *n == name) {
        Some((_, values)) => Ok(values),
        None => Err(RunError::OtherCircuit(format!("it has no `{name}`"))),
    };
    let sized = |name: String, size: usize| {
        let values = find(name.clone())?;
        if values.len() == size { Ok(values) } else { Err(RunError::OtherCircuit(format!("`{name}` has {} values, not {size}", values.len()))) }
    };
    let now = checkpoint.step;
    for worker in &mut simulation.workers {
        worker.start_at(now);
    }
    for k in 0..circuit.projections.len() {
        let name = |what: &str| format!("projection.{}.{what}", circuit.network.projections[k].name);
        if !simulation.can_rewire(k) && find(name("pre")).is_err() {
            continue;
        }
        let pre = find(name("pre"))?;
        let [post, which, axonal, dendritic] = ["post", "which", "axonal", "dendritic"].map(|what| sized(name(what), pre.len()));
        let steps = |list: &[f64]| list.iter().map(|x| *x as u32).collect::<Vec<u32>>();
        let list = SynapseList {
            pre: steps(pre),
            post: steps(post?),
            which: which?.iter().map(|x| *x as u16).collect(),
            axonal: steps(axonal?),
            dendritic: steps(dendritic?),
        };
        let delays = ProjectionDelays {
            axonal: find(name("axonal_delays"))?.iter().map(|x| *x as u32).collect(),
            dendritic: find(name("dendritic_delays"))?.iter().map(|x| *x as u32).collect(),
        };
        let turnover = sized(name("turnover"), 2)?;
        simulation.replace_synapses(k, &list, &delays)?;
        for (index, worker) in simulation.workers.iter_mut().enumerate() {
            let mine = |n: f64| if index == 0 { n as u64 } else { 0 };
            (worker.turnover[k].grown, worker.turnover[k].pruned) = (mine(turnover[0]), mine(turnover[1]));
        }
    }
    for (k, (population, program)) in circuit.network.populations.iter().zip(&circuit.populations).enumerate() {
        let id = PopulationId(k);
        let name = |what: &str| format!("population.{}.{what}", population.name);
        let shared = sized(format!("population.{k}.shared"), program.shared.len())?.clone();
        simulation.scalars()[0][k] = shared.clone();
        let dead: Vec<u32> = find(name("dead")).map_or_else(|_| Vec::new(), |list| list.iter().map(|n| *n as u32).collect());
        if dead.iter().any(|n| *n as usize >= population.size) {
            return Err(RunError::OtherCircuit(format!("`{}` names neurons that there are not", name("dead"))));
        }
        simulation.set_dead(k, &dead);
        let neurons = if population.model().is_some() { population.size } else { 0 };
        for (index, worker) in simulation.workers.iter_mut().enumerate() {
            let owned = worker.part.range(population.size);
            worker.backend.write(Array::PopulationShared(id), &shared, now);
            for s in 0..program.slots.len() as u32 {
                worker.backend.write(Array::Neurons(id, s), &sized(name(&format!("slot{s}")), population.size)?[owned.clone()], now);
            }
            if neurons > 0 {
                worker.backend.write(Array::LastSpike(id), &sized(name("last_spike"), population.size)?[owned.clone()], now);
                worker.backend.write(Array::NotRefractory(id), &sized(name("not_refractory"), population.size)?[owned.clone()], now);
            }
            worker.counts[k] = if index == 0 { sized(name("count"), 1)?[0] as u64 } else { 0 };
            for (step, neuron) in find(name("recent_step"))?.iter().zip(find(name("recent_neuron"))?) {
                worker.recent[k].add(*step as Step, &[*neuron as u32]);
                if owned.contains(&(*neuron as usize)) {
                    worker.own[k].add(*step as Step, &[*neuron as u32]);
                }
            }
        }
    }
    for (k, (projection, program)) in circuit.network.projections.iter().zip(&circuit.projections).enumerate() {
        let id = ProjectionId(k);
        let name = |what: &str| format!("projection.{}.{what}", projection.name);
        let sizes = (circuit.network.populations[projection.pre].size, circuit.network.populations[projection.post].size);
        let shared = sized(format!("projection.{k}.shared"), program.shared.len())?.clone();
        simulation.scalars()[1][k] = shared.clone();
        let mut slots = Vec::new();
        for s in 0..program.slots.len() as u32 {
            slots.push(simulation.topology[k].look(&simulation.workers).split(sized(name(&format!("slot{s}")), simulation.topology[k].total())?));
        }
        let [steps, which, neurons, values] = ["pending_step", "pending_slot", "pending_neuron", "pending_value"].map(|what| find(name(what)));
        let pending: Vec<Pending> = steps?
            .iter()
            .zip(which?)
            .zip(neurons?.iter().zip(values?))
            .map(|((step, slot), (neuron, value))| Pending { step: *step as Step, slot: *slot as u32, neuron: *neuron as u32, value: *value })
            .collect();
        for (index, worker) in simulation.workers.iter_mut().enumerate() {
            let owned = worker.part.range(sizes.1);
            worker.backend.write(Array::ProjectionShared(id), &shared, now);
            for (s, parts) in slots.iter().enumerate() {
                worker.backend.write(Array::Synapses(id, s as u32), &parts[index], now);
            }
            for s in 0..program.row_slots.len() as u32 {
                worker.backend.write(Array::Rows(id, s), sized(name(&format!("row{s}")), sizes.0)?, now);
            }
            for s in 0..program.column_slots.len() as u32 {
                worker.backend.write(Array::Columns(id, s), &sized(name(&format!("column{s}")), sizes.1)?[owned.clone()], now);
            }
            let mine: Vec<Pending> = pending.iter().copied().filter(|p| owned.contains(&(p.neuron as usize))).collect();
            worker.backend.set_pending(id, &mine, now);
            worker.frozen[k] = sized(name("frozen"), 1)?[0] != 0.0;
        }
    }
    for (k, input) in circuit.network.inputs.iter().enumerate() {
        let enabled = sized(format!("input.{}.enabled", input.name), 1)?[0] != 0.0;
        simulation.workers.iter_mut().for_each(|w| w.enabled[k] = enabled);
    }
    for watch in 0..simulation.workers[0].watches.len() {
        for (index, worker) in simulation.workers.iter_mut().enumerate() {
            if let PartWatch::Rate { from, count, .. } = &mut worker.watches[watch] {
                let bin = sized(format!("watch.{watch}.bin"), 2)?;
                (*from, *count) = (bin[0] as Step, if index == 0 { bin[1] as u64 } else { 0 });
            }
            if let PartWatch::Synapses { every: None, .. } = &worker.watches[watch] {
                let values = worker.values(watch);
                if let PartWatch::Synapses { last, .. } = &mut worker.watches[watch] {
                    *last = values;
                }
            }
        }
    }
    Ok(())
}
