//! The child's end of the pipe.

use std::io::{ErrorKind, Read as _};
use tokio::sync::oneshot;

/// Set in the environment of every child, so that a service started by hand (whose stdin is a
/// terminal or `/dev/null`) does not take the end of its stdin for the end of a supervisor.
pub const SUPERVISED: &str = "COUNTERSIGN_SUPERVISED";

/// Resolves when the supervisor that started this process is gone or wants it to end: when stdin
/// reaches its end. Never resolves in a process that no supervisor started. Call it once.
pub async fn parent_gone() {
    if std::env::var_os(SUPERVISED).is_none() {
        return std::future::pending().await;
    }
    let (gone, told) = oneshot::channel::<()>();
    // A thread of its own and not the runtime's: a read that blocks there would keep the runtime
    // from ending when the process ends for another reason.
    let watch = move || {
        let mut byte = [0];
        loop {
            match std::io::stdin().lock().read(&mut byte) {
                Ok(1..) => {}
                Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => break,
            }
        }
        drop(gone);
    };
    if let Err(cause) = std::thread::Builder::new().name("parent".to_owned()).spawn(watch) {
        // The closure was dropped, so `told` ends at once: better to stop than to outlive the parent.
        tracing::error!(%cause, "supervisor: the supervisor's pipe cannot be watched");
    }
    drop(told.await);
}
