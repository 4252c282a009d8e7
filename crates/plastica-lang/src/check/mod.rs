//! Trees to checked models: every name resolved, every dimension checked, all faults reported at once.

mod declare;
mod events;
mod expression;
mod file;
mod model;
mod rules;
mod statements;
mod structure;

pub use expression::{check_expression, check_quantity, check_value};
pub use file::check_file;
pub use model::check_model;
pub use rules::{warn_of_wrong_time, wrong_times};
pub use statements::check_statements;

use crate::model::{Builtin, Model, Role, Scope, ValueType};
use crate::units::Dimension;

/// What a name stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Whose variable.
    pub scope: Scope,
    /// Name without `_pre` or `_post`.
    pub name: String,
    /// Dimension; `None` where it is not known (a neuron that is not bound yet).
    pub dimension: Option<Dimension>,
    /// Type.
    pub value_type: ValueType,
    /// May statements assign to it?
    pub writable: bool,
}

/// The names that an expression may use, besides builtins, functions and units.
pub trait Names {
    /// What a name stands for.
    fn find(&self, name: &str) -> Option<Known>;
    /// All names, to find the nearest to a mistyped one.
    fn all(&self) -> Vec<String>;
    /// A name that means something elsewhere but must not stand here: why, and the repair.
    fn refuses(&self, _name: &str) -> Option<(&'static str, String)> {
        None
    }
    /// The repair of a name that is not known and near to none.
    fn unknown(&self, name: &str) -> String {
        format!("declare it in `equations`, or give it a value in `parameters = {{ {name} = ... }}`")
    }
}

/// Knows no names: for constants.
pub struct NoNames;

impl Names for NoNames {
    fn find(&self, _: &str) -> Option<Known> {
        None
    }

    fn all(&self) -> Vec<String> {
        Vec::new()
    }

    fn unknown(&self, _: &str) -> String {
        "a constant is a number with its unit, such as \"10 ms\"; names of variables and parameters have no value here".into()
    }
}

/// Variables and parameters of a neuron model.
pub struct NeuronNames<'a>(pub &'a Model);

impl Names for NeuronNames<'_> {
    fn find(&self, name: &str) -> Option<Known> {
        of_model(self.0, Scope::Own, name)
    }

    fn all(&self) -> Vec<String> {
        names_of(self.0)
    }
}

/// A variable or parameter of a model.
pub fn of_model(model: &Model, scope: Scope, name: &str) -> Option<Known> {
    if let Some(v) = model.variables.iter().find(|v| v.name == name) {
        let writable = !v.flags.constant && !v.flags.shared && !matches!(v.role, Role::Subexpression(_));
        return Some(Known { scope, name: name.into(), dimension: Some(v.dimension), value_type: v.value_type, writable });
    }
    let p = model.parameters.iter().find(|p| p.name == name)?;
    Some(Known { scope, name: name.into(), dimension: Some(p.dimension), value_type: ValueType::Real, writable: false })
}

fn names_of(model: &Model) -> Vec<String> {
    model.variables.iter().map(|v| v.name.clone()).chain(model.parameters.iter().map(|p| p.name.clone())).collect()
}

