//! `/engines/new`.

use super::super::acts::signed_in_desk;
use super::super::sent::Sent;
use super::{new_name, said, show};
use crate::app::App;
use crate::page::field::{FieldRow, Widget};
use crate::page::form::FormPage;
use crate::page::refused::RefusalNotice;
use crate::page::{link, who_may};
use crate::scene::Scene;
use crate::viewer::Visit;
use axum::Form;
use axum::extract::State;
use axum::response::Response;
use control::{HOSTS_MAX, is_host, side_ports};
use desk::NewEngine;
use model::{NodeId, Service, Token};
use signed::Verb;
use std::sync::Arc;

/// Where an engine is registered.
pub(crate) const PATH: &str = link::NEW_ENGINE;

const WORD: &str = "register-engine";

fn fields(scene: &Scene) -> Vec<FieldRow> {
    let (state, names) = (&scene.state, scene.names());
    let text = |name, label: &str, help: &str| FieldRow::new(name, label, Widget::Text).help(help);
    let number = |name, label: &str, help: &str| FieldRow::new(name, label, Widget::Number).help(help).required(true);
    let tenants = state.tenants.keys().map(|id| (id.to_string(), names.tenant(id)));
    let nodes = state.roster.nodes.iter().map(|node| (node.id.to_string(), node.name.to_string()));
    vec![
        text("name", "Name", "As people read it.").required(true),
        FieldRow::new("tenant", "Tenant", Widget::Select).help("Whose engine it is.").required(true).choices(tenants),
        FieldRow::new("node", "Production Node", Widget::Select).help("Where it runs.").required(true).choices(nodes),
        number("port", "Port", "Where it is reached on that node; its sides use the ports 1,000 and 2,000 above."),
        text("runtime", "Runtime", "Only artifacts that were packed for engines of this sort can be deployed on it.")
            .required(true)
            .value("storefront"),
        number("memory_mib", "Memory, MiB", "The most that one process on it may be given.").value("4096"),
        text(
            "hosts",
            "Host names",
            "Under which names it may answer, with commas between; none: by its address alone.",
        ),
    ]
}

fn form(scene: &Scene, dir: &str) -> FormPage {
    let who = who_may::say(Verb::RegisterEngine);
    FormPage {
        word: WORD,
        title: "Register an engine".to_owned(),
        lead: format!("Where a tenant's storefront will run. Nothing is started. One word of a {who} is enough."),
        action: PATH,
        is_upload: false,
        hidden: vec![],
        fields: fields(scene),
        button: "Register the engine",
        note: "Nothing serves there before a deployment is approved by others and run.",
        blocked: scene.blocked(&[Service::Governance]),
        commands: vec![format!(
            "countersign engine new NAME --tenant TENANT --port PORT --node NODE --runtime RUNTIME --memory-mib MIB --key KEY --dir {dir}"
        )],
    }
}

/// The form.
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let scene = app.scene(visit.viewer.clone());
    show(&app, &visit, &scene, "engines", form(&scene, &app.data_dir()))
}

/// Registers one.
#[utoipa::path(post, path = "/engines/new", tag = "console", responses((status = 303), (status = 403)))]
pub(crate) async fn say(
    State(app): State<Arc<App>>,
    visit: Visit,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    said(&app, &visit, (WORD, PATH), form, registered).await
}

/// Where it is shown.
async fn registered(app: &App, visit: &Visit, form: &Sent) -> Result<String, RefusalNotice> {
    let scene = app.scene(visit.viewer.clone());
    let known = scene.state.engines.keys().map(|id| scene.names().engine(id));
    let name = new_name(form, "engine", known)?;
    let tenant = needed(form.read("tenant", "this is no tenant; choose one from the list")?, "tenant")?;
    let node = needed(form.read("node", "this is no node; choose one from the list")?, "node")?;
    let port = port(&scene, form, &node)?;
    let runtime: Token = needed(form.read("runtime", "one word of letters, digits and - . _ is needed")?, "runtime")?;
    let why = "a whole number from 1 to 4,294,967,295 is needed";
    let memory_mib = needed(form.read::<std::num::NonZeroU32>("memory_mib", why)?, "memory_mib")?.get();
    let hosts = hosts(&scene, form)?;
    let desk = signed_in_desk(app, visit, &[Service::Governance]).await?;
    let new = NewEngine { name: &name, tenant, node, port, runtime, memory_mib, hosts };
    Ok(link::engine(&desk.register_engine(new).await?))
}

fn needed<T>(found: Option<T>, field: &'static str) -> Result<T, RefusalNotice> {
    let next = "answer it, then send the form again";
    found.ok_or_else(|| RefusalNotice::new("form.missing", format!("`{field}` is missing"), next).at(field))
}

/// A port whose sides' ports are free on that node, too.
fn port(scene: &Scene, form: &Sent, node: &NodeId) -> Result<u16, RefusalNotice> {
    let why = "a whole number from 1 to 63,535 is needed";
    let wrong = |code: &str, why: String, next: &str| RefusalNotice::new(code, why, next).at("port");
    let port: u16 = needed(form.read("port", why)?, "port")?;
    let Some([blue, green]) = side_ports(port).filter(|_| port != 0) else {
        return Err(wrong("form.malformed", format!("`port`: {why}"), "choose another port"));
    };
    let wanted = [port, blue, green];
    let here = scene.state.engines.iter().filter(|(_, engine)| engine.node == *node);
    for (id, engine) in here {
        let [blue, green] = engine.side_ports;
        if let Some(taken) = wanted.iter().find(|port| [engine.port, blue, green].contains(*port)) {
            let message = format!("port {taken} belongs to {}", scene.names().engine(id));
            return Err(wrong("port.taken", message, "choose another port"));
        }
    }
    Ok(port)
}

/// Host names, each of which is no other engine's.
fn hosts(scene: &Scene, form: &Sent) -> Result<Vec<Token>, RefusalNotice> {
    let wrong =
        |code: &str, why: String| RefusalNotice::new(code, why, "correct it, then send the form again").at("hosts");
    let words = form.get("hosts").split([',', ' ']).map(str::trim).filter(|word| !word.is_empty());
    let mut hosts = vec![];
    for word in words {
        let host = word.parse().ok().filter(is_host);
        let why = || format!("`hosts`: `{word}` is not a name in lower case, as `shop.example.com`");
        let host: Token = host.ok_or_else(|| wrong("form.malformed", why()))?;
        if let Some((id, _)) = scene.state.engines.iter().find(|(_, engine)| engine.hosts.contains(&host)) {
            return Err(wrong("host.taken", format!("`{host}` leads to {}", scene.names().engine(id))));
        }
        hosts.push(host);
    }
    if hosts.len() > HOSTS_MAX {
        return Err(wrong("form.malformed", format!("`hosts`: an engine has at most {HOSTS_MAX} host names")));
    }
    Ok(hosts)
}
