//! A document as the ledger has it.

use crate::{DocumentError, plain::plain};
use serde::de::DeserializeOwned;

/// Whether a document of this name is written as JSON.
pub(crate) fn is_json(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|ending| ending == "json")
}

/// What a text of JSON says; what is wrong is said with its line and its field.
///
/// # Errors
/// When it is no JSON, or not what is asked for.
pub fn json<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, DocumentError> {
    let wrong = |line: usize, why: String| DocumentError::Malformed(format!("{name}:{line}: {why}"));
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize(&mut reader);
    let read = read.map_err(|error| wrong(error.inner().line(), plain(&error.inner().to_string(), error.path())))?;
    reader.end().map_err(|error| wrong(error.line(), "something stands behind its end".to_owned()))?;
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::Setting;

    #[test]
    fn what_is_wrong_is_said_by_its_field_and_in_no_words_of_a_programmer() {
        for (text, says) in [
            ("5", "a.json:1: what stands there is no JSON, or not what belongs there"),
            ("{\n\"tenant_terms\": 5}", "a.json:2: `tenant_terms` takes a table of fields, and a number stands there"),
            (
                "{\"tenant_terms\": {\"tenants\": 5}}",
                "a.json:1: `tenant_terms.tenants` takes a list, and a number stands there",
            ),
            (
                "{\"tenant_termz\": 5}",
                "`tenant_termz` is not known; it is one of `rules`, `kinds`, `recalls`, `tenant_terms`",
            ),
            ("{\"rules\": {}}", "the field `number` is missing in `rules`"),
            (
                "{\"rules\": {\"number\": -1}}",
                "`rules.number` takes a whole number from 0 to 4294967295, and another value stands there",
            ),
            ("{\"rules\": {\"number\": 99999999999}}", "and another value stands there"),
            (
                "{\"rules\": {\"number\": \"planted\"}}",
                "`rules.number` takes a whole number from 0 to 4294967295, and a text stands there",
            ),
            ("{\"rules\"", "a.json:1: it ends before it is complete"),
            ("rules", "a.json:1: what stands there is no JSON, or not what belongs there"),
            ("{\"rules\": {\"number\": 1}} x", "a.json:1: something stands behind its end"),
        ] {
            let said = json::<Setting>("a.json", text).unwrap_err().to_string();
            assert!(said.contains(says) && !said.contains("planted"), "{text}: {said}");
            for word in ["struct", "u32", "variant", "EOF", "integer", "sequence", "column"] {
                assert!(!said.contains(word), "{word}: {said}");
            }
        }
    }
}
