//! A refusal as a page shows it.

use desk::DeskError;

/// A refusal as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefusalNotice {
    /// Stable code.
    pub(crate) code: String,
    /// What was missing.
    pub(crate) message: String,
    /// What to do next.
    pub(crate) next: String,
    /// The entry that records it.
    pub(crate) entry: Option<u64>,
    /// What was written into the form, so that nobody writes it twice (WCAG 2.2, 3.3.7).
    pub(crate) written: Written,
}

/// The fields of one form as they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// Which form: the last part of its address.
    pub(crate) form: String,
    /// Field and text.
    pub(crate) fields: Vec<(String, String)>,
}

impl Written {
    /// What stands in a field of a form; nothing in those of any other.
    pub(crate) fn of(&self, form: &str, field: &str) -> &str {
        let mut fields = self.fields.iter().filter(|_| self.form == form);
        fields.find(|(name, _)| name == field).map_or("", |(_, text)| text)
    }
}

impl RefusalNotice {
    pub(crate) fn new(code: &str, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            next: next.into(),
            entry: None,
            written: Written::default(),
        }
    }
}

impl From<DeskError> for RefusalNotice {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Client(client::ClientError::Problem(detail, _)) => {
                Self { entry: detail.entry, ..Self::new(&detail.code, detail.message, detail.next) }
            }
            DeskError::Refused { code, message, next } => Self::new(code, message, next),
            DeskError::Unknown(why) => Self::new("object.unknown", why, "choose another one, then send the form again"),
            DeskError::Form(why) => Self::new("form.malformed", why, "correct it, then send the form again"),
            DeskError::Client(error) => {
                Self::new("governance.unreachable", error.to_string(), "look at the sources, then try again")
            }
            error => Self::new("desk.failed", error.to_string(), "reload this page and look where it stands"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Written;

    #[test]
    fn what_was_written_stands_in_its_own_form_only() {
        let written = Written { form: "rollback".to_owned(), fields: vec![("reason".to_owned(), "errors".to_owned())] };
        assert_eq!(written.of("rollback", "reason"), "errors");
        assert_eq!((written.of("rollback", "title"), written.of("deployment", "reason")), ("", ""));
    }
}
