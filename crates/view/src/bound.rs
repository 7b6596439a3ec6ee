//! What a bundle binds, thing by thing, and how each stands against what served before.

use crate::Names;
use control::{Body, Change, Fact, State, cap_at};
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
    /// What serves as one.
    pub fn all(state: &State, names: &Names, bundle: &Bundle) -> Vec<Self> {
        let named = things(bundle).into_iter();
        named.filter(|(_, _, named)| named.is_some()).map(|thing| Self::of(state, names, thing)).collect()
    }

    /// What a change puts in place, against what served when it was sealed, or serves now where it is not; none where it
    /// puts nothing in place.
    pub fn of_change(state: &State, names: &Names, change: &Change) -> Vec<Self> {
        let body: &Body = &change.package.body;
        let (Some(bundle), Some((engine, _))) = (body.bundle(), body.engine()) else { return vec![] };
        let before = served_before(state, change, &engine);
        let earlier = before.as_ref().map(things);
        let compared = things(&bundle).into_iter().enumerate().filter_map(|(n, thing)| {
            let was = earlier.and_then(|earlier| earlier[n].2);
            let against = match (was, thing.2) {
                (None, None) => return None,
                (None, Some(_)) => Against::New,
                (Some(_), None) => Against::LeftOut,
                (Some(was), Some(is)) if was == is => Against::Kept,
                (Some(_), Some(_)) => Against::Changed,
            };
            let before = was.filter(|_| against != Against::Kept).map(|was| called(state, names, was));
            Some(Self { against: Some(against), before, ..Self::of(state, names, thing) })
        });
        compared.collect()
    }

    fn of(state: &State, names: &Names, (what, title, named): (&str, &str, Option<Named>)) -> Self {
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
            name: named.map(|named| called(state, names, named)),
            version: published.map(|published| published.version.clone()),
            digest,
            lease,
            certified: published.and_then(|published| published.certified),
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

fn called(state: &State, names: &Names, named: Named) -> String {
    match named {
        Named::Digest(digest) => names.resource(state, &digest),
        Named::Lease(lease) => {
            let Some(cap) = state.grants.get(&lease).and_then(|grant| grant.terms.cap()) else {
                return format!("lease {}, which is over", lease.short());
            };
            let stands = cap_at(state, &lease, state.last);
            let over = if stands.is_some() { "" } else { ", which is over" };
            let cycles = stands.map_or(cap.cycles, |stands| stands.cycles);
            format!("{}, {cycles} cycles a {}, for {}{over}", cap.class.title(), cap.period, cap.purpose)
        }
    }
}
