//! Whatever bytes come: an answer, and never an address outside the theme.

use crate::made::{avif, check, files, gif, ico, jpeg, moving_webp, png, ttf, webp, with_css, woff, woff2};
use proptest::prelude::*;

/// Pieces from which style sheets are put together, that go wrong more often than letters would.
const PIECES: &[&str] = &[
    "a",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ";",
    ":",
    ",",
    "\"",
    "'",
    "\\",
    "/*",
    "*/",
    "url(",
    "@media",
    "@import",
    "@font-face",
    "src",
    "img/a.png",
    "//evil.example",
    "http:",
    "..",
    "/",
    "%2e",
    "--x",
    "var(",
    "content",
    "position",
    "fixed",
    "!",
    "important",
    "\n",
    " ",
    "\\75",
    "\\0",
    "<!--",
    "</",
    "é",
    "\u{1f600}",
    "1",
    "%",
    "#",
    "$",
    "calc(",
    "&",
    "-->",
    "\r",
    "\u{c}",
    "@",
    "background",
];

fn css() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..60).prop_map(|pieces| pieces.concat())
}

/// A file with some of its bytes changed, perhaps cut short.
fn bent(whole: &[u8], changes: &[(prop::sample::Index, u8)], end: prop::sample::Index) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for (at, byte) in changes {
        let at = at.index(bytes.len());
        bytes[at] = *byte;
    }
    bytes.truncate(end.index(whole.len()) + 1);
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_style_sheet_is_answered(text in css()) {
        let verdict = check(&with_css(&text));
        if verdict.is_ok() {
            prop_assert!(!text.contains("evil") || text.contains("/*") || text.contains('"') || text.contains('\''), "{text}");
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for path in ["theme.css", "a.png", "a.jpg", "a.gif", "a.webp", "a.avif", "a.ico", "a.ttf", "a.woff", "a.woff2", "a.txt"] {
            drop(check(&files(&[(path, &bytes)])));
        }
    }

    #[test]
    fn any_name_is_answered(path in ".{0,40}") {
        drop(check(&files(&[("theme.css", b"a{color:red}"), (&path, b"")])));
    }

    #[test]
    fn any_bent_asset_is_answered(changes in prop::collection::vec(any::<(prop::sample::Index, u8)>(), 0..6), end in any::<prop::sample::Index>()) {
        for (path, whole) in [
            ("a.png", png(9, 9)), ("a.jpg", jpeg(9, 9)), ("a.gif", gif(9, 9, 2)), ("a.webp", webp(9, 9)), ("b.webp", moving_webp(9, 9, 2)),
            ("a.avif", avif(9, 9)), ("a.ico", ico(&png(9, 9))), ("a.ttf", ttf(*b"cmap")), ("a.woff", woff(*b"cmap", 9)),
            ("a.woff2", woff2(&[(0, &[9]), (10, &[9, 9])])),
        ] {
            drop(check(&files(&[("theme.css", b""), (path, &bent(&whole, &changes, end))])));
        }
    }
}
