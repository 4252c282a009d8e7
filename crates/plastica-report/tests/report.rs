//! The report as its readers see it: words, widths, and drawings that survive any number.

use plastica_record::read::Series;
use plastica_report::figures::{
    Axis, Bar, Chart, Cloud, Curve, Forest, ForestRow, HistogramFigure, Learning, LearningGroup, Matrices, Point, Raster, Regions, Scatter, Strip, Strips,
    Timeline, forest_of,
};
use plastica_report::{Figure, Mark, Piece, Row, Section, Standing, Verdict, csv, number, page, spikes, statistics, variable, verdict};

fn row() -> Row {
    Row {
        id: "E02".into(),
        quantity: "60 pairs at 20 Hz, \"dt\" = -10 ms".into(),
        unit: "rel".into(),
        claim: "C4, C5".into(),
        kind: "quant".into(),
        published: Some("-0.34".into()),
        error: Some(0.1),
        verification: "V".into(),
        low: Some(-0.54),
        high: Some(-0.14),
        model: Some(-0.39),
        simulated: Some(-0.39),
        spread: None,
        n: Some(1),
        calibrated: false,
        seconds: Some(0.5),
        verdict: Verdict::Reproduced,
    }
}

#[test]
fn a_row_is_the_object_of_the_command_line() {
    let expected = r#"{"id":"E02","quantity":"60 pairs at 20 Hz, \"dt\" = -10 ms","unit":"rel","claim":"C4, C5","kind":"quant","published":"-0.34","error":0.1,"verification":"V","low":-0.54,"high":-0.14,"model":-0.39,"simulated":-0.39,"spread":null,"n":1,"calibrated":false,"seconds":0.5,"verdict":"reproduced"}"#;
    assert_eq!(serde_json::to_string(&row()).unwrap(), expected);
    assert_eq!(serde_json::from_str::<Row>(expected).unwrap(), row());
    for word in [Verdict::Reproduced, Verdict::NotReproduced, Verdict::Calibrated, Verdict::ContradictedElsewhere, Verdict::ShownOnly] {
        assert_eq!(serde_json::to_value(word).unwrap(), word.words());
    }
}

#[test]
fn csv_quotes_what_needs_it_and_keeps_every_digit() {
    let text = csv(&[Row { simulated: Some(0.1 + 0.2), ..row() }]);
    assert_eq!(
        text.lines().nth(1),
        Some(r#"E02,"60 pairs at 20 Hz, ""dt"" = -10 ms",rel,"C4, C5",quant,-0.34,0.1,V,-0.54,-0.14,-0.39,0.30000000000000004,,1,false,0.5,reproduced"#)
    );
}

fn check_verdict(standing: Standing, value: Option<f64>, ends: (Option<f64>, Option<f64>), expected: Verdict) {
    assert_eq!(verdict(standing, value, ends.0, ends.1), expected, "{standing:?} {value:?} {ends:?}");
}

#[test]
fn verdicts_follow_the_interval_and_the_standing() {
    let both = (Some(1.0), Some(2.0));
    check_verdict(Standing::Scored, Some(1.0), both, Verdict::Reproduced);
    check_verdict(Standing::Scored, Some(2.0), both, Verdict::Reproduced);
    check_verdict(Standing::Scored, Some(2.1), both, Verdict::NotReproduced);
    check_verdict(Standing::Scored, Some(2.1), (Some(1.0), None), Verdict::Reproduced);
    check_verdict(Standing::Scored, Some(f64::NAN), (Some(1.0), None), Verdict::NotReproduced);
    check_verdict(Standing::Scored, None, both, Verdict::ShownOnly);
    check_verdict(Standing::Scored, Some(1.0), (None, None), Verdict::ShownOnly);
    check_verdict(Standing::Contradicted, Some(1.5), both, Verdict::ContradictedElsewhere);
    check_verdict(Standing::Shown, Some(1.5), both, Verdict::ShownOnly);
}

#[test]
fn the_distance_is_in_standard_errors() {
    assert!((row().distance().unwrap() - 0.5).abs() < 1e-12);
    assert_eq!(Row { published: Some("between 20 and 40".into()), ..row() }.distance(), None);
}

#[test]
fn numbers_are_short() {
    let check = |value: f64, expected: &str| assert_eq!(number(value), expected);
    check(0.0, "0");
    check(-0.0, "0");
    check(100.0, "100");
    check(0.17536, "0.1754");
    check(-1.0e-4, "-1e-4");
    check(1.5e9, "1.5e9");
    check(f64::NAN, "not a number");
}

/// Whether each tag is closed in its turn, and whether nothing is fetched from anywhere.
fn check_html(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    for piece in html.split('<').skip(1) {
        let tag = piece.split('>').next().unwrap();
        let name = tag.split([' ', '/']).next().unwrap();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "…<{}", &piece[..piece.len().min(60)]);
        } else if !tag.ends_with('/') && !["meta", "!DOCTYPE"].contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    let foreign = html.replace("http://www.w3.org/2000/svg", "");
    assert!(!foreign.contains("http") && !foreign.contains("src=") && !foreign.contains("url(") && !foreign.contains("<script"));
    assert!(!html.contains("NaN") && !html.contains("inf ") && !html.contains("inf\""));
}

