//! Recent spikes of a population, kept as long as a delay may still need them.

use crate::backend::Step;

/// The spikes of the last steps.
#[derive(Clone, Debug, Default)]
pub struct Recent {
    /// Neurons (ascending) and their step, by step modulo the length, which is a power of two: several rings are asked in each step.
    ring: Vec<(Step, Vec<u32>)>,
    depth: Step,
}

impl Recent {
    /// Remembers `depth` steps back.
    pub fn new(depth: u64) -> Recent {
        Recent { ring: vec![(-1, Vec::new()); (depth as usize + 1).next_power_of_two()], depth: depth as Step }
    }

    fn place(&self, step: Step) -> usize {
        step as usize & (self.ring.len() - 1)
    }

    /// Adds spikes of a step (after those that are there).
    pub fn add(&mut self, step: Step, neurons: &[u32]) {
        let at = self.place(step);
        let (of, list) = &mut self.ring[at];
        if *of != step {
            *of = step;
            list.clear();
        }
        list.extend_from_slice(neurons);
    }

    /// The spikes of a step.
    pub fn at(&self, step: Step) -> &[u32] {
        let (of, list) = &self.ring[self.place(step)];
        if *of == step { list } else { &[] }
    }

    /// All that is remembered at the start of a step: steps before it, in order, that have spikes.
    pub fn before(&self, now: Step) -> Vec<(Step, Vec<u32>)> {
        let mut out: Vec<_> =
            self.ring.iter().filter(|(step, list)| *step >= 0 && *step < now && now - *step <= self.depth + 1 && !list.is_empty()).cloned().collect();
        out.sort();
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_spikes_are_forgotten_and_recent_ones_are_not() {
        let mut recent = Recent::new(2);
        recent.add(5, &[1]);
        recent.add(5, &[3]);
        recent.add(7, &[2]);
        assert_eq!((recent.at(5), recent.at(6), recent.at(7)), (&[1, 3][..], &[][..], &[2][..]));
        recent.add(9, &[9]);
        assert!(recent.at(5).is_empty());
        assert_eq!(recent.before(9), [(7, vec![2])]);
        recent.add(10, &[4]);
        assert_eq!(recent.before(11), [(9, vec![9]), (10, vec![4])]);
    }
}
