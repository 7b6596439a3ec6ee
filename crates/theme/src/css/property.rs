//! Which properties a theme may set, and to what: it dresses a page and neither writes on it nor steers it.

use crate::css::allowed;
use crate::css::mark::is_mark;
use crate::css::names;
use crate::css::part::{Is, Part};
use crate::css::sheet::{Sheet, Wants};
use crate::css::value::{Stands, check};

/// Most characters of a text that a theme may put into a page: a mark, as an arrow or a tick.
const MAX_MARK: usize = 4;

/// Properties that show a text.
const WRITING: &[&str] = &[
    "content",
    "quotes",
    "list-style",
    "list-style-type",
    "text-overflow",
    "hyphenate-character",
    "text-emphasis",
    "text-emphasis-style",
    "-webkit-text-emphasis",
    "-webkit-text-emphasis-style",
    "block-ellipsis",
    "string-set",
    "line-clamp",
];

/// Words that any property takes.
const EVERYWHERE: &[&str] = &["inherit", "initial", "unset", "revert", "revert-layer"];

/// What a list may be marked with beside a mark and an image, and where.
const BULLETS: &[&str] = &["none", "disc", "circle", "square", "inside", "outside"];

/// Properties that take one word of a list and nothing else, and why.
const WORDS: &[(&str, &[&str], &str)] = &[
    (
        "position",
        &["static", "relative", "absolute", "sticky", "-webkit-sticky"],
        "what is fixed stays above the page wherever one scrolls and can cover it; use `sticky`",
    ),
    (
        "pointer-events",
        &["auto", "all"],
        "what is seen on top is what a click meets; put decoration behind by `z-index`",
    ),
];

/// Properties that no theme may set, and why.
const REFUSED: &[(&str, &str)] = &[
    ("behavior", "runs a script in old browsers"),
    ("-ms-behavior", "runs a script in old browsers"),
    ("-moz-binding", "runs a script in old browsers"),
    ("-o-link", "makes a link in old browsers"),
    ("-o-link-source", "makes a link in old browsers"),
    ("unicode-bidi", "can show the figures of a price in another order"),
    ("counter-reset", "counts what is then shown as a figure"),
    ("counter-increment", "counts what is then shown as a figure"),
    ("counter-set", "counts what is then shown as a figure"),
    ("interactivity", "lets a click through to what is covered"),
];

/// Declarations that hide what they select. Honest themes hide menus and the forms of a printed page, so they are noted
/// for those who look at the theme, and not refused.
const HIDING: &[(&str, &[&str])] = &[
    ("display", &["none"]),
    ("visibility", &["hidden", "collapse"]),
    ("content-visibility", &["hidden"]),
    ("opacity", &["0", "0%", "0.0", ".0"]),
    ("font-size", &["0", "0px", "0em", "0rem", "0%"]),
    ("color", &["transparent"]),
    ("-webkit-text-fill-color", &["transparent"]),
];

