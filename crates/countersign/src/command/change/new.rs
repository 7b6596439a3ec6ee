//! `change new`.

use super::meant;
use crate::cli::{NewArgs, OpenArgs};
use crate::command::{Context, asking, who};
use crate::document_file;
use crate::error::CliError;
use crate::form::FormArgs;
use crate::given::content;
use control::{Answers, Replaces, Setting, Window, governs};
use desk::{Desk, DraftOrder, RosterOrder};
use model::{ChangeId, KindName};
use signed::Roster;
use std::path::Path;

pub async fn run(context: &Context, args: NewArgs) -> Result<(), CliError> {
    let desk = who::desk(context, &args.open.who).await?;
    let id = match (&args.from, args.kind) {
        (Some(from), _) => copied(&desk, &args, meant(&desk, from)?).await?,
        (None, Some(kind)) => asked(context, &desk, (&args.open, &args.form), kind).await?,
        (None, None) => return Err(CliError::Usage("say which kind: `--kind KIND`".to_owned())),
    };
    asking::opened(context, &desk, &id).await
}

/// The same of one kind; answers the change.
pub async fn of_kind(
    context: &Context,
    kind: KindName,
    open: &OpenArgs,
    form: &FormArgs,
) -> Result<ChangeId, CliError> {
    let desk = who::desk(context, &open.who).await?;
    let id = asked(context, &desk, (open, form), kind).await?;
    asking::opened(context, &desk, &id).await?;
    Ok(id)
}

fn order(desk: &Desk, args: &OpenArgs, kind: KindName, answers: Answers) -> Result<DraftOrder, CliError> {
    let window = args.window_from.zip(args.window_until);
    let of = |change: &Option<_>| change.as_ref().map(|change| meant(desk, change)).transpose();
    Ok(DraftOrder {
        title: args.title.clone(),
        reason: args.reason.clone(),
        window: window.map(|(from, until)| Window { from: from.0, until: until.0 }),
        supersedes: of(&args.supersedes)?,
        change: of(&args.change)?,
        ..DraftOrder::new(kind, answers)
    })
}

async fn copied(desk: &Desk, args: &NewArgs, from: ChangeId) -> Result<ChangeId, CliError> {
    if !args.form.is_empty() {
        return Err(CliError::Usage("`--from` copies what the change asked for; leave its flags out".to_owned()));
    }
    let kind = desk.follower().state().kind_of(&from);
    let kind = kind.ok_or_else(|| CliError::unknown(format!("no change {from}")))?;
    Ok(desk.open_copy(&order(desk, &args.open, kind, Answers::default())?, &from).await?)
}

async fn asked(
    context: &Context,
    desk: &Desk,
    (open, form): (&OpenArgs, &FormArgs),
    kind: KindName,
) -> Result<ChangeId, CliError> {
    let answers = form.answers(kind, &who::book(desk).await?)?;
    let order = order(desk, open, kind, answers)?;
    let Some(path) = form.document(kind) else { return Ok(desk.open_draft(&order).await?) };
    if governs(kind).replaces() == Some(Replaces::Roster) {
        return whole_roster(desk, form, &order, &path).await;
    }
    let setting = document(&path)?;
    // What the words name and what the file holds must be one thing: people decide by the words.
    let named = order.answers.setting_if("name").map_err(|error| CliError::Usage(error.to_string()))?;
    if named.is_some_and(|named| named != setting.name()) {
        let (path, is) = (path.display(), setting.name());
        return Err(CliError::Usage(format!("{path} is the document `{is}`, which is not the one that was named")));
    }
    asking::means(context, desk, &setting).await;
    Ok(desk.open_setting(&order, setting).await?)
}

/// Asks for the roster that a file holds in the place of the one in force.
async fn whole_roster(desk: &Desk, form: &FormArgs, order: &DraftOrder, path: &Path) -> Result<ChangeId, CliError> {
    if let Some(other) = form.beside_document(order.kind) {
        let why = format!("`--document` brings the whole roster; leave out the answer {other}, or the document");
        return Err(CliError::Usage(why));
    }
    let base = desk.follower().state().roster.clone();
    let next: Roster = document_file::json(path, "what `countersign person roster` prints, changed as you want it")?;
    next.check().map_err(|why| content(path, why, "write it from what `countersign person roster` prints"))?;
    let next = RosterOrder { next, ..RosterOrder::of(&base) };
    if next.is_changed() { Ok(desk.open_roster(order, next).await?) } else { Err(asking::unchanged_roster()) }
}

/// A governed document from a file.
pub fn document(path: &Path) -> Result<Setting, CliError> {
    document_file::json(path, "what `countersign settings show …` prints, changed as you want it")
}
