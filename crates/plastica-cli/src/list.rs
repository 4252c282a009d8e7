//! `plastica list`: experiments by the claim that they test, models by kind, each with its first sentence of description.

use plastica::atlas::time;
use plastica::claims::{Claims, Topic};
use plastica::library::{Library, Listed};
use plastica::nearest;
use serde_json::json;

use crate::output::Output;
use crate::table::wrapped;
use crate::{BAD_INPUT, DONE};

/// Columns of the terminal that a line may take.
const WIDTH: usize = 80;
/// Longest name beside which a description stands.
const NAME: usize = 20;

pub fn list(output: &mut Output, library: &Library, what: Option<&str>, as_json: bool) -> u8 {
    let kept = |kind: &str, list: Vec<Listed>| -> Vec<Listed> { list.into_iter().filter(|l| what.is_none_or(|word| has(l, kind, word))).collect() };
    let all = library.listed_experiments();
    let claims = Claims::read();
    // Numbers of the atlas that no experiment has, unless something else was asked for.
    let asked = |t: &&Topic| what.is_none_or(|word| t.id.eq_ignore_ascii_case(word) || t.claims.iter().any(|c| c.eq_ignore_ascii_case(word)));
    let open: Vec<&Topic> = claims.topics.iter().filter(|t| !all.iter().any(|e| e.ids.contains(&t.id))).filter(asked).collect();
    let experiments = kept("experiments", all);
    let (neurons, synapses) = (kept("neurons", library.listed("neurons")), kept("synapses", library.listed("synapses")));
    if as_json {
        let model = |l: &Listed| json!({ "name": l.name, "doc": l.doc });
        let entry = |l: &Listed| json!({ "name": l.name, "doc": l.doc, "claim": l.claims.join(", "), "ids": l.ids, "run_time_s": l.run_time_s });
        let all = |list: &[Listed]| list.iter().map(model).collect::<Vec<_>>();
        let experiments: Vec<_> = experiments.iter().map(entry).collect();
        output.line(&json!({ "experiments": experiments, "neurons": all(&neurons), "synapses": all(&synapses) }).to_string());
        return DONE;
    }
    if let (Some(word), true) = (what, experiments.is_empty() && open.is_empty() && neurons.is_empty() && synapses.is_empty()) {
        let known: Vec<String> = library.experiments().into_iter().chain(library.models("neurons")).chain(library.models("synapses")).collect();
        let help = nearest(word, known.iter().map(String::as_str)).map_or("`plastica list` shows all".into(), |near| format!("did you mean `{near}`?"));
        output.error(&format!("nothing in the library has `{word}`; {help}"));
        return BAD_INPUT;
    }
    by_claim(output, &claims, &experiments, &open);
    section(output, "Other experiments: circuits to start from and to measure", experiments.iter().filter(|e| e.claims.is_empty()));
    section(output, "Neurons", neurons.iter());
    section(output, "Synapses", synapses.iter());
    output.line("`plastica show NAME` prints one, `plastica run NAME` runs an experiment,");
    output.line("`plastica atlas` runs all that are held against published numbers.");
    DONE
}

/// Has an entry this word: as its kind, a claim, a number, or in its name or description?
fn has(entry: &Listed, kind: &str, word: &str) -> bool {
    let lower = word.to_lowercase();
    let is = |name: &str| name.to_lowercase() == lower;
    let codes = entry.claims.iter().chain(&entry.ids);
    is(kind) || codes.clone().any(|code| is(code)) || entry.name.to_lowercase().contains(&lower) || entry.doc.to_lowercase().contains(&lower)
}

