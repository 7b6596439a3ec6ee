//! Tables for people, JSON for programs, lines for a shell.

use crate::error::Detail;
use serde::Serialize;
use std::fmt::{Arguments, Display};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;

/// Exit code of who wrote into a pipe nobody reads any more: 128 and the number of SIGPIPE, as a
/// shell reports what that signal ends.
const EXIT_NOBODY_READS: u8 = 141;
/// Exit code when standard output cannot be written for another reason.
const EXIT_NOT_WRITTEN: u8 = 70;
/// What stands before each further line of a text of several lines: it is nobody's line of ours.
const QUOTE: &str = "  | ";

/// Why standard output was not written, if it was not: what is done goes on, and the end says so.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// Prints a line for a person or a program.
#[macro_export]
macro_rules! print_line {
    () => { $crate::output::line(format_args!("")) };
    ($($word:tt)*) => { $crate::output::line(format_args!($($word)*)) };
}

/// One line on standard output; empty ones may come before it. Further lines can only be of a text
/// that somebody else wrote, and are set in.
pub fn line(text: Arguments) {
    let text = text.to_string();
    let words = text.trim_start_matches('\n');
    let (before, _) = text.split_at(text.len() - words.len());
    write(&format!("{before}{}\n", set_in(words)));
}

/// A text of several lines that somebody else wrote, after a label of ours.
pub fn quoted(label: &str, text: &str) {
    if !text.contains('\n') {
        return line(format_args!("{label} {text}"));
    }
    line(format_args!("{label}"));
    text.lines().for_each(|text| write(&format!("{QUOTE}{}\n", shown(text))));
}

fn set_in(text: &str) -> String {
    shown(text).replace('\n', &format!("\n{QUOTE}"))
}

/// Whoever reads may stop reading (`| head`), and a disk may be full: what is done goes on, unread,
/// and [`ended`] says so.
fn write(text: &str) {
    if LOST.get().is_some() {
        return;
    }
    let mut out = io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        lost(error);
    }
}

fn lost(error: io::Error) {
    // Only the first is kept: all later ones follow from it.
    let _ = LOST.set(error);
}

/// The exit code, once everything is printed: a success that nobody got is none.
pub fn ended(code: ExitCode) -> ExitCode {
    let Some(why) = LOST.get() else { return code };
    let not_written = if why.kind() == ErrorKind::BrokenPipe {
        EXIT_NOBODY_READS
    } else {
        error(&format!(
            "standard output cannot be written: {why}; what was asked for is done, its answer is not whole"
        ));
        EXIT_NOT_WRITTEN
    };
    if code == ExitCode::SUCCESS { ExitCode::from(not_written) } else { code }
}

/// Help, the version, or what is wrong with the words on the command line.
pub fn usage(said: &clap::Error) -> ExitCode {
    let printed = said.print();
    let code = u8::try_from(said.exit_code()).unwrap_or(EXIT_NOT_WRITTEN);
    if let Err(error) = printed.and_then(|()| io::stdout().flush())
        && !said.use_stderr()
    {
        lost(error);
    }
    ended(ExitCode::from(code))
}

/// What went wrong, on standard error. Its further lines are set in: no answer of a server makes a
/// line of its own.
pub fn error(error: &dyn Display) {
    note(&format_args!("error: {}", shown(&error.to_string()).replace('\n', "\n  ")));
}

/// An error for a program: one shape, on standard error.
pub fn error_json(detail: &Detail) {
    match serde_json::to_string(&serde_json::json!({ "error": detail })) {
        Ok(text) => note(&escaped(&text, |c| format!("\\u{:04x}", u32::from(c)))),
        Err(why) => error(&format!("this error cannot be written as json: {why}")),
    }
}

