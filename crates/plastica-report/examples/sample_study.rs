//! Prints a page with the figures of a study, made of invented numbers, to look at in a browser:
//! `cargo run -p plastica-report --example sample_study > page.html`.

use plastica_numerics::random::{Stream, stream_id};
use plastica_report::figures::{Axis, Bar, Cloud, Learning, LearningGroup, Matrices, Regions, Scatter, Strip, Strips, Timeline};
use plastica_report::{Piece, Section, page};

fn noise(name: &str, element: usize) -> f64 {
    Stream::new(1, 0, stream_id(name, 0)).normal(element as u64, 0, 0)
}

fn learning() -> Learning {
    let group = |name: &str, amount: f64, subjects: usize| {
        let curve = |subject: usize| {
            let one =
                |day: usize| 22.0 - amount * (1.0 - (-(day as f64) / 1.8).exp()) + 1.5 * noise(name, subject) + 0.8 * noise(name, 100 + 7 * subject + day);
            (0..5).map(|day| if subject == 2 && day == 3 { f64::NAN } else { one(day) }).collect()
        };
        LearningGroup { name: name.into(), x: (1..=5).map(f64::from).collect(), subjects: (0..subjects).map(curve).collect() }
    };
    Learning {
        x: Axis::new("day", ""),
        y: Axis::new("errors in 20 repetitions", ""),
        groups: vec![group("physical practice", 18.0, 5), group("imagery", 12.0, 5), group("imagery, then practice", 16.0, 5), group("control", 3.0, 5)],
        nights: (1..5).map(|d| (f64::from(d) + 0.35, f64::from(d) + 0.65)).collect(),
    }
}

/// The order of colours in all timelines.
fn kinds() -> Vec<String> {
    ["practice", "imagery", "rest", "wake", "test", "nrem", "rem"].map(String::from).to_vec()
}

fn timeline() -> Timeline {
    let mut out = Timeline { kinds: kinds(), ..Timeline::default() };
    let mut now = 0.0;
    let mut add = |kind: &str, length_s: f64| {
        out.bars.push(Bar { kind: kind.into(), from_s: now, length_s });
        now += length_s;
    };
    for _ in 0..5 {
        add("wake", 9.0 * 3600.0);
        add("test", 600.0);
        for _ in 0..4 {
            for _ in 0..60 {
                add("imagery", 15.0);
                add("rest", 15.0);
            }
            add("rest", 300.0);
        }
        add("wake", 34_200.0 - 3600.0);
        for _ in 0..2 {
            add("nrem", 4200.0);
            add("rem", 1200.0);
        }
        add("wake", 3600.0);
    }
    out
}

fn short_timeline() -> Timeline {
    let one = |trial: usize| Bar { kind: if trial.is_multiple_of(2) { "imagery" } else { "rest" }.into(), from_s: 15.0 * trial as f64, length_s: 15.0 };
    Timeline { bars: (0..30).map(one).collect(), kinds: kinds(), row_s: 0.0 }
}

fn mapping() -> Matrices {
    let panel = |day: usize| {
        let cell = |row: usize, column: usize| {
            (if row == column { 0.2 + 0.12 * day as f64 } else { 0.15 } + 0.05 * noise("map", 50 * day + 5 * row + column)).max(0.0)
        };
        (format!("day {day}"), (0..5).map(|r| (0..5).map(|c| cell(r, c)).collect()).collect())
    };
    Matrices {
        x: Axis::new("finger", ""),
        y: Axis::new("element of the sequence", ""),
        value: Axis::new("probability of the finger", ""),
        columns: (1..=5).map(|f| f.to_string()).collect(),
        rows: ["thumb", "index", "middle", "ring", "little"].map(String::from).to_vec(),
        panels: (1..=5).map(panel).collect(),
        also: Vec::new(),
    }
}

