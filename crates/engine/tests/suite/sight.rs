//! Who is shown what of engines and front.

use super::place::Place;
use super::service::{Running, deploy, register};
use client::{ClientError, Http, VaultClient};
use engine::{EngineView, EnginesView, FrontView, SecretView, SecretsView};
use model::{Scope, Service, Status};
use testkit::{Double, World};

/// What runs for a tenant is no matter of everybody who reaches the port.
pub async fn engines_and_routes_are_shown_to_who_may_read_of_them() {
    let (place, double) = (Place::new(), Double::serve(World::scoped(), "127.0.0.1:0".parse().unwrap()).await);
    let engine = register(&place, &double);
    double.publish(place.old, "2026.02", 256);
    let running = Running::start(&place, &double);
    let tokens = [World::AUTHOR, World::FINANCE, World::AUDITOR].map(|who| double.login(who, Scope::Read));
    let ingest = double.login(World::OPERATOR, Scope::Ingest);
    assert_eq!(deploy(&double, place.old).await, Status::Effective);

    let (one, unknown) = (format!("/v1/engines/{engine}"), "engine.not_found");
    let [everything, of_it, of_none] = tokens.map(|token| running.http.clone().bearer(token));
    for (http, count) in [(&everything, 1), (&of_it, 1), (&of_none, 0)] {
        let view: EnginesView = http.get("/v1/engines").await.unwrap();
        assert_eq!(view.engines.len(), count);
        let found = http.get::<EngineView>(&one).await;
        assert_eq!(found.err().and_then(code), (count == 0).then(|| unknown.to_owned()));
        let front: FrontView = http.get("/v1/front").await.unwrap();
        assert_eq!((front.alive, front.routes.len(), front.in_flight.len() <= count), (true, count, true));
    }
    let front: FrontView = everything.get("/v1/front").await.unwrap();
    assert!(front.pid.is_some() && front.generation.is_some());
    let bearer = |token: &str| running.http.clone().bearer(token);
    let another = double.as_console(&running.http, Service::Engine, "GET /v1/bindings");
    for (http, refused) in [
        (&running.http, "token.missing"),
        (&bearer("cs_nobody"), "token.unknown"),
        (&bearer(&ingest), "scope.forbidden"),
        (&another, "console.unknown"),
    ] {
        for path in ["/v1/engines", &one, "/v1/front"] {
            assert_eq!(refusal(http, path).await.as_deref(), Some(refused), "{path}");
        }
    }
    running.end().await;
}

/// A secret waits for a config that names it, so who may publish one deposits it, and nobody else.
pub async fn a_secret_is_deposited_by_who_may_publish_a_config() {
    let (place, double) = (Place::new(), Double::start().await);
    register(&place, &double);
    let running = Running::start(&place, &double);
    let vault = |token: String| VaultClient::new(running.http.clone().bearer(token));
    let put = async |vault: &VaultClient| vault.put::<SecretView>(&Double::TENANT, "planted".to_owned()).await;
    for person in [World::FINANCE, World::AUDITOR] {
        let vault = vault(double.login(person, Scope::Person));
        testkit::until("the session", async || {
            let code = put(&vault).await.err().and_then(code);
            assert!(matches!(code.as_deref(), Some("token.unknown" | "role.missing")), "{code:?}");
            (code.as_deref() == Some("role.missing")).then_some(())
        })
        .await;
    }
    let operator = vault(double.login(World::AUTHOR, Scope::Person));
    let kept = testkit::until("the session", async || put(&operator).await.ok()).await;
    for _ in 0..60 {
        drop(put(&operator).await);
    }
    match put(&operator).await {
        Err(ClientError::Problem(detail, 429)) => assert_eq!(detail.code, "secrets.too_often"),
        other => panic!("{other:?}"),
    }
    let view: SecretsView = operator.all().await.unwrap();
    assert_eq!(view.secrets, [kept]);
    running.end().await;
}

async fn refusal(http: &Http, path: &str) -> Option<String> {
    http.get_bytes(path).await.err().and_then(code)
}

fn code(error: ClientError) -> Option<String> {
    error.code().map(str::to_owned)
}
