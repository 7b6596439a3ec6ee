//! What is kept, handed over and destroyed once an engine is retired, as somebody writes it: TOML, or JSON.

use crate::json::{is_json, json};
use crate::{DocumentError, TomlText};
use control::Retention;

/// The policy that a text holds, sound in itself: JSON where its name ends so, else TOML. Its lists may stand in any order.
pub fn retention(name: &str, text: &str) -> Result<Retention, DocumentError> {
    let mut policy: Retention = if is_json(name) {
        json(name, text)?
    } else {
        TomlText { name: name.to_owned(), text: text.to_owned() }.says()?
    };
    policy.billing.statements.sort_unstable();
    policy.export.formats.sort_unstable();
    policy.check().map_err(|why| DocumentError::Unsound { name: name.to_owned(), why: why.to_string() })?;
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAYS: &str = "[audit]\nyears = 7\n\n[billing]\nby = \"finance-reviewer\"\nwithin_days = 30\nstatements = [\"memory\", \"ai-lease-usage\"]\n\n[export]\nformats = [\"json\", \"csv\"]\ndays = 90\n\n[data]\nthen = \"hand_over\"\ndays = 30\n";

    fn said(text: &str) -> Result<Retention, String> {
        retention("policy.toml", text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_policy_is_four_tables_and_what_is_wrong_is_said_with_its_line() {
        let rules = said(SAYS).unwrap().rules();
        assert!(rules[1].1.ends_with("within 30 days: ai-lease-usage, memory"), "{rules:?}");
        for (text, place) in [
            (SAYS.replace("hand_over", "give"), "policy.toml:14: `give` is not known in `data.then`; it is one of "),
            (
                SAYS.replace("memory", "banana"),
                "policy.toml:7: `banana` is not known in `billing.statements[0]`; it is `",
            ),
            (SAYS.replace("years = 7", "years = 7\nmonths = 1"), "policy.toml:3: unknown field `months`"),
            (SAYS.replace("years = 7", "years = -7"), "policy.toml:2: `audit.years` takes a whole number from 0"),
            (SAYS.replace("years = 7\n", ""), "the field `years` is missing in `audit`"),
            (SAYS.replace("years = 7", "years = 700"), "audit history is kept for 1 to 100 years"),
            (SAYS.replace("\"json\", \"csv\"", "\"csv\", \"csv\""), "or one is there twice"),
        ] {
            let error = said(&text).unwrap_err();
            assert!(error.contains(place), "{error}");
        }
    }
}
