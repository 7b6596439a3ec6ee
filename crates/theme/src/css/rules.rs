//! The grammar: rules, at-rules by name, declarations. What a browser would pass over in silence is refused, so that
//! what was checked is what every browser reads.

use crate::css::allowed;
use crate::css::part::{Is, Part};
use crate::css::property;
use crate::css::sheet::{Sheet, Wants};
use crate::css::value::{Stands, check};

/// Most selectors of one style sheet.
pub(crate) const MAX_SELECTORS: usize = 20_000;

/// Where a list of rules and declarations stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Inside {
    /// Rules alone: the sheet itself, or a group at its top.
    Rules,
    /// A style rule: declarations, and rules within it.
    Style,
    /// `@font-face`: its addresses are those of fonts.
    FontFace,
    /// `@page`, `@property`, a step of `@keyframes`: declarations alone.
    Declarations,
}

/// Checks a whole style sheet.
pub(crate) fn sheet(sheet: &Sheet, parts: &[Part]) {
    list(sheet, parts, Inside::Rules);
}

fn list(sheet: &Sheet, parts: &[Part], inside: Inside) {
    let mut rest = parts;
    while let Some(first) = rest.first() {
        let is_end = |part: &Part| matches!(part.is, Is::Semicolon | Is::Curly(_));
        let end = rest.iter().position(is_end).unwrap_or(rest.len());
        let (head, behind) = rest.split_at(end);
        let block = behind.first().and_then(|part| if matches!(part.is, Is::Curly(_)) { part.inner() } else { None });
        rest = behind.get(1..).unwrap_or_default();
        let head = trimmed(head);
        let at = head.first().map_or(first.from, |part| part.from);
        match (head.first().map(|part| &part.is), block) {
            (None, None) if inside == Inside::Rules && !first.is_space() => {
                sheet.fault(at, "css.syntax", "`;` ends nothing here; delete it");
            }
            (None, None) => {}
            (Some(Is::AtKeyword(name)), block) => at_rule(sheet, at, name, head, block, inside),
            (_, Some(block)) => style_rule(sheet, at, head, block, inside),
            (_, None) => declaration(sheet, at, head, inside),
        }
    }
}

fn at_rule(sheet: &Sheet, at: usize, name: &str, head: &[Part], block: Option<&[Part]>, inside: Inside) {
    let name = name.to_ascii_lowercase();
    let (keyword, prelude) = head.split_first().expect("an at-rule begins with its keyword");
    if sheet.text.get(keyword.from..keyword.to).is_some_and(|text| text.contains('\\')) {
        let why = format!("the name of `@{name}` is written with escapes; write it plainly");
        return sheet.fault(at, "css.escape", why);
    }
    if !allowed::BLOCKS.contains(&&*name) {
        return sheet.fault(at, "css.at_rule", why_not(&name));
    }
    if matches!(inside, Inside::FontFace | Inside::Declarations) {
        let why = format!("`@{name}` cannot stand among declarations alone; move it out");
        return sheet.fault(at, "css.syntax", why);
    }
    check(sheet, prelude, Stands::Prelude);
    let Some(block) = block else {
        if name != "layer" {
            sheet.fault(at, "css.syntax", format!("`@{name}` needs a block `{{`; add it"));
        }
        return;
    };
    match &*name {
        "font-face" => list(sheet, block, Inside::FontFace),
        "page" | "property" => list(sheet, block, Inside::Declarations),
        "keyframes" | "-webkit-keyframes" => steps(sheet, block),
        // A group holds what may stand where it stands itself.
        _ if inside == Inside::Rules => list(sheet, block, Inside::Rules),
        _ => list(sheet, block, Inside::Style),
    }
}

/// The steps of `@keyframes`: `from`, `to` or percentages, each with declarations.
fn steps(sheet: &Sheet, parts: &[Part]) {
    let mut rest = parts;
    while let Some(at) = rest.iter().position(|part| matches!(part.is, Is::Curly(_))) {
        let (head, behind) = rest.split_at(at);
        check(sheet, head, Stands::Prelude);
        list(sheet, behind.first().and_then(Part::inner).unwrap_or_default(), Inside::Declarations);
        rest = behind.get(1..).unwrap_or_default();
    }
    if let Some(odd) = trimmed(rest).first() {
        sheet.fault(
            odd.from,
            "css.syntax",
            "a step of `@keyframes` is a percentage and a block; complete or delete it",
        );
    }
}

fn style_rule(sheet: &Sheet, at: usize, head: &[Part], block: &[Part], inside: Inside) {
    if matches!(inside, Inside::FontFace | Inside::Declarations) {
        return sheet.fault(at, "css.syntax", "only declarations can stand here; end the line before with `;`");
    }
    if head.is_empty() {
        return sheet.fault(at, "css.syntax", "a block `{` has no selector before it; add one");
    }
    let second = head.iter().skip(1).find(|part| !part.is_space());
    let is_custom = matches!(head.first(), Some(Part { is: Is::Ident(name), .. }) if name.starts_with("--"));
    if is_custom && matches!(second, Some(Part { is: Is::Colon, .. })) {
        return sheet.fault(at, "css.syntax", "the value of a custom property is no block `{`; write a value");
    }
    check(sheet, head, Stands::Prelude);
    let count = 1 + head.iter().filter(|part| matches!(part.is, Is::Comma)).count();
    if sheet.selectors(count) > MAX_SELECTORS {
        let why = format!("a style sheet has at most {MAX_SELECTORS} selectors; split it into several files");
        return sheet.fault(at, "css.limit", why);
    }
    list(sheet, block, Inside::Style);
}

fn declaration(sheet: &Sheet, at: usize, head: &[Part], inside: Inside) {
    if inside == Inside::Rules {
        let why =
            "this is no rule: a selector needs a block `{`, and a declaration stands in one; complete or delete it";
        return sheet.fault(at, "css.syntax", why);
    }
    let mut parts = head.iter().enumerate().filter(|(_, part)| !part.is_space());
    let (Some((_, Part { from, to, is: Is::Ident(name), .. })), Some((colon, Part { is: Is::Colon, .. }))) =
        (parts.next(), parts.next())
    else {
        let why = "this is no declaration `name: value;`; complete or delete it";
        return sheet.fault(at, "css.syntax", why);
    };
    let name = name.to_ascii_lowercase();
    if sheet.text.get(*from..*to).is_some_and(|text| text.contains('\\')) {
        let why = format!("the name of `{name}` is written with escapes; write it plainly");
        return sheet.fault(at, "css.escape", why);
    }
    let wants = if inside == Inside::FontFace { Wants::Font } else { Wants::Image };
    property::declaration(sheet, at, &name, trimmed(head.get(colon + 1..).unwrap_or_default()), wants);
}

fn trimmed<'p, 'a>(parts: &'p [Part<'a>]) -> &'p [Part<'a>] {
    let from = parts.iter().position(|part| !part.is_space()).unwrap_or(parts.len());
    let to = parts.iter().rposition(|part| !part.is_space()).map_or(from, |last| last + 1);
    parts.get(from..to).unwrap_or_default()
}

fn why_not(name: &str) -> String {
    let why = match name {
        "import" => {
            "loads another style sheet; every .css file of the theme is linked by the shop itself, so delete it"
        }
        "charset" => "is not needed, because a theme is UTF-8; delete it",
        "namespace" => "changes what selectors mean; delete it",
        "counter-style" => "writes text; delete it",
        "document" | "-moz-document" => "asks which address is shown; delete it",
        _ => "is not among the at-rules that a theme may use; delete it",
    };
    format!("`@{name}` {why}")
}
