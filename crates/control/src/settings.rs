//! The governed documents, and what each must be.

use crate::grant::CYCLES_MAX;
use crate::{Blobs, Cap, KindTable, Price, Quota, Unsound, blobs};
use model::{Digest, LeaseClass, Period, SettingName, TenantId, canon};
use serde::{Deserialize, Serialize};
use signed::{Genesis, Roster};

/// A governed document. On the wire an object with one key, its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Setting {
    /// By which rules commands are decided.
    Rules {
        /// Their number; it only rises.
        number: u32,
    },
    /// The kinds in force.
    Kinds(KindTable),
    /// What was published and no plan may name.
    Recalls {
        /// Sorted.
        digests: Vec<Digest>,
    },
    /// What tenants may use.
    TenantTerms(TenantTerms),
}

/// What tenants may use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantTerms {
    /// One entry a tenant, sorted; a tenant without one has no limits.
    pub tenants: Vec<TenantTerm>,
}

/// One tenant's terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantTerm {
    pub tenant: TenantId,
    /// Its base quota.
    pub quota: Quota,
    /// The AI leases that need no finance review, one a class, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub envelope: Vec<Envelope>,
}

/// What a lease of a class may be without a finance review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    pub class: LeaseClass,
    /// The most of one period.
    pub cycles: u64,
    pub period: Period,
    /// What is charged; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub price: Option<Price>,
}

impl TenantTerms {
    /// The base quota of a tenant.
    pub fn quota(&self, tenant: &TenantId) -> Quota {
        self.tenants.iter().find(|terms| terms.tenant == *tenant).map(|terms| terms.quota).unwrap_or_default()
    }

    /// The envelope of a tenant for a class of leases.
    pub fn envelope(&self, tenant: &TenantId, class: LeaseClass) -> Option<&Envelope> {
        let terms = self.tenants.iter().find(|terms| terms.tenant == *tenant)?;
        terms.envelope.iter().find(|envelope| envelope.class == class)
    }

    /// Whether a lease needs no finance review: the tenant's envelope has its class, period and price, and as many cycles.
    pub fn covers(&self, cap: &Cap) -> bool {
        self.envelope(&cap.tenant, cap.class).is_some_and(|envelope| {
            (envelope.period, &envelope.price) == (cap.period, &cap.price) && cap.cycles <= envelope.cycles
        })
    }

    /// The first tenant with a burst and no rate: nobody would enforce that.
    pub(crate) fn burst_alone(&self) -> Option<TenantId> {
        let alone = |terms: &&TenantTerm| terms.quota.burst.is_some() && terms.quota.per_second.is_none();
        self.tenants.iter().find(alone).map(|terms| terms.tenant)
    }
}

impl Setting {
    /// Its name.
    pub fn name(&self) -> SettingName {
        match self {
            Self::Rules { .. } => SettingName::Rules,
            Self::Kinds(_) => SettingName::Kinds,
            Self::Recalls { .. } => SettingName::Recalls,
            Self::TenantTerms(_) => SettingName::TenantTerms,
        }
    }

    /// Its identity.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn digest(&self) -> Result<Digest, canon::CanonError> {
        canon::digest("settings", self)
    }

    /// What a new ledger is founded with, in the order of the names.
    pub fn standard(kinds: KindTable) -> Vec<Self> {
        vec![
            Self::Rules { number: 0 },
            Self::Kinds(kinds),
            Self::Recalls { digests: vec![] },
            Self::TenantTerms(TenantTerms::default()),
        ]
    }

    /// Whether it holds together by itself.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check(&self) -> Result<(), Unsound> {
        let demand = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(Unsound::from(why)) };
        match self {
            Self::Rules { number } => demand(crate::rules::knows(*number), "this binary does not know these rules"),
            Self::Kinds(kinds) => kinds.check(),
            Self::Recalls { digests } => {
                demand(digests.is_sorted_by(|a, b| a < b), "the digests are not sorted, or one is listed twice")
            }
            Self::TenantTerms(terms) => {
                let sorted = terms.tenants.is_sorted_by(|a, b| a.tenant < b.tenant);
                demand(sorted, "the tenants are not sorted, or one is listed twice")?;
                let classes = |terms: &TenantTerm| terms.envelope.is_sorted_by(|a, b| a.class < b.class);
                demand(
                    terms.tenants.iter().all(classes),
                    "an envelope's classes are not sorted, or one is there twice",
                )?;
                let sound = |envelope: &Envelope| {
                    (1..=CYCLES_MAX).contains(&envelope.cycles) && envelope.price.as_ref().is_none_or(Price::is_sound)
                };
                let sound = |terms: &TenantTerm| terms.envelope.iter().all(sound);
                demand(terms.tenants.iter().all(sound), "an envelope has no cycles, too many, or an impossible price")?;
                demand(terms.burst_alone().is_none(), "a tenant has a burst and no rate, so nothing would limit it")
            }
        }
    }
}

/// A governing document a change names, read from its blob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Document {
    /// The next roster.
    Roster(Roster),
    /// The next document.
    Setting(Setting),
}

/// The documents a genesis names, from their blobs, in its order.
pub(crate) fn founding(store: &dyn Blobs, genesis: &Genesis) -> Option<Vec<Setting>> {
    let read = |digest| canon::from_slice::<Setting>(&blobs::whole(store, "settings", digest)?).ok();
    genesis.settings.iter().map(|first| read(&first.digest)).collect()
}
