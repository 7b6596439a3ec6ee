//! The front as a value: opens its directory, reloads, stops.

use crate::{
    FrontError, Identity, Routes, WallClock,
    clock::{Clock, system_clock},
    control, file,
    listen::Listeners,
    proxy::Proxy,
    routes::read_routes,
    shared::{Refusal, Shared},
};
use durable_file::{HighWater, Mended};
use model::Digest;
use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{net::UnixListener, task::JoinHandle};

const APPLIED: &str = "applied.json";
pub(crate) const PID: &str = "front.pid";
pub(crate) const SOCKET: &str = "front.sock";
const LOCK: &str = "front.lock";

/// A running front. Routes as [`crate::run`] does, without that function's signals.
pub struct Front {
    dir: PathBuf,
    shared: Arc<Shared>,
    proxy: Arc<Proxy>,
    listeners: Listeners,
    control: JoinHandle<()>,
    /// Stores what the clock has seen.
    clock: JoinHandle<()>,
    /// Held for life: one front in a directory.
    _lock: File,
}

impl Front {
    /// Opens the directory, serves what was last applied or a higher `routes.json`, and answers on `front.sock`. What was
    /// applied and is damaged is set aside, and told in the status: `routes.json` says the same, or its owner writes it
    /// again.
    pub async fn open(dir: &Path) -> Result<Self, FrontError> {
        Self::open_at(dir, system_clock()).await
    }

    /// [`Front::open`] by this clock.
    ///
    /// # Errors
    /// As [`Front::open`].
    pub async fn open_at(dir: &Path, wall: WallClock) -> Result<Self, FrontError> {
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(FrontError::io(dir))?;
        let lock = lock(dir)?;
        let files = Mended::default();
        let clock = Clock::open(dir, wall, dir.join(APPLIED).exists(), &files);
        let shared = Shared::new(probe_word()?, clock, files.clone());
        let proxy = Arc::new(Proxy::new(shared.clone()));
        let socket = dir.join(SOCKET);
        // A socket file here is of a front that is gone: the lock is ours.
        if socket.exists() {
            fs::remove_file(&socket).map_err(FrontError::io(&socket))?;
        }
        let applied = last_applied(dir, &files)?;
        let listener = UnixListener::bind(&socket).map_err(FrontError::io(&socket))?;
        fs::set_permissions(&socket, fs::Permissions::from_mode(0o600)).map_err(FrontError::io(&socket))?;
        let control = tokio::spawn(control::serve(listener, shared.clone()));
        let clock = tokio::spawn(keep_clock(shared.clone()));
        let listeners = Listeners::default();
        let mut front = Self { dir: dir.to_owned(), shared, proxy, listeners, control, clock, _lock: lock };
        if let Some(applied) = applied
            && let Err(error) = front.put_in_force_again(&applied).await
        {
            tracing::error!(%error, "what was applied last cannot be put in force again");
            front.shared.refuse(Refusal { generation: error.generation(), what: error.to_string() });
        }
        if let Err(error) = front.reload().await {
            tracing::error!(%error, "front: the routes were refused, the applied ones are served on");
        }
        file::write(dir, PID, &Identity::of_self()?)?;
        Ok(front)
    }

    /// Reads `routes.json` again and returns the generation in force. A refusal changes nothing and is
    /// kept for the status until a table is applied.
    pub async fn reload(&mut self) -> Result<u64, FrontError> {
        let result = self.try_reload().await;
        if let Err(error) = &result {
            self.shared.refuse(Refusal { generation: error.generation(), what: error.to_string() });
        }
        result
    }

    async fn try_reload(&mut self) -> Result<u64, FrontError> {
        let Some(routes) = read_routes(&self.dir)? else { return Ok(self.shared.generation()) };
        let in_force = self.shared.routes();
        let refuse = |what| Err(FrontError::Refused { generation: routes.generation, what });
        if routes.generation < in_force.generation {
            return refuse(format!("generation {} is applied already", in_force.generation));
        }
        if routes.generation == in_force.generation {
            return if routes.same(&in_force) {
                self.shared.apply(&routes);
                Ok(routes.generation)
            } else {
                refuse("other routes are applied under the same number".to_owned())
            };
        }
        self.put_in_force(&routes).await?;
        Ok(routes.generation)
    }

    /// Addresses first, then the durable record, then the table in memory: whatever fails, the old table still holds.
    async fn put_in_force(&mut self, routes: &Routes) -> Result<(), FrontError> {
        routes.check()?;
        let taken = self.listeners.prepare(routes).await?;
        file::write(&self.dir, APPLIED, routes)?;
        self.shared.apply(routes);
        self.listeners.commit(routes, taken, &self.proxy);
        Ok(())
    }

    /// The same with what the durable record says already: a full disk is no reason to serve nobody.
    async fn put_in_force_again(&mut self, routes: &Routes) -> Result<(), FrontError> {
        let taken = self.listeners.prepare(routes).await?;
        self.shared.apply(routes);
        self.listeners.commit(routes, taken, &self.proxy);
        Ok(())
    }

    /// Stops accepting, lets what is in flight finish (at most 10 s), and takes its pid file and socket away.
    pub async fn stop(self) {
        self.listeners.stop().await;
        self.control.abort();
        self.clock.abort();
        store_clock(&self.shared).await;
        for name in [PID, SOCKET] {
            if let Err(error) = fs::remove_file(self.dir.join(name)) {
                tracing::warn!(%error, name, "front: a file of this front stays behind");
            }
        }
    }
}

/// Stores what the clock has seen, whether or not anybody is served; never on a request's way.
async fn keep_clock(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(HighWater::STORE_EVERY).await;
        store_clock(&shared).await;
    }
}

async fn store_clock(shared: &Arc<Shared>) {
    let shared = shared.clone();
    let stored = tokio::task::spawn_blocking(move || shared.clock().store()).await;
    stored.unwrap_or_else(|error| tracing::error!(%error, "front: what the clock has seen could not be stored"));
}

/// What was in force when the front before this one ended; none where nothing was, or where it is damaged.
fn last_applied(dir: &Path, files: &Mended) -> Result<Option<Routes>, FrontError> {
    let read: Result<Option<Routes>, _> = file::read(dir, APPLIED);
    let checked = read.and_then(|routes| routes.map_or(Ok(None), |routes| routes.check().map(|()| Some(routes))));
    match checked {
        Err(error @ (FrontError::Content { .. } | FrontError::Refused { .. })) => {
            let path = dir.join(APPLIED);
            let aside = durable_file::set_aside(&path).map_err(FrontError::io(&path))?;
            tracing::error!(%error, aside = %aside.display(), "what was applied last is damaged");
            files.mended(&path, format!("{error}; set aside as `{}`, `routes.json` is read instead", aside.display()));
            Ok(None)
        }
        read => read,
    }
}

fn probe_word() -> Result<String, FrontError> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| FrontError::Signal(std::io::Error::other(error.to_string())))?;
    Ok(Digest(secret).to_string())
}

fn lock(dir: &Path) -> Result<File, FrontError> {
    let path = dir.join(LOCK);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(FrontError::io(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(FrontError::Busy(dir.to_owned())),
        Err(TryLockError::Error(source)) => Err(FrontError::Io { path, source }),
    }
}
