//! The timeline of a group in a terminal of 80 columns, and its counts.
//!
//! Days are rows of 72 cells of 20 minutes; a life without days is one bar. A cell shows what is done in it, however short that
//! is, before what merely passes: a test of a minute is seen. Where more than one thing is done within a cell a line below the row
//! names them all. Days are drawn as one only if they are the same to the microsecond.

use plastica_lang::source::Diagnostic;

use crate::block::KINDS;
use crate::count::{Counts, kind};
use crate::group::Group;
use crate::time::{DAY_US, HOUR_US, print_clock, print_duration};
use crate::timeline::Stretch;
use crate::{BlockKind, Lives};

const WIDTH: usize = 80;
const CELLS: usize = 72;
const CELL_US: i64 = DAY_US / CELLS as i64;
/// Before the cells.
const LABEL: usize = WIDTH - CELLS;
/// Most rows of one drawing.
const MOST_ROWS: usize = 60;
/// Most lines below a row.
const MOST_LINES: usize = 6;

/// The letter of a kind: those in which something is done are capital letters.
pub fn letter(kind: BlockKind) -> char {
    match kind {
        BlockKind::Practice => 'P',
        BlockKind::Imagery => 'I',
        BlockKind::Exposure => 'E',
        BlockKind::Wake => '.',
        BlockKind::Rest => '-',
        BlockKind::Nrem => 'n',
        BlockKind::Rem => 'r',
        BlockKind::Sleep => 's',
        BlockKind::Injury => '!',
        BlockKind::Test => 'T',
    }
}

/// What is shown of a cell in which there is more than one kind: injuries and tests are short, and what merely passes is long.
fn rank(kind: BlockKind) -> u8 {
    match kind {
        BlockKind::Injury => 3,
        BlockKind::Test => 2,
        BlockKind::Practice | BlockKind::Imagery | BlockKind::Exposure => 1,
        BlockKind::Wake | BlockKind::Rest | BlockKind::Nrem | BlockKind::Rem | BlockKind::Sleep => 0,
    }
}

/// The timeline and the counts of a group.
///
/// # Errors
/// None for the groups of checked lives; else the faults of its programme.
pub fn show(lives: &Lives, group: &Group) -> Result<String, Vec<Diagnostic>> {
    let timeline = lives.unfold(group, false)?;
    let counts = Counts::of(lives, &timeline);
    let mut out = format!("{}: {}, {} years\n", group.name, plural(group.subjects, "subject"), group.age);
    for line in wrapped(&group.programme.to_string(), WIDTH - 2) {
        out.push_str(&format!("  {line}\n"));
    }
    out.push('\n');
    rows(lives, &timeline, &mut out);
    let legend: Vec<String> = counts.kinds.iter().map(|(kind, _)| format!("{} {}", letter(*kind), kind.word())).collect();
    for line in wrapped(&legend.join(", "), CELLS) {
        out.push_str(&format!("{:LABEL$}{line}\n", ""));
    }
    out.push('\n');
    table(lives, &counts, &mut out);
    totals(lives, &counts, &mut out);
    Ok(out)
}

/// `1 subject`, `2 subjects`.
fn plural(n: u32, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// Lines of at most so many characters, broken at spaces.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.into());
        }
    }
    lines
}

/// What a day or a bar is drawn as: the bar itself, and lines that name what is too short to be seen.
struct Drawn {
    from: u32,
    to: u32,
    bar: String,
    below: Vec<String>,
    /// Block, start within the part and length of each stretch.
    what: Vec<(usize, i64, i64)>,
}

