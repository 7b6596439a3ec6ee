//! The story so far, built step by step.

use crate::bound::{self, LeaseWish, ZONE, token};
use crate::{Cast, DemoError, EngineEntry};
use control::{
    Answer, Answers, Change, OnStack, Replaces, Setting, Slot, State, cap_at, governs, kind_replacing, kinds_on_stack,
    lease_kind,
};
use desk::{Desk, DeskError, DraftOrder, Edition, NewEngine, SlotChoice};
use model::{Bundle, ChangeId, Digest, EngineId, KindName, LeaseClass, Period, Role, Status, TenantId};
use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;
use view::Names;

/// The most memory that a process of an engine may be given, MiB.
const ENGINE_MEMORY_MIB: u32 = 4_096;
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
    /// Acme native 2026.02.
    pub theme_before: PathBuf,
    /// Acme native 2026.03.
    pub theme: PathBuf,
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
    let fallback = builder.artifact(&releases.fallback, "POD Storefront Core 2026.02", None).await?;
    // One version, in a package for each: with another catalogue it is another artifact.
    let next = builder.artifact(&releases.next, "POD Storefront Core 2026.03.1", Some(acme)).await?;
    let large = "POD Storefront Core 2026.03.1 (large catalogue)";
    let large = builder.artifact(&releases.large, large, Some(market)).await?;
    builder.terms(acme, market).await?;
    let (before, after) = builder.bundles(acme, releases, fallback, next).await?;
    let alpha = builder.engine("POD Engine Alpha", acme, ports[0]).await?;
    let bravo = builder.engine("POD Engine Bravo", market, ports[1]).await?;
    builder.baseline(alpha, "POD Engine Alpha", before).await?;
    builder.baseline(bravo, "POD Engine Bravo", Bundle::of(fallback)).await?;
    builder.blocked(bravo, large).await?;
    builder.staged_rollback(bravo).await?;
    let deployment = builder.ready_deployment(alpha, after).await?;
    builder.flagged_lease(market).await?;
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

