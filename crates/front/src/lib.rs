//! The engines' reverse proxy, a process of its own that outlives every service.
//!
//! Its owner writes `routes.json` ([`write_routes`]) and sends SIGHUP; the front takes the listening
//! addresses it needs, makes the new table durable as `applied.json`, and from then on routes every
//! *request* by it, so a kept-alive connection moves at its next request and a switch loses none. A lower
//! generation than the applied one is refused. What it does is read on `front.sock` with [`FrontClient`].
//!
//! A row may carry its tenant's limits as a schedule of instants. The front enforces it by its own clock, so that what
//! raises a limit ends at its time with every service dead, and stays over when the clock is set back, over a restart too.
//! It counts how each generation of an engine does under its
//! visitors; who judges that is its owner.
//!
//! It may be started under [`confine::Limits`]: it writes its directory, reads `/proc` (for its own identity)
//! and needs a free network, because its ports change while it runs.
//!
//! Files of its directory: `routes.json` (the owner's), `applied.json`, `clock.json`, `front.pid`, `front.sock`,
//! `front.lock` (its own).

mod body;
mod client;
mod clock;
mod control;
mod error;
mod file;
mod front;
mod headers;
mod health;
mod limits;
mod listen;
mod page;
mod proxy;
mod routes;
mod shared;

pub use client::FrontClient;
pub use clock::WallClock;
pub use confine::Identity;
pub use control::Status;
pub use error::FrontError;
pub use front::Front;
pub use health::{Counts, Health};
pub use limits::{Limit, Limits, MAX_LIMITS, gcra};
pub use proxy::BUNDLE;
pub use routes::{MAX_ROUTES, ROUTES, Route, Routes, read_routes, write_routes};

use std::path::PathBuf;

/// Where one front works.
#[derive(Clone, Debug)]
pub struct FrontOptions {
    /// Its directory, made when it is not there.
    pub dir: PathBuf,
}

/// Serves until SIGTERM or SIGINT; SIGHUP reads `routes.json` again.
///
/// # Errors
/// When another front holds the directory, or the directory cannot be used. A table that cannot be applied is
/// no error: the applied one is served on, and the refusal shows in the status.
pub async fn run(options: FrontOptions) -> Result<(), FrontError> {
    use tokio::signal::unix::{SignalKind, signal};
    let signal = |kind| signal(kind).map_err(FrontError::Signal);
    // Installed before the pid file is written: whoever finds it may signal.
    let mut hang_up = signal(SignalKind::hangup())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut front = Front::open(&options.dir).await?;
    loop {
        tokio::select! {
            _ = hang_up.recv() => match front.reload().await {
                Ok(generation) => tracing::info!(generation, "front: routes are applied"),
                Err(error) => tracing::error!(%error, "front: the routes were refused, the applied ones are served on"),
            },
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
    }
    front.stop().await;
    Ok(())
}

/// The whole process, blocking.
pub fn main(options: FrontOptions) -> Result<(), FrontError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(FrontError::Signal)?;
    runtime.block_on(run(options))
}
