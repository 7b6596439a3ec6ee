//! The OpenAPI documents tell the truth: every route of the five services is asked well and badly, and no
//! status, content type or field is answered that its document does not have.

use crate::plane::{Plane, until};
use crate::wire;
use client::{Signer, StatementDraft};
use serde_json::{Map, Value, json};
use signed::{Act, Seen};
use std::collections::{BTreeMap, BTreeSet};
use tlog::checkpoint::Checkpoint;
use tlog::note::VerifierKey;

/// What is wrong with a value by a schema; places as `$.slots[0].person`.
fn check(document: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let pointer = name.trim_start_matches('#');
        let schema = document.pointer(pointer).unwrap_or_else(|| panic!("{name} leads nowhere"));
        return check(document, schema, value, at, found);
    }
    for all in ["oneOf", "anyOf"] {
        let Some(choices) = schema[all].as_array() else { continue };
        let fits = |choice: &&Value| {
            let mut wrong = vec![];
            check(document, choice, value, at, &mut wrong);
            wrong.is_empty()
        };
        if choices.iter().find(fits).is_none() {
            found.push(format!("{at} fits none of {all}: {value}"));
        }
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fits = kinds.contains(&is) || is == "integer" && kinds.contains(&"number");
    if !kinds.is_empty() && !fits {
        found.push(format!("{at} is {is} and documented as {kinds:?}"));
    }
    match value {
        Value::Array(items) if schema["items"].is_object() => {
            for (n, item) in items.iter().enumerate() {
                check(document, &schema["items"], item, &format!("{at}[{n}]"), found);
            }
        }
        Value::Object(fields) => object(document, schema, fields, at, found),
        _ => {}
    }
}

fn object(document: &Value, schema: &Value, fields: &Map<String, Value>, at: &str, found: &mut Vec<String>) {
    let Some(known) = schema["properties"].as_object() else {
        if schema["additionalProperties"].is_object() {
            for (name, value) in fields {
                check(document, &schema["additionalProperties"], value, &format!("{at}.{name}"), found);
            }
        }
        return;
    };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            found.push(format!("{at}.{name} is missing"));
        }
    }
    for (name, value) in fields {
        match known.get(name) {
            Some(schema) => check(document, schema, value, &format!("{at}.{name}"), found),
            None => found.push(format!("{at}.{name} is answered and not documented")),
        }
    }
}

/// What a service's document says, and what it was seen to answer.
struct Told {
    service: &'static str,
    url: String,
    document: Value,
    /// Statuses each operation was seen to answer.
    seen: BTreeMap<String, BTreeSet<u16>>,
}

/// What is sent.
#[derive(Default, Clone)]
struct Ask<'a> {
    token: Option<&'a str>,
    kind: Option<&'static str>,
    body: Vec<u8>,
}

impl Told {
    fn of(plane: &Plane, service: &'static str) -> Self {
        let url = plane.url(service);
        let document = serde_json::from_slice(&wire::get(&format!("{url}/openapi.json"), None)).unwrap();
        Self { service, url, document, seen: BTreeMap::new() }
    }

    /// Asks, and holds the answer against the document.
    fn ask(&mut self, method: &str, path: &str, at: &str, ask: &Ask) -> u16 {
        let operation = self.document["paths"][path][method.to_lowercase()].clone();
        let answer = wire::exchange(method, &format!("{}{at}", self.url), ask.token, ask.kind, &ask.body);
        let place = format!("{} {method} {at}: {} {}", self.service, answer.status, answer.kind);
        let documented = &operation["responses"][answer.status.to_string()];
        assert!(documented.is_object(), "{place}: the status is not documented: {}", answer.text());
        match documented["content"].as_object() {
            None => assert!(answer.body.is_empty(), "{place}: no body is documented: {}", answer.text()),
            Some(content) => {
                let essence = |kind: &str| kind.split(';').next().unwrap_or_default().trim().to_owned();
                let known = content.iter().find(|(kind, _)| essence(kind) == essence(&answer.kind));
                let (_, known) = known.unwrap_or_else(|| panic!("{place}: the content type is not documented"));
                if answer.kind.starts_with("application/json") {
                    let value: Value = serde_json::from_slice(&answer.body).unwrap();
                    let mut found = vec![];
                    check(&self.document, &known["schema"], &value, "$", &mut found);
                    assert!(found.is_empty(), "{place}: {found:#?}\n{value:#}");
                }
            }
        }
        self.seen.entry(format!("{method} {path}")).or_default().insert(answer.status);
        answer.status
    }

