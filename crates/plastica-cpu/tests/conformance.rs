//! The engine's suite, in double precision.

use std::sync::Arc;

use plastica_cpu::{CpuBackend, Instructions, Precision, Settings, backend};
use plastica_engine::conformance::{CIRCUITS, PLAIN, SEEDS, circuit, dt_s, is_deterministic, run};
use plastica_engine::simulation::MakeBackend;
use plastica_kernel::passes::Passes;

fn make() -> MakeBackend {
    Arc::new(|| backend(Precision::Double, SEEDS, dt_s()))
}

plastica_engine::conformance!(super::make);

/// Neither deferral nor vector instructions change a bit, in either precision; threads and pauses neither.
fn check_settings(precision: Precision) {
    let make = |set, defer| -> MakeBackend { Arc::new(move || Box::new(CpuBackend::new(Settings { precision, seeds: SEEDS, dt_s: dt_s(), set, defer }))) };
    for (name, text) in CIRCUITS {
        let circuit = circuit(text, Passes::default());
        let expected = run(&circuit, &make(Instructions::Baseline, false), PLAIN);
        for set in Instructions::available() {
            for defer in [false, true] {
                assert!(run(&circuit, &make(set, defer), PLAIN) == expected, "{name}: {set:?}, deferred {defer}, gives other bits");
            }
        }
        is_deterministic(name, &make(Instructions::widest(), true));
    }
}

#[test]
fn settings_change_no_bit_in_single_precision() {
    check_settings(Precision::Single);
}

#[test]
fn settings_change_no_bit_in_double_precision() {
    check_settings(Precision::Double);
}