/// Each experiment under the first claim that it names, and its name alone under the others.
fn by_claim(output: &mut Output, claims: &Claims, experiments: &[Listed], open: &[&Topic]) {
    let mut codes: Vec<(&str, &str)> = claims.list.iter().map(|c| (c.code.as_str(), c.sentence.as_str())).collect();
    // Claims of experiments of the user's own.
    for code in experiments.iter().flat_map(|e| &e.claims) {
        if !codes.iter().any(|(known, _)| known == code) {
            codes.push((code, ""));
        }
    }
    for (code, sentence) in codes {
        let own = experiments.iter().filter(|e| e.claims.first().is_some_and(|c| c == code));
        let also: Vec<String> =
            experiments.iter().filter(|e| e.claims.iter().skip(1).any(|c| c == code)).map(|e| format!("{} ({})", e.name, e.claims[0])).collect();
        let missing: Vec<String> = open.iter().filter(|t| t.claims.first().is_some_and(|c| c == code)).map(|t| t.id.clone()).collect();
        if own.clone().next().is_none() && also.is_empty() && missing.is_empty() {
            continue;
        }
        title(output, &format!("{code}  {sentence}"));
        entries(output, own);
        for (words, list) in [("see also", also.join(", ")), ("no experiment yet:", ranges(&missing))] {
            if list.is_empty() {
                continue;
            }
            for (k, line) in wrapped(&format!("{words} {list}"), WIDTH - 4).iter().enumerate() {
                output.line(&format!("{}{line}", if k == 0 { "  " } else { "    " }));
            }
        }
        output.line("");
    }
}

fn section<'a>(output: &mut Output, heading: &str, list: impl Iterator<Item = &'a Listed> + Clone) {
    if list.clone().next().is_some() {
        title(output, heading);
        entries(output, list);
        output.line("");
    }
}

fn title(output: &mut Output, text: &str) {
    for line in wrapped(text, WIDTH) {
        let bold = output.bold(&line);
        output.line(&bold);
    }
}

/// Name, description, numbers and run time. A long name has a line of its own, so that descriptions are not squeezed.
fn entries<'a>(output: &mut Output, list: impl Iterator<Item = &'a Listed> + Clone) {
    let width = list.clone().map(|e| e.name.len()).filter(|n| *n <= NAME).max().unwrap_or(0);
    for entry in list {
        let mut more: Vec<String> = Vec::new();
        if !entry.ids.is_empty() {
            more.push(ranges(&entry.ids));
        }
        more.extend(entry.run_time_s.map(|s| format!("about {}", time(s))));
        let text = if more.is_empty() { entry.doc.clone() } else { format!("{} [{}]", entry.doc, more.join("; ")) };
        let mut name = entry.name.as_str();
        if name.len() > width {
            output.line(&format!("  {name}"));
            name = "";
        }
        for line in wrapped(&text, WIDTH - width - 4) {
            output.line(format!("  {name:width$}  {line}").trim_end());
            name = "";
        }
    }
}

/// `E01, E02, E03, E05` as `E01 to E03, E05`; numbers of the user's own stay as they are.
fn ranges(ids: &[String]) -> String {
    let number = |id: &String| id.strip_prefix('E').and_then(|n| n.parse::<u32>().ok());
    let runs = ids.chunk_by(|a, b| number(a).zip(number(b)).is_some_and(|(a, b)| a + 1 == b));
    let word = |run: &[String]| match run {
        [first, .., last] if run.len() > 2 => format!("{first} to {last}"),
        run => run.join(", "),
    };
    runs.map(word).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_row_are_a_range() {
        let check = |ids: &[&str], expected: &str| assert_eq!(ranges(&ids.iter().map(|s| s.to_string()).collect::<Vec<_>>()), expected);
        check(&["E01", "E02", "E03", "E05"], "E01 to E03, E05");
        check(&["E01", "E02"], "E01, E02");
        check(&["own", "E09"], "own, E09");
        check(&[], "");
    }

    #[test]
    fn a_word_filters_by_claim_number_kind_name_and_text() {
        let entry =
            Listed { name: "sleep-gain".into(), doc: "Speed over a night".into(), claims: vec!["C9".into()], ids: vec!["E27".into()], run_time_s: None };
        for word in ["c9", "E27", "experiments", "sleep", "NIGHT"] {
            assert!(has(&entry, "experiments", word), "{word}");
        }
        for word in ["C1", "E2", "neurons"] {
            assert!(!has(&entry, "experiments", word), "{word}");
        }
    }
}
