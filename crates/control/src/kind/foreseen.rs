//! What approval will require of a change that somebody is about to ask for.

use super::{Answer, Answers, Field, Input, Kind, governs};
use model::SettingName;

/// What approval requires of changes of a kind, as far as is known before there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// The row, with what the answers given so far make of it.
    pub row: Kind,
    /// The question whose roles fill one more slot, where it was not answered yet.
    pub names_slot: Option<&'static Field>,
    /// What answers to a question that was not answered yet make of it, where they make a difference.
    pub cases: Vec<Case>,
    /// What depends on the change itself, in whole sentences.
    pub conditions: &'static [&'static str],
}

/// Answers to one question that make the same row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The question.
    pub field: &'static str,
    /// The answers: as a word, and as a person reads it.
    pub choices: Vec<(&'static str, &'static str)>,
    pub row: Kind,
}

/// The answers that a question offers, where they are few and may decide what is required.
fn offered(input: Input) -> Vec<(Answer, &'static str, &'static str)> {
    match input {
        Input::Setting => {
            let offer = |name: &SettingName| (Answer::Setting(*name), name.word(), name.title());
            SettingName::ALL.iter().map(offer).collect()
        }
        _ => vec![],
    }
}

/// What approval requires of changes of the row's kind, once these answers are given.
pub fn foreseen(row: &Kind, answers: &Answers) -> Foreseen {
    let kind = governs(row.name);
    let now = kind.foresees(row, answers);
    let open = kind.form().iter().filter(|field| !answers.0.contains_key(field.name));
    let mut cases: Vec<Case> = vec![];
    for field in open.clone() {
        for (answer, word, title) in offered(field.input) {
            let row = kind.foresees(row, &answers.clone().with(field.name, answer));
            match cases.iter_mut().find(|case| case.field == field.name && case.row == row) {
                Some(case) => case.choices.push((word, title)),
                None if row != now => cases.push(Case { field: field.name, choices: vec![(word, title)], row }),
                None => {}
            }
        }
    }
    let names_slot = open.clone().find(|field| Some(field.name) == kind.names_slot());
    Foreseen { row: now, names_slot, cases, conditions: kind.conditions() }
}
