//! How past decisions would have come out under another governed document. Nobody signs it.

use crate::Names;
use control::{
    Change, EndedChanges, Kind, KindTable, PastWord, PastWords, Presence, RULES_MAX, Setting, State, Verdict, governs,
    roles_title, verb_row,
};
use model::{ChangeId, PersonId, Role};
use signed::{Part, Person, REASON};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Past changes that are looked at, the newest first.
const CHANGES_MAX: usize = 50;

/// A past decision, and how it would have come out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRow {
    pub change: ChangeId,
    /// The change's title.
    pub title: String,
    /// What it was decided by, and how it came out.
    pub then: String,
    /// How it would have come out.
    pub now: String,
    /// Whether that is another end.
    pub differs: bool,
}

/// What another document means for what was decided before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastView {
    /// What was looked at and what came of it, or why nothing can be shown.
    pub sentence: String,
    pub rows: Vec<PastRow>,
}

fn slots(row: &Kind) -> String {
    let slots: Vec<_> = row.slots.iter().map(control::Slot::title).collect();
    if slots.is_empty() { "nobody".to_owned() } else { slots.join(" + ") }
}

/// Whether people who hold these roles fill all slots, each person one.
fn fills(slots: &[control::Slot], held: &[Vec<Role>]) -> bool {
    let person = |(number, roles): (u8, &Vec<Role>)| Person {
        id: PersonId([number; 16]),
        roles: roles.clone(),
        keys: vec![],
        tenants: None,
        deputies: vec![],
    };
    let people: Vec<_> = (0..).zip(held).map(person).collect();
    control::can_fill(&people.iter().collect::<Vec<_>>(), slots, &BTreeSet::new()).is_ok()
}

/// The roles of each who approved: those of today. Who has lost the role of the slot since held one of its roles then.
fn held(state: &State, change: &Change) -> Vec<Vec<Role>> {
    let of = |(slot, approval): (&u32, &control::Approval)| {
        let mut roles = state.roster.person(&approval.filled_by()).map(|one| one.roles.clone()).unwrap_or_default();
        let filled = change.slot_roles(state, *slot);
        if !roles.iter().any(|role| filled.contains(role)) {
            roles.extend(filled);
        }
        roles
    };
    change.approvals.iter().map(of).collect()
}

fn title(state: &State, names: &Names, id: &ChangeId) -> String {
    let kind = || state.kind_of(id).map_or("Change", model::KindName::title);
    names.titles.get(id).cloned().unwrap_or_else(|| format!("{} {}", kind(), id.short()))
}

fn holds(state: &State, id: &PersonId, roles: &[Role]) -> bool {
    state.roster.person(id).is_none_or(|one| one.roles.iter().any(|role| roles.contains(role)))
}

fn fits(presence: Presence, there: bool) -> bool {
    match presence {
        Presence::None => !there,
        Presence::Optional => true,
        Presence::Required => there,
    }
}

/// What would have kept a change from being approved; none: nothing that is looked at here.
fn unapproved(state: &State, change: &Change, row: &Kind) -> Option<String> {
    let missing: Vec<_> = row.checklist.iter().filter(|item| !change.attached.contains_key(&item.item)).collect();
    let missing: Vec<_> = missing.iter().map(|item| item.item.as_str()).collect();
    let within = |ms: i64| change.required(state).map_or(ms, |then| ms - then.approve_within_ms);
    let until = change.approve_by.map(|until| until.plus_millis(within(row.approve_within_ms)));
    let last = change.approvals.values().map(|approval| approval.at).max();
    if !change.authors.iter().all(|id| holds(state, id, &row.author)) {
        Some(format!("could only have been asked for by {}", roles_title(&row.author)))
    } else if row.reason_required && !Part::any_about(&change.package.parts, REASON) {
        Some("could not have been sealed without a reason".to_owned())
    } else if !fits(row.window, change.package.window.is_some()) {
        let window = if row.window == Presence::Required { "without a window" } else { "with a window" };
        Some(format!("could not have been opened {window}"))
    } else if row.escalation.is_some() && change.escalated.is_none() {
        Some("could not have been sealed before it was escalated".to_owned())
    } else if !missing.is_empty() {
        Some(format!("could not have been approved without evidence for {}", missing.join(", ")))
    } else if !fills(&row.slots, &held(state, change)) {
        Some(format!("these approvals would not have been enough: {}", slots(row)))
    } else if until.zip(last).is_some_and(|(until, last)| last > until) {
        Some("would have expired before it was approved".to_owned())
    } else {
        None
    }
}

/// What would have kept an approved change from being run as it was; none: nothing that is looked at here.
fn not_run(state: &State, change: &Change, row: &Kind, next: &Kind) -> Option<String> {
    let (run, approved) = (change.run.as_ref()?, change.first_approved?);
    // What a roster change gives is told from the roster that it replaced: by what was frozen then.
    let cooled = change.required(state).is_some_and(|then| then.cooling_ms > 0);
    let cooling_ms = if cooled { row.cooling_ms.max(next.cooling_ms) } else { row.cooling_ms };
    if !holds(state, &run.person, &[row.runner]) {
        Some(format!("approved, but only a {} could have run it", row.runner.title()))
    } else if run.at < approved.plus_millis(cooling_ms) {
        Some("approved, but could not have been run so soon".to_owned())
    } else if run.at > approved.plus_millis(row.execute_within_ms) {
        Some("approved, but would have expired before it was run".to_owned())
    } else {
        None
    }
}

