//! TOML with places: tables in the order of the text, each key and value with its span.
//!
//! The reading itself is done by the `toml` crate, which goes on after an error.

use std::collections::HashSet;

use toml::de::{DeTable, DeValue};

use super::{Diagnostic, SourceId, Sources, Span, nearest};

/// A string value and where each of its bytes stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Contents, escapes undone.
    pub text: String,
    /// The whole value in the file, quotes included.
    pub span: Span,
    places: Places,
}

#[derive(Clone, Debug, PartialEq)]
enum Places {
    /// The contents stand in the file as they are, from this byte on.
    From(u32),
    /// There are escapes: the file's byte for each byte of the contents, and the end.
    Each(Vec<u32>),
}

impl Text {
    /// The place in the file of a byte range of the contents.
    pub fn place(&self, start: usize, end: usize) -> Span {
        let at = |i: usize| match &self.places {
            Places::From(base) => base + i as u32,
            Places::Each(each) => each.get(i).or(each.last()).copied().unwrap_or(self.span.start),
        };
        Span { source: self.span.source, start: at(start), end: at(end).max(at(start)) }
    }

    /// A text that stands nowhere: every place is `span`.
    pub fn made(text: impl Into<String>, span: Span) -> Text {
        let text = text.into();
        Text { places: Places::Each(vec![span.start]), text, span }
    }
}

/// A key.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// Name.
    pub name: String,
    /// Place.
    pub span: Span,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// Place.
    pub span: Span,
}

/// Kinds of value.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueKind {
    /// A string.
    Text(Text),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// A list.
    Array(Vec<Value>),
    /// A table.
    Table(Table),
    /// A date or a time, which Plastica has no use for.
    Date,
    /// Something that could not be read, already reported.
    Faulty,
}

impl Value {
    /// What it is, in a word.
    pub fn word(&self) -> &'static str {
        match self.kind {
            ValueKind::Text(_) => "text",
            ValueKind::Integer(_) => "a whole number",
            ValueKind::Float(_) => "a number",
            ValueKind::Boolean(_) => "true or false",
            ValueKind::Array(_) => "a list",
            ValueKind::Table(_) => "a table",
            ValueKind::Date => "a date",
            ValueKind::Faulty => "unreadable",
        }
    }

    fn wrong(&self, key: &str, wanted: &str, diagnostics: &mut Vec<Diagnostic>) {
        if self.kind == ValueKind::Faulty {
            return;
        }
        diagnostics.push(
            Diagnostic::error("wrong-type", self.span, format!("`{key}` must be {wanted}, but this is {}", self.word()))
                .label(self.word())
                .help(format!("write {wanted}")),
        );
    }
}

/// A table, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Place (of a header or of the braces).
    pub span: Span,
    /// Keys and values.
    pub entries: Vec<(Key, Value)>,
}

