//! The service, with a ledger that a test writes.

use super::place::{Place, pid, until};
use control::{Body, Quota, TenantTerm, TenantTerms, Terms};
use engine::{EngineOptions, EngineView, EnginesView, FrontView, OutputView, RunAs};
use follower::{OwnNode, ServiceOptions};
use model::{ChangeId, EngineId, Instant, Profile, Scope, Service, Side, Status};
use signed::Act;
use testkit::{Double, World};
use tokio::{sync::oneshot, task::JoinHandle};

pub struct Running {
    pub http: client::Http,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), engine::EngineError>>,
}

impl Running {
    pub fn start(place: &Place, double: &Double) -> Self {
        let listener = service_shell::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let http = client::Http::new(format!("http://{}", listener.local_addr().unwrap()));
        let service = ServiceOptions {
            dir: place.dir(),
            listener,
            governance: double.url().to_owned(),
            trust: double.trust(),
            key: World::service_key(Service::Engine),
            key_file: "keys/own.key".into(),
            version: "0.1.0".to_owned(),
        };
        let (store, run_as, timing) = (place.store(), RunAs::if_root(), Place::timing());
        let options = EngineOptions {
            service,
            node: OwnNode::default(),
            store,
            program: "/proc/self/exe".into(),
            run_as,
            platform: None,
            timing,
        };
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(engine::run(options, async { drop(stopped.await) }));
        Self { http, stop, task }
    }

    /// What the service tells the console.
    async fn told<T: serde::de::DeserializeOwned>(
        &self,
        double: &Double,
        path: &str,
    ) -> Result<T, client::ClientError> {
        double.as_console(&self.http, Service::Engine, &format!("GET {path}")).get(path).await
    }

    pub async fn end(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap().unwrap();
    }
}

/// Registers the tenant and its engine.
pub fn register(place: &Place, double: &Double) -> EngineId {
    double.sign_and_submit(World::AUTHOR, Act::RegisterTenant { tenant: Double::TENANT });
    let (engine, tenant, node) = (Double::ENGINE, Double::TENANT, World::NODE);
    let (port, side_ports) = (place.site.port, place.side_ports);
    double.sign_and_submit(
        World::AUTHOR,
        Act::RegisterEngine { engine, tenant, node, port, side_ports, profile: testkit::shop(), hosts: vec![] },
    );
    engine
}

/// Carries a deployment to its end, Engine Runtime's own steps by the service alone.
pub async fn deploy(double: &Double, artifact: model::Digest) -> Status {
    let change = double.draft(artifact);
    let observed = |state: &control::State| state.changes[&change].observed.contains_key(&Service::Engine);
    double.until(observed).await;
    double.observe(change);
    double.countersign(change);
    loop {
        double.advance_to(change, Service::Engine);
        let step = double.state().changes[&change].step_due();
        if step.is_none() {
            return double.state().changes[&change].status;
        }
        double.until(|state| state.changes[&change].step_due() != step).await;
    }
}

pub async fn a_deployment_is_carried_out_from_the_ledger_alone() {
    let place = Place::new();
    let double = Double::start().await;
    let engine = register(&place, &double);
    double.publish(place.old, "2026.02", 256);
    double.publish(place.new, "2026.03.1", 256);
    let first = Running::start(&place, &double);
    assert_eq!(deploy(&double, place.old).await, Status::Effective);
    assert_eq!(place.met().await.unwrap(), "2026.02");
    assert_eq!(deploy(&double, place.new).await, Status::Effective);
    assert_eq!(place.met().await.unwrap(), "2026.03.1");

    let view: EnginesView = first.told(&double, "/v1/engines").await.unwrap();
    let state = double.state();
    assert_eq!((view.engines[0].generation, view.engines[0].serving), (2, Some(place.new)));
    assert_eq!(state.engines[&engine].generation, 2);
    let one: EngineView = first.told(&double, &format!("/v1/engines/{engine}")).await.unwrap();
    assert_eq!((one.sides.len(), one.trouble), (1, None), "the old side is stopped");
    let other = format!("/v1/engines/{}", model::EngineId([9; 16]));
    let missing = first.told::<EngineView>(&double, &other).await.unwrap_err();
    assert_eq!(missing.code(), Some("engine.not_found"));
    let front: FrontView = first.told(&double, "/v1/front").await.unwrap();
    assert!(front.alive && front.routes.len() == 1);
    first.http.get_bytes("/readyz").await.unwrap();
    let metrics = first.http.get_bytes("/metrics").await.unwrap();
    assert!(String::from_utf8_lossy(&metrics).contains("countersign_engine_probes_passed_total"));

    // Service and Governance gone: the shop sells, and the next service finds it.
    first.end().await;
    assert_eq!(place.met().await.unwrap(), "2026.03.1");
    let next = Running::start(&place, &double);
    until("the next one serves", || async { next.http.get_bytes("/readyz").await.ok() }).await;
    let adopted: EnginesView = next.told(&double, "/v1/engines").await.unwrap();
    let again: FrontView = next.told(&double, "/v1/front").await.unwrap();
    assert_eq!((pid(&adopted, model::Side::Blue), again.pid), (pid(&view, model::Side::Blue), front.pid));

    // A release that is not as signed is refused, and all that was done before is taken back.
    let file = place.store().join(place.old.to_string()).join("stray");
    std::fs::write(&file, "x").unwrap();
    assert_eq!(deploy(&double, place.old).await, Status::Failed);
    assert_eq!(place.met().await.unwrap(), "2026.03.1");
    next.end().await;
}

