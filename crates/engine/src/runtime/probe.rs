//! Probes of sides: until healthy, and once.

use super::{Runtime, locked};
use crate::{
    EngineError, HealthView, health,
    record::{SideRecord, group_name},
};
use model::{Digest, EngineId, Side};
use signed::Served;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant, sleep, timeout_at};

/// Between two looks whether a process that was just started listens.
const LISTEN_EVERY: Duration = Duration::from_millis(2);

impl Runtime {
    /// One probe of a side's own port. A dead process is not healthy, whoever answers on its port.
    pub(super) async fn probe_side(&self, engine: &EngineId, side: Side, record: &SideRecord) -> HealthView {
        let mut found = self.probe_at(record.listen(), record).await;
        if !record.is_alive() {
            (found.ok, found.why) = (false, ended(&group_name(engine, side, record.port)).to_owned());
        }
        locked(&self.inner.health).insert((*engine, side), found.clone());
        found
    }

    /// One probe, counted, of whoever answers at `address`.
    pub(super) async fn probe_at(&self, address: SocketAddr, record: &SideRecord) -> HealthView {
        self.probe_as(address, record, None, None).await
    }

    async fn probe_as(
        &self,
        address: SocketAddr,
        record: &SideRecord,
        word: Option<String>,
        bundle: Option<Digest>,
    ) -> HealthView {
        let asked = health::Asked { address, timeout: self.inner.options.timing.probe_timeout, word, bundle };
        let found = health::probe(record, asked).await;
        let counters = &self.inner.counters;
        if found.ok { &counters.probes_passed } else { &counters.probes_failed }.inc();
        found
    }

    /// One probe through the front: past the tenant's limit, and no visitor's request. The route that it goes by must be
    /// to what serves.
    pub(super) async fn probe_through(&self, address: SocketAddr, record: &SideRecord, serving: &Served) -> HealthView {
        let word = self.inner.front.status_now().await.ok().map(|status| status.probe);
        let bundle = word.is_some().then(|| serving.bundle.digest());
        self.probe_as(address, record, word, bundle).await
    }

    /// Waits until the process listens, then probes until enough probes in a row have succeeded.
    ///
    /// # Errors
    /// [`EngineError::Probe`] at the deadline, or as soon as the process has ended; [`EngineError::OtherBundle`] as soon as
    /// it answers as another one.
    pub(super) async fn until_healthy(
        &self,
        engine: &EngineId,
        side: Side,
        record: &SideRecord,
    ) -> Result<HealthView, EngineError> {
        let timing = self.inner.options.timing;
        let deadline = Instant::now() + Duration::from_millis(record.setup.start_within_ms.into());
        until_listening(record, deadline).await;
        let mut in_a_row = 0;
        loop {
            let found = self.probe_side(engine, side, record).await;
            in_a_row = if found.ok { in_a_row + 1 } else { 0 };
            if in_a_row >= timing.probe_successes {
                return Ok(found);
            }
            if found.is_other() {
                return Err(found.refusal(found.why.clone()));
            }
            if !record.is_alive() || Instant::now() >= deadline {
                let printed = self.last_output(engine, side).await;
                return Err(EngineError::Probe(late(record, found.why) + &elsewhere(record, &printed).await));
            }
            sleep(timing.probe_every).await;
        }
    }

    /// Waits until the release answers at the front's address.
    pub(super) async fn until_served(
        &self,
        address: SocketAddr,
        record: &SideRecord,
        serving: &Served,
    ) -> Result<(), EngineError> {
        let timing = self.inner.options.timing;
        let deadline = Instant::now() + timing.probe_within;
        loop {
            let found = self.probe_through(address, record, serving).await;
            if found.ok {
                return Ok(());
            }
            if found.is_other() || Instant::now() >= deadline || !record.is_alive() {
                return Err(found.refusal(format!("through the front, {}", found.why)));
            }
            sleep(timing.probe_every).await;
        }
    }
}

/// How a process has ended, as far as that is known.
pub(super) fn ended(group: &str) -> &'static str {
    if confine::killed_for_memory(group) {
        "its process has ended: it used more memory than it may have"
    } else {
        "its process has ended"
    }
}

/// Why it counts as not started: its own end, or what was found when its time was over.
fn late(record: &SideRecord, why: String) -> String {
    if record.is_alive() {
        format!("{why} after {} ms, which is all it has to start", record.setup.start_within_ms)
    } else {
        why
    }
}

/// What to look at where it may have tried another port than its own: that is refused it. So is writing to a directory
/// that is not its own, which says the same and names no listening.
async fn elsewhere(record: &SideRecord, printed: &[String]) -> String {
    let silent = record.is_alive() && TcpStream::connect(record.listen()).await.is_err();
    let says = |words: &[&str]| printed.iter().any(|line| words.iter().any(|word| line.contains(word)));
    let refused = says(&["ermission denied", "EACCES"]) && says(&["bind", "listen"]);
    if silent || !record.is_alive() && refused {
        format!("; it may listen on `PORT` alone, which is {}", record.port)
    } else {
        String::new()
    }
}

/// Returns as soon as somebody listens on the side's port, the process has ended, or the deadline has come: which of
/// these it was, and who listens, is for the probe to find out. Asking costs one refused connection on loopback.
async fn until_listening(record: &SideRecord, deadline: Instant) {
    let listens = async {
        while record.is_alive() && TcpStream::connect(record.listen()).await.is_err() {
            sleep(LISTEN_EVERY).await;
        }
    };
    // Late or not, the probe says what is there.
    drop(timeout_at(deadline, listens).await);
}
