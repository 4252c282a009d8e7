//! Parser and checker on any bytes: no panic, every diagnostic has a place inside the text and a repair, and can be shown.
//!
//! The bytes are read as a file, and also as the equations and statements of a model, because random bytes are seldom TOML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plastica_lang::check::{NoNames, check_expression, check_file, check_statements};
use plastica_lang::source::{Sources, Span, Text, render};
use plastica_lang::syntax::parse_equations;

fuzz_target!(|data: &[u8]| {
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    match sources.add_bytes("fuzz.toml", data) {
        Ok(id) => {
            let models = check_file(&sources, id, &mut diagnostics);
            assert!(!models.is_empty() || !diagnostics.is_empty(), "nothing found and nothing said");
        }
        Err(diagnostic) => diagnostics.push(*diagnostic),
    }
    for d in &diagnostics {
        let text = sources.text(d.span.source);
        assert!(d.span.start <= d.span.end && d.span.end as usize <= text.len(), "{} lies outside the text", d.id);
        assert!(d.help.is_some(), "{} has no help", d.id);
    }
    render(&sources, &diagnostics, false);

    let Ok(text) = std::str::from_utf8(data) else { return };
    // A model around the bytes, so that equations and statements are checked too.
    let quoted = text.replace("'''", "");
    let around = format!(
        "[synapse.s]\nequations = '''\nw : 1\n{quoted}\n'''\non_pre = '''{quoted}'''\non_post = '''w += 1'''\n[neuron.n]\nequations = '''\n{quoted}\n'''\nthreshold = '''{quoted}'''\n"
    );
    let id = sources.add("around.toml", around);
    let mut diagnostics = Vec::new();
    check_file(&sources, id, &mut diagnostics);
    // Drawing is slow; the first few of these show whether it works.
    render(&sources, &diagnostics[..diagnostics.len().min(4)], false);

    let made = Text::made(text, Span::default());
    let mut ignored = Vec::new();
    parse_equations(&made, &mut ignored);
    check_statements(&made, &NoNames, &mut ignored);
    check_expression(&made, &NoNames, None, &mut ignored);
});
