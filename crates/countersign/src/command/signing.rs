//! What is about to be signed, in words, before it is.
//!
//! Digests, ids, release and people come from the signer's own verified fold: a page or a server
//! that shows something else is found out here. Names alone are Governance's word; the ids that they
//! stand for are beside them.

use super::Context;
use crate::error::CliError;
use client::Names;
use control::{Change, State};
use desk::{Desk, Fingerprint, Shown};
use model::ChangeId;

/// What there is of a change, if it is what the person read.
pub async fn read(desk: &Desk, id: &ChangeId, read: Option<&Fingerprint>) -> Result<Shown, CliError> {
    let shown = desk.shown(id).await?;
    read.map_or(Ok(()), |package| shown.has(package))?;
    Ok(shown)
}

/// Says that `verb` is about to be signed of a change as it was `shown`: that, and nothing that came
/// since, is what may be signed.
pub async fn say(context: &Context, desk: &Desk, id: &ChangeId, verb: &str, shown: &Shown) -> Result<(), CliError> {
    if context.json {
        return Ok(());
    }
    // A stop must not wait for names: without them ids are shown.
    let names = desk.names().await.unwrap_or_default();
    let state = desk.follower().state();
    if let Some(change) = state.changes.get(id) {
        print(&state, &names, change, desk, verb, shown);
    }
    Ok(())
}

fn print(state: &State, names: &Names, change: &Change, desk: &Desk, verb: &str, shown: &Shown) {
    let package = &change.package;
    let (engine, tenant) = (names.engine(&package.engine), names.tenant(&package.tenant));
    let artifact = package.bundle.artifact;
    let release = state.artifacts.get(&artifact);
    let release =
        release.map_or_else(|| names.artifact(&artifact), |known| format!("{} {}", known.product, known.version));
    let roles = state.roster.person(&desk.person()).map(|person| person.roles.clone()).unwrap_or_default();
    let roles: Vec<_> = roles.iter().map(|role| role.title()).collect();
    crate::say!("you sign     {verb}: {} of {release} on {engine} ({tenant})", change.kind);
    crate::say!("as           {}, {}", names.person(&desk.person()), roles.join(", "));
    crate::say!("engine       {engine}  {}", package.engine);
    crate::say!("tenant       {tenant}  {}", package.tenant);
    crate::say!("release      {release}  {artifact}");
    crate::say!("change       {}, revision {}", package.change, shown.revision);
    crate::say!("package      {}", shown.package);
    crate::say!("fingerprint  {}", Fingerprint::of(&shown.package));
    if let Some(plan) = shown.plan {
        crate::say!("plan         {plan}");
    }
}
