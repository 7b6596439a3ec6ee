//! The ways out of where a change is stuck: which are open now, what each does, and who may.

use super::action;
use super::moment::Moment;
use crate::scene::Scene;
use control::{Change, explain};
use model::{PersonId, Status};
use signed::Reconciled;
use view::{BlockedView, is_said_in};

/// Names that are written out before the rest is counted.
const NAMES_MAX: usize = 6;

/// One way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayOut {
    /// The verb, as of the form that says it.
    pub verb: &'static str,
    pub label: &'static str,
    /// What it does.
    pub does: String,
    /// Who may, or why nobody may now.
    pub who: String,
    /// Whether anybody may.
    pub is_open: bool,
}

/// Why it is stuck, and the ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaysOut {
    pub sentence: String,
    pub ways: Vec<WayOut>,
}

/// Why a change does not go on by itself, and the verbs that could change that.
fn stuck(scene: &Scene, change: &Change) -> Option<(String, &'static [&'static str])> {
    let status = change.status_at(&scene.state, scene.now);
    if status.is_ended() {
        return None;
    }
    let held = !change.holds.is_empty();
    Some(match status {
        Status::Indeterminate => (
            "It is not known how a step ended, so nothing else can be run there. People look, and say how it ended."
                .to_owned(),
            &["observe", "reconcile"],
        ),
        Status::Executing if change.unwinding => (
            "It is being taken back: what was done is undone step by step, and nobody need do anything.".to_owned(),
            &[],
        ),
        Status::Executing if held => (
            "It is held: no further step begins until every hold is released, or two people take it back.".to_owned(),
            &["release", "abort"],
        ),
        Status::Draft if held => {
            ("It is held: once it is sealed, every hold must be released before it can be run.".to_owned(), &["cancel"])
        }
        Status::AwaitingApproval | Status::Approved if held => {
            ("It is held: it cannot be run until every hold is released.".to_owned(), &["release", "cancel", "reject"])
        }
        Status::ReviewDue => (review_due(scene, change), &["review", "revoke"]),
        Status::Effective if !change.has_ended(&scene.state, scene.now) => {
            ("What it gave still stands; it ends by itself, or before its time.".to_owned(), &["revoke"])
        }
        _ => return None,
    })
}

fn review_due(scene: &Scene, change: &Change) -> String {
    match change.review_by {
        Some(by) if scene.now > by => {
            format!("It is done, and its review is overdue: nobody signed it by {}.", Moment::of(by).text)
        }
        _ => "It is done, and waits to be reviewed.".to_owned(),
    }
}

/// What a verb does, said of where this change stands.
fn does(scene: &Scene, change: &Change, verb: &str) -> String {
    let name = |id: &PersonId| scene.names().person(id);
    let slots = || {
        let row = change.required(&scene.state).map(|row| row.slots).unwrap_or_default();
        row.iter().map(control::Slot::title).collect::<Vec<_>>().join(" + ")
    };
    let asked = change.abort_asked.as_ref().filter(|asked| asked.stands(&scene.state, scene.now));
    match verb {
        "release" => {
            let holders: Vec<_> = change.holds.keys().map(name).collect();
            format!(
                "Lifts one hold by name; held by {}. Once all are lifted it goes on. Who releases may not run this \
                 revision.",
                holders.join(", ")
            )
        }
        "abort" => {
            let second = asked.map_or_else(
                || "It takes a second person's word".to_owned(),
                |asked| format!("{} has asked already: one more person's word does it", name(&asked.person)),
            );
            format!("Undoes every step that was done, in reverse order, and ends the change. {second}.")
        }
        "reconcile" => format!(
            "Records how it ended, as before or as planned, and gives back what it keeps for itself. Takes one word of \
             each of {}, and observations that agree.{}",
            slots(),
            reconciled_so_far(scene, change)
        ),
        verb => action::help(verb).to_owned(),
    }
}