/// Killed while it soaks, the new release is not started again: what was done is taken back, and the old
/// one, which nobody has stopped yet, serves.
pub async fn a_release_that_dies_in_its_soak_goes_back_by_itself() {
    let place = Place::new();
    let double = Double::start().await;
    let engine = register(&place, &double);
    double.publish(place.old, "2026.02", 256);
    double.publish(place.new, "2026.03.1", 256);
    let running = Running::start(&place, &double);
    assert_eq!(deploy(&double, place.old).await, Status::Effective);
    let before: EnginesView = running.told(&double, "/v1/engines").await.unwrap();
    let soaks = |state: &control::State| {
        let running = state.open_changes().find(|change| change.status == Status::Executing);
        let steps = running.and_then(|change| Some(change.plan.as_ref()?.steps.iter().zip(&change.steps)));
        steps.is_some_and(|mut steps| steps.any(|(step, at)| step.action.soak_ms().is_some() && at.intent.is_some()))
    };
    let dies = async {
        double.until(soaks).await;
        let view: EnginesView = running.told(&double, "/v1/engines").await.unwrap();
        assert_eq!(place.met().await.unwrap(), "2026.03.1", "it serves while it soaks");
        super::place::kill(pid(&view, model::Side::Green).unwrap());
    };
    let (ended, ()) = tokio::join!(deploy(&double, place.new), dies);
    assert_eq!(ended, Status::Failed);
    assert_eq!(place.met().await.unwrap(), "2026.02");
    let (state, view) = (double.state(), running.told::<EnginesView>(&double, "/v1/engines").await.unwrap());
    assert_eq!(pid(&view, model::Side::Blue), pid(&before, model::Side::Blue), "what served before was left running");
    assert_eq!(pid(&view, model::Side::Green), None, "what died is not started again");
    let known = &state.engines[&engine];
    assert_eq!((known.generation, known.stack.len()), (3, 1), "it was never certified");
    assert_eq!(known.bundle().map(|bundle| bundle.artifact), Some(place.old));
    assert_eq!(double.refusals(), ["probe.failed"]);
    running.end().await;
}

/// Visitors who ask until something is seen of the engine.
async fn visited((place, double): (&Place, &Double), running: &Running, seen: impl Fn(&engine::ReleaseView) -> bool) {
    let http = client::Http::new(format!("http://{}", place.front()));
    let look = || async {
        for _ in 0..20 {
            drop(http.get_bytes("/").await);
        }
        let view: EnginesView = running.told(double, "/v1/engines").await.ok()?;
        view.engines[0].release_health.as_ref().is_some_and(&seen).then_some(())
    };
    until("visitors change what is judged", look).await;
}