/// One row for each day, or for each part of a life outside days; equal days are drawn once.
fn rows(lives: &Lives, timeline: &[Stretch], out: &mut String) {
    let parts: Vec<&[Stretch]> = timeline.chunk_by(|a, b| a.day == b.day).collect();
    let mut drawn: Vec<Drawn> = Vec::new();
    for part in parts {
        let (first, last) = (&part[0], &part[part.len() - 1]);
        let length_us = last.end_us() - first.from_us;
        let what: Vec<(usize, i64, i64)> = part.iter().map(|s| (s.block, s.from_us - first.from_us, s.length_us)).collect();
        let (cell_us, n) = match first.day {
            0 => ((length_us / CELLS as i64).max(1), if length_us == 0 { 1 } else { CELLS }),
            _ => (CELL_US, ((length_us + CELL_US - 1) / CELL_US) as usize),
        };
        if let Some(same) = drawn.last_mut().filter(|d| d.to + 1 == first.day && d.to > 0 && d.what == what) {
            same.to = first.day;
            continue;
        }
        let cells = cells(lives, part, first.from_us, cell_us, n);
        let below = close_ups(lives, part, &cells, cell_us);
        let bar: String = cells.iter().map(shown).collect();
        let bar = if first.day == 0 { format!("{:LABEL$}0 to {}\n{:LABEL$}{bar}\n", "", print_duration(length_us), "") } else { bar };
        drawn.push(Drawn { from: first.day, to: first.day, bar, below, what });
    }
    let more = drawn.len().saturating_sub(MOST_ROWS);
    let mut has_axis = false;
    for Drawn { from, to, bar, below, .. } in drawn.into_iter().take(MOST_ROWS) {
        if from == 0 {
            out.push_str(&bar);
            out.push_str(&below.concat());
            has_axis = false;
            continue;
        }
        if !has_axis {
            let hours: String = (0..12).map(|i| format!("{:6}", print_clock(lives.study.morning_us + i * 2 * HOUR_US))).collect();
            out.push_str(&format!("{:LABEL$}{}\n", "day", hours.trim_end()));
            has_axis = true;
        }
        let mut label = if from == to { from.to_string() } else { format!("{from}-{to}") };
        let letters: Vec<char> = bar.chars().collect();
        for line in letters.chunks(CELLS) {
            out.push_str(&format!("{label:LABEL$}{}\n", line.iter().collect::<String>()));
            label.clear();
        }
        out.push_str(&below.concat());
    }
    if more > 0 {
        out.push_str(&format!("{:LABEL$}and {more} more rows\n", ""));
    }
}

/// Microseconds of each kind.
type Cell = [i64; KINDS.len()];

/// The time of each kind in each cell.
fn cells(lives: &Lives, part: &[Stretch], from_us: i64, cell_us: i64, n: usize) -> Vec<Cell> {
    let mut time = vec![[0_i64; KINDS.len()]; n];
    for stretch in part {
        let place = KINDS.iter().position(|(_, k)| *k == kind(&lives.blocks, stretch)).unwrap_or(0);
        // An injury that takes no time is seen all the same.
        let (start, end) = (stretch.from_us - from_us, stretch.from_us - from_us + stretch.length_us.max(1));
        let (first, last) = ((start / cell_us) as usize, ((end - 1) / cell_us) as usize);
        for (cell, times) in time.iter_mut().enumerate().take(last + 1).skip(first) {
            let (low, high) = (cell as i64 * cell_us, (cell as i64 + 1) * cell_us);
            times[place] += end.min(high) - start.max(low);
        }
        if last >= n {
            // The last cell takes what whole microseconds left over, and an injury at the very end.
            time[n - 1][place] += 1;
        }
    }
    time
}

/// The letter of a cell.
fn shown(times: &Cell) -> char {
    let most = KINDS.iter().zip(times).filter(|(_, t)| **t > 0).max_by_key(|((_, k), t)| (rank(*k), **t));
    most.map_or(' ', |((_, kind), _)| letter(*kind))
}

