//! AI leases: what a tenant may use, what raises it for a while, how it ends, and what was used.

use crate::world::{DORA, FAYE, HOUR_MS, No, OMAR, OPAL, SAUL, World, accepted, refused, token};
use control::{
    Answer, Answers, Body, Brake, Cap, Effect, Envelope, Executor, Fragment, Grant, GrantEvent, Inadmissible, Leaf,
    NoLease, Price, Quota, Refusal, Row, Setting, TenantTerm, TenantTerms, Terms, Verdict, braked, cap_at, check_brake,
    due_ends, governs, next_end, rows,
};
use model::{
    Amount, Category, ChangeId, Digest, Instant, KindName, LeaseClass, Period, Service, Severity, Status, TenantId,
};
use signed::{Act, JournalHead, Report};
use std::collections::BTreeSet;

const TENANT: TenantId = TenantId([0x07; 16]);

/// The test's tenant may have 1,000 worker cycles a day at 50 cents a thousand without a finance review.
fn world() -> World {
    let (cycles, period, price) = (1_000, Period::Day, Some(price(50)));
    let envelope = vec![Envelope { class: LeaseClass::Worker, cycles, period, price }];
    let terms = TenantTerms { tenants: vec![TenantTerm { tenant: TENANT, quota: Quota::default(), envelope }] };
    World::with_terms(terms)
}

fn price(cents: u64) -> Price {
    Price { currency: token("USD"), per_thousand: Amount(cents) }
}

fn asked(world: &World, alter: impl FnOnce(&mut Cap)) -> Body {
    let mut body = world.lease(LeaseClass::Worker, 1_000, None);
    if let Body::Grant { terms: Terms::Cap(cap), .. } = &mut body {
        cap.price = Some(price(50));
        alter(cap);
    }
    body
}

fn sealed(world: &mut World, body: Body) -> (ChangeId, Leaf) {
    let id = world.draft_of(OPAL, body);
    for service in governs(world.change(id).kind).observers() {
        accepted(world.observe(id, *service));
    }
    let leaf = accepted(world.seal(OPAL, id));
    (id, leaf)
}

fn slots(world: &World, id: ChangeId) -> usize {
    world.change(id).requirement.as_ref().unwrap().slots.len()
}

fn words(fragments: &[Fragment]) -> String {
    let word = |fragment: &Fragment| match fragment {
        Fragment::Text(text) => text.clone(),
        Fragment::Tenant(_) => "TENANT".to_owned(),
        Fragment::Person(_) => "PERSON".to_owned(),
        other => format!("{other:?}"),
    };
    fragments.iter().map(word).collect()
}

fn row(leaf: &Leaf) -> Row {
    rows(leaf).remove(0)
}

#[test]
fn within_the_envelope_one_operator_approves() {
    let mut world = world();
    for alter in [|_: &mut Cap| {}, |cap: &mut Cap| cap.cycles = 1] {
        let body = asked(&world, alter);
        let (id, leaf) = sealed(&mut world, body);
        assert_eq!((slots(&world, id), row(&leaf).severity), (1, Severity::Low));
        assert_eq!(words(&row(&leaf).title), "AI lease requested for TENANT");
        world.approve_all(id);
        accepted(world.run(OPAL, id));
        assert_eq!(world.status(id), Status::Effective);
    }
}

#[test]
fn outside_the_envelope_a_finance_reviewer_approves_too_and_it_is_flagged() {
    let mut world = world();
    let alters: [fn(&mut Cap); 5] = [
        |cap| cap.cycles = 1_001,
        |cap| cap.class = LeaseClass::Analyst,
        |cap| cap.period = Period::Month,
        |cap| cap.price = None,
        |cap| cap.price = Some(price(49)),
    ];
    for alter in alters {
        let body = asked(&world, alter);
        let (id, leaf) = sealed(&mut world, body);
        let row = row(&leaf);
        assert_eq!((slots(&world, id), row.severity, row.headline), (2, Severity::High, true));
        accepted(world.approve(OMAR, id, crate::world::GO));
        refused(world.run(OPAL, id), "run.slots_open");
        accepted(world.approve(FAYE, id, crate::world::FR));
        accepted(world.run(OPAL, id));
    }
}

