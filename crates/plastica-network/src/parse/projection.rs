//! `[projection.NAME]`: synapses from one population to another.

use std::sync::Arc;

use plastica_lang::model::{AssignOp, Builtin, Expr, ExprKind, Model, Role, Scope, ValueType};
use plastica_lang::source::{Diagnostic, Key, Span, Table};

use super::connect::Around;
use super::delay;
use super::files::{Columns, all_finite};
use super::population::{override_constants, warn_of_overrides};
use super::values::{Owner, ValueReader};
use super::{Named, Parser, did_you_mean};
use crate::connect::Ends;
use crate::elements::visit;
use crate::network::{InitialValue, Population, Projection};

const KEYS: [&str; 13] =
    ["doc", "pre", "post", "synapse", "connect", "autapses", "multapses", "delay", "axonal_delay", "dendritic_delay", "parameters", "initial", "degrees"];

impl Parser<'_> {
    /// Reads a projection; `None` if there were errors in it.
    pub(super) fn projection(&mut self, key: &Key, table: &Table, populations: &[Named<'_>]) -> Option<Projection> {
        let what = format!("projection `{}`", key.name);
        table.known_keys(&what, &KEYS, self.diagnostics);
        table.text("doc", self.diagnostics);
        let (pre, post) = (self.find(table, &what, "pre", populations), self.find(table, &what, "post", populations));
        let synapse = table.required_text(&what, "synapse", self.diagnostics);
        let (autapses, multapses) =
            (table.boolean("autapses", self.diagnostics).unwrap_or(false), table.boolean("multapses", self.diagnostics).unwrap_or(false));
        if table.get("connect").is_none() {
            let fault = Diagnostic::error("missing-key", key.span, format!("{what} has no `connect`"));
            self.diagnostics.push(fault.help("add a line: connect = \"all_to_all\", or { rule = \"probability\", p = 0.1 }"));
        }
        // A population with faults of its own has been reported; what could be said of its synapses would only repeat that.
        let ((pre_index, pre), (post_index, post)) = (pre?, post?);
        let (pre, post) = (pre?, post?);
        let model = self.models.synapse(synapse?, pre, post, self.diagnostics);
        let columns = self.list_file(table);
        let mut reader = ValueReader::new(what.clone(), Owner::Projection, self.dt_s, self.files);
        if let Some((model, _)) = &model {
            reader.add_model(model);
        }
        reader.names.add_ends(pre, post);
        let values = model.map(|(mut model, model_table)| {
            self.both_ends_exist(&mut model, pre, post, table);
            let from_list = columns.as_ref().map_or_else(Default::default, |c| self.value_columns(c, &mut reader, &model, table));
            let (parameters, defaults, initial) = reader.all(table, &model_table, &model, self.diagnostics);
            let parameters: Values = from_list.0.into_iter().chain(parameters).collect();
            override_constants(&mut model, &parameters);
            warn_of_overrides(&model, table, self.diagnostics);
            (model, parameters, defaults, from_list.1.into_iter().chain(initial).collect())
        });
        let ends = Ends { n_pre: pre.size, n_post: post.size, recurrent: pre_index == post_index, autapses, multapses };
        let around = Around { what: &what, ends, pre, post, values: &reader, columns: columns.as_ref() };
        let connect = self.connect(table, &around);
        let delays = self.delays(key, table, &reader, columns.as_ref());
        let ((model, parameters, defaults, initial), (axonal, dendritic)) = (values?, delays?);
        self.dendritic_writes(&model, &dendritic);
        let all = parameters.iter().chain(&defaults).chain(&initial);
        let given: Vec<(&str, &InitialValue)> = all.map(|(name, value)| (name.as_str(), value)).collect();
        self.structure(&model, (pre, post), &given, &[("axonal_delay", &axonal), ("dendritic_delay", &dendritic)]);
        let degrees = self.degrees(table, [pre, post]);
        let connect_span = table.get("connect")?.span;
        Some(Projection {
            name: key.name.clone(),
            span: key.span,
            pre: pre_index,
            post: post_index,
            model,
            connect: connect?,
            connect_span,
            autapses,
            multapses,
            axonal,
            dendritic,
            parameters,
            defaults,
            initial,
            degrees,
        })
    }

    /// The columns of a list that are parameters and initial values.
    fn value_columns(&mut self, columns: &Columns, reader: &mut ValueReader<'_>, model: &Model, table: &Table) -> (Values, Values) {
        let (mut parameters, mut initial) = (Vec::new(), Vec::new());
        for (name, values) in &columns.columns {
            if ["pre", "post"].contains(&name.as_str()) || delay::COLUMNS.contains(&name.as_str()) {
                continue;
            }
            let variable = model.variables.iter().find(|v| v.name == *name && !matches!(v.role, Role::Subexpression(_)) && !v.flags.shared);
            let is_parameter = model.parameters.iter().any(|p| p.name == *name);
            if variable.is_none() && !is_parameter {
                let variables = model.variables.iter().filter(|v| !matches!(v.role, Role::Subexpression(_)) && !v.flags.shared).map(|v| v.name.as_str());
                let names = ["pre", "post"].into_iter().chain(delay::COLUMNS).chain(variables).chain(model.parameters.iter().map(|p| p.name.as_str()));
                let message = format!("column `{name}` of `{}` is neither a delay nor a variable or parameter of the model `{}`", columns.file, model.name);
                self.diagnostics.push(Diagnostic::error("unknown-column", columns.span, message).label("has a column that means nothing").help(did_you_mean(
                    name,
                    "possible columns",
                    names,
                )));
                continue;
            }
            let key = if is_parameter || variable.is_some_and(|v| v.flags.constant) { "parameters" } else { "initial" };
            if let Some(given) = table.table(key, &mut Vec::new()).and_then(|t| t.key(name)) {
                let fault = Diagnostic::error("given-twice", given.span, format!("`{name}` is also a column of `{}`", columns.file));
                self.diagnostics.push(fault.other(columns.span, "the file").help("remove the key or the column"));
                continue;
            }
            let value_type = variable.map_or(ValueType::Real, |v| v.value_type);
            if !all_finite(&columns.file, name, values, columns.span, self.diagnostics) || !self.typed(columns, name, values, value_type) {
                continue;
            }
            let value = InitialValue::Column(Arc::clone(values));
            reader.set(name, &value);
            if key == "parameters" { &mut parameters } else { &mut initial }.push((name.clone(), value));
        }
        (parameters, initial)
    }

    fn typed(&mut self, columns: &Columns, name: &str, values: &[f64], value_type: ValueType) -> bool {
        let (good, wanted): (fn(f64) -> bool, _) = match value_type {
            ValueType::Real => return true,
            ValueType::Integer => (|x| x.fract() == 0.0, "a whole number"),
            ValueType::Boolean => (|x| x == 0.0 || x == 1.0, "0 or 1"),
        };
        let Some(row) = values.iter().position(|x| !good(*x)) else { return true };
        let message = format!("row {} of column `{name}` of `{}` is {}, but `{name}` must be {wanted}", row + 1, columns.file, values[row]);
        self.diagnostics.push(Diagnostic::error("type-mismatch", columns.span, message).help(format!("write {wanted} in every row")));
        false
    }

    /// A list of spikes has no variables: reading one is a fault, and what would be added to one has no receiver and is left out.
    fn both_ends_exist(&mut self, model: &mut Model, pre: &Population, post: &Population, table: &Table) {
        let mut missing: Vec<(Span, String, &Population)> = Vec::new();
        for_each_expression(model, &mut |expr| {
            visit(expr, &mut |e| match &e.kind {
                ExprKind::Name(Scope::Pre, name) if pre.model().is_none() => missing.push((e.span, format!("{name}_pre"), pre)),
                ExprKind::Name(Scope::Post, name) if post.model().is_none() => missing.push((e.span, format!("{name}_post"), post)),
                ExprKind::Builtin(Builtin::NotRefractory) if post.model().is_none() => missing.push((e.span, "not_refractory".into(), post)),
                _ => {}
            });
        });
        if post.model().is_none() {
            let place = table.get("post").map_or(post.span, |v| v.span);
            for statements in
                model.on_pre.iter_mut().chain(&mut model.on_post).map(|p| &mut p.statements).chain(model.on_interval.iter_mut().map(|i| &mut i.statements))
            {
                statements.retain(|s| {
                    if s.scope == Scope::Post && s.op == AssignOp::Add {
                        let message = format!("`{}_post` has no receiver: the population `{}` is a list of spikes", s.name, post.name);
                        self.diagnostics.push(
                            Diagnostic::warning("no-receiver", place, message)
                                .other(s.span, "left out")
                                .help("nothing need be done if only the synapses matter"),
                        );
                        return false;
                    }
                    if s.scope == Scope::Post {
                        missing.push((s.span, format!("{}_post", s.name), post));
                    }
                    true
                });
            }
        }
        for (span, name, population) in missing {
            let message = format!("`{name}` does not exist: the population `{}` is a list of spikes", population.name);
            self.diagnostics.push(
                Diagnostic::error("not-a-neuron", span, message)
                    .other(population.span, "the list of spikes")
                    .help("use a population with a neuron model, or another synapse model"),
            );
        }
    }
}

/// Values by name.
type Values = Vec<(String, InitialValue)>;

fn for_each_expression<'a>(model: &'a Model, f: &mut impl FnMut(&'a Expr)) {
    for variable in &model.variables {
        if let Role::Differential(expr) | Role::Subexpression(expr) = &variable.role {
            f(expr);
        }
    }
    for pathway in model.on_pre.iter().chain(&model.on_post) {
        pathway.statements.iter().filter(|s| s.scope != Scope::Post).for_each(|s| f(&s.value));
    }
    for interval in &model.on_interval {
        interval.statements.iter().filter(|s| s.scope != Scope::Post).for_each(|s| f(&s.value));
    }
    let (prune, grow) = (&model.prune, &model.grow);
    prune.iter().flat_map(|p| p.condition.iter().chain(&p.pre).chain(&p.post)).for_each(&mut *f);
    grow.iter().flat_map(|g| g.pre.iter().chain(&g.post).chain(&g.kernel).chain(g.statements.iter().map(|s| &s.value))).for_each(&mut *f);
}
