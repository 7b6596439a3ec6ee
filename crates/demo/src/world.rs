//! The story so far, built step by step.

use crate::{Cast, DemoError, EngineEntry};
use control::{Answer, Answers, Change, OnStack, Slot, State, governs, kinds_on_stack};
use desk::{Desk, DeskError, DraftOrder, SlotChoice};
use model::{ChangeId, Digest, EngineId, KindName, Role, Status, TenantId};
use std::path::PathBuf;
use std::time::Duration;
use view::Names;

/// How long a deployment may take.
const DEPLOY_WITHIN: Duration = Duration::from_secs(60);

/// Packed releases.
#[derive(Debug, Clone)]
pub struct Releases {
    /// POD Storefront Core 2026.02.
    pub fallback: PathBuf,
    /// POD Storefront Core 2026.03.1.
    pub next: PathBuf,
    /// 2026.03.1 with a catalogue that needs more memory than the node has left.
    pub large: PathBuf,
}

/// What was built.
#[derive(Debug, Clone)]
pub struct World {
    pub engines: Vec<EngineEntry>,
    /// POD Engine Alpha.
    pub alpha: EngineId,
    /// Alpha's approved deployment.
    pub deployment: ChangeId,
    /// Whether an earlier visit has run it.
    pub was_run: bool,
}

struct Builder<'a, S> {
    cast: &'a Cast,
    say: S,
}

fn at(step: &str) -> impl FnOnce(DeskError) -> DemoError {
    let step = step.to_owned();
    move |source| DemoError::Desk { step, source }
}

/// Builds what is not there yet; `say` hears of every step.
///
/// # Errors
/// When a step is refused; started again, the build goes on there.
pub async fn build(
    cast: &Cast,
    releases: &Releases,
    ports: [u16; 2],
    say: impl FnMut(&str),
) -> Result<World, DemoError> {
    let mut builder = Builder { cast, say };
    let acme = builder.tenant("Acme").await?;
    let market = builder.tenant("Delta Market").await?;
    let fallback = builder.artifact(&releases.fallback, "POD Storefront Core 2026.02").await?;
    let next = builder.artifact(&releases.next, "POD Storefront Core 2026.03.1").await?;
    let large = builder.artifact(&releases.large, "POD Storefront Core 2026.03.1 (large catalogue)").await?;
    let alpha = builder.engine("POD Engine Alpha", acme, ports[0]).await?;
    let bravo = builder.engine("POD Engine Bravo", market, ports[1]).await?;
    for (engine, name) in [(alpha, "POD Engine Alpha"), (bravo, "POD Engine Bravo")] {
        builder.baseline(engine, name, fallback).await?;
    }
    builder.blocked(bravo, large).await?;
    builder.staged_rollback(bravo).await?;
    let deployment = builder.ready_deployment(alpha, next).await?;
    let entry = |name: &str, tenant: &str, port: u16| EngineEntry {
        name: name.to_owned(),
        tenant: tenant.to_owned(),
        url: format!("http://127.0.0.1:{port}"),
    };
    let engines =
        vec![entry("POD Engine Alpha", "Acme", ports[0]), entry("POD Engine Bravo", "Delta Market", ports[1])];
    let state = cast.operator_1.follower().state();
    let was_run = cast.operator_1.follower().change(&state, &deployment).is_ok_and(|change| change.run.is_some());
    Ok(World { engines, alpha, deployment, was_run })
}

fn deploys(change: &Change, engine: EngineId, artifact: Digest) -> bool {
    let bundle = change.package.body.bundle();
    change.subject.engine == Some(engine) && bundle.is_some_and(|bundle| bundle.artifact == artifact)
}

/// The first kind that does this to an engine's stack.
fn kind(what: OnStack) -> Result<KindName, DemoError> {
    let missing = || DemoError::World {
        step: format!("{what:?}"),
        why: "this build has no kind of change that does it".to_owned(),
    };
    kinds_on_stack(what).next().ok_or_else(missing)
}

