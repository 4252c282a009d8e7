//! Every spike of a population is in some bin of its rate, also when the run ends in the middle of a bin.

use plastica::library::Library;
use plastica::open::open;
use plastica::run::{How, NoObserver, run};
use plastica_record::read;

fn check(bin: &str, bins: usize, last_s: f64) {
    let folder = std::env::temp_dir().join(format!("plastica-rates-{}-{}", std::process::id(), bin.replace(' ', "")));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let text = format!(
        "[simulation]\nduration = \"100 ms\"\n[population.P]\nmodel = \"poisson\"\nsize = 50\ninitial = {{ rate = \"80 Hz\" }}\n[record.s]\nspikes = \"P\"\n[record.r]\nrate = \"P\"\nbin = \"{bin}\"\n"
    );
    let file = folder.join("small.toml");
    std::fs::write(&file, text).unwrap();
    let library = Library::default();
    let mut opened = open(&library, &file.to_string_lossy()).unwrap();
    let out = folder.join("out");
    run(&mut opened, &library, &How { out: Some(out.clone()), threads: Some(2), ..How::default() }, &mut NoObserver).unwrap();
    let run = read::Run::open(&out).unwrap();
    let rate = run.series("r").unwrap();
    let spikes = run.table("s").unwrap();
    let spikes = spikes.iter().find(|(name, _)| name == "time_s").unwrap().1.len();
    assert_eq!(rate.time_s.len(), bins, "{bin}");
    let bin_s = rate.time_s[1] - rate.time_s[0];
    let lengths = (0..bins).map(|k| if k + 1 == bins { last_s } else { bin_s });
    let counted: f64 = rate.values.iter().zip(lengths).map(|(hz, s)| hz * s * 50.0).sum();
    assert!(spikes > 200 && (counted - spikes as f64).abs() < 0.01, "{bin}: {counted} and {spikes}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_last_bin_is_recorded() {
    check("10 ms", 10, 10e-3);
    check("30 ms", 4, 10e-3);
}
