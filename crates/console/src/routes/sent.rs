//! What a form sent, read.

use crate::invitations::pasted;
use crate::page::moment;
use crate::page::refused::{RefusalNotice, Written};
use control::{Answer, Answers, Field, Input, Setting, Window, governs};
use desk::Shown;
use model::{ChangeId, Digest, KindName, Role, canon};
use signed::Roster;
use std::collections::BTreeMap;

/// Longest title or reason, characters.
const TEXT_MAX: usize = 1_000;

/// The fields of a form as they were sent; one that was sent several times holds all of it, with
/// commas between.
pub(crate) struct Sent(BTreeMap<String, String>);

/// What a form carries beside its answers, and what has to be typed again each time.
const NOT_KEPT: [&str; 6] = ["csrf", "revision", "package", "plan", "fingerprint", "what"];

fn malformed(field: &'static str, why: &str) -> RefusalNotice {
    RefusalNotice::new("form.malformed", format!("`{field}`: {why}"), "correct it, then send the form again").at(field)
}

/// One line, without what canonical text may not hold: the sender's own side cleans up.
pub(crate) fn text(sent: &str) -> Result<Option<String>, RefusalNotice> {
    let words: String = sent.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() > TEXT_MAX {
        let message = format!("the text is longer than {TEXT_MAX} characters");
        return Err(RefusalNotice::new("text.too_long", message, "say it shorter"));
    }
    if let Err(error) = canon::to_vec(&words) {
        return Err(RefusalNotice::new("text.character", error.to_string(), "leave that character out"));
    }
    Ok(Some(words).filter(|words| !words.is_empty()))
}

/// Milliseconds of a length of time such as `90m`, `8h` or `3d`.
fn duration_ms(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit_ms = match &text[digits.len()..] {
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 7 * 86_400_000,
        _ => return None,
    };
    digits.parse::<u32>().ok().and_then(|count| i64::from(count).checked_mul(unit_ms))
}

impl Sent {
    /// Of the pairs as they came.
    pub(crate) fn of(pairs: Vec<(String, String)>) -> Self {
        let mut fields = BTreeMap::<String, String>::new();
        for (name, value) in pairs {
            match fields.get_mut(&name) {
                Some(known) => *known = format!("{known},{value}"),
                None => {
                    fields.insert(name, value);
                }
            }
        }
        Self(fields)
    }

    /// All of them.
    pub(crate) fn into_fields(self) -> BTreeMap<String, String> {
        self.0
    }

    /// A field, trimmed; nothing where it was not sent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }

    /// A field as it was sent, line for line.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// What it proves to have seen of the session.
    pub(crate) fn csrf(&self) -> &str {
        self.get("csrf")
    }

