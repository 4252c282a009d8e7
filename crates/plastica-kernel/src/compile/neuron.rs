//! A neuron model to a population program.

use plastica_lang::model::{Model, ValueType};

use super::{Faults, constant_places, declare, scene, wide_note};
use crate::integrate::System;
use crate::ir::{Kernel, Place, PopulationProgram, Refractory, Threshold, Value};
use crate::passes::{Passes, hoist_constants};
use crate::program::Arrays;
use crate::tape::Tape;
use crate::verify;

/// What a population says of its model.
#[derive(Clone, Debug, Default)]
pub struct NeuronBinding {
    /// Parameters that differ between neurons.
    pub varying: Vec<String>,
    /// Step in seconds.
    pub dt_s: f64,
}

/// Compiles a neuron model.
///
/// # Errors
/// A method that does not fit the equations.
pub fn compile_neuron(model: &Model, binding: &NeuronBinding, passes: Passes) -> Result<PopulationProgram, Faults> {
    let mut program = PopulationProgram { name: model.name.clone(), ..PopulationProgram::default() };
    let mut arrays = Arrays { slots: &mut program.slots, shared: &mut program.shared, setup: &mut program.setup };
    let own = declare(model, &binding.varying, &|_| false, binding.dt_s, &mut arrays);
    for v in model.variables.iter().filter(|v| v.flags.input && v.flags.unless_refractory) {
        if let Some(Place::Own(slot)) = own.get(&v.name) {
            program.gated_inputs.push(*slot);
        }
    }
    let is_constant = constant_places(model, &own);
    let scene = scene(model, own);
    let mut stream = 0;

    let system = System::of(model);
    if system.unknowns.is_empty() {
        program.method = "none".into();
        program.reason = "there are no differential equations".into();
    } else {
        let choice = system.choose().map_err(|d| vec![*d])?;
        program.method = choice.method.name().into();
        program.reason = choice.reason;
        let mut tape = Tape::new(&scene, &mut stream);
        system.advance(choice.method, &mut tape, &mut arrays, model.refractory.is_some());
        program.integrate = tape.finish("integrate");
    }
    if let Some(condition) = &model.threshold {
        let mut tape = Tape::new(&scene, &mut stream);
        let value = tape.expression(condition);
        let (kernel, condition) = tape.finish_value("threshold", value);
        program.threshold = Some(Threshold { kernel, condition });
    }
    let mut tape = Tape::new(&scene, &mut stream);
    for statement in &model.reset {
        tape.statement(statement);
    }
    program.reset = tape.finish("reset");
    if let Some(refractory) = &model.refractory {
        let mut tape = Tape::new(&scene, &mut stream);
        let value = tape.expression(refractory);
        let (kernel, value) = tape.finish_value("refractory", value);
        program.refractory =
            if refractory.value_type == ValueType::Boolean { Refractory::While { kernel, condition: value } } else { Refractory::Time { kernel, time: value } };
    }
    program.on_interval = super::intervals(model, &scene, &mut stream, binding.dt_s)?;
    program.views = super::views(model, &scene, &mut stream);
    if passes.hoist_constants {
        let mut hoist = |kernel: &mut Kernel, keep: &mut [Value]| hoist_constants(kernel, keep, &mut arrays, &is_constant);
        hoist(&mut program.integrate, &mut []);
        hoist(&mut program.reset, &mut []);
        program.on_interval.iter_mut().for_each(|(_, k)| hoist(k, &mut []));
        if let Some(t) = &mut program.threshold {
            let mut keep = [t.condition];
            hoist(&mut t.kernel, &mut keep);
            t.condition = keep[0];
        }
        if let Refractory::Time { kernel, time: value } | Refractory::While { kernel, condition: value } = &mut program.refractory {
            let mut keep = [*value];
            hoist(kernel, &mut keep);
            *value = keep[0];
        }
    }
    if let Some(note) = wide_note(model, &program.slots) {
        program.reason = format!("{}; {note}", program.reason);
    }
    verify::population(&program);
    Ok(program)
}
