//! A programme unfolded: stretches one after another, each in one block and on one clock.
//!
//! Times are whole microseconds since the life began, so that cumulative times do not drift; what becomes of a stretch that is
//! no whole number of steps is the facade's business. Sampling is decided here (`docs/design/0004-lives.md`).

use std::collections::HashMap;
use std::sync::Arc;

use plastica_lang::source::{Diagnostic, Span};

use crate::BlockKind;
use crate::block::{Block, Plain, What};
use crate::nesting::unknown_block;
use crate::programme::{Item, ItemKind, Length, Programme};
use crate::sample::Sample;
use crate::time::{DAY_US, LONGEST_US, print_clock, print_duration, seconds};

/// Most stretches of one life.
pub const MOST_STRETCHES: usize = 1_000_000;

/// On which clock a stretch passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    /// Simulated step by step.
    Spikes {
        /// How much time it stands for, in units of its own; 1 unless it is sampled.
        acceleration: f64,
    },
    /// Slow variables only.
    Slow,
}

/// A part of a life in one block and on one clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// Place in the list of blocks.
    pub block: usize,
    /// Names of the blocks that it lies in, `night/nrem`.
    pub path: Arc<str>,
    /// The blocks that it lies in, itself last: place in the list of blocks, which occurrence in this life.
    pub inside: Box<[(usize, u32)]>,
    /// Which day, from 1; 0 outside days.
    pub day: u32,
    /// Which occurrence of its block in this life, from 1. All stretches of a sampled occurrence have the same number.
    pub nth: u32,
    /// Which occurrence of its block in this day, from 1; 0 outside days.
    pub in_day: u32,
    /// Start, microseconds since the life began.
    pub from_us: i64,
    /// Length in microseconds; 0 only for an injury.
    pub length_us: i64,
    /// On which clock.
    pub mode: Mode,
}

impl Stretch {
    /// Start in seconds since the life began.
    pub fn from_s(&self) -> f64 {
        seconds(self.from_us)
    }

    /// Length in seconds.
    pub fn length_s(&self) -> f64 {
        seconds(self.length_us)
    }

    /// End, microseconds since the life began.
    pub fn end_us(&self) -> i64 {
        self.from_us + self.length_us
    }

    /// The modulator `acceleration`: 1 on the slow clock.
    pub fn acceleration(&self) -> f64 {
        match self.mode {
            Mode::Spikes { acceleration } => acceleration,
            Mode::Slow => 1.0,
        }
    }
}

/// What a programme is unfolded with.
#[derive(Clone, Copy)]
pub struct Unfold<'a> {
    /// All blocks.
    pub blocks: &'a [Block],
    /// When days begin, microseconds since midnight.
    pub morning_us: i64,
    /// Everything with spikes that is not on the slow clock by its own wish.
    pub exact: bool,
}

impl Unfold<'_> {
    /// The stretches of a programme.
    ///
    /// # Errors
    /// Days that are not filled or overfull, `until` in the past or outside days, days within days, lives that are too long.
    pub fn unfold(self, programme: &Programme) -> Result<Vec<Stretch>, Vec<Diagnostic>> {
        let names = self.blocks.iter().enumerate().map(|(place, b)| (b.name.as_str(), place)).collect();
        let mut walk = Walk {
            with: self,
            names,
            out: Vec::new(),
            faults: Vec::new(),
            now_us: 0,
            day: None,
            days: 0,
            nth: vec![0; self.blocks.len()],
            in_day: vec![0; self.blocks.len()],
            repeats: Vec::new(),
            counted: HashMap::new(),
            path: Vec::new(),
            paths: HashMap::new(),
        };
        if let Err(fault) = walk.items(&programme.items, Clock { slow: false, factor: 1.0 }) {
            walk.faults.push(*fault);
        }
        if walk.faults.is_empty() { Ok(walk.out) } else { Err(walk.faults) }
    }
}

/// Which clock the surroundings are on.
#[derive(Clone, Copy)]
struct Clock {
    slow: bool,
    factor: f64,
}

