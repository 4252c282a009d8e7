//! All tables of a file that say what subjects live through, read and checked together.

use plastica_lang::source::{Diagnostic, Table};

use crate::block::{self, Around, Block};
use crate::circuit::Circuit;
use crate::group::{Group, Study};
use crate::modulator::Modulator;
use crate::nesting::check_programmes;
use crate::programme::Programme;
use crate::state::State;
use crate::timeline::{Stretch, Unfold, check_programme};
use crate::variation::Variation;

/// The tables that this room reads; those of tasks only by name.
pub const TABLES: [&str; 7] = ["study", "group", "modulator", "state", "block", "task", "variation"];

/// What the subjects of a study live through.
#[derive(Clone, Debug)]
pub struct Lives {
    /// What holds for all groups.
    pub study: Study,
    /// Named signals, in the order of the text.
    pub modulators: Vec<Modulator>,
    /// Named states.
    pub states: Vec<State>,
    /// Blocks by name.
    pub blocks: Vec<Block>,
    /// Names and tables of the tasks, which the kinds of task read themselves.
    pub tasks: Vec<(String, Table)>,
    /// What differs between subjects.
    pub variations: Vec<Variation>,
    /// Who lives through what.
    pub groups: Vec<Group>,
}

impl Lives {
    /// Does a file say anything about lives?
    pub fn are_in(table: &Table) -> bool {
        TABLES.iter().any(|name| table.get(name).is_some())
    }

    /// Reads and checks all tables of lives; `None` if there were errors, or if the file has no such table.
    pub fn parse(table: &Table, circuit: &dyn Circuit, diagnostics: &mut Vec<Diagnostic>) -> Option<Lives> {
        if !Lives::are_in(table) {
            return None;
        }
        let mut found = Vec::new();
        let study = Study::parse(table, &mut found);
        let modulators = Modulator::parse_all(table, circuit, &mut found);
        let states = State::parse_all(table, &modulators, circuit, &mut found);
        let tasks = tasks(table, &mut found);
        let names: Vec<String> = block::task_names(table);
        let around = Around { states: &states, tasks: &names, circuit };
        let blocks = Block::parse_all(table, &around, &mut found);
        let variations = Variation::parse_all(table, circuit, &mut found);
        let groups = Group::parse_all(table, &mut found);
        if table.get("group").is_none() {
            let fault = Diagnostic::error("nothing-to-run", table.span, "this file says how subjects live, but there is no group of them");
            found.push(fault.help("write [[group]] with name = \"..\", subjects = 5 and programme = \"..\""));
        }
        let lives = Lives { study, modulators, states, blocks, tasks, variations, groups };
        lives.check(&mut found);
        let failed = found.iter().any(Diagnostic::is_error);
        diagnostics.append(&mut found);
        (!failed).then_some(lives)
    }

    /// Checks what only the whole can say.
    fn check(&self, diagnostics: &mut Vec<Diagnostic>) {
        let whole = check_programmes(&self.blocks, diagnostics);
        for programme in self.blocks.iter().filter_map(Block::programme) {
            check_lengths(programme, &self.blocks, diagnostics);
        }
        for group in &self.groups {
            check_programme(&group.programme, &self.blocks, diagnostics);
            for modulator in &self.modulators {
                let x = modulator.at_rest(group.age);
                if !x.is_finite() {
                    let fault = Diagnostic::error(
                        "not-finite",
                        modulator.span,
                        format!("modulator `{}` would be {x} at the age of {} years", modulator.name, group.age),
                    );
                    diagnostics.push(fault.other(group.span, "of this group").help("check for a division by zero or the logarithm of a negative number"));
                }
            }
        }
        // A timeline is made only of what has no faults: else its faults would follow from those.
        if !whole || diagnostics.iter().any(Diagnostic::is_error) {
            return;
        }
        for group in &self.groups {
            if let Err(faults) = self.unfold(group, false) {
                for fault in faults {
                    // Groups may share a block that has a fault.
                    if !diagnostics.contains(&fault) {
                        diagnostics.push(fault);
                    }
                }
            }
        }
    }

    /// The timeline of a group; `exact` ignores samples.
    ///
    /// # Errors
    /// None for the groups of checked lives; else the faults of its programme.
    pub fn unfold(&self, group: &Group, exact: bool) -> Result<Vec<Stretch>, Vec<Diagnostic>> {
        Unfold { blocks: &self.blocks, morning_us: self.study.morning_us, exact }.unfold(&group.programme)
    }

    /// The state of a stretch, if its block names one.
    pub fn state(&self, stretch: &Stretch) -> Option<&State> {
        self.states.get(self.blocks.get(stretch.block)?.plain()?.state?)
    }
}

fn check_lengths(programme: &Programme, blocks: &[Block], diagnostics: &mut Vec<Diagnostic>) {
    // Unknown names were said when circles were looked for.
    let mut found = Vec::new();
    check_programme(programme, blocks, &mut found);
    diagnostics.extend(found.into_iter().filter(|d| d.id != "unknown-block"));
}

fn tasks(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Vec<(String, Table)> {
    let tables = crate::tables::named_tables(table, "task", diagnostics);
    tables.into_iter().map(|(key, body)| (key.name.clone(), body.clone())).collect()
}
