//! Results for the terminal, 80 columns wide: rows under a heading for each rule, a count of the verdicts, and where all of it lies.

use std::fmt::Write as _;

use plastica::run::{Results, Row, Verdict, number};

use crate::output::Output;

/// Characters of a name.
const NAME: usize = 26;
/// Characters of a published value.
const PUBLISHED: usize = 17;

/// Rows that are held against something, a count of the verdicts, and where everything lies.
pub fn results(results: &Results, output: &Output) -> String {
    let mut out = String::new();
    let mut heading = None;
    let mut left_out = 0;
    for row in &results.rows {
        let (rule, name) = row.quantity.split_once(": ").unwrap_or(("", &row.quantity));
        let judged = row.published.is_some() || row.model.is_some() || row.low.is_some() || row.high.is_some();
        if !judged && !rule.is_empty() {
            left_out += 1;
            continue;
        }
        if heading != Some((&row.id, rule)) {
            let title = format!("{} {rule}", row.id);
            let _ = writeln!(out, "\n{}\n{:<NAME$} {:>PUBLISHED$} {:>9} {:>9}  verdict", output.bold(title.trim()), "", "published", "model", "Plastica");
            heading = Some((&row.id, rule));
        }
        for (k, part) in wrapped(name, NAME).iter().enumerate() {
            if k == 0 {
                let _ = writeln!(
                    out,
                    "{part:<NAME$} {:>PUBLISHED$} {:>9} {:>9}  {}",
                    cut(&published(row), PUBLISHED),
                    shown(row.model),
                    shown(row.simulated),
                    row.verdict.words()
                );
            } else {
                let _ = writeln!(out, "  {part}");
            }
        }
    }
    let count = |verdict: Verdict| results.rows.iter().filter(|r| r.verdict == verdict).count();
    let scored = [Verdict::Reproduced, Verdict::NotReproduced, Verdict::Calibrated, Verdict::ShownOnly];
    let counts: Vec<String> = scored.iter().map(|v| (count(*v), v.words())).filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let _ = writeln!(out, "\n{}", counts.iter().cloned().chain([format!("{:.1} s", results.seconds)]).collect::<Vec<_>>().join(", "));
    if left_out > 0 {
        let _ = writeln!(out, "{left_out} values with nothing to hold them against are not shown here");
    }
    let _ = writeln!(out, "table {}\nreport {}", results.folder.join("results.csv").display(), results.folder.join("report.html").display());
    out.trim_start_matches('\n').into()
}

/// The published value; where there is none, what is accepted.
pub fn published(row: &Row) -> String {
    if row.published.is_none() {
        match (row.low, row.high) {
            (Some(low), Some(high)) => return format!("{} to {}", number(low), number(high)),
            (Some(low), None) => return format!("at least {}", number(low)),
            (None, Some(high)) => return format!("at most {}", number(high)),
            (None, None) => {}
        }
    }
    let value = row.published.as_deref().map_or("–".into(), |p| p.parse().map_or(p.to_string(), number));
    row.error.map_or(value.clone(), |e| format!("{value} ± {}", number(e)))
}

/// A value, or a dash where there is none.
pub fn shown(value: Option<f64>) -> String {
    value.map_or("–".into(), number)
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width { text.into() } else { format!("{}…", text.chars().take(width - 1).collect::<String>()) }
}

/// Lines of at most so many characters, broken between words; at least one.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        if !lines[last].is_empty() && lines[last].chars().count() + 1 + word.chars().count() > width {
            lines.push(word.into());
        } else {
            if !lines[last].is_empty() {
                lines[last].push(' ');
            }
            lines[last].push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{cut, wrapped};

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("", 7), [""]);
        assert_eq!(cut("abcdef", 4), "abc…");
    }
}
