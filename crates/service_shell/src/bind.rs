//! Opening the listener, or saying exactly why it cannot be opened.

use crate::holder::{Holder, holder};
use std::io;
use std::net::{SocketAddr, TcpListener};

/// Ports, counted from the base, that one installation uses: services, console and engines.
const SPAN: u16 = 40;

/// Why a listener was not opened.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// An address that other machines reach.
    #[error(
        "{0} is off loopback, which needs TLS, and this build does not have it; \
         listen on 127.0.0.1 and put a proxy that speaks TLS in front"
    )]
    OffLoopback(SocketAddr),
    /// Somebody else listens there.
    #[error("{}", in_use(*.listen, .holder.as_ref(), *.base_port))]
    InUse {
        /// The address that was asked for.
        listen: SocketAddr,
        /// Who holds it, where that can be seen.
        holder: Option<Holder>,
        /// A base port whose whole range was free just now.
        base_port: Option<u16>,
    },
    /// Any other cause.
    #[error("cannot listen on {listen}: {cause}; choose another port with `--base-port N`")]
    Io {
        /// The address that was asked for.
        listen: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
}

fn in_use(listen: SocketAddr, holder: Option<&Holder>, base_port: Option<u16>) -> String {
    let who = holder.map_or_else(|| "a process that cannot be seen from here".to_owned(), Holder::to_string);
    let line = base_port.map_or_else(|| "--base-port N".to_owned(), |port| format!("--base-port {port}"));
    format!("{listen} is held by {who}; stop it, or start with `{line}`")
}

/// Opens a listener on loopback; port 0 takes any free port. Non-blocking, ready for [`crate::serve`].
pub fn bind(listen: SocketAddr) -> Result<TcpListener, BindError> {
    if !listen.ip().is_loopback() {
        return Err(BindError::OffLoopback(listen));
    }
    let io = |cause| BindError::Io { listen, cause };
    let listener = TcpListener::bind(listen).map_err(|cause| match cause.kind() {
        io::ErrorKind::AddrInUse => {
            BindError::InUse { listen, holder: holder(listen.port()), base_port: free_base(listen) }
        }
        _ => io(cause),
    })?;
    listener.set_nonblocking(true).map_err(io)?;
    Ok(listener)
}

/// A base port with its whole range free at this moment; a suggestion, not a reservation.
fn free_base(near: SocketAddr) -> Option<u16> {
    let free = |port| TcpListener::bind(SocketAddr::new(near.ip(), port)).is_ok();
    [18_080, 28_080, 38_080, 9_080, 10_080].into_iter().find(|base| (*base..base + SPAN).all(free))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_loopback_is_refused_with_what_to_do() {
        for listen in ["0.0.0.0:0", "192.0.2.1:8080", "[::]:0"] {
            let error = bind(listen.parse().unwrap()).unwrap_err();
            assert!(matches!(error, BindError::OffLoopback(_)), "{listen}");
            assert!(error.to_string().contains("needs TLS"), "{error}");
        }
    }

    #[test]
    fn a_port_in_use_names_its_holder_and_a_line_that_works() {
        let first = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let error = bind(first.local_addr().unwrap()).unwrap_err();
        let BindError::InUse { holder: found, base_port, .. } = &error else { panic!("{error:?}") };
        let text = error.to_string();
        if cfg!(target_os = "linux") {
            let found = found.as_ref().expect("our own descriptors are readable");
            assert_eq!(found.pid, std::process::id());
            assert!(text.contains(&found.to_string()), "{text}");
        }
        let base = base_port.expect("one of five ranges is free");
        assert!(text.contains(&format!("`--base-port {base}`")), "{text}");
    }

    #[test]
    fn an_unseen_holder_is_said_so() {
        let text = in_use("127.0.0.1:8080".parse().unwrap(), None, None);
        assert_eq!(
            text,
            "127.0.0.1:8080 is held by a process that cannot be seen from here; stop it, or start with `--base-port N`"
        );
    }
}
