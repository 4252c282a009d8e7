//! Inputs.
use plastica_lang::source::{Key, Table};
use super::{Named, Parser};
use crate::network::Input;
impl Parser<'_> {
    pub(super) fn input(&mut self, _: &Key, _: &Table, _: &[Named<'_>], _: &[Input]) -> Option<Input> {
        todo!()
    }
}
