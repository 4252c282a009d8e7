//! Projections.
use plastica_lang::source::{Key, Table};
use super::{Named, Parser};
use crate::network::Projection;
impl Parser<'_> {
    pub(super) fn projection(&mut self, _: &Key, _: &Table, _: &[Named<'_>]) -> Option<Projection> {
        todo!()
    }
}
