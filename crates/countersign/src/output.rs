//! Tables for people, JSON for programs, lines for a shell.

use serde::Serialize;
use std::fmt::Arguments;
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
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints a value as JSON, one document.
pub fn json<T: Serialize>(value: &T) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => crate::say!("{text}"),
        Err(error) => eprintln!("error: this cannot be written as json: {error}"),
    }
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
