//! A network with its compiled models: all that a run needs besides seed, precision and threads.

use plastica_kernel::ir::{Kernel, PopulationProgram, ProjectionProgram};
use plastica_kernel::passes::Passes;
use plastica_lang::source::Diagnostic;
use plastica_network::network::Network;

/// A compiled network.
#[derive(Clone, Debug)]
pub struct Circuit {
    /// The checked network.
    pub network: Network,
    /// One for each population; empty for a list of spikes.
    pub populations: Vec<PopulationProgram>,
    /// One for each projection.
    pub projections: Vec<ProjectionProgram>,
    /// One for each input.
    pub inputs: Vec<Kernel>,
}

impl Circuit {
    /// Compiles every model of a network.
    ///
    /// # Errors
    /// A method that does not fit the equations, at its place in the text; all of them at once.
    pub fn compile(network: Network, passes: Passes) -> Result<Circuit, Vec<Diagnostic>> {
        let _ = (network, passes);
        todo!()
    }
}
