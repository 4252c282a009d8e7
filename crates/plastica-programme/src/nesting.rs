//! The blocks that blocks name: those that do not exist, and circles.

use plastica_lang::source::{Diagnostic, Span, nearest};

use crate::block::{Block, KINDS, What};
use crate::tables::did_you_mean;

/// Deepest nesting of blocks made of others: a life is unfolded by recursion.
const MOST_LEVELS: usize = 16;
/// Most faulty blocks that are looked at: more than a reader will read.
const MOST_SAID: usize = 50;

/// Reports a name in a programme that is no block.
pub(crate) fn unknown_block(blocks: &[Block], name: &str, span: Span) -> Diagnostic {
    let names = || blocks.iter().map(|b| b.name.as_str());
    let help = if let Some(near) = nearest(name, names()) {
        format!("did you mean `{near}`?")
    } else if KINDS.iter().any(|(word, _)| *word == name) {
        format!("write [block.{name}] with a line: kind = \"{name}\"; and state = \"..\" if it has one")
    } else {
        format!("write [block.{name}] with a line: kind = \"..\"; {}", did_you_mean(name, "blocks", names()))
    };
    Diagnostic::error("unknown-block", span, format!("there is no block `{name}`")).label("unknown block").help(help)
}

/// Reports blocks that contain themselves, and programmes that name what is no block. `true` if there is nothing to report.
pub(crate) fn check_programmes(blocks: &[Block], diagnostics: &mut Vec<Diagnostic>) -> bool {
    let before = diagnostics.len();
    let inner: Vec<Vec<(usize, Span)>> = blocks
        .iter()
        .map(|block| {
            let What::Composite(programme) = &block.what else { return Vec::new() };
            let mut out = Vec::new();
            for (name, span) in programme.names() {
                match blocks.iter().position(|b| b.name == name) {
                    Some(place) => out.push((place, span)),
                    None => diagnostics.push(unknown_block(blocks, name, span)),
                }
            }
            out
        })
        .collect();
    // How deep each block nests is found from the inside out; what never gets a depth goes round in a circle, or too deep.
    let mut depth: Vec<Option<usize>> = vec![None; blocks.len()];
    for _ in 0..=MOST_LEVELS {
        for place in 0..blocks.len() {
            let deepest = inner[place].iter().map(|(i, _)| depth[*i]).try_fold(0, |most, d| d.map(|d| most.max(d + 1)));
            depth[place] = deepest.filter(|d| *d <= MOST_LEVELS);
        }
    }
    for place in (0..blocks.len()).filter(|place| depth[*place].is_none()).take(MOST_SAID) {
        let name = &blocks[place].name;
        let back = inner[place].iter().find(|(i, _)| leads_to(&inner, *i, place));
        if let Some((through, span)) = back {
            let fault = Diagnostic::error("cyclic-blocks", *span, format!("block `{name}` contains itself"));
            diagnostics.push(fault.label(format!("through `{}`", blocks[*through].name)).help("a block is made of blocks that do not lead back to it"));
        } else if let Some((_, span)) = inner[place].iter().find(|(i, _)| depth[*i] == Some(MOST_LEVELS)) {
            let fault = Diagnostic::error("too-deep", *span, format!("block `{name}` is made of blocks that nest more than {MOST_LEVELS} deep"));
            diagnostics.push(fault.help("put the programmes of the inner blocks into each other, with brackets"));
        }
        // Else it is made of a block that has been blamed.
    }
    diagnostics.len() == before
}

/// Is `to` the block `from`, or in it?
fn leads_to(inner: &[Vec<(usize, Span)>], from: usize, to: usize) -> bool {
    let mut seen = vec![false; inner.len()];
    let mut open = vec![from];
    while let Some(place) = open.pop() {
        if place == to {
            return true;
        }
        if !std::mem::replace(&mut seen[place], true) {
            open.extend(inner[place].iter().map(|(i, _)| *i));
        }
    }
    false
}
