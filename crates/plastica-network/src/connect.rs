//! Which pairs of neurons are connected.

/// A connection rule.
#[derive(Clone, Debug)]
pub enum Connect {
    /// Every pair.
    AllToAll,
}
