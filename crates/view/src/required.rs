//! What approval requires of a change that somebody is about to ask for, in words.

use control::{Answers, Case, Foreseen, Kind, Presence, ReviewWhen, Slot, foreseen, governs, roles_title};
use model::Span;

/// What is required, as far as the answers given so far decide it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredView {
    /// The places among its approvers.
    pub approvers: String,
    /// Who may open it, and who approves it.
    pub sentence: String,
    /// What answers that are not given yet make of it.
    pub cases: Vec<CaseView>,
    /// What depends on the change itself: whole sentences.
    pub conditions: Vec<&'static str>,
    /// For how long it cools, where it does.
    pub cools: Option<String>,
    /// What else its row asks for: whole sentences.
    pub also: Vec<String>,
}

/// What some answers to one question make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseView {
    /// The question.
    pub field: &'static str,
    /// The answers: as a word, and as a person reads it.
    pub choices: Vec<(&'static str, &'static str)>,
    /// What differs.
    pub text: String,
}

fn slots(row: &Kind) -> Vec<String> {
    row.slots.iter().map(Slot::title).collect()
}

/// The places among the approvers: those of the row, and the one that the change names itself.
fn approvers(foreseen: &Foreseen) -> String {
    let named = foreseen.names_slot.map(|field| format!("the role it names as “{}”", field.label));
    slots(&foreseen.row).into_iter().chain(named).collect::<Vec<_>>().join(" + ")
}

fn cools(row: &Kind) -> Option<String> {
    let time = Span(row.cooling_ms);
    (row.cooling_ms > 0).then(|| format!("Once approved it cools for {time} before it may be run."))
}

/// What differs between the row and that of a case.
fn differs(row: &Kind, case: &Case) -> String {
    let mut told = vec![];
    if case.row.author != row.author {
        told.push(format!("opened by a {}", roles_title(&case.row.author)));
    }
    if case.row.slots != row.slots {
        told.push(format!("approved by {}", slots(&case.row).join(" + ")));
    }
    if case.row.cooling_ms != row.cooling_ms {
        told.push(match case.row.cooling_ms {
            0 => "does not cool".to_owned(),
            ms => format!("cools for {}", Span(ms)),
        });
    }
    told.join("; ")
}

/// The review afterwards, and when there is one.
fn review(row: &Kind) -> Option<String> {
    let review = row.review.as_ref()?;
    let (who, within) = (roles_title(&review.roles), Span(review.within_ms));
    let silent = governs(row.name).may_be_unchecked();
    let silent = silent.iter().map(|service| service.title()).collect::<Vec<_>>().join(" or ");
    let when = match review.when {
        ReviewWhen::Always => "Afterwards".to_owned(),
        ReviewWhen::Unchecked => format!("Where {silent} stayed silent and was not checked, afterwards"),
    };
    Some(format!("{when} a {who} reviews it within {within}, who neither asked for it nor approved it."))
}

fn also(row: &Kind) -> Vec<String> {
    let checklist: Vec<_> = row.checklist.iter().map(|item| format!("{} ({})", item.item, item.role.title())).collect();
    let lines = [
        row.escalation
            .as_ref()
            .map(|roles| format!("A draft is read-only until a {} escalates it.", roles_title(roles))),
        (!checklist.is_empty()).then(|| format!("Before approval, evidence is attached for {}.", checklist.join(", "))),
        row.reason_required.then(|| "A reason is required.".to_owned()),
        (row.window == Presence::Required).then(|| "It names a window in which it may be run.".to_owned()),
        Some(format!(
            "Approved within {} of being sealed, run by a {} within {} of being approved.",
            Span(row.approve_within_ms),
            row.runner.title(),
            Span(row.execute_within_ms)
        )),
        row.until_max_ms.map(|ms| format!("It holds for {} at most, and ends by itself.", Span(ms))),
        review(row),
    ];
    lines.into_iter().flatten().collect()
}

