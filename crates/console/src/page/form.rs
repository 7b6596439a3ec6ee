//! A form of its own page: what one person says in their own name, at once.

use super::field::FieldRow;
use super::refused::RefusalNotice;
use crate::scene::Blocked;

/// The form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormPage {
    /// In a word: a part of ids, and what its button does.
    pub word: &'static str,
    pub title: String,
    /// What it is and whose word it takes.
    pub lead: String,
    /// Where it is sent.
    pub action: &'static str,
    /// Whether it carries a file.
    pub is_upload: bool,
    /// What it carries without asking.
    pub hidden: Vec<(&'static str, String)>,
    pub fields: Vec<FieldRow>,
    pub button: &'static str,
    /// What sending it does.
    pub note: &'static str,
    /// Why nothing can be said now.
    pub blocked: Option<Blocked>,
    /// The same by command line.
    pub commands: Vec<String>,
}

impl FormPage {
    /// With what was written before, and what was wrong with it where it stands.
    #[must_use]
    pub(crate) fn again(mut self, refused: Option<&RefusalNotice>) -> Self {
        let Some(notice) = refused else { return self };
        let word = self.word;
        let again = |field: FieldRow| {
            let written = notice.written.of(word, field.name).to_owned();
            let written = if written.is_empty() { field.value.clone() } else { written };
            field.written(&written).refused(refused)
        };
        self.fields = self.fields.into_iter().map(again).collect();
        self
    }
}
