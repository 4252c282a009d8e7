//! How spikes travel between the parts of a network. Threads exchange through shared memory; other carriers will implement the same trait.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

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
    meeting: Meeting,
}

/// Where parts wait for each other.
///
/// Parts do nearly equal work and meet every few microseconds, in which a thread can hardly be put to sleep and woken:
/// they look again and again for a while, and sleep only if another is late.
struct Meeting {
    parts: usize,
    arrived: AtomicUsize,
    /// How often all have met.
    met: AtomicUsize,
    sleep: Mutex<()>,
    bell: Condvar,
}

/// So often a part looks before it sleeps: some tens of microseconds.
const LOOKS: usize = 1000;

impl Meeting {
    fn new(parts: usize) -> Meeting {
        Meeting { parts, arrived: AtomicUsize::new(0), met: AtomicUsize::new(0), sleep: Mutex::new(()), bell: Condvar::new() }
    }

    /// Returns when all parts have called it; what each wrote before is seen by all after.
    fn wait(&self) {
        // Nobody can finish this meeting before this part has arrived.
        let met = self.met.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.parts {
            self.arrived.store(0, Ordering::Relaxed);
            // Under the lock, so that a part that is about to sleep does not miss the bell.
            let awake = self.sleep.lock();
            self.met.store(met.wrapping_add(1), Ordering::Release);
            drop(awake);
            self.bell.notify_all();
            return;
        }
        for _ in 0..LOOKS {
            if self.met.load(Ordering::Acquire) != met {
                return;
            }
            std::hint::spin_loop();
        }
        let mut awake = self.sleep.lock().expect("no part has panicked");
        while self.met.load(Ordering::Acquire) == met {
            awake = self.bell.wait(awake).expect("no part has panicked");
        }
    }
}

impl Threads {
    /// The ends of an exchange between so many parts.
    pub fn new(parts: usize) -> Vec<Threads> {
        let table = Arc::new(Table { packets: [Mutex::new(vec![None; parts]), Mutex::new(vec![None; parts])], meeting: Meeting::new(parts) });
        (0..parts).map(|index| Threads { index, table: table.clone(), round: 0 }).collect()
    }
}

impl Exchange for Threads {
    fn exchange(&mut self, own: Packet) -> Vec<Arc<Packet>> {
        let round = &self.table.packets[self.round % 2];
        self.round += 1;
        // A poisoned lock means that another part has panicked; this one must then stop too.
        round.lock().expect("no part has panicked")[self.index] = Some(Arc::new(own));
        self.table.meeting.wait();
        let packets = round.lock().expect("no part has panicked");
        packets.iter().flatten().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_see_each_round_of_all() {
        const PARTS: usize = 4;
        std::thread::scope(|scope| {
            for (index, mut end) in Threads::new(PARTS).into_iter().enumerate() {
                scope.spawn(move || {
                    for round in 0..300 {
                        // One part is late now and then, so that the others sleep.
                        if index == round % 50 {
                            std::thread::sleep(std::time::Duration::from_millis(1));
                        }
                        let own = Packet { spikes: vec![vec![(round as Step, vec![index as u32])]], published: Vec::new() };
                        let seen: Vec<_> = end.exchange(own).iter().map(|p| p.spikes[0][0].clone()).collect();
                        let expected: Vec<_> = (0..PARTS).map(|part| (round as Step, vec![part as u32])).collect();
                        assert_eq!(seen, expected);
                    }
                });
            }
        });
    }
}
