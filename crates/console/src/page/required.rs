//! What approval requires of a change that is about to be asked for, as its form and its card say it.

use super::answered::Answered;
use super::link;
use control::{Answer, Answers, Field, Input, Kind, governs};
use model::{KindName, Role};
use view::{CaseView, RequiredView};

/// What other answers make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// The form with one of these answers given, and the answer.
    pub choices: Vec<(String, &'static str)>,
    pub text: String,
}

/// Where it is read again, and with which fields, as a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    pub href: String,
    pub fields: String,
}

/// What is required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Required {
    /// Who may open it, and who approves it.
    pub sentence: String,
    /// For how long it cools, where it does.
    pub cools: Option<String>,
    pub cases: Vec<CaseRow>,
    /// What depends on the change itself.
    pub conditions: Vec<&'static str>,
    /// What else is asked for.
    pub also: Vec<String>,
}

impl Required {
    /// Whether there is more than the sentence.
    pub fn is_more(&self) -> bool {
        self.cools.is_some() || !self.cases.is_empty() || !self.conditions.is_empty()
    }
}

/// The answers so far that can decide what is required; what is not readable is no answer yet.
fn deciding(kind: KindName, answered: &Answered) -> Answers {
    let answer = |input: Input, text: &str| match input {
        Input::Setting => text.parse().ok().map(Answer::Setting),
        Input::Way(ways) => ways.iter().find(|way| way.word == text)?.word.parse().ok().map(Answer::Token),
        Input::Roles => {
            let roles: Result<Vec<Role>, _> = text.split(',').map(str::parse).collect();
            let mut roles = roles.ok()?;
            roles.sort_unstable();
            roles.dedup();
            Some(Answer::Roles(roles))
        }
        _ => None,
    };
    let given = governs(kind).form().iter().filter_map(|field| {
        let text = answered.get(field.name).filter(|text| !text.is_empty())?;
        Some((field.name, answer(field.input, text)?))
    });
    given.fold(Answers::default(), |answers, (name, answer)| answers.with(name, answer))
}

/// Where what is required is read again once an answer was chosen, by a page with scripts; none where no
/// answer that is chosen in these fields decides it.
pub fn again(kind: KindName, asked: &[&'static str]) -> Option<Again> {
    let governed = governs(kind);
    let decides = |field: &&Field| field.input == Input::Setting || governed.names_slot() == Some(field.name);
    let fields = governed.form().iter().filter(decides).filter(|field| asked.contains(&field.name));
    let fields: Vec<_> = fields.map(|field| format!("#ask-{} [name='{}']", kind.word(), field.name)).collect();
    (!fields.is_empty()).then(|| Again { href: link::ask(kind, &[]), fields: fields.join(", ") })
}

/// What is required of changes of a kind, once these answers are given.
pub fn of(row: &Kind, answered: &Answered) -> Required {
    let view = RequiredView::of(row, &deciding(row.name, answered));
    let case = |case: CaseView| {
        let choice = |(word, title): (&'static str, _)| (link::ask(row.name, &[(case.field, word)]), title);
        CaseRow { choices: case.choices.iter().copied().map(choice).collect(), text: case.text }
    };
    Required {
        sentence: view.sentence,
        cools: view.cools,
        cases: view.cases.into_iter().map(case).collect(),
        conditions: view.conditions,
        also: view.also,
    }
}
