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
    dir: tempfile::TempDir,
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
        Self::demo_with(double, "http://127.0.0.1:1").await
    }

    /// The same beside Platform Services.
    pub(crate) async fn demo_with(double: &Double, platform: &str) -> Self {
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
            Service::Platform => platform.to_owned(),
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
        Self { at, client, dir, _stop: stop }
    }

    /// How many files and directories lie in the console's scratch room.
    pub(crate) fn scratches(&self) -> usize {
        std::fs::read_dir(self.dir.path().join("console/scratch")).unwrap().count()
    }

    /// Sends a form with a file in it, fields in their order; a file is (field, name, bytes).
    pub(crate) async fn upload(
        &self,
        path: &str,
        cookie: &str,
        fields: &[(&str, &str)],
        file: Option<(&str, &[u8])>,
    ) -> Got {
        let part = |head: &str| format!("--edge\r\nContent-Disposition: form-data; {head}\r\n\r\n");
        let mut body = vec![];
        for (name, value) in fields {
            body.extend(format!("{}{value}\r\n", part(&format!("name=\"{name}\""))).into_bytes());
        }
        if let Some((name, bytes)) = file {
            body.extend(part(&format!("name=\"file\"; filename=\"{name}\"")).into_bytes());
            body.extend([bytes, b"\r\n"].concat());
        }
        body.extend(b"--edge--\r\n");
        let headers = [("cookie", cookie), ("content-type", "multipart/form-data; boundary=edge")];
        got(self.ask("POST", path, &headers, body).await).await
    }

    /// Begins to send an artifact, and goes away once the console has begun to keep it.
    pub(crate) async fn begin_upload(&self, path: &str, cookie: &str, csrf: &str, bytes: &[u8]) {
        use tokio::io::AsyncWriteExt as _;
        let part = |head: &str| format!("--edge\r\nContent-Disposition: form-data; {head}\r\n\r\n");
        let (port, length) = (self.at.port(), bytes.len() + 100_000);
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost:{port}\r\ncookie: {cookie}\r\ncontent-length: {length}\r\n\
             content-type: multipart/form-data; boundary=edge\r\n\r\n{}{csrf}\r\n{}artifact\r\n{}",
            part("name=\"csrf\""),
            part("name=\"what\""),
            part("name=\"file\"; filename=\"a.tar\""),
        );
        let mut stream = tokio::net::TcpStream::connect(self.at).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        until("the console keeps what comes", async || (self.scratches() == 1).then_some(())).await;
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Response<Incoming> {
        let mut request = Request::builder().method(method).uri(format!("http://localhost:{}{path}", self.at.port()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if method == "POST" && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        self.client.request(request.body(Full::from(body.into())).unwrap()).await.unwrap()
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Got {
        got(self.ask(method, path, headers, body.to_owned()).await).await
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
        let mut body = self.ask("GET", path, &[("cookie", cookie)], Bytes::new()).await.into_body();
        let frame = body.frame().await.unwrap().unwrap();
        String::from_utf8_lossy(&frame.into_data().unwrap()).into_owned()
    }
}

async fn got(answer: Response<Incoming>) -> Got {
    let (parts, body) = answer.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8_lossy(&bytes).into_owned();
    Got { status: parts.status.as_u16(), headers: parts.headers, body }
}
