//! Names of files, and what a relative address in a style sheet names.

use crate::fault::is_invisible;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// Most bytes of a path.
pub const MAX_PATH_BYTES: usize = 200;
/// Most folders above a file.
const MAX_FOLDERS: usize = 8;
/// Characters that an address, a shell or another system's disk would read in its own way.
const SPECIAL: &[char] = &['\\', ':', '*', '?', '"', '<', '>', '|', '%', '#'];

/// Why a path cannot be a file's name in a theme.
pub(crate) fn wrong_name(path: &str) -> Option<String> {
    if path.is_empty() || path.len() > MAX_PATH_BYTES {
        return Some(format!("a path is 1 to {MAX_PATH_BYTES} bytes long; shorten it"));
    }
    if path.split('/').count() > MAX_FOLDERS + 1 {
        return Some(format!("a file lies at most {MAX_FOLDERS} folders deep; move it up"));
    }
    if let Some(c) = path.chars().find(|c| is_invisible(*c) || SPECIAL.contains(c)) {
        return Some(format!("`{}` cannot stand in a name here; rename the file", c.escape_default()));
    }
    if !is_nfc(path) {
        return Some(
            "letters of this name are written as a letter and a sign behind it, which other systems write as one \
             (it is not NFC); rename the file"
                .to_owned(),
        );
    }
    path.split('/').find_map(wrong_part)
}

/// The name as a disk compares it that keeps capitals and forms of a letter apart for nobody: two files that are one there
/// are refused. Capitals of small letters and small letters of those, so that `ß` is `ss` and `ſ` is `s`.
pub(crate) fn folded(path: &str) -> String {
    let folded = |c: char| c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    path.nfkd().flat_map(folded).nfkd().collect()
}

fn wrong_part(part: &str) -> Option<String> {
    if part.starts_with('.') {
        return Some("hidden files and `.` or `..` are no part of a theme; delete or rename it".to_owned());
    }
    if is_device(part) {
        return Some("Windows keeps this name for a device and can hold no file of it; rename it".to_owned());
    }
    let odd = part.is_empty() || part.trim() != part || part.ends_with('.');
    odd.then(|| "a name is not empty, and neither begins nor ends with a space or a dot; rename it".to_owned())
}

/// Whether Windows reads it as a device, whatever stands behind its first dot.
fn is_device(part: &str) -> bool {
    let name = part.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let numbered = name.strip_prefix("com").or(name.strip_prefix("lpt"));
    let is_number =
        |rest: &str| matches!(rest, "¹" | "²" | "³") || (rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit());
    matches!(&*name, "con" | "prn" | "aux" | "nul" | "conin$" | "conout$") || numbered.is_some_and(is_number)
}

/// Why an address in a style sheet is not one of a file of the theme: stable code and sentence.
pub(crate) type WrongAddress = (&'static str, String);

/// The path that a relative address names, seen from the style sheet `from`. The address is as a browser has
/// it after CSS: escapes are already resolved. What it names may still not exist.
pub(crate) fn resolve(from: &str, address: &str) -> Result<String, WrongAddress> {
    let refused = |why: &str| Err(("css.url", format!("{why}; name a file of the theme by its relative path")));
    if address.is_empty() {
        return refused("the address is empty");
    }
    if address.starts_with('/') || address.contains('\\') {
        return refused("an address that begins with `/` or holds `\\` can lead out of the theme");
    }
    if address.contains(':') {
        return refused("an address with `:` names a scheme, as `https:` or `data:`");
    }
    if address.contains(['?', '#']) {
        return refused("an address with `?` or `#` names more than a file");
    }
    if address.trim() != address || address.contains(is_invisible) {
        return refused("spaces around an address and characters that do not print are not allowed");
    }
    let mut parts: Vec<String> = from.split('/').map(str::to_owned).collect();
    parts.pop();
    for part in address.split('/') {
        let Some(part) = decoded(part) else { return refused("`%` does not stand for a character of a name here") };
        match &*part {
            ".." if parts.pop().is_none() => {
                let why = "the address leaves the theme by `..`; name a file inside it".to_owned();
                return Err(("css.url_outside", why));
            }
            "." | ".." => {}
            _ => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// A part of an address with its `%XX` resolved, once; `None` when that is no text, or is not within one name.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte == b'%' {
            let digits = after.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after.get(2..)?;
        } else {
            bytes.push(*byte);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    let bad = text.is_empty() || text.contains(|c| c == '/' || c == '\\' || is_invisible(c));
    (!bad).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_address_is_resolved_as_a_browser_does() {
        for (address, path) in [
            ("a.png", "css/a.png"),
            ("./a.png", "css/a.png"),
            ("../img/a%20b.png", "img/a b.png"),
            ("%2e%2E/a.png", "a.png"),
            ("x/../a.png", "css/a.png"),
            ("bl%C3%BC.png", "css/blü.png"),
        ] {
            assert_eq!(resolve("css/main.css", address).unwrap(), path, "{address}");
        }
    }

    #[test]
    fn an_address_that_could_lead_out_is_refused() {
        for address in [
            "",
            "/a.png",
            "//evil.example/a.png",
            "\\\\evil.example\\a",
            "https://evil.example/a.png",
            "DATA:,x",
            "a.png?x",
            "a.svg#x",
            "#x",
            " a.png",
            "a\u{0}.png",
            "a%00.png",
            "a%2fb.png",
            "a%5cb.png",
            "a%zz.png",
            "a%ff.png",
            "a%2",
            "x//a.png",
        ] {
            assert_eq!(resolve("theme.css", address).unwrap_err().0, "css.url", "{address:?}");
        }
        assert_eq!(resolve("theme.css", "../a.png").unwrap_err().0, "css.url_outside");
        assert_eq!(resolve("css/theme.css", "x/../../../a.png").unwrap_err().0, "css.url_outside");
        assert_eq!(resolve("theme.css", "%2e%2e/a.png").unwrap_err().0, "css.url_outside");
    }

    #[test]
    fn names_that_somebody_reads_differently_are_refused() {
        for name in [
            "theme.css",
            "fonts/Inter[opsz,wght].woff2",
            "img/blü (1).png",
            "a@2x.png",
            "console/auxiliary.css",
            "com.png",
            "com10.png",
            "icon.con.png",
            "写真/猫.jpg",
        ] {
            assert_eq!(wrong_name(name), None, "{name}");
        }
        let (long, deep) = ("a".repeat(201), "a/".repeat(9) + "a");
        for name in [
            "",
            "/a",
            "a//b",
            "../a",
            "a/./b",
            ".DS_Store",
            "a\nb",
            "a\u{202e}b",
            "a:b",
            "a%b",
            "a ",
            "a.",
            "con.css",
            "NUL.png",
            "aux/x.png",
            "img/COM1.txt",
            "lpt9.a.png",
            "LPT².png",
            "prn .png",
            "conIN$.txt",
            "u\u{308}.png",
            "\u{212b}.png",
            "a\u{ad}.png",
            "a\u{200b}.png",
            "a\u{200d}.png",
            "a\u{2060}.png",
            "a\u{3164}.png",
            "\u{115f}.png",
            "\u{1160}.png",
            "\u{ffa0}.png",
            "a\u{e0061}.png",
            "a\u{fe0f}.png",
            "a\u{e0100}.png",
            &long,
            &deep,
        ] {
            assert!(wrong_name(name).is_some(), "{name:?}");
        }
    }
}
