//! `engine readiness`.

use crate::cli::ReadinessArgs;
use crate::command::{Context, who};
use crate::error::CliError;
use crate::{clock, output};
use client::{ClientError, Http, HttpOptions};
use control::Certified;
use model::{Digest, EngineId, Instant, Service};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use view::{AskedService, CheckState, EngineSaid, Hashed, NodeSaid, Observed, Readiness};
use wire::{Rehash, VerifiedView};

/// Longest wait for what a service says, milliseconds.
const ANSWER_MS: u64 = 2_000;

pub async fn run(context: &Context, args: &ReadinessArgs) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let id = book.engine(&args.engine)?;
    let now = || clock::now().max(book.state.last);
    let target = Readiness::target(&book.state, &id, now());
    if args.verify
        && let Some(target) = target
    {
        let kept: Vec<_> = target.bundle.archives().map(|(_, digest)| digest).collect();
        verify(context, &kept).await?;
    }
    let mut observed = observed(context, &id).await?;
    let mine = |digest: &Digest| book.state.resources.get(digest).is_some_and(|known| !known.whose.covers(None));
    let untold = |target: &Certified| target.bundle.archives().any(|(_, digest)| mine(&digest));
    if !observed.signed_in {
        output::note(
            &"what services hold and run for a tenant is told with a token: set COUNTERSIGN_TOKEN (`countersign token new …`), or sign something here first",
        );
        // Without a credential only what is for any tenant is told: of the rest nothing is known, not even that it is missing.
        observed.services.platform.said.take_if(|_| target.is_some_and(untold));
    }
    let observed = observed.services;
    let unknown = || CliError::unknown(format!("no engine {}; `countersign engine ls` lists them", args.engine));
    let readiness = Readiness::of((&book.state, &book.names), &id, target, &observed, now()).ok_or_else(unknown)?;
    if context.json {
        output::json(&readiness);
    } else {
        print(&readiness);
    }
    if readiness.state == CheckState::Ok { Ok(()) } else { Err(not_ready(&readiness)) }
}

fn print(readiness: &Readiness) {
    if let Some(target) = &readiness.target {
        let (name, bundle, entry) = (output::cell(&target.name), target.bundle.short(), target.entry);
        crate::print_line!(
            "leads to   {name}  bundle {bundle}, certified in entry {entry}; this is what is judged here"
        );
        if let Some(tried) = &target.rehearsed {
            crate::print_line!("rehearsal  started and healthy at {} (entry {})", tried.at, tried.entry);
        }
    }
    if let Some(other) = &readiness.stands_by {
        let (name, bundle, deployment) = (output::cell(&other.name), other.bundle.short(), other.deployment.short());
        crate::print_line!("stand-by   {name}  bundle {bundle}, once change {deployment} has run; not judged here");
    }
    for check in &readiness.checks {
        let read = check.at.map(|at| format!(" Read {at}.")).unwrap_or_default();
        let word = if check.blocks { check.state.word() } else { "said" };
        let word = if check.state == CheckState::Ok { "ok" } else { word };
        crate::print_line!("{word:<8} {}: {}{read}", check.title, output::cell(&check.sentence));
        if let Some(next) = &check.next {
            crate::print_line!("         {}", output::cell(next));
        }
    }
}

/// The first cause, as what a rollback would be refused with.
fn not_ready(readiness: &Readiness) -> CliError {
    let found = readiness.causes().next();
    let unread = || readiness.checks.iter().find(|check| check.blocks && check.state == CheckState::Unknown);
    let message = match found.or_else(unread) {
        Some(check) => {
            format!("no rollback could be carried out for certain: {}", check.sentence.trim_end_matches('.'))
        }
        None => "no rollback could be carried out for certain".to_owned(),
    };
    let next = found.or_else(unread).and_then(|check| check.next.clone());
    let next = next.unwrap_or_else(|| "see what is said of each check".to_owned());
    CliError::State { code: "rollback.not_ready", message, next }
}

fn http(context: &Context, service: Service, timeout_ms: u64) -> Result<Http, CliError> {
    let options = HttpOptions { timeout_ms, answer_max_bytes: 8 << 20 };
    Ok(Http::with(who::ports(context)?.url(service), options).of(service))
}

