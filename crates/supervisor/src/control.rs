//! The socket in the data directory: one line of JSON asked, one answered.
//!
//! Only the user who runs the supervisor can use it (mode 0600, and the caller's uid is checked),
//! and it can do no more than that user could with `kill`.

use crate::keeper::Order;
use crate::{ServiceStatus, SupervisorError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinSet;

/// Longest request and answer, in bytes.
const LINE_MAX: u64 = 64 << 10;
/// Requests in progress.
const CALLS_MAX: usize = 16;
/// Longest a request may take: a stop's whole grace and more.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Pause after an accept that failed for want of descriptors, so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
pub enum Request {
    /// The status of every child.
    Status,
    /// Stops one child and keeps it stopped; answered when its process is gone.
    Stop {
        /// The child's name.
        name: String,
    },
    /// Starts a child that is stopped, refused or waiting; answered when its start has begun.
    Start {
        /// The child's name.
        name: String,
    },
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "lowercase")]
pub enum Response {
    /// Done; the status of every child after it, by name.
    Done {
        /// All children.
        services: Vec<ServiceStatus>,
    },
    /// Not done.
    Refused {
        /// Why, and what would work.
        message: String,
    },
}

/// How to reach one keeper.
pub(crate) struct Post {
    pub(crate) status: watch::Receiver<ServiceStatus>,
    pub(crate) orders: mpsc::Sender<Order>,
}

/// All keepers by name.
pub(crate) struct Board(pub(crate) BTreeMap<String, Post>);

impl Board {
    async fn obey(&self, request: Request) -> Response {
        let (answer, done) = oneshot::channel();
        let (name, order) = match request {
            Request::Status => return self.services(),
            Request::Stop { name } => (name, Order::Stop(answer)),
            Request::Start { name } => (name, Order::Start(answer)),
        };
        let Some(post) = self.0.get(&name) else {
            let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
            return Response::Refused {
                message: format!("there is no such service here; there are {}", names.join(", ")),
            };
        };
        if post.orders.send(order).await.is_err() {
            return Response::Refused { message: "everything is stopping".to_owned() };
        }
        // The keeper drops its end when it is so, and also when it ends itself.
        drop(done.await);
        self.services()
    }

    fn services(&self) -> Response {
        Response::Done { services: self.0.values().map(|post| post.status.borrow().clone()).collect() }
    }
}

fn path_in(dir: &Path) -> PathBuf {
    dir.join("supervisor.sock")
}

/// The listening socket; its file is removed when dropped.
pub(crate) struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// The caller holds the directory's lock, so a socket found there is a dead one's.
    pub(crate) fn open(dir: &Path) -> Result<Self, SupervisorError> {
        let path = path_in(dir);
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                return Err(SupervisorError::io("replace", &path)(cause));
            }
            _ => {}
        }
        let listener = UnixListener::bind(&path).map_err(SupervisorError::io("listen on", &path))?;
        fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(SupervisorError::io("protect", &path))?;
        Ok(Self { listener, path })
    }

    /// Answers requests for ever.
    pub(crate) async fn answer(&self, board: Arc<Board>) {
        let places = Arc::new(Semaphore::new(CALLS_MAX));
        // Dropped with this future, which ends the requests in progress.
        let mut calls = JoinSet::new();
        let ours = rustix::process::geteuid().as_raw();
        loop {
            while calls.try_join_next().is_some() {}
            let place = Arc::clone(&places).acquire_owned().await;
            let Ok((stream, _)) = self.listener.accept().await else {
                tracing::warn!("supervisor: a request to the supervisor could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            // The mode is set after the socket exists; whoever came before that is refused here.
            if !stream.peer_cred().is_ok_and(|peer| peer.uid() == ours || peer.uid() == 0) {
                continue;
            }
            let board = Arc::clone(&board);
            calls.spawn(async move {
                let _place = place;
                if let Err(cause) = tokio::time::timeout(TIMEOUT, call(stream, &board)).await.unwrap_or(Ok(())) {
                    tracing::debug!(%cause, "supervisor: a request to the supervisor ended early");
                }
            });
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // A file left behind is replaced by the next start.
        drop(fs::remove_file(&self.path));
    }
}

async fn call(stream: UnixStream, board: &Board) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut line = String::new();
    BufReader::new(reader.take(LINE_MAX)).read_line(&mut line).await?;
    let response = match serde_json::from_str(&line) {
        Ok(request) => board.obey(request).await,
        Err(_) => {
            Response::Refused { message: "the request cannot be read; ask with this version's own command".to_owned() }
        }
    };
    let mut text = serde_json::to_string(&response)?;
    text.push('\n');
    writer.write_all(text.as_bytes()).await
}

/// Asks the supervisor that serves `dir`. Needs a tokio runtime with time and I/O.
pub async fn request(dir: &Path, request: &Request) -> Result<Response, SupervisorError> {
    let path = path_in(dir);
    let gone = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
            SupervisorError::NotRunning { dir: dir.to_owned() }
        }
        _ => SupervisorError::io("ask", &path)(cause),
    };
    let ask = async {
        let stream = UnixStream::connect(&path).await?;
        let (reader, mut writer) = stream.into_split();
        let mut text = serde_json::to_string(request)?;
        text.push('\n');
        writer.write_all(text.as_bytes()).await?;
        let mut line = String::new();
        BufReader::new(reader.take(LINE_MAX)).read_line(&mut line).await?;
        Ok(line)
    };
    let late = || io::Error::new(io::ErrorKind::TimedOut, "no answer");
    let line = tokio::time::timeout(TIMEOUT, ask).await.unwrap_or_else(|_| Err(late())).map_err(gone)?;
    if line.is_empty() {
        // It ended while it was asked.
        return Err(SupervisorError::NotRunning { dir: dir.to_owned() });
    }
    serde_json::from_str(&line).map_err(|_| SupervisorError::Protocol)
}
