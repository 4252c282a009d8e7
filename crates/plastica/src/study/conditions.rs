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
}

/// The parameters, gates and inputs of a circuit that states change.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    held: Vec<Held>,
    frozen: Vec<bool>,
    inputs: Vec<bool>,
}

/// What a state asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// Values in SI units.
    pub parameters: Vec<(Quantity, f64)>,
    /// Projections whose plasticity stops.
    pub frozen: Vec<usize>,
    /// Inputs that are off.
    pub off: Vec<usize>,
}

impl Conditions {
    /// The circuit as the file has it. `factors` are this subject's; `named` are all parameters that any state names.
    pub fn new(simulation: &mut Simulation, factors: &[(Quantity, f64)], named: &[Quantity]) -> Conditions {
        let (projections, inputs) = (simulation.circuit().network.projections.len(), simulation.circuit().network.inputs.len());
        let mut out = Conditions { held: Vec::new(), frozen: vec![false; projections], inputs: vec![true; inputs] };
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
            out.held.push(Held { what: what.clone(), default, factor, now: None });
        }
        out
    }

    /// Goes over to a state.
    pub fn go(&mut self, asked: &Asked, simulation: &mut Simulation) {
        for held in &mut self.held {
            let to = asked.parameters.iter().rev().find(|(what, _)| *what == held.what).map(|(_, value)| value * held.factor);
            if to == held.now {
                continue;
            }
            match to {
                Some(value) => simulation.write(&held.what, &[value]),
                None => simulation.write(&held.what, &held.default),
            };
            held.now = to;
        }
        for (projection, frozen) in self.frozen.iter_mut().enumerate() {
            let to = asked.frozen.contains(&projection);
            if *frozen != to {
                simulation.freeze(projection, to);
                *frozen = to;
            }
        }
        for (input, on) in self.inputs.iter_mut().enumerate() {
            let to = !asked.off.contains(&input);
            if *on != to {
                simulation.enable_input(input, to);
                *on = to;
            }
        }
    }

    /// From now on a parameter has another value wherever no state says otherwise.
    pub fn lasting(&mut self, what: &Quantity, value: f64, simulation: &mut Simulation) {
        if let Some(held) = self.held.iter_mut().find(|h| h.what == *what) {
            held.default = vec![value * held.factor];
            if held.now.is_none() {
                simulation.write(&held.what, &held.default);
            }
        }
    }
}