/// Who has said already how it ended, by what they said.
fn reconciled_so_far(scene: &Scene, change: &Change) -> String {
    let said = |outcome: Reconciled, as_what: &str| {
        let words = change
            .reconcile_asked
            .iter()
            .filter(|(_, (said, asked))| *said == outcome && asked.stands(&scene.state, scene.now));
        let names: Vec<_> = words.map(|(person, _)| scene.names().person(person)).collect();
        (!names.is_empty()).then(|| format!(" {as_what}, say so far: {}.", names.join(", ")))
    };
    let both = [said(Reconciled::AsBase, "As before"), said(Reconciled::AsPlanned, "As planned")];
    both.into_iter().flatten().collect()
}

/// Everybody who may say a verb now, else what the ledger would answer.
fn who(scene: &Scene, change: &Change, verb: &str) -> (String, bool) {
    let mut names = vec![];
    let mut refusal = None;
    for person in &scene.state.roster.people {
        let verbs = explain(&scene.state, change, &person.id, scene.now).verbs;
        match verbs.into_iter().find(|(word, _)| *word == verb).map(|(_, answer)| answer) {
            Some(Ok(())) => names.push(scene.names().person(&person.id)),
            Some(Err(why)) => drop(refusal.get_or_insert(why)),
            None => {}
        }
    }
    if names.is_empty() {
        let why = refusal.map(|refusal| BlockedView::of(&refusal, scene.names()));
        let why = why.map(|why| format!(": {}. To go on: {}", why.message, why.next)).unwrap_or_default();
        return (format!("Nobody can do it now{why}."), false);
    }
    let more = names.len().saturating_sub(NAMES_MAX);
    names.truncate(NAMES_MAX);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    (format!("Can be done by {}{more}.", names.join(", ")), true)
}

/// The ways out of where it stands; none: it goes on by itself, waits for its next stage, or has ended.
pub fn of(scene: &Scene, change: &Change) -> Option<WaysOut> {
    let (sentence, verbs) = stuck(scene, change)?;
    let status = change.status_at(&scene.state, scene.now);
    let way = |verb: &&'static str| {
        let (who, is_open) = who(scene, change, verb);
        WayOut { verb, label: action::label(verb), does: does(scene, change, verb), who, is_open }
    };
    let ways: Vec<_> = verbs.iter().filter(|verb| is_said_in(status, verb)).map(way).collect();
    // What this change could never have (nothing was granted) is no way out of it.
    let means = |way: &WayOut| way.is_open || way.verb != "revoke";
    Some(WaysOut { sentence, ways: ways.into_iter().filter(means).collect() })
}

#[cfg(test)]
mod tests {
    use super::super::rollback::tests::{scene, serving};
    use super::*;
    use std::sync::Arc;
    use testkit::Double;

    #[tokio::test]
    async fn what_waits_for_its_review_says_when_that_is_overdue() {
        let double = serving().await;
        let now = double.state().last;
        let stands = |late_ms: i64| {
            let mut scene = scene(&double, now);
            // As if what has ended were still to be reviewed.
            let id = scene.state.engines[&Double::ENGINE].stack.last().map(|top| top.change).unwrap();
            let mut change = scene.change(&id).unwrap().into_owned();
            (change.status, change.review_by) = (Status::ReviewDue, Some(now.plus_millis(-late_ms)));
            let state = Arc::make_mut(&mut scene.state);
            state.closed.remove(&id);
            state.changes.insert(id, change.clone());
            of(&scene, &change).unwrap()
        };
        let in_time = stands(-60_000);
        assert!(in_time.sentence.contains("waits to be reviewed") && in_time.ways[0].verb == "review", "{in_time:?}");
        assert!(!in_time.ways[0].does.is_empty() && !in_time.ways[0].who.is_empty(), "{in_time:?}");
        assert!(in_time.ways.iter().all(|way| way.verb != "revoke"), "it granted nothing");
        assert!(stands(60_000).sentence.contains("its review is overdue"));
    }
}
