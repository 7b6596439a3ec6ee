//! `lease ls`, `show`, `grant` and `override`.

use super::{Context, change, listing, who};
use crate::cli::{LeaseCommand, ListArgs};
use crate::error::CliError;
use crate::find::{Book, ChangeRef};
use crate::form::AskedKind;
use crate::{clock, output};
use client::{Http, HttpOptions, PlatformClient};
use control::Cap;
use model::{ChangeId, Service};
use serde_json::{Value, json};
use view::{JOURNAL_SHORTER, LeaseUse, LeaseView, grants_nothing, lease_asked, was_granted};

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
    let endless = |lease: &LeaseView| if lease.stands { "no end".to_owned() } else { String::new() };
    let until = |lease: &LeaseView| lease.until.map_or_else(|| endless(lease), |until| until.to_string());
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
    let now = clock::now().max(book.state.last);
    let found = book.lease(&wanted.to_string());
    let Some(lease) = found.as_ref().ok().and_then(|id| LeaseView::of(&book.state, id, now)) else {
        return not_granted(context, &book, wanted).await?.ok_or_else(|| {
            let unknown = || CliError::unknown(format!("no AI lease {wanted}; `countersign lease ls` lists them"));
            found.err().unwrap_or_else(unknown)
        });
    };
    let id = lease.id;
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
    let nothing = if lease.stands { "" } else { "; it allows nothing now" };
    let said = usage.map(|usage| usage.text(now, lease.cycles) + nothing);
    let unknown = if asked.is_some() { JOURNAL_SHORTER } else { "not known: Platform Services gave no answer" };
    crate::print_line!("used       {}", said.as_deref().unwrap_or(unknown));
    if let Some(used) = lease.used {
        let control::UsedUp { cycles, until, index } = used;
        crate::print_line!("committed  {cycles} cycles in the periods until {until} (entry {index})");
    }
    Ok(())
}

/// A lease that is asked for, or that is over and read back: its change has it; none where no such change asks for a lease.
async fn not_granted(context: &Context, book: &Book, wanted: &ChangeRef) -> Result<Option<()>, CliError> {
    let Ok(id) = who::change(context, wanted).await else { return Ok(None) };
    let copy = who::copy(context).await?;
    let Ok(change) = copy.follower.change(&copy.state, &id) else { return Ok(None) };
    let Some(cap) = lease_asked(&change) else { return Ok(None) };
    let status = change.status_at(&copy.state, clock::now().max(copy.state.last));
    let standing = grants_nothing(status);
    if context.json {
        output::json(&json!({
            "lease": id, "tenant": cap.tenant, "tenant_name": book.names.tenant(&cap.tenant), "class": cap.class,
            "cycles": cap.cycles, "period": cap.period, "zone": cap.zone, "purpose": cap.purpose, "price": cap.price,
            "stands": false, "standing": standing, "status": status,
        }));
        return Ok(Some(()));
    }
    terms(book, &id, cap, if was_granted(status) { "granted" } else { "asks for" });
    crate::print_line!("standing   grants nothing; {standing}");
    crate::print_line!("its change countersign change show {}", id.short());
    Ok(Some(()))
}

fn terms(book: &Book, lease: &ChangeId, cap: &Cap, verb: &str) {
    crate::print_line!("AI lease {lease}");
    crate::print_line!("tenant     {}", book.names.tenant(&cap.tenant));
    crate::print_line!("class      {}", cap.class.title());
    crate::print_line!("{verb:<10} {} cycles a {} ({}), for {}", cap.cycles, cap.period, cap.zone, cap.purpose);
    if let Some(price) = &cap.price {
        crate::print_line!("price      {} {} (minor units) a thousand cycles", price.per_thousand, price.currency);
    }
}

fn print(book: &Book, lease: &LeaseView) {
    terms(book, &lease.id, &lease.cap, if lease.stands { "grants" } else { "granted" });
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
