//! The two signals that mean "stop".

use tokio::signal::unix::{SignalKind, signal};

/// Resolves at the first SIGTERM or SIGINT (Ctrl-C) after the call. Fails where the handlers
/// cannot be installed. Needs a tokio runtime.
pub fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