impl Table {
    /// The value of a key.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.entries.iter().find(|(k, _)| k.name == name).map(|(_, v)| v)
    }

    /// The key as written.
    pub fn key(&self, name: &str) -> Option<&Key> {
        self.entries.iter().find(|(k, _)| k.name == name).map(|(k, _)| k)
    }

    /// Reports the keys that are not in `known`.
    pub fn known_keys(&self, what: &str, known: &[&str], diagnostics: &mut Vec<Diagnostic>) {
        for (key, _) in &self.entries {
            if !known.contains(&key.name.as_str()) {
                let help = match nearest(&key.name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known keys: {}", known.join(", ")),
                };
                diagnostics.push(Diagnostic::error("unknown-key", key.span, format!("{what} has no key `{}`", key.name)).label("unknown key").help(help));
            }
        }
    }

    /// A text, if the key is there.
    pub fn text(&self, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<&Text> {
        match self.get(name)? {
            Value { kind: ValueKind::Text(text), .. } => Some(text),
            other => {
                other.wrong(name, "text", diagnostics);
                None
            }
        }
    }

    /// A text that must be there.
    pub fn required_text(&self, what: &str, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<&Text> {
        if self.get(name).is_none() {
            diagnostics.push(Diagnostic::error("missing-key", self.span, format!("{what} has no `{name}`")).help(format!("add a line: {name} = \"...\"")));
        }
        self.text(name, diagnostics)
    }

    /// A whole number of at least `low`, if the key is there.
    pub fn integer(&self, name: &str, low: i64, diagnostics: &mut Vec<Diagnostic>) -> Option<i64> {
        match self.get(name)? {
            Value { kind: ValueKind::Integer(i), .. } if *i >= low => Some(*i),
            Value { kind: ValueKind::Integer(i), span } => {
                diagnostics.push(
                    Diagnostic::error("out-of-range", *span, format!("`{name}` must be at least {low}, but this is {i}")).help(format!("write {low} or more")),
                );
                None
            }
            other => {
                other.wrong(name, "a whole number", diagnostics);
                None
            }
        }
    }

    /// A number, if the key is there.
    pub fn number(&self, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
        match self.get(name)? {
            Value { kind: ValueKind::Integer(i), .. } => Some(*i as f64),
            Value { kind: ValueKind::Float(f), .. } => Some(*f),
            other => {
                other.wrong(name, "a number", diagnostics);
                None
            }
        }
    }

    /// True or false; false if the key is not there.
    pub fn boolean(&self, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<bool> {
        match self.get(name)? {
            Value { kind: ValueKind::Boolean(b), .. } => Some(*b),
            other => {
                other.wrong(name, "true or false", diagnostics);
                None
            }
        }
    }

    /// A table, if the key is there.
    pub fn table(&self, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<&Table> {
        match self.get(name)? {
            Value { kind: ValueKind::Table(table), .. } => Some(table),
            other => {
                other.wrong(name, "a table", diagnostics);
                None
            }
        }
    }

    /// A list, if the key is there.
    pub fn array(&self, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<&[Value]> {
        match self.get(name)? {
            Value { kind: ValueKind::Array(array), .. } => Some(array),
            other => {
                other.wrong(name, "a list", diagnostics);
                None
            }
        }
    }
}

/// Reads a TOML text. Never fails: what could not be read is reported, the rest is returned.
pub fn parse_toml(sources: &Sources, source: SourceId, diagnostics: &mut Vec<Diagnostic>) -> Table {
    let text = sources.text(source);
    let whole = |start: usize, end: usize| Span { source, start: start as u32, end: end as u32 };
    if text.len() > 64 << 20 {
        diagnostics
            .push(Diagnostic::error("too-large", whole(0, 0), "this file is larger than 64 MiB").help("put tables of numbers into CSV or Parquet files"));
        return Table::default();
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut faults: Vec<u32> = Vec::new();
    let mut lines = HashSet::new();
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        faults.push(span.start as u32);
        // Only the first fault of a line is said: the others mostly follow from it.
        let start = text.as_bytes()[..span.start.min(text.len())].iter().rposition(|b| *b == b'\n');
        if !lines.insert(start) {
            continue;
        }
        diagnostics.push(
            Diagnostic::error("toml", whole(span.start, span.end), error.message().to_string())
                .help("this file is TOML: keys, `=`, values; see https://toml.io"),
        );
    }
    faults.sort_unstable();
    let mut reader = Reader { text, source, faults, diagnostics };
    let span = table.span();
    reader.table(table.get_ref(), whole(span.start.min(text.len()), span.end.min(text.len())))
}

struct Reader<'a> {
    text: &'a str,
    source: SourceId,
    /// Where the text is no TOML, sorted.
    faults: Vec<u32>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span { source: self.source, start: range.start as u32, end: range.end as u32 }
    }

    fn table(&mut self, table: &DeTable<'_>, span: Span) -> Table {
        let mut out = Table { span, entries: Vec::with_capacity(table.len()) };
        for (key, value) in table.iter() {
            let key = Key { name: key.get_ref().to_string(), span: self.span(key.span()) };
            let value = self.value(value.get_ref(), self.span(value.span()));
            out.entries.push((key, value));
        }
        out
    }

    fn value(&mut self, value: &DeValue<'_>, span: Span) -> Value {
        // What the reader of TOML put in the place of something unreadable is not looked at.
        let nested = matches!(value, DeValue::Array(_) | DeValue::Table(_));
        let next = self.faults.partition_point(|f| *f < span.start);
        if !nested && self.faults.get(next).is_some_and(|f| *f <= span.end) {
            return Value { kind: ValueKind::Faulty, span };
        }
        let kind = match value {
            DeValue::String(s) => ValueKind::Text(self.string(s, span)),
            DeValue::Integer(i) => match i64::from_str_radix(i.as_str(), i.radix()) {
                Ok(i) => ValueKind::Integer(i),
                Err(_) => {
                    self.diagnostics.push(
                        Diagnostic::error("number-too-large", span, "this whole number does not fit into 64 bits").help("write it with an exponent, as 1e20"),
                    );
                    ValueKind::Faulty
                }
            },
            DeValue::Float(f) => match f.as_str().parse::<f64>() {
                Ok(f) if f.is_finite() => ValueKind::Float(f),
                _ => {
                    self.diagnostics.push(Diagnostic::error("not-finite", span, "this number is not finite").help("write a finite number"));
                    ValueKind::Faulty
                }
            },
            DeValue::Boolean(b) => ValueKind::Boolean(*b),
            DeValue::Datetime(_) => ValueKind::Date,
            DeValue::Array(a) => ValueKind::Array(a.iter().map(|v| self.value(v.get_ref(), self.span(v.span()))).collect()),
            DeValue::Table(t) => ValueKind::Table(self.table(t, span)),
        };
        Value { kind, span }
    }

    fn string(&self, contents: &str, span: Span) -> Text {
        let raw = self.text.get(span.start as usize..span.end as usize).unwrap_or("");
        let places = match raw.find(contents) {
            Some(at) if !contents.is_empty() => Places::From(span.start + at as u32),
            _ => Places::Each(each_place(raw, contents, span.start)),
        };
        Text { text: contents.to_string(), span, places }
    }
}

/// Walks along the raw string and its contents, undoing escapes, and notes where each byte came from.
fn each_place(raw: &str, contents: &str, base: u32) -> Vec<u32> {
    let bytes = raw.as_bytes();
    let quotes = if raw.starts_with("\"\"\"") || raw.starts_with("'''") { 3 } else { 1 };
    let mut at = quotes.min(bytes.len());
    if quotes == 3 {
        while at < bytes.len() && (bytes[at] == b'\r' || bytes[at] == b'\n') && at < quotes + 2 {
            at += 1;
        }
    }
    let mut places = Vec::with_capacity(contents.len() + 1);
    for c in contents.chars() {
        // A backslash at the end of a line swallows the white space after it.
        while bytes.get(at) == Some(&b'\\') && bytes.get(at + 1).is_some_and(|b| b.is_ascii_whitespace()) {
            at += 1;
            while bytes.get(at).is_some_and(|b| b.is_ascii_whitespace()) {
                at += 1;
            }
        }
        let start = at;
        let step = match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'\\'), Some(b'u')) => 6,
            (Some(b'\\'), Some(b'U')) => 10,
            (Some(b'\\'), Some(b'x')) => 4,
            (Some(b'\\'), Some(_)) if raw.starts_with('"') => 2,
            (Some(b'\r'), Some(b'\n')) if c == '\n' => 2,
            _ => c.len_utf8(),
        };
        for _ in 0..c.len_utf8() {
            places.push(base + start.min(bytes.len()) as u32);
        }
        at += step;
    }
    places.push(base + at.min(bytes.len()) as u32);
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Sources, Table, Vec<Diagnostic>) {
        let mut sources = Sources::default();
        let id = sources.add("test.toml", text);
        let mut diagnostics = Vec::new();
        let table = parse_toml(&sources, id, &mut diagnostics);
        (sources, table, diagnostics)
    }

    fn check_place(toml: &str, part: &str) {
        let (sources, table, diagnostics) = read(toml);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let text = table.text("a", &mut Vec::new()).unwrap();
        let at = text.text.find(part).unwrap();
        let span = text.place(at, at + part.len());
        assert_eq!(&sources.text(SourceId(0))[span.start as usize..span.end as usize], part);
    }

    #[test]
    fn places_in_strings_point_into_the_file() {
        check_place("a = \"x = 1; y = 2\"", "y = 2");
        check_place("a = \"\"\"\nfirst\nsecond\n\"\"\"", "second");
        check_place("a = \"tab\\t then\"", "then");
        check_place("a = \"\\u00e9 then\"", "then");
        check_place("a = \"\"\"\r\nfirst\r\nsecond\"\"\"", "second");
    }

    #[test]
    fn all_faults_are_reported_and_the_rest_is_kept() {
        let (_, table, diagnostics) = read("a = 1\nb = = 2\nc = 99999999999999999999\nd = nan\ne = 5\n");
        assert_eq!(diagnostics.len(), 3, "{diagnostics:?}");
        assert_eq!(table.integer("e", 0, &mut Vec::new()), Some(5));
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_crash() {
        let (_, _, diagnostics) = read(&format!("a = {}", "[".repeat(100_000)));
        assert!(!diagnostics.is_empty());
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let (_, table, mut diagnostics) = read("equatoins = 1");
        table.known_keys("a neuron", &["equations", "reset"], &mut diagnostics);
        assert_eq!(diagnostics[0].help.as_deref(), Some("did you mean `equations`?"));
    }
}
