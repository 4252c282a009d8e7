//! The page of an atlas: the table of all rows by claim, then each experiment as its own page shows it, in one file that needs no network.

use plastica_record::read::Run;
use plastica_report::{Line, Part, Piece, Section, Shelf, book};

use super::{Atlas, Counts, Entry, Fate, time};
use crate::run::{Failure, page};

/// Writes `report.html` into the folder of an atlas.
pub(super) fn write(atlas: &Atlas) -> Result<(), Failure> {
    let mut parts = Vec::new();
    for entry in &atlas.entries {
        parts.push(part(atlas, entry)?);
    }
    let html = book("Atlas of experiments", &front(atlas), &parts);
    Ok(plastica_record::write_whole(&atlas.folder.join("report.html"), html.as_bytes())?)
}

fn front(atlas: &Atlas) -> Vec<Section> {
    let all = atlas.rows();
    let size = if atlas.full { "full size" } else { "quick size" };
    let seed = atlas.seed.map_or("each with its own seed".into(), |seed| format!("seed {seed}"));
    let text = [
        "Every experiment of the library that is held against numbers, one after another, and every published number of the table of targets.".into(),
        format!("Plastica {}, {size}, {seed}; {} in all.", crate::VERSION, time(atlas.seconds())),
        format!("Rows of the table of targets: {}; {}.", atlas.target_counts().rows, atlas.target_counts().words()),
        format!("All rows, ablations and single protocols among them: {}; {}.", all.len(), Counts::of(&all).words()),
    ];
    let mut pieces: Vec<Piece> = text.into_iter().map(Piece::Text).collect();
    pieces.push(Piece::Overview(atlas.shown_claims().iter().map(|code| shelf(atlas, code)).collect()));
    vec![Section { title: String::new(), pieces }]
}

fn shelf(atlas: &Atlas, code: &str) -> Shelf {
    let title = if code.is_empty() { "Not about a claim".into() } else { format!("{code} {}", atlas.claims.sentence(code)) };
    let mut lines = Vec::new();
    for entry in atlas.under(code) {
        let name = entry.tested.name.clone();
        let took = if entry.seconds() > 0.0 { time(entry.seconds()) } else { String::new() };
        let line = |row: &plastica_report::Row| Line::Result { experiment: name.clone(), anchor: name.clone(), row: Box::new(row.clone()), time: took.clone() };
        lines.extend(entry.asked().map(line));
        lines.extend(entry.remarks().into_iter().map(|text| Line::Note { experiment: name.clone(), anchor: name.clone(), text }));
    }
    for entry in atlas.also_under(code) {
        let name = entry.tested.name.clone();
        lines.push(Line::Note { experiment: name.clone(), anchor: name, text: format!("tests this too, and stands under {}", entry.claim()) });
    }
    lines.extend(atlas.open_under(code).map(|row| Line::Result {
        experiment: String::new(),
        anchor: String::new(),
        row: Box::new(row.clone()),
        time: String::new(),
    }));
    Shelf { title, lines }
}

fn part(atlas: &Atlas, entry: &Entry) -> Result<Part, Failure> {
    let tested = &entry.tested;
    let mut link = (String::new(), String::new());
    let ids = tested.ids();
    let numbers: Vec<String> = ids.iter().map(|id| atlas.claims.topic(id).map_or(id.clone(), |t| format!("{id} {}", t.title))).collect();
    let first = Section { title: String::new(), pieces: vec![Piece::Text(format!("{}.", numbers.join("; ")))] };
    let rest = match &entry.fate {
        Fate::Done { folder, faults, .. } => {
            link = ("The page of this run, in its folder".into(), format!("{folder}/report.html"));
            let run = Run::open(&atlas.folder.join(folder))?;
            // One run whose files are damaged does not take the page from all others.
            page::sections(&run, &entry.rows, faults).unwrap_or_else(|e| {
                let pieces = vec![Piece::Text(format!("This run cannot be shown: {e}")), Piece::Rows("Its rows.".into(), entry.rows.clone())];
                vec![Section { title: String::new(), pieces }]
            })
        }
        Fate::Failed(_) | Fate::Waiting => {
            let lines = [tested.doc.clone(), format!("Sources: {}.", tested.source)].into_iter().chain(entry.remarks());
            let mut pieces: Vec<Piece> = lines.map(Piece::Text).collect();
            if !entry.rows.is_empty() {
                pieces.push(Piece::Rows("Not run.".into(), entry.rows.clone()));
            }
            vec![Section { title: String::new(), pieces }]
        }
    };
    let sections = [first].into_iter().chain(rest).collect();
    Ok(Part { anchor: tested.name.clone(), title: tested.name.clone(), link, sections })
}
