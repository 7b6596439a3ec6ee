//! Buttons: what a person can do about a change, and why not.

use super::field::{FieldRow, Widget};
use super::kinds;
use crate::scene::{Blocked, Scene};
use control::{Change, OnStack, governs};
use model::{Digest, KindName, PersonId, Service};
use view::{BlockedView, Explained, explained};

/// One button with its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Verb, the last part of the form's address.
    pub verb: &'static str,
    /// What the button says.
    pub label: &'static str,
    /// What pressing it does.
    pub help: &'static str,
    /// `primary`, `plain` or `danger`.
    pub tone: &'static str,
    /// Whether it takes a reason, and whether it must.
    pub reason: Option<bool>,
    /// What else it asks.
    pub fields: Vec<FieldRow>,
    /// Why it refuses before anybody is asked: the data behind it is not current, or no key is here.
    pub blocked: Option<Blocked>,
    /// What the ledger would say now, by the same guards: the button still asks it.
    pub refusal: Option<BlockedView>,
}

/// A verb as it stands on the page.
struct Verb {
    word: &'static str,
    label: &'static str,
    help: &'static str,
    tone: &'static str,
    reason: Option<bool>,
}

const fn verb(
    word: &'static str,
    label: &'static str,
    tone: &'static str,
    reason: Option<bool>,
    help: &'static str,
) -> Verb {
    Verb { word, label, help, tone, reason }
}

const VERBS_SHOWN: [Verb; 15] = [
    verb(
        "escalate",
        "Escalate",
        "primary",
        None,
        "Lifts the read-only state of the draft. Who escalates may not approve.",
    ),
    verb(
        "attach",
        "Attach evidence",
        "plain",
        None,
        "Names the evidence for an item of the checklist, by its SHA-256.",
    ),
    verb(
        "seal",
        "Seal",
        "primary",
        None,
        "Signs this package and plan as what is asked for. Who seals may not approve.",
    ),
    verb(
        "approve",
        "Approve",
        "primary",
        None,
        "Signs the digests below for your role's slot. Approval executes nothing.",
    ),
    verb("run", "Run", "primary", None, "Orders the approved plan to be carried out. Everything is checked again."),
    verb("review", "Review", "primary", Some(false), "Signs that what was done under this change was looked at."),
    verb(
        "reconcile",
        "Reconcile",
        "danger",
        Some(false),
        "Says how it ended; takes effect when one holder of each approval slot has said the same and the observations agree.",
    ),
    verb(
        "observe",
        "Observe again",
        "plain",
        None,
        "Asks the services to look again at what the plan starts from. Nothing else about the change moves.",
    ),
    verb("reject", "Reject", "danger", Some(true), "Ends this change without effect."),
    verb("hold", "Hold", "plain", Some(false), "No further step may begin until it is released."),
    verb("release", "Release", "plain", Some(false), "Lifts the hold. Who releases may not run this revision."),
    verb(
        "abort",
        "Take back",
        "danger",
        Some(false),
        "Undoes what was done, step by step. Takes effect with a second person's word; one of the two did not ask for the change.",
    ),
    verb("revoke", "Revoke", "danger", Some(false), "Ends what this change granted, at once."),
    verb("withdraw", "Withdraw approval", "plain", Some(false), "Takes your own approval back."),
    verb("cancel", "Cancel", "danger", Some(false), "Ends a change that was not run."),
];

/// What an act rests on. Stopping something rests on Governance alone: an outage elsewhere must
/// not keep anybody from holding a change. So does saying how a change ended that nobody could read.
pub fn needs(verb: &str, kind: KindName) -> Vec<Service> {
    match verb {
        "hold" | "withdraw" | "reject" | "cancel" | "revoke" | "abort" | "reconcile" | "observe" => {
            vec![Service::Governance]
        }
        _ => kinds::needs(kind),
    }
}

/// What a verb's button says.
pub fn label(verb: &str) -> &'static str {
    VERBS_SHOWN.iter().find(|known| known.word == verb).map_or("", |known| known.label)
}

/// What pressing a verb's button does.
pub fn help(verb: &str) -> &'static str {
    VERBS_SHOWN.iter().find(|known| known.word == verb).map_or("", |known| known.help)
}

