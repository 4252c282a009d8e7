//! What a state asks of a circuit, and the least that must be done to go from one state to the next.
//!
//! A state is complete: what it does not name has the value of the file. Factors of a subject hold in every state.

use plastica_engine::simulation::{Quantity, Simulation};

/// A parameter that some state names, or that differs between subjects.
#[derive(Clone, Debug)]
struct Held {
    what: Quantity,
    /// Value of the file, factor included: one, or one for each element.
    default: Vec<f64>,
    /// Of this subject.
    factor: f64,
    /// What it is set to now; `None`: the default.
    now: Option<f64>,
    /// The default has changed since it was set.
    stale: bool,
}

/// The parameters, gates and inputs of a circuit that states change.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    held: Vec<Held>,
    frozen: Vec<Gate>,
    inputs: Vec<Gate>,
}

/// Something that is so or not: wherever no state says otherwise, and now.
#[derive(Clone, Copy, Debug)]
struct Gate {
    default: bool,
    now: bool,
    stale: bool,
}

impl Gate {
    /// What it must become, if that is a change.
    fn go(&mut self, asked: Option<bool>) -> Option<bool> {
        let to = asked.unwrap_or(self.default);
        let changed = to != self.now || self.stale;
        (self.now, self.stale) = (to, false);
        changed.then_some(to)
    }
}

/// What a state asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// Values in SI units.
    pub parameters: Vec<(Quantity, f64)>,
    /// Projections whose plasticity stops (true) or goes on.
    pub frozen: Vec<(usize, bool)>,
    /// Inputs that are on (true) or off.
    pub inputs: Vec<(usize, bool)>,
}

impl Conditions {
    /// The circuit as the file has it. `factors` are this subject's; `named` are all parameters that any state names.
    pub fn new(simulation: &mut Simulation, factors: &[(Quantity, f64)], named: &[Quantity]) -> Conditions {
        let (projections, inputs) = (simulation.circuit().network.projections.len(), simulation.circuit().network.inputs.len());
        let mut out = Conditions {
            held: Vec::new(),
            frozen: vec![Gate { default: false, now: false, stale: false }; projections],
            inputs: vec![Gate { default: true, now: true, stale: false }; inputs],
        };
        for what in factors.iter().map(|f| &f.0).chain(named) {
            if out.held.iter().any(|h| h.what == *what) {
                continue;
            }
            let factor: f64 = factors.iter().filter(|f| f.0 == *what).map(|f| f.1).product();
            let mut default = simulation.read(what).unwrap_or_default();
            if default.windows(2).all(|w| w[0] == w[1]) {
                default.truncate(1);
            }
            if factor != 1.0 {
                default.iter_mut().for_each(|x| *x *= factor);
                simulation.write(what, &default);
            }
            out.held.push(Held { what: what.clone(), default, factor, now: None, stale: false });
        }
        out
    }

    /// Goes over to a state.
    pub fn go(&mut self, asked: &Asked, simulation: &mut Simulation) {
        for held in &mut self.held {
            let to = asked.parameters.iter().rev().find(|(what, _)| *what == held.what).map(|(_, value)| value * held.factor);
            if to == held.now && !held.stale {
                continue;
            }
            match to {
                Some(value) => simulation.write(&held.what, &[value]),
                None => simulation.write(&held.what, &held.default),
            };
            (held.now, held.stale) = (to, false);
        }
        let of = |list: &[(usize, bool)], at: usize| list.iter().rev().find(|g| g.0 == at).map(|g| g.1);
        for (projection, gate) in self.frozen.iter_mut().enumerate() {
            if let Some(to) = gate.go(of(&asked.frozen, projection)) {
                simulation.freeze(projection, to);
            }
        }
        for (input, gate) in self.inputs.iter_mut().enumerate() {
            if let Some(to) = gate.go(of(&asked.inputs, input)) {
                simulation.enable_input(input, to);
            }
        }
    }

    /// Nothing is known of what is set, because the engine was given another state.
    pub fn all_stale(&mut self) {
        self.held.iter_mut().for_each(|h| h.stale = true);
        self.frozen.iter_mut().chain(&mut self.inputs).for_each(|g| g.stale = true);
    }

    /// From now on the circuit is so wherever no state says otherwise; it takes effect with the next state.
    pub fn lasting(&mut self, asked: &Asked) {
        for (what, value) in &asked.parameters {
            if let Some(held) = self.held.iter_mut().find(|h| h.what == *what) {
                held.default = vec![value * held.factor];
                held.stale |= held.now.is_none();
            }
        }
        asked.frozen.iter().for_each(|(projection, to)| self.frozen[*projection].default = *to);
        asked.inputs.iter().for_each(|(input, to)| self.inputs[*input].default = *to);
    }
}

/// Conditions as a checkpoint keeps them.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct KeptConditions {
    held: Vec<(Vec<f64>, Option<f64>, bool)>,
    gates: [Vec<(bool, bool)>; 2],
}

impl Conditions {
    /// For a checkpoint; the engine keeps the values that are set.
    pub fn kept(&self) -> KeptConditions {
        let gates = |gates: &[Gate]| gates.iter().map(|g| (g.default, g.now)).collect();
        KeptConditions { held: self.held.iter().map(|h| (h.default.clone(), h.now, h.stale)).collect(), gates: [gates(&self.frozen), gates(&self.inputs)] }
    }

    /// Goes on from a checkpoint; `None` if it is of another study.
    pub fn go_on(&mut self, kept: KeptConditions) -> Option<()> {
        let fits = kept.held.len() == self.held.len() && kept.gates[0].len() == self.frozen.len() && kept.gates[1].len() == self.inputs.len();
        for (held, (default, now, stale)) in self.held.iter_mut().zip(kept.held).filter(|_| fits) {
            (held.default, held.now, held.stale) = (default, now, stale);
        }
        for (gates, kept) in [&mut self.frozen, &mut self.inputs].into_iter().zip(kept.gates).filter(|_| fits) {
            gates.iter_mut().zip(kept).for_each(|(gate, (default, now))| *gate = Gate { default, now, stale: false });
        }
        fits.then_some(())
    }
}
