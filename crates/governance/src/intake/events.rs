//! `POST /v1/events`: one event, a JSON array or lines of JSON; all checked before any is queued.

use super::openings::{line, text};
use crate::event::{EVENT_TEXT, EventEntry, event_id};
use control::State;
use model::{Category, Digest, PersonId, Service};
use service_shell::Problem;
use signed::{Opening, Part, commit, event_command};
use wire::Event;

/// Most events of one request.
pub(crate) const EVENTS_MAX: usize = 1_000;
/// Longest id, in characters.
const ID_MAX: usize = 120;
/// Longest title, in characters.
const TITLE_MAX: usize = 200;
/// Longest description, in characters.
const DESCRIPTION_MAX: usize = 2_000;

fn unreadable(index: usize, error: &serde_json::Error) -> Problem {
    Problem::malformed(
        "event.malformed",
        format!("event {index} cannot be read: {error}"),
        "an event has id, source, kind, category, severity and title, and may have occurred, tenant and description; \
         nothing of this request was taken",
    )
}

/// Reads the body, whatever form it has; `lines` when it is declared as NDJSON.
pub(crate) fn events(body: &[u8], lines: bool) -> Result<Vec<Event>, Problem> {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let mut found = vec![];
    if first == Some(&b'[') && !lines {
        let items: Vec<serde_json::Value> = serde_json::from_slice(body).map_err(|error| unreadable(0, &error))?;
        for (index, item) in items.into_iter().enumerate().take(EVENTS_MAX + 1) {
            found.push(serde_json::from_value(item).map_err(|error| unreadable(index, &error))?);
        }
    } else {
        let items = serde_json::Deserializer::from_slice(body).into_iter::<Event>();
        for (index, item) in items.enumerate().take(EVENTS_MAX + 1) {
            found.push(item.map_err(|error| unreadable(index, &error))?);
        }
    }
    if (1..=EVENTS_MAX).contains(&found.len()) {
        return Ok(found);
    }
    let message = if found.is_empty() { "there is no event in it" } else { "one request holds at most 1,000 events" };
    Err(Problem::malformed("events.count", message, "send between 1 and 1,000 events a request"))
}

/// An event with its one text, committed to.
#[derive(Debug)]
pub(crate) struct CheckedEvent {
    pub(crate) entry: EventEntry,
    pub(crate) opening: Opening,
}

/// Sources that would look like a part of this installation.
const RESERVED: [&str; 3] = ["console", "countersign", "ledger"];

/// An event is another system's word and looks like nothing else: what is decided here has categories
/// and sources of its own.
fn foreign(index: usize, event: &Event) -> Result<(), Problem> {
    if event.category != Category::Reported {
        return Err(Problem::malformed(
            "event.category_reserved",
            format!("event {index}: the category `{}` is for what is decided here", event.category),
            "send it as `reported`; nothing of this request was taken",
        ));
    }
    // A source is told apart by its first word too: `governance.sync` would pass for Governance.
    let first = event.source.as_str().split(['.', '/', '-', '_', ':']).next().unwrap_or_default().to_lowercase();
    let own = Service::ALL.iter().map(|service| service.word()).chain(RESERVED).any(|own| own == first);
    if own {
        return Err(Problem::malformed(
            "event.source_reserved",
            format!("event {index}: the source `{}` is named as a part of this installation", event.source),
            "name the system that sends, as `ci.build`; nothing of this request was taken",
        ));
    }
    Ok(())
}