fn approved(state: &State, names: &Names, change: &Change, next: &KindTable) -> PastRow {
    let id = change.package.change;
    let then = change.required(state).map(|row| slots(&row)).unwrap_or_default();
    let by: Vec<_> = change.approvals.values().map(|approval| names.person(&approval.filled_by())).collect();
    let otherwise = match next.kind(change.kind) {
        None => Some("could not have been asked for".to_owned()),
        Some(next) => {
            // With the slots that its kind adds because of what it asks for.
            let row = governs(change.kind).requirement(state, change, next);
            unapproved(state, change, &row).or_else(|| not_run(state, change, &row, next))
        }
    };
    let then = format!("needed {then}; approved by {}", by.join(", "));
    let differs = otherwise.is_some();
    let now = otherwise.unwrap_or_else(|| "approved all the same".to_owned());
    PastRow { title: title(state, names, &id), change: id, then, now, differs }
}

/// How the changes that were approved last would have been decided under another table of kinds.
fn under_kinds(state: &State, kept: &dyn EndedChanges, names: &Names, next: &KindTable) -> PastView {
    let open = state.changes.values().filter(|change| change.first_approved.is_some()).map(Cow::Borrowed);
    let ended = state.ended_before(None).filter(|(_, closed)| closed.approved).take(CHANGES_MAX);
    let ended = ended.filter_map(|(id, _)| state.record(kept, id).ok());
    let mut changes: Vec<_> = open.chain(ended).filter(|change| !change.approvals.is_empty()).collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.opened));
    changes.truncate(CHANGES_MAX);
    let rows: Vec<_> = changes.iter().map(|change| approved(state, names, change, next)).collect();
    let differ = rows.iter().filter(|row| row.differs).count();
    let sentence = format!(
        "Of the {} newest approved changes, {differ} would have been decided otherwise under the new table. Looked at here \
         are who asked for it, approved and ran it, by the roles that people hold today, its reason, window, evidence and \
         times; nobody signs it.",
        rows.len()
    );
    PastView { sentence, rows }
}

fn said(names: &Names, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Accepted => "accepted".to_owned(),
        Verdict::Refused(refusal) => {
            format!("refused: {} ({})", refusal.message(&|person| names.person(person)).0, refusal.code())
        }
    }
}

fn word(state: &State, names: &Names, word: PastWord) -> PastRow {
    let verb = verb_row(word.verb).name;
    let now = word.now.as_ref().map_or_else(|why| format!("not recorded: {why}"), |verdict| said(names, verdict));
    PastRow {
        title: title(state, names, &word.change),
        change: word.change,
        then: format!("{verb}, entry {}: {}", word.index, said(names, &word.then)),
        now,
        differs: word.now.as_ref() != Ok(&word.then),
    }
}

/// Which of the newest words about changes would have been decided otherwise under the rules of another number.
fn under_rules(state: &State, names: &Names, number: u32, words: &PastWords) -> PastView {
    let Some(again) = words.under(number) else {
        let sentence = format!(
            "How past decisions would have come out under the rules {number} cannot be shown here: this build knows no \
             rules above {RULES_MAX}. Look at them with a build that knows the rules {number} before you sign."
        );
        return PastView { sentence, rows: vec![] };
    };
    let seen: Vec<_> = again.into_iter().filter(|word| state.subject(&word.change).is_some()).collect();
    let looked_at = seen.len();
    let rows: Vec<_> = seen.into_iter().map(|one| word(state, names, one)).filter(|row| row.differs).collect();
    let sentence = format!(
        "Of the {looked_at} newest words about changes, {} would have been decided otherwise under the rules {number}. \
         Each was decided again here, in the state that it met; nobody signs it.",
        rows.len()
    );
    PastView { sentence, rows }
}

impl PastView {
    /// Under a document that rules what is decided; none: the document does not. `words` are the newest ones
    /// of this ledger.
    pub fn of(
        state: &State,
        kept: &dyn EndedChanges,
        names: &Names,
        setting: &Setting,
        words: &PastWords,
    ) -> Option<Self> {
        match setting {
            Setting::Kinds(next) => Some(under_kinds(state, kept, names, next)),
            Setting::Rules { number } => Some(under_rules(state, names, *number, words)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::Slot;

    #[test]
    fn one_person_fills_one_slot_and_makes_room_for_who_fits_no_other() {
        let (go, fr) = (Role::GovernanceOperator, Role::FinanceReviewer);
        let slots = [Slot::of(go), Slot::of(fr)];
        assert!(fills(&slots, &[vec![go, fr], vec![go]]), "the second moves to the only slot it fits");
        assert!(!fills(&slots, &[vec![go, fr]]));
        assert!(!fills(&slots, &[vec![go], vec![go]]));
        assert!(fills(&[], &[]));
    }

    #[test]
    fn rules_that_this_build_does_not_know_are_said_to_be_unknown() {
        let setting = Setting::Rules { number: RULES_MAX + 1 };
        let past = PastView::of(&State::empty(), &(), &Names::default(), &setting, &PastWords::default()).unwrap();
        assert!(past.sentence.contains("cannot be shown here: this build knows no rules above"), "{}", past.sentence);
        assert_eq!(past.rows, []);
    }
}
