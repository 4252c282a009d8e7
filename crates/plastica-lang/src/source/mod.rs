//! Texts, places in them, and what is to be said about them.
//!
//! A [`Span`] is a byte range of a file. It is kept from the parser to the last diagnostic.

mod render;
mod tables;

pub use render::render;
pub use tables::{Key, Table, Text, Value, ValueKind, parse_toml};

/// Which text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u32);

/// A byte range of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Which text.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The smallest range that holds both.
    pub fn to(self, other: Span) -> Span {
        Span { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// All texts that a run has read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<(String, String)>,
}

impl Sources {
    /// Adds a text under the name that diagnostics show.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        self.files.push((name.into(), text.into()));
        SourceId(self.files.len() as u32 - 1)
    }

    /// Adds the contents of a file.
    ///
    /// # Errors
    /// `not-text` at the first byte that is not UTF-8; what can be read is kept, so that the place can be shown.
    pub fn add_bytes(&mut self, name: impl Into<String>, bytes: &[u8]) -> Result<SourceId, Box<Diagnostic>> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(self.add(name, text)),
            Err(error) => {
                let source = self.add(name, String::from_utf8_lossy(bytes));
                let at = error.valid_up_to() as u32;
                let diagnostic = Diagnostic::error("not-text", Span { source, start: at, end: at }, "this file is not UTF-8 text")
                    .label("not a character")
                    .help("models and experiments are text in UTF-8; numbers in other formats belong into CSV or Parquet files");
                Err(Box::new(diagnostic))
            }
        }
    }

    /// Line and column of a place, both counted from 1; columns in characters.
    pub fn line(&self, span: Span) -> (usize, usize) {
        let text = self.text(span.source).as_bytes();
        let before = &text[..(span.start as usize).min(text.len())];
        let line = before.iter().rev().take_while(|b| **b != b'\n').copied().collect::<Vec<u8>>();
        let column = line.iter().filter(|b| **b & 0xC0 != 0x80).count();
        (before.iter().filter(|b| **b == b'\n').count() + 1, column + 1)
    }

    /// Name of a text.
    pub fn name(&self, id: SourceId) -> &str {
        self.files.get(id.0 as usize).map_or("", |f| &f.0)
    }

    /// The text.
    pub fn text(&self, id: SourceId) -> &str {
        self.files.get(id.0 as usize).map_or("", |f| &f.1)
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Nothing can be run.
    Error,
    /// It runs, but perhaps not as meant.
    Warning,
}

/// Something to say about a place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable name, e.g. `unit-mismatch`.
    pub id: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// The place.
    pub span: Span,
    /// One sentence.
    pub message: String,
    /// Said under the place.
    pub label: String,
    /// Other places, each with a word.
    pub others: Vec<(Span, String)>,
    /// The reason.
    pub note: Option<String>,
    /// The repair.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error.
    pub fn error(id: &'static str, span: Span, message: impl Into<String>) -> Self {
        Diagnostic { id, severity: Severity::Error, span, message: message.into(), label: String::new(), others: Vec::new(), note: None, help: None }
    }

    /// A warning.
    pub fn warning(id: &'static str, span: Span, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Self::error(id, span, message) }
    }

    /// Says something under the place.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Points at another place.
    pub fn other(mut self, span: Span, label: impl Into<String>) -> Self {
        self.others.push((span, label.into()));
        self
    }

    /// Gives the reason.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Gives the repair.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Is it an error?
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The known name nearest to a mistyped one, if any is near.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > 200 {
        return None;
    }
    let lower = name.to_lowercase();
    known
        .into_iter()
        .map(|k| (strsim::damerau_levenshtein(&lower, &k.to_lowercase()), k))
        // Two letters are too few to guess from, but for their case.
        .filter(|(distance, k)| *distance <= if k.len().min(name.len()) < 3 { 0 } else { 1 + k.len().min(name.len()) / 4 })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, k)| k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_far_ones_are_not() {
        assert_eq!(nearest("tau_puls", ["tau_plus", "tau_minus"]), Some("tau_plus"));
        assert_eq!(nearest("v", ["mV", "w"]), None);
        assert_eq!(nearest("zebra", ["tau_plus", "tau_minus"]), None);
    }
}
