//! What is about to be signed, in words, before it is.
//!
//! Digests, ids, release and people come from the signer's own verified fold: a page or a server
//! that shows something else is found out here. Names are compared with what was signed, and the ids
//! that they stand for are beside them.

use super::{Context, asks, bound};
use crate::error::CliError;
use control::{Change, State};
use desk::{Desk, Fingerprint, Shown};
use model::{ChangeId, Digest};
use view::{BoundThing, Names};

/// What there is of a change, if it is what the person read.
pub async fn read(desk: &Desk, id: &ChangeId, read: Option<&Fingerprint>) -> Result<Shown, CliError> {
    let shown = desk.shown(id).await?;
    read.map_or(Ok(()), |package| shown.has(package))?;
    Ok(shown)
}

/// Says that `verb` is about to be signed of a change as it was `shown`: that, and nothing that came
/// since, is what may be signed.
pub async fn sign_and_submit(
    context: &Context,
    desk: &Desk,
    id: &ChangeId,
    verb: &str,
    shown: &Shown,
) -> Result<(), CliError> {
    if context.json {
        return Ok(());
    }
    // A stop must not wait for names: without them ids are shown.
    let names = desk.names().await.unwrap_or_default();
    let state = desk.follower().state();
    if let Ok(change) = desk.follower().change(&state, id) {
        let words = asks::words(context, desk.follower(), Some(&change)).await;
        print(&state, &names, &change, desk, verb);
        for (label, text) in asks::lines(&state, &names, &change, words.as_ref()) {
            crate::print_line!("{label:<12} {text}");
        }
        signed(&change, shown);
    }
    Ok(())
}

fn print(state: &State, names: &Names, change: &Change, desk: &Desk, verb: &str) {
    let roles = state.roster.person(&desk.person()).map(|person| person.roles.clone()).unwrap_or_default();
    let roles: Vec<_> = roles.iter().map(|role| role.title()).collect();
    let what = [
        change.package.body.bundle().map(|bundle| format!(" of {}", release(state, names, &bundle.artifact))),
        change.subject.engine.map(|engine| format!(" on {}", names.engine(&engine))),
        change.subject.tenants.first().map(|tenant| format!(" ({})", names.tenant(tenant))),
    ];
    crate::print_line!("you sign     {verb}: {}{}", change.kind, what.into_iter().flatten().collect::<String>());
    crate::print_line!("as           {}, {}", names.person(&desk.person()), roles.join(", "));
    if let Some(engine) = change.subject.engine {
        crate::print_line!("engine       {}  {engine}", names.engine(&engine));
    }
    for tenant in &change.subject.tenants {
        crate::print_line!("tenant       {}  {tenant}", names.tenant(tenant));
    }
    // All that goes with the release is signed as one with it: each is named, and what of it is new.
    let mut bound = BoundThing::of_change(state, names, change);
    if let (Some(bundle), false) = (change.package.body.bundle(), bound.is_empty()) {
        let release = release(state, names, &bundle.artifact);
        crate::print_line!("release      {release}  {}{}", bundle.artifact, bound::against(&bound.remove(0)));
    }
    for (label, text) in bound::lines(&bound) {
        crate::print_line!("{label:<12} {text}");
    }
}

/// What it binds to.
fn signed(change: &Change, shown: &Shown) {
    crate::print_line!("change       {}, revision {}", change.package.change, shown.revision);
    crate::print_line!("package      {}", shown.package);
    crate::print_line!("fingerprint  {}", Fingerprint::of(&shown.package));
    if let Some(plan) = shown.plan {
        crate::print_line!("plan         {plan}");
    }
}

fn release(state: &State, names: &Names, artifact: &Digest) -> String {
    let known = state.resources.get(artifact);
    known.map_or_else(|| names.artifact(artifact), |known| format!("{} {}", known.product, known.version))
}
