//! A study: groups of subjects that live through programmes, compared as a laboratory would.
//!
//! - `parse`: the tables of a study, together with those that `plastica-programme` reads
//! - `variant`: the circuit and programmes that a group has, with all that is laid over the file
//! - `life`: one subject, stretch by stretch; `conditions`, `closed_loop`, `groups`, `measure` and `bound` are its hands and eyes
//! - `branch`: another future from the same past
//! - `side_by_side`: subjects on all cores
//! - `diary`: what is known of a life; `select`, `gain` and `row` make results of diaries
//! - `carry_out`: the whole, with its folder, checkpoints and results

mod bound;
mod branch;
mod carry_out;
mod closed_loop;
mod conditions;
mod diary;
mod field;
mod gain;
mod groups;
mod kept;
mod life;
mod measure;
mod page;
mod parse;
mod row;
mod select;
mod show;
mod side_by_side;
mod tables;
mod variant;

pub(crate) use branch::check as check_branch;
pub(crate) use carry_out::{Past, Task, carry_out, check_overlays, prepare};
pub use diary::{Diary, Entry, Reading, Trial};
pub(crate) use page::report_sections;
pub use parse::{Figure, FigureKind, Study, TABLES};
pub(crate) use parse::{parse_study, strings};

use plastica_programme::group::Group;

/// A subject of a study.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Who<'a> {
    /// Its group.
    pub group: &'a Group,
    /// Its number in the group, from 1.
    pub number: u32,
    /// Number that keys its random numbers.
    pub subject: u32,
    /// Seed of the study.
    pub seed: u64,
    /// Without the accelerations of the file.
    pub exact: bool,
}
