//! One table laid over another: `[without.NAME]`, `[full]`, and the second file of a branch.
//!
//! Tables are merged key by key; tables in a list are merged by their `name`; anything else is replaced.

use plastica_lang::source::{Table, Value, ValueKind};

/// Lays `over` on `base`. Keys in `skip` of the top level stay out.
pub fn lay(base: &mut Table, over: &Table, skip: &[&str]) {
    for (key, value) in over.entries.iter().filter(|(key, _)| !skip.contains(&key.name.as_str())) {
        match base.entries.iter_mut().find(|(k, _)| k.name == key.name) {
            Some((_, old)) => merge(old, value),
            None => base.entries.push((key.clone(), value.clone())),
        }
    }
}

fn merge(old: &mut Value, new: &Value) {
    match (&mut old.kind, &new.kind) {
        (ValueKind::Table(base), ValueKind::Table(over)) => lay(base, over, &[]),
        (ValueKind::Array(base), ValueKind::Array(over)) if !over.is_empty() && over.iter().all(|v| name_of(v).is_some()) => {
            for item in over {
                match base.iter_mut().find(|b| name_of(b).is_some() && name_of(b) == name_of(item)) {
                    Some(same) => merge(same, item),
                    None => base.push(item.clone()),
                }
            }
        }
        _ => *old = new.clone(),
    }
}

/// The `name` of a table in a list.
fn name_of(value: &Value) -> Option<&str> {
    let ValueKind::Table(table) = &value.kind else { return None };
    match table.get("name").map(|v| &v.kind) {
        Some(ValueKind::Text(text)) => Some(&text.text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plastica_lang::source::{Sources, parse_toml};

    fn check(base: &str, over: &str, expected: &str) {
        let mut sources = Sources::default();
        let mut read = |text: &str| {
            let id = sources.add("a.toml", text);
            let mut diagnostics = Vec::new();
            let table = parse_toml(&sources, id, &mut diagnostics);
            assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
            table
        };
        let (mut base, over, expected) = (read(base), read(over), read(expected));
        lay(&mut base, &over, &[]);
        assert_eq!(crate::resolve::printed(&base), crate::resolve::printed(&expected));
    }

    #[test]
    fn tables_are_merged_and_values_replaced() {
        check("a = 1\n[b]\nc = 2\nd = 3\n", "a = 4\n[b]\nc = 5\n[e]\nf = 6\n", "a = 4\n[b]\nc = 5\nd = 3\n[e]\nf = 6\n");
        check("a = [1, 2]\n", "a = [3]\n", "a = [3]\n");
    }

    #[test]
    fn named_tables_of_a_list_are_merged_by_name() {
        check(
            "[[group]]\nname = \"x\"\nn = 1\n[[group]]\nname = \"y\"\nn = 2\n",
            "[[group]]\nname = \"y\"\nn = 3\n[[group]]\nname = \"z\"\nn = 4\n",
            "[[group]]\nname = \"x\"\nn = 1\n[[group]]\nname = \"y\"\nn = 3\n[[group]]\nname = \"z\"\nn = 4\n",
        );
    }
}
