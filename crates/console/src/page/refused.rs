//! A refusal as a page shows it.

use client::ClientError;
use desk::DeskError;
use follower::FollowerError;

/// A refusal as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefusalNotice {
    /// Stable code.
    pub(crate) code: String,
    /// What was missing.
    pub(crate) message: String,
    /// What to do next.
    pub(crate) next: String,
    /// Where that is done: the page, and what it is.
    pub(crate) way: Option<(String, String)>,
    /// The entry that records it.
    pub(crate) entry: Option<u64>,
    /// Each fault by itself, where there are several: file, place, code and what to do.
    pub(crate) faults: Vec<String>,
    /// The field of the form that it is about.
    pub(crate) field: Option<&'static str>,
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
            way: None,
            entry: None,
            faults: vec![],
            field: None,
            written: Written::default(),
        }
    }

    /// With the page where somebody goes on, if this is what was refused.
    #[must_use]
    pub(crate) fn leads(self, code: &str, way: Option<(String, String)>) -> Self {
        if self.code == code { Self { way, ..self } } else { self }
    }

    /// Of a call that a service did not answer with a refusal of its own.
    fn of_call(error: &ClientError) -> Self {
        match error.silent() {
            Some(service) => {
                let code = format!("{}.unreachable", service.word());
                Self::new(&code, error.to_string(), "look at the sources, then try again")
            }
            None => Self::new("desk.failed", error.to_string(), "reload this page and look where it stands"),
        }
    }

    /// About this field.
    #[must_use]
    pub(crate) fn at(self, field: &'static str) -> Self {
        Self { field: Some(field), ..self }
    }
}

impl From<DeskError> for RefusalNotice {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Client(ClientError::Problem(detail, _))
            | DeskError::Follower(FollowerError::Governance(ClientError::Problem(detail, _))) => {
                Self { entry: detail.entry, ..Self::new(&detail.code, detail.message, detail.next) }
            }
            DeskError::Refused { code, message, next } => Self::new(code, message, next),
            DeskError::ReadableSecret { ref key, .. } => {
                let next = format!(
                    "deposit it with `countersign secret put …` and name its digest under [secrets]; or, if everybody may \
                     read it, write {key} into this field"
                );
                Self::new("config.readable_secret", error.to_string(), next).at("public")
            }
            DeskError::Unknown(why) => Self::new("object.unknown", why, "choose another one, then send the form again"),
            DeskError::Form(why) => Self::new("form.malformed", why, "correct it, then send the form again"),
            DeskError::Client(error) | DeskError::Follower(FollowerError::Governance(error)) => Self::of_call(&error),
            error => Self::new("desk.failed", error.to_string(), "reload this page and look where it stands"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{RefusalNotice, Written};
    use client::{GovernanceClient, Http, PlatformClient};
    use desk::DeskError;
    use follower::FollowerError;
    use model::Digest;

    #[test]
    fn a_refusal_leads_where_it_is_mended_and_no_other_refusal_does() {
        let refused = |code: &str| RefusalNotice::new(code, "above the tenant's quota", "ask for an exception");
        let way = Some(("/changes/new?kind=quota-exception".to_owned(), "Ask for it…".to_owned()));
        assert_eq!(refused("quota.exceeded").leads("quota.exceeded", way.clone()).way, way);
        assert_eq!(refused("change.moved").leads("quota.exceeded", way).way, None);
    }

    /// Who publishes speaks to two services: the one that gave no answer is the one that is named.
    #[tokio::test]
    async fn a_service_that_cannot_be_reached_is_named() {
        let nobody = || Http::new("http://127.0.0.1:1");
        let upload = PlatformClient::new(nobody()).upload(&Digest::ZERO, "x".into()).await.unwrap_err();
        let people = GovernanceClient::new(nobody()).people().await.unwrap_err();
        let pull = GovernanceClient::new(nobody()).people().await.unwrap_err();
        for (error, code, title) in [
            (
                DeskError::Client(upload),
                "platform.unreachable",
                "Platform Services at http://127.0.0.1:1 does not answer",
            ),
            (DeskError::Client(people), "governance.unreachable", "Governance at http://127.0.0.1:1 does not answer"),
            (DeskError::Follower(FollowerError::Governance(pull)), "governance.unreachable", "Governance at"),
        ] {
            let notice = RefusalNotice::from(error);
            assert_eq!(notice.code, code);
            assert!(notice.message.starts_with(title), "{}", notice.message);
        }
    }

    #[test]
    fn what_was_written_stands_in_its_own_form_only() {
        let written = Written { form: "rollback".to_owned(), fields: vec![("reason".to_owned(), "errors".to_owned())] };
        assert_eq!(written.of("rollback", "reason"), "errors");
        assert_eq!((written.of("rollback", "title"), written.of("deployment", "reason")), ("", ""));
    }
}