/// The engine's own quantities by name.
pub fn builtin(name: &str) -> Option<(Builtin, Dimension, ValueType)> {
    Some(match name {
        "t" => (Builtin::T, Dimension::SECOND, ValueType::Real),
        "dt" => (Builtin::Dt, Dimension::SECOND, ValueType::Real),
        "i" => (Builtin::I, Dimension::NONE, ValueType::Integer),
        "j" => (Builtin::J, Dimension::NONE, ValueType::Integer),
        "N" => (Builtin::N, Dimension::NONE, ValueType::Integer),
        "lastspike" | "lastspike_post" => (Builtin::LastSpike, Dimension::SECOND, ValueType::Real),
        "not_refractory" | "not_refractory_post" => (Builtin::NotRefractory, Dimension::NONE, ValueType::Boolean),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ModelKind;
    use crate::source::{Diagnostic, Sources, ValueKind, parse_toml};

    fn check(toml: &str) -> (Option<Model>, Vec<Diagnostic>, Sources) {
        let mut sources = Sources::default();
        let id = sources.add("model.toml", toml);
        let mut diagnostics = Vec::new();
        let table = parse_toml(&sources, id, &mut diagnostics);
        let mut model = None;
        for (kind, word) in [(ModelKind::Neuron, "neuron"), (ModelKind::Synapse, "synapse")] {
            if let Some(models) = table.table(word, &mut diagnostics) {
                for (key, value) in &models.entries {
                    let ValueKind::Table(t) = &value.kind else { panic!() };
                    model = check_model(kind, key, t, None, None, &mut diagnostics);
                }
            }
        }
        (model, diagnostics, sources)
    }

    fn check_faults(toml: &str, ids: &[&str]) {
        let (model, diagnostics, sources) = check(toml);
        let found: Vec<&str> = diagnostics.iter().map(|d| d.id).collect();
        assert_eq!(found, ids, "{}", crate::source::render(&sources, &diagnostics, false));
        assert_eq!(model.is_none(), diagnostics.iter().any(Diagnostic::is_error));
        assert!(diagnostics.iter().all(|d| d.help.is_some()), "each diagnostic names a repair");
    }

    const LIF: &str = r#"
[neuron.lif]
equations = """
dv/dt = (v_rest - v + r_m*I)/tau_m : volt (unless refractory)
dI/dt = -I/tau_syn + sigma*xi*tau_syn**-0.5 : amp
"""
threshold = "v > v_th"
reset = "v = v_rest; I += 1 pA"
refractory = "5 ms"
parameters = { v_rest = "-60 mV", tau_m = "20 ms", tau_syn = "5 ms", r_m = "100 Mohm", v_th = "-50 mV", sigma = "1 pA" }
"#;

    #[test]
    fn a_good_neuron_has_no_diagnostics() {
        check_faults(LIF, &[]);
        let model = check(LIF).0.unwrap();
        assert_eq!(model.parameters[0].value, -60.0 * 1e-3);
        assert!(model.variables[0].flags.unless_refractory);
    }

    #[test]
    fn every_fault_is_found_at_once() {
        check_faults(
            &LIF.replace("/tau_m", "").replace("v > v_th", "v").replace("I += 1 pA", "I += 1 mV"),
            &["unit-mismatch", "type-mismatch", "unit-mismatch", "unused-parameter", "unused-parameter"],
        );
        check_faults(&LIF.replace("- v +", "- u +"), &["unknown-name"]);
        check_faults(&LIF.replace("-I/tau_syn", "-I/tau_sin"), &["unknown-name"]);
        check_faults(&LIF.replace("reset =", "rest ="), &["unknown-key"]);
        check_faults(&LIF.replace("refractory = \"5 ms\"", "refractory = \"5 mV\""), &["unit-mismatch"]);
        check_faults(&LIF.replace(": amp", ": ampp"), &["unknown-unit"]);
    }

    #[test]
    fn a_zero_with_a_unit_has_that_unit() {
        let zero = LIF.replace("\"-60 mV\"", "\"0 mV\"");
        check_faults(&zero, &[]);
        assert_eq!(check(&zero).0.unwrap().parameters[0].dimension, crate::units::unit("volt").unwrap().1);
        check_faults(&LIF.replace("\"-60 mV\"", "\"0*pA\"").replace("v = v_rest; ", ""), &["unit-mismatch"]);
    }

    #[test]
    fn subexpressions_must_not_be_cyclic() {
        check_faults("[neuron.a]\nequations = '''\nx = y + 1 : 1\ny = z : 1\nz = x : 1\n'''", &["cyclic-subexpressions"]);
        check_faults("[neuron.a]\nequations = '''\nx = y + 1 : 1\ny = z : 1\nz : 1\n'''", &[]);
    }

    #[test]
    fn a_synapse_reads_both_sides() {
        let text = r#"
[synapse.s]
equations = """
w : 1
dr1/dt = -r1/tau_plus  : 1 (event-driven)
do1/dt = -o1/tau_plus : 1 (event-driven)
"""
on_pre.now = "v_post += w*g; r1 += 1; w = clip(w - A*o1, 0, w_max)"
on_pre.later = { delay = "2 ms", do = "c = r1*w; w += c" }
on_post = "w = clip(w + r1*A, 0, w_max); o1 += 1"
on_interval = { every = "1 s", do = "w *= 0.9" }
parameters = { tau_plus = "16.8 ms", A = 0.1, w_max = 1, g = "1 mV" }
"#;
        check_faults(text, &[]);
        let model = check(text).0.unwrap();
        assert_eq!((model.on_pre.len(), model.on_pre[1].delay_s, model.on_pre[1].statements[0].scope), (2, 0.002, Scope::Local));
        check_faults(&text.replace("o1 += 1\"", "o2 += 1; A = 3; v_pre += 1; x = 4\""), &["unknown-name", "not-writable", "not-writable", "unknown-name"]);
        check_faults(&text.replace("\"2 ms\"", "\"-2 ms\""), &["negative-delay"]);
        // A variable of the neuron without its ending.
        let (_, diagnostics, _) = check(&text.replace("v_post += w*g", "I_syn += w*g"));
        assert!(diagnostics.iter().any(|d| d.help.as_ref().is_some_and(|h| h.contains("`I_syn_post`"))), "{diagnostics:?}");
    }
}
