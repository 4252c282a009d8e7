//! How spikes travel between the parts of a network. Threads exchange through shared memory; other carriers will implement the same trait.

use std::sync::{Arc, Barrier, Mutex};

use crate::backend::Step;

/// What a part tells the others at the end of an epoch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Packet {
    /// For each population, the spikes of the part's own neurons: step, neurons (ascending). Steps in order, those without spikes left out.
    pub spikes: Vec<Vec<(Step, Vec<u32>)>>,
    /// Values that synapses of other parts read: population, slot, first neuron, values.
    pub published: Vec<(usize, u32, usize, Vec<f64>)>,
}

/// Brings every part's packet to all parts.
pub trait Exchange: Send {
    /// Gives this part's packet and returns those of all parts, in their order. Every part calls it at the same step.
    fn exchange(&mut self, own: Packet) -> Vec<Arc<Packet>>;
}

/// A single part: nobody to talk to.
pub struct Alone;

impl Exchange for Alone {
    fn exchange(&mut self, own: Packet) -> Vec<Arc<Packet>> {
        vec![Arc::new(own)]
    }
}

/// Parts that are threads of one process.
pub struct Threads {
    index: usize,
    table: Arc<Table>,
    round: usize,
}

struct Table {
    /// Two rounds take turns: a part may be a round ahead of one that is still reading.
    packets: [Mutex<Vec<Option<Arc<Packet>>>>; 2],
    barrier: Barrier,
}

impl Threads {
    /// The ends of an exchange between so many parts.
    pub fn new(parts: usize) -> Vec<Threads> {
        let table = Arc::new(Table { packets: [Mutex::new(vec![None; parts]), Mutex::new(vec![None; parts])], barrier: Barrier::new(parts) });
        (0..parts).map(|index| Threads { index, table: table.clone(), round: 0 }).collect()
    }
}

impl Exchange for Threads {
    fn exchange(&mut self, own: Packet) -> Vec<Arc<Packet>> {
        let round = &self.table.packets[self.round % 2];
        self.round += 1;
        // A poisoned lock means that another part has panicked; this one must then stop too.
        round.lock().expect("no part has panicked")[self.index] = Some(Arc::new(own));
        self.table.barrier.wait();
        let packets = round.lock().expect("no part has panicked");
        packets.iter().flatten().cloned().collect()
    }
}
