//! What of the timeline is asked for.

use model::{Category, ChangeId, EngineId, Instant, Severity};
use std::fmt::Write as _;

/// The parameters of `GET /v1/entries`: the newest headlines by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryQuery {
    /// Cursor of the page before.
    pub before: Option<String>,
    /// All entries, not headlines only.
    pub all: bool,
    /// Rows wanted, 1 to 200; 50 when absent.
    pub limit: Option<u32>,
    /// Only rows of this change.
    pub change: Option<ChangeId>,
    /// Only what was decided here, not what other systems reported.
    pub decided: bool,
    /// Only rows of this category.
    pub category: Option<Category>,
    /// Only rows of this severity or a higher one.
    pub severity: Option<Severity>,
    /// Only rows of this engine's changes.
    pub engine: Option<EngineId>,
    /// Only rows recorded at this instant or later.
    pub from: Option<Instant>,
    /// Only rows recorded before this instant.
    pub to: Option<Instant>,
    /// Only rows whose actor has this in it.
    pub actor: String,
    /// Only rows whose title or sentence has this in it.
    pub text: String,
}

/// Percent-encoded: everything but the unreserved characters of RFC 3986 §2.3.
pub fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    })
}

impl EntryQuery {
    /// The newest rows: all of them, or headlines only.
    pub fn newest(all: bool, limit: u32) -> Self {
        Self { all, limit: Some(limit), ..Self::default() }
    }

    /// The same, from a cursor on.
    #[must_use]
    pub fn before(self, cursor: Option<&str>) -> Self {
        Self { before: cursor.map(str::to_owned), ..self }
    }

    /// Path and query of the request.
    pub fn path(&self) -> String {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let pairs = [
            ("before", self.before.clone()),
            ("limit", self.limit.map(|limit| limit.to_string())),
            ("change", self.change.map(|change| change.to_string())),
            ("decided", self.decided.then(|| true.to_string())),
            ("category", self.category.map(|category| category.to_string())),
            ("severity", self.severity.map(|severity| severity.to_string())),
            ("engine", self.engine.map(|engine| engine.to_string())),
            ("from", self.from.map(|from| from.to_string())),
            ("to", self.to.map(|to| to.to_string())),
            ("actor", text(&self.actor)),
            ("q", text(&self.text)),
        ];
        pairs.iter().fold(format!("/v1/entries?all={}", self.all), |mut path, (name, value)| {
            if let Some(value) = value {
                let _ = write!(path, "&{name}={}", percent_encoded(value));
            }
            path
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_stands_in_the_path_and_nothing_else() {
        assert_eq!(EntryQuery::newest(false, 50).path(), "/v1/entries?all=false&limit=50");
        let query = EntryQuery {
            all: true,
            category: Some(Category::Rollback),
            severity: Some(Severity::High),
            from: Some(Instant::EPOCH),
            text: "dns & drift=é".to_owned(),
            ..EntryQuery::default()
        };
        let from = "1970-01-01T00%3A00%3A00.000Z";
        let path =
            format!("/v1/entries?all=true&category=rollback&severity=high&from={from}&q=dns%20%26%20drift%3D%C3%A9");
        assert_eq!(query.path(), path);
        assert!(query.before(Some("1.2")).path().contains("&before=1.2&"));
    }
}
