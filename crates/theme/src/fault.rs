//! What is wrong with a theme, where it stands, and what to do about it.

use serde::{Serialize, Serializer, ser::SerializeStruct};
use std::fmt;

/// Most faults that are told of one theme; beyond that they are only counted.
pub const MAX_FAULTS: usize = 100;

/// Where in a file a fault stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The file as a whole: its name, its size, or that it is missing.
    File,
    /// In a text: line and column, both from 1, the column in characters.
    Text { line: u32, column: u32 },
    /// In an image or a font: bytes from its start.
    Byte(u64),
}

impl Place {
    /// The place of a byte of a text.
    pub(crate) fn of(text: &str, at: usize) -> Self {
        Cursor::new(text).at(at)
    }
}

/// Places of one text in one pass, asked from its beginning to its end.
pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    column: u32,
    last: char,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1, column: 1, last: ' ' }
    }

    /// The place of a byte that is not before the one asked last. Lines end as CSS ends them: LF, CR, CR LF or form feed.
    pub(crate) fn at(&mut self, at: usize) -> Place {
        let until = at.min(self.text.len());
        for c in self.text.get(self.at..until).unwrap_or_default().chars() {
            match c {
                '\n' if self.last == '\r' => {}
                '\n' | '\r' | '\u{c}' => (self.line, self.column) = (self.line.saturating_add(1), 1),
                _ => self.column = self.column.saturating_add(1),
            }
            self.last = c;
        }
        self.at = self.at.max(until);
        Place::Text { line: self.line, column: self.column }
    }
}

/// One fault. `code` is stable; the message is for people and says what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Path inside the theme.
    pub file: String,
    /// Where in that file.
    pub place: Place,
    /// One of the codes that the crate's documentation lists.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A name is a stranger's word: what would move the cursor of a terminal is written out.
        let file: String = self.file.chars().flat_map(printable).collect();
        match self.place {
            Place::File => write!(f, "{file}: {}: {}", self.code, self.message),
            Place::Text { line, column } => write!(f, "{file}:{line}:{column}: {}: {}", self.code, self.message),
            Place::Byte(at) => write!(f, "{file}:byte {at}: {}: {}", self.code, self.message),
        }
    }
}

/// Flat, for programs: `line` and `column`, or `byte`, or neither.
impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let placed = match self.place {
            Place::File => 0,
            Place::Text { .. } => 2,
            Place::Byte(_) => 1,
        };
        let mut fault = serializer.serialize_struct("Fault", 3 + placed)?;
        fault.serialize_field("file", &self.file)?;
        match self.place {
            Place::File => {}
            Place::Text { line, column } => {
                fault.serialize_field("line", &line)?;
                fault.serialize_field("column", &column)?;
            }
            Place::Byte(byte) => fault.serialize_field("byte", &byte)?,
        }
        fault.serialize_field("code", self.code)?;
        fault.serialize_field("message", &self.message)?;
        fault.end()
    }
}

/// The character, or its escape when it is one that does not print as itself.
fn printable(c: char) -> Vec<char> {
    if is_invisible(c) { c.escape_default().collect() } else { vec![c] }
}

/// Whether a character is a control, or one that reorders or hides the text around it, or that nobody sees: what Unicode
/// lets a font leave out (`Default_Ignorable_Code_Point`), ends of lines, and blanks that are letters.
pub(crate) fn is_invisible(c: char) -> bool {
    let blank = matches!(c, '\u{2028}' | '\u{2029}' | '\u{2800}');
    let left_out = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}');
    c.is_control() || blank || left_out
}

/// Whether a character is invisible and has no place in a style sheet. What joins letters of some scripts or chooses how an
/// emoji is drawn may stand in a comment, in the name of a class and beside a mark.
pub(crate) fn is_invisible_in_text(c: char) -> bool {
    is_invisible(c) && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// Why a set of files is not a theme.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Faults {
    /// At most [`MAX_FAULTS`], file by file.
    pub faults: Vec<Fault>,
    /// How many more there are.
    pub more: usize,
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            let line_end = if index == 0 { "" } else { "\n" };
            write!(f, "{line_end}{fault}")?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

impl Faults {
    pub(crate) fn add(&mut self, file: &str, place: Place, code: &'static str, message: impl Into<String>) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { file: file.to_owned(), place, code, message: message.into() });
        } else {
            self.more += 1;
        }
    }

    /// Whether more faults would only be counted.
    pub(crate) fn is_full(&self) -> bool {
        self.faults.len() >= MAX_FAULTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_in_characters_and_in_lines_of_css() {
        let at = |text: &str, at| match Place::of(text, at) {
            Place::Text { line, column } => (line, column),
            other => panic!("{other:?}"),
        };
        assert_eq!(at("", 0), (1, 1));
        assert_eq!(at("a\nbc", 3), (2, 2));
        assert_eq!(at("a\r\nb\rc\u{c}d", 6), (3, 2));
        assert_eq!(at("é\u{1f600}x", 6), (1, 3));
    }

    #[test]
    fn a_fault_is_one_line_whatever_the_file_is_called() {
        let fault =
            Fault { file: "a\n\u{202e}b".into(), place: Place::Byte(9), code: "file.name", message: "no".into() };
        assert_eq!(fault.to_string(), "a\\n\\u{202e}b:byte 9: file.name: no");
    }

    #[test]
    fn a_style_sheet_may_hold_what_joins_letters_and_a_name_may_not() {
        for c in ['\u{200c}', '\u{200d}', '\u{fe0f}'] {
            assert!(is_invisible(c) && !is_invisible_in_text(c));
        }
        for c in ['\u{ad}', '\u{3164}', '\u{e0061}', '\u{202e}'] {
            assert!(is_invisible_in_text(c));
        }
    }
}
