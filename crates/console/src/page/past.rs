//! What another table of kinds means: row by row, and for changes that were decided under the one in force.

use super::fact::FactRow;
use super::link;
use crate::scene::Scene;
use control::{Change, Kind, KindTable, Setting, governs, roles_title};
use model::{KindName, Role};
use std::collections::BTreeSet;

/// Past changes that are looked at, the newest first.
const PAST_MAX: usize = 50;

/// A change that was approved, and how it would have fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRow {
    pub title: String,
    pub href: String,
    /// What was required of it then, and who approved.
    pub then: String,
    /// How it would have been decided.
    pub now: String,
    /// Whether that is another end.
    pub differs: bool,
}

/// What a settings change means for what was decided before. Nobody signs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// What it is.
    pub sentence: String,
    pub rows: Vec<PastRow>,
}

fn slots(row: &Kind) -> String {
    let slots: Vec<_> = row.slots.iter().map(control::Slot::title).collect();
    if slots.is_empty() { "nobody".to_owned() } else { slots.join(" + ") }
}

fn time(ms: i64) -> String {
    if ms == 0 { "none".to_owned() } else { super::age(ms) }
}

/// What of a kind's row a reader is told, in its words.
fn words(row: &Kind) -> Vec<(&'static str, String)> {
    let review = row.review.as_ref().map_or_else(
        || "none".to_owned(),
        |review| format!("{} within {}", roles_title(&review.roles), super::age(review.within_ms)),
    );
    let checklist: Vec<_> = row.checklist.iter().map(|item| format!("{} ({})", item.item, item.role.title())).collect();
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    vec![
        ("approved by", slots(row)),
        ("opened by", roles_title(&row.author)),
        ("run by", row.runner.title().to_owned()),
        ("reason required", yes(row.reason_required)),
        ("to be approved within", time(row.approve_within_ms)),
        ("to be run within", time(row.execute_within_ms)),
        ("cools for", time(row.cooling_ms)),
        ("soaks for", time(row.soak_ms)),
        ("grants for at most", row.until_max_ms.map_or_else(|| "no limit".to_owned(), super::age)),
        ("escalated by", row.escalation.as_ref().map_or_else(|| "not needed".to_owned(), |roles| roles_title(roles))),
        ("reviewed by", review),
        ("checklist", if checklist.is_empty() { "none".to_owned() } else { checklist.join(", ") }),
        ("in the catalogue", yes(row.in_catalogue)),
    ]
}

/// Row by row, what differs between the table in force and the next one.
pub fn differences(base: &KindTable, next: &KindTable) -> Vec<FactRow> {
    let names: BTreeSet<KindName> = base.kinds.iter().chain(&next.kinds).map(|row| row.name).collect();
    let mut rows = vec![];
    for name in names {
        let fact = |what: &str, before: String, after: String| FactRow {
            name: format!("{}: {what}", name.title()),
            before,
            after,
        };
        match (base.kind(name), next.kind(name)) {
            (Some(before), Some(after)) if before != after => {
                let told = words(before).into_iter().zip(words(after)).filter(|(one, other)| one.1 != other.1);
                let told: Vec<_> = told.map(|(one, other)| fact(one.0, one.1, other.1)).collect();
                if told.is_empty() {
                    rows.push(fact(
                        "other columns",
                        "as in the document".to_owned(),
                        "differ, see the document".to_owned(),
                    ));
                }
                rows.extend(told);
            }
            (None, Some(after)) => rows.push(fact("approved by", "cannot be asked for".to_owned(), slots(after))),
            (Some(before), None) => {
                rows.push(fact("approved by", slots(before), "cannot be asked for any more".to_owned()));
            }
            _ => {}
        }
    }
    rows
}

/// Gives this slot a person, moving those who were given others where that is needed.
fn fill(
    slot: usize,
    slots: &[control::Slot],
    held: &[Vec<Role>],
    tried: &mut [bool],
    given: &mut [Option<usize>],
) -> bool {
    for at in 0..held.len() {
        if tried[at] || !held[at].iter().any(|role| slots[slot].roles.contains(role)) {
            continue;
        }
        tried[at] = true;
        if given[at].is_none_or(|other| fill(other, slots, held, tried, given)) {
            given[at] = Some(slot);
            return true;
        }
    }
    false
}