    /// A text.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, RefusalNotice> {
        text(self.get(name))
    }

    /// Something that is read from its text, where there is one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn read<T: std::str::FromStr>(&self, name: &'static str, why: &str) -> Result<Option<T>, RefusalNotice> {
        match self.get(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| malformed(name, why)),
        }
    }

    /// A time, Eastern Time, where there is one.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn time(&self, name: &'static str) -> Result<Option<model::Instant>, RefusalNotice> {
        match self.get(name) {
            "" => Ok(None),
            text => moment::read(text).map(Some).ok_or_else(|| malformed(name, "this is not a date and time")),
        }
    }

    /// What its page showed. A form that does not say so decides nothing about a change.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) fn shown(&self) -> Result<Shown, RefusalNotice> {
        let read = || {
            let plan = self.0.get("plan")?;
            let plan = if plan.is_empty() { None } else { Some(plan.parse().ok()?) };
            let (revision, package) = (self.0.get("revision")?, self.0.get("package")?);
            Some(Shown { revision: revision.parse().ok()?, package: package.parse().ok()?, plan })
        };
        let message = "the form does not say which revision, package and plan its page showed";
        read().ok_or_else(|| {
            RefusalNotice::new("form.malformed", message, "read the change's page again, then decide there")
        })
    }

    /// What was written, for the page that shows the form again.
    pub(crate) fn written(self, form: &str) -> Written {
        let fields = self.0.into_iter().filter(|(name, _)| !NOT_KEPT.contains(&name.as_str()));
        Written { form: form.to_owned(), fields: fields.collect() }
    }

    /// The window in which the change may be run, where both its ends are said.
    ///
    /// # Errors
    /// When one of them is missing or no time.
    pub(crate) fn window(&self) -> Result<Option<Window>, RefusalNotice> {
        match (self.time("from")?, self.time("until")?) {
            (None, None) => Ok(None),
            (Some(from), Some(until)) => Ok(Some(Window { from, until })),
            _ => Err(malformed("until", "a window has two ends")),
        }
    }

    /// The open change that it replaces.
    ///
    /// # Errors
    /// When it is no id.
    pub(crate) fn supersedes(&self) -> Result<Option<ChangeId>, RefusalNotice> {
        self.read("supersedes", "this is no change; choose one from the list")
    }

    /// The answers to a kind's own questions; a document's is not among them.
    ///
    /// # Errors
    /// Which one is missing, or is not what its question asks for.
    pub(crate) fn answers(&self, kind: KindName) -> Result<Answers, RefusalNotice> {
        let mut answers = Answers::default();
        let form = governs(kind).form();
        let way = form.iter().find_map(|field| match field.input {
            Input::Way(ways) => ways.iter().find(|way| way.word == self.get(field.name)),
            _ => None,
        });
        for field in form.iter().filter(|field| field.input != Input::Document) {
            let required = field.required || way.is_some_and(|way| way.asks.contains(&field.name));
            match self.get(field.name) {
                "" if required => return Err(missing(field)),
                "" => {}
                text => answers = answers.with(field.name, answer(field, text)?),
            }
        }
        Ok(answers)
    }

    /// The governed document that the form carries; none where its kind has none.
    ///
    /// # Errors
    /// When it is missing, or not one.
    pub(crate) fn document(&self, kind: KindName) -> Result<Option<Carried>, RefusalNotice> {
        let form = governs(kind).form();
        let Some(field) = form.iter().find(|field| field.input == Input::Document) else { return Ok(None) };
        let text = self.get(field.name);
        let has_way = form.iter().any(|field| matches!(field.input, Input::Way(_)) && !self.get(field.name).is_empty());
        if text.is_empty() {
            return if has_way { Ok(None) } else { Err(missing(field)) };
        }
        let wrong = |error: serde_json::Error| malformed(field.name, &format!("this is no such document: {error}"));
        if form.iter().any(|field| field.input == Input::Setting) {
            serde_json::from_str(text).map(|setting| Some(Carried::Setting(setting))).map_err(wrong)
        } else {
            serde_json::from_str(text).map(|roster| Some(Carried::Roster(roster))).map_err(wrong)
        }
    }
}

/// A governed document that a form carries.
pub(crate) enum Carried {
    /// The next roster.
    Roster(Roster),
    /// The next document of a name.
    Setting(Setting),
}

fn missing(field: &Field) -> RefusalNotice {
    let message = format!("`{}` is missing: {}", field.label, field.help);
    let next = format!("answer `{}`, then send the form again", field.label);
    RefusalNotice::new("form.missing", message, next).at(field.name)
}