fn is(change: &Change, what: OnStack) -> bool {
    governs(change.kind).on_stack() == Some(what)
}

fn deployment(engine: EngineId, artifact: Digest) -> Result<DraftOrder, DemoError> {
    let answers = Answers::default().with("engine", Answer::Engine(engine)).with("artifact", Answer::Digest(artifact));
    Ok(DraftOrder::new(kind(OnStack::Certifies)?, answers))
}

/// Whether somebody has filled the slot of this role.
fn is_filled(change: &Change, role: Role) -> bool {
    let slots = change.requirement.iter().flat_map(|row| &row.slots);
    (0..)
        .zip(slots)
        .any(|(position, slot): (u32, &Slot)| slot.roles.contains(&role) && change.approvals.contains_key(&position))
}

impl<S: FnMut(&str)> Builder<'_, S> {
    fn author(&self) -> &Desk {
        &self.cast.operator_2
    }

    async fn names(&self) -> Result<Names, DemoError> {
        self.author().names().await.map_err(at("reading the names"))
    }

    /// The newest change of an engine that fits.
    fn find(&self, fits: impl Fn(&Change) -> bool) -> Option<(ChangeId, Status)> {
        let (now, follower) = (self.author().now(), self.author().follower());
        let state = follower.state();
        // A demonstration has few changes: each that has ended is read.
        let all = state.change_ids().filter_map(|id| follower.change(&state, &id).ok());
        let found = all.filter(|change| fits(change)).max_by_key(|change| change.opened);
        found.map(|change| (change.package.change, change.status_at(&state, now)))
    }

    async fn tenant(&mut self, name: &str) -> Result<TenantId, DemoError> {
        let known = self.names().await?.tenants.into_iter().find(|(_, known)| known == name);
        if let Some((tenant, _)) = known {
            return Ok(tenant);
        }
        (self.say)(&format!("register tenant {name}"));
        self.author().register_tenant(name).await.map_err(at(name))
    }

    async fn artifact(&mut self, tar: &std::path::Path, name: &str) -> Result<Digest, DemoError> {
        // What is there is handed in again all the same: Platform Services may have lost its bytes.
        if !self.names().await?.artifacts.values().any(|known| known == name) {
            (self.say)(&format!("publish {name}"));
        }
        self.author().publish(tar, name).await.map(|published| published.artifact).map_err(at(name))
    }

    async fn engine(&mut self, name: &str, tenant: TenantId, port: u16) -> Result<EngineId, DemoError> {
        let known = self.names().await?.engines.into_iter().find(|(_, known)| known == name);
        if let Some((engine, _)) = known {
            return Ok(engine);
        }
        let node = self.author().follower().state().roster.nodes.first().map(|node| node.id);
        let node =
            node.ok_or_else(|| DemoError::World { step: name.to_owned(), why: "the roster has no node".to_owned() })?;
        (self.say)(&format!("register {name} on prod-node-01"));
        self.author().register_engine(name, tenant, node, port).await.map_err(at(name))
    }

    /// The engine's first certified bundle: sealed by one, approved by two others, run.
    async fn baseline(&mut self, engine: EngineId, name: &str, artifact: Digest) -> Result<(), DemoError> {
        let certified = |state: &State| state.engines.get(&engine).is_some_and(|engine| !engine.stack.is_empty());
        if certified(&self.author().follower().state()) {
            return Ok(());
        }
        let step = format!("deploy 2026.02 to {name}");
        (self.say)(&step);
        let title = format!("2026.02 storefront for {name}");
        let change = self.approved(engine, artifact, &title).await?;
        let runner = &self.cast.operator_1;
        if self.find(|known| known.package.change == change).is_some_and(|(_, status)| status == Status::Approved) {
            runner.run(&change, None).await.map_err(at(&step))?;
        }
        let end = runner.follow(&change, DEPLOY_WITHIN, |_| {}).await.map_err(at(&step))?;
        match end.status {
            Status::Effective => Ok(()),
            status => Err(DemoError::World { step, why: format!("it ended {}", status.title().to_lowercase()) }),
        }
    }

    /// The newest deployment of this release there that stands.
    fn deployment_of(&self, engine: EngineId, artifact: Digest) -> Option<(ChangeId, Status)> {
        let mine = |change: &Change| is(change, OnStack::Certifies) && deploys(change, engine, artifact);
        self.find(mine).filter(|(_, status)| status.is_open() || *status == Status::Effective)
    }

    /// A deployment with both approvals; picked up where an interrupted build left it.
    async fn approved(&mut self, engine: EngineId, artifact: Digest, title: &str) -> Result<ChangeId, DemoError> {
        let (change, mut status) = if let Some(found) = self.deployment_of(engine, artifact) {
            found
        } else {
            let order = DraftOrder { title: Some(title.to_owned()), ..deployment(engine, artifact)? };
            (self.author().draft(&order).await.map_err(at(title))?, Status::Draft)
        };
        if status == Status::Draft {
            self.author().seal(&change, None).await.map_err(at(title))?;
            status = Status::AwaitingApproval;
        }
        if status == Status::AwaitingApproval {
            for (desk, slot) in
                [(&self.cast.operator_1, Role::GovernanceOperator), (&self.cast.finance_1, Role::FinanceReviewer)]
            {
                let filled = {
                    desk.follower().sync().await.map_err(DeskError::from).map_err(at(title))?;
                    desk.follower().state().changes.get(&change).is_some_and(|change| is_filled(change, slot))
                };
                if !filled {
                    desk.approve(&change, Some(SlotChoice::Role(slot)), None).await.map_err(at(title))?;
                }
            }
        }
        Ok(change)
    }

    /// Bravo's next bundle, which the node has no room for: a draft that says so.
    async fn blocked(&mut self, engine: EngineId, artifact: Digest) -> Result<(), DemoError> {
        let mine = |change: &Change| deploys(change, engine, artifact);
        if self.find(mine).is_some() {
            return Ok(());
        }
        let step = "draft Bravo's next bundle (blocked on node placement)";
        (self.say)(step);
        let title = "2026.03.1 with the large catalogue for POD Engine Bravo";
        let order = DraftOrder { title: Some(title.to_owned()), ..deployment(engine, artifact)? };
        self.author().draft(&order).await.map_err(at(step)).map(|_| ())
    }

    async fn staged_rollback(&mut self, engine: EngineId) -> Result<(), DemoError> {
        let mine = |change: &Change| is(change, OnStack::GoesBack) && change.subject.engine == Some(engine);
        let step = "stage Bravo's rollback to its last certified bundle";
        let change = match self.find(mine) {
            Some((_, status)) if status != Status::Draft => return Ok(()),
            Some((change, _)) => change,
            None => {
                (self.say)(step);
                let answers = Answers::default().with("engine", Answer::Engine(engine));
                let order = DraftOrder {
                    title: Some("Back to the 2026.02 storefront package".to_owned()),
                    reason: Some("Keep the last certified storefront at hand while placement is blocked.".to_owned()),
                    ..DraftOrder::new(kind(OnStack::GoesBack)?, answers)
                };
                self.author().draft(&order).await.map_err(at(step))?
            }
        };
        self.author().seal(&change, None).await.map_err(at(step)).map(|_| ())
    }

    async fn ready_deployment(&mut self, engine: EngineId, artifact: Digest) -> Result<ChangeId, DemoError> {
        let found = self.deployment_of(engine, artifact).map(|(_, status)| status);
        if matches!(found, None | Some(Status::Draft | Status::AwaitingApproval)) {
            (self.say)("seal Alpha's deployment of 2026.03.1, approved by two people: ready to be run");
        }
        self.approved(engine, artifact, "2026.03.1 storefront for POD Engine Alpha").await
    }
}
