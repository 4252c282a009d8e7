//! Groups of neurons of a task, found in a circuit that has been drawn.

use plastica_engine::simulation::{Quantity, Simulation};
use plastica_programme::tasks::{GroupBy, Groups};

/// The neurons of each group, and the groups of each neuron.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members {
    /// Index of the population.
    pub population: usize,
    /// Ascending neurons of each group.
    pub neurons: Vec<Vec<u32>>,
    /// Groups of each neuron.
    groups: Vec<Vec<u32>>,
}

/// Why groups cannot be found, for a sentence that begins with the group's owner.
pub type Complaint = String;

impl Members {
    /// Sorts the neurons of a population into groups.
    ///
    /// # Errors
    /// There is no such population or variable, or a value that is no number of a group.
    pub fn find(groups: &Groups, simulation: &mut Simulation) -> Result<Members, Complaint> {
        let network = &simulation.circuit().network;
        let population = network.population(&groups.population).ok_or_else(|| format!("there is no population `{}`", groups.population))?;
        let size = network.populations[population].size;
        let mut values = |name: &String| -> Result<Vec<f64>, Complaint> {
            let values = simulation
                .read(&Quantity::Population(population, name.clone()))
                .ok_or_else(|| format!("population `{}` has no variable or parameter `{name}`", groups.population))?;
            Ok(if values.len() == 1 { vec![values[0]; size] } else { values })
        };
        let neurons: Vec<Vec<u32>> = match &groups.by {
            GroupBy::All => vec![(0..size as u32).collect()],
            GroupBy::Each => (0..size as u32).map(|n| vec![n]).collect(),
            GroupBy::Value(name) => by_value(name, &values(name)?)?,
            GroupBy::Members(names) => {
                let in_group = |values: Vec<f64>| (0..size as u32).filter(|n| values[*n as usize] != 0.0).collect();
                names.iter().map(|name| values(name).map(in_group)).collect::<Result<_, _>>()?
            }
        };
        let mut of = vec![Vec::new(); size];
        for (group, members) in neurons.iter().enumerate() {
            members.iter().for_each(|n| of[*n as usize].push(group as u32));
        }
        Ok(Members { population, neurons, groups: of })
    }

    /// Adds the spikes of a step to the counts of the groups.
    pub fn count(&self, spikes: &[u32], counts: &mut [u32]) {
        for neuron in spikes {
            for group in &self.groups[*neuron as usize] {
                counts[*group as usize] += 1;
            }
        }
    }

    /// Neurons in each group.
    pub fn sizes(&self) -> Vec<usize> {
        self.neurons.iter().map(Vec::len).collect()
    }

    /// The groups of a neuron.
    pub fn of(&self, neuron: u32) -> &[u32] {
        &self.groups[neuron as usize]
    }
}

/// Most groups that a variable may number, so that a stray value does not fill the memory.
const MOST: f64 = 100_000.0;

fn by_value(name: &str, values: &[f64]) -> Result<Vec<Vec<u32>>, Complaint> {
    let mut out: Vec<Vec<u32>> = Vec::new();
    for (neuron, value) in values.iter().enumerate() {
        if !(*value >= 0.0 && *value < MOST && value.fract() == 0.0) {
            return Err(format!("`{name}` numbers the groups from 0, but it is {value} in neuron {neuron}"));
        }
        let group = *value as usize;
        if out.len() <= group {
            out.resize(group + 1, Vec::new());
        }
        out[group].push(neuron as u32);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_numbers_the_groups() {
        assert_eq!(by_value("finger", &[0.0, 1.0, 0.0, 3.0]), Ok(vec![vec![0, 2], vec![1], vec![], vec![3]]));
        assert!(by_value("finger", &[0.5]).is_err());
        assert!(by_value("finger", &[-1.0]).is_err());
        assert!(by_value("finger", &[f64::NAN]).is_err());
    }

    #[test]
    fn a_neuron_in_two_groups_counts_in_both() {
        let members = Members { population: 0, neurons: vec![vec![0, 1], vec![1]], groups: vec![vec![0], vec![0, 1]] };
        let mut counts = vec![0; 2];
        members.count(&[0, 1], &mut counts);
        assert_eq!(counts, vec![2, 1]);
    }
}
