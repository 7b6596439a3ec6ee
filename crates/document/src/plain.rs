//! What a reader says of a text that does not fit, in the words of the person who wrote the text.
//!
//! The value itself is never said: what stands in the wrong place may be a secret.

use serde_path_to_error::{Path, Segment};
use std::fmt::Write as _;

/// What is wrong, with the field where it is.
pub(crate) fn plain(message: &str, path: &Path) -> String {
    let message = message.trim_end();
    // The place is said before it, by whoever knows the name of the text.
    let message = message.rfind(" at line ").map_or(message, |at| &message[..at]);
    let field = field(path);
    let within = if field.is_empty() { String::new() } else { format!(" in `{field}`") };
    let wrong = ["invalid type: ", "invalid value: "].iter().find_map(|begin| message.strip_prefix(begin));
    if let Some((found, wanted)) = wrong.and_then(|rest| rest.rsplit_once(", expected ")) {
        let subject = if field.is_empty() { "it".to_owned() } else { format!("`{field}`") };
        let found = if message.starts_with("invalid value") { "another value" } else { sort(found) };
        return format!("{subject} takes {}, and {found} stands there", expected(wanted));
    }
    if let Some((word, known)) =
        message.strip_prefix("unknown variant ").and_then(|rest| rest.split_once(", expected "))
    {
        let known = known.strip_prefix("one of ").map_or_else(|| known.to_owned(), |all| format!("one of {all}"));
        return format!("{word} is not known{within}; it is {known}");
    }
    if let Some(missing) = message.strip_prefix("missing field ") {
        return format!("the field {missing} is missing{within}");
    }
    if let Some(twice) = message.strip_prefix("duplicate field ") {
        return format!("the field {twice} stands there twice{within}");
    }
    if message.starts_with("EOF while parsing") {
        return "it ends before it is complete".to_owned();
    }
    if ["expected value", "expected ident"].contains(&message) {
        return "what stands there is no JSON, or not what belongs there".to_owned();
    }
    message.to_owned()
}

/// The field as a path from the outermost one.
fn field(path: &Path) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                let _ = write!(text, "[{index}]");
            }
            // How the reader of TOML learns where something stands.
            Segment::Map { key } if key.starts_with("$__") => {}
            Segment::Map { key: name } | Segment::Enum { variant: name } => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            Segment::Unknown => {}
        }
    }
    text
}

/// What sort of value it is, of what a reader says that it found.
fn sort(found: &str) -> &'static str {
    const SORTS: [(&str, &str); 6] = [
        ("integer", "a number"),
        ("floating point", "a number with a point"),
        ("boolean", "a truth (true or false)"),
        ("sequence", "a list"),
        ("map", "a table"),
        ("string", "a text"),
    ];
    let known = SORTS.iter().find(|(begin, _)| found.starts_with(begin));
    known.map_or("something else", |(_, sort)| sort)
}

/// What a reader expects, without the words of a programmer.
fn expected(wanted: &str) -> String {
    let whole = |most: u64| format!("a whole number from 0 to {most}");
    match wanted {
        "u8" => whole(u8::MAX.into()),
        "u16" => whole(u16::MAX.into()),
        "u32" => whole(u32::MAX.into()),
        "u64" | "usize" => "a whole number, 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" | "string" | "a borrowed string" | "str" => "a text".to_owned(),
        "unit" | "null" => "nothing".to_owned(),
        "option" => "a value, or none".to_owned(),
        _ => match wanted.split(' ').next() {
            Some("struct" | "map") => "a table of fields".to_owned(),
            Some("enum") => "one of the words or fields that it knows".to_owned(),
            Some("tuple" | "sequence") => "a list".to_owned(),
            _ if wanted == "a map" => "a table of fields".to_owned(),
            _ if wanted == "a sequence" => "a list".to_owned(),
            _ => wanted.strip_prefix("expected ").unwrap_or(wanted).to_owned(),
        },
    }
}
