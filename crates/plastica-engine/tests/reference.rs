//! The reference back end on the conformance suite: trivially itself, but threads, pauses and passes are tested for all back ends here.

plastica_engine::conformance!(plastica_engine::conformance::reference);
