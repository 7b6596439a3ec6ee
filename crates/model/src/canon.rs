//! Canonical bytes, profile `countersign-json/1`.
//!
//! RFC 8785 (JCS) narrowed until two honest writers cannot differ: keys `[a-z0-9_]+` sorted by
//! byte, integers of magnitude at most 2^53-1, no floats, no null, text without control or
//! bidirectional formatting characters. Text must also be in Unicode normal form C, which is
//! tested where text enters (this crate carries no Unicode tables).

mod error;
mod key;
mod text;
#[cfg(test)]
mod tree;
mod write;

pub use error::{CanonError, MAX_DEPTH, MAX_INTEGER};

use serde::{Serialize, de::DeserializeOwned};

/// The canonical bytes of a value.
///
/// # Errors
/// When the value holds what the profile forbids.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonError> {
    let mut out = Vec::with_capacity(256);
    value.serialize(write::Writer::at_the_top(&mut out))?;
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

/// Whether a text is one line: titles and names are, so that none of them can look like a line of
/// somebody else's beside it. Unicode's own separators break lines too.
pub fn is_one_line(text: &str) -> bool {
    !text.contains(['\n', '\u{2028}', '\u{2029}'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

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
