//! `/invitations/{invitation}/{verb}`: what came of an invitation becomes a draft, signed at its
//! inviter's own desk as any other; or the link is withdrawn.

use super::super::acts::{opened, refuse, signed_in_desk, told};
use super::super::refused;
use super::super::sent::Sent;
use super::inviter;
use crate::app::App;
use crate::clock;
use crate::invitations::{Invitation, InvitedTo};
use crate::page::kinds;
use crate::page::recorded::Word;
use crate::page::refused::{RefusalNotice, Written};
use crate::respond;
use crate::viewer::Visit;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use control::Answers;
use desk::{DraftOrder, RosterDraft, RosterOrder};
use model::{Digest, KindName};
use std::sync::Arc;

/// Where they are listed.
const PAGE: &str = "/roster";

/// Opens the draft, or withdraws the link.
#[utoipa::path(post, path = "/invitations/{invitation}/{verb}", tag = "console",
    params(("invitation" = String, Path, description = "the SHA-256 of the link's secret"),
        ("verb" = String, Path, description = "`open` or `withdraw`")),
    responses((status = 303), (status = 403), (status = 404)))]
pub(crate) async fn say(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path((id, verb)): Path<(String, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let form = Sent::of(form);
    if !visit.session.accepts(form.csrf()) {
        return refused::foreign_from(&app, &visit, form.csrf(), PAGE);
    }
    let refused = match verb.as_str() {
        "withdraw" => match withdrawn(&app, &visit, &id) {
            Ok(()) => return respond::see_other(PAGE, visit.cookie.as_deref()),
            Err(refused) => refused,
        },
        "open" => match open(&app, &visit, &id, &form).await {
            Ok(word) => return told(&app, &visit, word),
            Err(refused) => refused,
        },
        _ => return refused::missing(&app, &visit, "act"),
    };
    refuse(&app, &visit, PAGE, refused, Written::default())
}

fn unknown() -> RefusalNotice {
    let message = "you have no such invitation: it has ended, or the console was started again";
    RefusalNotice::new("invitation.unknown", message, "invite again")
}

fn withdrawn(app: &App, visit: &Visit, id: &str) -> Result<(), RefusalNotice> {
    let (person, invitations) = inviter(app, visit)?;
    let found = id.parse().is_ok_and(|id| invitations.withdraw(&person, &id));
    if found { Ok(()) } else { Err(unknown()) }
}

/// One of the viewer's own, with the kind of change that it asks for.
fn own(app: &App, visit: &Visit, id: &str) -> Result<(Invitation, KindName), RefusalNotice> {
    let (person, invitations) = inviter(app, visit)?;
    let id: Digest = id.parse().map_err(|_| unknown())?;
    let known = invitations.of(&person, clock::now()).into_iter().find(|known| known.id == id).ok_or_else(unknown)?;
    let kind = kinds::of_roster(&app.state()).ok_or_else(|| {
        RefusalNotice::new(
            "kind.unknown",
            "no kind of change in force replaces the roster",
            "look at the kinds of change",
        )
    })?;
    Ok((known, kind))
}

async fn open(app: &App, visit: &Visit, id: &str, form: &Sent) -> Result<Word, RefusalNotice> {
    let (known, kind) = own(app, visit, id)?;
    let Some(answer) = known.answer else {
        let message = "this invitation has not been answered yet";
        return Err(RefusalNotice::new("invitation.unanswered", message, "wait for the answer"));
    };
    let (title, reason) = (form.text("title")?, form.text("reason")?);
    let desk = signed_in_desk(app, visit, &kinds::needs(kind)).await?;
    let mut next = RosterOrder::of(&app.state().roster);
    let (openssh, possession) = (answer.proof.openssh, answer.proof.possession);
    match known.into {
        InvitedTo::Key => next.add_key(&known.person, &openssh, possession)?,
        InvitedTo::Roster { name, roles, tenants } => {
            next.join(RosterDraft { person: known.person, name, roles, tenants, openssh }, possession)?;
        }
    }
    let order = DraftOrder { title, reason, ..DraftOrder::new(kind, Answers::default()) };
    let change = desk.open_roster(&order, next).await?;
    if let Some(invitations) = &app.invitations {
        invitations.opened(&known.id, change);
    }
    opened(app, &desk, change).await
}
