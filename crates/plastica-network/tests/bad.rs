//! Bad texts and files: each gives a diagnostic with a place and a repair, and never a panic.

mod common;

use common::{MemoryFiles, build, good, read, two};

fn files() -> MemoryFiles {
    let nan = f64::NAN;
    MemoryFiles(vec![
        ("good.csv", vec![("pre", vec![0.0, 1.0]), ("post", vec![1.0, 0.0]), ("w", vec![1e-3, 2e-3])]),
        ("nan.csv", vec![("pre", vec![0.0, 1.0]), ("post", vec![1.0, 0.0]), ("w", vec![1e-3, nan])]),
        ("wrong.csv", vec![("pre", vec![0.0]), ("post", vec![1.0]), ("weight", vec![1.0])]),
        ("typo.csv", vec![("pre", vec![0.0]), ("post", vec![1.0]), ("scal", vec![1.0])]),
        ("shared.csv", vec![("pre", vec![0.0]), ("post", vec![1.0]), ("drift", vec![1.0])]),
        ("nopost.csv", vec![("pre", vec![0.0]), ("psot", vec![1.0])]),
        ("ragged.csv", vec![("pre", vec![0.0, 1.0]), ("post", vec![1.0])]),
        ("beyond.csv", vec![("pre", vec![0.0, 3.0]), ("post", vec![1.0, 1.0])]),
        ("half.csv", vec![("pre", vec![0.5]), ("post", vec![1.0])]),
        ("empty.csv", vec![]),
        ("late.csv", vec![("pre", vec![0.0]), ("post", vec![1.0]), ("delay_s", vec![-1e-3])]),
        ("far.csv", vec![("pre", vec![0.0]), ("post", vec![1.0]), ("dendritic_delay_s", vec![1e9])]),
        ("nandelay.csv", vec![("pre", vec![0.0]), ("post", vec![1.0]), ("axonal_delay_s", vec![nan])]),
        ("delay.csv", vec![("pre", vec![0.0]), ("post", vec![1.0]), ("delay_s", vec![1e-3])]),
        ("twodelays.csv", vec![("pre", vec![0.0]), ("post", vec![1.0]), ("delay_s", vec![1e-3]), ("axonal_delay_s", vec![1e-3])]),
        ("twice.csv", vec![("pre", vec![0.0, 0.0]), ("post", vec![1.0, 1.0])]),
        ("self.csv", vec![("pre", vec![0.0, 1.0]), ("post", vec![1.0, 1.0])]),
    ])
}

/// Reads a text; the diagnostics are these, each at a text that contains `place` and with a help.
fn check(text: &str, expected: &[(&str, &str)]) {
    let found = read(text, &files());
    let ids: Vec<&str> = found.diagnostics.iter().map(|d| d.id).collect();
    assert_eq!(ids, expected.iter().map(|(id, _)| *id).collect::<Vec<_>>(), "{text}\n{}", found.shown);
    for (diagnostic, (_, place)) in found.diagnostics.iter().zip(expected) {
        let source = found.sources.text(diagnostic.span.source);
        let at = &source[diagnostic.span.start as usize..diagnostic.span.end as usize];
        assert!(at.contains(place), "the place is `{at}`, not `{place}`\n{}", found.shown);
        assert!(diagnostic.help.as_ref().is_some_and(|h| !h.is_empty()), "{}", found.shown);
    }
    assert_eq!(found.network.is_none(), found.diagnostics.iter().any(|d| d.is_error()));
}

/// The same for a projection from 3 neurons to 3 neurons with these lines.
fn check_projection(lines: &str, expected: &[(&str, &str)]) {
    check(&two(3, 3, "B", lines), expected);
}

fn check_recurrent(lines: &str, expected: &[(&str, &str)]) {
    check(&two(3, 3, "A", lines), expected);
}

/// The same with a synapse that may grow.
fn check_growing(rule: &str, lines: &str, expected: &[(&str, &str)]) {
    let model = format!("[synapse.growing]\nequations = \"w : volt\"\non_pre = \"v_post += w\"\nparameters = {{ often = 0.1 }}\n{rule}\n");
    check(&(two(3, 3, "B", lines).replace("\"static\"", "\"growing\"") + &model), expected);
}

