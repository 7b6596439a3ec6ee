//! What a bundle names: each part known, certified and of the engine's tenant, and all of them fit together.

use crate::state::{Engine, Published};
use crate::{Merged, Refusal, State, cap_at};
use model::{Bundle, Digest, Instant, Resource, TenantId};

fn part(state: &State, tenant: TenantId, resource: Resource, digest: Digest) -> Result<&Published, Refusal> {
    let known = state.resource(resource, &digest).ok_or(Refusal::ResourceUnknown { resource })?;
    if !known.whose.covers(Some(&tenant)) {
        return Err(Refusal::ResourceOfOther { resource });
    }
    if state.recalled.contains_key(&digest) { Err(Refusal::ResourceRecalled { resource }) } else { Ok(known) }
}

/// Whether a package may name the bundle for a tenant's engine.
pub(super) fn known(state: &State, tenant: TenantId, bundle: Bundle) -> Result<(), Refusal> {
    bundle.parts().try_for_each(|(resource, digest)| part(state, tenant, resource, digest).map(|_| ()))
}

/// Whether one thing that a bundle names may be put on the engine: published for its tenant, certified, not recalled.
///
/// # Errors
/// Which of these it is not.
pub fn part_ready(state: &State, engine: &Engine, resource: Resource, digest: Digest) -> Result<(), Refusal> {
    let known = part(state, engine.tenant, resource, digest)?;
    if known.certified.is_some() {
        return Ok(());
    }
    let why = known.refused.as_ref().map(|(code, _)| code.clone());
    Err(Refusal::NotCertified { resource, why })
}

/// Whether the bundle may be put on the engine, by what is decided, and what its program and config come to.
///
/// # Errors
/// What does not fit, is not certified or was recalled.
pub fn ready(state: &State, engine: &Engine, bundle: Bundle) -> Result<Merged, Refusal> {
    bundle.parts().try_for_each(|(resource, digest)| part_ready(state, engine, resource, digest))?;
    let artifact = Refusal::ResourceUnknown { resource: Resource::Artifact };
    let profile = state.resources.get(&bundle.artifact).and_then(Published::profile).ok_or(artifact)?;
    let (made_for, is) = (&profile.runtime, &engine.profile.runtime);
    if made_for != is {
        return Err(Refusal::RuntimeOther { artifact: made_for.clone(), engine: is.clone() });
    }
    let config = bundle.config.and_then(|digest| state.config(&digest));
    let merged = Merged::of(profile, config)?;
    if merged.memory_mib > engine.profile.memory_mib {
        let (needed_mib, allowed_mib) = (merged.memory_mib, engine.profile.memory_mib);
        let least_mib = profile.memory_mib.least;
        return Err(Refusal::MemoryAboveProfile { needed_mib, allowed_mib, least_mib });
    }
    let foreign = config.and_then(|config| config.hosts.iter().find(|host| !engine.hosts.contains(host)));
    if let Some(host) = foreign {
        return Err(Refusal::HostOther { host: host.clone() });
    }
    // Whether it stands only a deployment asks: what goes back goes back without cycles.
    let whose = bundle.lease.and_then(|lease| Some((lease, state.grants.get(&lease)?.terms.tenant())));
    let other = whose.filter(|(_, tenant)| *tenant != engine.tenant);
    other.map_or(Ok(merged), |(lease, _)| Err(Refusal::LeaseOfOther { lease }))
}

/// Whether the lease that the bundle names stands, and is the tenant's own.
pub(super) fn lease_stands(state: &State, tenant: TenantId, bundle: Bundle, now: Instant) -> Result<(), Refusal> {
    let Some(lease) = bundle.lease else { return Ok(()) };
    let none = || {
        let why = super::lease::none(state, &lease, Some(&tenant), now);
        Refusal::LeaseNotStanding { lease, why, raise: false }
    };
    let standing = cap_at(state, &lease, now).ok_or_else(none)?;
    if standing.cap.tenant == tenant { Ok(()) } else { Err(Refusal::LeaseOfOther { lease }) }
}

/// The secrets that the bundle's config names, sorted.
pub fn secrets(state: &State, bundle: Bundle) -> Vec<Digest> {
    let config = bundle.config.and_then(|digest| state.config(&digest));
    let named = config.iter().flat_map(|config| config.secrets.iter().map(|secret| secret.secret));
    let mut secrets: Vec<Digest> = named.collect();
    secrets.sort_unstable();
    secrets.dedup();
    secrets
}
