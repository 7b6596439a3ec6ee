//! What Integration Control observes and checks: that the outside bindings are as they were.

use crate::bindings::Bindings;
use control::{Action, IntegrationAction, Package, State};
use follower::executor::{Acted, Executor, Task};
use model::Service;
use signed::Observation;
use std::sync::Arc;

pub(crate) struct IntegrationExecutor(pub(crate) Bindings);

impl Executor for IntegrationExecutor {
    fn service(&self) -> Service {
        Service::Integration
    }

    async fn observe(&self, _: Arc<State>, package: Package) -> Result<Observation, String> {
        let (engine, _) = package.body.engine().ok_or("the change is about no engine")?;
        let read = self.0.read(&engine).map_err(|error| error.to_string())?;
        Ok(Observation::Integration { bindings: read.digest, count: read.count })
    }

    async fn act(&self, task: Task) -> Acted {
        let Action::Integration { engine, action: IntegrationAction::CheckBindings { bindings } } = task.action else {
            return Acted::refused("step.not_ours", "the step is another service's");
        };
        match self.0.read(&engine) {
            Ok(read) if read.digest == bindings => Acted::Done { observed: Some(read.digest) },
            Ok(read) => {
                let found = format!("the outside bindings read as {}, not as planned", read.digest.short());
                Acted::refused("bindings.drifted", found)
            }
            Err(error) => {
                tracing::error!(%error, "integration: the bindings cannot be read");
                Acted::unknown("bindings.unreadable", error.to_string())
            }
        }
    }
}