pub async fn what_an_engine_prints_is_read_by_people_of_the_roster_and_goes_on() {
    let place = Place::new();
    let double = Double::start().await;
    let engine = register(&place, &double);
    let release = place.publish_program("1.0.0", Profile { needs: vec![], ..super::program::profile() });
    double.publish(release, "1.0.0", 128);
    let running = Running::start(&place, &double);
    assert_eq!(deploy(&double, release).await, Status::Effective);
    let tokens = [Scope::Read, Scope::Person, Scope::Ingest].map(|scope| double.login(World::AUTHOR, scope));
    let size = double.state().size;
    until("the service knows the credentials", || async {
        running
            .http
            .clone()
            .bearer(&tokens[2])
            .get_bytes(&format!("/v1/engines/{engine}/logs"))
            .await
            .err()
            .filter(|error| error.code() == Some("scope.forbidden"))
    })
    .await;
    let path = format!("/v1/engines/{engine}/logs");
    let code = async |http: client::Http, path: &str| {
        http.get_bytes(path).await.err().and_then(|error| error.code().map(str::to_owned))
    };
    let bearer = |token: &str| running.http.clone().bearer(token);
    assert_eq!(code(running.http.clone(), &path).await.as_deref(), Some("token.missing"));
    assert_eq!(code(bearer("unknown"), &path).await.as_deref(), Some("token.unknown"));
    let other = format!("/v1/engines/{}/logs", EngineId([9; 16]));
    assert_eq!(code(bearer(&tokens[0]), &other).await.as_deref(), Some("engine.not_found"));
    for wrong in ["lines=10001", "side=red", "after=x", "more=1"] {
        assert!(bearer(&tokens[0]).get_bytes(&format!("{path}?{wrong}")).await.is_err(), "{wrong}");
    }
    console_reads_for_whom_it_names(&running.http, &double, &path).await;
    assert_eq!(double.state().size, size, "reading leaves nothing in the ledger");

    let view: OutputView = bearer(&tokens[1]).get(&path).await.unwrap();
    assert_eq!((view.side, view.lines.last().map(String::as_str)), (Some(Side::Blue), Some("started 1.0.0")));
    client::Http::new(format!("http://{}", place.front())).get_bytes("/print/hello").await.unwrap();
    let after = format!("{path}?side=blue&after={}", view.next.unwrap());
    let printed = || async {
        let view: OutputView = bearer(&tokens[0]).get(&after).await.unwrap();
        (!view.lines.is_empty()).then_some(view)
    };
    let (more, _) = until("what it prints is read", printed).await;
    assert_eq!((&more.lines[..], more.skipped), (&["hello".to_owned()][..], false));
    // With the service gone it goes on being written.
    running.end().await;
    let log = place.dir().join("engines").join(engine.to_string()).join("logs/blue.log");
    client::Http::new(format!("http://{}", place.front())).get_bytes("/print/alone").await.unwrap();
    until("it is kept", || async { std::fs::read_to_string(&log).unwrap().ends_with("alone\n").then_some(()) }).await;
}

/// The console's signature is good for the request it signed, and shows what whoever it names may see.
async fn console_reads_for_whom_it_names(http: &client::Http, double: &Double, path: &str) {
    let (key, other) = (World::console_key(), World::service_key(Service::Node));
    let said = |request: &str, viewer: &str| signed::ConsoleAsk {
        ledger: double.state().ledger,
        key: key.public(),
        service: Service::Engine,
        request: format!("GET {request}"),
        viewer: Some(viewer.to_owned()),
        at: follower::system_clock()(),
    };
    let code = async |ask: signed::ConsoleAsk, key: &signed::ServiceKey| {
        let http = http.clone().signed(ask.header(key).unwrap());
        http.get_bytes(path).await.err().and_then(|error| error.code().map(str::to_owned))
    };
    let author = World::AUTHOR.to_string();
    assert_eq!(code(said(path, &author), &key).await, None);
    let unknown = Some("console.unknown".to_owned());
    let own = signed::ConsoleAsk { key: other.public(), ..said(path, &author) };
    assert_eq!(code(own, &other).await, unknown, "another service's key");
    assert_eq!(code(said("/v1/engines", &author), &key).await, unknown, "another request");
    let node = signed::ConsoleAsk { service: Service::Node, ..said(path, &author) };
    assert_eq!(code(node, &key).await, unknown, "another service's request");
    let late = follower::system_clock()().plus_millis(-120_000);
    assert_eq!(code(signed::ConsoleAsk { at: late, ..said(path, &author) }, &key).await, unknown, "an old one");
    assert_eq!(code(said(path, "nobody"), &key).await, unknown);
    let stranger = model::PersonId([99; 16]).to_string();
    assert_eq!(code(said(path, &stranger), &key).await.as_deref(), Some("engine.not_found"), "who may not see it");
}

