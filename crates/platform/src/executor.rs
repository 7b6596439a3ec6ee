//! What Platform Services observes and checks: whether what a bundle names is held, whole.

use crate::leases;
use crate::shelf::{Found, Shelf};
use control::{Action, Package, PlatformAction, Refusal, State};
use follower::executor::{Acted, Executor, Task};
use lease_journal::Journal;
use model::{Bundle, ChangeId, Resource, Service};
use signed::Observation;
use std::sync::Arc;

pub(crate) struct PlatformExecutor {
    pub(crate) shelf: Shelf,
    pub(crate) journal: Journal,
}

impl Executor for PlatformExecutor {
    fn service(&self) -> Service {
        Service::Platform
    }

    async fn observe(&self, _: Arc<State>, package: Package) -> Result<Observation, String> {
        let mut missing = vec![];
        // What is said to be here stays: this change is in the state that is asked before anything is dropped.
        let _looking = self.shelf.looking().await;
        // A change that makes nothing serve needs nothing.
        for (_, digest) in package.body.bundle().iter().flat_map(Bundle::archives) {
            match self.shelf.look(digest).await {
                Found::Whole => {}
                Found::Missing => missing.push(digest),
                Found::Changed(why) => {
                    tracing::error!(%digest, why, "platform: a kept archive is not what its name says");
                    missing.push(digest);
                }
                Found::Unreadable(why) => return Err(why),
            }
        }
        missing.sort_unstable();
        let lease = package.body.grants().and_then(|(terms, _)| terms.cap());
        // Periods turn by the database inside this program: a zone that it lacks could not be counted in.
        let zone = lease.map(|cap| cap.zone.clone()).filter(|zone| lease_journal::is_zone(zone.as_str()));
        Ok(Observation::Platform { missing, zone })
    }

    /// Nothing is granted of a lease that is over. That it is, is said once all that was used of it is in the ledger.
    async fn read_back(&self, state: Arc<State>, grant: ChangeId) -> Result<(), String> {
        leases::ended(&state, &self.journal, &grant)
    }

    async fn act(&self, task: Task) -> Acted {
        let Action::Platform(PlatformAction::CheckHeld { bundle }) = task.action else {
            return Acted::refused("step.not_ours", "the step is another service's");
        };
        let _looking = self.shelf.looking().await;
        for (resource, digest) in bundle.archives() {
            match self.shelf.look(digest).await {
                Found::Whole => {}
                Found::Missing => return not_held(resource),
                Found::Changed(why) => {
                    tracing::error!(%digest, why, "platform: a kept archive is not what its name says");
                    return not_held(resource);
                }
                Found::Unreadable(why) => {
                    tracing::warn!(%digest, why, "platform: a kept archive cannot be read now");
                    return Acted::unknown("bundle.unreadable", why);
                }
            }
        }
        Acted::observed(bundle.digest())
    }
}

/// In the words with which a draft that names it is refused, and readiness says it.
fn not_held(resource: Resource) -> Acted {
    let refusal = Refusal::ResourceNotHeld { resource };
    Acted::refused(refusal.code(), refusal.in_one_line())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lease_journal::JournalOptions;
    use model::Digest;
    use testkit::Double;
    use testkit::thrice::{Planned, Stage, thrice};

    struct Platform(PlatformExecutor, Planned);

    impl Stage for Platform {
        type Executor = PlatformExecutor;

        fn executor(&self) -> &PlatformExecutor {
            &self.0
        }

        fn planned(&self) -> &Planned {
            &self.1
        }

        async fn look(&self) -> String {
            format!("{:?}", self.0.shelf.store.list())
        }
    }

    #[tokio::test]
    async fn three_times_is_once_and_each_step_is_taken_back() {
        let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
        let (old, tar) = (Digest::of_object("manifest", b"old"), dir.path().join("new.tar"));
        let new = testkit::packed(&tar, "2026.04", b"new");
        double.register(old, 256);
        double.publish(new, "2026.04", 256);
        let planned = Planned::over(&double, old, new);
        let shelf = Shelf::open(dir.path(), durable_file::Mended::default()).unwrap();
        shelf.store.receive(&mut std::fs::File::open(&tar).unwrap(), &new).unwrap();
        let journal = Journal::open(&dir.path().join("leases"), JournalOptions::new("test/leases")).unwrap();
        let executor = || PlatformExecutor { shelf: shelf.clone(), journal: journal.clone() };
        let fresh = || async { Platform(executor(), planned.clone()) };
        thrice(Service::Platform, fresh).await;
    }
}