/// A line for each run of cells in which more than one thing is done: when it begins, and each kind in order with its time in all.
fn close_ups(lives: &Lives, part: &[Stretch], cells: &[Cell], cell_us: i64) -> Vec<String> {
    let is_done = |(kind, us): &(BlockKind, i64)| rank(*kind) > 0 && *us > 0;
    let crowded = |cell: &Cell| KINDS.iter().map(|k| k.1).zip(cell.iter().copied()).filter(is_done).count() > 1;
    let from_us = part[0].from_us;
    let mut out = Vec::new();
    let mut at = 0;
    for run in cells.chunk_by(|a, b| crowded(a) == crowded(b)) {
        let (low, high) = (from_us + at as i64 * cell_us, from_us + (at + run.len()) as i64 * cell_us);
        at += run.len();
        if !crowded(&run[0]) {
            continue;
        }
        let mut start = None;
        let mut kinds: Vec<(BlockKind, i64)> = Vec::new();
        for stretch in part.iter().filter(|s| s.from_us < high && s.from_us + s.length_us.max(1) > low) {
            let kind = kind(&lives.blocks, stretch);
            if rank(kind) == 0 {
                continue;
            }
            start = start.or(Some(stretch.from_us));
            match kinds.iter_mut().find(|(k, _)| *k == kind) {
                Some((_, us)) => *us += stretch.length_us,
                None => kinds.push((kind, stretch.length_us)),
            }
        }
        let start = start.unwrap_or(low);
        let when = if part[0].day > 0 { print_clock(lives.study.morning_us + start - from_us) } else { print_duration(start - from_us) };
        let each: Vec<String> =
            kinds.iter().map(|(kind, us)| if *us > 0 { format!("{} {}", kind.word(), print_duration(*us)) } else { kind.word().into() }).collect();
        for (k, line) in wrapped(&format!("{when}: {}", each.join(", ")), CELLS - 2).into_iter().enumerate() {
            out.push(format!("{:LABEL$}{}{line}\n", "", if k == 0 { "" } else { "  " }));
        }
    }
    let more = out.len().saturating_sub(MOST_LINES);
    if more > 0 {
        out.truncate(MOST_LINES);
        out.push(format!("{:LABEL$}and {more} more lines\n", ""));
    }
    out
}

fn table(lives: &Lives, counts: &Counts, out: &mut String) {
    let name = |block: usize| lives.blocks[block].name.chars().take(26).collect::<String>();
    let width = counts.blocks.iter().map(|b| name(b.block).chars().count()).max().unwrap_or(0).max(5);
    out.push_str(&format!("{:width$}  {:8}  {:>8}  {:>9}  length\n", "block", "kind", "times", "trials"));
    for count in &counts.blocks {
        let kind = lives.blocks[count.block].plain().map_or("", |p| p.kind.word());
        let trials = count.trials.map_or(String::new(), |n| n.to_string());
        let length = print_duration(count.length_us);
        out.push_str(&format!("{:width$}  {kind:8}  {:>8}  {trials:>9}  {length}\n", name(count.block), count.times));
    }
}

fn totals(lives: &Lives, counts: &Counts, out: &mut String) {
    let mut line = |label: &str, text: String| {
        for (place, part) in wrapped(&text, WIDTH - 14).into_iter().enumerate() {
            out.push_str(&format!("{:14}{part}\n", if place == 0 { label } else { "" }));
        }
    };
    line("minutes", kinds(counts));
    if counts.nights + counts.naps > 0 {
        line("sleeps", format!("{}, {}", plural(counts.nights, "night"), plural(counts.naps, "nap")));
    }
    line("whole life", print_duration(counts.length_us));
    line("with spikes", print_duration(counts.spikes_us));
    if !counts.accelerated.is_empty() {
        let each = |(block, factor, us): &(usize, f64, i64)| {
            let factor = format!("{factor:.3}");
            let factor = factor.trim_end_matches('0').trim_end_matches('.');
            format!("{} x {factor} ({})", lives.blocks[*block].name, print_duration(*us))
        };
        line("accelerated", counts.accelerated.iter().map(each).collect::<Vec<_>>().join(", "));
    }
}

fn kinds(counts: &Counts) -> String {
    let each = |(kind, us): &(BlockKind, i64)| format!("{} {}", kind.word(), minutes(*us));
    counts.kinds.iter().map(each).collect::<Vec<_>>().join(", ")
}

/// Minutes, to a hundredth.
fn minutes(us: i64) -> String {
    let text = format!("{:.2}", us as f64 / 6e7);
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}
