//! `lease ls`, `show`, `grant` and `override`.

use super::{Context, change, listing, who};
use crate::cli::{LeaseCommand, ListArgs};
use crate::error::CliError;
use crate::find::{Book, ChangeRef};
use crate::form::AskedKind;
use crate::{clock, output};
use client::{Http, HttpOptions, PlatformClient};
use model::{ChangeId, Service};
use serde_json::{Value, json};
use view::{JOURNAL_SHORTER, LeaseUse, LeaseView};

/// Longest wait for Platform Services' answer, milliseconds.
const ANSWER_MS: u64 = 5_000;

pub async fn run(context: &Context, command: LeaseCommand) -> Result<(), CliError> {
    match command {
        LeaseCommand::Ls(args) => list(context, args).await,
        LeaseCommand::Show { lease } => show(context, &lease).await,
        LeaseCommand::Grant(args) => {
            change::of_kind(context, crate::cli::Grant::kind(), &args.open, &args.form.0).await?;
            Ok(())
        }
        LeaseCommand::Override(args) => {
            change::of_kind(context, crate::cli::Override::kind(), &args.open, &args.form.0).await?;
            Ok(())
        }
    }
}

/// The engines whose bundle names it.
fn bound(lease: &LeaseView, book: &Book) -> Vec<String> {
    lease.bound.iter().map(|id| book.names.engine(id)).collect()
}

fn as_json(lease: &LeaseView, book: &Book) -> Value {
    let used = lease.used.map(|used| json!({"cycles": used.cycles, "until": used.until, "entry": used.index}));
    let cap = &lease.cap;
    json!({
        "lease": lease.id, "tenant": cap.tenant, "tenant_name": book.names.tenant(&cap.tenant), "class": cap.class,
        "cycles": cap.cycles, "cycles_now": lease.cycles, "period": cap.period, "zone": cap.zone, "purpose": cap.purpose,
        "price": cap.price, "from": lease.from, "until": lease.until, "stands": lease.stands,
        "standing": lease.standing, "raised_by": lease.raised_by, "committed": used, "bound": bound(lease, book),
    })
}

async fn list(context: &Context, args: ListArgs) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let now = clock::now().max(book.state.last);
    let until = |lease: &LeaseView| lease.until.map_or_else(|| "revoked".to_owned(), |until| until.to_string());
    listing::print(
        context,
        args,
        LeaseView::all(&book.state, now),
        |lease| as_json(lease, &book),
        &[
            ("LEASE", &|lease| lease.id.short()),
            ("TENANT", &|lease| book.names.tenant(&lease.cap.tenant)),
            ("CLASS", &|lease| lease.cap.class.title().to_owned()),
            ("CYCLES", &|lease| format!("{} a {}", lease.cycles, lease.cap.period)),
            ("FOR", &|lease| lease.cap.purpose.to_string()),
            ("UNTIL", &until),
            ("BOUND TO", &|lease| bound(lease, &book).join(", ")),
            ("", &|lease| lease.standing.clone()),
        ],
    );
    Ok(())
}

async fn show(context: &Context, wanted: &ChangeRef) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let id = book.lease(&wanted.to_string())?;
    let now = clock::now().max(book.state.last);
    let unknown = || CliError::unknown(format!("no AI lease {wanted}; `countersign lease ls` lists them"));
    let lease = LeaseView::of(&book.state, &id, now).ok_or_else(unknown)?;
    let asked = usage(context, &id).await;
    let usage = asked.as_ref().filter(|usage| usage.is_believed(&book.state));
    if context.json {
        let mut said = as_json(&lease, &book);
        said["overrides"] = lease.overrides.iter().map(|one| json!({"change": one.change, "says": one.text})).collect();
        said["usage"] = json!(usage);
        if asked.is_some() && usage.is_none() {
            said["usage_unknown"] = json!(JOURNAL_SHORTER);
        }
        output::json(&said);
        return Ok(());
    }
    print(&book, &lease);
    for one in &lease.overrides {
        crate::print_line!("override   {}  {}", one.change.short(), one.text);
    }
    let said = usage.map(|usage| usage.text(now, lease.cycles));
    let unknown = if asked.is_some() { JOURNAL_SHORTER } else { "not known: Platform Services gave no answer" };
    crate::print_line!("used       {}", said.as_deref().unwrap_or(unknown));
    if let Some(used) = lease.used {
        let control::UsedUp { cycles, until, index } = used;
        crate::print_line!("committed  {cycles} cycles in the periods until {until} (entry {index})");
    }
    Ok(())
}

fn print(book: &Book, lease: &LeaseView) {
    let cap = &lease.cap;
    crate::print_line!("AI lease {}", lease.id);
    crate::print_line!("tenant     {}", book.names.tenant(&cap.tenant));
    crate::print_line!("class      {}", cap.class.title());
    crate::print_line!("grants     {} cycles a {} ({}), for {}", cap.cycles, cap.period, cap.zone, cap.purpose);
    if let Some(price) = &cap.price {
        crate::print_line!("price      {} {} (minor units) a thousand cycles", price.per_thousand, price.currency);
    }
    let until = lease.until.map_or_else(|| "until it is revoked".to_owned(), |until| format!("until {until}"));
    crate::print_line!("standing   {}; from {} {until}", lease.standing, lease.from);
    let bound = bound(lease, book);
    let bound = if bound.is_empty() { "no engine".to_owned() } else { bound.join(", ") };
    crate::print_line!("bound to   {bound}");
}

/// What Platform Services says of it, with the best credential for reading there is.
async fn usage(context: &Context, lease: &ChangeId) -> Option<LeaseUse> {
    let asked = async {
        let governance = who::governance(context).await?;
        let options = HttpOptions { timeout_ms: ANSWER_MS, answer_max_bytes: 1 << 20 };
        let platform = PlatformClient::new(Http::with(who::ports(context)?.url(Service::Platform), options));
        let platform = match who::credential(context, &governance).await {
            Some(token) => platform.bearer(token),
            None => platform,
        };
        Ok::<_, CliError>(platform.lease_usage(lease).await?)
    };
    match asked.await {
        Ok(usage) => Some(usage),
        Err(error) => {
            output::note(&format_args!("what is used of it is not known: {error}"));
            None
        }
    }
}
