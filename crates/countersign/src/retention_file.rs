//! What is kept, handed over and destroyed once an engine is retired, as somebody writes it: TOML, or JSON.

use crate::config_file::json;
use crate::error::{CliError, file};
use crate::toml_file::TomlFile;
use control::Retention;
use std::path::Path;

/// The policy that a file holds, sound in itself. Its lists may stand in any order.
pub fn read(path: &Path) -> Result<Retention, CliError> {
    let mut policy: Retention = if path.extension().is_some_and(|ending| ending == "json") {
        json(path)?
    } else {
        let missing = || file(path)(std::io::ErrorKind::NotFound.into());
        TomlFile::read(path)?.ok_or_else(missing)?.says()?
    };
    policy.billing.statements.sort_unstable();
    policy.export.formats.sort_unstable();
    policy.check().map_err(|why| CliError::Content { path: path.to_owned(), why: why.to_string() })?;
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAYS: &str = "[audit]\nyears = 7\n\n[billing]\nby = \"finance-reviewer\"\nwithin_days = 30\nstatements = [\"memory\", \"ai-lease-usage\"]\n\n[export]\nformats = [\"json\", \"csv\"]\ndays = 90\n\n[data]\nthen = \"hand_over\"\ndays = 30\n";

    fn said(text: &str) -> Result<Retention, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("policy.toml");
        std::fs::write(&path, text).unwrap();
        read(&path).map_err(|error| error.to_string().replace(&format!("{}/", dir.path().display()), ""))
    }

    #[test]
    fn a_policy_is_four_tables_and_what_is_wrong_is_said_with_its_line() {
        let rules = said(SAYS).unwrap().rules();
        assert!(rules[1].1.ends_with("within 30 days: ai-lease-usage, memory"), "{rules:?}");
        for (text, place) in [
            (SAYS.replace("hand_over", "give"), "policy.toml:14: unknown variant `give`"),
            (SAYS.replace("years = 7", "years = 7\nmonths = 1"), "policy.toml:3: unknown field `months`"),
            (SAYS.replace("years = 7", "years = 700"), "audit history is kept for 1 to 100 years"),
            (SAYS.replace("\"json\", \"csv\"", "\"csv\", \"csv\""), "or one is there twice"),
        ] {
            let error = said(&text).unwrap_err();
            assert!(error.contains(place), "{error}");
        }
    }
}
