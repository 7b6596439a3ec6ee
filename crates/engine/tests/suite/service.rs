//! The service, with a ledger that a test writes.

use super::place::{Place, pid, until};
use engine::{EngineOptions, EngineView, EnginesView, FrontView, RunAs};
use follower::{OwnNode, ServiceOptions};
use model::{Service, Status};
use testkit::{Double, World};
use tokio::{sync::oneshot, task::JoinHandle};
use warrant::Act;

struct Running {
    http: client::Http,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), engine::EngineError>>,
}

impl Running {
    fn start(place: &Place, double: &Double) -> Self {
        let listener = api::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let http = client::Http::new(format!("http://{}", listener.local_addr().unwrap()));
        let service = ServiceOptions {
            dir: place.dir(),
            listener,
            governance: double.url().to_owned(),
            trust: double.trust(),
            key: World::service_key(Service::Engine),
            version: "0.1.0".to_owned(),
        };
        let (store, run_as, timing) = (place.store(), RunAs::if_root(), Place::timing());
        let options = EngineOptions {
            service,
            node: OwnNode::default(),
            store,
            program: "/proc/self/exe".into(),
            run_as,
            timing,
        };
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(engine::run(options, async { drop(stopped.await) }));
        Self { http, stop, task }
    }

    async fn end(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap().unwrap();
    }
}

/// Carries a deployment to its end, Engine Runtime's own steps by the service alone.
async fn deploy(double: &Double, artifact: model::Digest) -> Status {
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
    double.say(World::AUTHOR, Act::RegisterTenant { tenant: Double::TENANT });
    let (engine, tenant, node) = (Double::ENGINE, Double::TENANT, World::NODE);
    let (port, side_ports) = (place.site.port, place.side_ports);
    double.say(World::AUTHOR, Act::RegisterEngine { engine, tenant, node, port, side_ports });
    double.publish(place.old, "2026.02", 256);
    double.publish(place.new, "2026.03.1", 256);
    let first = Running::start(&place, &double);
    assert_eq!(deploy(&double, place.old).await, Status::Effective);
    assert_eq!(place.met().await.unwrap(), "2026.02");
    assert_eq!(deploy(&double, place.new).await, Status::Effective);
    assert_eq!(place.met().await.unwrap(), "2026.03.1");

    let view: EnginesView = first.http.get("/v1/engines").await.unwrap();
    let state = double.state();
    assert_eq!((view.engines[0].generation, view.engines[0].serving), (2, Some(place.new)));
    assert_eq!(state.engines[&engine].generation, 2);
    let one: EngineView = first.http.get(&format!("/v1/engines/{engine}")).await.unwrap();
    assert_eq!((one.slots.len(), one.trouble), (1, None), "the old slot is stopped");
    let missing = first.http.get_bytes(&format!("/v1/engines/{}", model::EngineId([9; 16]))).await.unwrap_err();
    assert_eq!(missing.code(), Some("engine.not_found"));
    let front: FrontView = first.http.get("/v1/front").await.unwrap();
    assert!(front.alive && front.routes.len() == 1);
    first.http.get_bytes("/readyz").await.unwrap();
    let metrics = first.http.get_bytes("/metrics").await.unwrap();
    assert!(String::from_utf8_lossy(&metrics).contains("countersign_engine_probes_passed_total"));

    // Service and Governance gone: the shop sells, and the next service finds it.
    first.end().await;
    assert_eq!(place.met().await.unwrap(), "2026.03.1");
    let next = Running::start(&place, &double);
    until("the next one serves", || async { next.http.get_bytes("/readyz").await.ok() }).await;
    let adopted: EnginesView = next.http.get("/v1/engines").await.unwrap();
    let again: FrontView = next.http.get("/v1/front").await.unwrap();
    assert_eq!((pid(&adopted, 0), again.pid), (pid(&view, 0), front.pid));

    // A release that is not as signed is refused, and all that was done before is taken back.
    let file = place.store().join(place.old.to_string()).join("stray");
    std::fs::write(&file, "x").unwrap();
    assert_eq!(deploy(&double, place.old).await, Status::Failed);
    assert_eq!(place.met().await.unwrap(), "2026.03.1");
    next.end().await;
}
