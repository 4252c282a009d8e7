//! Delays.
