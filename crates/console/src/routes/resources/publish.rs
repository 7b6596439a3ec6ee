//! `/resources/new`: something is published, at the desk of who is signed in.

use super::super::acts::{refuse, signed_in_desk};
use super::super::refused;
use super::super::sent::Sent;
use super::received::{self, PASTED_MAX, Received, SentFile, Unread, Upload, needs};
use crate::app::App;
use crate::page::field::{FieldRow, Widget};
use crate::page::form::FormPage;
use crate::page::frame::Frame;
use crate::page::refused::RefusalNotice;
use crate::page::{link, who_may};
use crate::scene::Scene;
use crate::viewer::Visit;
use crate::{respond, themes};
use artifact::{ArtifactError, MAX_ARCHIVE, Manifest};
use askama::Template;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use desk::{Desk, DeskError, Edition, Publication};
use document::DocumentError;
use model::{Digest, Resource, TenantId, Token};
use signed::Verb;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Where something is published.
pub(crate) const PATH: &str = link::PUBLISH;

#[derive(Template)]
#[template(path = "publish.html")]
struct Choose {
    frame: Frame,
    who: String,
    sorts: Vec<(String, &'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "form.html")]
struct Page {
    frame: Frame,
    form: FormPage,
    refused: Option<RefusalNotice>,
}

/// What one of a sort is.
fn says(what: Resource) -> &'static str {
    match what {
        Resource::Artifact => "A packed program, as `countersign artifact pack DIR` writes it.",
        Resource::Config => "What one engine gets beside its program: variables, references to secrets, limits.",
        Resource::Theme => "How a shop looks and nothing else, packed by `countersign artifact pack DIR --kind theme`.",
        Resource::Retention => "What is kept, handed over and destroyed once an engine is retired.",
    }
}

/// The form of the sort that the address names; else the sorts.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Query(given): Query<BTreeMap<String, String>>,
) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let Some(word) = given.get("what") else {
        let frame = Frame::new(&app, &visit, &scene, "Publish", "resources").at(PATH);
        let sort = |what: &Resource| (link::publish(*what), what.title(), says(*what));
        let choose =
            Choose { frame, who: who_may::say(Verb::Publish), sorts: Resource::ALL.iter().map(sort).collect() };
        return respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &choose);
    };
    let Ok(what) = word.parse::<Resource>() else { return refused::missing(&app, &visit, "sort of resource") };
    let here = link::publish(what);
    // A page's own script reads it again: what is shown once is for a person.
    let refused = visit.is_seen.then(|| app.sessions.refused(&visit.id, &here)).flatten();
    let form = form(&scene, what, &app.data_dir()).again(refused.as_ref());
    let frame = Frame::new(&app, &visit, &scene, &form.title, "resources").at(&here);
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &Page { frame, form, refused })
}

fn form(scene: &Scene, what: Resource, dir: &str) -> FormPage {
    let title = what.title().to_lowercase();
    let tenants = scene.state.tenants.keys().map(|id| (id.to_string(), scene.names().tenant(id)));
    let name = FieldRow::new("name", "Name", Widget::Text).help("As people read it. Empty: its product and version.");
    let tenant = FieldRow::new("tenant", "Whose", Widget::Select)
        .help("Whose engines alone may be bound to it. Nobody chosen: any tenant's.")
        .choices(tenants);
    let mut fields = vec![];
    if !what.is_archive() {
        let text = |name, label: &str, help: &str| FieldRow::new(name, label, Widget::Text).help(help).required(true);
        fields.push(text("product", "Product", "What it is of, in a word, as `storefront-alpha`."));
        fields.push(text("version", "Version", "As `3` or `2026.03`."));
    }
    fields.extend([name, tenant]);
    if what == Resource::Config {
        let help = "Variables whose names read like a secret's and whose values everybody may read for good, with commas \
                    between. Empty: such a value is refused, and nothing of it is recorded.";
        fields.push(FieldRow::new("public", "Everybody may read", Widget::Text).help(help));
    }
    if what.is_archive() {
        let help = format!("Packed, at most {} MiB. It says its product and version itself.", MAX_ARCHIVE >> 20);
        fields.push(FieldRow::new("file", "Packed file (.tar)", Widget::File).help(help).required(true));
    } else {
        let help = format!("TOML, at most {} KiB; or leave it empty and choose a file.", PASTED_MAX >> 10);
        fields.push(FieldRow::new("document", title_case(&title), Widget::Lines).help(help));
        let help = format!("TOML, or JSON where its name ends so; at most {} KiB.", document::MAX_BYTES >> 10);
        fields.push(FieldRow::new("file", "Or a file", Widget::File).help(help));
    }
    FormPage {
        word: "publish",
        title: format!("Publish: {title}"),
        lead: format!(
            "{} It changes nothing until a countersigned package names it. One word of a {} is enough.",
            says(what),
            who_may::say(Verb::Publish)
        ),
        action: PATH,
        is_upload: true,
        hidden: vec![("what", what.word().to_owned())],
        fields,
        button: "Publish",
        note: "Everything in it may be read by whoever reads the ledger: no secret belongs into it.",
        blocked: scene.blocked(needs(what)),
        commands: vec![command(what, dir)],
    }
}