/// A line on standard error. Where even that cannot be written, nobody can be told.
pub fn note(text: &dyn Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Prints a value as JSON, one document.
pub fn json<T: Serialize>(value: &T) {
    match serde_json::to_string_pretty(value) {
        // Such characters stand inside strings alone, where JSON (RFC 8259 §7) has an escape for them.
        Ok(text) => write(&format!("{}\n", escaped(&text, |c| format!("\\u{:04x}", u32::from(c))))),
        Err(why) => error(&format!("this cannot be written as json: {why}")),
    }
}

/// Prints a value as JSON in one line, one of many.
pub fn json_line(value: &serde_json::Value) {
    write(&format!("{}\n", escaped(&value.to_string(), |c| format!("\\u{:04x}", u32::from(c)))));
}

/// Whether nobody gets what is printed any more: who prints without end stops.
pub fn is_lost() -> bool {
    LOST.get().is_some()
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

/// A text within a line: whoever wrote it, it makes none of its own.
pub fn cell(text: &str) -> String {
    shown(text).replace('\n', "\\u{a}").replace('\t', " ")
}

/// Prints rows under a heading, left aligned, as wide as the terminal; whole where it goes to no terminal. What is cut
/// ends with `…`, in a column of prose first; `--json` has all of it.
pub fn table(heading: &[&str], rows: &[Vec<String>]) {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|text| cell(text)).collect()).collect();
    for text in lines(heading, &rows, columns()) {
        line(format_args!("{text}"));
    }
}

/// Columns that are cut first, and those that are cut next; all others are words and ids.
const CUT: [&[&str]; 2] = [
    &["CATEGORY", "ACTOR", "NODE", "DEPUTIES", "KEYS", "FALLBACK"],
    &["ABOUT", "WAITS FOR", "TITLE", "ENGINE", "TENANT", "ARTIFACT", "PERSON", "ROLES"],
];

/// The terminal's width, or what `COLUMNS` says; no limit where nobody looks: what reads it cuts itself.
fn columns() -> usize {
    let terminal = rustix::termios::tcgetwinsize(std::io::stdout()).ok().map(|size| usize::from(size.ws_col));
    let said = || std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    terminal.filter(|width| *width > 0).or_else(said).unwrap_or(usize::MAX).max(40)
}

const GAP: usize = 2;
/// No column is cut below this.
const CELL_MIN: usize = 8;

fn lines(heading: &[&str], rows: &[Vec<String>], width: usize) -> Vec<String> {
    let heading: Vec<String> = heading.iter().map(|text| (*text).to_owned()).collect();
    let mut widths: Vec<usize> = heading.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    // Of what may be cut, the widest gives first.
    while widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1) > width {
        let gives = |fits: &dyn Fn(&str) -> bool| {
            let cut = |(column, width): &(usize, &usize)| **width > CELL_MIN && fits(&heading[*column]);
            widths.iter().enumerate().filter(cut).max_by_key(|(_, width)| **width).map(|(column, _)| column)
        };
        let tier = |tier: &&[&str]| gives(&|name| tier.contains(&name));
        let Some(widest) = CUT.iter().find_map(tier).or_else(|| gives(&|_| true)) else { break };
        widths[widest] -= 1;
    }
    let padded = |(text, width): (&String, &usize)| {
        if text.chars().count() <= *width {
            return format!("{text:<width$}");
        }
        let kept: String = text.chars().take(width.saturating_sub(1)).collect();
        format!("{kept}…")
    };
    let line = |cells: &Vec<String>| {
        let cells: Vec<_> = cells.iter().zip(&widths).map(padded).collect();
        cells.join("  ").trim_end().to_owned()
    };
    std::iter::once(&heading).chain(rows).map(line).collect()
}

/// A path as one word of a POSIX shell: lines that are printed to be copied must work.
pub fn word(path: &Path) -> String {
    client::shell_word(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_makes_a_line_of_ours() {
        let forged = "Tiny fix\nstatus  Approved";
        assert_eq!(set_in(forged), "Tiny fix\n  | status  Approved");
        assert_eq!(cell(forged), "Tiny fix\\u{a}status  Approved");
        assert_eq!(shown("a\u{2028}b\u{85}c"), "a\\u{2028}b\\u{85}c");
    }

    #[test]
    fn a_listing_is_as_wide_as_it_may_be() {
        let row = |n: usize| vec![format!("{n:08x}"), "a".repeat(n), "b".repeat(30)];
        let rows: Vec<_> = [3, 60, 200].map(row).to_vec();
        for width in [60, 80, 200] {
            let lines = lines(&["ID", "TITLE", "MORE"], &rows, width);
            assert!(lines.iter().all(|line| line.chars().count() <= width), "{lines:#?}");
            let ids = ["00000003  aaa", "0000003c  a", "000000c8  a"];
            assert!(lines.iter().skip(1).zip(ids).all(|(line, id)| line.starts_with(id)), "an id is never cut");
            assert!(lines[3].contains('…'));
        }
        let whole = lines(&["ID", "TITLE", "MORE"], &rows, 1_000);
        assert!(whole.iter().all(|line| !line.contains('…')));
    }

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