fn deployment(engine: EngineId, bundle: Bundle) -> Result<DraftOrder, DemoError> {
    let digest = |digest: Option<Digest>| digest.map_or(Answer::Nothing, Answer::Digest);
    let answers = Answers::default()
        .with("engine", Answer::Engine(engine))
        .with("artifact", Answer::Digest(bundle.artifact))
        .with("config", digest(bundle.config))
        .with("lease", bundle.lease.map_or(Answer::Nothing, Answer::Change))
        .with("theme", digest(bundle.theme))
        .with("retention", digest(bundle.retention));
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

    async fn artifact(
        &mut self,
        tar: &std::path::Path,
        name: &str,
        tenant: Option<TenantId>,
    ) -> Result<Digest, DemoError> {
        // What is there is handed in again all the same: Platform Services may have lost its bytes.
        if !self.names().await?.artifacts.values().any(|known| known == name) {
            (self.say)(&format!("publish {name}"));
        }
        self.author().publish(tar, name, tenant).await.map(|published| published.digest).map_err(at(name))
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
        let runtime = model::Token::from_str("storefront")
            .map_err(|error| DemoError::World { step: name.to_owned(), why: error.to_string() })?;
        let memory_mib = ENGINE_MEMORY_MIB;
        let new = NewEngine { name, tenant, node, port, runtime, memory_mib, hosts: vec![] };
        self.author().register_engine(new).await.map_err(at(name))
    }

    /// The engine's first certified bundle: sealed by one, approved by two others, run.
    async fn baseline(&mut self, engine: EngineId, name: &str, bundle: Bundle) -> Result<(), DemoError> {
        let certified = |state: &State| state.engines.get(&engine).is_some_and(|engine| !engine.stack.is_empty());
        if certified(&self.author().follower().state()) {
            return Ok(());
        }
        let step = format!("deploy 2026.02 to {name}");
        (self.say)(&step);
        let title = format!("2026.02 storefront for {name}");
        let change = self.approved(engine, bundle, &title).await?;
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
    async fn approved(&mut self, engine: EngineId, bundle: Bundle, title: &str) -> Result<ChangeId, DemoError> {
        let (change, mut status) = if let Some(found) = self.deployment_of(engine, bundle.artifact) {
            found
        } else {
            let order = DraftOrder { title: Some(title.to_owned()), ..deployment(engine, bundle)? };
            (self.author().draft(&order).await.map_err(at(title))?, Status::Draft)
        };
        self.countersigned(change, &mut status, &[Role::GovernanceOperator, Role::FinanceReviewer], title).await?;
        Ok(change)
    }

    /// Seals a draft and has it approved by one holder of each role; goes on where an interrupted build stopped.
    async fn countersigned(
        &mut self,
        change: ChangeId,
        status: &mut Status,
        roles: &[Role],
        title: &str,
    ) -> Result<(), DemoError> {
        if *status == Status::Draft {
            self.author().seal(&change, None).await.map_err(at(title))?;
            *status = Status::AwaitingApproval;
        }
        if *status == Status::AwaitingApproval {
            for role in roles {
                let desk = if *role == Role::FinanceReviewer { &self.cast.finance_1 } else { &self.cast.operator_1 };
                let filled = {
                    desk.follower().sync().await.map_err(DeskError::from).map_err(at(title))?;
                    desk.follower().state().changes.get(&change).is_some_and(|change| is_filled(change, *role))
                };
                if !filled {
                    desk.approve(&change, Some(SlotChoice::Role(*role)), None).await.map_err(at(title))?;
                }
            }
            *status = Status::Approved;
        }
        Ok(())
    }

    /// What tenants may use, put in force by a countersigned document.
    async fn terms(&mut self, acme: TenantId, market: TenantId) -> Result<(), DemoError> {
        let terms = bound::terms(acme, market);
        if self.author().follower().state().terms == terms {
            return Ok(());
        }
        let step = "put the terms of tenants in force";
        (self.say)(step);
        let none = || DemoError::World { step: step.to_owned(), why: "this build has no such kind".to_owned() };
        let kind = kind_replacing(Replaces::Setting).ok_or_else(none)?;
        let setting = Setting::TenantTerms(terms);
        let mine = |change: &Change| {
            change.kind == kind && change.document.as_ref() == Some(&control::Document::Setting(setting.clone()))
        };
        let (change, mut status) = if let Some(found) = self.find(mine).filter(|(_, status)| status.is_open()) {
            found
        } else {
            let title = Some("Terms of tenants: quotas and lease envelopes".to_owned());
            let order = DraftOrder { title, ..DraftOrder::new(kind, Answers::default()) };
            (self.author().open_setting(&order, setting.clone()).await.map_err(at(step))?, Status::Draft)
        };
        let roles = [Role::GovernanceOperator, Role::FinanceReviewer];
        self.countersigned(change, &mut status, &roles, step).await?;
        self.cast.operator_1.run(&change, None).await.map_err(at(step)).map(|_| ())
    }

    /// The bundles of Alpha: the one that serves, and the one that is ready to be run.
    async fn bundles(
        &mut self,
        acme: TenantId,
        releases: &Releases,
        fallback: Digest,
        next: Digest,
    ) -> Result<(Bundle, Bundle), DemoError> {
        let wish = |cycles, title| {
            let (class, purpose, asked) = (LeaseClass::Worker, "merchandising", false);
            LeaseWish { tenant: acme, class, cycles, purpose, title, asked }
        };
        let leases = [
            self.granted(wish(5_000, "Worker lease for Acme's merchandising")).await?,
            self.granted(wish(10_000, "Larger worker lease for Acme's merchandising")).await?,
        ];
        let themes = [
            self.artifact(&releases.theme_before, "Acme native theme 2026.02", None).await?,
            self.artifact(&releases.theme, "Acme native theme 2026.03", None).await?,
        ];
        let configs = [
            self.config(acme, "2026.02", "Free delivery on weekdays.").await?,
            self.config(acme, "2026.03", "New season: free delivery every day.").await?,
        ];
        let retention = Some(self.retention(acme).await?);
        let bundle = |artifact, n: usize| Bundle {
            artifact,
            config: Some(configs[n]),
            lease: Some(leases[n]),
            theme: Some(themes[n]),
            retention,
        };
        Ok((bundle(fallback, 0), bundle(next, 1)))
    }

    async fn config(&mut self, tenant: TenantId, version: &str, notice: &str) -> Result<Digest, DemoError> {
        let name = format!("Acme storefront config {version}");
        let edition = Edition {
            product: token("acme-storefront")?,
            version: token(version)?,
            name: Some(&name),
            tenant: Some(tenant),
        };
        let published = self.author().publish_config(&bound::config(notice)?, &[], edition).await.map_err(at(&name))?;
        Ok(published.digest)
    }

    async fn retention(&mut self, tenant: TenantId) -> Result<Digest, DemoError> {
        let name = "Acme retention policy";
        let (product, version) = (token("acme-retention")?, token("2026")?);
        let edition = Edition { product, version, name: Some(name), tenant: Some(tenant) };
        let published = self.author().publish_retention(&bound::retention(), edition).await.map_err(at(name))?;
        Ok(published.digest)
    }

    /// The draft of a lease, or where it stands.
    async fn lease(&mut self, wish: &LeaseWish) -> Result<(ChangeId, Status), DemoError> {
        let mine = |change: &Change| {
            let cap = change.package.body.grants().and_then(|(terms, _)| terms.cap());
            cap.is_some_and(|cap| (cap.tenant, cap.class, cap.cycles) == (wish.tenant, wish.class, wish.cycles))
        };
        if let Some(found) = self.find(mine).filter(|(_, status)| status.is_open() || *status == Status::Effective) {
            return Ok(found);
        }
        (self.say)(wish.title);
        let answers = Answers::default()
            .with("tenant", Answer::Tenant(wish.tenant))
            .with("class", Answer::LeaseClass(wish.class))
            .with("cycles", Answer::Count(wish.cycles))
            .with("period", Answer::Period(Period::Month))
            .with("zone", Answer::Token(token(ZONE)?))
            .with("purpose", Answer::Token(token(wish.purpose)?));
        let answers = if wish.asked { answers.with("asked-by", Answer::Tenant(wish.tenant)) } else { answers };
        let order = DraftOrder { title: Some(wish.title.to_owned()), ..DraftOrder::new(lease_kind(), answers) };
        Ok((self.author().draft(&order).await.map_err(at(wish.title))?, Status::Draft))
    }

    /// A lease within the envelope, approved and in force.
    async fn granted(&mut self, wish: LeaseWish) -> Result<ChangeId, DemoError> {
        let (change, mut status) = self.lease(&wish).await?;
        let (state, now) = (self.author().follower().state(), self.author().now());
        if cap_at(&state, &change, now).is_some() {
            return Ok(change);
        }
        self.countersigned(change, &mut status, &[Role::GovernanceOperator], wish.title).await?;
        self.cast.operator_1.run(&change, None).await.map_err(at(wish.title))?;
        Ok(change)
    }

    /// Delta Market asks for more than its envelope has: sealed, and flagged for finance review.
    async fn flagged_lease(&mut self, tenant: TenantId) -> Result<(), DemoError> {
        let wish = LeaseWish {
            tenant,
            class: LeaseClass::Hybrid,
            cycles: 15_000,
            purpose: "merchandising-analysis",
            title: "Worker + Analyst lease for Delta Market",
            asked: true,
        };
        let (change, status) = self.lease(&wish).await?;
        if status != Status::Draft {
            return Ok(());
        }
        self.author().seal(&change, None).await.map_err(at(wish.title)).map(|_| ())
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
        let order = DraftOrder { title: Some(title.to_owned()), ..deployment(engine, Bundle::of(artifact))? };
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

    async fn ready_deployment(&mut self, engine: EngineId, bundle: Bundle) -> Result<ChangeId, DemoError> {
        let found = self.deployment_of(engine, bundle.artifact).map(|(_, status)| status);
        if matches!(found, None | Some(Status::Draft | Status::AwaitingApproval)) {
            (self.say)("seal Alpha's deployment of 2026.03.1, approved by two people: ready to be run");
        }
        self.approved(engine, bundle, "2026.03.1 storefront for POD Engine Alpha").await
    }
}
