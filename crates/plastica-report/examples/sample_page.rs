//! Prints a page with every kind of table and figure, made of invented numbers, to look at in a browser:
//! `cargo run -p plastica-report --example sample_page > page.html`.

use plastica_record::read::Series;
use plastica_report::figures::{Axis, Chart, Curve, HistogramFigure, Point, Raster, forest_of, trace};
use plastica_report::statistics::histogram;
use plastica_report::{Mark, Piece, Row, Section, Standing, Verdict, page, verdict};

const FREQUENCIES: [f64; 5] = [0.1, 10.0, 20.0, 40.0, 50.0];

fn row(quantity: &str, published: f64, error: f64, simulated: f64) -> Row {
    let (low, high) = (Some(published - 2.0 * error), Some(published + 2.0 * error));
    Row {
        id: "S01".into(),
        quantity: quantity.into(),
        unit: "rel".into(),
        claim: "C4, C5".into(),
        kind: "quant".into(),
        published: Some(published.to_string()),
        error: Some(error),
        verification: "V".into(),
        low,
        high,
        model: Some(simulated),
        simulated: Some(simulated),
        spread: None,
        n: Some(1),
        calibrated: false,
        seconds: Some(0.01),
        verdict: verdict(Standing::Scored, Some(simulated), low, high),
    }
}

/// A curve that rises with frequency; the sign tells the two orders of spikes apart.
fn invented(frequency: f64, sign: f64) -> f64 {
    0.02 * frequency - 0.4 + 0.2 * sign
}

fn curves(sign: f64, group: usize) -> Vec<Curve> {
    let name = |who: &str| format!("{who}, {}", if group == 0 { "pre before post" } else { "post before pre" });
    let points = |shift: f64, error| FREQUENCIES.iter().map(|f| Point { x: *f, y: invented(*f, sign) + shift, error }).collect();
    let line = (0..=100).map(|i| Point { x: f64::from(i) * 0.5, y: invented(f64::from(i) * 0.5, sign), error: None }).collect();
    vec![
        Curve { name: name("model"), mark: Mark::Model(group), line: true, points: line },
        Curve { name: name("published"), mark: Mark::Published(group), line: false, points: points(0.06, Some(0.1)) },
        Curve { name: name("Plastica"), mark: Mark::Plastica(group), line: false, points: points(0.0, None) },
    ]
}

fn main() {
    let mut rows: Vec<Row> =
        FREQUENCIES.iter().map(|f| row(&format!("60 pairs at {f} Hz, post 10 ms after pre"), invented(*f, 1.0) + 0.06, 0.1, invented(*f, 1.0))).collect();
    rows.push(row("post-pre-post minus pre-post-pre, a quantity with a long name", 0.228, 0.03, -0.51));
    rows.push(Row {
        verification: "R".into(),
        published: Some("between 20 and 40".into()),
        error: None,
        model: None,
        verdict: Verdict::ContradictedElsewhere,
        ..row("where depression turns", 20.0, 5.0, 31.5)
    });
    rows.push(Row {
        verification: "D".into(),
        published: None,
        error: None,
        low: None,
        high: None,
        spread: Some(0.4),
        n: Some(10),
        verdict: Verdict::ShownOnly,
        ..row("mean rate", 3.0, 0.2, 3.1)
    });
    let chart = Chart { x: Axis::new("frequency", "Hz"), y: Axis::new("weight change", "relative"), curves: [curves(1.0, 0), curves(-1.0, 1)].concat() };
    let time_s: Vec<f64> = (0..20_000).map(|i| f64::from(i) * 1e-4).collect();
    let values = time_s.iter().flat_map(|t| [-0.06 + 0.01 * (t * 40.0).sin(), -0.065 + 0.004 * (t * 15.0).cos()]).collect();
    let series =
        Series { variable: "v".into(), unit: "V".into(), dimension: "neuron".into(), labels: vec![("neuron".into(), vec![3, 17])], time_s, width: 2, values };
    let spikes: Vec<(f64, f64)> = (0..4000).map(|i| (f64::from(i * 7919 % 10_000) * 1e-4, f64::from(i * 31 % 200))).collect();
    let raster = Raster { time_s: spikes.iter().map(|s| s.0).collect(), neuron: spikes.iter().map(|s| s.1).collect(), from_s: 0.0, to_s: 1.0 };
    let weights: Vec<f64> = (0..5000).map(|i| 0.5 + 0.2 * (f64::from(i) * 0.7).sin() + 0.1 * (f64::from(i) * 1.3).cos()).collect();
    let counts = HistogramFigure { axis: Axis::new("weight", ""), counted: "synapses".into(), histogram: histogram(&weights, 0.0, 1.0, 25) };
    let sections = [
        Section {
            title: String::new(),
            pieces: vec![
                Piece::Text("All numbers on this page are invented. It shows every kind of table and figure.".into()),
                Piece::Rows("Results beside published numbers".into(), rows.clone()),
            ],
        },
        Section {
            title: "Figures".into(),
            pieces: vec![
                Piece::Figure(chart.figure("Weight change after 60 pairings by their frequency; bars are standard errors.")),
                Piece::Figure(forest_of(&rows[..6], Axis::new("weight change", "relative")).figure("The same results below each other.")),
                Piece::Figure(trace(&series, &[0, 1], "membrane potential").figure("Two neurons.")),
                Piece::Figure(raster.figure("Spikes of 200 neurons in one second.")),
                Piece::Figure(counts.figure("Weights at the end.")),
            ],
        },
    ];
    print!("{}", page("Plastica: a sample report", &sections));
}
