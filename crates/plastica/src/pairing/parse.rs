//! Text to a checked pairing.

use std::collections::HashSet;

use plastica_lang::model::{Expr, Model};
use plastica_lang::source::{Diagnostic, Key, Sources, Table, ValueKind};

use super::circuit;
use super::lookup::{Lookup, Published};
use super::measure::parse_measure;
use super::protocol::{self, Keys, Protocol};
use super::rule::{Rule, parse_rule, parse_starts};
use super::summary::parse_summaries;
use super::{Change, Copies, Pairing};
use crate::experiment::{did_you_mean, positive_time, tables, tables_in, wrong_type};
use crate::library::Library;
use crate::tables::Folder;

const KEYS: [&str; 19] = [
    "id",
    "title",
    "doc",
    "source",
    "claim",
    "dt",
    "round",
    "measure",
    "result",
    "copies",
    "full_copies",
    "x_label",
    "initial",
    "neuron",
    "rules",
    "protocols",
    "oracle",
    "targets",
    "summary",
];

/// What all pairings of a file share while they are read.
pub(super) struct Context<'a> {
    pub sources: &'a mut Sources,
    pub file: &'a Table,
    pub library: &'a Library,
    pub folder: &'a Folder,
    pub diagnostics: &'a mut Vec<Diagnostic>,
}

/// Reads all `[pairing.*]`.
pub(crate) fn parse_pairings(sources: &mut Sources, file: &Table, library: &Library, folder: &Folder, diagnostics: &mut Vec<Diagnostic>) -> Vec<Pairing> {
    let mut out = Vec::new();
    for (key, table) in tables(file, "pairing", diagnostics) {
        let mut context = Context { sources, file, library, folder, diagnostics };
        out.extend(context.pairing(key, table));
    }
    out
}

