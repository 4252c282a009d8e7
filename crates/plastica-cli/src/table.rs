//! Results as a table for the terminal: published beside simulated, and the verdict.

use std::fmt::Write as _;

use plastica::run::{Results, Row};

use crate::output::Output;

/// Rows, a count of the verdicts, and where everything lies.
pub fn results(results: &Results, output: &Output) -> String {
    let mut out = String::new();
    let mut id = None;
    for row in &results.rows {
        if id != Some(&row.id) {
            let heading = format!("{:<46}{:>10}{:>12}  verdict", row.id, "published", "simulated");
            let _ = writeln!(out, "{}", output.bold(&heading));
            id = Some(&row.id);
        }
        let published = if row.published.is_empty() { "-".into() } else { row.published.clone() };
        let simulated = row.simulated.map_or_else(|| "-".into(), number);
        let _ = writeln!(out, "{:<46}{:>10}{:>12}  {}", cut(&row.quantity, 45), cut(&published, 10), simulated, row.verdict);
    }
    let count = |verdict: &str| results.rows.iter().filter(|r| r.verdict == verdict).count();
    let _ = writeln!(out, "\n{} reproduced, {} not reproduced, {} shown only; {:.1} s", count("reproduced"), count("not reproduced"), count("shown only"), results.seconds);
    let _ = writeln!(out, "{}", results.folder.display());
    out
}

/// Four significant digits.
fn number(x: f64) -> String {
    if x == 0.0 || (1e-3..1e5).contains(&x.abs()) {
        let digits = if x == 0.0 { 3 } else { (3 - x.abs().log10().floor() as i32).clamp(0, 6) as usize };
        format!("{x:.digits$}")
    } else {
        format!("{x:.3e}")
    }
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width { text.into() } else { format!("{}~", text.chars().take(width - 1).collect::<String>()) }
}

#[cfg(test)]
mod tests {
    use super::{cut, number};

    #[test]
    fn numbers_have_four_digits() {
        for (x, shown) in [(0.0, "0.000"), (0.17536, "0.1754"), (-0.29, "-0.2900"), (12.3456, "12.35"), (1e-9, "1.000e-9")] {
            assert_eq!(number(x), shown);
        }
        assert_eq!(cut("abcdef", 4), "abc~");
    }
}
