//! `lease ls`, `show`, `grant` and `override`.

use super::{Context, change, listing, who};
use crate::cli::{LeaseCommand, ListArgs};
use crate::error::CliError;
use crate::find::{Book, ChangeRef};
use crate::form::AskedKind;
use crate::{clock, output};
use client::{Http, HttpOptions, PlatformClient};
use control::{Cap, CapAt, Grant, cap_at};
use model::{ChangeId, Instant, Service};
use platform::leases::{LeaseUsage, PeriodUsage};
use serde_json::{Value, json};

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
            let id = change::of_kind(context, crate::cli::Override::kind(), &args.open, &args.form.0).await?;
            if !context.json {
                crate::print_line!(
                    "\nit is read-only until it is escalated; only then can it be sealed. Whoever may escalate it says:"
                );
                crate::print_line!("  countersign change escalate {id} …");
            }
            Ok(())
        }
    }
}

/// One AI lease.
struct Lease<'a> {
    id: ChangeId,
    grant: &'a Grant,
    cap: &'a Cap,
    /// As it stands now; none: it is over.
    stands: Option<CapAt<'a>>,
}

impl Lease<'_> {
    /// The most of one period now.
    fn cycles(&self) -> u64 {
        self.stands.map_or(self.cap.cycles, |stands| stands.cycles)
    }

    fn standing(&self, now: Instant) -> String {
        match (self.stands, self.grant.revoked) {
            (Some(CapAt { raised_by: Some(by), .. }), _) => format!("stands, raised by {}", by.short()),
            (Some(_), _) => "stands".to_owned(),
            (None, Some(entry)) => format!("revoked (entry {entry})"),
            (None, None) if self.grant.is_over(now) => "over".to_owned(),
            (None, None) => "not yet".to_owned(),
        }
    }

    /// The engines whose bundle names it.
    fn bound(&self, book: &Book) -> Vec<String> {
        let bound = book.state.engines.iter();
        let bound = bound.filter(|(_, engine)| engine.bundle().is_some_and(|bundle| bundle.lease == Some(self.id)));
        bound.map(|(id, _)| book.names.engine(id)).collect()
    }

    fn as_json(&self, book: &Book, now: Instant) -> Value {
        let used = self.grant.used.map(|used| json!({"cycles": used.cycles, "until": used.until, "entry": used.index}));
        json!({
            "lease": self.id, "tenant": self.cap.tenant, "tenant_name": book.names.tenant(&self.cap.tenant),
            "class": self.cap.class, "cycles": self.cap.cycles, "cycles_now": self.cycles(), "period": self.cap.period,
            "zone": self.cap.zone, "purpose": self.cap.purpose, "price": self.cap.price, "from": self.grant.from,
            "until": self.grant.until, "stands": self.stands.is_some(), "standing": self.standing(now),
            "raised_by": self.stands.and_then(|stands| stands.raised_by), "committed": used, "bound": self.bound(book),
        })
    }
}

/// Each lease that the ledger grants, with those that are over and not yet read back; the newest first.
fn leases(book: &Book, now: Instant) -> Vec<Lease<'_>> {
    let granted = book.state.grants.iter().filter_map(|(id, grant)| Some((*id, grant, grant.terms.cap()?)));
    let own = granted.filter(|(_, _, cap)| cap.raises.is_none());
    let lease = |(id, grant, cap)| Lease { id, grant, cap, stands: cap_at(&book.state, &id, now) };
    let mut all: Vec<_> = own.map(lease).collect();
    all.sort_by_key(|lease| std::cmp::Reverse(lease.grant.from));
    all
}

async fn list(context: &Context, args: ListArgs) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let now = clock::now().max(book.state.last);
    let until = |lease: &Lease| lease.grant.until.map_or_else(|| "revoked".to_owned(), |until| until.to_string());
    listing::print(
        context,
        args,
        leases(&book, now),
        |lease| lease.as_json(&book, now),
        &[
            ("LEASE", &|lease| lease.id.short()),
            ("TENANT", &|lease| book.names.tenant(&lease.cap.tenant)),
            ("CLASS", &|lease| lease.cap.class.title().to_owned()),
            ("CYCLES", &|lease| format!("{} a {}", lease.cycles(), lease.cap.period)),
            ("FOR", &|lease| lease.cap.purpose.to_string()),
            ("UNTIL", &until),
            ("BOUND TO", &|lease| lease.bound(&book).join(", ")),
            ("", &|lease| lease.standing(now)),
        ],
    );
    Ok(())
}

