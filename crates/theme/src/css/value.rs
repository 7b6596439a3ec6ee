//! What may stand in a value, a selector or a condition: functions by name, addresses of the theme's own files.

use crate::css::allowed;
use crate::css::part::{Is, Part};
use crate::css::sheet::{Sheet, Wants};
use crate::path::resolve;

/// Where parts stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stands {
    /// In a selector or a condition: it names no file.
    Prelude,
    /// In a value that may name a file of this kind.
    Value(Wants),
}

/// Checks every part, and those inside them.
pub(crate) fn check(sheet: &Sheet, parts: &[Part], stands: Stands) {
    for part in parts {
        match &part.is {
            Is::Url(address) => named(sheet, part, address, stands),
            Is::Function(name, inner) => function(sheet, part, &name.to_ascii_lowercase(), inner, stands),
            Is::Curly(_) => {
                sheet.fault(part.from, "css.syntax", "a block `{` cannot stand here; end the line before it with `;`");
            }
            Is::AtKeyword(_) => {
                sheet.fault(part.from, "css.syntax", "an at-rule cannot stand here; end the line before it with `;`");
            }
            Is::Round(inner) | Is::Square(inner) => check(sheet, inner, stands),
            _ => {}
        }
    }
}

fn function(sheet: &Sheet, part: &Part, name: &str, inner: &[Part], stands: Stands) {
    let shown = sheet.text.get(part.from..part.to).unwrap_or_default();
    if shown.contains('\\') {
        let why = format!("`{shown}` writes the name `{name}` with escapes; write it plainly");
        return sheet.fault(part.from, "css.escape", why);
    }
    match name {
        "url" => match only(inner) {
            Some(Part { is: Is::Text(address), .. }) => named(sheet, part, address, stands),
            _ => sheet.fault(part.from, "css.url", "`url(` holds one path and nothing else; write it in quotes"),
        },
        _ if allowed::function(name) => check(sheet, inner, stands),
        _ => {
            sheet.fault(part.from, "css.function", allowed::why_not_function(name));
            check(sheet, inner, stands);
        }
    }
}

fn named(sheet: &Sheet, part: &Part, address: &str, stands: Stands) {
    let Stands::Value(wants) = stands else {
        return sheet.fault(part.from, "css.url", "a selector or a condition names no file; delete `url(`");
    };
    // Of a quoted address the part ends behind `url(`; its text is looked at up to the bracket.
    let shown = sheet.text.get(part.from..).and_then(|text| text.split(')').next()).unwrap_or_default();
    if shown.contains('\\') {
        return sheet.fault(part.from, "css.escape", "an address is written without escapes; use `%20` for a space");
    }
    match resolve(sheet.path, address) {
        Ok(target) => sheet.reference(part.from, target, wants),
        Err((code, why)) => sheet.fault(part.from, code, why),
    }
}

/// The one part among spaces, if there is just one.
pub(crate) fn only<'p, 'a>(parts: &'p [Part<'a>]) -> Option<&'p Part<'a>> {
    let mut told = parts.iter().filter(|part| !part.is_space());
    told.next().filter(|_| told.next().is_none())
}