/// Checks one event against the state and commits to its text.
pub(crate) fn event(state: &State, by: PersonId, index: usize, event: &Event) -> Result<CheckedEvent, Problem> {
    let length = |what: &str, text: &str, max: usize| {
        if (1..=max).contains(&text.chars().count()) {
            return Ok(());
        }
        Err(Problem::malformed(
            "event.length",
            format!("event {index}: the {what} has not between 1 and {max} characters"),
            "shorten it, or leave an empty description out; nothing of this request was taken",
        ))
    };
    foreign(index, event)?;
    length("id", &event.id, ID_MAX)?;
    length("title", &event.title, TITLE_MAX)?;
    line(&format!("event {index}: the id"), &event.id)?;
    line(&format!("event {index}: the title"), &event.title)?;
    let mut body: signed::PartBody = [("title".to_owned(), event.title.clone())].into();
    if let Some(description) = &event.description {
        length("description", description, DESCRIPTION_MAX)?;
        text(&format!("event {index}: the description"), description)?;
        body.insert("description".to_owned(), description.clone());
    }
    if event.tenant.is_some_and(|tenant| !state.tenants.contains_key(&tenant)) {
        return Err(Problem::malformed(
            "event.tenant_unknown",
            format!("event {index}: there is no such tenant"),
            "register the tenant first, or leave it out; nothing of this request was taken",
        ));
    }
    // The sender of an event makes no commitments: the salt is this server's.
    let opening = Opening { salt: Digest(client::random_bytes()), body };
    let command = event_command(&event.source, &event_id(&event.id));
    let commitment = commit(&state.ledger, &command, 0, &opening).map_err(|error| {
        Problem::malformed("text.character", format!("event {index}: {error}"), "leave that character out")
    })?;
    let about = EVENT_TEXT.parse().expect("`event` is a token");
    let part = Part { about, subject: event.tenant.map(Into::into), commitment };
    Ok(CheckedEvent { entry: EventEntry::of(event, by, vec![part]), opening })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str =
        r#"{"id":"1","source":"ci","kind":"built","category":"reported","severity":"low","title":"built"}"#;

    fn one() -> Event {
        serde_json::from_str(ONE).unwrap()
    }

    #[test]
    fn three_forms_are_read() {
        let read = |body: &str, lines| events(body.as_bytes(), lines).map_err(|problem| problem.code());
        assert_eq!(read(ONE, false), Ok(vec![one()]));
        assert_eq!(read(&format!(" [{ONE},\n{ONE}]"), false), Ok(vec![one(), one()]));
        for lines in [false, true] {
            assert_eq!(read(&format!("{ONE}\n{ONE}\n"), lines), Ok(vec![one(), one()]), "sniffed and declared");
        }
        assert_eq!(read("", false), Err("events.count"));
        assert_eq!(read("[]", false), Err("events.count"));
        assert_eq!(read(&format!("{ONE}\n").repeat(EVENTS_MAX + 1), true), Err("events.count"));
        assert_eq!(read("[1]", false), Err("event.malformed"));
        assert_eq!(read(&ONE.replace("title", "titel"), false), Err("event.malformed"));
        let second = events(format!("{ONE}\n{{}}").as_bytes(), true).unwrap_err();
        assert!(second.to_string().contains("event 1 "), "{second}");
    }

    #[test]
    fn each_refusal_of_an_event() {
        let state = State::empty();
        let code = |change: &dyn Fn(&mut Event)| {
            let mut changed = one();
            change(&mut changed);
            event(&state, PersonId([1; 16]), 0, &changed).map(|_| ()).map_err(|problem| problem.code())
        };
        assert_eq!(code(&|_| {}), Ok(()));
        assert_eq!(code(&|e| e.description = Some("é".repeat(DESCRIPTION_MAX))), Ok(()));
        for category in Category::ALL.iter().filter(|category| **category != Category::Reported) {
            assert_eq!(code(&|e| e.category = *category), Err("event.category_reserved"), "{category}");
        }
        for source in ["governance", "platform", "node", "engine", "integration", "console", "countersign", "ledger"] {
            for source in [source.to_owned(), format!("{source}.sync")] {
                assert_eq!(code(&|e| e.source = source.parse().unwrap()), Err("event.source_reserved"), "{source}");
            }
        }
        assert_eq!(code(&|e| e.source = "nodejs.build".parse().unwrap()), Ok(()));
        assert_eq!(code(&|e| e.id = String::new()), Err("event.length"));
        assert_eq!(code(&|e| e.id = "x".repeat(ID_MAX + 1)), Err("event.length"));
        assert_eq!(code(&|e| e.title = "x".repeat(TITLE_MAX + 1)), Err("event.length"));
        assert_eq!(code(&|e| e.description = Some("x".repeat(DESCRIPTION_MAX + 1))), Err("event.length"));
        assert_eq!(code(&|e| e.title = "a\u{202E}".to_owned()), Err("text.character"));
        assert_eq!(code(&|e| e.title = "a\nb".to_owned()), Err("text.line_break"));
        assert_eq!(code(&|e| e.id = "a\nb".to_owned()), Err("text.line_break"));
        assert_eq!(code(&|e| e.description = Some("a\nb".to_owned())), Ok(()));
        assert_eq!(code(&|e| e.title = "e\u{301}".to_owned()), Err("text.not_nfc"));
        assert_eq!(code(&|e| e.tenant = Some(model::TenantId([9; 16]))), Err("event.tenant_unknown"));
    }

    #[test]
    fn no_text_stands_in_the_entry() {
        let checked = event(&State::empty(), PersonId([1; 16]), 0, &one()).unwrap();
        let bytes = checked.entry.encode().unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("\"title\""));
        assert_eq!(EventEntry::decode(&bytes).unwrap(), checked.entry);
        Part::check(&checked.entry.parts, &Digest::ZERO, &checked.entry.command(), &[checked.opening]).unwrap();
    }
}