async fn show(context: &Context, wanted: &ChangeRef) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let id = book.lease(&wanted.to_string())?;
    let now = clock::now().max(book.state.last);
    let unknown = || CliError::unknown(format!("no AI lease {wanted}; `countersign lease ls` lists them"));
    let lease = leases(&book, now).into_iter().find(|lease| lease.id == id).ok_or_else(unknown)?;
    let usage = usage(context, &id).await;
    let overrides = overrides(&book, &id, now);
    if context.json {
        let mut said = lease.as_json(&book, now);
        said["overrides"] = overrides.iter().map(|(id, text)| json!({"change": id, "says": text})).collect();
        said["usage"] = json!(usage);
        output::json(&said);
        return Ok(());
    }
    print(&book, &lease, now);
    for (id, text) in &overrides {
        crate::print_line!("override   {}  {text}", id.short());
    }
    crate::print_line!("used       {}", used(usage.as_ref(), now, lease.cycles()));
    if let Some(used) = lease.grant.used {
        let control::UsedUp { cycles, until, index } = used;
        crate::print_line!("committed  {cycles} cycles in the periods until {until} (entry {index})");
    }
    Ok(())
}

fn print(book: &Book, lease: &Lease, now: Instant) {
    let cap = lease.cap;
    crate::print_line!("AI lease {}", lease.id);
    crate::print_line!("tenant     {}", book.names.tenant(&cap.tenant));
    crate::print_line!("class      {}", cap.class.title());
    crate::print_line!("grants     {} cycles a {} ({}), for {}", cap.cycles, cap.period, cap.zone, cap.purpose);
    if let Some(price) = &cap.price {
        crate::print_line!("price      {} {} (minor units) a thousand cycles", price.per_thousand, price.currency);
    }
    let until = lease.grant.until.map_or_else(|| "until it is revoked".to_owned(), |until| format!("until {until}"));
    crate::print_line!("standing   {}; from {} {until}", lease.standing(now), lease.grant.from);
    let bound = lease.bound(book);
    let bound = if bound.is_empty() { "no engine".to_owned() } else { bound.join(", ") };
    crate::print_line!("bound to   {bound}");
}

/// What raises it, or did and is not yet read back.
fn overrides(book: &Book, lease: &ChangeId, now: Instant) -> Vec<(ChangeId, String)> {
    let raises = book.state.grants.iter().filter_map(|(id, grant)| Some((*id, grant, grant.terms.cap()?)));
    let raises = raises.filter(|(_, _, cap)| cap.raises == Some(*lease));
    let text = |(id, grant, cap): (ChangeId, &Grant, &Cap)| {
        let until = grant.until.map(|until| format!(" until {until}")).unwrap_or_default();
        let over = if grant.holds_at(now) { "" } else { ", over" };
        (id, format!("{} cycles a {}{until}{over}", cap.cycles, cap.period))
    };
    raises.map(text).collect()
}

/// What is used of the cycles of the period that is running: one that is over is no part of what can be used now.
fn used(usage: Option<&LeaseUsage>, now: Instant, cycles: u64) -> String {
    let Some(usage) = usage else { return "not known: Platform Services gave no answer".to_owned() };
    let Some(period) = usage.periods.iter().find(|period| period.from <= now && now < period.until) else {
        return format!("0 of {cycles} cycles in this period");
    };
    let PeriodUsage { from, until, posted, reserved, reservations, .. } = period;
    let open = if *reservations == 0 { String::new() } else { format!(" and {reserved} set aside by {reservations}") };
    format!("{posted}{open} of {cycles} cycles in the period from {from} until {until}")
}

/// What Platform Services says of it, with the best credential for reading there is.
async fn usage(context: &Context, lease: &ChangeId) -> Option<LeaseUsage> {
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
