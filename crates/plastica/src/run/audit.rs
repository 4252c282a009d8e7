//! `plastica audit`: a study with its accelerations and without, side by side.

use std::fmt::Write as _;
use std::path::PathBuf;

use plastica_lang::source::{Table, Value, ValueKind};

use super::{Failure, How, Observer, Opening, Row, Texts, folder, run};
use crate::library::Library;

/// One number, accelerated and exact.
#[derive(Clone, Debug, PartialEq)]
pub struct Audited {
    /// The row with the accelerations of the file.
    pub accelerated: Row,
    /// The row without.
    pub exact: Row,
}

impl Audited {
    /// Do the two differ by no more than subjects do? `None` where that cannot be said.
    pub fn agrees(&self) -> Option<bool> {
        let spread = self.accelerated.spread?.max(self.exact.spread?);
        Some((self.accelerated.simulated? - self.exact.simulated?).abs() <= spread)
    }
}

/// Runs a study with its accelerations and without, so many subjects of each group, and compares.
///
/// `open` opens the study, once for each run; `texts` gets the texts of the last one, for diagnostics.
///
/// # Errors
/// As two runs.
pub fn audit(
    open: Opening<'_>,
    library: &Library,
    subjects: u32,
    how: &How,
    texts: &mut Texts,
    observer: &mut dyn Observer,
) -> Result<(PathBuf, Vec<Audited>), Failure> {
    let mut both = Vec::new();
    let mut root = PathBuf::new();
    for (word, exact) in [("accelerated", false), ("exact", true)] {
        let mut opened = open()?;
        fewer(&mut opened.table, subjects);
        if !exact {
            root = folder::choose(how.out.as_deref(), &format!("{}-audit", opened.name))?;
        }
        let own = How { out: Some(root.join(word)), exact, ..how.clone() };
        let done = run(&mut opened, library, &own, observer);
        *texts = Texts { sources: opened.sources, diagnostics: opened.diagnostics };
        both.push(done?);
    }
    let [accelerated, exact] = &both[..] else { unreachable!("there are two runs") };
    let rows: Vec<Audited> = accelerated.rows.iter().zip(&exact.rows).map(|(a, e)| Audited { accelerated: a.clone(), exact: e.clone() }).collect();
    let mut table = String::from("id,quantity,accelerated,exact,spread_accelerated,spread_exact,seconds_accelerated,seconds_exact,agrees\n");
    for row in &rows {
        let number = |x: Option<f64>| x.map_or(String::new(), |x| x.to_string());
        let (a, e) = (&row.accelerated, &row.exact);
        let _ = writeln!(
            table,
            "{},\"{}\",{},{},{},{},{:.1},{:.1},{}",
            a.id,
            a.quantity.replace('"', "\"\""),
            number(a.simulated),
            number(e.simulated),
            number(a.spread),
            number(e.spread),
            accelerated.seconds,
            exact.seconds,
            row.agrees().map_or("", |yes| if yes { "yes" } else { "no" })
        );
    }
    plastica_record::write_whole(&root.join("audit.csv"), table.as_bytes())?;
    Ok((root, rows))
}

/// Lowers the number of subjects of each group.
pub(super) fn fewer(table: &mut Table, subjects: u32) {
    let Some((_, Value { kind: ValueKind::Array(groups), .. })) = table.entries.iter_mut().find(|(k, _)| k.name == "group") else { return };
    for group in groups {
        let ValueKind::Table(group) = &mut group.kind else { continue };
        if let Some((_, Value { kind: ValueKind::Integer(n), .. })) = group.entries.iter_mut().find(|(k, _)| k.name == "subjects") {
            *n = (*n).min(i64::from(subjects));
        }
    }
}