struct Day {
    start_us: i64,
    length_us: i64,
    number: u32,
}

/// Occurrences of a sampled block within a repetition: those seen, and all.
type Occurrences = HashMap<usize, (u64, u64)>;

struct Walk<'a> {
    with: Unfold<'a>,
    names: HashMap<&'a str, usize>,
    out: Vec<Stretch>,
    faults: Vec<Diagnostic>,
    now_us: i64,
    day: Option<Day>,
    days: u32,
    nth: Vec<u32>,
    in_day: Vec<u32>,
    repeats: Vec<Occurrences>,
    /// Occurrences of sampled blocks within a block made of others.
    counted: HashMap<usize, HashMap<usize, u64>>,
    path: Vec<usize>,
    paths: HashMap<Vec<usize>, Arc<str>>,
}

type Walked = Result<(), Box<Diagnostic>>;

fn fault(id: &'static str, span: Span, message: String, help: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(id, span, message).help(help))
}

impl<'a> Walk<'a> {
    fn items(&mut self, items: &[Item], clock: Clock) -> Walked {
        items.iter().try_for_each(|item| self.item(item, clock))
    }

    fn item(&mut self, item: &Item, clock: Clock) -> Walked {
        match &item.kind {
            ItemKind::Sequence(items) => self.items(items, clock),
            ItemKind::Block { name, length } => self.block(name, *length, item.span, clock),
            ItemKind::Day { length_us, items } => self.day(*length_us, items, item.span, clock),
            ItemKind::Repeat { times, item } => {
                let mut inside = HashMap::new();
                self.count(std::slice::from_ref(item), &mut inside);
                self.repeats.push(inside.into_iter().map(|(place, n)| (place, (0, n.saturating_mul(u64::from(*times))))).collect());
                for _ in 0..*times {
                    self.item(item, clock)?;
                    if !self.faults.is_empty() {
                        // The next round would say the same.
                        break;
                    }
                }
                self.repeats.pop();
                Ok(())
            }
        }
    }