fn check_figure(figure: Figure) {
    assert!(figure.svg.contains("role=\"img\" aria-label=\"") && !figure.alternative.is_empty());
    check_html(&page("T", &[Section { title: "S".into(), pieces: vec![Piece::Figure(figure)] }]));
}

#[test]
fn figures_survive_any_number() {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, 1e300, -1e300, 1e-300];
    for values in [&[][..], &odd[..1], &odd[3..4], &odd[3..5], &odd] {
        for logarithmic in [false, true] {
            let axis = Axis { logarithmic, ..Axis::new("a <b>", "\"u\"") };
            let points: Vec<Point> = values.iter().flat_map(|x| values.iter().map(|y| Point { x: *x, y: *y, error: Some(*x) })).collect();
            let curve = |line| Curve { name: "n & m".into(), mark: Mark::Model(usize::from(line)), line, points: points.clone() };
            check_figure(Chart { x: axis.clone(), y: axis.clone(), curves: vec![curve(true), curve(false)] }.figure("c"));
            let rows = values.iter().map(|v| ForestRow {
                name: "r".into(),
                published: Some(*v),
                error: Some(*v),
                model: Some(*v),
                simulated: Some(*v),
                spread: Some(*v),
            });
            check_figure(Forest { axis: axis.clone(), rows: rows.collect() }.figure("f"));
        }
        check_figure(
            HistogramFigure { axis: Axis::new("w", ""), counted: "synapses".into(), histogram: statistics::histogram(values, 0.0, 0.0, 3) }.figure("h"),
        );
        check_figure(Raster { time_s: values.to_vec(), neuron: values.to_vec(), from_s: 0.0, to_s: 1.0 }.figure("r"));
    }
}

