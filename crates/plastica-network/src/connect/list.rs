//! `list`: the pairs of a file (columns `pre` and `post`) or of the text (`pairs = [[0, 1], [0, 2]]`).
//!
//! Other columns of the file give each synapse its delays and values; they are read elsewhere, here an entry is only numbered.

use plastica_lang::source::{Diagnostic, Value, ValueKind};

use super::{Building, Connect, Pairs, Reading, Rule};

pub(super) const RULE: Rule =
    Rule { name: "list", keys: &["file", "pairs"], example: "{ rule = \"list\", file = \"synapses.csv\" } or { pairs = [[0, 1], [0, 2]] }", read };

fn read(reading: &mut Reading<'_>) -> Option<Connect> {
    let (pre, post) = match (reading.table.get("file"), reading.table.get("pairs")) {
        (Some(_), None) => {
            let columns = reading.columns?;
            let pre = columns.indices("pre", reading.ends.n_pre, &format!("population `{}`", reading.pre.name), reading.diagnostics);
            let post = columns.indices("post", reading.ends.n_post, &format!("population `{}`", reading.post.name), reading.diagnostics);
            (pre?, post?)
        }
        (None, Some(_)) => inline(reading)?,
        (Some(_), Some(_)) => {
            reading.fault("given-twice", "pairs", format!("the connection of {} has both a file and pairs", reading.what), "remove `file` or `pairs`");
            return None;
        }
        (None, None) => {
            reading.fault(
                "missing-key",
                "file",
                format!("the connection of {} has neither `file` nor `pairs`", reading.what),
                format!("write connect = {}", RULE.example),
            );
            return None;
        }
    };
    if pre.len() > u32::MAX as usize {
        reading.fault("too-large", "file", format!("this list has {} entries, but at most {} are possible", pre.len(), u32::MAX), "use several projections");
        return None;
    }
    judge(reading, &pre, &post).then_some(Connect::List { pre, post })
}

fn inline(reading: &mut Reading<'_>) -> Option<(Vec<u32>, Vec<u32>)> {
    let items = reading.table.array("pairs", reading.diagnostics)?;
    let sides = [(&reading.pre.name, reading.ends.n_pre), (&reading.post.name, reading.ends.n_post)];
    let (mut pre, mut post) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len()));
    for item in items {
        let ValueKind::Array(pair) = &item.kind else {
            reading.diagnostics.push(
                Diagnostic::error("wrong-type", item.span, format!("a pair was expected, but this is {}", item.word())).help("write pairs = [[0, 1], [0, 2]]"),
            );
            continue;
        };
        let [a, b] = pair.as_slice() else {
            reading
                .diagnostics
                .push(Diagnostic::error("wrong-length", item.span, format!("a pair has two neurons, but this has {}", pair.len())).help("write [pre, post]"));
            continue;
        };
        let mut index = |value: &Value, (population, size): (&String, usize)| match value.kind {
            ValueKind::Integer(i) if i >= 0 && (i as u64) < size as u64 => Some(i as u32),
            _ => {
                let fault = Diagnostic::error("not-an-index", value.span, format!("this is no neuron of the population `{population}`"));
                reading.diagnostics.push(fault.note(format!("its neurons are 0 to {}", size - 1)).help("write a whole number in that range"));
                None
            }
        };
        if let (Some(a), Some(b)) = (index(a, sides[0]), index(b, sides[1])) {
            pre.push(a);
            post.push(b);
        }
    }
    (pre.len() == items.len()).then_some((pre, post))
}

/// Reports what the projection does not allow: a neuron with itself, a pair that comes again.
fn judge(reading: &mut Reading<'_>, pre: &[u32], post: &[u32]) -> bool {
    let key = if reading.table.get("file").is_some() { "file" } else { "pairs" };
    if reading.ends.excluded(0).is_some()
        && let Some(entry) = (0..pre.len()).find(|e| pre[*e] == post[*e])
    {
        let message = format!("entry {} of this list connects neuron {} to itself", entry + 1, pre[entry]);
        reading.fault("autapse", key, message, "remove it, or add autapses = true");
        return false;
    }
    if reading.ends.multapses {
        return true;
    }
    let mut order: Vec<u32> = (0..pre.len() as u32).collect();
    let pair = |e: u32| (pre[e as usize], post[e as usize]);
    order.sort_unstable_by_key(|e| (pair(*e), *e));
    let Some(again) = order.windows(2).find(|w| pair(w[0]) == pair(w[1])) else { return true };
    let message = format!("entries {} and {} of this list are the same pair, {} to {}", again[0] + 1, again[1] + 1, pair(again[0]).0, pair(again[0]).1);
    reading.fault("multapse", key, message, "remove one of them, or add multapses = true");
    false
}

pub(super) fn pairs(pre: &[u32], post: &[u32], building: &Building<'_>) -> Pairs {
    let mut row = vec![0; building.ends.n_pre + 1];
    let owned = |entry: &u32| building.owned.contains(&(post[*entry as usize] as usize));
    for entry in (0..pre.len() as u32).filter(owned) {
        row[pre[entry as usize] as usize + 1] += 1;
    }
    for k in 1..row.len() {
        row[k] += row[k - 1];
    }
    // Target and entry in one number, so that a row is sorted without looking anything up.
    let mut next = row.clone();
    let mut keys = vec![0_u64; row[building.ends.n_pre]];
    for entry in (0..pre.len() as u32).filter(owned) {
        let place = &mut next[pre[entry as usize] as usize];
        keys[*place] = u64::from(post[entry as usize]) << 32 | u64::from(entry);
        *place += 1;
    }
    for bounds in row.windows(2) {
        keys[bounds[0]..bounds[1]].sort_unstable();
    }
    let post = keys.iter().map(|key| (key >> 32) as u32).collect();
    let entries = keys.iter().map(|key| *key as u32).collect();
    Pairs { row, post, entry: entries }
}
