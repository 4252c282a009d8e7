//! Modulators: shared values of models that a programme sets in mid-run, and what a changed constant means for traces that decay in closed form.

use plastica_kernel::ir::{Kernel, Op, Place, Slot, View};

use crate::backend::{Array, PopulationId, ProjectionId};
use crate::simulation::{Quantity, Simulation};
use crate::step::Worker;
use crate::view;

impl Simulation {
    /// Names of all modulators that populations and projections read, in the order of the network.
    pub fn modulators(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (_, name) in self.readers() {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Sets a modulator wherever it is read. Derived values follow; a trace whose decay hangs on it has decayed as before until now.
    ///
    /// Returns how many populations and projections read it.
    pub fn set_modulator(&mut self, name: &str, value: f64) -> usize {
        let readers: Vec<Quantity> = self.readers().into_iter().filter(|(_, n)| n == name).map(|(quantity, _)| quantity).collect();
        for quantity in &readers {
            // Most changes of state leave most modulators as they are.
            if self.read(quantity).is_none_or(|old| old[0].to_bits() != value.to_bits()) {
                self.write(quantity, &[value]);
            }
        }
        readers.len()
    }

    /// The value of a modulator where it is read first; `None` if nothing reads it.
    pub fn modulator(&mut self, name: &str) -> Option<f64> {
        let (quantity, _) = self.readers().into_iter().find(|(_, n)| n == name)?;
        self.read(&quantity).map(|values| values[0])
    }

    fn readers(&self) -> Vec<(Quantity, String)> {
        let network = &self.circuit().network;
        let populations = network.populations.iter().enumerate().flat_map(|(k, p)| {
            let variables = p.model().into_iter().flat_map(|m| &m.variables).filter(|v| v.flags.modulator);
            variables.map(move |v| (Quantity::Population(k, v.name.clone()), v.name.clone()))
        });
        let projections =
            network.projections.iter().enumerate().flat_map(|(k, p)| {
                p.model.variables.iter().filter(|v| v.flags.modulator).map(move |v| (Quantity::Projection(k, v.name.clone()), v.name.clone()))
            });
        populations.chain(projections).collect()
    }

    /// Lets the traces whose decay hangs on a constant begin anew from their present values: it is about to change, and a decay is
    /// computed from a trace's last event with one constant.
    pub(crate) fn settle(&mut self, projection: usize, constant: Place) {
        let circuit = self.plan.circuit.clone();
        let program = &circuit.projections[projection];
        let hangs = |slots: &[Slot], k: usize| {
            let slot = &slots[k];
            let is_trace = slots.get(k + 1).is_some_and(|next| next.name == format!("last event of {}", slot.name));
            program.views.iter().find(|v| is_trace && v.name == slot.name && reads(&v.kernel, constant))
        };
        for (slots, home) in [(&program.slots, Home::Synapse), (&program.row_slots, Home::Row), (&program.column_slots, Home::Column)] {
            for k in 0..slots.len() {
                let Some(view) = hangs(slots, k) else { continue };
                for index in 0..self.workers.len() {
                    let (pre, post) = match home {
                        Home::Synapse => {
                            let topology = self.topology[projection].look(&self.workers);
                            topology.ends(index, &(0..topology.len(index) as u32).collect::<Vec<_>>())
                        }
                        _ => (Vec::new(), Vec::new()),
                    };
                    settle_part(&mut self.workers[index], projection, (home, k as u32), view, (pre, post));
                }
            }
        }
    }
}

/// Where traces are kept.
#[derive(Clone, Copy)]
enum Home {
    Synapse,
    Row,
    Column,
}

fn reads(kernel: &Kernel, place: Place) -> bool {
    kernel.ops.contains(&Op::Load(place))
}

/// Writes the present values of one trace of a part, and that they are of now.
fn settle_part(worker: &mut Worker, projection: usize, (home, slot): (Home, u32), view: &View, ends: (Vec<u32>, Vec<u32>)) {
    let plan = worker.plan.clone();
    let network = &plan.circuit.network;
    let sides = &network.projections[projection];
    let owned = worker.part.range(network.populations[sides.post].size);
    let id = ProjectionId(projection);
    let now = worker.now;
    let arrays = |k| match home {
        Home::Synapse => Array::Synapses(id, k),
        Home::Row => Array::Rows(id, k),
        Home::Column => Array::Columns(id, k),
    };
    let n = worker.backend.read(arrays(slot), now).len();
    let list: Vec<u32> = (0..n as u32).collect();
    // What all synapses of a neuron share hangs on that neuron alone, so that the other side does not matter.
    let (pre, post) = match home {
        Home::Synapse => ends,
        Home::Row => (list.clone(), vec![owned.start as u32; n]),
        Home::Column => (vec![0; n], owned.clone().map(|j| j as u32).collect()),
    };
    let neurons =
        |k: usize| view::Neurons { id: PopulationId(k), first: worker.part.range(network.populations[k].size).start, size: network.populations[k].size };
    let of = view::Synapses { id, list: &list, pre: &pre, post: &post, pre_neurons: neurons(sides.pre), post_neurons: neurons(sides.post) };
    let values = view::synapses(&mut view::Look { backend: &mut *worker.backend, now, dt_s: network.dt_s }, &of, view);
    worker.backend.write(arrays(slot), &values, now);
    worker.backend.write(arrays(slot + 1), &vec![now as f64; n], now);
}
