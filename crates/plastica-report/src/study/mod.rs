//! From a table of trials to one value for each subject, ready for [`crate::statistics`].
//!
//! A study's recording holds one line for each trial: who, when, and named scores. These functions select lines, bring them down to a
//! value for each subject or block, and compare two selections. They know no task and no experiment: scores have the names that the
//! file of the study gave them, and whether more or less is better is said by the caller.

mod contrast;
mod gain;
mod scaling;
mod select;
mod trials;

pub use contrast::{Contrast, contrast, contrasts_table, studies};
pub use gain::{Micro, Overnight, gain, micro_gains, overnight_gain, transition_gains};
pub use scaling::{Scaling, scaling};
pub use select::{Aggregate, Better, Block, Span, Value, Where, paired, values};
pub use trials::{Place, Trials, Unfit};