#[test]
fn a_flagged_lease_says_who_asked_for_which_class() {
    let mut world = world();
    let mut body = asked(&world, |cap| cap.class = LeaseClass::Hybrid);
    if let Body::Grant { asked_by, .. } = &mut body {
        *asked_by = Some(TENANT);
    }
    let (_, leaf) = sealed(&mut world, body.clone());
    let row = row(&leaf);
    assert_eq!((row.headline, row.severity, row.category), (true, Severity::High, Category::AiLeasing));
    assert_eq!(words(&row.title), "Worker + Analyst lease flagged for finance review");
    assert_eq!(words(&row.sentence), "TENANT requested a hybrid lease class outside the default commercial envelope.");
}

/// What is within the envelope when it is asked for may lie outside when it is run.
#[test]
fn other_terms_than_it_was_approved_under_keep_it() {
    let mut world = world();
    let body = asked(&world, |_| {});
    let id = world.approved_of(OPAL, body);
    world.change_setting(&Setting::TenantTerms(TenantTerms::default()));
    // Approved before the terms changed: time has gone by, and another requirement would hold.
    refused(world.run(OPAL, id), "requirement.changed");
}

/// What was decided is explained by nothing that came later.
#[test]
fn a_past_lease_is_not_explained_by_todays_terms() {
    let mut world = world();
    let body = asked(&world, |_| {});
    let (cancelled, _) = sealed(&mut world, body.clone());
    let told = |world: &World, id| {
        let change = world.change(id);
        format!("{:?}", governs(change.kind).details(&world.state, change))
    };
    assert!(told(&world, cancelled).contains("1000 a day in the envelope"), "it is to be decided");
    accepted(world.verb(OPAL, "cancel", cancelled));
    let lease = world.granted(body);
    let before = [told(&world, cancelled), told(&world, lease)];
    world.change_setting(&Setting::TenantTerms(TenantTerms::default()));
    assert_eq!([told(&world, cancelled), told(&world, lease)], before);
    assert!(before.iter().all(|told| told.contains("envelope of then") && !told.contains("not in")), "{before:?}");
}

/// Nor is a raise by whether the lease that it raised is there still.
#[test]
fn a_past_override_is_not_explained_by_what_is_left_of_its_lease() {
    let mut world = world();
    let body = asked(&world, |_| {});
    let lease = world.granted(body);
    let body = world.raise(lease, 2_000, HOUR_MS);
    let id = world.granted(body);
    let told = |world: &World| {
        let change = world.change(id);
        format!("{:?}", governs(change.kind).details(&world.state, change))
    };
    let before = told(&world);
    accepted(world.verb(SAUL, "revoke", lease));
    accepted(world.report(Service::Platform, Report::Ended { grant: lease }));
    assert_eq!(told(&world), before);
}

#[test]
fn the_form_takes_the_price_of_the_envelope() {
    let world = world();
    let answers = [
        ("tenant", Answer::Tenant(TENANT)),
        ("class", Answer::LeaseClass(LeaseClass::Worker)),
        ("cycles", Answer::Count(10)),
        ("period", Answer::Period(Period::Day)),
        ("zone", Answer::Token(token("America/New_York"))),
        ("purpose", Answer::Token(token("merchandising"))),
    ];
    let answers = answers.into_iter().fold(Answers::default(), |all, (name, answer)| all.with(name, answer));
    let body = governs(KindName::LeaseGrant).body(&world.state, world.now, &answers).unwrap();
    assert_eq!(body, asked(&world, |cap| cap.cycles = 10));
}

mod overrides {
    use super::*;

    fn leased() -> (World, ChangeId) {
        let mut world = world();
        let body = asked(&world, |_| {});
        let lease = world.granted(body);
        (world, lease)
    }

    fn cycles(world: &World, lease: &ChangeId, at: Instant) -> Option<u64> {
        cap_at(&world.state, lease, at).map(|standing| standing.cycles)
    }