fn answer(field: &Field, text: &str) -> Result<Answer, RefusalNotice> {
    // Named as it stands on the page, with what it asks for.
    let wrong = |why: &str| {
        let next = format!("correct `{}`: {}", field.label, field.help);
        RefusalNotice::new("form.malformed", format!("`{}`: {why}", field.label), next).at(field.name)
    };
    let listed = "this is not one; choose one from the list";
    Ok(match field.input {
        Input::Engine => Answer::Engine(text.parse().map_err(|_| wrong(listed))?),
        Input::Tenant => Answer::Tenant(text.parse().map_err(|_| wrong(listed))?),
        Input::Resource(_) | Input::Lease if text == "none" && !field.required => Answer::Nothing,
        Input::Lease => Answer::Change(text.parse().map_err(|_| wrong(listed))?),
        Input::LeaseClass => Answer::LeaseClass(text.parse().map_err(|_| wrong(listed))?),
        Input::Period => Answer::Period(text.parse().map_err(|_| wrong(listed))?),
        Input::Count => Answer::Count(text.parse().map_err(|_| wrong("a whole number is needed"))?),
        Input::Artifact | Input::Resource(_) | Input::PersonKey | Input::ServiceKey => {
            Answer::Digest(text.parse().map_err(|_| wrong(listed))?)
        }
        Input::Person | Input::Machine => Answer::Person(text.parse().map_err(|_| wrong(listed))?),
        Input::Way(ways) => {
            let known = ways.iter().find(|way| way.word == text).and_then(|way| way.word.parse().ok());
            Answer::Token(known.ok_or_else(|| wrong(listed))?)
        }
        Input::Roles => {
            let roles = text.split(',').map(str::parse::<Role>).collect::<Result<Vec<_>, _>>();
            let mut roles = roles.map_err(|_| wrong(listed))?;
            roles.sort_unstable();
            roles.dedup();
            Answer::Roles(roles)
        }
        Input::Tenants => {
            let mut tenants =
                text.split(',').map(str::parse).collect::<Result<Vec<_>, _>>().map_err(|_| wrong(listed))?;
            tenants.sort_unstable();
            tenants.dedup();
            Answer::Tenants(tenants)
        }
        Input::Time => Answer::Time(moment::read(text).ok_or_else(|| wrong("this is not a date and time"))?),
        Input::Number => Answer::Number(text.parse().map_err(|_| wrong("a whole number is needed"))?),
        Input::Duration => {
            Answer::Duration(duration_ms(text).ok_or_else(|| wrong("write a length of time as `90m`, `8h` or `3d`"))?)
        }
        Input::Token => Answer::Token(text.parse().map_err(|_| {
            wrong("it is one word of 1 to 120 letters from A to Z, digits and `.` `_` `:` `/` `@` `+` `-`, without a space")
        })?),
        Input::Zone => Answer::Token(text.parse().map_err(|_| wrong(listed))?),
        Input::Digest | Input::Document => {
            Answer::Digest(text.parse::<Digest>().map_err(|_| wrong("a digest is 64 lower-case hexadecimal digits"))?)
        }
        Input::Setting => Answer::Setting(text.parse().map_err(|_| wrong(listed))?),
        Input::Proof => {
            let proof =
                pasted::whole(text).ok_or_else(|| wrong("this is no proof; paste all that `key prove` printed"))?;
            Answer::Proof(Box::new(proof))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_clean_line() {
        assert_eq!(text(" Checkout\r\nerrors\u{7} now ").unwrap().as_deref(), Some("Checkout errors now"));
        assert_eq!(text(" \n ").unwrap(), None);
        assert_eq!(text(&"x".repeat(TEXT_MAX + 1)).unwrap_err().code, "text.too_long");
        assert_eq!(text("turned \u{202e} round").unwrap_err().code, "text.character");
    }

    #[test]
    fn a_length_of_time_has_a_unit() {
        assert_eq!(
            [duration_ms("90m"), duration_ms("8h"), duration_ms("3d")],
            [Some(5_400_000), Some(28_800_000), Some(259_200_000)]
        );
        for text in ["", "90", "h", "-1h", "1.5h", "3 d", "99999999999d"] {
            assert_eq!(duration_ms(text), None, "{text}");
        }
    }

    #[test]
    fn every_kind_says_which_answer_is_missing_or_unreadable() {
        for kind in KindName::ALL {
            let form = governs(*kind).form();
            let sent = |name: &str, value: &str| Sent::of(vec![(name.to_owned(), value.to_owned())]);
            let answers = |sent: &Sent| sent.answers(*kind).map(|_| ()).and_then(|()| sent.document(*kind).map(|_| ()));
            if form.iter().any(|field| field.required) {
                assert_eq!(answers(&sent("", "")).unwrap_err().code, "form.missing", "{kind}");
            }
            for field in form.iter().filter(|field| field.input != Input::Document) {
                let refused = answer(field, "no such thing").unwrap_err();
                assert!(refused.code == "form.malformed" && refused.message.contains(field.label), "{kind}");
                assert!(refused.next.contains(field.label), "{kind}: {}", refused.next);
            }
        }
    }

    #[test]
    fn a_purpose_of_several_words_is_told_what_is_accepted() {
        let purpose = governs(control::lease_kind()).form().iter().find(|field| field.name == "purpose").unwrap();
        for text in ["spring sale", "a,b", "caf\u{e9}", &"x".repeat(121)] {
            let refused = answer(purpose, text).unwrap_err();
            assert_eq!(refused.field, Some("purpose"), "{text}");
            assert!(
                refused.message.contains("`Purpose`") && refused.message.contains("one word"),
                "{}",
                refused.message
            );
            assert!(refused.next.contains("as merchandising"), "{}", refused.next);
        }
        assert!(answer(purpose, "merchandising").is_ok());
    }

    #[test]
    fn boxes_that_were_ticked_are_one_answer() {
        let pair = |value: &str| ("slot".to_owned(), value.to_owned());
        let sent = Sent::of(vec![pair("support-auditor"), pair("finance-reviewer")]);
        assert_eq!(sent.get("slot"), "support-auditor,finance-reviewer");
    }
}
