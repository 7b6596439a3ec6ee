//! What each refusal says: what was missing, and what would unblock it. The texts stand by noun in
//! the modules below; this is the table of them, complete by the compiler's word.

mod bound;
mod change;
mod execution;
mod people;
mod plan;
mod roster;
mod statement;
mod warrant;

use super::Refusal;
use model::PersonId;

impl Refusal {
    /// Both in one line, as an executor reports them, which knows nobody by name.
    pub fn in_one_line(&self) -> String {
        let (message, next) = self.message(&|person| person.to_string());
        format!("{message}; {next}")
    }

    /// What was missing and what would unblock it; `name` says who a person is.
    #[allow(clippy::too_many_lines, reason = "a table: one row a refusal")]
    pub fn message(&self, name: &dyn Fn(&PersonId) -> String) -> (String, String) {
        match self {
            Self::KeyNotActive {} => statement::key_not_active(),
            Self::StatementExpired { not_after, now } => statement::expired(*not_after, *now),
            Self::NotAfterTooFar { not_after, now } => statement::not_after_too_far(*not_after, *now),
            Self::SeenTooEarly { needed } => statement::seen_too_early(*needed),
            Self::RevisionStale { current } => statement::revision_stale(*current),
            Self::DigestsDiffer {} => statement::digests_differ(),
            Self::SecondPerson {} => statement::second_person(),
            Self::MachineMayNot {} => statement::machine_may_not(),
            Self::OnlyMachines {} => statement::only_machines(),

            Self::RoleMissing { needed } => people::role_missing(needed),
            Self::RoleTooNew { sealed } => people::role_too_new(*sealed),
            Self::NotDeputy { of } => people::not_deputy(&name(of)),
            Self::Concerned {} => people::concerned(),
            Self::Unsatisfiable { slot } => people::unsatisfiable(slot),
            Self::SlotUnknown { slot } => people::slot_unknown(*slot),
            Self::SlotUnsound {} => people::slot_unsound(),
            Self::SlotFilled { slot, by } => people::slot_filled(slot, &name(by)),
            Self::SlotsOpen { slots } => people::slots_open(slots),
            Self::AuthorMayNotApprove {} => people::author(),
            Self::OnePersonOneSlot { filled } => people::one_slot(filled),
            Self::NoApproval {} => people::no_approval(),
            Self::ApproverNotEligible { slot, person } => people::not_eligible(slot, &name(person)),
            Self::ReleaserMayNotRun {} => people::releaser(),
            Self::ReviewerNotDistinct {} => people::reviewer(),
            Self::BothAuthors {} => people::both_authors(),

            Self::StatusWrong { status } => change::status(*status),
            Self::ReasonMissing {} => change::reason_missing(),
            Self::WindowWrong {} => change::window_wrong(),
            Self::UntilWrong { most_ms } => change::until_wrong(*most_ms),
            Self::SupersedesWrong {} => change::supersedes_wrong(),
            Self::NotEscalated { by } => change::not_escalated(by),
            Self::NothingToEscalate {} => change::nothing_to_escalate(),
            Self::ItemUnknown {} => change::item_unknown(),
            Self::ChecklistOpen { items } => change::checklist_open(items),
            Self::Held { by } => change::held(&name(by)),
            Self::NotHeld {} => change::not_held(),
            Self::NothingGranted {} => change::nothing_granted(),
            Self::WarrantMissing {} => warrant::missing(),
            Self::WarrantUsed { index } => warrant::used(*index),
            Self::WarrantRevoked { index } => warrant::revoked(*index),
            Self::WarrantOver { until } => warrant::over(*until),
            Self::ReviewOverdue { change } => change::review_overdue(change),
            Self::RequirementChanged {} => change::requirement_changed(),

            Self::ObservationMissing { service } => plan::observation_missing(*service),
            Self::ObservationStale { service } => plan::observation_stale(*service),
            Self::PlacementInsufficient { needed_mib, free_mib } => plan::placement(*needed_mib, *free_mib),
            Self::BaseDrifted {} => plan::base_drifted(),
            Self::NothingBelow {} => plan::nothing_below(),
            Self::AlreadyServing {} => plan::already_serving(),
            Self::NotLastCertified { certified } => plan::not_last_certified(certified),
            Self::ProvenOnUnknown {} => plan::proven_on_unknown(),
            Self::NotProven { on } => plan::not_proven(on),
            Self::NothingServes {} => plan::nothing_serves(),
            Self::NotDrained {} => plan::not_drained(),
            Self::NothingCertified {} => plan::nothing_certified(),
            Self::QuotaNotRaised {} => plan::quota_not_raised(),
            Self::QuotaExceeded { tenant, over } => plan::quota_exceeded(tenant, over),

            Self::ResourceUnknown { resource } => bound::unknown(*resource),
            Self::ResourceNotHeld { resource } => bound::not_held(*resource),
            Self::ResourceRecalled { resource } => bound::recalled(*resource),
            Self::NotCertified { resource, why } => bound::not_certified(*resource, why.as_ref()),
            Self::ResourceOfOther { resource } => bound::other_tenant(*resource),
            Self::RuntimeOther { artifact, engine } => bound::runtime(artifact, engine),
            Self::MemoryAboveProfile { needed_mib, allowed_mib, least_mib } => {
                bound::memory(*needed_mib, *allowed_mib, *least_mib)
            }
            Self::ConfigIncomplete { missing, more, bound } => bound::incomplete(missing, *more, *bound),
            Self::SecretInTheOpen { key } => bound::in_the_open(key),
            Self::ConfigOutside { what, allowed } => bound::outside(what, allowed),
            Self::HostOther { host } => bound::host(host),
            Self::SecretMissing { secret } => bound::secret(secret),
            Self::LeaseNotStanding { lease, why, raise } => bound::lease_not_standing(lease, *why, *raise),
            Self::LeaseOfOther { lease } => bound::lease_of_other(lease),
            Self::LeaseUnsound {} => bound::lease_unsound(),
            Self::LeaseZoneUnknown { zone } => bound::lease_zone_unknown(zone),
            Self::LeaseNotRaised {} => bound::lease_not_raised(),
            Self::LeaseRaisedAlready { by } => bound::lease_raised_already(by),
            Self::AskedByOther {} => bound::asked_by_other(),
            Self::CertificateOther {} => bound::certificate(),
            Self::PeriodOpen { until } => bound::period_open(*until),
            Self::JournalShorter { known } => bound::journal_shorter(*known),

            Self::PublishedAlready { resource, index } => bound::published_already(*resource, *index),
            Self::RecalledAlready { resource, index } => bound::recalled_already(*resource, *index),
            Self::Taken {} => roster::taken(),
            Self::PublishedOtherwise { resource, product, version } => {
                bound::published_otherwise(*resource, product, version)
            }
            Self::EditionTaken { resource, by } => bound::edition_taken(*resource, by),
            Self::DocumentUnsound {} => roster::document_unsound(),
            Self::BurstWithoutRate { tenant } => roster::burst_without_rate(tenant),
            Self::RulesMustRise {} => roster::rules_must_rise(),
            Self::KindUnreachable { kinds } => roster::kind_unreachable(kinds),
            Self::KeyReturns { key } => roster::key_returns(key),
            Self::NodeInUse { node } => roster::node_in_use(node),
            Self::PossessionMissing {} => roster::possession_missing(),
            Self::SuspendsLast {} => roster::suspends_last(),
            Self::KeyUnknown {} => roster::key_unknown(),

            Self::OutsideWindow { from, until } => execution::outside_window(*from, *until),
            Self::Locked { by, status, held_by } => execution::locked(by, *status, held_by.as_ref().map(name)),
            Self::Cooling { until } => execution::cooling(*until),
            Self::RunTooFar {} => execution::run_too_far(),
            Self::NotScheduled {} => execution::not_scheduled(),
            Self::AbortNotHeld {} => execution::abort_not_held(),
            Self::NotUndoable {} => execution::not_undoable(),
            Self::NotReconciled { service } => execution::not_reconciled(*service),
            Self::ReadingMissing { service } => execution::reading_missing(*service),
            Self::StepNotDue {} => execution::step_not_due(),
            Self::IntentOpen {} => execution::intent_open(),
            Self::IntentUnknown {} => execution::intent_unknown(),
            Self::ReceiptForeign {} => execution::foreign(),
            Self::ReceiptKey {} => execution::key(),
            Self::ReceiptActBy { most_ms } => execution::act_by(*most_ms),
            Self::ReceiptObserved { expected } => execution::observed(expected),
            Self::ReceiptCode {} => execution::code(),
            Self::ReceiptClock { at } => execution::clock(*at),
            Self::ReceiptTooEarly { needed } => execution::too_early(*needed),
            Self::ServiceDistrusted {} => execution::distrusted(),
        }
    }
}