/// Has each copy hashed again by whoever keeps it and answers.
async fn verify(context: &Context, kept: &[Digest]) -> Result<(), CliError> {
    let governance = who::governance(context).await?;
    let token = who::credential(context, &governance).await;
    let verify_ms = u64::try_from(artifact::READ_WITHIN.as_millis()).unwrap_or(u64::MAX);
    for keeper in [Service::Platform, Service::Node] {
        let mut http = http(context, keeper, verify_ms)?;
        if let Some(token) = &token {
            http = http.bearer(token);
        }
        for digest in kept {
            let path = format!("/v1/artifacts/{digest}/verify");
            match http.post_nothing::<VerifiedView>(&path).await {
                Ok(_) => {}
                Err(error) if error.is_transient() && !matches!(error, ClientError::Problem(..)) => {
                    output::note(&format_args!("{} was not asked to verify it: {error}", keeper.title()));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

async fn asked<T: DeserializeOwned, S>(
    context: &Context,
    service: Service,
    (path, token): (&str, Option<&str>),
    said: impl FnOnce(T) -> S,
) -> Result<AskedService<S>, CliError> {
    let at: Instant = clock::now();
    let mut http = http(context, service, ANSWER_MS)?;
    if let Some(token) = token {
        http = http.bearer(token);
    }
    Ok(match http.get::<T>(path).await {
        Ok(answer) => AskedService { silent: false, said: Some((at, said(answer))) },
        Err(error) => {
            // Whoever refuses answers: it is not silent, and what it would say is not known.
            let refused = matches!(error, ClientError::Problem(_, 401 | 403));
            if !refused || token.is_some() {
                output::note(&format_args!("{} did not say: {error}", service.title()));
            }
            AskedService { silent: !refused, said: None }
        }
    })
}

fn hashed(found: Rehash) -> Hashed {
    let damage = (!found.ok).then(|| found.why.unwrap_or_else(|| "its bytes are others".to_owned()));
    Hashed { at: found.at, damage }
}

/// What the services of this machine say now, and whether they were asked with a credential.
struct Asked {
    services: Observed,
    signed_in: bool,
}

fn engine_said(found: engine::EngineView) -> EngineSaid {
    EngineSaid {
        generation: found.generation,
        serving: found.serving_side.zip(found.bundle.map(|bundle| bundle.digest)),
        unobserved: found.unobserved,
        secrets_missing: found.secrets_missing,
    }
}

async fn observed(context: &Context, id: &EngineId) -> Result<Asked, CliError> {
    let governance = who::governance(context).await?;
    let token = who::credential(context, &governance).await;
    let held = |all: Vec<platform::ArtifactHeld>| -> BTreeMap<Digest, Option<Hashed>> {
        all.into_iter().filter(|one| one.held).map(|one| (one.artifact, one.rehashed.map(hashed))).collect()
    };
    let kept = |inventory: node::Inventory| NodeSaid {
        node: inventory.node,
        memory_free_mib: inventory.memory_free_mib,
        kept: inventory.artifacts.into_iter().map(|one| (one.artifact, one.rehashed.map(hashed))).collect(),
    };
    let engine = |view: engine::EnginesView| {
        let found = view.engines.into_iter().find(|found| found.engine == *id);
        found.map(engine_said)
    };
    let bound = |view: integration::BindingsView| view.engines.iter().any(|bound| bound.engine == *id);
    let services = Observed {
        platform: asked(context, Service::Platform, ("/v1/artifacts", token.as_deref()), held).await?,
        node: asked(context, Service::Node, ("/v1/inventory", token.as_deref()), kept).await?,
        engine: asked(context, Service::Engine, ("/v1/engines", token.as_deref()), engine).await?,
        integration: asked(context, Service::Integration, ("/v1/bindings", token.as_deref()), bound).await?,
    };
    Ok(Asked { services, signed_in: token.is_some() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Bundle, Side};
    use serde_json::json;

    #[test]
    fn what_engine_runtime_says_is_taken_with_its_bundle_and_with_why_no_draft_is_told() {
        let (release, other) = (Bundle::of(Digest([2; 32])), Digest([5; 32]));
        let themed = Bundle { theme: Some(other), ..release };
        let said = json!({"engine": EngineId([1; 16]), "url": "", "generation": 3, "serving": release.artifact,
            "serving_side": "green", "bundle": {"digest": themed.digest(), "artifact": release.artifact, "theme": other},
            "switching": false, "unobserved": "the front leads nowhere", "sides": []});
        let said = engine_said(serde_json::from_value(said).unwrap());
        assert_eq!(said.serving, Some((Side::Green, themed.digest())), "not as the same release without the theme");
        assert_eq!(said.unobserved.as_deref(), Some("the front leads nowhere"));
    }
}
