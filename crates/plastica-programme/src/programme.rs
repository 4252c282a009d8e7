//! The text of a programme: `5 x day 24 h (test, 4 x (15 x (imagery 15 s, rest 15 s), rest 5 min), wake until 23:00, night)`.
//!
//! | item | meaning |
//! | --- | --- |
//! | `NAME` | a block, as long as its table says |
//! | `NAME 15 min` | a block of this length |
//! | `NAME until 23:00` | a block that lasts to this time of day; within a day only |
//! | `4 x ITEM` | an item so many times |
//! | `(ITEM, ITEM)` | one after another |
//! | `day 24 h (ITEM, ITEM)` | the same, and they must fill this time |
//!
//! The parser never fails: it returns what it could make, and all faults. What the names mean is not its business.

use std::fmt;

use plastica_lang::source::{Diagnostic, Span, Text};

use crate::lexer::{Cursor, Token};
use crate::time::{DAY_US, is_duration, print_clock, print_duration, read_clock, read_duration};

/// Blocks in order, as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Programme {
    /// One after another.
    pub items: Vec<Item>,
}

/// A piece of a programme.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Place in the file.
    pub span: Span,
}

/// Kinds of piece.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    /// A block by name.
    Block {
        /// Name.
        name: String,
        /// How long.
        length: Length,
    },
    /// An item several times.
    Repeat {
        /// How often, at least once.
        times: u32,
        /// What.
        item: Box<Item>,
    },
    /// Items one after another.
    Sequence(Vec<Item>),
    /// Items that fill a day.
    Day {
        /// Microseconds.
        length_us: i64,
        /// What fills it.
        items: Vec<Item>,
    },
}

/// How long a block lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// As its table says.
    OfBlock,
    /// Microseconds.
    Of(i64),
    /// To a time of day, in microseconds since midnight.
    Until(i64),
}

/// Most repetitions of one item.
pub const MOST_TIMES: u32 = 1_000_000;
/// Deepest nesting.
const DEEPEST: usize = 32;

impl Programme {
    /// Reads a text; faults are reported where they stand.
    pub fn parse(text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Programme {
        let mut parser = Parser { cursor: Cursor::new(text), diagnostics, depth: 0 };
        let items = parser.items();
        while parser.cursor.peek().is_some() {
            // Only a bracket that nothing opened stops the items before the end.
            let span = parser.cursor.here();
            parser.fault("unexpected", span, "nothing opens this bracket".into(), "remove `)`, or write `(` where the items begin");
            parser.cursor.skip();
            parser.items();
        }
        if items.is_empty() && text.text.trim().is_empty() {
            parser.fault("empty-programme", text.span, "this programme is empty".into(), "write blocks in order, such as \"practice 15 min, rest 5 min\"");
        }
        Programme { items }
    }

    /// All blocks that it names, in order of the text.
    pub fn names(&self) -> Vec<(&str, Span)> {
        fn walk<'a>(items: &'a [Item], out: &mut Vec<(&'a str, Span)>) {
            for item in items {
                match &item.kind {
                    ItemKind::Block { name, .. } => out.push((name, item.span)),
                    ItemKind::Repeat { item, .. } => walk(std::slice::from_ref(item), out),
                    ItemKind::Sequence(items) | ItemKind::Day { items, .. } => walk(items, out),
                }
            }
        }
        let mut out = Vec::new();
        walk(&self.items, &mut out);
        out
    }
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    diagnostics: &'a mut Vec<Diagnostic>,
    depth: usize,
}

impl Parser<'_> {
    fn fault(&mut self, id: &'static str, span: Span, message: String, help: &str) {
        self.diagnostics.push(Diagnostic::error(id, span, message).help(help));
    }

    /// Items up to a closing bracket or the end.
    fn items(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        loop {
            match self.cursor.peek() {
                None | Some(Token::Close) => return items,
                Some(Token::Comma) => {
                    let span = self.cursor.here();
                    self.fault("unexpected", span, "there is nothing before this comma".into(), "remove it, or write a block");
                    self.cursor.skip();
                    continue;
                }
                Some(_) => {}
            }
            match self.item() {
                Some(item) => items.push(item),
                None => self.skip_item(),
            }
            match self.cursor.peek() {
                None | Some(Token::Close) => return items,
                Some(Token::Comma) => self.cursor.skip(),
                Some(_) => {
                    let (span, shown) = (self.cursor.here(), self.cursor.shown());
                    self.fault("unexpected", span, format!("a comma was expected, but here is {shown}"), "write a comma between two items");
                    self.skip_item();
                    self.cursor.take(&Token::Comma);
                }
            }
        }
    }