pub async fn a_release_that_fails_its_visitors_is_reported_once() {
    let place = Place::new();
    let double = Double::start().await;
    let engine = register(&place, &double);
    let late = place.publish_late();
    double.publish(late, "2026.02", 256);
    let running = Running::start(&place, &double);
    assert_eq!(deploy(&double, late).await, Status::Effective);
    visited((&place, &double), &running, |health| health.requests >= 50 && !health.regressed).await;

    // Killed, it is away for a while: its visitors get 502.
    let reported = |commands: &[control::Command]| {
        let regressed = |command: &control::Command| match command {
            control::Command::Receipt { receipt, .. } => match receipt.report {
                signed::Report::Regressed { engine: which, generation, counted } => {
                    assert_eq!((which, generation), (engine, 1));
                    assert!(counted.requests >= 50 && counted.errors * 20 >= counted.requests, "{counted:?}");
                    true
                }
                _ => false,
            },
            _ => false,
        };
        commands.iter().filter(|command| regressed(command)).count()
    };
    let view: EnginesView = running.told(&double, "/v1/engines").await.unwrap();
    super::place::kill(view.engines[0].sides[0].pid.unwrap());
    visited((&place, &double), &running, |health| health.regressed && health.errors > 0).await;
    visited((&place, &double), &running, |health| !health.regressed).await;
    until("the regression is a leaf", || async { (reported(&double.submitted()) > 0).then_some(()) }).await;
    assert_eq!(reported(&double.submitted()), 1);
    let metrics = String::from_utf8_lossy(&running.http.get_bytes("/metrics").await.unwrap()).into_owned();
    for series in ["engine_requests_total", "engine_errors_total", "engine_p99_milliseconds"] {
        let line = metrics.lines().find(|line| line.starts_with(&format!("countersign_{series}")));
        assert!(line.is_some_and(|line| line.contains(&engine.to_string())), "{series}: {line:?}");
    }
    running.end().await;
}

/// A quota of requests alone.
fn quota(per_second: u32) -> Quota {
    Quota { per_second: Some(per_second), burst: None, ..Quota::default() }
}

pub async fn a_quota_exception_is_in_force_until_its_end_is_read_back() {
    let place = Place::new();
    let tenant = Double::TENANT;
    let terms = TenantTerms { tenants: vec![TenantTerm { tenant, quota: quota(10), envelope: vec![] }] };
    let double = Double::serve(World::new().with_terms(terms), ([127, 0, 0, 1], 0).into()).await;
    register(&place, &double);
    double.publish(place.old, "2026.02", 256);
    let running = Running::start(&place, &double);
    assert_eq!(deploy(&double, place.old).await, Status::Effective);
    let in_force = |wanted: Vec<(Option<Instant>, u32)>| {
        let (running, double) = (&running, &double);
        async move {
            let shown = || async {
                let front: FrontView = running.told(double, "/v1/front").await.ok()?;
                let limits = front.routes.first()?.limits.iter();
                (limits.map(|limit| (limit.until, limit.per_second)).collect::<Vec<_>>() == wanted).then_some(())
            };
            until("the front limits the tenant so", shown).await;
        }
    };
    in_force(vec![(None, 10)]).await;

    let change = ChangeId([77; 16]);
    let body = Body::Grant { terms: Terms::Quota { tenant, quota: quota(40) }, for_ms: Some(3_000), asked_by: None };
    double.open(World::AUTHOR, change, body, None);
    double.observe(change);
    double.countersign(change);
    let ends = double.state().grants[&change].until;
    in_force(vec![(ends, 40), (None, 10)]).await;
    // Its end is said only once the front lets no more through.
    let over = double.until(|state| !state.grants.contains_key(&change)).await;
    assert!(Some(over.last) >= ends, "{} {ends:?}", over.last);
    in_force(vec![(None, 10)]).await;
    let view: EnginesView = running.told(&double, "/v1/engines").await.unwrap();
    assert_eq!(view.engines[0].generation, 1);
    running.end().await;
}
