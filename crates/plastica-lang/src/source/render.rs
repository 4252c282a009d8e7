//! Diagnostics as a terminal shows them; the drawing is done by the `annotate-snippets` crate.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Diagnostic, Severity, Sources};

/// Most diagnostics that are drawn: more than a reader will read, and drawing is slow.
const MOST_SHOWN: usize = 50;

/// The diagnostics as text, sorted by file and place; of a very long list only the beginning and the number of the others.
pub fn render(sources: &Sources, diagnostics: &[Diagnostic], color: bool) -> String {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|d| (d.span, d.id));
    sorted.dedup();
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(100);
    let mut out = String::new();
    for diagnostic in sorted.iter().take(MOST_SHOWN) {
        out.push_str(&one(sources, diagnostic, &renderer));
        out.push_str("\n\n");
    }
    if sorted.len() > MOST_SHOWN {
        out.push_str(&format!("and {} more", sorted.len() - MOST_SHOWN));
    }
    out.truncate(out.trim_end().len());
    out
}

fn one(sources: &Sources, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let text = sources.text(diagnostic.span.source);
    let range = |span: super::Span| {
        let floor = |at: u32| {
            let mut at = (at as usize).min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        floor(span.start)..floor(span.end).max(floor(span.start))
    };
    let mut primary = AnnotationKind::Primary.span(range(diagnostic.span));
    if !diagnostic.label.is_empty() {
        primary = primary.label(diagnostic.label.as_str());
    }
    let mut snippet = Snippet::source(text).path(sources.name(diagnostic.span.source)).annotation(primary);
    let mut elsewhere = Vec::new();
    for (span, label) in &diagnostic.others {
        if span.source == diagnostic.span.source {
            snippet = snippet.annotation(AnnotationKind::Context.span(range(*span)).label(label.as_str()));
        } else {
            let before = &sources.text(span.source)[..(span.start as usize).min(sources.text(span.source).len())];
            elsewhere.push(format!("{label}: {}:{}", sources.name(span.source), before.matches('\n').count() + 1));
        }
    }
    let mut group = level.primary_title(diagnostic.message.as_str()).id(diagnostic.id).element(snippet);
    for line in &elsewhere {
        group = group.element(Level::NOTE.message(line.as_str()));
    }
    if let Some(note) = &diagnostic.note {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group]).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::{SourceId, Span};
    use super::*;

    #[test]
    fn a_diagnostic_names_file_line_and_repair() {
        let mut sources = Sources::default();
        let id = sources.add("lif.toml", "one\ntwo three\n");
        let span = Span { source: id, start: 8, end: 13 };
        let shown = render(&sources, &[Diagnostic::error("unit-mismatch", span, "it must be in volt").label("amp").help("divide")], false);
        assert!(shown.contains("error[unit-mismatch]: it must be in volt"), "{shown}");
        assert!(shown.contains("lif.toml:2:5") && shown.contains("^^^^^ amp") && shown.contains("help: divide"), "{shown}");
    }

    #[test]
    fn thousands_of_diagnostics_are_cut_short() {
        // Found by fuzzing: a line of 4,000 stray brackets took many seconds to draw on a busy machine.
        let mut sources = Sources::default();
        let source = sources.add("garbage.toml", "[".repeat(4000));
        let all: Vec<Diagnostic> =
            (0..4000).map(|k| Diagnostic::error("unknown-character", Span { source, start: k, end: k + 1 }, "no meaning").help("remove it")).collect();
        let shown = render(&sources, &all, false);
        assert_eq!(shown.matches("error[unknown-character]").count(), MOST_SHOWN);
        assert!(shown.ends_with("and 3950 more"), "{}", &shown[shown.len() - 200..]);
    }

    #[test]
    fn places_beyond_the_text_do_not_panic() {
        let sources = Sources::default();
        render(&sources, &[Diagnostic::error("x", Span { source: SourceId(7), start: 9, end: 12 }, "m")], true);
    }
}
