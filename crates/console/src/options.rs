//! What the console is started with.

use model::Service;
use signed::{ServiceKey, Trust};
use std::net::TcpListener;
use std::path::PathBuf;

/// What the console is started with.
pub struct ConsoleOptions {
    /// Its own directory: replica and snapshots.
    pub dir: PathBuf,
    /// Where it listens, bound already (loopback).
    pub listener: TcpListener,
    /// Base URLs of the sources, as `http://127.0.0.1:8080`.
    pub sources: Vec<(Service, String)>,
    /// The ledger it trusts; absent: there is none yet, and the pages say so.
    pub trust: Option<Trust>,
    /// In a demonstration only: the data directory whose `demo.json` names the personas and their
    /// key files, which the visitor then acts with.
    pub personas: Option<PathBuf>,
    /// Its own key, which the ledger's roster lists; absent: it reads no texts, and its pages say so.
    pub key: Option<ServiceKey>,
    /// The product's version.
    pub version: String,
}
