//! Canonical bytes, profile `countersign-json/1`.
//!
//! RFC 8785 (JCS) narrowed until two honest writers cannot differ: keys `[a-z0-9_]+` sorted by
//! byte, integers of magnitude at most 2^53-1, no floats, no null, text without control or
//! bidirectional formatting characters. Text must also be in Unicode normal form C, which is
//! tested where text enters (this crate carries no Unicode tables).

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// 2^53 - 1, the largest integer every JSON reader keeps exact.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;
/// Deepest nesting that is read or written.
pub const MAX_DEPTH: usize = 32;

/// Why bytes are not canonical, or a value has no canonical form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonError {
    /// Not JSON, or not of the expected shape.
    #[error("not the expected JSON: {0}")]
    Json(String),
    /// A float, or an integer beyond 2^53-1.
    #[error("`{0}` is not an integer between -(2^53-1) and 2^53-1; write larger counters and money as decimal strings")]
    Number(String),
    /// `null`: leave the field out instead.
    #[error("null is not allowed; leave the field out")]
    Null,
    /// A key outside `[a-z0-9_]+`.
    #[error("the key `{0}` may only hold a-z, 0-9 and _")]
    Key(String),
    /// A control or bidirectional formatting character.
    #[error("text holds the character U+{0:04X}, which is not allowed")]
    Character(u32),
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} levels")]
    Depth,
    /// Valid JSON, other bytes than its canonical form.
    #[error("not in canonical form (countersign-json/1), first difference at byte {0}")]
    Form(usize),
}

/// The canonical bytes of a value.
///
/// # Errors
/// When the value holds what the profile forbids.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonError> {
    let tree = serde_json::to_value(value).map_err(|e| CanonError::Json(e.to_string()))?;
    let mut out = Vec::with_capacity(256);
    write(&tree, 0, &mut out)?;
    Ok(out)
}

/// Reads canonical bytes and demands that writing them again gives the same bytes.
///
/// # Errors
/// When they are not JSON of this shape, or JSON in any other form than the canonical one.
pub fn from_slice<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, CanonError> {
    let value: T = serde_json::from_slice(bytes).map_err(|e| CanonError::Json(e.to_string()))?;
    let again = to_vec(&value)?;
    if again == bytes {
        return Ok(value);
    }
    let same = again.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    Err(CanonError::Form(same))
}

/// Digest of a value's canonical bytes under the object's prefix.
///
/// # Errors
/// When the value has no canonical form.
pub fn digest<T: Serialize + ?Sized>(object: &str, value: &T) -> Result<crate::Digest, CanonError> {
    Ok(crate::Digest::of_object(object, &to_vec(value)?))
}

fn write(value: &Value, depth: usize, out: &mut Vec<u8>) -> Result<(), CanonError> {
    if depth > MAX_DEPTH {
        return Err(CanonError::Depth);
    }
    match value {
        Value::Null => return Err(CanonError::Null),
        Value::Bool(b) => out.extend_from_slice(if *b { b"true" } else { b"false" }),
        Value::Number(n) => {
            let small = n.as_u64().is_some_and(|n| n <= MAX_INTEGER)
                || n.as_i64().is_some_and(|n| n < 0 && n.unsigned_abs() <= MAX_INTEGER);
            if !small {
                return Err(CanonError::Number(n.to_string()));
            }
            out.extend_from_slice(n.to_string().as_bytes());
        }
        Value::String(text) => write_text(text, out)?,
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(item, depth + 1, out)?;
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(key, _)| key.as_bytes());
            out.push(b'{');
            for (i, (key, field)) in sorted.into_iter().enumerate() {
                if key.is_empty() || !key.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_') {
                    return Err(CanonError::Key(key.clone()));
                }
                if i > 0 {
                    out.push(b',');
                }
                out.push(b'"');
                out.extend_from_slice(key.as_bytes());
                out.extend_from_slice(b"\":");
                write(field, depth + 1, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn write_text(text: &str, out: &mut Vec<u8>) -> Result<(), CanonError> {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            // Text of several lines is allowed to say so; every other control character is not.
            '\n' => out.extend_from_slice(b"\\n"),
            c if c.is_control() || is_bidi(c) => return Err(CanonError::Character(u32::from(c))),
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
    Ok(())
}

/// Characters that reorder what is shown: a reviewer must read what is signed (CVE-2021-42574).
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether a text is one line: titles and names are, so that none of them can look like a line of
/// somebody else's beside it. Unicode's own separators break lines too.
pub fn is_one_line(text: &str) -> bool {
    !text.contains(['\n', '\u{2028}', '\u{2029}'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_worked_example() {
        let value = json!({"b": [1, -2, true], "a_1": "q\"\\\né", "c": {}});
        assert_eq!(
            String::from_utf8(to_vec(&value).unwrap()).unwrap(),
            "{\"a_1\":\"q\\\"\\\\\\né\",\"b\":[1,-2,true],\"c\":{}}"
        );
    }

    #[test]
    fn a_line_has_no_break_of_any_kind() {
        assert!(is_one_line("") && is_one_line("Élan of Ada"));
        for text in ["a\nb", "a\n", "a\u{2028}b", "\u{2029}"] {
            assert!(!is_one_line(text), "{text:?}");
        }
    }

    #[test]
    fn what_the_profile_forbids() {
        assert_eq!(to_vec(&json!({"a": null})), Err(CanonError::Null));
        assert!(matches!(to_vec(&json!(1.0)), Err(CanonError::Number(_))));
        assert!(matches!(to_vec(&json!(1u64 << 53)), Err(CanonError::Number(_))));
        assert!(matches!(to_vec(&json!({"A": 1})), Err(CanonError::Key(_))));
        assert!(matches!(to_vec(&json!("a\u{202e}b")), Err(CanonError::Character(0x202e))));
        assert!(matches!(to_vec(&json!("a\u{7}b")), Err(CanonError::Character(7))));
    }

    #[test]
    fn other_spellings_of_the_same_value_are_refused() {
        for bytes in [
            &b"{ \"a\":1}"[..],
            b"{\"b\":1,\"a\":2}",
            b"{\"a\":1,\"a\":1}",
            b"{\"a\":1.0}",
            b"\"\\u0061\"",
            b"-0",
            b"{\"a\":1}\n",
        ] {
            assert!(from_slice::<Value>(bytes).is_err(), "{}", String::from_utf8_lossy(bytes));
        }
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(text in "[ -~é\n]{0,40}", n in -(1i64 << 53) + 1..(1i64 << 53), keys in proptest::collection::btree_map("[a-z0-9_]{1,8}", 0..9u8, 0..5)) {
            let value = json!({"text": text, "n": n, "keys": keys});
            let bytes = to_vec(&value).unwrap();
            prop_assert_eq!(from_slice::<Value>(&bytes).unwrap(), value);
        }

        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = from_slice::<Value>(&bytes);
        }
    }
}