impl RequiredView {
    /// Of changes of the row's kind, once these answers are given.
    pub fn of(row: &Kind, answers: &Answers) -> Self {
        let foreseen = foreseen(row, answers);
        let (row, approvers) = (&foreseen.row, approvers(&foreseen));
        let author = roles_title(&row.author);
        let places = row.slots.len() + usize::from(foreseen.names_slot.is_some());
        let others =
            if places == 1 { "another person than who asked" } else { "different people, none of whom asked for it" };
        let case =
            |case: &Case| CaseView { field: case.field, choices: case.choices.clone(), text: differs(row, case) };
        Self {
            sentence: format!("Opened by a {author}; approved by {approvers}, {others}."),
            cases: foreseen.cases.iter().map(case).collect(),
            conditions: foreseen.conditions.to_vec(),
            cools: cools(row),
            also: also(row),
            approvers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::{Answer, KindTable};
    use model::{KindName, Role, SettingName, Token};

    fn of(kind: KindName, answers: &Answers) -> RequiredView {
        RequiredView::of(KindTable::standard().kind(kind).unwrap(), answers)
    }

    #[test]
    fn the_slot_that_a_change_names_is_said_before_and_after_it_is_named() {
        let before = of(KindName::External, &Answers::default());
        assert_eq!(before.approvers, "Governance Operator + the role it names as “Second approver”");
        let roles = Answer::Roles(vec![Role::FinanceReviewer, Role::SupportAuditor]);
        let after = of(KindName::External, &Answers::default().with("slot", roles));
        assert_eq!(after.approvers, "Governance Operator + Finance Reviewer or Support Auditor");
    }

    #[test]
    fn documents_that_need_more_than_the_row_are_named_with_what_they_need() {
        let before = of(KindName::SettingsChange, &Answers::default());
        let told: Vec<_> = before.cases.iter().map(|case| (&case.choices[..], case.text.as_str())).collect();
        let all =
            "opened by a Governance Operator; approved by Governance Operator + Finance Reviewer + Support Auditor";
        let terms = "approved by Governance Operator + Finance Reviewer; does not cool";
        let named = |names: &[SettingName]| names.iter().map(|name| (name.word(), name.title())).collect::<Vec<_>>();
        let expected = [
            (named(&[SettingName::Rules, SettingName::Kinds]), all),
            (named(&[SettingName::Recalls]), "does not cool"),
            (named(&[SettingName::TenantTerms]), terms),
        ];
        let mut expected: Vec<_> = expected.iter().map(|(choices, text)| (&choices[..], *text)).collect();
        let mut told = told;
        expected.sort();
        told.sort();
        assert_eq!(told, expected);
        let rules = of(KindName::SettingsChange, &Answers::default().with("name", Answer::Setting(SettingName::Rules)));
        assert!(rules.cases.is_empty() && rules.cools.is_some());
        assert_eq!(rules.approvers, "Governance Operator + Finance Reviewer + Support Auditor");
        let terms = Answer::Setting(SettingName::TenantTerms);
        assert_eq!(of(KindName::SettingsChange, &Answers::default().with("name", terms)).cools, None);
    }

    #[test]
    fn what_a_row_asks_for_besides_people_is_told() {
        let rollback = of(KindName::Rollback, &Answers::default()).also.join(" ");
        for words in [
            "A reason is required.",
            "Platform Services or Integration Control stayed silent",
            "reviews it within 24 h",
        ] {
            assert!(rollback.contains(words), "{rollback}");
        }
        let quota = of(KindName::QuotaException, &Answers::default()).also.join(" ");
        assert!(quota.contains("It holds for 31 days at most"), "{quota}");
        let leave: Token = "leave".parse().unwrap();
        let roster = of(KindName::RosterChange, &Answers::default());
        assert!(roster.cools.is_some() && roster.conditions.len() == 2);
        assert_eq!(of(KindName::RosterChange, &Answers::default().with("edit", Answer::Token(leave))).cools, None);
    }
}