#[test]
fn synapses_are_counted_in_variables_of_neurons() {
    let lines = |degrees: &str| format!("connect = \"all_to_all\"\ndegrees = {degrees}");
    check_projection(&lines("{ pre = \"n_synapses\" }"), &[("unknown-variable", "n_synapses")]);
    check_projection(&lines("{ post = \"v\" }"), &[("unknown-variable", "v")]);
    check_projection(&lines("{ out = \"v\" }"), &[("unknown-key", "out")]);
}

#[test]
fn what_grows_needs_values_and_distances() {
    check_growing("grow = { every = \"1 s\", post = \"often\" }", "connect = \"all_to_all\"", &[]);
    check_growing("grow = { every = \"1 s\", post = \"often*distance/um\" }", "connect = \"all_to_all\"", &[("unknown-name", "distance")]);
    check_growing("grow = { every = \"1 s\", post = \"often\", kernel = \"distance < 1*um\" }", "connect = \"all_to_all\"", &[("no-distance", "distance")]);
    check_growing(
        "grow = { every = \"1 s\", post = \"often\" }",
        "connect = \"all_to_all\"\nparameters = { often = \"rand()\" }",
        &[("not-available", "often")],
    );
    check_growing("grow = { every = \"1 s\", post = \"often*nothing_post\" }", "connect = \"all_to_all\"", &[("unknown-name", "nothing_post")]);
    let list = "connect = { rule = \"list\", file = \"good.csv\" }";
    check_growing("grow = { every = \"1 s\", post = \"often\" }", list, &[("no-value", "every")]);
    check_growing("prune = { every = \"1 s\", where = \"w < often*mV\" }", list, &[]);
}

#[test]
fn names_and_keys() {
    let text = two(3, 3, "B", "connect = \"all_to_all\"");
    check(&text, &[]);
    check(&text.replace("post = \"B\"", "post = \"C\""), &[("unknown-population", "C")]);
    check(&text.replace("pre = \"A\"\n", ""), &[("missing-key", "")]);
    check(&text.replace("\"static\"", "\"statik\""), &[("unknown-model", "statik")]);
    check(&text.replace("synapse =", "synaps ="), &[("unknown-key", "synaps"), ("missing-key", "")]);
    check(&text.replace("connect = \"all_to_all\"", ""), &[("missing-key", "P")]);
    check(&text.replace("[projection.P]\n", "[projection]\nP = 3\n[other.P]\n"), &[("wrong-type", "3")]);
    check_projection("connect = \"all_to_all\"\nautapses = 1\nmultapses = \"no\"\ndoc = 4", &[("wrong-type", "4"), ("wrong-type", "1"), ("wrong-type", "no")]);
    check_projection("connect = \"all_to_all\"\npre_delay = 1", &[("unknown-key", "pre_delay")]);
}

