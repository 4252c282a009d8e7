//! The report of a run: one page that needs no network, made from what is on disk.

use std::path::PathBuf;

use plastica_record::read::Run;
use plastica_report::figures::{Axis, Chart, Curve, Point, forest_of};
use plastica_report::{Mark, Piece, Row, Section, Verdict, page, spikes, variable};
use serde_json::Value;

use super::Failure;
use crate::pairing::Shown;

/// Writes `report.html` into the folder of a run; its path.
pub(super) fn write(run: &Run, rows: &[Row], faults: &[String]) -> Result<PathBuf, Failure> {
    let about = run.json("run.json")?;
    let html = page(about["experiment"].as_str().unwrap_or_default(), &sections(run, rows, faults)?);
    let path = run.folder().join("report.html");
    plastica_record::write_whole(&path, html.as_bytes())?;
    Ok(path)
}

/// All that the page of a run shows.
pub(crate) fn sections(run: &Run, rows: &[Row], faults: &[String]) -> Result<Vec<Section>, Failure> {
    let about = run.json("run.json")?;
    let mut sections = vec![head(&about, rows, faults)];
    for name in about["pairings"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let file = format!("pairing-{name}.json");
        let shown: Shown =
            serde_json::from_value(run.json(&file)?).map_err(|e| Failure::Folder(format!("{} is damaged: {e}", run.folder().join(file).display())))?;
        sections.push(pairing(&shown));
    }
    sections.extend(crate::study::report_sections(run)?);
    let seconds = about["duration_s"].as_f64().unwrap_or(0.0);
    for name in run.tables()? {
        let neurons = about["neurons"][&name].as_u64().map(|n| n as usize);
        if about["neurons"].get(&name).is_some() {
            sections.extend(spikes(&name, &run.table(&name)?, neurons, seconds));
        }
    }
    for name in run.all_series()? {
        sections.push(variable(&name, &run.series(&name)?));
    }
    Ok(sections)
}

fn head(about: &Value, rows: &[Row], faults: &[String]) -> Section {
    let word = |key: &str| about[key].as_str().unwrap_or_default().to_string();
    let mut pieces = vec![Piece::Text(word("doc"))];
    for fault in faults {
        pieces.push(Piece::Text(format!("ERROR OF PLASTICA: {fault}")));
    }
    let count = |verdict: Verdict| rows.iter().filter(|r| r.verdict == verdict).count();
    if count(Verdict::Reproduced) + count(Verdict::NotReproduced) > 0 {
        pieces.push(Piece::Text(format!(
            "{} results are reproduced, {} are not, {} had a constant fitted to them and are not scored, {} are shown only: nothing is published to hold them against, or this size of the run cannot decide. Where nothing is published, a result is held against a limit of our own.",
            count(Verdict::Reproduced),
            count(Verdict::NotReproduced),
            count(Verdict::Calibrated),
            count(Verdict::ShownOnly)
        )));
    }
    if about["pairings"].as_array().is_some_and(|p| !p.is_empty()) && about["full"] != Value::Bool(true) {
        pieces.push(Piece::Text(
            "This is a quick run: stochastic rules were simulated in few copies, and their results are shown only. A run with --full decides.".into(),
        ));
    }
    let lines = [
        ("Claims", word("claim")),
        ("Sources", word("source")),
        ("Plastica", word("version")),
        ("Seed", about["seed"].to_string()),
        ("Precision", word("precision")),
    ];
    pieces.push(Piece::Text(lines.iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| format!("{k}: {v}.")).collect::<Vec<_>>().join(" ")));
    let plain: Vec<Row> = if about["pairings"].as_array().is_none_or(Vec::is_empty) { rows.to_vec() } else { Vec::new() };
    if !plain.is_empty() {
        pieces.push(Piece::Rows("Summary of the run.".into(), plain));
    }
    Section { title: String::new(), pieces }
}

fn pairing(shown: &Shown) -> Section {
    let mut pieces = vec![Piece::Text(shown.doc.clone()), Piece::Text(format!("Sources: {}.", shown.source))];
    for (k, rule) in shown.rules.iter().enumerate() {
        let rows = shown.cells(k);
        // Protocols without a common axis are shown below each other.
        let figure = if shown.x_label == "protocol" {
            let mut rows = rows.to_vec();
            for row in &mut rows {
                row.quantity = row.quantity.split_once(": ").map_or(row.quantity.clone(), |(_, p)| p.to_string());
            }
            forest_of(&rows, Axis::new(shown.y_label.clone(), "")).figure(rule.clone())
        } else {
            chart(shown, rows).figure(rule.clone())
        };
        pieces.push(Piece::Figure(figure));
    }
    // What sums up comes first.
    let cells = (0..shown.rules.len()).flat_map(|k| shown.cells(k));
    pieces.push(Piece::Rows("Published and simulated.".into(), shown.summaries().iter().chain(cells).cloned().collect()));
    Section { title: shown.title.clone(), pieces }
}

/// Published, model and simulated values of one rule, curve by curve.
fn chart(shown: &Shown, rows: &[Row]) -> Chart {
    let mut names: Vec<&String> = Vec::new();
    for (name, _) in &shown.places {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut curves = Vec::new();
    for (group, name) in names.iter().enumerate() {
        let own: Vec<(f64, &Row)> = shown.places.iter().zip(rows).filter(|((curve, _), _)| curve == *name).map(|((_, x), row)| (*x, row)).collect();
        let of = |value: fn(&Row) -> Option<Point>| -> Vec<Point> { own.iter().filter_map(|(x, row)| value(row).map(|p| Point { x: *x, ..p })).collect() };
        let label = |what: &str| if names.len() > 1 { format!("{what}, {name}") } else { what.to_string() };
        let published = of(|r| Some(Point { y: r.published.as_deref()?.parse().ok()?, error: r.error, ..Point::default() }));
        let model = of(|r| Some(Point { y: r.model?, ..Point::default() }));
        // The spread over copies is that of single synapses; the mean is known better by the root of their number.
        let simulated = of(|r| Some(Point { y: r.simulated?, error: r.spread.map(|s| s / (r.n.unwrap_or(1) as f64).sqrt()), ..Point::default() }));
        for (what, mark, points) in
            [("published", Mark::Published(group), published), ("exact rule", Mark::Model(group), model), ("Plastica", Mark::Plastica(group), simulated)]
        {
            if !points.is_empty() {
                curves.push(Curve { name: label(what), mark, line: false, points });
            }
        }
    }
    Chart { x: Axis::new(shown.x_label.clone(), ""), y: Axis::new(shown.y_label.clone(), ""), curves }
}