/// Characters of a package's fingerprint that are typed.
pub const TYPED: usize = 8;

/// Whether a verb about a change of this kind asks to type how the package's fingerprint begins: to go back is
/// decided in a hurry, and must be decided about what one means.
pub fn asks_fingerprint(kind: KindName, verb: &str) -> bool {
    matches!(verb, "approve" | "run") && governs(kind).on_stack() == Some(OnStack::GoesBack)
}

/// Whether what was typed is how the fingerprint of `package` begins, spaces aside.
pub fn is_fingerprint(typed: &str, package: &Digest) -> bool {
    let typed: String = typed.split_whitespace().collect::<String>().to_ascii_lowercase();
    typed.len() >= TYPED && package.to_string().starts_with(&typed)
}

/// The field in which it is typed.
fn fingerprint(package: &Digest) -> FieldRow {
    let digits = package.to_string();
    // Groups as the page shows them, or none; the browser says so before anything is sent.
    let either = |digit: char| ['[', digit, digit.to_ascii_uppercase(), ']', ' ', '*'];
    let pattern: String = digits[..TYPED].chars().flat_map(either).collect();
    FieldRow::new("fingerprint", "Fingerprint of the package", Widget::Text)
        .required(true)
        .help(format!(
            "Type its first {TYPED} characters, as they stand under What is signed: so nobody goes back to what they do not mean."
        ))
        .pattern(&format!(" *{pattern}[0-9a-fA-F ]*"), "The first 8 characters of this package's fingerprint")
}

/// Whether there is such a verb about a change.
pub fn is_known(verb: &str) -> bool {
    VERBS_SHOWN.iter().any(|known| known.word == verb)
}

/// Refusals that say where a change stands, or what it does not have, and not who asks.
fn is_status(refusal: &BlockedView) -> bool {
    matches!(
        refusal.code.as_str(),
        "change.status"
            | "change.ended"
            | "change.not_held"
            | "withdraw.no_approval"
            | "escalate.nothing"
            | "revoke.nothing"
    )
}

/// What is said to a verb: to the one person who is signed in; for the demo visitor, who may become any
/// of them, only what is said to everybody because of where the change stands.
fn refusal(mut refusals: impl Iterator<Item = Option<BlockedView>>, one: bool) -> Option<BlockedView> {
    let first = refusals.next().flatten();
    let to_all = first.as_ref().is_some_and(is_status) && refusals.all(|other| other.as_ref().is_some_and(is_status));
    first.filter(|_| one || to_all)
}

/// The buttons that mean something where the change stands, and those that do not. A verb that nobody
/// could ever say about this change is in neither.
pub fn all(scene: &Scene, change: &Change) -> (Vec<Action>, Vec<Action>) {
    let Some(viewer) = &scene.viewer else {
        return (vec![], vec![]);
    };
    let people = &scene.state.roster.people;
    let people = people.iter().map(|person| &person.id).filter(|id| viewer.person().is_none_or(|own| own == *id));
    let explained: Vec<_> = people.map(|person| explain(scene, change, person)).collect();
    let action = |verb: &Verb| {
        let said = |one: &Explained| one.verbs.iter().find(|view| view.verb == verb.word).cloned();
        let answers: Vec<_> = explained.iter().filter_map(said).collect();
        let possible = !answers.is_empty() && means(scene, change, verb.word);
        possible.then(|| Action {
            verb: verb.word,
            label: verb.label,
            help: verb.help,
            tone: verb.tone,
            reason: verb.reason,
            fields: fields(scene, change, verb.word),
            blocked: scene.blocked(&needs(verb.word, change.kind)),
            refusal: refusal(answers.into_iter().map(|view| view.refused), viewer.person().is_some()),
        })
    };
    VERBS_SHOWN.iter().filter_map(action).partition(|action| !action.refusal.as_ref().is_some_and(is_status))
}

/// Whether a verb means something about changes of this kind.
fn means(scene: &Scene, change: &Change, verb: &str) -> bool {
    match verb {
        "escalate" => change.required(&scene.state).is_some_and(|row| row.escalation.is_some()),
        "observe" => !governs(change.kind).observers().is_empty(),
        _ => true,
    }
}