#[test]
fn rules() {
    check_projection("connect = \"all_to_al\"", &[("unknown-rule", "all_to_al")]);
    check_projection("connect = { rule = \"small_world\" }", &[("unknown-rule", "small_world")]);
    check_projection("connect = 3", &[("wrong-type", "3")]);
    check_projection("connect = []", &[("wrong-type", "[]")]);
    check_projection("connect = {}", &[("missing-key", "{}")]);
    check_projection("connect = { rule = 3 }", &[("wrong-type", "3")]);
    check_projection("connect = { rule = \"all_to_all\", p = 1 }", &[("unknown-key", "p")]);
    check_projection("connect = \"probability\"", &[("missing-key", "probability")]);
    check_projection("connect = { rule = \"probability\", p = 1.5 }", &[("not-a-probability", "1.5")]);
    check_projection("connect = { rule = \"probability\", p = -0.1 }", &[("not-a-probability", "-0.1")]);
    check_projection("connect = { rule = \"probability\", p = \"10 ms\" }", &[("unit-mismatch", "10 ms")]);
    check_projection("connect = { rule = \"probability\", p = \"0/0\" }", &[("not-finite", "0/0")]);
    check_projection("connect = { rule = \"probability\", p = \"distance/mm\" }", &[("unknown-name", "distance")]);
    check_projection("connect = { rule = \"probability\", p = \"w/mV*rand()\" }", &[("not-available", "w")]);
    check_projection("connect = { rule = \"probability\", p = { distribution = \"uniform\", low = 0, high = 1 } }", &[("wrong-type", "distribution")]);
    check_projection("connect = { rule = \"fixed_indegree\", k = 4 }", &[("too-few-neurons", "4")]);
    check_recurrent("connect = { rule = \"fixed_indegree\", k = 3 }", &[("too-few-neurons", "3")]);
    check_recurrent("connect = { rule = \"fixed_outdegree\", k = 3 }", &[("too-few-neurons", "3")]);
    check_recurrent("connect = { rule = \"fixed_total\", n = 7 }", &[("too-few-neurons", "7")]);
    check(&two(1, 1, "A", "connect = { rule = \"fixed_indegree\", k = 1 }\nmultapses = true"), &[("too-few-neurons", "1")]);
    check_projection("connect = { rule = \"fixed_indegree\", k = 0 }", &[("out-of-range", "0")]);
    check_projection("connect = { rule = \"fixed_indegree\", k = 1.5 }", &[("wrong-type", "1.5")]);
    check_projection("connect = { rule = \"fixed_indegree\", k = 1e15 }", &[("too-large", "1e15")]);
    check_projection("connect = { rule = \"fixed_outdegree\", k = 1e6 }\nmultapses = true", &[("too-large", "1e6")]);
    check(&two(3, 4, "B", "connect = \"one_to_one\""), &[("sizes-differ", "one_to_one")]);
    check_recurrent("connect = \"one_to_one\"", &[("no-pairs", "one_to_one")]);
    check_projection("connect = { rule = \"distance\", p = \"exp(-distance/mm)\" }", &[("no-positions", "distance")]);
    let huge = two(2_000_000_000, 2_000_000_000, "B", "connect = \"all_to_all\"");
    check(&huge, &[("too-large", "all_to_all")]);
    check(&huge.replace("\"all_to_all\"", "{ rule = \"probability\", p = 0.9 }"), &[("too-large", "probability")]);
    check(&two(4_000_000_000, 3, "B", "connect = \"all_to_all\""), &[("too-large", "4000000000")]);
    let axes = two(3, 3, "B", "connect = { rule = \"distance\", p = 0.5 }")
        .replace("[population.B]", "positions = { x = \"i*um\" }\n[population.B]\npositions = { y = \"i*um\" }");
    check(&axes, &[("axes-differ", "distance")]);
}

#[test]
fn times_that_are_not_greater_than_zero() {
    let population = "[population.A]\nmodel = \"lif\"\nsize = 3\nparameters = { tau_m = \"-20 ms\", gain = \"-1 mV\" }\n";
    check(population, &[("wrong-time", "tau_m")]);
    check(&population.replace("-20 ms", "0 ms"), &[("wrong-time", "tau_m")]);
}

#[test]
fn members() {
    let population = |initial: &str| format!("[population.A]\nmodel = \"lif\"\nsize = 3\ninitial = {{ {initial} }}\n");
    check(&population("U = { distribution = \"members\", count = 4 }"), &[("out-of-range", "4")]);
    check(&population("U = { distribution = \"members\", count = -1 }"), &[("out-of-range", "-1")]);
    check(&population("U = { distribution = \"members\", count = 1.5 }"), &[("wrong-type", "1.5")]);
    check(&population("U = { distribution = \"members\" }"), &[("missing-key", "{ distribution")]);
    check(&population("U = { distribution = \"members\", share = 0.5, count = 1 }"), &[("unknown-key", "share")]);
    check(&population("v = { distribution = \"members\", count = 1 }"), &[("unit-mismatch", "{ distribution")]);
    check_projection("connect = \"all_to_all\"\nparameters = { k = { distribution = \"members\", count = 1 } }", &[("not-available", "{ distribution")]);
}