    fn operations(&self) -> Vec<(String, String)> {
        let paths = self.document["paths"].as_object().unwrap();
        let methods = |(path, item): (&String, &Value)| -> Vec<_> {
            item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())).collect()
        };
        paths.iter().flat_map(methods).collect()
    }

    /// Every route with these in the place of its parameters, and with nonsense; with a token and without.
    fn all(&mut self, good: &[(&str, &str)], token: &str) {
        for (method, path) in self.operations() {
            let filled = |of: &dyn Fn(&str) -> String| {
                let mut at = path.clone();
                while let Some((before, rest)) = at.clone().split_once('{') {
                    let (name, after) = rest.split_once('}').unwrap();
                    at = format!("{before}{}{after}", of(name.trim_start_matches('*')));
                }
                at
            };
            let known = filled(&|name| {
                let found = good.iter().find(|(known, _)| *known == name);
                found.map_or_else(|| panic!("{path}: what is {name}?"), |(_, value)| (*value).to_owned())
            });
            let others =
                [filled(&|_| "nonsense".to_owned()), filled(&|_| "00".repeat(16)), filled(&|_| "00".repeat(32))];
            let with = Ask { token: Some(token), ..Ask::default() };
            let without = Ask::default();
            let bad = Ask { token: Some("cs_nobody"), ..Ask::default() };
            if method == "GET" {
                let status = self.ask("GET", &path, &known, &with);
                assert!(status == 200 || (path == "/readyz" && status == 503), "{}{known}: {status}", self.url);
                for ask in [&without, &bad] {
                    self.ask("GET", &path, &known, ask);
                }
                self.ask("GET", &path, &format!("{known}?nonsense=1&limit=x&beyond=x"), &with);
                for other in &others {
                    self.ask("GET", &path, other, &with);
                }
            } else {
                for (kind, body) in [
                    (Some("application/json"), "{}"),
                    (Some("application/json"), "{"),
                    (Some("text/html"), "{}"),
                    (None, ""),
                ] {
                    for ask in [&with, &without] {
                        let ask = Ask { kind, body: body.as_bytes().to_vec(), ..ask.clone() };
                        for at in [&known, &others[0]] {
                            self.ask(&method, &path, at, &ask);
                        }
                    }
                }
            }
        }
    }
}

/// A person's word, as it is sent.
fn word(plane: &Plane, act: Act) -> Vec<u8> {
    let signer = Signer::from_file(&plane.key("ada")).unwrap();
    let trust = plane.trust();
    let text = |field: &str| trust[field].as_str().unwrap().to_owned();
    let note = wire::get(&format!("{}/v1/checkpoints/control", plane.url("governance")), None);
    let key: VerifierKey = trust["log_keys"][0].as_str().unwrap().parse().unwrap();
    let head = Checkpoint::open(std::str::from_utf8(&note).unwrap(), std::slice::from_ref(&key), key.name()).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let name = |tenant: &model::TenantId| {
        ("name".parse().unwrap(), Some((*tenant).into()), client::random_opening([("text", "Bakery")]))
    };
    let texts = if let Act::RegisterTenant { tenant } = &act { vec![name(tenant)] } else { vec![] };
    let draft = StatementDraft {
        ledger: text("genesis").parse().unwrap(),
        person: plane.person("ada").0.parse().unwrap(),
        act,
        texts,
        not_after: model::Instant::from_millis(i64::try_from(now).unwrap() + 600_000),
        seen: Seen { size: head.size, root: head.root },
    };
    serde_json::to_vec(&signer.sign_statement(draft).unwrap()).unwrap()
}

fn json_of(token: Option<&str>, body: Vec<u8>) -> Ask<'_> {
    Ask { token, kind: Some("application/json"), body }
}

