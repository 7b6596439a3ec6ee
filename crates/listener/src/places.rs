//! Who holds a place, who waits in one, and whose is given to the next.

use crate::Limits;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::time::Instant;

/// The places of one listener.
#[derive(Debug)]
pub(crate) struct Places {
    limits: Limits,
    open: Mutex<Open>,
    /// A place was given back, or a connection began to wait.
    changed: Notify,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    held: BTreeMap<u64, Held>,
}

#[derive(Debug)]
struct Held {
    peer: IpAddr,
    /// Since when none of its requests is in progress.
    waiting: Option<Instant>,
    close: Arc<Notify>,
}

impl Open {
    /// Takes the place of the connection that has waited longest, of one peer or of all.
    fn free_longest_waiting(&mut self, peer: Option<IpAddr>) -> bool {
        let waiting = self.held.iter().filter(|(_, held)| peer.is_none_or(|peer| held.peer == peer));
        let longest = waiting.filter_map(|(number, held)| Some((held.waiting?, *number))).min();
        let Some(held) = longest.and_then(|(_, number)| self.held.remove(&number)) else { return false };
        held.close.notify_one();
        true
    }
}

impl Places {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, open: Mutex::default(), changed: Notify::new() })
    }

    /// Every change under the lock is complete in itself.
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resolves when the next connection can be given a place. One caller at a time: the accept loop.
    pub(crate) async fn room(&self) {
        loop {
            let changed = self.changed.notified();
            {
                let open = self.open();
                let full = open.held.len() >= self.limits.connections;
                if !full || open.held.values().any(|held| held.waiting.is_some()) {
                    return;
                }
            }
            changed.await;
        }
    }

    /// A place for a connection of `peer`, if need be that of one that waits; none when the peer has its whole
    /// share and a request in progress on each.
    pub(crate) fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Arc<Place>> {
        let mut open = self.open();
        let own = open.held.values().filter(|held| held.peer == peer).count();
        let fits = if own >= self.limits.per_peer {
            open.free_longest_waiting(Some(peer))
        } else {
            open.held.len() < self.limits.connections || open.free_longest_waiting(None)
        };
        if !fits {
            return None;
        }
        let (number, close) = (open.next, Arc::new(Notify::new()));
        open.next += 1;
        open.held.insert(number, Held { peer, waiting: Some(Instant::now()), close: Arc::clone(&close) });
        Some(Arc::new(Place {
            places: Arc::clone(self),
            number,
            close,
            requests: AtomicU64::new(0),
            busy: AtomicBool::new(false),
        }))
    }

    /// Closes the connection that has waited longest: the process has no file left.
    pub(crate) fn shed(&self) -> bool {
        self.open().free_longest_waiting(None)
    }
}

/// One connection's place, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    number: u64,
    close: Arc<Notify>,
    requests: AtomicU64,
    busy: AtomicBool,
}

impl Place {
    /// Resolves when the place was given to somebody else.
    pub(crate) async fn taken(&self) {
        self.close.notified().await;
    }

    /// A request begins; it is over when the answer's last byte was handed on.
    pub(crate) fn begin(self: &Arc<Self>) -> InProgress {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.set(None);
        InProgress(Arc::clone(self))
    }

    /// How many requests have begun on it.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Whether none of its requests is in progress.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.busy.load(Ordering::Relaxed)
    }

    fn set(&self, waiting: Option<Instant>) {
        self.busy.store(waiting.is_none(), Ordering::Relaxed);
        if let Some(held) = self.places.open().held.get_mut(&self.number) {
            held.waiting = waiting;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.open().held.remove(&self.number);
        self.places.changed.notify_one();
    }
}

/// A request in progress.
#[derive(Debug)]
pub(crate) struct InProgress(Arc<Place>);

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.set(Some(Instant::now()));
        self.0.places.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn peer(last: u8) -> IpAddr {
        Ipv4Addr::new(192, 0, 2, last).into()
    }

    fn is_taken(place: &Place) -> bool {
        !place.places.open().held.contains_key(&place.number)
    }

    #[test]
    fn the_longest_waiting_gives_way_and_of_its_own_peer_first() {
        let places = Places::new(Limits { connections: 4, per_peer: 3, ..Limits::new(4) });
        let other = places.admit(peer(2)).unwrap();
        let own: Vec<_> = (0..3).map(|_| places.admit(peer(1)).unwrap()).collect();
        let fourth = places.admit(peer(1)).unwrap();
        assert!(is_taken(&own[0]) && !is_taken(&other), "its own share is full");
        let third = places.admit(peer(3)).unwrap();
        assert!(is_taken(&other), "every place is held, and it has waited longest");
        assert!(![&own[1], &own[2], &fourth, &third].into_iter().any(|place| is_taken(place)));
    }

    #[test]
    fn a_request_in_progress_is_never_closed_for_another() {
        let places = Places::new(Limits { connections: 2, per_peer: 1, ..Limits::new(2) });
        let place = places.admit(peer(1)).unwrap();
        let request = place.begin();
        assert!(places.admit(peer(1)).is_none());
        drop(request);
        assert!(places.admit(peer(1)).is_some() && is_taken(&place));
    }

    #[tokio::test]
    async fn room_comes_with_the_end_of_a_request() {
        let places = Places::new(Limits { connections: 1, per_peer: 1, ..Limits::new(1) });
        places.room().await;
        let place = places.admit(peer(1)).unwrap();
        let request = place.begin();
        let (room, ()) = tokio::join!(places.room(), async {
            tokio::task::yield_now().await;
            drop(request);
        });
        assert_eq!(room, ());
        assert!(places.shed() && is_taken(&place));
    }
}
