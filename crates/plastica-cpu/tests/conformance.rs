//! The engine's suite, in double precision.

use std::sync::Arc;

use plastica_cpu::{Precision, backend};
use plastica_engine::conformance::{SEEDS, dt_s};
use plastica_engine::simulation::MakeBackend;

fn make() -> MakeBackend {
    Arc::new(|| backend(Precision::Double, SEEDS, dt_s()))
}

plastica_engine::conformance!(super::make);
