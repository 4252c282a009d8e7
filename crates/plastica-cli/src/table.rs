//! Results for the terminal: rows, a count of the verdicts, and where everything lies.

use std::fmt::Write as _;

use plastica::run::{Results, Verdict, terminal};

/// Rows, a count of the verdicts, and where everything lies.
pub fn results(results: &Results) -> String {
    let mut out = terminal(&results.rows);
    let count = |verdict: Verdict| results.rows.iter().filter(|r| r.verdict == verdict).count();
    let scored = [(Verdict::Reproduced, "reproduced"), (Verdict::NotReproduced, "not reproduced"), (Verdict::ShownOnly, "shown only")];
    let counts: Vec<String> = scored.iter().map(|(verdict, word)| (count(*verdict), word)).filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let _ = writeln!(out, "\n{}{:.1} s", if counts.is_empty() { String::new() } else { counts.join(", ") + "; " }, results.seconds);
    let _ = writeln!(out, "{}", results.folder.join("report.html").display());
    out
}