fn title_case(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn command(what: Resource, dir: &str) -> String {
    let words = match what {
        Resource::Artifact => "publish FILE.tar --name NAME",
        Resource::Theme => "theme publish FILE.tar --name NAME",
        Resource::Config => "config publish FILE.toml --product PRODUCT --version VERSION",
        Resource::Retention => "retention publish FILE.toml --product PRODUCT --version VERSION",
    };
    format!("countersign {words} --key KEY --dir {dir}")
}

/// Publishes.
#[utoipa::path(post, path = "/resources/new", tag = "console",
    responses((status = 303), (status = 403), (status = 404)))]
pub(crate) async fn send(State(app): State<Arc<App>>, visit: Visit, request: Request) -> Response {
    let Received { what, sent, file } = match received::receive(&app, &visit, request).await {
        Ok(received) => received,
        Err(Unread::Foreign(csrf)) => return refused::foreign_from(&app, &visit, &csrf, PATH),
        Err(Unread::Nothing) => return refused::missing(&app, &visit, "sort of resource"),
        Err(Unread::Refused(what, refused, sent)) => {
            return refuse(&app, &visit, &link::publish(what), refused, sent.written("publish"));
        }
    };
    match published(&app, &visit, what, &sent, file).await {
        // Its page says whether it is certified.
        Ok(digest) => {
            // What was published again is held again, and no entry says so.
            app.wanted.notify_one();
            respond::see_other(&link::resource(&digest), visit.cookie.as_deref())
        }
        Err(refused) => refuse(&app, &visit, &link::publish(what), refused, sent.written("publish")),
    }
}

async fn published(
    app: &App,
    visit: &Visit,
    what: Resource,
    sent: &Sent,
    file: Option<SentFile>,
) -> Result<Digest, RefusalNotice> {
    let name = sent.text("name").map_err(|refused| refused.at("name"))?;
    let tenant: Option<TenantId> = sent.read("tenant", "this is no tenant; choose one from the list")?;
    let desk = signed_in_desk(app, visit, needs(what)).await?;
    match file {
        Some(SentFile::Archive(upload)) => {
            let upload = Arc::new(upload);
            let (manifest, digest) = looked_at(what, Arc::clone(&upload)).await?;
            // What was published before is kept again, should its archive be gone or damaged, and not recorded again.
            let name = name.unwrap_or_else(|| format!("{} {}", manifest.product, manifest.version));
            let published = desk.publish(&upload.tar(), &name, tenant).await;
            drop(upload);
            certified_or_not(app, digest, published)
        }
        _ if what.is_archive() => Err(missing("file", "no packed file was chosen")),
        file => {
            let written = text_of(sent, file)?;
            let scene = app.scene(visit.viewer.clone());
            document(&scene, &desk, what, sent, (name.as_deref(), tenant), &written).await
        }
    }
}

fn missing(field: &'static str, message: &str) -> RefusalNotice {
    RefusalNotice::new("form.missing", message, "add it, then send the form again").at(field)
}

/// What is published is recorded, whatever became of the look at it.
fn certified_or_not(
    app: &App,
    digest: Digest,
    published: Result<Publication, DeskError>,
) -> Result<Digest, RefusalNotice> {
    match published {
        Ok(Publication { digest, .. }) | Err(DeskError::NotCertified { digest, .. }) => Ok(digest),
        Err(DeskError::Late { .. }) if app.state().resources.contains_key(&digest) => Ok(digest),
        Err(error) => Err(error.into()),
    }
}

/// Nothing is recorded of a document that was published for this tenant before: as far as who publishes it sees.
fn is_new(scene: &Scene, digest: &Digest, tenant: Option<TenantId>) -> Result<(), RefusalNotice> {
    let known = scene.state.resources.get(digest).filter(|known| known.whose.covers(tenant.as_ref()));
    let Some(known) = known.map(|known| known.index) else { return Ok(()) };
    let message = format!("the same was published before, sha256 {}; nothing was recorded now", digest.short());
    let next = "find it among the resources, or change it and publish that";
    Err(RefusalNotice { entry: Some(known), ..RefusalNotice::new("resource.published", message, next) })
}