impl Context<'_> {
    fn pairing(&mut self, key: &Key, table: &Table) -> Option<Pairing> {
        let what = format!("pairing `{}`", key.name);
        let known: Vec<&str> = KEYS.iter().chain(&protocol::KEYS).copied().collect();
        table.known_keys(&what, &known, self.diagnostics);
        let word = |name: &str, diagnostics: &mut Vec<Diagnostic>| table.text(name, diagnostics).map(|t| t.text.trim().to_string()).unwrap_or_default();
        let (id, doc, source, claim, x_label) = (
            word("id", self.diagnostics),
            word("doc", self.diagnostics),
            word("source", self.diagnostics),
            word("claim", self.diagnostics),
            word("x_label", self.diagnostics),
        );
        let title = if table.get("title").is_some() { word("title", self.diagnostics) } else { key.name.clone() };
        let dt_s = match table.get("dt") {
            Some(value) => positive_time(value, "dt", self.diagnostics),
            None => {
                self.diagnostics.push(
                    Diagnostic::error("missing-key", key.span, format!("{what} has no `dt`"))
                        .help("add a line: dt = \"0.1 ms\"; spike times become whole steps of it"),
                );
                None
            }
        };
        let result = self.result(table);
        let copies = self.copies(table);
        let protocols = dt_s.and_then(|dt| self.protocols(table, dt));
        let mut rules = Vec::new();
        let rule_tables = tables_in(table, "rules", self.diagnostics);
        if rule_tables.is_empty() {
            self.diagnostics
                .push(Diagnostic::error("missing-key", key.span, format!("{what} has no `rules`")).help("add rules = [ { name = \"..\", synapse = \"..\" } ]"));
        }
        for rule in &rule_tables {
            rules.extend(parse_rule(rule, self.diagnostics));
        }
        self.distinct(rules.iter().map(|r| (r.name.as_str(), r.span)), "rules");
        let (dt_s, mut protocols) = (dt_s?, protocols?);
        if rules.len() != rule_tables.len() || rules.is_empty() {
            return None;
        }
        self.distinct(protocols.iter().map(|p| (p.name.as_str(), p.span)), "protocols");
        let network = circuit::parse(self, table, &rule_tables, &rules, &protocols, dt_s)?;
        let mut measures = Vec::with_capacity(rules.len());
        for (k, (rule, rule_table)) in rules.iter_mut().zip(&rule_tables).enumerate() {
            let model = &network.projections[circuit::first_rule(&network) + k].model;
            rule.starts = parse_starts(rule_table, model, self.diagnostics);
            measures.extend(self.measure(table, model));
        }
        self.numbers(table, &mut rules, &mut protocols);
        let summaries = parse_summaries(self, &id, table, &rules, &protocols);
        if measures.len() != rules.len() {
            return None;
        }
        let measure = word("measure", self.diagnostics);
        Some(Pairing {
            name: key.name.clone(),
            span: key.span,
            id,
            title,
            doc,
            source,
            claim,
            dt_s,
            measure,
            result: result?,
            copies: copies?,
            x_label,
            rules,
            protocols,
            summaries,
            network,
            measures,
        })
    }

    fn result(&mut self, table: &Table) -> Option<Change> {
        let Some(text) = table.text("result", self.diagnostics) else { return Some(Change::Relative) };
        let found = Change::WORDS.iter().find(|(word, _)| *word == text.text).map(|(_, change)| *change);
        if found.is_none() {
            let names: Vec<String> = Change::WORDS.iter().map(|(w, _)| (*w).to_string()).collect();
            self.diagnostics.push(
                Diagnostic::error("unknown-result", text.span, format!("there is no result `{}`", text.text)).help(did_you_mean(&text.text, "results", &names)),
            );
        }
        found
    }

    fn copies(&mut self, table: &Table) -> Option<Copies> {
        let quick = if table.get("copies").is_some() { table.integer("copies", 1, self.diagnostics)? as usize } else { 1 };
        let full = if table.get("full_copies").is_some() { table.integer("full_copies", quick as i64, self.diagnostics)? as usize } else { quick };
        Some(Copies { quick, full })
    }

    /// The list `protocols`, or the one that the pairing itself describes.
    fn protocols(&mut self, table: &Table, dt_s: f64) -> Option<Vec<Protocol>> {
        let empty = Table { span: table.span, entries: Vec::new() };
        let own: Vec<&Table> = if table.get("protocols").is_some() { tables_in(table, "protocols", self.diagnostics) } else { vec![&empty] };
        let mut out = Vec::new();
        let mut good = true;
        for own in own {
            own.known_keys("a protocol", &protocol::KEYS, self.diagnostics);
            match (Keys { own, pairing: table }).protocols(dt_s, self.diagnostics) {
                Some(protocols) => out.extend(protocols),
                None => good = false,
            }
        }
        let round = table.boolean("round", self.diagnostics).unwrap_or(false);
        if let Some(p) = out.iter().max_by(|a, b| a.moved_s.total_cmp(&b.moved_s))
            && p.moved_s > 1e-6 * dt_s
            && !round
        {
            self.diagnostics.push(
                Diagnostic::warning(
                    "off-grid",
                    p.span,
                    format!("spikes of `{}` are moved by up to {:.3} of a step onto whole steps of dt", p.name, p.moved_s / dt_s),
                )
                .help("choose a dt of which all times are whole multiples; where there is none, write round = true"),
            );
        }
        for (k, protocol) in out.iter_mut().enumerate() {
            protocol.index = k;
        }
        good.then_some(out)
    }

    fn distinct<'n>(&mut self, names: impl Iterator<Item = (&'n str, plastica_lang::source::Span)>, what: &str) {
        let mut seen = HashSet::new();
        for (name, span) in names {
            if !seen.insert(name) {
                self.diagnostics.push(Diagnostic::error("given-twice", span, format!("two {what} are called `{name}`")).help("give each a name of its own"));
            }
        }
    }

    fn measure(&mut self, table: &Table, model: &Model) -> Option<Expr> {
        let text = table.required_text("a pairing", "measure", self.diagnostics)?;
        parse_measure(text, model, self.diagnostics)
    }

    /// Published numbers and oracles of all cells.
    fn numbers(&mut self, table: &Table, rules: &mut [Rule], protocols: &mut [Protocol]) {
        let mut found = 0;
        for (own, lookup) in self.published(table) {
            for p in protocols.iter_mut().filter(|p| p.published.is_none() && own.is_none_or(|span| span == p.span)) {
                p.published = lookup.find(&p.case, &[("name", &p.name)], self.diagnostics).map(|(value, error)| Published { value, error });
                found += usize::from(p.published.is_some());
            }
            if found == 0 {
                self.nothing_found(&lookup);
            }
        }
        let Some(lookup) = Lookup::optional("a pairing", "oracle", table, &["tolerance"], self.folder, self.diagnostics) else { return };
        let tolerance = table.get("oracle").and_then(super::lookup::inner).and_then(|t| t.number("tolerance", self.diagnostics)).unwrap_or(1e-9);
        let mut found = 0;
        for rule in rules {
            rule.tolerance = tolerance;
            for p in protocols.iter() {
                let value = rule.key.as_deref().and_then(|key| lookup.find(&p.case, &[("name", &p.name), ("rule", key)], self.diagnostics)).map(|(x, _)| x);
                found += usize::from(value.is_some());
                rule.oracle.push(value);
            }
        }
        if found == 0 {
            self.nothing_found(&lookup);
        }
    }

    /// Where measurements are looked up: of single protocols (with their place), then of all.
    fn published(&mut self, table: &Table) -> Vec<(Option<plastica_lang::source::Span>, Lookup)> {
        let mut out = Vec::new();
        for own in tables_in(table, "protocols", &mut Vec::new()) {
            out.extend(Lookup::optional("a protocol", "published", own, &[], self.folder, self.diagnostics).map(|l| (Some(own.span), l)));
        }
        if let Some(value) = table.get("published") {
            if !matches!(value.kind, ValueKind::Table(_)) {
                self.diagnostics.push(wrong_type(value, "published", "a table", "write { file = \"..\", value = \"..\", error = \"..\", where = { .. } }"));
            }
            out.extend(Lookup::optional("a pairing", "published", table, &[], self.folder, self.diagnostics).map(|l| (None, l)));
        }
        out
    }

    fn nothing_found(&mut self, lookup: &Lookup) {
        self.diagnostics.push(
            Diagnostic::error("no-such-row", lookup.span, format!("no row of `{}` fits any protocol", lookup.file)).help("check the conditions under `where`"),
        );
    }
}
