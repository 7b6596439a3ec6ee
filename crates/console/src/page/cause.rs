//! Why a step failed: what its executor found, from the sealed part of its receipt.

use super::link;
use serde_json::Value;
use view::EntryView;

/// What an executor found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
    /// `Step 06, start (Engine Runtime): refused, nothing changed`.
    pub(crate) step: String,
    /// The stable code.
    pub(crate) code: String,
    /// In words; none: the text cannot be read now, or was erased.
    pub(crate) found: Option<String>,
    /// The last lines of what the process said.
    pub(crate) output: Vec<String>,
    pub(crate) href: String,
}

impl Cause {
    /// Of a code alone, where the entry's texts are not at hand.
    pub(crate) fn bare(step: &str, code: &str, entry: u64) -> Self {
        let (step, code) = (step.to_owned(), code.to_owned());
        Self { step, code, found: None, output: vec![], href: link::control(entry) }
    }

    /// With what the entry's part about the cause says.
    pub(crate) fn read(step: &str, code: &str, view: &EntryView) -> Self {
        let bare = Self::bare(step, code, view.index);
        let parts = view.leaf.pointer("/command/receipt/receipt/parts").and_then(Value::as_array);
        let is_cause = |part: &Value| part.get("about").and_then(Value::as_str) == Some("cause");
        let place = parts.and_then(|parts| parts.iter().position(is_cause));
        let opening = place.and_then(|place| view.openings.get(place)?.as_ref());
        let Some(opening) = opening else { return bare };
        let line = |(name, text): (&String, &String)| name.starts_with("line_").then(|| text.clone());
        Self {
            found: opening.body.get("text").cloned(),
            output: opening.body.iter().filter_map(line).collect(),
            ..bare
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Digest;
    use serde_json::json;
    use signed::Opening;

    #[test]
    fn a_cause_is_the_part_that_says_so_with_its_lines_in_order() {
        let body = [("line_01", "second"), ("line_00", "first"), ("text", "the release answers 500")];
        let body = body.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
        let opening = Opening { salt: Digest::ZERO, body };
        let view = |openings| EntryView {
            log: "control".to_owned(),
            index: 7,
            leaf_hash: Digest::ZERO,
            leaf: json!({"command": {"receipt": {"receipt": {"parts": [{"about": "reason"}, {"about": "cause"}]}}}}),
            rows: vec![],
            openings,
            proof: None,
        };
        let cause = Cause::read("Step 06", "start.unhealthy", &view(vec![None, Some(opening)]));
        assert_eq!(cause.found.as_deref(), Some("the release answers 500"));
        assert_eq!(
            (cause.output, cause.href.as_str()),
            (vec!["first".to_owned(), "second".to_owned()], "/entries/control/7")
        );
        let erased = Cause::read("Step 06", "start.unhealthy", &view(vec![None, None]));
        assert_eq!(erased, Cause::bare("Step 06", "start.unhealthy", 7));
    }
}
