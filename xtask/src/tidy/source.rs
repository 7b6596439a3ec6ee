//! A Rust file as the rules read it: without comments, literals and test code.

/// The code with comments and literals blanked out: same length, same lines.
pub fn mask(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    while at < bytes.len() {
        match hidden(&text.as_bytes()[at..]) {
            Some(length) => {
                blank(&mut bytes[at..at + length]);
                at += length;
            }
            None => at += 1,
        }
    }
    // Whole characters are blanked, so what is left is text still.
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The masked code with every `#[cfg(test)]` item blanked out too, and the names of such modules kept in files.
pub fn without_tests(masked: &str) -> (String, Vec<String>) {
    let mut bytes = masked.as_bytes().to_vec();
    let mut modules = Vec::new();
    for (start, attribute) in masked.match_indices("#[cfg(test)]") {
        let rest = &masked[start + attribute.len()..];
        let length = item(rest);
        if let Some(name) = rest[..length].trim_end().strip_suffix(';').and_then(module) {
            modules.push(name.to_owned());
        }
        blank(&mut bytes[start..start + attribute.len() + length]);
    }
    (String::from_utf8_lossy(&bytes).into_owned(), modules)
}

/// The name in `… mod NAME`, also with visibility and attributes before it.
pub fn module(declaration: &str) -> Option<&str> {
    let mut words = declaration.split_whitespace().rev();
    let name = words.next()?;
    (words.next()? == "mod").then_some(name)
}

/// The bytes up to and with the brace that closes the one that `open` ends before.
pub fn braces(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return at + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn blank(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
}

/// The length of the item at the start: to its `;`, or to the end of its braces.
fn item(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b';' if depth == 0 => return at + 1,
            b'{' if depth == 0 => return at + braces(&text[at..]),
            _ => {}
        }
    }
    text.len()
}

/// The length of the comment or literal that begins here, if one does.
fn hidden(code: &[u8]) -> Option<usize> {
    match code {
        [b'/', b'/', ..] => Some(find(code, 0, b"\n").unwrap_or(code.len())),
        [b'/', b'*', ..] => Some(block_comment(code)),
        [b'"', ..] => Some(escaped(code, b'"')),
        [b'r', b'"' | b'#', ..] => raw_string(code),
        [b'\'', b'\\', ..] => Some(escaped(code, b'\'')),
        [b'\'', first, ..] => {
            // A quote after one character makes a literal; without it this is a lifetime.
            let width = match first {
                0..0x80 => 1,
                0x80..0xe0 => 2,
                0xe0..0xf0 => 3,
                _ => 4,
            };
            (code.get(1 + width) == Some(&b'\'')).then_some(2 + width)
        }
        _ => None,
    }
}

fn find(code: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    code.get(from..)?.windows(wanted.len()).position(|window| window == wanted).map(|at| from + at)
}

fn block_comment(code: &[u8]) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while at < code.len() {
        match &code[at..] {
            [b'/', b'*', ..] => (at, depth) = (at + 2, depth + 1),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    code.len()
}

fn escaped(code: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < code.len() {
        match code[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    code.len()
}

/// `r"…"` or `r#"…"#`; none for a raw name as in `r#type`.
fn raw_string(code: &[u8]) -> Option<usize> {
    let hashes = code[1..].iter().take_while(|byte| **byte == b'#').count();
    if code.get(1 + hashes) != Some(&b'"') {
        return None;
    }
    let end: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    Some(find(code, 2 + hashes, &end).map_or(code.len(), |at| at + end.len()))
}

#[cfg(test)]
mod tests {
    use super::{mask, module, without_tests};

    #[test]
    fn comments_and_literals_are_blanked_and_code_is_kept() {
        let text =
            "a(); // b\n/* c /* d */ e */ f(\"g \\\" h\", r#\"i \" j\"#, 'k', '\\'', '→', b\"l\");\nfn m<'n>() {}";
        let masked = mask(text);
        assert_eq!(masked.len(), text.len());
        assert_eq!(masked.lines().count(), 3);
        let left: String = masked.split_whitespace().collect();
        assert_eq!(left, "a();f(,,,,,b);fnm<'n>(){}");
    }

    #[test]
    fn an_open_literal_at_the_end_does_not_run_past_it() {
        for text in ["\"a\\", "'\\", "r#\"a", "/* a", "// a", "'", "r#type"] {
            assert_eq!(mask(text).len(), text.len());
        }
    }

    #[test]
    fn items_under_test_are_blanked_whatever_their_shape() {
        let text = "one();\n#[cfg(test)]\nmod tests {\n fn two() { three(); }\n}\nfour();\n\
            #[cfg(test)]\nfn five() -> [u8; 4] { six() }\n#[cfg(test)]\nuse seven;\neight();\n#[cfg(test)]\npub mod nine;\n";
        let (left, modules) = without_tests(text);
        let left: String = left.split_whitespace().collect();
        assert_eq!(left, "one();four();eight();");
        assert_eq!(modules, ["nine"]);
    }

    #[test]
    fn only_a_module_declaration_has_a_module_name() {
        assert_eq!(module("pub(crate) mod tail"), Some("tail"));
        assert_eq!(module("use mod_of"), None);
    }
}