#[test]
fn lists() {
    check_projection("connect = { file = \"good.csv\" }", &[]);
    check_projection("connect = { rule = \"list\" }", &[("missing-key", "list")]);
    check_projection("connect = { file = \"none.csv\" }", &[("unreadable-file", "none.csv")]);
    check_projection("connect = { file = 3 }", &[("wrong-type", "3")]);
    check_projection("connect = { file = \"good.csv\", pairs = [] }", &[("given-twice", "[]")]);
    check_projection("connect = { file = \"nan.csv\" }", &[("not-finite", "nan.csv")]);
    check_projection("connect = { file = \"wrong.csv\" }", &[("unknown-column", "wrong.csv")]);
    check_projection("connect = { file = \"typo.csv\" }", &[("unknown-column", "typo.csv")]);
    check_projection("connect = { file = \"shared.csv\" }", &[("unknown-column", "shared.csv")]);
    check_projection("connect = { file = \"nopost.csv\" }", &[("unknown-column", "nopost.csv"), ("missing-column", "nopost.csv")]);
    check_projection("connect = { file = \"ragged.csv\" }", &[("ragged-file", "ragged.csv")]);
    check_projection("connect = { file = \"beyond.csv\" }", &[("not-an-index", "beyond.csv")]);
    check_projection("connect = { file = \"half.csv\" }", &[("not-an-index", "half.csv")]);
    check_projection("connect = { file = \"empty.csv\" }", &[("missing-column", "empty.csv"), ("missing-column", "empty.csv")]);
    check_projection("connect = { file = \"twice.csv\" }", &[("multapse", "twice.csv")]);
    check_recurrent("connect = { file = \"self.csv\" }", &[("autapse", "self.csv")]);
    check_projection("connect = { file = \"good.csv\" }\ninitial = { w = \"1 mV\" }", &[("given-twice", "w")]);
    check_projection("connect = { pairs = [[0, 3]] }", &[("not-an-index", "3")]);
    check_projection("connect = { pairs = [[-1, 0]] }", &[("not-an-index", "-1")]);
    check_projection("connect = { pairs = [[0, 1, 2], 7, [\"a\", 0]] }", &[("wrong-length", "[0, 1, 2]"), ("wrong-type", "7"), ("not-an-index", "a")]);
    check_projection("connect = { pairs = 7 }", &[("wrong-type", "7")]);
    check_projection("connect = { pairs = [[0, 1], [0, 1]] }", &[("multapse", "[[0, 1], [0, 1]]")]);
    check_recurrent("connect = { pairs = [[1, 1]] }", &[("autapse", "[[1, 1]]")]);
}

#[test]
fn delays() {
    let with = |delay: &str, expected: &[(&str, &str)]| check_projection(&format!("connect = \"all_to_all\"\n{delay}"), expected);
    with("delay = \"1.5 ms\"", &[]);
    with("delay = 0", &[]);
    with("delay = \"-1 ms\"", &[("negative-delay", "-1 ms")]);
    with("dendritic_delay = \"-1 ms\"", &[("negative-delay", "-1 ms")]);
    with("delay = \"0.04 ms\"", &[("delay-too-short", "0.04 ms")]);
    with("axonal_delay = \"1e9 second\"", &[("too-large", "1e9 second")]);
    with("delay = 1.5", &[("unit-mismatch", "1.5")]);
    with("delay = \"1 mV\"", &[("unit-mismatch", "1 mV")]);
    with("delay = \"w/mV*ms + 0*j*ms\"", &[("not-available", "w")]);
    with("delay = [\"1 ms\"]", &[("wrong-type", "[")]);
    with("delay = \"1 ms\"\naxonal_delay = \"1 ms\"", &[("given-twice", "axonal_delay")]);
    with("delay = \"1.55 ms\"", &[("delay-rounded", "1.55 ms")]);
    check_projection("connect = { file = \"late.csv\" }", &[("negative-delay", "late.csv")]);
    check_projection("connect = { file = \"far.csv\" }", &[("too-large", "far.csv")]);
    check_projection("connect = { file = \"nandelay.csv\" }", &[("not-finite", "nandelay.csv")]);
    check_projection("connect = { file = \"delay.csv\" }\ndelay = \"1 ms\"", &[("given-twice", "delay.csv")]);
    check_projection("connect = { file = \"twodelays.csv\" }", &[("given-twice", "twodelays.csv")]);
    let setting = two(3, 3, "B", "connect = \"all_to_all\"\ndendritic_delay = \"1 ms\"").replace("\"static\"", "\"setting\"");
    check(&setting, &[("dendritic-write", "v_post = w")]);
    check(&setting.replace("dendritic_delay", "axonal_delay"), &[]);
    check(&setting.replace("1 ms", "0 ms"), &[]);
}

