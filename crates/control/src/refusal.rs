//! Every way to be refused: a stable code, what was missing, and what would unblock it.

mod allowed;
mod code;
mod message;
mod no_lease;
mod over_limit;
mod wording;

pub use allowed::Allowed;
pub use no_lease::NoLease;
pub use over_limit::{OverLimit, QuotaLimit};

use model::{
    ChangeId, Digest, EngineId, Instant, KindName, NodeId, PersonId, Resource, Role, Service, Status, TenantId, Token,
};
use serde::{Deserialize, Serialize};

/// A refusal as it stands in the leaf: codes and ids, no text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Refusal {
    /// The signer's key is not theirs now.
    KeyNotActive {},
    /// Signed too long ago.
    StatementExpired {
        /// When it ended.
        not_after: Instant,
        /// The ledger's clock: one of the two is perhaps wrong.
        now: Instant,
    },
    /// Not-after further away than a statement may be.
    NotAfterTooFar {
        /// When it would end.
        not_after: Instant,
        /// The ledger's clock.
        now: Instant,
    },
    /// The signer had not yet seen the sealed package.
    SeenTooEarly {
        /// Size a later checkpoint must exceed.
        needed: u64,
    },
    /// The role is missing.
    RoleMissing {
        /// One of these, sorted.
        needed: Vec<Role>,
    },
    /// The role came after the package was sealed.
    RoleTooNew {
        /// The leaf that sealed it.
        sealed: u64,
    },
    /// Not a deputy of that person now.
    NotDeputy {
        of: PersonId,
    },
    /// A pipeline or an agent: it decides nothing.
    MachineMayNot {},
    /// A person's word, where only a machine identity's counts.
    OnlyMachines {},
    /// The change does not stand where this is possible.
    StatusWrong {
        /// Where it stands.
        status: Status,
    },
    /// Another revision is current.
    RevisionStale {
        current: u32,
    },
    /// Package, plan or requirement are not the sealed ones.
    DigestsDiffer {},
    /// This kind needs a reason.
    ReasonMissing {},
    /// An executor has not observed yet.
    ObservationMissing {
        service: Service,
    },
    /// An observation is too old to plan on.
    ObservationStale {
        service: Service,
    },
    /// Nothing of this sort is published under the digest.
    ResourceUnknown {
        resource: Resource,
    },
    /// Platform Services does not hold it, or not as its digest says.
    ResourceNotHeld {
        resource: Resource,
    },
    /// Platform Services has not certified it.
    NotCertified {
        resource: Resource,
        /// Why it never will, where that was said.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        why: Option<Token>,
    },
    /// It was published for another tenant's engines.
    ResourceOfOther {
        resource: Resource,
    },
    /// The artifact is made for another sort of engine.
    RuntimeOther {
        /// What the artifact is made for.
        artifact: Token,
        /// What the engine is.
        engine: Token,
    },
    /// The engine's profile allows less memory.
    MemoryAboveProfile {
        needed_mib: u32,
        allowed_mib: u32,
        /// What the program's manifest lets a config give it at least.
        least_mib: u32,
    },
    /// The config lacks variables that the program requires.
    ConfigIncomplete {
        /// The first of them, by name.
        missing: Vec<MissingVariable>,
        /// How many more there are.
        more: u32,
        /// Whether a config is bound at all.
        bound: bool,
    },
    /// The config has a secret of the program among its values, which everybody can read.
    SecretInTheOpen {
        key: Token,
    },
    /// The config sets something otherwise than the program's manifest allows.
    ConfigOutside {
        what: Token,
        allowed: Allowed,
    },
    /// The config names a host that the engine is not registered for.
    HostOther {
        host: Token,
    },
    /// A secret that the config names is not deposited on the engine's node.
    SecretMissing {
        secret: Digest,
    },
    /// There is no such AI lease, or it does not stand.
    LeaseNotStanding {
        lease: ChangeId,
        /// Why it does not.
        why: NoLease,
        /// Whether it was to be raised, and not to be bound.
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        raise: bool,
    },
    /// The lease is another tenant's.
    LeaseOfOther {
        lease: ChangeId,
    },
    /// A lease whose terms are not possible.
    LeaseUnsound {},
    /// Platform Services cannot count in the lease's time zone.
    LeaseZoneUnknown {
        zone: Token,
    },
    /// An override that does not raise the lease's cycles.
    LeaseNotRaised {},
    /// Another override of the lease stands.
    LeaseRaisedAlready {
        by: ChangeId,
    },
    /// It is said that another tenant asked for it.
    AskedByOther {},
    /// What was found is not what was published.
    CertificateOther {},
    /// The period is not over.
    PeriodOpen {
        until: Instant,
    },
    /// The journal does not have what it had: it is shorter, or as long and another one.
    JournalShorter {
        /// Entries it had.
        known: u64,
    },
    /// Blocked on placement.
    PlacementInsufficient {
        needed_mib: u32,
        /// Left, MiB.
        free_mib: u32,
    },
    /// The engine is not as recorded or planned.
    BaseDrifted {},
    /// There is no certified bundle below the serving one.
    NothingBelow {},
    /// The rollback's target serves already.
    AlreadyServing {},
    /// Another bundle was certified last.
    NotLastCertified {
        certified: Digest,
    },
    /// No distinct people could fill the slots.
    Unsatisfiable {
        /// Roles of a slot nobody could fill.
        slot: Vec<Role>,
    },
    /// The change has no such slot.
    SlotUnknown {
        /// Which position.
        slot: u32,
    },
    /// Somebody fills it already.
    SlotFilled {
        slot: Vec<Role>,
        by: PersonId,
    },
    /// Who asked for a change neither approves nor rejects it.
    AuthorMayNotApprove {},
    /// One person fills one slot.
    OnePersonOneSlot {
        /// Roles of the slot this person fills.
        filled: Vec<Role>,
    },
    /// There is nothing to take back.
    NoApproval {},
    Held {
        by: PersonId,
    },
    /// It is not held.
    NotHeld {},
    /// Who released a hold does not run that revision.
    ReleaserMayNotRun {},
    /// An approver no longer holds the role or the key.
    ApproverNotEligible {
        slot: Vec<Role>,
        person: PersonId,
    },
    /// Not all slots are filled.
    SlotsOpen {
        /// Roles of those that are not.
        slots: Vec<Vec<Role>>,
    },
    OutsideWindow {
        from: Instant,
        until: Instant,
    },
    /// Another change is being carried out there.
    Locked {
        by: ChangeId,
        /// Where that stands.
        status: Status,
        /// Who holds that one, if somebody does.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        held_by: Option<PersonId>,
    },
    /// An id, port or host name that is taken.
    Taken {},
    /// The same is published for these engines already.
    PublishedAlready {
        resource: Resource,
        /// In which leaf, where that was for one tenant's engines.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        index: Option<u64>,
    },
    /// It is recalled already.
    RecalledAlready {
        resource: Resource,
        /// In which leaf.
        index: u64,
    },
    /// The same was published before, as another product or version, or as something else.
    PublishedOtherwise {
        resource: Resource,
        product: Token,
        version: Token,
    },
    /// Something else is published as this product and version, for the same engines.
    EditionTaken {
        resource: Resource,
        /// What is.
        by: Digest,
    },
    /// The step is not this service's, or not due.
    StepNotDue {},
    /// The step has an intent without outcome.
    IntentOpen {},
    /// The outcome names no open intent.
    IntentUnknown {},
    /// The receipt is of another service or node than the step.
    ReceiptForeign {},
    /// The step's key is not the one that follows from it.
    ReceiptKey {},
    /// The intent's end is past, or further away than it may be.
    ReceiptActBy {
        /// Longest time ahead, milliseconds.
        most_ms: i64,
    },
    /// What was observed is not what everyone must find.
    ReceiptObserved {
        /// What the plan names.
        expected: Digest,
    },
    /// A refused or unknown outcome says why.
    ReceiptCode {},
    /// The service's clock differs by more than it may.
    ReceiptClock {
        /// When it was signed.
        at: Instant,
    },
    /// The service has not yet verified the leaf this is about.
    ReceiptTooEarly {
        /// Size a later checkpoint must exceed.
        needed: u64,
    },
    /// The service signed an intent it does not know; its key must be replaced.
    ServiceDistrusted {},
    /// It was recalled.
    ResourceRecalled {
        resource: Resource,
    },
    /// The engine that shall prove the release is unknown, or the same one.
    ProvenOnUnknown {},
    /// The release is not effective and certified on that engine.
    NotProven {
        on: EngineId,
    },
    /// Nothing serves on the engine.
    NothingServes {},
    /// The engine is not drained.
    NotDrained {},
    /// Nothing was ever certified on the engine.
    NothingCertified {},
    /// An exception that raises no limit of the tenant's terms.
    QuotaNotRaised {},
    /// More than the tenant's quota.
    QuotaExceeded {
        tenant: TenantId,
        /// Every limit that would be exceeded.
        over: Vec<OverLimit>,
    },
    /// The second slot names no role, or not in order.
    SlotUnsound {},
    /// The governed document does not hold together.
    DocumentUnsound {},
    /// Terms with a burst and no rate.
    BurstWithoutRate {
        tenant: TenantId,
    },
    /// Rules only rise.
    RulesMustRise {},
    /// Nobody could open, approve or run these any more.
    KindUnreachable {
        kinds: Vec<KindName>,
    },
    /// A key that was listed before.
    KeyReturns {
        key: Digest,
    },
    /// The next roster leaves out a node with an engine on it.
    NodeInUse {
        node: NodeId,
    },
    /// A new key without proof that somebody holds it.
    PossessionMissing {},
    /// A window where the kind has none, or none where it needs one.
    WindowWrong {},
    /// A length of time that the kind does not allow.
    UntilWrong {
        /// The longest, milliseconds; absent: the kind grants nothing for a time.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        most_ms: Option<i64>,
    },
    /// The superseded change is not an open one of the same kind about the same.
    SupersedesWrong {},
    /// The draft is read-only until somebody else escalates it.
    NotEscalated {
        /// Who may.
        by: Vec<Role>,
    },
    /// There is nothing to escalate.
    NothingToEscalate {},
    /// The checklist has no such item.
    ItemUnknown {},
    /// Items without evidence.
    ChecklistOpen {
        items: Vec<Token>,
    },
    /// Who it gives something to or takes something from decides nothing about it.
    Concerned {},
    /// It may not be run yet.
    Cooling {
        /// Not before.
        until: Instant,
    },
    /// A run that takes effect at once, with an end further away than it may be.
    RunTooFar {},
    /// Another requirement would hold now.
    RequirementChanged {},
    /// Nothing to carry out later.
    NotScheduled {},
    /// There is nothing that could be revoked.
    NothingGranted {},
    /// The change has no warrant.
    WarrantMissing {},
    /// The warrant was used.
    WarrantUsed {
        /// In which leaf.
        index: u64,
    },
    /// A person revoked the warrant.
    WarrantRevoked {
        /// In which leaf.
        index: u64,
    },
    /// The warrant's time is over.
    WarrantOver {
        /// It was good before then.
        until: Instant,
    },
    /// The reviewer asked for or approved the change.
    ReviewerNotDistinct {},
    /// A service that was not observed before has not been read since.
    ReadingMissing {
        service: Service,
    },
    /// An earlier change of this person waits for its review.
    ReviewOverdue {
        change: ChangeId,
    },
    /// Only a held change is taken back.
    AbortNotHeld {},
    /// Some step that was done cannot be undone.
    NotUndoable {},
    /// The second word must be another person's.
    SecondPerson {},
    /// One of the two must not have asked for the change.
    BothAuthors {},
    /// The observations do not agree with that end.
    NotReconciled {
        /// Which service says otherwise, or has not been read.
        service: Service,
    },
    /// Nobody could ask for a roster change afterwards.
    SuspendsLast {},
    /// The key is not an active key of that person.
    KeyUnknown {},
}

/// A variable that a program requires, and nothing sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissingVariable {
    pub key: Token,
    /// Whether it is a secret.
    pub secret: bool,
}

impl Refusal {
    /// Whether it looks like a try to get around another person.
    pub(crate) fn is_evasion(&self) -> bool {
        matches!(
            self,
            Self::AuthorMayNotApprove {}
                | Self::OnePersonOneSlot { .. }
                | Self::ReleaserMayNotRun {}
                | Self::KeyNotActive {}
                | Self::ApproverNotEligible { .. }
                | Self::Concerned {}
                | Self::SecondPerson {}
                | Self::BothAuthors {}
                | Self::ReviewerNotDistinct {}
                | Self::WarrantUsed { .. }
                | Self::WarrantRevoked { .. }
        )
    }
}

/// A refusal where something holds.
pub(crate) fn refuse_if(refused: bool, refusal: Refusal) -> Result<(), Refusal> {
    if refused { Err(refusal) } else { Ok(()) }
}
