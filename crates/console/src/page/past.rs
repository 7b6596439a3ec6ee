//! What another governed document means: of a table of kinds row by row, and for what was decided before.

use super::fact::FactRow;
use super::link;
use crate::scene::Scene;
use control::{Kind, KindTable, Setting, roles_title};
use model::KindName;
use std::collections::BTreeSet;

/// A past decision, and how it would have come out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRow {
    pub title: String,
    pub href: String,
    /// What it was decided by, and how it came out.
    pub then: String,
    /// How it would have come out.
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

/// How past decisions would have come out under another document of this name.
pub fn decided(scene: &Scene, setting: &Setting) -> Option<Past> {
    let view = scene.past(setting)?;
    let row = |row: view::PastRow| PastRow {
        href: link::change(&row.change),
        title: row.title,
        then: row.then,
        now: row.now,
        differs: row.differs,
    };
    Some(Past { sentence: view.sentence, rows: view.rows.into_iter().map(row).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::Slot;
    use model::Role;

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
