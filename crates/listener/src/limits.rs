//! How many connections, and how long each may keep others waiting.

use std::time::Duration;

/// The limits of one listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once. When all have a request in progress, the next one waits in the kernel's queue.
    pub connections: usize,
    /// Of these, for one address. When all of them have a request in progress, its next one is answered 503.
    pub per_peer: usize,
    /// From a connection's beginning, or from the first byte of a further request, to the end of its head.
    pub head_within: Duration,
    /// How long a kept connection may be silent between two requests.
    pub idle_within: Duration,
    /// How long a peer may take none of the answer that waits for it.
    pub stalled_within: Duration,
    /// For requests in progress once the listener stops.
    pub stop_within: Duration,
}

impl Limits {
    /// The product's patience, with this many connections; three quarters of them for one address, so that one
    /// address alone never has them all.
    pub fn new(connections: usize) -> Self {
        Self {
            connections,
            per_peer: (connections - connections / 4).max(1),
            head_within: Duration::from_secs(10),
            idle_within: Duration::from_secs(30),
            stalled_within: Duration::from_secs(30),
            stop_within: Duration::from_secs(5),
        }
    }

    /// The same with another time for the end.
    pub fn stop_within(self, stop_within: Duration) -> Self {
        Self { stop_within, ..self }
    }
}