#[test]
fn values() {
    let with = |lines: &str, expected: &[(&str, &str)]| check_projection(&format!("connect = \"all_to_all\"\n{lines}"), expected);
    with("parameters = { k = 2, scale = 3 }\ninitial = { w = \"rand()*mV\", drift = \"1 mV\" }", &[]);
    with("parameters = { kk = 2 }", &[("unknown-parameter", "kk")]);
    with("parameters = { w = \"1 mV\" }", &[("unknown-parameter", "w")]);
    with("initial = { k = 2 }", &[("unknown-variable", "k")]);
    with("initial = { w = 2 }", &[("unit-mismatch", "2")]);
    with("initial = { w = [\"1 mV\"] }", &[("wrong-type", "[")]);
    with("initial = { w = { file = \"good.csv\" } }", &[("wrong-type", "good.csv")]);
    with("initial = { w = \"N*mV\" }", &[("not-available", "N")]);
    with("initial = { w = \"t/second*mV\" }", &[("not-available", "t")]);
    with("initial = { w = \"U_post*vv_pre\" }", &[("unknown-name", "vv_pre")]);
    with("initial = { drift = \"rand()*mV\" }", &[("shared-value", "rand()")]);
    with("initial = { w = \"1 mV/0\" }", &[("not-finite", "1 mV/0")]);
}

#[test]
fn lists_of_spikes_are_no_neurons() {
    let text = two(3, 3, "B", "connect = \"all_to_all\"").replace("[population.B]\nmodel = \"lif\"", "[population.B]\nspikes = [[0, \"1 ms\"]]");
    check(&text, &[("no-receiver", "B")]);
    check(&text.replace("\"static\"", "\"setting\""), &[("not-a-neuron", "v_post = w")]);
    check(&text.replace("\"static\"", "\"reading\""), &[("not-a-neuron", "v_post")]);
    check(
        &(text.replace("\"static\"", "\"nothing\"")
            + "[synapse.nothing]\nequations = \"w : 1\"\non_pre = \"w += 1\"\n[input.I]\npopulation = \"B\"\ndo = \"v += 1*mV\""),
        &[("not-a-neuron", "B")],
    );
}

/// What cannot be known before the drawing: an error with a place and a help.
fn check_build(lines: &str, id: &str) {
    let network = good(&two(20, 20, "B", lines), &MemoryFiles::default());
    let error = build(&network, 1).expect_err(lines);
    assert_eq!(error.diagnostic.id, id, "{error}");
    assert!(error.diagnostic.help.is_some() && error.diagnostic.span.end > error.diagnostic.span.start);
}

#[test]
fn what_is_drawn_is_judged_too() {
    check_build("connect = \"all_to_all\"\ndelay = { distribution = \"normal\", mean = \"1 ms\", sd = \"1 ms\" }", "negative-delay");
    check_build("connect = \"all_to_all\"\ndendritic_delay = \"(i - j)*ms\"", "negative-delay");
    check_build("connect = \"all_to_all\"\ndelay = \"1e6*(i + 1)*second\"", "too-large");
    check_build("connect = \"all_to_all\"\ndelay = \"1*ms/(i - j - 0.5)\"", "negative-delay");
    check_build("connect = \"all_to_all\"\ndelay = \"1*ms/i\"", "not-finite");
    check_build("connect = \"all_to_all\"\ninitial = { w = \"1*mV/(i - j)\" }", "not-finite");
    check_build("connect = { rule = \"probability\", p = \"i*0.1\" }", "not-a-probability");
}

#[test]
fn a_network_that_was_changed_after_it_was_read_is_judged_again() {
    let mut network = good(&two(20, 20, "B", "connect = { rule = \"fixed_indegree\", k = 3 }"), &MemoryFiles::default());
    network.populations[0].size = 2;
    assert_eq!(build(&network, 1).unwrap_err().diagnostic.id, "too-few-neurons");
}

