//! What a person does about a change, at that person's desk.

use super::refused;
use super::sent::Sent;
use crate::app::App;
use crate::page::recorded::Word;
use crate::page::refused::{RefusalNotice, Written};
use crate::page::{action, link};
use crate::respond;
use crate::scene::{UNKNOWN, Viewer};
use crate::viewer::Visit;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use control::Answers;
use desk::{Desk, DraftOrder, Shown};
use model::{ChangeId, Digest, PersonId, Service, Token};
use signed::{Act, Reconciled};
use std::sync::Arc;
use std::time::Duration;

/// How long an answer waits for the executors to observe a draft, which stands whatever they do.
const OBSERVE_WITHIN: Duration = Duration::from_secs(20);

/// The desk of who is signed in, when an act may rest on what the page shows.
pub(super) async fn signed_in_desk(app: &App, visit: &Visit, needs: &[Service]) -> Result<Desk, RefusalNotice> {
    let scene = app.scene(visit.viewer.clone());
    let person = scene.viewer.as_ref().and_then(Viewer::person);
    match (scene.blocked(needs), person) {
        (None, Some(person)) => Ok(app.desks.signed_in_desk(person).await?),
        (Some(blocked), _) if blocked.code != UNKNOWN => {
            Err(RefusalNotice::new(blocked.code, blocked.why, "look at the sources; nothing was sent"))
        }
        _ => Err(RefusalNotice::new(UNKNOWN, "nobody is signed in", "sign in, then send it again")),
    }
}

/// Back to the page, which shows what was refused, and what was written.
pub(super) fn refuse(app: &App, visit: &Visit, page: &str, refused: RefusalNotice, written: Written) -> Response {
    let sign_in = (link::query("/sign-in", &[("next", page)]), "Sign in…".to_owned());
    let refused = RefusalNotice { written, ..refused.leads(UNKNOWN, Some(sign_in)) };
    app.sessions.refuse(&visit.id, page, refused);
    respond::see_other(page, visit.cookie.as_deref())
}

/// Back to the page of a change, which shows what was said once it has found it in the ledger.
pub(super) fn told(app: &App, visit: &Visit, word: Word) -> Response {
    let page = link::change(&word.change);
    app.sessions.record(&visit.id, word);
    respond::see_other(&page, visit.cookie.as_deref())
}

/// Says one verb about a change.
#[utoipa::path(post, path = "/changes/{id}/{verb}", tag = "console",
    params(("id" = String, Path, description = "the change"), ("verb" = String, Path, description = "what is said")),
    responses((status = 303), (status = 403), (status = 404)))]
