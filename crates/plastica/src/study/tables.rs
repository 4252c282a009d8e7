//! Diaries as tables that pandas opens: `blocks`, `measures`, and `trials-TASK` for each task.

use plastica_record::{Column, ColumnValues, RecordError, Store};

use super::diary::{Diary, Entry};
use super::parse::Study;
use super::variant::Variant;

/// Writes all tables.
///
/// # Errors
/// A file cannot be written.
pub fn write(store: &mut Store, study: &Study, variant: &Variant, diaries: &[Diary]) -> Result<(), RecordError> {
    let populations: Vec<&String> = variant.circuit.network.populations.iter().map(|p| &p.name).collect();
    let mut blocks = Rows::new(&["path"], &["acceleration"]);
    populations.iter().for_each(|p| blocks.number(format!("rate_{p}_Hz")));
    let mut measures = Rows::new(&["when", "measure"], &["row", "column", "value"]);
    let mut trials: Vec<(String, Rows)> = Vec::new();
    for (name, task) in &study.tasks {
        let mut rows = Rows::new(&[], &["trial", "trial_from_s", "trial_length_s"]);
        task.scores().iter().for_each(|s| rows.number(column_of_score(s.name, s.unit)));
        trials.push((format!("trials-{name}"), rows));
    }
    for diary in diaries {
        for entry in &diary.blocks {
            let rates = (0..populations.len()).map(|k| entry.rates.get(k).copied().unwrap_or(f64::NAN));
            blocks.add(diary, entry, &[&entry.path], std::iter::once(entry.acceleration).chain(rates));
            for (when, readings) in [("before", &entry.before), ("after", &entry.after)] {
                for (name, reading) in readings {
                    for (k, value) in reading.numbers().enumerate() {
                        let (row, column) = (k / reading.columns.max(1) + 1, k % reading.columns.max(1) + 1);
                        measures.add(diary, entry, &[when, name], [row as f64, column as f64, value]);
                    }
                }
            }
            let rows = trials.iter_mut().find(|(name, _)| name.strip_prefix("trials-") == Some(&entry.task));
            let Some((_, rows)) = rows else { continue };
            for (k, trial) in entry.trials.iter().enumerate() {
                let scores = trial.scores.iter().map(|s| s.unwrap_or(f64::NAN));
                rows.add(diary, entry, &[], [k as f64 + 1.0, trial.from_s, trial.length_s].into_iter().chain(scores));
            }
        }
    }
    blocks.write(store, "blocks")?;
    measures.write(store, "measures")?;
    trials.iter().try_for_each(|(name, rows)| rows.write(store, name))
}

/// Columns that say who and where.
const PLACE: [&str; 6] = ["group", "subject", "block", "day", "nth", "in_day"];

/// Name of the column of a score; a score such as the `group` of a probe must not take the name of another column.
fn column_of_score(name: &str, unit: &str) -> String {
    match unit {
        "" if PLACE.contains(&name) => format!("score_{name}"),
        "" => name.into(),
        unit => format!("{name}_{unit}"),
    }
}

/// A table in the making: who and where, then texts, then numbers.
struct Rows {
    group: Vec<String>,
    subject: Vec<i64>,
    block: Vec<String>,
    place: [Vec<i64>; 3],
    times: [Vec<f64>; 2],
    texts: Vec<(String, Vec<String>)>,
    numbers: Vec<(String, Vec<f64>)>,
}

impl Rows {
    fn new(texts: &[&str], numbers: &[&str]) -> Rows {
        Rows {
            group: Vec::new(),
            subject: Vec::new(),
            block: Vec::new(),
            place: Default::default(),
            times: Default::default(),
            texts: texts.iter().map(|n| ((*n).into(), Vec::new())).collect(),
            numbers: numbers.iter().map(|n| ((*n).into(), Vec::new())).collect(),
        }
    }

    fn number(&mut self, name: String) {
        self.numbers.push((name, Vec::new()));
    }

    fn add(&mut self, diary: &Diary, entry: &Entry, texts: &[&str], numbers: impl IntoIterator<Item = f64>) {
        self.group.push(diary.group.clone());
        self.subject.push(i64::from(diary.subject));
        self.block.push(entry.block.clone());
        for (column, value) in self.place.iter_mut().zip([entry.day, entry.nth, entry.in_day]) {
            column.push(i64::from(value));
        }
        self.times[0].push(entry.from_s);
        self.times[1].push(entry.length_s);
        self.texts.iter_mut().zip(texts).for_each(|(column, text)| column.1.push((*text).into()));
        self.numbers.iter_mut().zip(numbers).for_each(|(column, number)| column.1.push(number));
    }

    fn write(&self, store: &mut Store, name: &str) -> Result<(), RecordError> {
        let mut columns = vec![Column::text("group"), Column::integer("subject"), Column::text("block")];
        let mut values = vec![ColumnValues::Text(&self.group), ColumnValues::Integer(&self.subject), ColumnValues::Text(&self.block)];
        for (word, column) in ["day", "nth", "in_day"].into_iter().zip(&self.place) {
            columns.push(Column::integer(word));
            values.push(ColumnValues::Integer(column));
        }
        for (word, column) in ["block_from_s", "block_length_s"].into_iter().zip(&self.times) {
            columns.push(Column::float(word));
            values.push(ColumnValues::Float(column));
        }
        for (word, column) in &self.texts {
            columns.push(Column::text(word.clone()));
            values.push(ColumnValues::Text(column));
        }
        for (word, column) in &self.numbers {
            columns.push(Column::float(word.clone()));
            values.push(ColumnValues::Float(column));
        }
        let table = store.table(name, &columns)?;
        store.append(table, &values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_that_is_called_as_a_column_of_the_table_has_a_column_of_its_own() {
        let folder = std::env::temp_dir().join(format!("plastica-tables-{}", std::process::id()));
        let mut store = Store::create(&folder, &serde_json::json!({})).unwrap();
        let mut rows = Rows::new(&[], &["trial"]);
        [("group", ""), ("map_volume", ""), ("step", "s")].iter().for_each(|(name, unit)| rows.number(column_of_score(name, unit)));
        let written = rows.write(&mut store, "trials-probe");
        std::fs::remove_dir_all(&folder).unwrap();
        written.unwrap();
    }
}
