//! `node …`: production nodes, and the keys of services.

use super::{Context, asking, who};
use crate::child::Child;
use crate::cli::NodeCommand;
use crate::error::{CliError, file};
use crate::find::Book;
use crate::output;
use desk::RosterOrder;
use model::{Digest, NodeId, Service};
use serde_json::json;
use signed::ServiceEntry;
use std::path::Path;

pub async fn run(context: &Context, command: NodeCommand) -> Result<(), CliError> {
    match command {
        NodeCommand::Ls => list(context).await,
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
    let text = std::fs::read_to_string(path).map_err(file(path))?;
    let why = |_| {
        let why = "a service's public key is 64 hexadecimal digits; make one with `countersign key new FILE --service`";
        CliError::Content { path: path.to_owned(), why: why.to_owned() }
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

async fn list(context: &Context) -> Result<(), CliError> {
    let state = who::copy(context).await?.state;
    let roster = &state.roster;
    if context.json {
        output::json(&json!({"nodes": roster.nodes, "services": roster.services, "console": roster.console}));
        return Ok(());
    }
    let node = |entry: &ServiceEntry| {
        let known = entry.node.and_then(|node| roster.node(&node));
        known.map_or_else(|| "all".to_owned(), |node| format!("{} ({})", node.name, node.id.short()))
    };
    let trust = |key: &Digest| if state.distrusted.contains_key(key) { "replace it: `node key`" } else { "" };
    let row = |entry: &ServiceEntry| {
        vec![node(entry), entry.service.title().to_owned(), entry.key.short(), trust(&entry.key).to_owned()]
    };
    let mut rows: Vec<_> = roster.services.iter().map(row).collect();
    rows.extend(roster.console.map(|key| vec!["all".to_owned(), "Console".to_owned(), key.short(), String::new()]));
    output::table(&["NODE", "SERVICE", "KEY", ""], &rows);
    Ok(())
}
