//! A study in the terminal, what each group lives through, drawn; and the same counted, as values.

use std::fmt::Write as _;

use plastica_programme::count::{Counts, bars};
use plastica_programme::time::seconds;
use serde_json::{Value, json};

use super::Study;

impl Study {
    /// The timeline and counts of each group, for 80 columns.
    pub fn show(&self) -> String {
        let mut out = String::new();
        for (group, without) in self.lives.groups.iter().zip(&self.without) {
            if let Ok(text) = plastica_programme::draw::show(&self.lives, group) {
                out += &text;
            }
            if let Some(from) = &group.from {
                let _ = writeln!(out, "with the past of {}, which is lived once", from.group);
            }
            if !without.is_empty() {
                let _ = writeln!(out, "without {}", without.join(", "));
            }
            out.push('\n');
        }
        out
    }

    /// What the life of each group amounts to, as values: subjects, days, nights, times and trials of each block, seconds with spikes, and
    /// the timeline as stretches of one kind (kind, start and length in seconds).
    pub fn counts(&self) -> Value {
        let blocks = &self.lives.blocks;
        let group = |group: &plastica_programme::group::Group| {
            let timeline = self.lives.unfold(group, false).unwrap_or_default();
            let counts = Counts::of(&self.lives, &timeline);
            let block = |count: &plastica_programme::count::BlockCount| {
                let kind = blocks[count.block].plain().map(|plain| plain.kind.word());
                json!({ "block": blocks[count.block].name, "kind": kind, "times": count.times, "trials": count.trials, "length_s": seconds(count.length_us) })
            };
            json!({
                "group": group.name,
                "programme": group.programme.to_string(),
                "subjects": group.subjects,
                "age": group.age,
                "days": counts.days,
                "nights": counts.nights,
                "naps": counts.naps,
                "length_s": seconds(counts.length_us),
                "spikes_s": seconds(counts.spikes_us),
                "blocks": counts.blocks.iter().map(block).collect::<Vec<Value>>(),
                "timeline": bars(&self.lives, &timeline).iter().map(|(kind, from, length)| json!([kind.word(), from, length])).collect::<Vec<Value>>(),
            })
        };
        self.lives.groups.iter().map(group).collect()
    }
}