    /// A fault within a day is kept, and the life goes on with the next day.
    fn day(&mut self, length_us: i64, items: &[Item], span: Span, clock: Clock) -> Walked {
        if self.day.is_some() {
            return Err(fault("nested-day", span, "this day lies within a day".into(), "close the first day before the second begins"));
        }
        self.days += 1;
        let start_us = self.now_us;
        self.day = Some(Day { start_us, length_us, number: self.days });
        self.in_day.fill(0);
        let walked = self.items(items, clock).and_then(|()| self.is_filled(start_us, length_us, span));
        self.day = None;
        match walked {
            Err(fault) if fault.id == TOO_LONG => Err(fault),
            Err(fault) => {
                self.faults.push(*fault);
                self.now_us = start_us + length_us;
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn is_filled(&self, start_us: i64, length_us: i64, span: Span) -> Walked {
        let filled = self.now_us - start_us;
        let (end, due) = (print_clock(self.with.morning_us + filled), print_clock(self.with.morning_us + length_us));
        let whole = print_duration(length_us);
        if filled < length_us {
            let missing = print_duration(length_us - filled);
            let message = format!("this day of {whole} is not filled: it lacks {missing}");
            let fault = fault("day-not-filled", span, message, &format!("add blocks of {missing} in all, or a block `until {due}`"));
            return Err(Box::new(fault.label(format!("ends at {end}")).note("time is told, never filled in")));
        }
        if filled > length_us {
            let more = print_duration(filled - length_us);
            let message = format!("this day of {whole} is overfull by {more}");
            let fault = fault("day-overfull", span, message, &format!("shorten its blocks by {more} in all, so that it ends at {due}"));
            return Err(Box::new(fault.label(format!("ends at {end}"))));
        }
        Ok(())
    }

    fn block(&mut self, name: &str, length: Length, span: Span, clock: Clock) -> Walked {
        let Some(&place) = self.names.get(name) else { return Err(Box::new(unknown_block(self.with.blocks, name, span))) };
        let block: &'a Block = &self.with.blocks[place];
        self.nth[place] += 1;
        self.in_day[place] += 1;
        let clock = self.sampled(place, clock);
        self.path.push(place);
        match &block.what {
            What::Composite(programme) => self.items(&programme.items, clock)?,
            What::Plain(plain) => {
                let length_us = self.length(plain, name, length, span)?;
                self.plain(place, plain, length_us, span, clock)?;
            }
        }
        self.path.pop();
        Ok(())
    }

    /// The clock within a block, of which perhaps only one of several occurrences is simulated with spikes.
    fn sampled(&mut self, place: usize, clock: Clock) -> Clock {
        let Some(Sample::OneOf(n)) = self.with.blocks[place].sample else { return clock };
        let (seen, total) = match self.repeats.last_mut().and_then(|r| r.get_mut(&place)) {
            Some((seen, total)) => {
                *seen += 1;
                (*seen - 1, *total)
            }
            None => (0, 1),
        };
        if clock.slow || self.with.exact {
            return clock;
        }
        if seen % u64::from(n) == 0 {
            let stands_for = u64::from(n).min(total.saturating_sub(seen).max(1));
            Clock { slow: false, factor: clock.factor * stands_for as f64 }
        } else {
            Clock { slow: true, ..clock }
        }
    }

    /// Counts the occurrences of sampled blocks that lie in no repetition of their own.
    fn count(&mut self, items: &[Item], into: &mut HashMap<usize, u64>) {
        for item in items {
            match &item.kind {
                ItemKind::Repeat { .. } => {}
                ItemKind::Sequence(items) | ItemKind::Day { items, .. } => self.count(items, into),
                ItemKind::Block { name, .. } => {
                    let Some(&place) = self.names.get(name.as_str()) else { continue };
                    let block: &'a Block = &self.with.blocks[place];
                    if matches!(block.sample, Some(Sample::OneOf(_))) {
                        *into.entry(place).or_insert(0) += 1;
                    }
                    let What::Composite(programme) = &block.what else { continue };
                    if !self.counted.contains_key(&place) {
                        let mut inner = HashMap::new();
                        self.count(&programme.items, &mut inner);
                        self.counted.insert(place, inner);
                    }
                    for (place, n) in &self.counted[&place] {
                        let all = into.entry(*place).or_insert(0);
                        *all = all.saturating_add(*n);
                    }
                }
            }
        }
    }

    fn length(&self, plain: &Plain, name: &str, length: Length, span: Span) -> Result<i64, Box<Diagnostic>> {
        match (length, plain.duration_us) {
            (Length::Of(us), _) | (Length::OfBlock, Some(us)) => Ok(us),
            (Length::OfBlock, None) if plain.kind == BlockKind::Injury => Ok(0),
            (Length::OfBlock, None) => Err(Box::new(missing_duration(name, span))),
            (Length::Until(clock), _) => self.until(clock, span),
        }
    }

    /// Time from now to the next time that the clock shows this, within the day.
    fn until(&self, clock: i64, span: Span) -> Result<i64, Box<Diagnostic>> {
        let Some(day) = &self.day else {
            return Err(fault("until-outside-day", span, "there is no time of day outside a day".into(), "write a duration, or put it into `day 24 h (..)`"));
        };
        let passed = self.now_us - day.start_us;
        let first = (clock - self.with.morning_us).rem_euclid(DAY_US);
        let rounds = if first > passed { 0 } else { (passed - first) / DAY_US + 1 };
        let target = first + rounds * DAY_US;
        if target <= day.length_us {
            return Ok(target - passed);
        }
        let shown = print_clock(clock);
        let now = print_clock(self.with.morning_us + passed);
        let end = print_clock(self.with.morning_us + day.length_us);
        let message = format!("it is {now} already, and this day of {} has no {shown} any more", print_duration(day.length_us));
        let fault = fault("until-past", span, message, &format!("write a time after {now}, or shorten what comes before"));
        Err(Box::new(fault.note(format!("the day begins at {} and ends at {end}", print_clock(self.with.morning_us)))))
    }

    fn plain(&mut self, place: usize, plain: &Plain, length_us: i64, span: Span, clock: Clock) -> Walked {
        if clock.slow || plain.slow {
            return self.push(place, length_us, Mode::Slow, span);
        }
        let Some(Sample::Part { spikes_us, of_us }) = self.with.blocks[place].sample.filter(|_| !self.with.exact) else {
            return self.push(place, length_us, Mode::Spikes { acceleration: clock.factor }, span);
        };
        let mut rest = length_us;
        while rest > 0 {
            let piece = rest.min(of_us);
            let spikes = piece.min(spikes_us);
            self.push(place, spikes, Mode::Spikes { acceleration: clock.factor * (piece as f64 / spikes as f64) }, span)?;
            if piece > spikes {
                self.push(place, piece - spikes, Mode::Slow, span)?;
            }
            rest -= piece;
        }
        Ok(())
    }

    fn push(&mut self, block: usize, length_us: i64, mode: Mode, span: Span) -> Walked {
        if self.out.len() == MOST_STRETCHES || self.now_us + length_us > LONGEST_US {
            let message = match self.out.len() {
                MOST_STRETCHES => format!("this life has more than {MOST_STRETCHES} stretches"),
                _ => "this life is longer than 300 years".into(),
            };
            return Err(fault(TOO_LONG, span, message, "repeat less often, or with longer blocks"));
        }
        let blocks = self.with.blocks;
        let path = match self.paths.get(&self.path) {
            Some(path) => path.clone(),
            None => {
                let names: Vec<&str> = self.path.iter().map(|p| blocks[*p].name.as_str()).collect();
                let path: Arc<str> = names.join("/").into();
                self.paths.insert(self.path.clone(), path.clone());
                path
            }
        };
        let (day, in_day) = self.day.as_ref().map_or((0, 0), |d| (d.number, self.in_day[block]));
        let inside = self.path.iter().map(|place| (*place, self.nth[*place])).collect();
        self.out.push(Stretch { block, path, inside, day, nth: self.nth[block], in_day, from_us: self.now_us, length_us, mode });
        self.now_us += length_us;
        Ok(())
    }
}

/// Id of the one fault after which unfolding stops.
const TOO_LONG: &str = "too-long";

fn missing_duration(name: &str, span: Span) -> Diagnostic {
    let fault = Diagnostic::error("missing-duration", span, format!("nothing says how long `{name}` lasts")).label("no duration");
    fault.help(format!("write `{name} 15 min`, or duration = \"15 min\" in [block.{name}]"))
}

/// Reports what can be said of a programme without unfolding it: unknown names, and lengths that are missing or too many.
pub(crate) fn check_programme(programme: &Programme, blocks: &[Block], diagnostics: &mut Vec<Diagnostic>) {
    fn walk(items: &[Item], blocks: &[Block], diagnostics: &mut Vec<Diagnostic>) {
        for item in items {
            match &item.kind {
                ItemKind::Repeat { item, .. } => walk(std::slice::from_ref(item), blocks, diagnostics),
                ItemKind::Sequence(items) | ItemKind::Day { items, .. } => walk(items, blocks, diagnostics),
                ItemKind::Block { name, length } => diagnostics.extend(block_fault(name, *length, item.span, blocks)),
            }
        }
    }
    walk(&programme.items, blocks, diagnostics);
}

fn block_fault(name: &str, length: Length, span: Span, blocks: &[Block]) -> Option<Diagnostic> {
    let Some(block) = blocks.iter().find(|b| b.name == name) else { return Some(unknown_block(blocks, name, span)) };
    match &block.what {
        What::Composite(_) if length != Length::OfBlock => {
            let fault = Diagnostic::error("given-twice", span, format!("`{name}` is made of others and is as long as they are"));
            Some(fault.label("has a length of its own").help(format!("write `{name}` alone, and change the lengths in its programme")))
        }
        What::Plain(plain) if length == Length::OfBlock && plain.duration_us.is_none() && plain.kind != BlockKind::Injury => Some(missing_duration(name, span)),
        _ => None,
    }
}