/// Checks one declaration. `name` is the property in lower case, `value` what stands behind its colon.
pub(crate) fn declaration(sheet: &Sheet, at: usize, name: &str, value: &[Part], wants: Wants) {
    check(sheet, value, Stands::Value(wants));
    if name.starts_with("--") {
        return;
    }
    if let Some((_, why)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
        return sheet.fault(at, "css.property", format!("`{name}` {why}; delete it"));
    }
    if name.starts_with('-') && !allowed::vendor_property(name) {
        let why = format!("`{name}` is not among the properties of one browser that a theme may set; delete it");
        return sheet.fault(at, "css.property", why);
    }
    if !name.starts_with('-') && !names::property(name) {
        let why = format!("`{name}` is not among the properties that a theme may set; correct its name or delete it");
        return sheet.fault(at, "css.property", why);
    }
    let (value, told) = without_important(value);
    if !told {
        return sheet.fault(at, "css.syntax", "only `!important` may follow `!`; delete it");
    }
    if let Some(odd) = value.iter().find(|part| matches!(part.is, Is::Colon)) {
        let why = "a value holds no `:`; end the declaration before it with `;`";
        sheet.fault(odd.from, "css.syntax", why);
    }
    if let Some((_, words, why)) = WORDS.iter().find(|(listed, ..)| *listed == name) {
        one_word(sheet, at, name, value, words, why);
    }
    if WRITING.contains(&name) {
        mark(sheet, name, value);
    }
    if matches!(name, "list-style" | "list-style-type") {
        bullet(sheet, name, value);
    }
    let is_item = |part: &&Part| part.word().as_deref() == Some("list-item");
    if let Some(item) = value.iter().find(is_item).filter(|_| name == "display") {
        let why = "`list-item` numbers what stands in a numbered list; put a mark by `content` on `::before`";
        sheet.fault(item.from, "css.words", why);
    }
    let written = match (value.first(), value.last()) {
        (Some(first), Some(last)) => {
            sheet.text.get(first.from..last.to).unwrap_or_default().trim().to_ascii_lowercase()
        }
        _ => String::new(),
    };
    if HIDING.iter().any(|(hiding, values)| *hiding == name && values.contains(&&*written)) {
        sheet.hides(at, format!("{name}: {written}"));
    }
}

fn one_word(sheet: &Sheet, at: usize, name: &str, value: &[Part], words: &[&str], why: &str) {
    let word = crate::css::value::only(value).and_then(Part::word);
    if !word.is_some_and(|word| words.contains(&&*word) || EVERYWHERE.contains(&&*word)) {
        let why = format!("`{name}` is one of {} here: {why}", words.join(", "));
        sheet.fault(at, "css.property", why);
    }
}

/// A list is marked by no letter and no figure.
fn bullet(sheet: &Sheet, name: &str, value: &[Part]) {
    for part in value {
        if part.word().is_some_and(|word| !BULLETS.contains(&&*word) && !EVERYWHERE.contains(&&*word)) {
            let why = format!(
                "`{name}` counts, and the figures of a shop are the shop's own; write none, disc, circle or \
                 square, a mark in quotes, or an image of the theme"
            );
            sheet.fault(part.from, "css.words", why);
        }
    }
}

/// A value that shows text may show marks: no letter, no figure, no sign of money, and nothing from elsewhere.
fn mark(sheet: &Sheet, name: &str, parts: &[Part]) {
    for part in parts {
        match &part.is {
            Is::Text(text) if text.chars().count() > MAX_MARK || !text.chars().all(is_mark) => {
                let why = format!(
                    "`{name}` writes “{}”, and the words and figures of a shop are the shop's own; a mark of at \
                     most {MAX_MARK} characters, as an arrow, a tick or a glyph of an icon font, may stand here",
                    text.chars().take(24).collect::<String>()
                );
                sheet.fault(part.from, "css.words", why);
            }
            Is::Function(function, _) if matches!(&*function.to_ascii_lowercase(), "var" | "env") => {
                let why = format!(
                    "`{name}` shows text, and what `{function}(` stands for is not known; write the mark itself"
                );
                sheet.fault(part.from, "css.words", why);
            }
            _ => {}
        }
        if !matches!(&part.is, Is::Function(function, _) if function.eq_ignore_ascii_case("url")) {
            mark(sheet, name, part.inner().unwrap_or_default());
        }
    }
}

/// The value without a final `!important`, and whether it holds no other `!`.
fn without_important<'p, 'a>(value: &'p [Part<'a>]) -> (&'p [Part<'a>], bool) {
    let Some(at) = value.iter().position(|part| matches!(part.is, Is::Delim('!'))) else { return (value, true) };
    let (before, rest) = value.split_at(at);
    let word = rest.get(1..).and_then(crate::css::value::only).and_then(Part::word);
    (before, word.as_deref() == Some("important"))
}
