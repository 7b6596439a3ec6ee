//! Why a step failed: what its executor found, from the sealed part of its receipt.

use super::link;
use view::EntryView;

/// What an executor found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
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
    pub(crate) fn bare(code: &str, entry: u64) -> Self {
        Self { code: code.to_owned(), found: None, output: vec![], href: link::control(entry) }
    }

    /// With what the entry's part about the cause says.
    pub(crate) fn read(code: &str, view: &EntryView) -> Self {
        let bare = Self::bare(code, view.index);
        match view.cause() {
            Some(cause) => Self { found: cause.found, output: cause.output, ..bare },
            None => bare,
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
        let cause = Cause::read("start.unhealthy", &view(vec![None, Some(opening)]));
        assert_eq!(cause.found.as_deref(), Some("the release answers 500"));
        assert_eq!(
            (cause.output, cause.href.as_str()),
            (vec!["first".to_owned(), "second".to_owned()], "/entries/control/7")
        );
        let erased = Cause::read("start.unhealthy", &view(vec![None, None]));
        assert_eq!(erased, Cause::bare("start.unhealthy", 7));
    }
}