    #[test]
    fn a_draft_is_read_only_until_it_is_escalated_and_again_a_day_later() {
        let (mut world, lease) = leased();
        let body = world.raise(lease, 2_000, HOUR_MS);
        let id = world.draft_of(OPAL, body);
        refused(world.seal(OPAL, id), "seal.not_escalated");
        refused(world.verb(FAYE, "escalate", id), "role.missing");
        accepted(world.verb(OMAR, "escalate", id));
        world.advance(24 * HOUR_MS);
        refused(world.seal(OPAL, id), "seal.not_escalated");
        accepted(world.verb(OMAR, "escalate", id));
        accepted(world.seal(OPAL, id));
        refused(world.approve(OMAR, id, crate::world::GO), "approve.author");
        accepted(world.approve(DORA, id, crate::world::GO));
    }

    #[test]
    fn it_raises_the_cycles_ends_by_itself_and_is_read_back_by_platform_services() {
        let (mut world, lease) = leased();
        let body = world.raise(lease, 2_000, HOUR_MS);
        let id = world.granted(body);
        let end = next_end(&world.state, world.now).unwrap();
        assert_eq!(end, world.now.plus_millis(HOUR_MS));
        let at = |at| cycles(&world, &lease, at);
        assert_eq!([at(world.now), at(end.plus_millis(-1)), at(end)], [Some(2_000), Some(2_000), Some(1_000)]);
        assert_eq!(cap_at(&world.state, &lease, world.now).unwrap().raised_by, Some(id));
        assert_eq!(cap_at(&world.state, &id, world.now), None, "an override is no lease of its own");
        world.advance(HOUR_MS);
        let platform = Executor::of(Service::Platform);
        assert_eq!(due_ends(&world.state, &platform, world.now), [id]);
        refused(world.report(Service::Engine, Report::Ended { grant: id }), "receipt.foreign");
        accepted(world.report(Service::Platform, Report::Ended { grant: id }));
        assert_eq!((world.status(id), world.status(lease)), (Status::Closed, Status::Effective));
        let body = world.raise(lease, 3_000, HOUR_MS);
        let next = world.granted(body);
        assert_eq!(cycles(&world, &lease, world.now), Some(3_000), "the next one may follow");
        accepted(world.verb(SAUL, "revoke", next));
        assert_eq!(cycles(&world, &lease, world.now), Some(1_000));
        accepted(world.verb(SAUL, "revoke", lease));
        assert_eq!(cycles(&world, &lease, world.now), None);
    }

    /// What is told of a lease that cannot be raised says what can be done instead.
    #[test]
    fn a_lease_that_does_not_stand_is_not_raised_and_the_advice_fits_why() {
        let (mut world, lease) = leased();
        let (mut unknown, mut waiting) = (world.raise(lease, 2_000, HOUR_MS), world.raise(lease, 2_000, HOUR_MS));
        let over = world.raise(lease, 2_000, HOUR_MS);
        let body = asked(&world, |_| {});
        let (not_run, _) = sealed(&mut world, body);
        let of = |body: &mut Body, raised: ChangeId| {
            if let Body::Grant { terms: Terms::Cap(cap), .. } = body {
                cap.raises = Some(raised);
            }
        };
        of(&mut unknown, ChangeId([0x5e; 16]));
        of(&mut waiting, not_run);
        let drafts = [unknown, waiting, over].map(|body| {
            let id = world.draft_of(OPAL, body);
            accepted(world.verb(OMAR, "escalate", id));
            id
        });
        accepted(world.verb(SAUL, "revoke", lease));
        let told = drafts.map(|id| match world.seal(OPAL, id).unwrap().verdict {
            Verdict::Refused(refusal @ Refusal::LeaseNotStanding { raise: true, .. }) => {
                refusal.message(&|_| String::new())
            }
            other => panic!("{other:?}"),
        });
        let [(unknown, _), (waiting, run), (over, new)] = &told;
        assert!(unknown.contains("was granted"), "{told:?}");
        assert!(waiting.contains("not in force yet") && run.contains("countersign change show"), "{told:?}");
        assert!(over.contains("is over") && new.contains("countersign lease grant"), "{told:?}");
        // The form says the same before a draft is opened.
        let form = |lease| {
            let answers = Answers::default().with("lease", Answer::Change(lease));
            governs(KindName::LeaseOverride).body(&world.state, world.now, &answers).unwrap_err()
        };
        let refused = |why| control::FormError::Refused(Refusal::LeaseNotStanding { lease, why, raise: true });
        assert_eq!(form(lease).to_string(), refused(NoLease::Over).to_string());
    }

