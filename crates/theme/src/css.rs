//! Style sheets: text first, then every token, then the grammar.

mod allowed;
pub(crate) mod mark;
mod names;
pub(crate) mod part;
mod property;
pub(crate) mod rules;
pub(crate) mod sheet;
mod value;

use crate::fault::is_invisible_in_text;
use sheet::{Found, Reference, Sheet};

/// Checks one style sheet.
pub(crate) fn check(path: &str, text: &str) -> (Found, Vec<Reference>) {
    let sheet = Sheet::new(path, text);
    if characters(&sheet) {
        let closed = format!("{text}\n");
        let parts = part::read(&sheet, &closed);
        rules::sheet(&sheet, &parts);
    }
    sheet.finish()
}

/// Whether the text can be read on: what does not print is told and nothing else, because every later finding rests
/// on how a browser counts characters.
fn characters(sheet: &Sheet) -> bool {
    let odd = |c: char| is_invisible_in_text(c) && !matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    if let Some((at, c)) = sheet.text.char_indices().find(|(_, c)| odd(*c)) {
        let why = match c {
            '\0' => "a NUL byte is read differently by different browsers; delete it".to_owned(),
            '\u{feff}' => {
                "a byte order mark is not needed, because a theme is UTF-8; save the file without it".to_owned()
            }
            c => format!(
                "`{}` does not print, or hides or reorders what stands beside it; delete it",
                c.escape_default()
            ),
        };
        sheet.fault(at, "css.character", why);
        return false;
    }
    if let Some(at) = part::markup(sheet.text) {
        let why = "this is markup, which has no place in a style sheet, comments and texts included; delete it";
        sheet.fault(at, "css.markup", why);
    }
    true
}
