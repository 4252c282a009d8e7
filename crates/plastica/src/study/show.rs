//! A study in the terminal: what each group lives through, drawn and counted.

use std::fmt::Write as _;

use super::Study;

impl Study {
    /// The timeline and counts of each group, for 80 columns.
    pub fn show(&self) -> String {
        let mut out = String::new();
        for (group, without) in self.lives.groups.iter().zip(&self.without) {
            if let Ok(text) = plastica_programme::draw::show(&self.lives, group) {
                out += &text;
            }
            if !without.is_empty() {
                let _ = writeln!(out, "without {}", without.join(", "));
            }
            out.push('\n');
        }
        out
    }
}