    /// The guards let one stand; what is asked at use does not rest on that.
    #[test]
    fn of_several_the_largest_counts_and_they_never_add_up() {
        let (mut world, lease) = leased();
        for (number, cycles) in [(1, 5_000), (2, 3_000), (3, 500)] {
            let Body::Grant { terms, .. } = world.raise(lease, cycles, HOUR_MS) else { panic!() };
            let until = Some(world.now.plus_millis(HOUR_MS));
            let (from, ended_by) = (world.now, BTreeSet::new());
            let grant = Grant { terms, from, until, revoked: None, ended_by, used: None };
            world.state.grants.insert(ChangeId([number; 16]), grant);
        }
        let standing = cap_at(&world.state, &lease, world.now).unwrap();
        assert_eq!((standing.cycles, standing.raised_by), (5_000, Some(ChangeId([1; 16]))));
    }
}

mod used {
    use super::*;

    fn report(world: &World, lease: ChangeId, hours: (i64, i64), cycles: u64, size: u64) -> Report {
        let at = |hours: i64| world.now.plus_millis(hours * HOUR_MS);
        let journal = JournalHead { size, root: Digest::of_bytes(&size.to_be_bytes()) };
        Report::Used { lease, from: at(hours.0), until: at(hours.1), cycles, journal }
    }

    fn leased() -> (World, ChangeId) {
        let mut world = world();
        let body = asked(&world, |_| {});
        let lease = world.granted(body);
        world.advance(72 * HOUR_MS);
        (world, lease)
    }

    #[test]
    fn a_period_is_counted_once_after_its_end() {
        let (mut world, lease) = leased();
        let period = report(&world, lease, (-48, -24), 700, 10);
        let leaf = accepted(world.report(Service::Platform, period.clone()));
        let used =
            |effect: &Effect| matches!(effect, Effect::Grant { event: GrantEvent::Used { cycles: 700, .. }, .. });
        assert!(leaf.effects.iter().any(used), "{:?}", leaf.effects);
        let nothing = Err(No::Inadmissible(Inadmissible::NoChange));
        assert_eq!(world.report(Service::Platform, period), nothing, "once");
        let overlapping = report(&world, lease, (-30, -6), 5, 11);
        assert_eq!(world.report(Service::Platform, overlapping), nothing, "nor a part of it again");
        let next = report(&world, lease, (-23, 1), 50, 11);
        refused(world.report(Service::Platform, next.clone()), "receipt.period_open");
        refused(world.report(Service::Engine, report(&world, lease, (-23, -1), 50, 11)), "receipt.foreign");
        world.advance(2 * HOUR_MS);
        accepted(world.report(Service::Platform, next));
        let total = world.state.grants[&lease].used.unwrap();
        assert_eq!((total.cycles, world.state.journal.unwrap().0.size), (750, 11));
    }

    /// A month's lease that is revoked on the second day is accounted for on the second day.
    #[test]
    fn the_last_period_of_a_lease_that_is_over_is_counted_at_once_and_before_it_is_closed() {
        let (mut world, lease) = leased();
        let running = report(&world, lease, (-1, 23), 9, 10);
        refused(world.report(Service::Platform, running.clone()), "receipt.period_open");
        accepted(world.verb(SAUL, "revoke", lease));
        accepted(world.report(Service::Platform, running.clone()));
        accepted(world.report(Service::Platform, Report::Ended { grant: lease }));
        assert_eq!(world.status(lease), Status::Closed);
        let late = report(&world, lease, (24, 48), 9, 12);
        assert_eq!(world.report(Service::Platform, late), Err(No::Inadmissible(Inadmissible::NoChange)));
    }