/// A document as it was sent.
struct Written {
    /// In which field.
    field: &'static str,
    /// What it is called where something in it is wrong.
    name: String,
    text: String,
}

/// What was pasted, else what was uploaded.
fn text_of(sent: &Sent, file: Option<SentFile>) -> Result<Written, RefusalNotice> {
    let pasted = sent.get("document");
    match file {
        Some(SentFile::Text { .. }) if !pasted.is_empty() => {
            let message = "there is a text and a file: which of them is meant is not known";
            Err(RefusalNotice::new("form.two_documents", message, "leave one of them out").at("document"))
        }
        Some(SentFile::Text { name, text }) => Ok(Written { field: "file", name, text }),
        _ if pasted.is_empty() => Err(missing("document", "there is no text and no file")),
        _ => {
            let (name, text) = ("the text".to_owned(), sent.raw("document").to_owned());
            Ok(Written { field: "document", name, text })
        }
    }
}

async fn document(
    scene: &Scene,
    desk: &Desk,
    what: Resource,
    sent: &Sent,
    (name, tenant): (Option<&str>, Option<TenantId>),
    written: &Written,
) -> Result<Digest, RefusalNotice> {
    let token = |field: &'static str| -> Result<Token, RefusalNotice> {
        let why = "one word of letters, digits and - . _ is needed";
        sent.read(field, why)?.ok_or_else(|| missing(field, "this is needed"))
    };
    let edition = Edition { product: token("product")?, version: token("version")?, name, tenant };
    let Written { field, name: called, text } = written;
    let wrong = |error: DocumentError| {
        RefusalNotice::new("document.wrong", error.to_string(), "correct it, then send the form again").at(field)
    };
    let digest_of = |digest: Result<Digest, _>| digest.map_err(|error| RefusalNotice::from(DeskError::Canon(error)));
    let published = if what == Resource::Config {
        let config = document::config(called, text).map_err(wrong)?;
        is_new(scene, &digest_of(config.digest())?, tenant)?;
        let public: Vec<_> = sent.get("public").split([',', ' ']).map(str::to_owned).collect();
        desk.publish_config(&config, &public, edition).await?
    } else {
        let policy = document::retention(called, text).map_err(wrong)?;
        is_new(scene, &digest_of(policy.digest())?, tenant)?;
        desk.publish_retention(&policy, edition).await?
    };
    Ok(published.digest)
}

/// Reads every byte of a packed artifact or theme. What is no theme is refused before anything is recorded.
async fn looked_at(what: Resource, upload: Arc<Upload>) -> Result<(Manifest, Digest), RefusalNotice> {
    let look = move || {
        let looked = look(what, &upload.tar(), &upload.unpacked());
        drop(upload);
        looked
    };
    let broken_off = |_| RefusalNotice::new("upload.not_read", "the file could not be read here", "send it again");
    tokio::task::spawn_blocking(look).await.map_err(broken_off)?.map_err(|refused| refused.at("file"))
}

fn look(what: Resource, tar: &Path, unpacked: &Path) -> Result<(Manifest, Digest), RefusalNotice> {
    let next = "pack it again and choose that";
    let wrong = |error: ArtifactError| RefusalNotice::new("artifact.not_acceptable", error.to_string(), next);
    let (manifest, digest) = artifact::inspect(tar).map_err(wrong)?;
    match (what, &manifest.program) {
        (Resource::Artifact, None) => {
            let message = "this holds files and no program: it starts nothing";
            return Err(RefusalNotice::new(
                "artifact.no_program",
                message,
                "publish it as a client theme, if it is one",
            ));
        }
        (Resource::Artifact, Some(_)) => return Ok((manifest, digest)),
        (_, Some(_)) => {
            let message = "this is a program and no theme";
            return Err(RefusalNotice::new("theme.a_program", message, "publish it as an artifact"));
        }
        (_, None) => {}
    }
    if manifest.files.len() > theme::MAX_FILES || manifest.total_bytes() > theme::MAX_BYTES {
        let (files, mib) = (theme::MAX_FILES, theme::MAX_BYTES >> 20);
        let message = format!("a theme has at most {files} files and {mib} MiB in all");
        return Err(RefusalNotice::new("theme.limit", message, "leave out what it does not need"));
    }
    let (tree, ..) = artifact::unpack(tar, unpacked).map_err(wrong)?;
    let unreadable = |error: storefront::StorefrontError| RefusalNotice::new("theme.refused", error.to_string(), next);
    let checked = storefront::check_theme(&tree).map_err(unreadable)?;
    checked.map(|_| (manifest, digest)).map_err(|faults| themes::refused(&faults))
}
