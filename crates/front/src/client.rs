//! Asking a front, from the service that owns it.

use crate::{
    FrontError, Health, Identity, ROUTES, Routes, Status,
    control::{Applied, Drained, MAX_WAIT_MS},
    file,
    front::{PID, SOCKET},
    write_routes,
};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, StatusCode, body::Bytes, header};
use hyper_util::rt::TokioIo;
use model::Token;
use serde::de::DeserializeOwned;
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::net::UnixStream;

const MAX_ANSWER_BYTES: usize = 8 << 20;
/// Beyond the wait that was asked for.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// A client of the front in one directory. Holds no connection: each question is its own.
#[derive(Clone, Debug)]
pub struct FrontClient {
    dir: PathBuf,
}

impl FrontClient {
    /// For the front that works in `dir`, running or not.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The front's process, when one runs: to adopt it, or to end it.
    pub fn identity(&self) -> Result<Option<Identity>, FrontError> {
        let kept: Option<Identity> = file::read(&self.dir, PID)?;
        Ok(kept.filter(Identity::is_alive))
    }

    /// What it does now.
    pub async fn status(&self) -> Result<Status, FrontError> {
        self.get("/status", Duration::ZERO).await
    }

    /// How each generation does under its visitors.
    pub async fn health(&self) -> Result<Health, FrontError> {
        self.get("/health", Duration::ZERO).await
    }

    /// Writes a table, asks the front to take it, and waits until it has.
    ///
    /// # Errors
    /// [`FrontError::Refused`] when the front says no (nothing changed), [`FrontError::NotYet`] when it is not known.
    pub async fn switch(&self, routes: &Routes, within: Duration) -> Result<(), FrontError> {
        // Asked first, so that a table that cannot win does not even lie in the file.
        let status = self.status().await?;
        status.overtaken(routes)?;
        self.write(routes.clone()).await?;
        // Where its pid file is gone or damaged, the front itself has just said which process it is.
        let process =
            self.identity().ok().flatten().map_or_else(|| Identity::of_pid(status.pid), |kept| Ok(Some(kept)));
        let hung_up = process?.map_or(Ok(false), |identity| identity.hang_up())?;
        if !hung_up {
            return Err(self.unreachable("no process"));
        }
        self.applied(routes.generation, within).await?;
        self.status().await?.overtaken(routes)
    }

    /// Flushes, so away from the threads that serve.
    async fn write(&self, routes: Routes) -> Result<(), FrontError> {
        let dir = self.dir.clone();
        let written = tokio::task::spawn_blocking(move || write_routes(&dir, &routes)).await;
        written.map_err(|error| FrontError::io(&self.dir.join(ROUTES))(error.into()))?
    }

    /// Waits until a table of at least this generation is in force.
    pub async fn applied(&self, generation: u64, within: Duration) -> Result<(), FrontError> {
        let deadline = Instant::now() + within;
        loop {
            let wait = left(deadline);
            let path = format!("/applied?generation={generation}&wait_ms={}", wait.as_millis());
            let answer: Applied = self.get(&path, wait).await?;
            match answer.refused {
                _ if answer.generation >= generation => return Ok(()),
                Some(what) => return Err(FrontError::Refused { generation, what }),
                None if wait.is_zero() => return Err(FrontError::NotYet(format!("applying generation {generation}"))),
                None => {}
            }
        }
    }

    /// Waits until no request to this side is in flight.
    pub async fn drained(&self, side: &Token, within: Duration) -> Result<(), FrontError> {
        let deadline = Instant::now() + within;
        loop {
            let wait = left(deadline);
            let answer: Drained = self.get(&format!("/drained?side={side}&wait_ms={}", wait.as_millis()), wait).await?;
            match answer.in_flight {
                0 => return Ok(()),
                n if wait.is_zero() => {
                    return Err(FrontError::NotYet(format!("draining side `{side}` ({n} requests are in flight)")));
                }
                _ => {}
            }
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, wait: Duration) -> Result<T, FrontError> {
        match tokio::time::timeout(wait + ANSWER_WITHIN, self.exchange(path)).await {
            Ok(Ok((StatusCode::OK, bytes))) => serde_json::from_slice(&bytes).map_err(|e| self.unreachable(e)),
            Ok(Ok((status, bytes))) => Err(self.unreachable(format!("{status} {}", String::from_utf8_lossy(&bytes)))),
            Ok(Err(error)) => Err(self.unreachable(error)),
            Err(_) => Err(FrontError::NotYet(format!("an answer to {path}"))),
        }
    }

    async fn exchange(&self, path: &str) -> Result<(StatusCode, Bytes), Box<dyn std::error::Error + Send + Sync>> {
        let stream = UnixStream::connect(self.dir.join(SOCKET)).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let request = Request::get(path).header(header::HOST, "front").body(Empty::<Bytes>::new())?;
        let exchange = async {
            let response = sender.send_request(request).await?;
            let status = response.status();
            let bytes = Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await?.to_bytes();
            Ok((status, bytes))
        };
        tokio::pin!(exchange);
        tokio::select! {
            answered = &mut exchange => answered,
            // The connection may be done before the last bytes were taken from it.
            _ = connection => exchange.await,
        }
    }

    fn unreachable(&self, what: impl std::fmt::Display) -> FrontError {
        FrontError::Unreachable { dir: Path::to_owned(&self.dir), what: what.to_string() }
    }
}

/// What is left until the deadline, at most one long poll.
fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now()).min(Duration::from_millis(MAX_WAIT_MS))
}
