//! Settings change: another governed document of one name.

use super::{Answers, Detail, Field, FormError, Governs, Input, Kind, Replaces, Slot, Words};
use crate::event::EventName;
use crate::plan::{Fact, Plan};
use crate::{
    Blobs, Body, Change, Document, Effect, Inadmissible, Lock, Package, Refusal, Setting, State, Subject, blobs, rules,
};
use model::{Category, Instant, KindName, Role, SettingName, Severity, canon};

pub(super) struct SettingsChange;

impl Governs for SettingsChange {
    fn name(&self) -> KindName {
        KindName::SettingsChange
    }

    fn row(&self) -> Kind {
        let (go, fr, sa) = (Role::GovernanceOperator, Role::FinanceReviewer, Role::SupportAuditor);
        let slots = vec![Slot::of(go), Slot::either(fr, sa)];
        Kind { author: Role::ALL.to_vec(), cooling_ms: 24 * super::HOUR_MS, ..Kind::usual(self.name(), slots) }
    }

    fn category(&self) -> Category {
        Category::Settings
    }

    fn subject(&self, state: &State, body: &Body) -> Result<Subject, Inadmissible> {
        let Body::Settings { name, .. } = body else { return Err(Inadmissible::OtherPackage) };
        if state.settings.contains_key(name) { Ok(Subject::default()) } else { Err(Inadmissible::UnknownObject) }
    }

    fn locks(&self, body: &Body) -> Vec<Lock> {
        match body {
            Body::Settings { name, .. } => vec![Lock::Setting(*name)],
            _ => vec![],
        }
    }

    fn document(&self, store: &dyn Blobs, body: &Body) -> Result<Option<Document>, Inadmissible> {
        let Body::Settings { name, next, .. } = body else { return Err(Inadmissible::OtherPackage) };
        let bytes = blobs::whole(store, "settings", next).ok_or(Inadmissible::MissingBlob)?;
        let setting: Setting = canon::from_slice(&bytes).map_err(|_| Inadmissible::OtherPackage)?;
        // Who does not know a number cannot judge a ledger that comes under it.
        if let Setting::Rules { number } = &setting
            && !rules::knows(*number)
        {
            return Err(Inadmissible::NewerRules(*number));
        }
        let fits = setting.name() == *name;
        if fits { Ok(Some(Document::Setting(setting))) } else { Err(Inadmissible::OtherPackage) }
    }

    fn draft(&self, state: &State, package: &Package, document: Option<&Document>) -> Result<(), Refusal> {
        let (Body::Settings { name, base, .. }, Some(Document::Setting(setting))) = (&package.body, document) else {
            return Err(Refusal::DocumentUnsound {});
        };
        if state.settings.get(name) != Some(base) {
            return Err(Refusal::BaseDrifted {});
        }
        if let Setting::TenantTerms(terms) = setting
            && let Some(tenant) = terms.burst_alone()
        {
            return Err(Refusal::BurstWithoutRate { tenant });
        }
        setting.check().map_err(|_| Refusal::DocumentUnsound {})?;
        match setting {
            Setting::Rules { number } if *number <= state.rules => Err(Refusal::RulesMustRise {}),
            _ => Ok(()),
        }
    }

    fn requirement(&self, _: &State, change: &Change, row: &Kind) -> Kind {
        let Body::Settings { name, .. } = &change.package.body else { return row.clone() };
        required(row, *name)
    }

    fn foresees(&self, row: &Kind, answers: &Answers) -> Kind {
        answers.setting("name").map_or_else(|_| row.clone(), |name| required(row, name))
    }

    fn rows(&self, row: &Kind) -> Vec<Kind> {
        SettingName::ALL.iter().map(|name| required(row, *name)).collect()
    }

    fn plan(&self, _: &State, change: &Change, _: Instant) -> Result<Plan, Refusal> {
        let Body::Settings { name, base, next } = &change.package.body else { return Err(Refusal::BaseDrifted {}) };
        let fact = |digest| vec![Fact::Setting { name: *name, digest }];
        Ok(Plan::of_ledger(change.ids(), fact(*base), fact(*next), None))
    }

    fn effective(&self, _: &State, change: &Change, _: Instant) -> Vec<Effect> {
        let Body::Settings { name, next, .. } = &change.package.body else { return vec![] };
        vec![Effect::SettingChanged { name: *name, document: *next }]
    }

    fn words(&self, event: EventName) -> Option<Words> {
        let effective = Words {
            title: "Governed document changed",
            sentence: "{people} put the countersigned document in force.",
            severity: Severity::High,
        };
        (event == EventName::Effective).then_some(effective)
    }

    fn replaces(&self) -> Option<Replaces> {
        Some(Replaces::Setting)
    }

    fn details<'a>(&self, _: &State, change: &'a Change) -> Vec<Detail<'a>> {
        match (&change.package.body, &change.document) {
            (Body::Settings { name, base, .. }, Some(Document::Setting(next))) => {
                vec![Detail::Setting { name: *name, base: *base, next }]
            }
            _ => vec![],
        }
    }

    fn form(&self) -> &'static [Field] {
        &[
            Field {
                name: "name",
                label: "Document",
                help: "rules, kinds, recalls or tenant-terms.",
                required: true,
                input: Input::Setting,
            },
            Field {
                name: "document",
                label: "New document",
                help: "The whole document that replaces it, as JSON.",
                required: true,
                input: Input::Document,
            },
        ]
    }

    fn body(&self, state: &State, _: Instant, answers: &Answers) -> Result<Body, FormError> {
        let name = answers.setting("name")?;
        let base = state.settings.get(&name).copied().ok_or(FormError::Unknown("name"))?;
        Ok(Body::Settings { name, base, next: answers.digest("document")? })
    }
}

/// What another document of this name needs: the row, with who must be among its slots. What rules
/// the ledger needs all three roles, is asked for by an operator and cools; terms of tenants are a
/// matter of operators and finance; what only takes away does not cool.
fn required(row: &Kind, name: SettingName) -> Kind {
    let (go, fr, sa) = (Role::GovernanceOperator, Role::FinanceReviewer, Role::SupportAuditor);
    let mut row = row.clone();
    match name {
        SettingName::Rules | SettingName::Kinds => {
            row.author.retain(|role| *role == go);
            demand(&mut row.slots, &[go, fr, sa]);
        }
        SettingName::TenantTerms => {
            demand(&mut row.slots, &[go, fr]);
            row.cooling_ms = 0;
        }
        SettingName::Recalls => row.cooling_ms = 0,
    }
    row
}

/// Each of these roles fills a slot of its own: the first that it may fill is its alone, or there is
/// one more.
fn demand(slots: &mut Vec<Slot>, roles: &[Role]) {
    let mut theirs = vec![];
    for role in roles {
        let fits = |(i, slot): &(usize, &Slot)| slot.roles.contains(role) && !theirs.contains(i);
        let position = slots.iter().enumerate().find(fits).map(|(i, _)| i);
        let position = position.unwrap_or(slots.len());
        match slots.get_mut(position) {
            Some(slot) => *slot = Slot::of(*role),
            None => slots.push(Slot::of(*role)),
        }
        theirs.push(position);
    }
}
