//! Opening governed changes: what every command that asks for one does afterwards.

use super::{Context, change, past, waiting};
use crate::cli::Asking;
use crate::clock;
use crate::error::CliError;
use crate::output;
use control::{Answers, Replaces, Setting, kind_replacing};
use desk::{Desk, DraftOrder, RosterOrder};
use model::ChangeId;
use view::ChangeView;

/// The order of somebody who asks for another one in this one's place.
fn order(what: Replaces, asking: &Asking) -> Result<DraftOrder, CliError> {
    let kind = kind_replacing(what).ok_or_else(|| CliError::State {
        code: "kind.unknown",
        message: "this build has no kind of change for it".to_owned(),
        next: "see the kinds with `countersign change new --help`".to_owned(),
    })?;
    let (title, reason) = (asking.title.clone(), asking.reason.clone());
    Ok(DraftOrder { title, reason, ..DraftOrder::new(kind, Answers::default()) })
}

/// A roster that says what the one in force says.
pub fn unchanged_roster() -> CliError {
    CliError::State {
        code: "roster.unchanged",
        message: "the roster in force says so already".to_owned(),
        next: "see it with `countersign person ls`".to_owned(),
    }
}

/// Asks for another roster.
pub async fn roster(context: &Context, desk: &Desk, asking: &Asking, next: RosterOrder) -> Result<(), CliError> {
    if !next.is_changed() {
        return Err(unchanged_roster());
    }
    let id = desk.open_roster(&order(Replaces::Roster, asking)?, next).await?;
    opened(context, desk, &id).await
}

/// Asks for another governed document.
pub async fn setting(context: &Context, desk: &Desk, asking: &Asking, next: Setting) -> Result<(), CliError> {
    means(context, desk, &next).await;
    let id = desk.open_setting(&order(Replaces::Setting, asking)?, next).await?;
    opened(context, desk, &id).await
}

/// Says what another governed document means for past decisions, before it is asked for.
pub async fn means(context: &Context, desk: &Desk, next: &Setting) {
    if context.json {
        return;
    }
    let words = past::words(context, desk.follower(), next).await;
    let names = desk.names().await.unwrap_or_default();
    for (label, text) in past::lines(&desk.follower().state(), &names, next, &words) {
        crate::print_line!("{label:<12} {text}");
    }
}

/// Says that a draft is open, at once: it stands whatever becomes of what follows.
pub fn stands(context: &Context, id: &ChangeId) {
    if context.json {
        output::note(&format_args!("opened {id}"));
    } else {
        crate::print_line!("opened {id}");
    }
}

/// Waits until a draft is observed, and shows it.
pub async fn opened(context: &Context, desk: &Desk, id: &ChangeId) -> Result<(), CliError> {
    stands(context, id);
    waiting::on(context, desk, id, desk.observed(id)).await?;
    let names = desk.names().await?;
    let (state, now) = (desk.follower().state(), clock::now());
    let change = desk.follower().change(&state, id).map_err(|error| desk::no_record(error, id))?;
    let view = ChangeView::of(&state, &names, &change, now);
    if context.json {
        output::json(&view);
        return Ok(());
    }
    change::print(&view);
    change::next(context, &view, Some(&change::Known { state: &state, names: &names, change: &change, now }));
    Ok(())
}