#[test]
fn figures_of_a_study_survive_any_number() {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, 1e300, -1e300, 1e-300];
    let name = || String::from("a <b> & \"c\" that is much longer than any place it could have beside a plot");
    for values in [&[][..], &odd[..1], &odd[3..4], &odd[3..5], &odd] {
        let axis = Axis::new(name(), "\"u\"");
        let group = LearningGroup { name: name(), x: values.to_vec(), subjects: vec![values.to_vec(), values.iter().rev().copied().collect(), vec![]] };
        let nights = values.iter().map(|v| (*v, *v + 1.0)).collect();
        check_figure(Learning { x: axis.clone(), y: axis.clone(), groups: vec![group; 7], nights }.figure("l"));
        let bars: Vec<Bar> =
            values.iter().flat_map(|from_s| values.iter().map(|length_s| Bar { kind: name(), from_s: *from_s, length_s: *length_s })).collect();
        for row_s in values.iter().chain(&[0.0]) {
            check_figure(Timeline { bars: bars.clone(), kinds: vec![], row_s: *row_s }.figure("t"));
        }
        let names: Vec<String> = values.iter().map(|_| name()).collect();
        let panels = vec![(name(), vec![values.to_vec(); values.len()]); 4];
        check_figure(
            Matrices { x: axis.clone(), y: axis.clone(), value: axis.clone(), columns: names.clone(), rows: names.clone(), panels, also: Vec::new() }
                .figure("m"),
        );
        let panels = vec![(name(), vec![vec![Some(true), None, Some(false)]; 2]); 2];
        check_figure(Regions { x: axis.clone(), y: axis.clone(), columns: values.to_vec(), rows: values.to_vec(), panels, used: Some((3, 0)) }.figure("g"));
        let strips = values.iter().map(|v| Strip { name: name(), values: values.to_vec(), published: Some(*v), interval: Some((*v, -*v)) });
        check_figure(Strips { axis: axis.clone(), strips: strips.collect() }.figure("s"));
        let points = values.iter().flat_map(|x| values.iter().map(|y| (*x, *y))).collect();
        check_figure(Scatter { x: axis.clone(), y: axis.clone(), clouds: vec![Cloud { name: name(), points }] }.figure("c"));
    }
}

/// Numbers after an attribute, in the order of the drawing.
fn attributes(svg: &str, before: &str) -> Vec<f64> {
    svg.split(before).skip(1).map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect()
}

