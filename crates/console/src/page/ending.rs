//! Who ended a change that did not take effect, and why.

use super::link;
use model::Status;
use view::EndingText;

/// What its page says of the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    /// `Fay rejected it as Finance Reviewer.`; of a text that cannot be read now, the status alone.
    pub(crate) sentence: String,
    /// Why, in their words.
    pub(crate) reason: Option<String>,
    pub(crate) href: String,
}

impl Ending {
    /// Of the leaf that ended it.
    pub(crate) fn of(status: Status, leaf: u64, said: Option<EndingText>) -> Self {
        let href = link::control(leaf);
        match said {
            Some(said) => Self { sentence: said.sentence, reason: said.reason, href },
            None => Self { sentence: format!("{}.", status.title()), reason: None, href },
        }
    }
}
