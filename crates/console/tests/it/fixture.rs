//! A console on a port of its own, and a client that shows everything of an answer.

use console::ConsoleOptions;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{HeaderMap, Request, Response, body::Incoming};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use model::{PersonId, Service};
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use testkit::{Double, World, until};
use tokio::sync::oneshot;

/// A running console. Dropped, it stops.
pub(crate) struct Console {
    at: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
    _dir: tempfile::TempDir,
    _stop: oneshot::Sender<()>,
}

/// A ledger that was founded in earnest, not as a demonstration.
pub(crate) async fn in_earnest() -> Double {
    Double::serve(World::new().in_earnest(), (Ipv4Addr::LOCALHOST, 0).into()).await
}

/// An answer.
pub(crate) struct Got {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    /// `name=id` of the cookie that was set.
    pub(crate) fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    pub(crate) fn between(&self, before: &str, after: &str) -> String {
        let rest = self.body.split(before).nth(1).unwrap_or_else(|| panic!("no {before} in {}", self.body));
        rest.split(after).next().unwrap().to_owned()
    }

    pub(crate) fn csrf(&self) -> String {
        self.between("name=\"csrf\" value=\"", "\"")
    }
}

impl Console {
    /// Alone: no ledger, no service, no persona.
    pub(crate) fn fresh() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let sources = Service::ALL.iter().map(|service| (*service, "http://127.0.0.1:1".to_owned())).collect();
        Self::start(dir, sources, None, false)
    }

    /// Beside a Governance and outside a demonstration: nobody's key is here.
    pub(crate) async fn beside(double: &Double) -> Self {
        let url = |service: &Service| match service {
            Service::Governance => double.url().to_owned(),
            _ => "http://127.0.0.1:1".to_owned(),
        };
        let sources = Service::ALL.iter().map(|service| (*service, url(service))).collect();
        let console = Self::start(tempfile::tempdir().unwrap(), sources, Some(double.trust()), false);
        console.follows().await;
        console
    }

    /// What it calls itself.
    pub(crate) fn origin(&self) -> String {
        format!("http://localhost:{}", self.at.port())
    }

    /// Beside a Governance, with three personas.
    pub(crate) async fn demo(double: &Double) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let persona = |person: model::PersonId, name: &str, role: &str| {
            let key_file = dir.path().join(name);
            let key = World::person_key(&person).to_openssh(ssh_key::LineEnding::LF).unwrap();
            std::fs::write(&key_file, key.as_bytes()).unwrap();
            std::fs::set_permissions(&key_file, PermissionsExt::from_mode(0o600)).unwrap();
            json!({ "name": name, "person": person, "roles": [role], "key_file": key_file })
        };
        let personas = [
            persona(World::OPERATOR, "Governance Operator 1", "governance-operator"),
            persona(World::FINANCE, "Finance Reviewer 1", "finance-reviewer"),
            persona(World::AUDITOR, "Support Auditor 1", "support-auditor"),
        ];
        let demo = json!({ "personas": personas });
        std::fs::write(dir.path().join("demo.json"), demo.to_string()).unwrap();
        let url = |service: &Service| match service {
            Service::Governance => double.url().to_owned(),
            _ => "http://127.0.0.1:1".to_owned(),
        };
        let sources = Service::ALL.iter().map(|service| (*service, url(service))).collect();
        let console = Self::start(dir, sources, Some(double.trust()), true);
        // Who may sign in is read from the ledger: until it is followed, nobody may.
        console.follows().await;
        console
    }

    pub(crate) fn start(
        dir: tempfile::TempDir,
        sources: Vec<(Service, String)>,
        trust: Option<signed::Trust>,
        demo: bool,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let at = listener.local_addr().unwrap();
        let options = ConsoleOptions {
            dir: dir.path().join("console"),
            listener,
            sources,
            trust,
            personas: demo.then(|| dir.path().to_owned()),
            key: Some(World::console_key()),
            version: "0.0.0".to_owned(),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(console::run(options, async move { drop(stopped.await) }));
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { at, client, _dir: dir, _stop: stop }
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Response<Incoming> {
        let mut request = Request::builder().method(method).uri(format!("http://localhost:{}{path}", self.at.port()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if method == "POST" && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        self.client.request(request.body(Full::from(body.to_owned())).unwrap()).await.unwrap()
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Got {
        let (parts, body) = self.ask(method, path, headers, body).await.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Got { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str, cookie: Option<&str>) -> Got {
        let headers: Vec<_> = cookie.map(|cookie| ("cookie", cookie)).into_iter().collect();
        self.send("GET", path, &headers, "").await
    }

    pub(crate) async fn post(&self, path: &str, cookie: Option<&str>, body: &str) -> Got {
        let headers: Vec<_> = cookie.map(|cookie| ("cookie", cookie)).into_iter().collect();
        self.send("POST", path, &headers, body).await
    }

    /// The cookie of a persona who signed in.
    pub(crate) async fn seated(&self, person: PersonId) -> String {
        let visit = self.get("/sign-in", None).await;
        let body = format!("person={person}&next=/&csrf={}", visit.csrf());
        self.post("/sign-in", Some(&visit.cookie()), &body).await.cookie()
    }

    /// Waits until its own copy of the ledger is verified.
    async fn follows(&self) {
        let verified = async || !self.get("/sources", None).await.body.contains("nothing verified yet");
        until("the console has verified its ledger", async || verified().await.then_some(())).await;
    }

    /// Waits until a page says something to somebody.
    pub(crate) async fn says(&self, path: &str, cookie: &str, words: &str) {
        let says = async || self.get(path, Some(cookie)).await.body.contains(words).then_some(());
        until(&format!("{path} says {words}"), says).await;
    }

    /// The first piece of a stream.
    pub(crate) async fn first_event(&self, path: &str) -> String {
        self.first_event_for(path, "").await
    }

    /// The first piece of a stream, for whoever has this cookie.
    pub(crate) async fn first_event_for(&self, path: &str, cookie: &str) -> String {
        let mut body = self.ask("GET", path, &[("cookie", cookie)], "").await.into_body();
        let frame = body.frame().await.unwrap().unwrap();
        String::from_utf8_lossy(&frame.into_data().unwrap()).into_owned()
    }
}