    /// Goes on to the next comma or bracket of this level.
    fn skip_item(&mut self) {
        let mut open = 0;
        while let Some(token) = self.cursor.peek() {
            match token {
                Token::Comma | Token::Close if open == 0 => return,
                Token::Open => open += 1,
                Token::Close => open -= 1,
                _ => {}
            }
            self.cursor.skip();
        }
    }

    /// One item; the depth is counted, because programmes are read by recursion.
    fn item(&mut self) -> Option<Item> {
        if self.depth == DEEPEST {
            let span = self.cursor.here();
            self.fault("too-deep", span, format!("this is nested more than {DEEPEST} deep"), "make a block with a programme of its own for the inner part");
            return None;
        }
        self.depth += 1;
        let item = self.item_inside();
        self.depth -= 1;
        item
    }

    fn item_inside(&mut self) -> Option<Item> {
        let mark = self.cursor.mark();
        let kind = match self.cursor.peek().cloned()? {
            Token::Open => ItemKind::Sequence(self.brackets()?),
            Token::Number(number) => self.repeat(&number)?,
            Token::Word(word) if word == "day" => self.day()?,
            Token::Word(word) if word == "x" || word == "until" => {
                let span = self.cursor.here();
                self.fault(
                    "unexpected",
                    span,
                    format!("`{word}` cannot begin an item"),
                    "write `4 x (..)` to repeat, and `NAME until 23:00` for a block that lasts to a time of day",
                );
                return None;
            }
            Token::Word(name) => {
                self.cursor.skip();
                ItemKind::Block { name, length: self.length()? }
            }
            other => {
                let (span, shown) = (self.cursor.here(), other.shown());
                self.fault("unexpected", span, format!("{shown} cannot begin an item"), "write the name of a block, `4 x ..`, `day 24 h (..)` or `(..)`");
                return None;
            }
        };
        Some(Item { kind, span: self.cursor.since(mark) })
    }

    fn length(&mut self) -> Option<Length> {
        if self.cursor.take_word("until") {
            return read_clock(&mut self.cursor, self.diagnostics).map(Length::Until);
        }
        if matches!(self.cursor.peek(), Some(Token::Number(_))) && is_duration(&self.cursor) {
            return read_duration(&mut self.cursor, self.diagnostics).map(Length::Of);
        }
        Some(Length::OfBlock)
    }

    fn repeat(&mut self, number: &str) -> Option<ItemKind> {
        let span = self.cursor.here();
        self.cursor.skip();
        if !self.cursor.take_word("x") {
            self.fault(
                "unexpected",
                span,
                "a number must be followed by `x` and what is repeated".into(),
                &format!("write `{number} x NAME` or `{number} x (.., ..)`; a duration stands after the name, as in `rest 5 min`"),
            );
            return None;
        }
        let times = match number.parse::<u32>() {
            Ok(times) if (1..=MOST_TIMES).contains(&times) => Some(times),
            _ => {
                self.fault(
                    "out-of-range",
                    span,
                    format!("an item can be repeated 1 to {MOST_TIMES} times, not {number}"),
                    "write a whole number of repetitions",
                );
                None
            }
        };
        if self.cursor.peek().is_none_or(|t| matches!(t, Token::Comma | Token::Close)) {
            let here = self.cursor.here();
            self.fault("unexpected", here, "there is nothing to repeat".into(), &format!("write `{number} x NAME` or `{number} x (.., ..)`"));
            return None;
        }
        let item = self.item()?;
        Some(ItemKind::Repeat { times: times?, item: Box::new(item) })
    }

    fn day(&mut self) -> Option<ItemKind> {
        let span = self.cursor.here();
        self.cursor.skip();
        if !is_duration(&self.cursor) {
            self.fault("bad-duration", span, "a day must say how long it is".into(), "write `day 24 h (..)`");
            return None;
        }
        let length_us = read_duration(&mut self.cursor, self.diagnostics)?;
        if self.cursor.peek() != Some(&Token::Open) {
            let here = self.cursor.here();
            self.fault(
                "unexpected",
                here,
                "a day must say what fills it".into(),
                &format!("write `day {} (practice 15 min, wake until 23:00, ..)`", print_duration(length_us)),
            );
            return None;
        }
        Some(ItemKind::Day { length_us, items: self.brackets()? })
    }

    /// `( .. )`; the cursor stands at the opening bracket.
    fn brackets(&mut self) -> Option<Vec<Item>> {
        let open = self.cursor.here();
        self.cursor.skip();
        let empty = self.cursor.peek() == Some(&Token::Close);
        let items = self.items();
        if !self.cursor.take(&Token::Close) {
            self.fault("unclosed", open, "this bracket is not closed".into(), "write `)` after the last item");
        } else if empty {
            self.fault(
                "empty-programme",
                open,
                "there is nothing between these brackets".into(),
                "write blocks in order, such as (practice 15 min, rest 5 min)",
            );
            return None;
        }
        Some(items)
    }
}