pub(crate) async fn submit(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path((id, verb)): Path<(String, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let form = Sent::of(form);
    if !visit.session.accepts(form.csrf()) {
        return refused::foreign(&app, &visit, form.csrf());
    }
    let Ok(change) = id.parse::<ChangeId>() else { return refused::missing(&app, &visit, "change") };
    match about(&app, &visit, &change, &verb, &form).await {
        Ok(Some(word)) => told(&app, &visit, word),
        Ok(None) => refused::missing(&app, &visit, "act"),
        Err(refused) => refuse(&app, &visit, &link::change(&change), refused, form.written(&verb)),
    }
}

fn unknown() -> RefusalNotice {
    RefusalNotice::new("change.not_found", "there is no such change", "go back to the list of changes")
}

/// What is said about a change, with what its form asks besides.
enum RequestedAct {
    /// About the revision alone.
    Plain(Plain),
    Seal,
    Approve(Option<PersonId>),
    Run(Option<model::Instant>),
    Reject(String),
    Release(Option<PersonId>),
    /// The same package again, as a new revision.
    Redraw,
}

/// An act that names a change and its revision, and nothing that was planned.
type Plain = Box<dyn FnOnce(ChangeId, u32) -> Act + Send>;

fn plain(act: impl FnOnce(ChangeId, u32) -> Act + Send + 'static) -> RequestedAct {
    RequestedAct::Plain(Box::new(act))
}

fn chosen<T>(found: Option<T>, what: &str) -> Result<T, RefusalNotice> {
    found.ok_or_else(|| {
        RefusalNotice::new("form.missing", format!("no {what} was chosen"), "choose one, then send it again")
    })
}

/// What a verb says, with what its form sent; none: there is no such verb.
fn asked(verb: &str, form: &Sent) -> Result<Option<RequestedAct>, RefusalNotice> {
    let person = |name: &'static str| form.read::<PersonId>(name, "this is nobody; choose somebody from the list");
    Ok(Some(match verb {
        "seal" => RequestedAct::Seal,
        "approve" => RequestedAct::Approve(person("on_behalf_of")?),
        "run" => RequestedAct::Run(form.time("not_before")?),
        "reject" => {
            let missing =
                || RefusalNotice::new("reject.reason_missing", "a rejection says why", "write a reason, then reject");
            RequestedAct::Reject(form.text("reason")?.ok_or_else(missing)?)
        }
        "release" => RequestedAct::Release(person("of")?),
        "redraw" => RequestedAct::Redraw,
        "hold" => plain(|change, revision| Act::Hold { change, revision }),
        "withdraw" => plain(|change, revision| Act::Withdraw { change, revision }),
        "cancel" => plain(|change, revision| Act::Cancel { change, revision }),
        "observe" => plain(|change, revision| Act::Observe { change, revision }),
        "escalate" => plain(|change, revision| Act::Escalate { change, revision }),
        "revoke" => plain(|change, revision| Act::Revoke { change, revision }),
        "review" => plain(|change, revision| Act::Review { change, revision }),
        "abort" => plain(|change, revision| Act::Abort { change, revision }),
        "reconcile" => {
            let outcome = match form.get("outcome") {
                "as-base" => Some(Reconciled::AsBase),
                "as-planned" => Some(Reconciled::AsPlanned),
                _ => None,
            };
            let outcome = chosen(outcome, "end")?;
            plain(move |change, revision| Act::Reconcile { change, revision, outcome })
        }
        "attach" => {
            let item = chosen(form.read::<Token>("item", "this is no item; choose one from the list")?, "item")?;
            let evidence = form.read::<Digest>("evidence", "a digest is 64 lower-case hexadecimal digits")?;
            let evidence = chosen(evidence, "evidence")?;
            plain(move |change, revision| Act::Attach { change, revision, item, evidence })
        }
        _ => return Ok(None),
    }))
}

/// None: there is no such verb.
async fn about(
    app: &App,
    visit: &Visit,
    id: &ChangeId,
    verb: &str,
    form: &Sent,
) -> Result<Option<Word>, RefusalNotice> {
    if !known(verb) {
        return Ok(None);
    }
    let shown = &form.shown()?;
    let reason = form.text("reason")?;
    let reason = reason.as_deref();
    let Some(asked) = asked(verb, form)? else { return Ok(None) };
    confirm(app, id, verb, form, shown)?;
    let kind = app.state().kind_of(id);
    let needs = kind.map_or_else(|| vec![Service::Governance], |kind| action::needs(verb, kind));
    let desk = signed_in_desk(app, visit, &needs).await?;
    let entry = match asked {
        RequestedAct::Seal => desk.seal(id, Some(shown)).await?,
        RequestedAct::Approve(of) => desk.approve_for(id, None, of, Some(shown)).await?,
        RequestedAct::Run(not_before) => desk.run_from(id, not_before, Some(shown)).await?,
        RequestedAct::Reject(reason) => desk.reject(id, None, &reason, Some(shown)).await?,
        RequestedAct::Release(of) => desk.release(id, of, reason, Some(shown)).await?,
        RequestedAct::Plain(act) => desk.sign_and_submit_about(id, act, reason, Some(shown)).await?,
        RequestedAct::Redraw => return redraw(app, &desk, id, shown).await.map(Some),
    };
    Ok(Some(Word { person: desk.person(), change: *id, verb: verb.to_owned(), entry }))
}

/// Where its kind asks for it, whoever decides has typed how the fingerprint of the package that they saw begins.
fn confirm(app: &App, id: &ChangeId, verb: &str, form: &Sent, shown: &Shown) -> Result<(), RefusalNotice> {
    let kind = app.state().kind_of(id);
    if kind.is_none_or(|kind| !action::asks_fingerprint(kind, verb)) {
        return Ok(());
    }
    if action::is_fingerprint(form.get("fingerprint"), &shown.package) {
        return Ok(());
    }
    let message = "what was typed is not how this package's fingerprint begins, so nothing was signed";
    let next = format!(
        "compare the package with what you mean to {verb}, then type the first {} characters of the fingerprint under What is signed",
        action::TYPED
    );
    Err(RefusalNotice::new("fingerprint.mismatch", message, next))
}

fn known(verb: &str) -> bool {
    verb == "redraw" || action::is_known(verb)
}

/// Opens the same package again as a new revision: what the sealed one rests on has moved.
async fn redraw(app: &App, desk: &Desk, id: &ChangeId, shown: &Shown) -> Result<Word, RefusalNotice> {
    let state = app.state();
    let change = desk.follower().change(&state, id).map_err(|_| unknown())?;
    shown.is_package(change.revision, &change.package_digest)?;
    // What is said again is signed again.
    desk.texts_match(id).await?;
    let names = desk.names().await?;
    let order = DraftOrder {
        title: names.titles.get(id).cloned(),
        reason: names.reasons.get(id).cloned(),
        window: change.package.window,
        supersedes: change.package.supersedes,
        change: Some(*id),
        ..DraftOrder::new(change.kind, Answers::default())
    };
    let change = desk.open_copy(&order, id).await?;
    opened(app, desk, change).await
}

/// A draft that is open: its leaf is looked up in the own verified state. Executors that stay silent are the
/// page's to tell.
pub(super) async fn opened(app: &App, desk: &Desk, change: ChangeId) -> Result<Word, RefusalNotice> {
    if let Ok(Err(error)) = tokio::time::timeout(OBSERVE_WITHIN, desk.observed(&change)).await {
        tracing::warn!(%error, "console: a draft is not observed yet");
    }
    let entry = app.state().changes.get(&change).map_or(0, |change| change.opened);
    Ok(Word { person: desk.person(), change, verb: "open".to_owned(), entry })
}
