//! What a leaf says ids are called.

use crate::service::Service;
use api::Problem;
use client::Names;
use control::{Command, Leaf, SessionAct, Verdict};
use model::{CommandId, PersonId, TenantId};
use warrant::{Act, Opening, Part, REASON};

/// The parts of a leaf, or of the package it names, with what they are bound to.
pub(crate) fn parts(blobs: &dyn control::Blobs, command: &Command) -> (CommandId, Vec<Part>) {
    if let Command::Session(session) = command
        && let SessionAct::OpenDraft { package, .. } = &session.act
    {
        let bytes = blobs.get("package", package);
        let package = bytes.and_then(|bytes| model::canon::from_slice::<control::Package>(&bytes).ok());
        return package.map_or((CommandId([0; 16]), vec![]), |package| (CommandId(package.nonce.0), package.parts));
    }
    command.parts().map_or((CommandId([0; 16]), vec![]), |(id, parts)| (id, parts.to_vec()))
}

/// The tenants a leaf concerns; a problem where a leaf that says so cannot be read.
pub(crate) fn tags(service: &Service, leaf: &Leaf) -> Result<Vec<TenantId>, Problem> {
    control::concerns(leaf, |first| service.leaf(first))
}

/// Takes over what an accepted leaf says.
pub(crate) fn learn(names: &mut Names, leaf: &Leaf, parts: &[Part], openings: &[Option<Opening>]) {
    if leaf.verdict != Verdict::Accepted {
        return;
    }
    let text = |opening: &Option<Opening>| opening.as_ref()?.body.get("text").cloned();
    let said = |about: &str| {
        let position = parts.iter().position(|part| part.about.as_str() == about)?;
        openings.get(position).and_then(text)
    };
    match &leaf.command {
        Command::Genesis { .. } => {
            for (part, opening) in parts.iter().zip(openings).filter(|(part, _)| part.about.as_str() == "name") {
                if let (Some(person), Some(name)) = (part.subject, text(opening)) {
                    names.people.insert(PersonId(person.0), name);
                }
            }
        }
        Command::Signed { statement, .. } => match &statement.act {
            Act::RegisterTenant { tenant } => names.tenants.extend(said("name").map(|name| (*tenant, name))),
            Act::RegisterEngine { engine, .. } => names.engines.extend(said("name").map(|name| (*engine, name))),
            Act::PublishArtifact { artifact, product, version, .. } => {
                let name = said("name").unwrap_or_else(|| format!("{product} {version}"));
                names.artifacts.insert(*artifact, name);
            }
            _ => {}
        },
        Command::Session(session) => {
            if let SessionAct::OpenDraft { change, .. } = &session.act {
                // Another revision says it anew: what it leaves out is no longer so.
                names.titles.remove(change);
                names.reasons.remove(change);
                names.titles.extend(said("title").map(|text| (*change, text)));
                names.reasons.extend(said(REASON).map(|text| (*change, text)));
            }
        }
        Command::Receipt { .. } | Command::Clock { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{CHANGE, OPERATOR, TENANT, World};
    use control::ClockAct;

    #[tokio::test]
    async fn a_sum_of_refusals_concerns_whom_the_refusals_did() {
        let world = World::new().await;
        world.sealed().await;
        for _ in 0..2 {
            world.say(OPERATOR, Act::Release { change: CHANGE, revision: 1 }).await.unwrap_err();
        }
        world.pass(61_000);
        world.tick().await;
        let leaf = world.service.leaf(world.size() - 1).unwrap();
        assert!(matches!(&leaf.command, Command::Clock { act: ClockAct::Refusals { count: 1, .. } }), "{leaf:?}");
        assert_eq!((leaf.tags.as_slice(), tags(&world.service, &leaf).unwrap().as_slice()), (&[][..], &[TENANT][..]));
    }
}