#[test]
fn a_learning_curve_goes_through_the_means_and_breaks_where_nobody_was_measured() {
    let subjects = vec![vec![4.0, 2.0, f64::NAN, 1.0], vec![6.0, 4.0, f64::NAN, f64::NAN]];
    let groups = vec![LearningGroup { name: "g".into(), x: vec![1.0, 2.0, 3.0, 4.0], subjects }];
    let figure = Learning { x: Axis::new("day", ""), y: Axis::new("errors", ""), groups, nights: vec![(1.3, 1.7)] }.figure("f");
    let rows = figure.grid.unwrap().rows;
    assert_eq!(rows[0], ["g", "1", "5", "−7.706 to 17.71", "2"]);
    assert_eq!(rows[2], ["g", "4", "1", "–", "1"]);
    let line = figure.svg.split("class=\"line g0\" d=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!((line.matches('M').count(), line.matches('L').count()), (2, 1), "{line}");
    assert_eq!(figure.legend.last().unwrap().name, "night");
}

#[test]
fn a_timeline_counts_its_blocks_and_splits_them_at_midnight() {
    let bar = |kind: &str, from_h: f64, length_h: f64| Bar { kind: kind.into(), from_s: 3600.0 * from_h, length_s: 3600.0 * length_h };
    let kinds = vec!["practice".into(), "sleep".into(), "wake".into()];
    let figure = Timeline { bars: vec![bar("wake", 0.0, 22.0), bar("sleep", 22.0, 8.0), bar("wake", 30.0, 18.0)], kinds, row_s: 0.0 }.figure("t");
    assert_eq!(figure.grid.unwrap().rows, [["sleep", "1", "480"], ["wake", "2", "2400"]]);
    assert_eq!(figure.svg.matches("area k1").count(), 2, "the night is in both rows");
    assert_eq!(figure.svg.matches(">day ").count(), 2);
}

#[test]
fn regions_count_what_was_run() {
    let panels = vec![("order".into(), vec![vec![Some(true), Some(false)], vec![None, Some(true)]])];
    let axis = Axis::new("drive", "nA");
    let figure = Regions { x: axis.clone(), y: axis, columns: vec![1.0, 2.0], rows: vec![1.0, 2.0], panels, used: Some((1, 0)) }.figure("r");
    assert!(figure.alternative.contains("order: in 2 of 3 cells") && figure.alternative.contains("2 and 1"));
    // Rows go upwards: the cell of the lowest row lies lower.
    let cells: Vec<&str> = figure.svg.split("area k0\"").skip(1).collect();
    let tops: Vec<f64> = cells.iter().map(|cell| attributes(cell, " y=\"")[0]).collect();
    assert!(tops.len() == 2 && tops[0] > tops[1], "{tops:?}");
}

#[test]
fn a_matrix_shows_the_largest_and_a_strip_its_place_beside_the_interval() {
    let names = ["a", "b"].map(String::from).to_vec();
    let panels = vec![("day 1".into(), vec![vec![0.1, 0.9], vec![f64::NAN, 0.2]])];
    let axis = || Axis::new("w", "nS");
    let figure = Matrices { x: axis(), y: axis(), value: axis(), columns: names.clone(), rows: names, panels, also: Vec::new() }.figure("m");
    assert!(figure.alternative.contains("largest 0.9 at a and b"));
    assert_eq!(figure.svg.matches("fill=\"rgb(254,232,56)\"").count(), 1, "only the largest has the last colour of the cells");
    let strip = |published, interval| Strip { name: "s".into(), values: vec![1.0, 2.0, 3.0], published, interval };
    let figure = Strips { axis: axis(), strips: vec![strip(Some(0.0), Some((-1.0, 1.0))), strip(None, None)] }.figure("s");
    assert!(figure.alternative.contains("the median 2 lies above the interval"));
    let scatter =
        Scatter { x: axis(), y: axis(), clouds: vec![Cloud { name: "c".into(), points: vec![(1.0, 1.0), (2.0, 3.0), (3.0, 2.0), (4.0, 5.0), (5.0, 4.0)] }] };
    assert!(scatter.figure("c").svg.contains("r = 0.8 (95 % interval −0.28 to 0.99), n = 5, p = 0.104"));
}

#[test]
fn the_page_shows_published_and_simulated_side_by_side_and_the_verdict_in_words() {
    let rows = vec![row(), Row { verdict: Verdict::NotReproduced, quantity: "<script>".into(), ..row() }];
    let html = page(
        "A & B",
        &[Section {
            title: "Rows".into(),
            pieces: vec![Piece::Rows("caption".into(), rows.clone()), Piece::Figure(forest_of(&rows, Axis::new("change", "relative")).figure("f"))],
        }],
    );
    check_html(&html);
    for text in [
        "−0.34 ± 0.1",
        "−0.54 to −0.14",
        "−0.39",
        "V (seen)",
        ">reproduced<",
        ">not reproduced<",
        "&lt;script&gt;",
        "prefers-color-scheme: dark",
        "@media print",
        "name=\"viewport\"",
    ] {
        assert!(html.contains(text), "the page does not show {text}");
    }
}

#[test]
fn a_recording_describes_itself() {
    let table = vec![("time_s".to_string(), vec![0.25, 0.5, 0.75, 1.0]), ("neuron".to_string(), vec![1.0; 4])];
    let section = spikes("spikes_E", &table, Some(2), 2.0).unwrap();
    let Piece::Table(_, grid) = &section.pieces[0] else { panic!("a table comes first") };
    assert_eq!(grid.rows, [["4", "1", "1", "0"]]);
    assert!(spikes("weights", &table[..1].to_vec(), None, 1.0).is_none());
    let series = Series {
        variable: "w".into(),
        unit: String::new(),
        dimension: "synapse".into(),
        labels: vec![("pre".into(), vec![0; 10])],
        time_s: vec![0.0, 1.0],
        width: 10,
        values: (0..20).map(f64::from).collect(),
    };
    let section_of_weights = variable("EE_w", &series);
    assert_eq!(section_of_weights.pieces.len(), 2);
    let empty = variable("EE_w", &Series { time_s: vec![], values: vec![], ..series });
    check_html(&page("T", &[section, section_of_weights, empty]));
}
