//! What a bundle binds, thing by thing, and how each stands against what served before.

use crate::Names;
use control::{Body, Certified, Change, Engine, Fact, State, cap_at};
use model::{Bundle, ChangeId, Digest, EngineId, Resource, Token};
use serde::{Deserialize, Serialize};

/// How something that is bound stands against what served before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The same served before.
    Kept,
    /// Another one did.
    Changed,
    /// None did.
    New,
    /// One did, and none will.
    LeftOut,
}

/// One of the things that a bundle can bind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BoundThing {
    /// `artifact`, `config`, `lease`, `theme` or `retention`.
    pub what: String,
    /// The same as a person reads it.
    pub title: String,
    /// What it is called; absent: nothing is bound there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of what was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub version: Option<Token>,
    /// Of what was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub digest: Option<Digest>,
    /// Of an AI lease: the change that granted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub lease: Option<ChangeId>,
    /// The leaf that certified it; a lease is granted and not certified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certified: Option<u64>,
    /// The leaf that bound it to the engine: of the oldest deployment since which it stays bound; absent where what is
    /// shown is not certified on one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<u64>,
    /// How it stands against what served before; absent where nothing is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// What served in its place, where that was another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// By what a bundle names one thing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Digest(Digest),
    Lease(ChangeId),
}

/// Each thing that a bundle can bind, and by what this one names it.
fn things(bundle: &Bundle) -> [(&'static str, &'static str, Option<Named>); 5] {
    let of =
        |resource: Resource, digest: Option<Digest>| (resource.word(), resource.title(), digest.map(Named::Digest));
    [
        of(Resource::Artifact, Some(bundle.artifact)),
        of(Resource::Config, bundle.config),
        ("lease", "AI lease", bundle.lease.map(Named::Lease)),
        of(Resource::Theme, bundle.theme),
        of(Resource::Retention, bundle.retention),
    ]
}

impl BoundThing {
    /// What serves on an engine, each thing with the leaf that bound it.
    pub fn on(state: &State, names: &Names, engine: &Engine) -> Vec<Self> {
        let Some(serving) = engine.bundle() else { return vec![] };
        // What serves is not certified between a switch and its end, and after a change that people reconciled.
        let serves = engine.stack.iter().rposition(|certified| certified.bundle == serving);
        let certified = serves.map_or(&[][..], |top| &engine.stack[..=top]);
        let called = |named| called(state, names, named, false);
        let named = things(&serving).into_iter().enumerate();
        named
            .filter(|(_, thing)| thing.2.is_some())
            .map(|(n, thing)| {
                let same = |certified: &&Certified| things(&certified.bundle)[n].2 == thing.2;
                let since = certified.iter().rev().take_while(same).last();
                Self { bound: since.map(|certified| certified.index), ..Self::of(state, thing, called) }
            })
            .collect()
    }

    /// What a change puts in place, against what served when it was sealed, or serves now where it is not; none where it
    /// puts nothing in place.
    pub fn of_change(state: &State, names: &Names, change: &Change) -> Vec<Self> {
        let body: &Body = &change.package.body;
        let (Some(bundle), Some((engine, _))) = (body.bundle(), body.engine()) else { return vec![] };
        let before = served_before(state, change, &engine);
        let earlier = before.as_ref().map(things);
        let past = change.run.is_some() || change.has_ended(state, state.last);
        let called = |named| called(state, names, named, past);
        let compared = things(&bundle).into_iter().enumerate().filter_map(|(n, thing)| {
            let was = earlier.and_then(|earlier| earlier[n].2);
            let against = match (was, thing.2) {
                (None, None) => return None,
                (None, Some(_)) => Against::New,
                (Some(_), None) => Against::LeftOut,
                (Some(was), Some(is)) if was == is => Against::Kept,
                (Some(_), Some(_)) => Against::Changed,
            };
            let before = was.filter(|_| against != Against::Kept).map(called);
            Some(Self { against: Some(against), before, ..Self::of(state, thing, called) })
        });
        compared.collect()
    }

    /// A bundle in a line: its release, whatever else is bound in it, and its digest. Two that have the same release differ
    /// in the rest.
    pub fn told(state: &State, names: &Names, bundle: &Bundle) -> String {
        let named = |(what, title, named): (&str, &str, Option<Named>)| {
            let name = called(state, names, named?, false);
            Some(if what == Resource::Artifact.word() { name } else { format!("{title} {name}") })
        };
        let parts: Vec<_> = things(bundle).into_iter().filter_map(named).collect();
        format!("{} (bundle {})", parts.join(", "), bundle.digest().short())
    }

    fn of(state: &State, (what, title, named): (&str, &str, Option<Named>), called: impl Fn(Named) -> String) -> Self {
        let digest = match named {
            Some(Named::Digest(digest)) => Some(digest),
            _ => None,
        };
        let lease = match named {
            Some(Named::Lease(lease)) => Some(lease),
            _ => None,
        };
        let published = digest.and_then(|digest| state.resources.get(&digest));
        Self {
            what: what.to_owned(),
            title: title.to_owned(),
            name: named.map(called),
            version: published.map(|published| published.version.clone()),
            digest,
            lease,
            certified: published.and_then(|published| published.certified),
            bound: None,
            against: None,
            before: None,
        }
    }
}

/// What served on its engine when a change was sealed, by the plan that people signed; before, what serves now.
fn served_before(state: &State, change: &Change, id: &EngineId) -> Option<Bundle> {
    let Some(plan) = &change.plan else { return state.engines.get(id)?.bundle() };
    let serving = |fact: &Fact| match fact {
        Fact::Engine { engine, serving, .. } if engine == id => *serving,
        _ => None,
    };
    plan.base.iter().find_map(serving).map(|serving| serving.bundle)
}

/// What something is called. In the `past` a lease is called by the terms it was granted with: what became of it
/// since, and what raises it today, is no part of that.
fn called(state: &State, names: &Names, named: Named, past: bool) -> String {
    match named {
        Named::Digest(digest) => names.resource(state, &digest),
        Named::Lease(lease) => {
            let Some(cap) = state.grants.get(&lease).and_then(|grant| grant.terms.cap()) else {
                let over = if past { "" } else { ", which is over" };
                return format!("lease {}{over}", lease.short());
            };
            let granted =
                |cycles| format!("{}, {cycles} cycles a {}, for {}", cap.class.title(), cap.period, cap.purpose);
            if past {
                return granted(cap.cycles);
            }
            let stands = cap_at(state, &lease, state.last);
            let over = if stands.is_some() { "" } else { ", which is over" };
            let cycles = stands.map_or(cap.cycles, |stands| stands.cycles);
            format!("{}{over}", granted(cycles))
        }
    }
}
