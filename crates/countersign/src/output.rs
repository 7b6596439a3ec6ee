//! Tables for people, JSON for programs, lines for a shell.

use serde::Serialize;
use std::fmt::{Arguments, Display};
use std::io::Write as _;
use std::path::Path;

/// Prints a line for a person or a program.
#[macro_export]
macro_rules! say {
    () => { $crate::output::line(format_args!("")) };
    ($($word:tt)*) => { $crate::output::line(format_args!($($word)*)) };
}

/// One line on standard output. Whoever reads may stop reading (`| head`); what is done goes on, unread.
pub fn line(text: Arguments) {
    let _ = writeln!(std::io::stdout(), "{}", shown(&text.to_string()));
}

/// What went wrong, on standard error. Its further lines are set in: no answer of a server makes a
/// line of its own.
pub fn error(error: &dyn Display) {
    note(format_args!("error: {}", shown(&error.to_string()).replace('\n', "\n  ")));
}

/// One line on standard error, beside the answer. Where it cannot be written, the exit code still tells.
pub fn note(text: Arguments) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Prints a value as JSON, one document.
pub fn json<T: Serialize>(value: &T) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => {
            // Such characters stand inside strings alone, where JSON (RFC 8259 §7) has an escape for them.
            let _ = writeln!(std::io::stdout(), "{}", escaped(&text, |c| format!("\\u{:04x}", u32::from(c))));
        }
        Err(why) => error(&format!("this cannot be written as json: {why}")),
    }
}

/// Whether a terminal obeys a character, or shows nothing of it: controls, direction marks (Unicode
/// Bidi_Control), zero-width characters and line separators.
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn escaped(text: &str, escape: impl Fn(char) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) { out.push_str(&escape(c)) } else { out.push(c) }
    }
    out
}

/// A text as a terminal may have it, whoever wrote it.
fn shown(text: &str) -> String {
    escaped(text, |c| c.escape_unicode().to_string())
}

/// Prints rows under a heading, columns as wide as their widest cell.
pub fn table(heading: &[&str], rows: &[Vec<String>]) {
    let mut widths: Vec<usize> = heading.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    crate::say!("{}", line(heading.to_vec()));
    for row in rows {
        crate::say!("{}", line(row.iter().map(String::as_str).collect()));
    }
}

/// A path as one word of a POSIX shell: lines that are printed to be copied must work.
pub fn word(path: &Path) -> String {
    client::shell_word(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_server_says_is_obeyed_by_a_terminal() {
        assert_eq!(shown("Élan\tof\nAda"), "Élan\tof\nAda");
        for (text, seen) in [
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("a\rb", "a\\u{d}b"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("a\u{202e}b\u{200b}", "a\\u{202e}b\\u{200b}"),
        ] {
            assert_eq!(shown(text), seen);
        }
        let text = serde_json::to_string("a\u{9b}\u{202e}").unwrap();
        let safe = escaped(&text, |c| format!("\\u{:04x}", u32::from(c)));
        assert_eq!(safe, r#""a\u009b\u202e""#);
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), "a\u{9b}\u{202e}", "the same text");
    }
}
