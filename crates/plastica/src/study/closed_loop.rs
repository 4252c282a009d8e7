//! A task bound to a drawn circuit: its groups are neurons, what it sets becomes values of the engine.

use plastica_engine::simulation::{Quantity, Simulation};
use plastica_programme::tasks::{Hands, Setting, Task, Trial};

use super::groups::{Complaint, Members};

/// A task and the neurons that it reads and drives.
pub struct ClosedLoop {
    /// The state machine.
    pub task: Box<dyn Task>,
    reads: Vec<Members>,
    drives: Vec<Driven>,
    /// Spikes of the last step, `[read][group]`.
    seen: Vec<Vec<u32>>,
    hands: Hands,
    /// Populations whose spikes are read, each once.
    populations: Vec<usize>,
}

/// A variable of a population, as a task has set it.
struct Driven {
    members: Members,
    what: Quantity,
    values: Vec<f64>,
    /// What each group is set to.
    groups: Vec<f64>,
    changed: bool,
}

impl Driven {
    /// A neuron in several groups gets the sum. Groups that the circuit does not have are passed over.
    fn set(&mut self, group: usize, value: f64) {
        if group >= self.groups.len() {
            return;
        }
        let before = std::mem::replace(&mut self.groups[group], value);
        if before == value {
            return;
        }
        self.changed = true;
        for neuron in &self.members.neurons[group] {
            self.values[*neuron as usize] = self.members.of(*neuron).iter().map(|g| self.groups[*g as usize]).sum();
        }
    }
}

impl ClosedLoop {
    /// Binds a task.
    ///
    /// # Errors
    /// A group or variable that does not exist, in words.
    pub fn bind(task: Box<dyn Task>, simulation: &mut Simulation) -> Result<ClosedLoop, Complaint> {
        let mut reads = Vec::new();
        for groups in task.reads() {
            let members = Members::find(groups, simulation)?;
            enough(&groups.population, members.neurons.len(), groups.at_least)?;
            reads.push(members);
        }
        let mut drives = Vec::new();
        for drive in task.drives() {
            let members = Members::find(&drive.groups, simulation)?;
            enough(&drive.groups.population, members.neurons.len(), drive.groups.at_least)?;
            let what = Quantity::Population(members.population, drive.variable.clone());
            let size = simulation.circuit().network.populations[members.population].size;
            let values = simulation.read(&what).ok_or_else(|| format!("population `{}` has no variable `{}`", drive.groups.population, drive.variable))?;
            if values.len() != size {
                return Err(format!("`{}` is shared by all neurons of `{}`; a task sets it for groups", drive.variable, drive.groups.population));
            }
            let groups = vec![0.0; members.neurons.len()];
            drives.push(Driven { members, what, values: vec![0.0; size], groups, changed: false });
        }
        let mut populations: Vec<usize> = reads.iter().map(|r| r.population).collect();
        populations.sort_unstable();
        populations.dedup();
        let seen = reads.iter().map(|r| vec![0; r.neurons.len()]).collect();
        Ok(ClosedLoop { task, reads, drives, seen, hands: Hands::default(), populations })
    }

    /// Neurons in each group that it reads.
    pub fn sizes(&self) -> Vec<Vec<usize>> {
        self.reads.iter().map(Members::sizes).collect()
    }

    /// A block begins.
    pub fn begin(&mut self, setting: Setting, simulation: &Simulation) {
        self.forget();
        self.task.begin(setting, simulation.now());
    }

    /// Before a step: what was seen goes to the task, what it does to the circuit. Calls `pulse` for modulators.
    pub fn step(&mut self, simulation: &mut Simulation, mut pulse: impl FnMut(&str, f64)) {
        self.hands.set.clear();
        self.hands.pulse.clear();
        self.task.step(simulation.now(), &self.seen, &mut self.hands);
        for (name, increment) in &self.hands.pulse {
            pulse(name, *increment);
        }
        self.act(simulation);
    }

    /// After a step: counts its spikes.
    pub fn look(&mut self, simulation: &Simulation) {
        self.forget();
        for population in &self.populations {
            let spikes = simulation.spiking(*population);
            if spikes.is_empty() {
                continue;
            }
            for (read, seen) in self.reads.iter().zip(&mut self.seen).filter(|(r, _)| r.population == *population) {
                read.count(&spikes, seen);
            }
        }
    }

    /// The block ends; the trials that were finished in it.
    pub fn end(&mut self, simulation: &mut Simulation) -> Vec<Trial> {
        self.hands.set.clear();
        self.hands.pulse.clear();
        self.task.end(simulation.now(), &mut self.hands);
        self.act(simulation);
        self.task.take_trials()
    }

    fn forget(&mut self) {
        self.seen.iter_mut().for_each(|counts| counts.fill(0));
    }

    fn act(&mut self, simulation: &mut Simulation) {
        if self.hands.set.is_empty() {
            return;
        }
        for (drive, group, value) in &self.hands.set {
            self.drives[*drive].set(*group, *value);
        }
        for driven in self.drives.iter_mut().filter(|d| d.changed) {
            simulation.write(&driven.what, &driven.values);
            driven.changed = false;
        }
    }
}

fn enough(population: &str, found: usize, at_least: usize) -> Result<(), Complaint> {
    if found >= at_least { Ok(()) } else { Err(format!("the task needs {at_least} groups of `{population}`, but there are {found}")) }
}
