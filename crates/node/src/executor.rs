//! What Node Runtime observes and does: room, releases, reservations.

use crate::Placement;
use crate::placements::{NotPlaced, Placements};
use crate::reconcile::decided;
use crate::shelf::{NotKept, Shelf};
use control::{Action, NodeAction, Package, Refusal, State};
use follower::executor::{Acted, Executor, Task};
use follower::{Follower, OwnNode};
use model::{Digest, Service, canon};
use signed::Observation;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How often Platform Services is asked for a release before the step is refused.
const FETCHES: u32 = 4;
/// First pause between, milliseconds; doubles, 1.4 s in all.
const FETCH_PAUSE_MS: u64 = 200;
/// How long everything that is placed together may take: less than after which the ledger calls the step silent.
const PLACE_WITHIN: Duration = Duration::from_secs(480);

pub(crate) struct NodeExecutor {
    pub(crate) node: OwnNode,
    pub(crate) follower: Follower,
    pub(crate) placements: Arc<Placements>,
    pub(crate) shelf: Shelf,
}

impl NodeExecutor {
    /// Has an archive here until then. One that takes longer still comes, for the next try.
    async fn have(&self, archive: Digest, until: Instant) -> Result<(), NotKept> {
        let shelf = self.shelf.clone();
        let having = tokio::spawn(async move { shelf.have(archive).await });
        match timeout_at(until, having).await {
            Ok(ended) => ended.unwrap_or_else(|error| Err(NotKept::Failed(error.to_string()))),
            Err(_) => Err(NotKept::Unavailable(format!(
                "archive {} was not here, whole, within {} s of the step's begin; try again, it may be here by then",
                archive.short(),
                PLACE_WITHIN.as_secs()
            ))),
        }
    }

    async fn fetch(&self, artifact: Digest, until: Instant) -> Result<(), NotKept> {
        let mut tries = 0;
        loop {
            match self.have(artifact, until).await {
                Err(why) if Instant::now() >= until => return Err(why),
                Err(NotKept::Unavailable(why)) if tries + 1 < FETCHES => {
                    tracing::warn!(%artifact, why, "node: a release is not handed out yet");
                    tokio::time::sleep(Duration::from_millis(FETCH_PAUSE_MS << tries)).await;
                    tries += 1;
                }
                ended => return ended,
            }
        }
    }

    /// What is placed is known before anything is decided by it; before there is a ledger nothing is placed by one.
    fn know_placements(&self, state: &State) -> Result<(), crate::NodeError> {
        if !state.is_founded() {
            return Ok(());
        }
        self.placements.reconcile_once(|| decided(state, &self.node))
    }

    fn insufficient(&self, needed_mib: u32) -> Acted {
        let found = format!("{needed_mib} MiB are needed, {} MiB are left", self.placements.free_mib());
        let room =
            "make room on this node (`countersign engine ls` lists what serves there), or name a smaller release";
        Acted::refused("placement.insufficient", format!("{found}; {room}, and {AGAIN}"))
    }

    async fn place(&self, placement: Placement, in_the_way: Option<&Refusal>) -> Acted {
        let reserved = self.placements.has(&placement);
        // Since the change was run its tenant's quota can have been lowered, or what it binds been recalled.
        if let Some(refusal) = in_the_way.filter(|_| !reserved) {
            return Acted::refused(refusal.code(), refusal.in_one_line());
        }
        if !reserved && !self.placements.fits(&placement) {
            return self.insufficient(placement.memory_mib);
        }
        let until = Instant::now() + PLACE_WITHIN;
        let mut kept = self.fetch(placement.artifact, until).await;
        if let (Ok(()), Some(theme)) = (&kept, placement.theme) {
            kept = self.fetch(theme, until).await;
        }
        if let Err(why) = kept {
            tracing::error!(%why, "node: a release is not kept");
            let (code, next) = match &why {
                NotKept::Unavailable(_) => (
                    "bundle.unavailable",
                    "see whether Platform Services is live and holds it (`countersign artifact ls`)",
                ),
                NotKept::Changed(_) => ("bundle.changed", "publish the same package again: `countersign publish …`"),
                NotKept::Failed(_) => ("node.disk_failed", DISK),
            };
            // Refused means nothing changed: with a reservation made in an earlier try that is not so.
            let found = format!("{why}; {next}, and {AGAIN}");
            return if reserved { Acted::unknown(code, found) } else { Acted::refused(code, found) };
        }
        let observed = canon::digest("observed", &placement).ok();
        let memory_mib = placement.memory_mib;
        match self.placements.reserve(placement) {
            Ok(()) => Acted::Done { observed, credential: None },
            Err(NotPlaced::Insufficient) => self.insufficient(memory_mib),
            // A disk that is full before anything was reserved has changed nothing.
            Err(NotPlaced::Unchanged(error)) if !reserved => {
                tracing::error!(%error, "node: nothing is placed");
                Acted::refused("node.disk_failed", format!("{error}; {DISK}, and {AGAIN}"))
            }
            Err(NotPlaced::Unchanged(error) | NotPlaced::Unknown(error)) => unwritten(&error),
        }
    }
}

fn unwritten(error: &crate::NodeError) -> Acted {
    tracing::error!(%error, "node: the placements cannot be written");
    Acted::unknown("node.disk_failed", error.to_string())
}

/// What goes on after a step that was refused: its change has ended, and shows the command that asks for it again.
const AGAIN: &str = "ask for the change again (`countersign change new --from ID …`)";
/// What is looked at where the disk fails.
const DISK: &str = "see whether this node's disk is full or damaged";

impl Executor for NodeExecutor {
    fn service(&self) -> Service {
        Service::Node
    }

    fn who(&self, state: &State) -> Option<control::Executor> {
        let node = Some(self.node.entry(&state.roster)?.id);
        Some(control::Executor { service: Service::Node, node })
    }

    async fn observe(&self, state: Arc<State>, package: Package) -> Result<Observation, String> {
        self.know_placements(&state).map_err(|error| error.to_string())?;
        let (engine, _) = package.body.engine().ok_or("the change is about no engine")?;
        let placed = self.placements.of(engine);
        Ok(Observation::Node { memory_free_mib: self.placements.free_mib(), placed })
    }

    async fn act(&self, task: Task) -> Acted {
        let Action::Node { engine, action, .. } = task.action else {
            return Acted::refused("step.not_ours", "the step is another service's");
        };
        if let Err(error) = self.know_placements(&self.follower.state()) {
            return unwritten(&error);
        }
        match action {
            NodeAction::CheckCapacity { memory_mib } if memory_mib <= self.placements.free_mib() => Acted::done(),
            NodeAction::CheckCapacity { memory_mib } => self.insufficient(memory_mib),
            NodeAction::Place { artifact, theme, memory_mib, side } => {
                let placement = Placement { engine, side, artifact, theme, memory_mib, key: Some(task.key) };
                self.place(placement, task.in_the_way.as_ref()).await
            }
            NodeAction::Unplace { side } => match self.placements.release(engine, side) {
                Ok(()) => Acted::done(),
                Err(error) => unwritten(&error),
            },
        }
    }
}

#[cfg(test)]
mod tests;