/// Words and events that are taken, refused and about nothing.
fn submissions(plane: &Plane, governance: &mut Told, read: &str) {
    let ingest = plane.token("ada", model::Scope::Ingest);
    let event = |title: &str| {
        json!({"id": "1", "source": "ci.build", "kind": "pipeline.finished", "category": "reported",
            "severity": "low", "title": title})
        .to_string()
        .into_bytes()
    };
    for (token, title, status) in [(&*ingest, "built", 200), (&ingest, "built otherwise", 409), (read, "built", 403)] {
        let ask = json_of(Some(token), event(title));
        assert_eq!(governance.ask("POST", "/v1/events", "/v1/events", &ask), status);
    }
    let tenant = model::TenantId([9; 16]);
    let unknown = Act::Hold { change: model::ChangeId([9; 16]), revision: 1 };
    for (act, status) in [(Act::RegisterTenant { tenant }, 200), (Act::RegisterTenant { tenant }, 409), (unknown, 404)]
    {
        let ask = json_of(None, word(plane, act));
        assert_eq!(governance.ask("POST", "/v1/commands", "/v1/commands", &ask), status);
    }
    let large = json_of(None, vec![b' '; 600 << 10]);
    assert_eq!(governance.ask("POST", "/v1/commands", "/v1/commands", &large), 413);
}

#[test]
fn every_route_answers_as_its_document_says() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let artifact = plane.publish("2026.02");
    let change = plane.approved_deployment(engine, &artifact);
    plane.by("ada", &["change", "run", &change]).ok();
    let shown = plane.cli(&["change", "show", &change, "--json"]).ok().json();
    let field = |name: &str| shown[name].as_str().unwrap().to_owned();
    let (package, engine_id) = (field("package"), field("engine"));
    let read = plane.token("ada", model::Scope::Read);
    let person = plane.token("ada", model::Scope::Person);
    let with = Ask { token: Some(&read), ..Ask::default() };

    let mut governance = Told::of(&plane, "governance");
    // Something of every sort on the timeline.
    submissions(&plane, &mut governance, &read);
    let size = plane.control_size();
    let tile = format!("entries/000.p/{}", size % 256);
    let good = [("log", "control"), ("index", "0"), ("path", &tile), ("object", "package"), ("digest", &package)];
    until("a checkpoint of all of it", || {
        wire::send("GET", &format!("{}/log/control/tile/{tile}", plane.url("governance")), Some(&read), b"").0 == 200
    });
    governance.all(&[&good[..], &[("id", &change)]].concat(), &read);
    let entries = (0..size).map(|index| format!("control/{index}")).chain(["events/0".to_owned()]);
    for entry in entries {
        governance.ask("GET", "/v1/entries/{log}/{index}", &format!("/v1/entries/{entry}"), &with);
    }
    let explain = format!("/v1/changes/{change}/explain?person={}", plane.person("ben").0);
    governance.ask("GET", "/v1/changes/{id}/explain", &explain, &with);

    let hold = word(&plane, Act::Hold { change: model::ChangeId([9; 16]), revision: 1 });
    let hold: Value = serde_json::from_slice(&hold).unwrap();
    let held = json_of(None, json!({ "statements": [hold] }).to_string().into_bytes());
    undescribed(&governance);
    let lease = plane.lease("1000");
    let id = [("id", engine_id.as_str()), ("digest", artifact.as_str()), ("lease", lease.as_str())];
    for service in ["platform", "node", "engine", "integration"] {
        // Only a person is told of secrets.
        let token = if service == "engine" { &person } else { &read };
        let mut service = Told::of(&plane, service);
        service.all(&id, token);
        assert_eq!(service.ask("POST", "/v1/brake", "/v1/brake", &held), 404);
        undescribed(&service);
    }
}

/// Operations whose good answer is JSON of no shape, which ask for a token and do not say so, or which
/// nobody asked well here.
fn undescribed(told: &Told) {
    let mut found = vec![];
    for (method, path) in told.operations() {
        let operation = &told.document["paths"][&path][method.to_lowercase()];
        let name = format!("{} {method} {path}", told.service);
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        if schema.as_object().is_some_and(Map::is_empty) {
            found.push(format!("{name}: its body is not described"));
        }
        let seen = told.seen.get(&format!("{method} {path}")).cloned().unwrap_or_default();
        if seen.contains(&401) && operation["x-countersign-auth"] != "signed" && !operation["security"].is_array() {
            found.push(format!("{name}: asks for a token and does not say so"));
        }
        if operation["security"].is_array() && told.document["components"]["securitySchemes"]["bearer"].is_null() {
            found.push(format!("{name}: the scheme `bearer` is not declared"));
        }
        if method == "GET" && !seen.contains(&200) {
            found.push(format!("{name}: was never asked well"));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
