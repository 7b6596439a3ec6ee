//! What every service is started with.

use signed::{ServiceKey, Trust};
use std::net::TcpListener;
use std::path::PathBuf;

/// What every service is started with.
pub struct ServiceOptions {
    /// Its own directory.
    pub dir: PathBuf,
    /// Where it listens, bound already ([`TcpListener`] on loopback).
    pub listener: TcpListener,
    /// Base URL of Governance, as `http://127.0.0.1:8080`.
    pub governance: String,
    /// The ledger it trusts.
    pub trust: Trust,
    /// The key of its receipts.
    pub key: ServiceKey,
    /// The file the key was read from, to be named where the roster lists another one.
    pub key_file: PathBuf,
    /// The product's version, for its probes.
    pub version: String,
}
