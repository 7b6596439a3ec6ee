//! `node …`: production nodes, and the keys of services.

use super::{Context, asking, listing, who};
use crate::child::Child;
use crate::cli::{ListArgs, NodeCommand};
use crate::error::CliError;
use crate::find::Book;
use crate::given::{content, given};
use crate::output;
use desk::RosterOrder;
use model::{Digest, NodeId, Service};
use serde_json::json;
use signed::ServiceEntry;
use std::path::Path;

pub async fn run(context: &Context, command: NodeCommand) -> Result<(), CliError> {
    match command {
        NodeCommand::Ls(args) => list(context, args).await,
        NodeCommand::Add { name, node_key, engine_key, asking } => {
            let (node, engine) = (public(&node_key)?, public(&engine_key)?);
            let desk = who::desk(context, &asking.who).await?;
            let mut next = RosterOrder::of(&desk.follower().state().roster);
            next.add_node(NodeId(client::random_bytes()), name, node, engine);
            asking::roster(context, &desk, &asking, next).await
        }
        NodeCommand::Key { service, public: path, node, asking } => {
            let key = public(&path)?;
            let desk = who::desk(context, &asking.who).await?;
            let book = who::book(&desk).await?;
            let mut next = RosterOrder::of(&book.state.roster);
            match service {
                Child::Console => next.next.console = Some(key),
                Child::Service(service) => next.service_key(service, place(&book, service, node.as_deref())?, key)?,
            }
            asking::roster(context, &desk, &asking, next).await
        }
    }
}

/// A service's public key, as `key new --service` writes it.
fn public(path: &Path) -> Result<Digest, CliError> {
    let text = std::fs::read_to_string(path).map_err(given(path))?;
    let why = |_| {
        let why = "a service's public key is 64 hexadecimal digits";
        content(path, why, "make one with `countersign key new FILE --service`")
    };
    text.trim().parse().map_err(why)
}

/// On which node a service stands: none for one that serves all of them.
fn place(book: &Book, service: Service, node: Option<&str>) -> Result<Option<NodeId>, CliError> {
    let roster = &book.state.roster;
    let on_node = roster.services.iter().any(|entry| entry.service == service && entry.node.is_some());
    match (on_node, node, roster.nodes.as_slice()) {
        (false, None, _) => Ok(None),
        (false, Some(_), _) => {
            Err(CliError::Usage(format!("{} serves all nodes; leave `--node` out", service.title())))
        }
        (true, Some(node), _) => Ok(Some(book.node(node)?)),
        (true, None, [only]) => Ok(Some(only.id)),
        (true, None, _) => Err(CliError::Usage("there are several nodes; say which: `--node NAME`".to_owned())),
    }
}

/// One place where a service's key is listed.
struct Row {
    node: String,
    service: &'static str,
    key: Digest,
}

async fn list(context: &Context, args: ListArgs) -> Result<(), CliError> {
    let state = who::copy(context).await?.said().state;
    let roster = &state.roster;
    if context.json {
        output::json(&json!({"nodes": roster.nodes, "services": roster.services, "console": roster.console}));
        return Ok(());
    }
    let node = |entry: &ServiceEntry| {
        let known = entry.node.and_then(|node| roster.node(&node));
        known.map_or_else(|| "all".to_owned(), |node| format!("{} ({})", node.name, node.id.short()))
    };
    let trust = |row: &Row| if state.distrusted.contains_key(&row.key) { "replace it: `node key`" } else { "" };
    let row = |entry: &ServiceEntry| Row { node: node(entry), service: entry.service.title(), key: entry.key };
    let mut rows: Vec<_> = roster.services.iter().map(row).collect();
    rows.extend(roster.console.map(|key| Row { node: "all".to_owned(), service: "Console", key }));
    listing::print(
        context,
        args,
        rows,
        |_| serde_json::Value::Null,
        &[
            ("NODE", &|row| row.node.clone()),
            ("SERVICE", &|row| row.service.to_owned()),
            ("KEY", &|row| row.key.short()),
            ("", &|row| trust(row).to_owned()),
        ],
    );
    Ok(())
}