impl fmt::Display for Programme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        list(&self.items, f)
    }
}

fn list(items: &[Item], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ItemKind::Block { name, length } => match length {
                Length::OfBlock => f.write_str(name),
                Length::Of(us) => write!(f, "{name} {}", print_duration(*us)),
                Length::Until(DAY_US) => write!(f, "{name} until 24:00"),
                Length::Until(us) => write!(f, "{name} until {}", print_clock(*us)),
            },
            ItemKind::Repeat { times, item } => write!(f, "{times} x {item}"),
            ItemKind::Sequence(items) => {
                f.write_str("(")?;
                list(items, f)?;
                f.write_str(")")
            }
            ItemKind::Day { length_us, items } => {
                write!(f, "day {} (", print_duration(*length_us))?;
                list(items, f)?;
                f.write_str(")")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::{HOUR_US, MINUTE_US, SECOND_US};

    fn read(text: &str) -> (Programme, Vec<Diagnostic>) {
        let mut diagnostics = Vec::new();
        let programme = Programme::parse(&Text::made(text, Span::default()), &mut diagnostics);
        (programme, diagnostics)
    }

    /// A text that is printed as another.
    fn check(text: &str, printed: &str) {
        let (programme, diagnostics) = read(text);
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        assert_eq!(programme.to_string(), printed);
    }

    #[test]
    fn programmes_are_read() {
        let whole = "5 x day 24 h (test, 4 x (15 x (imagery 15 s, rest 15 s), rest 5 min), wake until 23:00, night)";
        check(whole, whole);
        check("  practice\n15min ,\n rest 90 s,", "practice 15 min, rest 1 min 30 s");
        check("2x 3x a-b_1", "2 x 3 x a-b_1");
        check("5 x practice 15 min", "5 x practice 15 min");
        check("nap until 24:00", "nap until 24:00");
        let (programme, _) = read("a, 2 x (b 1 s, a)");
        assert_eq!(programme.names().iter().map(|(n, _)| *n).collect::<Vec<_>>(), ["a", "b", "a"]);
    }

    #[test]
    fn one_fault_does_not_hide_the_next() {
        let (programme, diagnostics) = read("a 15, 0 x b, c until 25:00, day (d), e until, f 3 s");
        assert_eq!(diagnostics.iter().map(|d| d.id).collect::<Vec<_>>(), ["bad-duration", "out-of-range", "bad-clock", "bad-duration", "bad-clock"]);
        assert_eq!(programme.to_string(), "f 3 s");
        assert!(diagnostics.iter().all(|d| d.help.is_some()));
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_crash() {
        for text in ["(".repeat(100_000), "1 x ".repeat(100_000), ")".repeat(1000)] {
            assert!(!read(&text).1.is_empty());
        }
    }

    fn items() -> impl Strategy<Value = Vec<Item>> {
        let at = |kind| Item { kind, span: Span::default() };
        let length = prop_oneof![Just(Length::OfBlock), (1..40 * HOUR_US).prop_map(Length::Of), (0..=24 * 60_i64).prop_map(|m| Length::Until(m * MINUTE_US))];
        let block = ("[a-w_][a-z0-9_-]{0,6}", length)
            .prop_filter("a word of the language", |(name, _)| crate::lexer::is_name(name))
            .prop_map(move |(name, length)| at(ItemKind::Block { name, length }));
        let item = block.prop_recursive(5, 40, 4, move |inner| {
            let several = || prop::collection::vec(inner.clone(), 1..4);
            prop_oneof![
                (1..=MOST_TIMES, inner.clone()).prop_map(move |(times, item)| at(ItemKind::Repeat { times, item: Box::new(item) })),
                several().prop_map(move |items| at(ItemKind::Sequence(items))),
                (1..100 * HOUR_US / SECOND_US, several()).prop_map(move |(s, items)| at(ItemKind::Day { length_us: s * SECOND_US, items })),
            ]
        });
        prop::collection::vec(item, 1..4)
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_again(items in items()) {
            // Every place of a made text is the same, so spans agree where the trees do.
            let programme = Programme { items };
            let (again, diagnostics) = read(&programme.to_string());
            prop_assert!(diagnostics.is_empty(), "{} {:?}", programme, diagnostics);
            prop_assert_eq!(again, programme);
        }

        #[test]
        fn no_text_makes_it_fall(text in "[a-z0-9 (),:x.]{0,60}") {
            let (programme, diagnostics) = read(&text);
            prop_assert!(diagnostics.iter().all(|d| d.help.is_some()));
            if diagnostics.is_empty() {
                prop_assert!(read(&programme.to_string()).1.is_empty());
            }
        }
    }
}