/// Whether people who hold these roles fill all slots, each person one.
fn fills(slots: &[control::Slot], held: &[Vec<Role>]) -> bool {
    let mut given = vec![None; held.len()];
    (0..slots.len()).all(|slot| fill(slot, slots, held, &mut vec![false; held.len()], &mut given))
}

/// The roles of each who approved: those of today. Who has lost the role of the slot since held one of its roles then.
fn held(scene: &Scene, change: &Change) -> Vec<Vec<Role>> {
    let of = |(slot, approval): (&u32, &control::Approval)| {
        let mut roles =
            scene.state.roster.person(&approval.filled_by()).map(|one| one.roles.clone()).unwrap_or_default();
        let filled = change.slot_roles(&scene.state, *slot);
        if !roles.iter().any(|role| filled.contains(role)) {
            roles.extend(filled);
        }
        roles
    };
    change.approvals.iter().map(of).collect()
}

fn past(scene: &Scene, change: &Change, next: &KindTable) -> PastRow {
    let id = change.package.change;
    let then = change.required(&scene.state).map(|row| slots(&row)).unwrap_or_default();
    let by: Vec<_> = change.approvals.values().map(|approval| scene.names().person(&approval.filled_by())).collect();
    let author = |row: &Kind| {
        let may =
            |id| scene.state.roster.person(id).is_none_or(|one| one.roles.iter().any(|role| row.author.contains(role)));
        change.authors.iter().all(may)
    };
    // With the slots that its kind adds because of what it asks for.
    let row = next.kind(change.kind).map(|row| governs(change.kind).requirement(&scene.state, change, row));
    let (now, differs) = match row {
        None => ("could not have been asked for".to_owned(), true),
        Some(row) if !author(&row) => (format!("could only have been asked for by {}", roles_title(&row.author)), true),
        Some(row) if !fills(&row.slots, &held(scene, change)) => {
            (format!("these approvals would not have been enough: {}", slots(&row)), true)
        }
        Some(_) => ("approved all the same".to_owned(), false),
    };
    let title =
        scene.names().titles.get(&id).cloned().unwrap_or_else(|| format!("{} {}", change.kind.title(), id.short()));
    PastRow {
        title,
        href: link::change(&id),
        then: format!("needed {then}; approved by {}", by.join(", ")),
        now,
        differs,
    }
}

/// How the changes that were approved last would have been decided under another table of kinds.
pub fn decided(scene: &Scene, setting: &Setting) -> Option<Past> {
    let next = match setting {
        Setting::Kinds(next) => next,
        Setting::Rules { number } => {
            let sentence = format!(
                "How past changes would have been decided under rules {number} is not shown: this build decides by \
                 rules {}.",
                scene.state.rules
            );
            return Some(Past { sentence, rows: vec![] });
        }
        _ => return None,
    };
    let mut changes: Vec<_> = scene
        .state
        .changes
        .values()
        .filter(|change| change.first_approved.is_some() && !change.approvals.is_empty())
        .collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.opened));
    changes.truncate(PAST_MAX);
    let rows: Vec<_> = changes.into_iter().map(|change| past(scene, change, next)).collect();
    let differ = rows.iter().filter(|row| row.differs).count();
    let sentence = format!(
        "Of the {} newest approved changes, {differ} would have been decided otherwise under the new table. Worked out by \
         this console with the roles that people hold today; nobody signs it.",
        rows.len()
    );
    Some(Past { sentence, rows })
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
    fn a_table_that_asks_for_other_roles_is_told_row_by_row() {
        let base = KindTable::standard();
        let mut next = base.clone();
        next.kinds[0].slots.push(Slot::of(Role::SupportAuditor));
        let name = next.kinds[0].name.title();
        let rows = differences(&base, &next);
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(rows[0].name, format!("{name}: approved by"));
        assert!(rows[0].after.ends_with("+ Support Auditor"), "{rows:?}");
        next.kinds.remove(1);
        assert_eq!(differences(&base, &next)[1].after, "cannot be asked for any more");
        assert_eq!(differences(&base, &base), []);
    }
}
