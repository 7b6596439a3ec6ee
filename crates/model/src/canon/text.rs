//! Text as it stands between two quotation marks.

use super::CanonError;

/// Appends a text with its quotation marks.
pub(super) fn quoted(text: &str, out: &mut Vec<u8>) -> Result<(), CanonError> {
    out.push(b'"');
    escaped(text, out)?;
    out.push(b'"');
    Ok(())
}

/// Appends a text, or a piece of one. What is plain ASCII, as nearly everything is, goes in whole runs.
pub(super) fn escaped(text: &str, out: &mut Vec<u8>) -> Result<(), CanonError> {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| !is_plain(b)) {
        let (run, tail) = rest.split_at(at);
        out.extend_from_slice(run.as_bytes());
        // The byte found begins a character: every byte before it is one of its own.
        let mut chars = tail.chars();
        if let Some(c) = chars.next() {
            character(c, out)?;
        }
        rest = chars.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
    Ok(())
}

fn is_plain(b: u8) -> bool {
    matches!(b, b' '..=b'~') && b != b'"' && b != b'\\'
}

fn character(c: char, out: &mut Vec<u8>) -> Result<(), CanonError> {
    match c {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        // Text of several lines is allowed to say so; every other control character is not.
        '\n' => out.extend_from_slice(b"\\n"),
        c if c.is_control() || is_bidi(c) => return Err(CanonError::Character(u32::from(c))),
        c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    }
    Ok(())
}

/// Characters that reorder what is shown: a reviewer must read what is signed (CVE-2021-42574).
pub(super) fn is_bidi(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
