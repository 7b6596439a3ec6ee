//! Whether an engine can have the port and the host names that it is to be registered with: what is in the way is named.

use crate::error::CliError;
use crate::find::Book;
use control::side_ports;
use model::{NodeId, Token};
use service_shell::BindError;
use std::iter;
use std::net::Ipv4Addr;

/// Whether the port and its sides' ports, and the host names, are free: in the ledger, and where there is one node, which is
/// this machine, of other processes too.
///
/// # Errors
/// When one of them is taken; it says which, and by what.
pub fn check(book: &Book, node: NodeId, port: u16, hosts: &[Token]) -> Result<(), CliError> {
    let ports: Vec<u16> = iter::once(port).chain(side_ports(port).into_iter().flatten()).collect();
    for (id, engine) in book.state.engines.iter() {
        let name = || book.names.engine(id);
        let known = [engine.port, engine.side_ports[0], engine.side_ports[1]];
        if let Some(port) = ports.iter().find(|port| engine.node == node && known.contains(port)) {
            let whose = if *port == engine.port { "its front's" } else { "that of a side" };
            return Err(taken(format!("port {port} of this node is {}'s already, {whose}", name()), OTHER_PORT));
        }
        if let Some(host) = hosts.iter().find(|host| engine.hosts.contains(host)) {
            let message = format!("{} answers under the host name `{host}` already", name());
            return Err(taken(message, "choose another `--host`"));
        }
    }
    if book.state.roster.nodes.len() != 1 {
        return Ok(());
    }
    for port in ports {
        if let Err(BindError::InUse { holder, .. }) = service_shell::bind((Ipv4Addr::LOCALHOST, port).into()) {
            let by = holder.map_or_else(
                || "another process".to_owned(),
                |holder| format!("`{}` (pid {})", holder.command, holder.pid),
            );
            return Err(CliError::State {
                code: "port.in_use",
                message: format!("{by} listens on port {port} of this machine"),
                next: format!("end that first, or {OTHER_PORT}"),
            });
        }
    }
    Ok(())
}

const OTHER_PORT: &str =
    "choose another `--port`: the front listens on it, and the engine's two sides on the ports 1000 and 2000 above";

fn taken(message: String, next: &str) -> CliError {
    CliError::State { code: "register.taken", message, next: next.to_owned() }
}
