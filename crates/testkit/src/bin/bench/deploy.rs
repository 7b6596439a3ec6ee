//! From *run* to the new release serving, with all five services, the front and two real releases.

use crate::args::Args;
use crate::error::Error;
use crate::people::People;
use crate::plane::{PATIENCE, Plane, SERVICES};
use crate::start::{Release, serving};
use control::{Answer, Answers, OnStack, kinds_on_stack};
use desk::DraftOrder;
use model::{ChangeId, Digest, EngineId, Status};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// The shipped releases, which take turns.
const VERSIONS: [&str; 2] = ["2026.02", "2026.03.1"];

/// One deployment.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// From *run* about to be signed until the front answers 200 from the new release.
    pub serving: Duration,
    /// From the same moment until the change is Effective in the runner's own verified fold.
    pub effective: Duration,
    /// When each step's turn was over, from the same moment, as the runner's own verified state has it.
    pub steps: Vec<(String, Duration)>,
    /// The engine's own start just afterwards, of the same release.
    pub own_start: Duration,
}

struct Published {
    digest: Digest,
    release: Release,
}

/// Deploys, one after the other; the first deployment also starts the front and is not counted.
///
/// # Errors
/// When a service does not start or a deployment does not end Effective.
pub async fn measure(args: &Args, exe: &Path) -> Result<Vec<Deployment>, Error> {
    let mut plane = Plane::founded(args.dir(), exe)?;
    plane.serve(&SERVICES.map(|(name, _)| name)).await?;
    let people = People::open(&plane).await?;
    let mut published = vec![];
    for version in VERSIONS {
        published.push(publish(&plane, &people, version).await?);
    }
    let node = people.ada.follower().state().roster.nodes.first().map(|node| node.id);
    let node = node.ok_or_else(|| Error::Ended("before it began: the roster has no node".to_owned()))?;
    let tenant = people.ada.register_tenant("Acme").await?;
    let runtime = "storefront".parse().map_err(|error: model::TokenError| Error::Ended(error.to_string()))?;
    let (name, port, memory_mib) = ("POD Engine Alpha", plane.shop_port(), 4_096);
    let new = desk::NewEngine { name, tenant, node, port, runtime, memory_mib, hosts: vec![] };
    let engine = people.ada.register_engine(new).await?;
    let mut deployments = vec![];
    let wanted = args.pace().deployments;
    for (number, next) in (0..=wanted).zip(published.iter().cycle()) {
        eprintln!("deployment {number} of {wanted}: {}", next.release.version());
        let deployment = deploy(&plane, &people, engine, next).await?;
        if number > 0 {
            deployments.push(deployment);
        }
    }
    Ok(deployments)
}

async fn publish(plane: &Plane, people: &People, version: &str) -> Result<Published, Error> {
    let tar = plane.scratch().join(format!("{version}.tar"));
    plane.cli(&["artifact", "pack", version, "--output", &tar.display().to_string()])?;
    let digest = people.ada.publish(&tar, &format!("POD Storefront Core {version}"), None).await?.digest;
    let release = Release::unpack(&tar, &plane.scratch().join("store"))?;
    Ok(Published { digest, release })
}

async fn approved(people: &People, engine: EngineId, artifact: Digest) -> Result<ChangeId, Error> {
    let answers = Answers::default().with("engine", Answer::Engine(engine)).with("artifact", Answer::Digest(artifact));
    let kind = kinds_on_stack(OnStack::Certifies).next();
    let kind = kind.ok_or_else(|| Error::Ended("before it began: no kind of change deploys".to_owned()))?;
    let order = DraftOrder {
        kind,
        answers,
        title: Some("A deployment of the bench".to_owned()),
        reason: None,
        window: None,
        supersedes: None,
        change: None,
    };
    let change = people.ada.draft(&order).await?;
    people.ada.seal(&change, None).await?;
    people.ben.approve(&change, None, None).await?;
    people.cy.approve(&change, None, None).await?;
    Ok(change)
}

async fn deploy(plane: &Plane, people: &People, engine: EngineId, next: &Published) -> Result<Deployment, Error> {
    let change = approved(people, engine, next.digest).await?;
    let (version, port) = (next.release.version().to_owned(), plane.shop_port());
    let mut visitor = JoinSet::new();
    let began = Instant::now();
    {
        let version = version.clone();
        visitor.spawn(async move { serving(port, &version, began).await });
    }
    people.ben.run(&change, None).await?;
    let (mut steps, mut turn) = (vec![], None);
    let end = people
        .ben
        .follow(&change, PATIENCE, |progress| {
            let due = progress.due.clone().map(|(executor, action)| format!("{executor}: {action}"));
            if turn != due {
                steps.extend(std::mem::replace(&mut turn, due).map(|over| (over, began.elapsed())));
            }
        })
        .await?;
    let effective = began.elapsed();
    if end.status != Status::Effective {
        return Err(Error::Ended(end.status.title().to_lowercase()));
    }
    let seen = visitor.join_next().await.ok_or_else(|| plane.late(format!("{version} to serve")))?;
    let own_start = next.release.start(&plane.scratch()).await?;
    Ok(Deployment { serving: seen??, effective, steps, own_start })
}
