//! `engine logs`.

use crate::cli::LogsArgs;
use crate::command::{Context, who};
use crate::error::CliError;
use crate::output;
use client::{Http, HttpOptions};
use engine::OutputView;
use model::Service;
use std::time::Duration;

/// Between two looks for what came.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Longest wait for one answer, milliseconds.
const ANSWER_MS: u64 = 5_000;
/// An answer holds 1 MiB of output; as JSON it is at most six times as long.
const ANSWER_MAX: usize = 8 << 20;

pub async fn run(context: &Context, args: &LogsArgs) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let engine = book.engine(&args.engine)?;
    let options = HttpOptions { timeout_ms: ANSWER_MS, answer_max_bytes: ANSWER_MAX };
    let mut http = Http::with(who::ports(context)?.url(Service::Engine), options).of(Service::Engine);
    let governance = who::governance(context).await?;
    if let Some(token) = who::credential(context, &governance).await {
        http = http.bearer(token);
    }
    let side = args.side.as_ref().map(|side| format!("&side={side}")).unwrap_or_default();
    let begin = format!("/v1/engines/{engine}/logs?lines={}{side}", args.lines);
    let mut view: OutputView = http.get(&begin).await?;
    if context.json && !args.follow {
        output::json(&view);
        return Ok(());
    }
    if let Some(side) = view.side.filter(|_| !context.json) {
        let last = if args.side.is_some() { "" } else { ", which printed last" };
        output::note(&format_args!("[side {side}{last}]"));
    }
    print(context, &view);
    if !args.follow {
        if view.side.is_none() {
            output::note(&"nothing was ever started for it on this node");
        }
        return Ok(());
    }
    let mut silent = false;
    // Where the other side was left, if it was followed before.
    let mut left: Option<OutputView> = None;
    while !output::is_lost() {
        tokio::time::sleep(LOOK_EVERY).await;
        let path = match (view.side, &view.next) {
            (Some(side), Some(next)) => format!("/v1/engines/{engine}/logs?lines=10000&side={side}&after={next}"),
            _ => begin.clone(),
        };
        match http.get::<OutputView>(&path).await {
            Ok(next) => {
                if next.skipped {
                    output::note(&"[what came in between is not kept any more]");
                }
                print(context, &next);
                (view, silent) = (next, false);
                if args.side.is_none()
                    && view.lines.is_empty()
                    && let Some(other) = other_side(context, &http, &begin, &view, left.as_ref()).await
                {
                    left = Some(std::mem::replace(&mut view, other));
                }
            }
            Err(error) if error.is_transient() => {
                if !silent {
                    output::note(&format_args!("{error}; it is asked again"));
                }
                silent = true;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// A deployment goes on on the other side: where that has printed since, it is followed from where it was left, else from
/// its last lines on. None where it has not; an outage is told by the next look.
async fn other_side(
    context: &Context,
    http: &Http,
    begin: &str,
    view: &OutputView,
    left: Option<&OutputView>,
) -> Option<OutputView> {
    let last = http.get::<OutputView>(begin).await.ok().filter(|last| last.side != view.side)?;
    output::note(&format_args!("[side {} prints now]", last.side?));
    if let Some(left) = left.filter(|left| left.side == last.side) {
        return Some(left.clone());
    }
    print(context, &last);
    Some(last)
}

/// What a program printed is not ours: nothing in it acts on the terminal.
fn print(context: &Context, view: &OutputView) {
    for line in &view.lines {
        if context.json {
            output::json_line(&serde_json::json!({"side": view.side, "line": line}));
        } else {
            crate::print_line!("{}", output::cell(line));
        }
    }
}
