//! Releases that are published, and which of them no later plan may name.

use super::link;
use crate::scene::Scene;
use control::{Published, Speaker, verb_row};
use model::{Digest, Resource, Role};
use signed::Verb;
use std::cmp::Reverse;

/// Most releases that are listed, the newest first.
pub const LISTED_MAX: usize = 100;

/// A release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRow {
    /// Its digest, short.
    pub digest: String,
    pub name: String,
    pub version: String,
    /// MiB; absent until it is certified.
    pub memory_mib: Option<u32>,
    /// Whether Platform Services has certified it, in a word or two.
    pub certified: String,
    /// The entry that published it.
    pub href: String,
    /// The engines where it serves, by name.
    pub serves: Vec<String>,
    /// Where it is recalled; none: it is.
    pub recall: Option<String>,
}

fn row(scene: &Scene, digest: &Digest, artifact: &Published) -> ReleaseRow {
    let (state, names) = (&scene.state, scene.names());
    let serving = state
        .engines
        .iter()
        .filter(|(_, engine)| engine.serving.map(|serving| serving.bundle.artifact) == Some(*digest));
    ReleaseRow {
        digest: digest.short(),
        name: names.artifact(digest),
        version: artifact.version.to_string(),
        memory_mib: artifact.profile().map(|profile| profile.memory_mib.usual),
        certified: certified(artifact),
        href: link::control(artifact.index),
        serves: serving.map(|(id, _)| names.engine(id)).collect(),
        recall: (!state.recalled.contains(digest)).then(|| link::recall(digest)),
    }
}

/// Where something published stands with Platform Services.
pub fn certified(known: &Published) -> String {
    match (known.certified, &known.refused) {
        (Some(_), _) => "certified".to_owned(),
        (None, Some((code, _))) => format!("not certified ({code})"),
        (None, None) => "not certified yet".to_owned(),
    }
}

/// One of them; none: there is no such release.
pub fn of(scene: &Scene, digest: &Digest) -> Option<ReleaseRow> {
    scene.state.resource(Resource::Artifact, digest).map(|artifact| row(scene, digest, artifact))
}

/// The newest.
pub fn list(scene: &Scene) -> Vec<ReleaseRow> {
    let artifacts = scene.state.resources.iter().filter(|(_, known)| known.content.resource() == Resource::Artifact);
    let mut all: Vec<_> = artifacts.collect();
    all.sort_by_key(|(_, artifact)| Reverse(artifact.index));
    all.into_iter().take(LISTED_MAX).map(|(digest, artifact)| row(scene, digest, artifact)).collect()
}

/// Whose word recalls one, by the ledger's own table of verbs.
pub fn recallers() -> String {
    let roles: &[Role] = match verb_row(Verb::Recall).speaker {
        Speaker::Roles(roles) => roles,
        _ => Role::ALL,
    };
    roles.iter().map(|role| role.title()).collect::<Vec<_>>().join(" or ")
}