#[test]
fn inputs() {
    let with = |lines: &str, expected: &[(&str, &str)]| {
        check(&format!("[population.A]\nmodel = \"lif\"\nsize = 3\n[input.X]\npopulation = \"A\"\n{lines}\n"), expected)
    };
    with("", &[("missing-key", "X")]);
    with("do = \"\"", &[("empty", "")]);
    with("do = \"v += 1\"", &[("unit-mismatch", "1")]);
    with("do = \"u += 1*mV\"", &[("unknown-name", "u")]);
    with("do = \"v_rest += 1*mV\"", &[("not-writable", "v_rest")]);
    with("do = \"v += 1*mV\"\nwhen = \"end\"", &[("unknown-word", "end")]);
    with("do = \"v += 1*mV\"\ncurrent = {}", &[("given-twice", "current")]);
    with("poisson = { rate = \"1 kHz\", weight = \"1 mV\", variable = \"v\" }\nwhen = \"start\"", &[("unknown-key", "when")]);
    with("poisson = { rate = \"1 kHz\", weight = \"1 mV\" }", &[("missing-key", "")]);
    with("poisson = { rate = \"1 ms\", weight = \"1 mV\", variable = \"v\" }", &[("unit-mismatch", "1 ms")]);
    with("poisson = { rate = \"-1 Hz\", weight = \"1 mV\", variable = \"v\" }", &[("out-of-range", "-1 Hz")]);
    with("poisson = { rate = \"1 Hz\", weight = 1, variable = \"v\" }", &[("unit-mismatch", "1")]);
    with("poisson = { rate = \"1 Hz\", weight = \"1 mV\", variable = \"vv\" }", &[("unknown-variable", "vv")]);
    with("poisson = { rate = \"1 Hz\", weight = \"1 mV\", variable = \"v_th\" }", &[("not-writable", "v_th")]);
    with("poisson = 3", &[("wrong-type", "3")]);
    with("current = { variable = \"I\" }", &[("missing-key", "")]);
    with("current = { variable = \"I\", value = \"t > 1*ms\" }", &[("unit-mismatch", "t > 1*ms")]);
    with("current = { variable = \"U\", value = \"t > 1*ms\" }", &[("type-mismatch", "t > 1*ms")]);
    with("current = { variable = \"I\", value = \"1*mV/0\" }", &[("not-finite", "1*mV/0")]);
    with("current = { variable = \"I\", valeu = \"1 mV\" }", &[("unknown-key", "valeu"), ("missing-key", "")]);
    with("current = { variable = \"I\", value = \"1 mV\" }\n[input.Y]\npopulation = \"A\"\ndo = \"I = 2*mV\"", &[("assigned-twice", "Y")]);
    let timed = |keys: &str, expected: &[(&str, &str)]| with(&format!("timed = {{ {keys} }}"), expected);
    timed("variable = \"I\", every = \"1 ms\", values = [\"1 mV\", \"2 mV\"]", &[]);
    timed("variable = \"I\", every = \"1 ms\", values = [[\"1 mV\", 0, \"2 mV\"]]", &[]);
    timed("variable = \"I\", every = \"1 ms\"", &[("missing-key", "")]);
    timed("variable = \"I\", values = [\"1 mV\"]", &[("missing-key", "")]);
    timed("variable = \"I\", every = \"0.15 ms\", values = [\"1 mV\"]", &[("out-of-range", "0.15 ms")]);
    timed("variable = \"I\", every = \"-1 ms\", values = [\"1 mV\"]", &[("out-of-range", "-1 ms")]);
    timed("variable = \"I\", every = \"1 ms\", values = [\"1 ms\"]", &[("unit-mismatch", "1 ms")]);
    timed("variable = \"I\", every = \"1 ms\", values = []", &[("wrong-length", "[]")]);
    timed("variable = \"I\", every = \"1 ms\", values = [[\"1 mV\"], [\"1 mV\", \"1 mV\"]]", &[("wrong-length", "[\"1 mV\", \"1 mV\"]")]);
    timed("variable = \"I\", every = \"1 ms\", values = [[\"1 mV\", \"2 mV\"]]", &[("wrong-length", "[[\"1 mV\", \"2 mV\"]]")]);
    timed("variable = \"I\", every = \"1 ms\", values = \"1 mV\"", &[("wrong-type", "1 mV")]);
    timed("variable = \"I\", every = \"1 ms\", file = \"none.csv\"", &[("unreadable-file", "none.csv")]);
    timed("variable = \"v_th\", every = \"1 ms\", values = [\"1 mV\"]", &[("not-writable", "v_th")]);
    with("timed = { variable = \"I\", every = \"1 ms\", values = [\"1 mV\"] }\n[input.Y]\npopulation = \"A\"\ndo = \"I = 2*mV\"", &[("assigned-twice", "Y")]);
    with("populaton = 3", &[("unknown-key", "populaton"), ("missing-key", "X")]);
    check("[input.X]\npopulation = \"A\"\ndo = \"v = 1\"", &[("unknown-population", "A")]);
}
