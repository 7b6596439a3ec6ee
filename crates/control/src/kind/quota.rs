//! Quota exception: a tenant may use more than its base quota for a while.

use super::{Answers, Detail, Field, FormError, Governs, Input, Kind, Presence, Slot, Words};
use crate::event::{About, EventName};
use crate::plan::{Fact, Plan};
use crate::refusal::refuse_if;
use crate::{
    Body, Change, Document, Effect, GrantEvent, Inadmissible, Lock, Package, Quota, Refusal, State, Subject, Terms,
};
use model::{Category, Instant, KindName, Role, SettingName, Severity};

pub(super) struct QuotaException;

/// The longest exception, milliseconds (31 days).
const LONGEST_MS: i64 = 31 * 24 * super::HOUR_MS;

impl Governs for QuotaException {
    fn name(&self) -> KindName {
        KindName::QuotaException
    }

    fn row(&self) -> Kind {
        let slots = vec![Slot::of(Role::GovernanceOperator), Slot::of(Role::FinanceReviewer)];
        Kind {
            until: Presence::Required,
            until_max_ms: Some(LONGEST_MS),
            in_catalogue: true,
            ..Kind::usual(self.name(), slots)
        }
    }

    fn check_row(&self, row: &Kind) -> Result<(), &'static str> {
        if row.until == Presence::Required { Ok(()) } else { Err("a quota exception must have an end") }
    }

    fn grants(&self) -> bool {
        true
    }

    fn may_be_in_catalogue(&self) -> bool {
        true
    }

    fn category(&self) -> Category {
        Category::Quota
    }

    fn subject(&self, state: &State, body: &Body) -> Result<Subject, Inadmissible> {
        let Body::Grant { terms, .. } = body else { return Err(Inadmissible::OtherPackage) };
        let tenant = terms.tenant();
        if !state.tenants.contains_key(&tenant) {
            return Err(Inadmissible::UnknownObject);
        }
        Ok(Subject { tenants: vec![tenant], engine: None, node: None })
    }

    fn locks(&self, body: &Body) -> Vec<Lock> {
        match body {
            Body::Grant { terms, .. } => vec![Lock::Quota(terms.tenant())],
            _ => vec![],
        }
    }

    /// An exception raises something that the tenant's terms limit; anything else would be decoration.
    fn draft(&self, state: &State, package: &Package, _: Option<&Document>) -> Result<(), Refusal> {
        let Body::Grant { terms: Terms::Quota { tenant, quota }, .. } = &package.body else { return Ok(()) };
        refuse_if(package.body.is_asked_by_other(), Refusal::AskedByOther {})?;
        let base = state.terms.quota(tenant);
        let pairs = [
            (base.memory_mib, quota.memory_mib),
            (base.engines, quota.engines),
            (base.per_second, quota.per_second),
            (base.burst, quota.burst),
            (base.storage_mib, quota.storage_mib),
        ];
        let asked = pairs.iter().filter(|(_, asked)| asked.is_some()).count();
        let raises = pairs.iter().filter(|(base, asked)| base.zip(*asked).is_some_and(|(base, asked)| asked > base));
        refuse_if(asked == 0 || raises.count() != asked, Refusal::QuotaNotRaised {})
    }

    fn plan(&self, state: &State, change: &Change, _: Instant) -> Result<Plan, Refusal> {
        let Body::Grant { for_ms, .. } = &change.package.body else { return Err(Refusal::BaseDrifted {}) };
        let terms = state.settings.get(&SettingName::TenantTerms).copied().ok_or(Refusal::BaseDrifted {})?;
        let base = vec![Fact::Setting { name: SettingName::TenantTerms, digest: terms }];
        Ok(Plan::of_ledger(change.ids(), base.clone(), base, *for_ms))
    }

    fn effective(&self, _: &State, change: &Change, now: Instant) -> Vec<Effect> {
        let until = change.plan.as_ref().and_then(|plan| plan.for_ms).map(|for_ms| now.plus_millis(for_ms));
        let event = GrantEvent::Started { about: About::of(change), until };
        vec![Effect::Grant { grant: change.package.change, event }]
    }

    fn words(&self, event: EventName) -> Option<Words> {
        let (title, sentence, severity) = match event {
            EventName::Sealed => (
                "Quota exception requested for {tenant}",
                "A burst above the base quota waits for approval.",
                Severity::Medium,
            ),
            EventName::Approved => (
                "Quota exception approved for {tenant}",
                "{people} approved it; it holds once it is run.",
                Severity::Medium,
            ),
            EventName::Effective => {
                ("Quota exception in force for {tenant}", "It ends by itself at its time.", Severity::Medium)
            }
            EventName::Closed => {
                ("Quota exception over for {tenant}", "What it raised holds on no node any more.", Severity::Info)
            }
            _ => return None,
        };
        Some(Words { title, sentence, severity })
    }

    fn details<'a>(&self, state: &State, change: &'a Change) -> Vec<Detail<'a>> {
        let Body::Grant { terms: Terms::Quota { tenant, quota }, for_ms, .. } = &change.package.body else {
            return vec![];
        };
        let base = state.terms.quota(tenant);
        let limits = [
            ("Memory, MiB", base.memory_mib, quota.memory_mib),
            ("Engines", base.engines, quota.engines),
            ("Requests a second", base.per_second, quota.per_second),
            ("Burst", base.burst, quota.burst),
            ("Storage, MiB", base.storage_mib, quota.storage_mib),
        ];
        let limit = |limit: Option<u32>| limit.map_or_else(|| "no limit".to_owned(), |limit| limit.to_string());
        let raised = limits.into_iter().filter(|(.., raised)| raised.is_some());
        // The base of today says nothing of what was decided under another.
        let history = change.is_history(state);
        let before = |base| if history { "the base quota of then".to_owned() } else { limit(base) };
        let raised = raised.map(|(name, base, raised)| Detail::becomes(name, before(base), limit(raised)));
        raised.chain(for_ms.map(|for_ms| Detail::HoldsFor { for_ms, tenant: *tenant })).collect()
    }

    fn form(&self) -> &'static [Field] {
        const fn number(name: &'static str, label: &'static str, help: &'static str) -> Field {
            Field { name, label, help, required: false, input: Input::Number }
        }
        const FIELDS: &[Field] = &[
            Field {
                name: "tenant",
                label: "Tenant",
                help: "Whose quota is raised.",
                required: true,
                input: Input::Tenant,
            },
            number("memory-mib", "Memory, MiB", "Memory of all its engines that serve."),
            number("engines", "Engines", "Engines that serve."),
            number("per-second", "Requests a second", "Requests of all its engines on one node."),
            number("burst", "Burst", "Requests that may come at once beyond that."),
            number(
                "storage-mib",
                "Storage, MiB",
                "Of all its engines that serve, as its programs declare; not enforced.",
            ),
            Field {
                name: "for",
                label: "For how long",
                help: "From the moment it is run, as 90m, 8h or 3d.",
                required: true,
                input: Input::Duration,
            },
        ];
        FIELDS
    }

    fn body(&self, _: &State, _: Instant, answers: &Answers) -> Result<Body, FormError> {
        let quota = Quota {
            memory_mib: answers.number_if("memory-mib")?,
            engines: answers.number_if("engines")?,
            per_second: answers.number_if("per-second")?,
            burst: answers.number_if("burst")?,
            storage_mib: answers.number_if("storage-mib")?,
        };
        let terms = Terms::Quota { tenant: answers.tenant("tenant")?, quota };
        Ok(Body::Grant { terms, for_ms: Some(answers.duration("for")?), asked_by: None })
    }
}
