//! `artifact prune`: what the stores keep, for what, and what of it goes.

use super::{Context, listing, who};
use crate::cli::ListArgs;
use crate::error::CliError;
use crate::find::Book;
use crate::{clock, when};
use client::{GovernanceClient, Http};
use control::NeededFor;
use follower::{StoreView, Stored};
use model::{Digest, Instant, Service};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// The services that keep releases and themes on a disk.
const STORES: [Service; 2] = [Service::Platform, Service::Node];
/// Longest wait until they have dropped what may go: each looks twice a minute.
const WITHIN: Duration = Duration::from_secs(90);
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Something that a store keeps.
struct Row {
    store: Service,
    stored: Stored,
    why: Why,
}

/// Why it is still there.
enum Why {
    Needed(NeededFor),
    /// Something that is placed on the node uses it.
    Placed,
    /// Nothing needs it, and it stays until then.
    Until(Instant),
    /// Nothing has needed it for so long, milliseconds: it goes.
    Goes(i64),
}

pub async fn run(context: &Context, dry_run: bool, args: ListArgs) -> Result<(), CliError> {
    let (mut book, mut rows) = look(context).await?;
    let going: BTreeSet<_> = rows.iter().filter(|row| row.goes()).map(Row::key).collect();
    let until = std::time::Instant::now() + WITHIN;
    while !dry_run && rows.iter().any(Row::goes) {
        if std::time::Instant::now() > until {
            return Err(CliError::State {
                code: "artifact.kept",
                message: format!("what may go is still there after {} seconds", WITHIN.as_secs()),
                next: "`countersign status` says whether Platform Services and the node are well".to_owned(),
            });
        }
        tokio::time::sleep(LOOK_EVERY).await;
        (book, rows) = look(context).await?;
    }
    let kept: BTreeSet<_> = rows.iter().map(Row::key).collect();
    let dropped: Vec<_> = going.difference(&kept).collect();
    print(context, args, &book, rows);
    if !dry_run && !context.json {
        for (store, artifact) in dropped {
            crate::print_line!("{} has dropped {}", title(*store), book.names.resource(&book.state, artifact));
        }
    }
    Ok(())
}

fn title(store: Service) -> &'static str {
    store.title()
}

impl Row {
    fn goes(&self) -> bool {
        matches!(self.why, Why::Goes(_))
    }

    fn key(&self) -> (Service, Digest) {
        (self.store, self.stored.artifact)
    }

    fn sentence(&self, book: &Book) -> String {
        match &self.why {
            Why::Needed(NeededFor::Serving(engine)) => format!("serves on {}", book.names.engine(engine)),
            Why::Needed(NeededFor::Certified(engine, rank)) => {
                let engine = book.names.engine(engine);
                match rank {
                    1 => format!("certified on {engine} last; kept for a rollback"),
                    rank => format!("certified on {engine}, and {} more since; kept for a rollback", rank - 1),
                }
            }
            Why::Needed(NeededFor::Change(change)) => format!("change {} is open and names it", change.short()),
            Why::Needed(NeededFor::Certificate) => "is published, and not certified yet".to_owned(),
            Why::Placed => "is placed here".to_owned(),
            Why::Until(until) => format!("nothing needs it; stays until {until}"),
            Why::Goes(ms) => format!("goes: nothing has needed it for {}", when::duration(*ms)),
        }
    }

    fn as_json(&self, book: &Book) -> Value {
        let code = match &self.why {
            Why::Needed(NeededFor::Serving(_)) => "serving",
            Why::Needed(NeededFor::Certified(..)) => "certified",
            Why::Needed(NeededFor::Change(_)) => "change",
            Why::Needed(NeededFor::Certificate) => "certificate",
            Why::Placed => "placed",
            Why::Until(_) => "new",
            Why::Goes(_) => "goes",
        };
        json!({
            "store": self.store.word(), "artifact": self.stored.artifact, "since": self.stored.since,
            "name": book.names.resource(&book.state, &self.stored.artifact), "bytes": self.stored.bytes,
            "goes": self.goes(), "why": code, "says": self.sentence(book),
        })
    }
}

/// What each store says that it keeps, and what the own verified state says of it by that store's rule.
async fn look(context: &Context) -> Result<(Book, Vec<Row>), CliError> {
    let (book, ports) = (who::listed(context).await?, who::ports(context)?);
    // Which ledger it is has been asked above, where it answers; with it gone the stores answer all the same.
    let governance = GovernanceClient::new(Http::new(ports.url(Service::Governance)));
    let token = who::credential(context, &governance).await;
    let mut rows = vec![];
    for store in STORES {
        let mut http = Http::new(ports.url(store)).of(store);
        if let Some(token) = &token {
            http = http.bearer(token);
        }
        let view: StoreView = http.get("/v1/kept").await?;
        let (rule, now) = (view.rule(), clock::now());
        let needed = rule.needed(&book.state);
        rows.extend(view.kept.into_iter().map(|stored| {
            let stays_ms = rule.stays_ms(&book.state, &stored.artifact);
            let until = stored.since.plus_millis(stays_ms);
            let why = match needed.get(&stored.artifact) {
                Some(needed) => Why::Needed(*needed),
                None if stored.placed => Why::Placed,
                None if now <= until => Why::Until(until),
                None => Why::Goes(stays_ms),
            };
            Row { store, stored, why }
        }));
    }
    // What goes is what is asked for.
    rows.sort_by_key(|row| (!row.goes(), row.store.word(), row.stored.since));
    Ok((book, rows))
}

fn print(context: &Context, args: ListArgs, book: &Book, rows: Vec<Row>) {
    let mib = |row: &Row| row.stored.bytes.map_or_else(String::new, |bytes| bytes.div_ceil(1 << 20).to_string());
    listing::print(
        context,
        args,
        rows,
        |row| row.as_json(book),
        &[
            ("STORE", &|row| title(row.store).to_owned()),
            ("ARTIFACT", &|row| book.names.resource(&book.state, &row.stored.artifact)),
            ("DIGEST", &|row| row.stored.artifact.short()),
            ("MIB", &mib),
            ("WHY", &|row| row.sentence(book)),
        ],
    );
}
