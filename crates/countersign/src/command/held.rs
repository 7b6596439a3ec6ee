//! What Platform Services says of what it holds: the manifest of a release, and what of it is damaged.

use super::{Context, who};
use crate::error::CliError;
use crate::output;
use artifact::{Answer, ArtifactError, Manifest, Pieces, Program};
use client::{Http, HttpOptions};
use control::State;
use model::{Digest, Resource, Service};
use platform::ArtifactHeld;
use std::collections::BTreeMap;
use view::BoundThing;

/// Longest wait for one piece of it: the first is read from a disk.
const ANSWER_MS: u64 = 20_000;
/// Largest piece: each path may have 1,024 bytes, and JSON escapes some of them.
const PIECE_MAX: usize = 16 << 20;
/// Largest list of what is published and held.
const LIST_MAX: usize = 8 << 20;

/// What is wrong with each archive that waits for its certificate and is damaged; nothing where Platform Services does not
/// say, and it is not asked where nothing waits.
pub async fn damaged(context: &Context, state: &State) -> BTreeMap<Digest, String> {
    if state.uncertified.is_empty() {
        return BTreeMap::new();
    }
    let Ok(http) = asked(context, LIST_MAX).await else { return BTreeMap::new() };
    let all: Vec<ArtifactHeld> = match http.get("/v1/artifacts").await {
        Ok(all) => all,
        Err(error) => {
            output::note(&format_args!("why something is not certified yet is not known: {error}"));
            return BTreeMap::new();
        }
    };
    damage(all, state)
}

fn damage(all: Vec<ArtifactHeld>, state: &State) -> BTreeMap<Digest, String> {
    let one = |one: ArtifactHeld| {
        let found = one.rehashed.filter(|found| !found.ok && state.uncertified.contains(&one.artifact))?;
        Some((one.artifact, found.why.unwrap_or_else(|| "its bytes are others".to_owned())))
    };
    all.into_iter().filter_map(one).collect()
}

/// What is for any tenant is there for whoever asks, with Governance gone too.
async fn asked(context: &Context, answer_max_bytes: usize) -> Result<Http, CliError> {
    let options = HttpOptions { timeout_ms: ANSWER_MS, answer_max_bytes };
    let http = Http::with(who::ports(context)?.url(Service::Platform), options).of(Service::Platform);
    if let Ok(governance) = who::governance(context).await
        && let Some(token) = who::credential(context, &governance).await
    {
        return Ok(http.bearer(token));
    }
    Ok(http)
}

/// What starts by the release that a change binds, and when it counts as healthy, by the manifest that its digest fixes: who
/// signs that digest signs this. Nothing where the change binds none.
pub async fn starts(context: &Context, bound: &[BoundThing]) -> Vec<(&'static str, String)> {
    let release = bound.iter().find(|thing| thing.what == Resource::Artifact.word());
    let Some(digest) = release.and_then(|thing| thing.digest) else { return vec![] };
    match manifest(context, digest).await {
        Ok(Manifest { program: Some(program), .. }) => {
            let says = [("starts", program.entry.to_string()), ("healthy", healthy(&program))];
            says.map(|(label, text)| (label, output::cell(&text))).into()
        }
        Ok(_) => vec![("starts", "nothing: it holds files alone".to_owned())],
        Err(error) => vec![("starts", format!("not known now: {}", output::cell(&error.to_string())))],
    }
}

/// When it counts as healthy.
pub fn healthy(program: &Program) -> String {
    let answers = match program.health.answer {
        Answer::Plain => "answers 200 to 299",
        Answer::Release => "names this release as JSON",
    };
    format!("{} {answers}", program.health.path)
}

/// All of it, and only if it has this digest: whoever answers is not believed.
pub async fn manifest(context: &Context, digest: Digest) -> Result<Manifest, CliError> {
    let http = asked(context, PIECE_MAX).await?;
    // What a service answers is nothing that the person gave.
    let wrong = |error: ArtifactError| CliError::Content {
        path: "what Platform Services answered".into(),
        why: error.damage(),
    };
    let mut pieces = Pieces::of(digest);
    while let Some(path) = pieces.next() {
        pieces.take(http.get(&path).await?).map_err(wrong)?;
    }
    pieces.verified().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::super::published;
    use super::*;
    use crate::find::Book;
    use model::Instant;
    use signed::Act;
    use std::sync::Arc;
    use testkit::{Double, World};
    use view::Names;
    use wire::Rehash;

    #[tokio::test]
    async fn what_waits_for_its_certificate_and_is_damaged_says_why() {
        let double = Double::start().await;
        let [waits, certified] = [Digest([1; 32]), Digest([2; 32])];
        double.register(certified, 64);
        let (product, version) = ("shop".parse().unwrap(), "1".parse().unwrap());
        let (resource, digest, tenant) = (Resource::Artifact, waits, None);
        double.sign_and_submit(World::AUTHOR, Act::Publish { resource, digest, product, version, tenant });
        let book = Book { state: Arc::new(double.state()), names: Names::default() };
        let says = |ok: bool| {
            let why = (!ok).then(|| "`text` differs".to_owned());
            let rehashed = Some(Rehash { ok, why, at: Instant::EPOCH });
            let one = |artifact| ArtifactHeld { artifact, published: None, held: true, rehashed: rehashed.clone() };
            let damaged = damage(vec![one(waits), one(certified)], &book.state);
            [waits, certified].map(|digest| published::kept(&book, &digest, &book.state.resources[&digest], &damaged))
        };
        assert_eq!(says(true), ["not certified yet", "certified"]);
        let damaged = "not certified: its archive is damaged (`text` differs); publish the same again";
        assert_eq!(says(false), [damaged, "certified"]);
    }
}
