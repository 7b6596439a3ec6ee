//! Command lines that are shown to be copied.

/// A text as one word of a POSIX shell (XCU 2.2.2), quoted where it must be.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@%,=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_text_is_one_word_of_a_shell() {
        for (text, shown) in [("/a/b-1.0", "/a/b-1.0"), ("/my demo", "'/my demo'"), ("it's", r"'it'\''s'"), ("", "''")]
        {
            assert_eq!(super::shell_word(text), shown);
        }
    }
}
