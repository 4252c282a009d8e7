//! Standard output and standard error: colours only where somebody sees them, no panic when the reader goes away.

use std::io::{self, IsTerminal, Write};

use plastica::{Diagnostic, Sources};

/// Where text goes.
pub struct Output {
    /// Is standard output a terminal that wants colours?
    pub color: bool,
    error_color: bool,
    closed: bool,
}

impl Output {
    /// Looks at the two streams, and at `NO_COLOR` and `TERM`.
    pub fn new() -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        let plain = set("NO_COLOR") || std::env::var_os("TERM").is_some_and(|t| t == "dumb");
        Output { color: io::stdout().is_terminal() && !plain, error_color: io::stderr().is_terminal() && !plain, closed: false }
    }

    /// Writes to standard output. When the reader has closed it the rest is dropped: he has seen what he wanted.
    pub fn text(&mut self, text: &str) {
        if self.closed {
            return;
        }
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        self.closed = written.is_err();
    }

    /// Writes a line to standard output.
    pub fn line(&mut self, text: &str) {
        self.text(&format!("{text}\n"));
    }

    /// Writes a line to standard error.
    pub fn error_line(&mut self, text: &str) {
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// Says what went wrong.
    pub fn error(&mut self, message: &str) {
        let head = if self.error_color { "\u{1b}[1;31merror\u{1b}[0m" } else { "error" };
        self.error_line(&format!("{head}: {message}"));
    }

    /// Shows diagnostics, and counts the errors among them.
    pub fn diagnostics(&mut self, sources: &Sources, diagnostics: &[Diagnostic]) {
        if diagnostics.is_empty() {
            return;
        }
        self.error_line(&plastica::render(sources, diagnostics, self.error_color));
        let errors = diagnostics.iter().filter(|d| d.is_error()).count();
        if errors > 0 {
            self.error_line("");
            self.error(&format!("{errors} {}; nothing was run", if errors == 1 { "error" } else { "errors" }));
        }
    }

    /// Text in bold, where there are colours.
    pub fn bold(&self, text: &str) -> String {
        if self.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.into() }
    }
}
