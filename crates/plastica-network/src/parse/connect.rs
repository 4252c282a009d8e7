//! `connect`: a rule by its name alone (`"all_to_all"`), or a table `{ rule = "...", ... }`; each rule reads its own keys.

use plastica_lang::source::{Diagnostic, Table, ValueKind};

use super::Parser;
use super::files::{Columns, read_columns};
use super::values::ValueReader;
use super::{did_you_mean, wrong};
use crate::connect::{Connect, Ends, RULES, Reading};
use crate::network::{MAX_SYNAPSES, Population};

/// What a rule is read with.
pub(super) struct Around<'a> {
    pub what: &'a str,
    pub ends: Ends,
    pub pre: &'a Population,
    pub post: &'a Population,
    pub values: &'a ValueReader<'a>,
    pub columns: Option<&'a Columns>,
}

impl Parser<'_> {
    /// The file of a connection list, if the projection has one.
    pub(super) fn list_file(&mut self, table: &Table) -> Option<Columns> {
        let ValueKind::Table(connect) = &table.get("connect")?.kind else { return None };
        let file = connect.text("file", self.diagnostics)?;
        read_columns(self.files, file, self.diagnostics)
    }

    pub(super) fn connect(&mut self, table: &Table, around: &Around<'_>) -> Option<Connect> {
        let value = table.get("connect")?;
        let by_word;
        let (keys, name) = match &value.kind {
            ValueKind::Text(name) => {
                by_word = Table { span: value.span, entries: Vec::new() };
                (&by_word, Some(name))
            }
            ValueKind::Table(keys) => (keys, keys.text("rule", self.diagnostics)),
            _ => {
                self.diagnostics.push(wrong(value, "connect", "a rule", "write connect = \"all_to_all\", or { rule = \"probability\", p = 0.1 }"));
                return None;
            }
        };
        let word = match name {
            Some(name) => name.text.as_str(),
            None if keys.get("rule").is_some() => return None,
            None if keys.get("pairs").is_some() || keys.get("file").is_some() => "list",
            None => {
                let names: Vec<&str> = RULES.iter().map(|r| r.name).collect();
                self.diagnostics.push(
                    Diagnostic::error("missing-key", value.span, format!("the connection of {} has no `rule`", around.what))
                        .help(format!("add rule = \"...\", one of {}", names.join(", "))),
                );
                return None;
            }
        };
        let span = name.map_or(value.span, |n| n.span);
        let Some(rule) = RULES.iter().find(|r| r.name == word) else {
            let help = did_you_mean(word, "rules", RULES.iter().map(|r| r.name));
            self.diagnostics.push(Diagnostic::error("unknown-rule", span, format!("there is no connection rule `{word}`")).label("unknown rule").help(help));
            return None;
        };
        let mut known = vec!["rule"];
        known.extend(rule.keys);
        keys.known_keys(&format!("the rule `{word}`"), &known, self.diagnostics);
        let Around { what, ends, pre, post, values, columns } = *around;
        let connect = (rule.read)(&mut Reading { table: keys, span, what, ends, pre, post, values, columns, diagnostics: self.diagnostics })?;
        let expected = connect.expected(&ends);
        if expected > MAX_SYNAPSES {
            self.diagnostics.push(
                Diagnostic::error(
                    "too-large",
                    value.span,
                    format!("{what} would have about {expected:.1e} synapses, but at most {MAX_SYNAPSES:.1e} are possible"),
                )
                .help("use smaller populations or fewer synapses"),
            );
            return None;
        }
        Some(connect)
    }
}