    /// One journal counts all leases: one that was set back is found by the next report of any of them.
    #[test]
    fn a_journal_never_loses_an_entry_that_was_reported() {
        let (mut world, lease) = leased();
        let body = asked(&world, |_| {});
        let other = world.granted(body);
        accepted(world.report(Service::Platform, report(&world, lease, (-48, -24), 7, 10)));
        refused(world.report(Service::Platform, report(&world, other, (-48, -24), 7, 9)), "receipt.journal_shorter");
        let mut forked = report(&world, other, (-48, -24), 7, 10);
        if let Report::Used { journal, .. } = &mut forked {
            journal.root = Digest::ZERO;
        }
        refused(world.report(Service::Platform, forked), "receipt.journal_shorter");
        accepted(world.report(Service::Platform, report(&world, other, (-48, -24), 7, 10)));
    }

    /// What was used in a period that still runs is in no total yet: that it was counted is known all the same.
    #[test]
    fn a_journal_that_has_grown_never_loses_that_either() {
        let (mut world, lease) = leased();
        let grown = |size: u64, root: Digest| Report::JournalGrown { journal: JournalHead { size, root } };
        let head = |size: u64| grown(size, Digest::of_bytes(&size.to_be_bytes()));
        refused(world.report(Service::Engine, head(10)), "receipt.foreign");
        assert_eq!(world.report(Service::Platform, head(0)), Err(No::Inadmissible(Inadmissible::NoChange)));
        let leaf = accepted(world.report(Service::Platform, head(10)));
        assert_eq!(leaf.effects, [Effect::JournalHead { size: 10, root: Digest::of_bytes(&10_u64.to_be_bytes()) }]);
        assert_eq!((leaf.tags.len(), world.state.journal.unwrap().0.size), (0, 10));
        assert_eq!(world.report(Service::Platform, head(10)), Err(No::Inadmissible(Inadmissible::NoChange)));
        refused(world.report(Service::Platform, head(9)), "receipt.journal_shorter");
        refused(world.report(Service::Platform, grown(10, Digest::ZERO)), "receipt.journal_shorter");
        refused(world.report(Service::Platform, report(&world, lease, (-48, -24), 7, 9)), "receipt.journal_shorter");
        accepted(world.report(Service::Platform, report(&world, lease, (-48, -24), 7, 11)));
        refused(world.report(Service::Platform, head(10)), "receipt.journal_shorter");
        accepted(world.report(Service::Platform, head(12)));
    }

    #[test]
    fn what_cannot_be_a_period_is_no_leaf() {
        let (mut world, lease) = leased();
        for report in [report(&world, lease, (-1, -2), 7, 10), report(&world, lease, (-2, -2), 7, 10)] {
            let answer = world.report(Service::Platform, report);
            assert!(matches!(answer, Err(No::Inadmissible(Inadmissible::Bounds(_)))), "{answer:?}");
        }
        let unknown = report(&world, ChangeId([9; 16]), (-2, -1), 7, 10);
        assert_eq!(world.report(Service::Platform, unknown), Err(No::Inadmissible(Inadmissible::NoChange)));
    }
}

/// Platform Services obeys a revocation that the ledger does not have yet.
#[test]
fn the_brake_takes_a_lease_away() {
    let mut world = world();
    let body = asked(&world, |_| {});
    let lease = world.granted(body);
    let revoke = [world.statement(SAUL, Act::Revoke { change: lease, revision: 1 })];
    let brake = Brake { statements: &revoke, size: world.state.size };
    check_brake(&world.state, world.now, &[], &brake).unwrap();
    assert!(cap_at(&world.state, &lease, world.now).is_some());
    assert_eq!(cap_at(&braked(&world.state, world.now, &[brake]), &lease, world.now), None);
}