fn chain() -> Matrices {
    let cell = |row: usize, column: usize| {
        let ahead = column as f64 - row as f64;
        0.9 * (-(ahead - 1.0).powi(2)).exp() - 0.25 + 0.05 * noise("chain", 20 * row + column)
    };
    let names: Vec<String> = (1..=12).map(|e| e.to_string()).collect();
    let panel = |title: &str, factor: f64| (title.to_string(), (0..12).map(|r| (0..12).map(|c| factor * cell(r, c)).collect()).collect());
    Matrices {
        x: Axis::new("to element", ""),
        y: Axis::new("from element", ""),
        value: Axis::new("change of weight", "nS"),
        columns: names.clone(),
        rows: names,
        panels: vec![panel("over day 1", 0.4), panel("over day 5", 1.0)],
        also: Vec::new(),
    }
}

fn effects() -> Strips {
    let strip = |name: &str, published: f64, interval: (f64, f64), own: f64| Strip {
        name: name.into(),
        values: (0..40).map(|i| own + 0.3 * noise(name, i)).collect(),
        published: Some(published),
        interval: Some(interval),
    };
    Strips {
        axis: Axis::new("effect size", "standard deviations"),
        strips: vec![
            strip("mental against none", 0.51, (0.29, 0.72), 0.6),
            strip("physical against none", 1.78, (0.97, 2.6), 1.7),
            strip("combined against none", 1.16, (0.57, 1.75), 1.5),
            strip("physical against mental", 1.16, (0.45, 1.88), 1.1),
            strip("combined against physical", 0.01, (-0.28, 0.31), -0.1),
            strip("combined against mental", 0.61, (0.17, 1.04), 1.2),
        ],
    }
}

fn bare() -> Strips {
    let strip = |name: &str, own: f64| Strip { name: name.into(), values: (0..12).map(|i| own + 4.0 * noise(name, i)).collect(), ..Strip::default() };
    Strips { axis: Axis::new("gain over the night", "%"), strips: vec![strip("sleep", 19.0), strip("wake", 1.0)] }
}

fn scatter() -> Scatter {
    let cloud = |name: &str, shift: f64| Cloud {
        name: name.into(),
        points: (0..15).map(|i| (noise(name, i) + shift, 0.6 * noise(name, i) + 0.7 * noise(name, 100 + i))).collect(),
    };
    Scatter {
        x: Axis::new("gain by practice", "keys/s"),
        y: Axis::new("gain over the night", "keys/s"),
        clouds: vec![cloud("adults", 0.0), cloud("children", 1.0)],
    }
}

fn sweep() -> Regions {
    let panel = |title: &str, centre: f64| {
        let cell = |row: usize, column: usize| (row != 6 || column < 4).then(|| ((row as f64 - 3.0).powi(2) + (column as f64 - centre).powi(2)) < 7.0);
        (title.to_string(), (0..7).map(|r| (0..9).map(|c| cell(r, c)).collect()).collect())
    };
    Regions {
        x: Axis::new("imagery drive", "nA"),
        y: Axis::new("imagery attention", ""),
        columns: (1..=9).map(|i| 0.1 * f64::from(i)).collect(),
        rows: (2..=8).map(|i| 0.125 * f64::from(i)).collect(),
        panels: vec![panel("order of the groups", 4.0), panel("size of the effect", 3.0), panel("both", 2.5)],
        used: Some((3, 3)),
    }
}

fn main() {
    let text = "All numbers on this page are invented. It shows every figure of a study.";
    let figures = vec![
        Piece::Text(text.into()),
        Piece::Figure(learning().figure("Errors in the daily test by group.")),
        Piece::Figure(timeline().figure("What the imagery group lives through in five days.")),
        Piece::Figure(short_timeline().figure("One set of imagery.")),
        Piece::Figure(mapping().figure("Which finger each element drives, by day.")),
        Piece::Figure(Matrices { panels: mapping().panels[4..].to_vec(), ..mapping() }.figure("The same on the last day.")),
        Piece::Figure(chain().figure("Weights between the elements.")),
        Piece::Figure(effects().figure("Forty simulated studies beside the published effects.")),
        Piece::Figure(bare().figure("Gain over a night.")),
        Piece::Figure(scatter().figure("The gain over the night against the gain by practice.")),
        Piece::Figure(sweep().figure("Where the pattern holds when two constants are swept.")),
    ];
    print!("{}", page("Plastica: a sample study", &[Section { title: String::new(), pieces: figures }]));
}