/// What a verb asks besides a reason.
fn fields(scene: &Scene, change: &Change, verb: &str) -> Vec<FieldRow> {
    let mut fields = questions(scene, change, verb);
    fields.extend(asks_fingerprint(change.kind, verb).then(|| fingerprint(&change.package_digest)));
    fields
}

fn questions(scene: &Scene, change: &Change, verb: &str) -> Vec<FieldRow> {
    let person = |id: &PersonId| (id.to_string(), scene.names().person(id));
    match verb {
        "approve" => {
            let own = scene.viewer.as_ref().and_then(|viewer| viewer.person());
            let of = |person: &&signed::Person| own.is_some_and(|own| person.has_deputy(own, scene.now));
            let people: Vec<_> = scene.state.roster.people.iter().filter(of).map(|known| person(&known.id)).collect();
            let field = FieldRow::new("on_behalf_of", "In whose place", Widget::Select);
            if people.is_empty() { vec![] } else { vec![field.help("Nobody chosen: for yourself.").choices(people)] }
        }
        "run" if change.plan.as_ref().is_some_and(|plan| !plan.steps.is_empty()) => {
            let field = FieldRow::new("not_before", "Not before", Widget::Time);
            vec![field.help("Eastern Time. Empty: at once; else the ledger's clock starts it then.")]
        }
        "release" if change.holds.len() > 1 => {
            let field = FieldRow::new("of", "Whose hold", Widget::Select).help("Nobody chosen: your own.");
            vec![field.choices(change.holds.keys().map(person))]
        }
        "reconcile" => {
            let ends =
                [("as-base", "It is as it was before"), ("as-planned", "It is as the change would have left it")];
            let field = FieldRow::new("outcome", "How it ended", Widget::Select).required(true);
            vec![field.choices(ends.map(|(word, text)| (word.to_owned(), text.to_owned())))]
        }
        "attach" => {
            let items = change.required(&scene.state).map(|row| row.checklist).unwrap_or_default();
            let item = FieldRow::new("item", "Item", Widget::Select).required(true);
            let choices =
                items.iter().map(|item| (item.item.to_string(), format!("{} ({})", item.item, item.role.title())));
            let evidence = FieldRow::new("evidence", "Evidence", Widget::Text).required(true);
            vec![item.choices(choices), evidence.help("SHA-256 of what is attached, 64 hexadecimal digits.")]
        }
        _ => vec![],
    }
}

/// Who could fill which open slot now, by the slot's title.
pub fn who_can(scene: &Scene, change: &Change) -> Vec<(String, Vec<String>)> {
    // The same for whoever asks.
    let anybody = scene.state.roster.people.first();
    anybody.map(|person| explain(scene, change, &person.id).who_can).unwrap_or_default()
}

/// What a person can do, by the same guards as the ledger's.
fn explain(scene: &Scene, change: &Change, person: &PersonId) -> Explained {
    explained(&scene.state, scene.names(), change, person, scene.now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::{Object, VERBS};

    #[test]
    fn what_is_typed_begins_the_fingerprint_with_or_without_its_spaces() {
        let package = Digest([0x6b; 32]);
        for good in ["6b6b6b6b", " 6B6B 6b6b ", "6b6b 6b6b 6b6b"] {
            assert!(is_fingerprint(good, &package), "{good}");
        }
        for bad in ["", "6b6b6b6", "6b6b6b6c", "6b6b 6b6b ffff", "........"] {
            assert!(!is_fingerprint(bad, &package), "{bad}");
        }
    }

    #[test]
    fn every_verb_about_a_change_has_a_button() {
        // A change is opened by its form, and a machine has no page.
        let machine = |row: &&control::VerbRow| matches!(row.speaker, control::Speaker::Machine);
        let about = VERBS.iter().filter(|row| row.object == Object::Change && row.name != "open" && !machine(row));
        let mut known: Vec<_> = about.map(|row| row.name).collect();
        let mut shown: Vec<_> = VERBS_SHOWN.iter().map(|verb| verb.word).collect();
        known.sort_unstable();
        shown.sort_unstable();
        assert_eq!(shown, known);
    }
}
