//! Engine Runtime's actions with real processes, each three times.

use super::life::{Watch, watched};
use super::place::Place;
use control::{Action, EngineAction};
use engine::{Runtime, executor};
use follower::{OwnNode, executor::Executor};
use model::{Service, Side};
use testkit::Double;
use testkit::thrice::{Planned, Stage, thrice};

/// How long what serves must stay healthy here, milliseconds.
const SOAK_MS: i64 = 100;

struct Engine<E> {
    executor: E,
    runtime: Runtime,
    planned: Planned,
    // Dropped in this order: the watch ends before what it watches does.
    _watch: Watch,
    _place: Place,
}

impl<E: Executor> Stage for Engine<E> {
    type Executor = E;

    fn executor(&self) -> &E {
        &self.executor
    }

    fn planned(&self) -> &Planned {
        &self.planned
    }

    /// What serves, and the processes that run; a switch that was taken back has raised the generation.
    async fn look(&self) -> String {
        let view = self.runtime.engines().await.unwrap();
        let shown = &view.engines[0];
        let sides = shown.sides.iter().filter(|side| side.running).map(|side| (side.side, side.pid));
        format!("{:?} {:?} {:?}", shown.serving_side, shown.serving, sides.collect::<Vec<_>>())
    }
}

pub async fn three_times_is_once_and_each_step_is_taken_back() {
    let fresh = || async {
        let (place, double) = (Place::new(), Double::start().await);
        super::service::register(&place, &double);
        double.publish(place.old, "2026.02", 256);
        double.publish(place.new, "2026.03.1", 256);
        let mut planned = Planned::over(&double, place.old, place.new);
        for step in &mut planned.plan.steps {
            if let Action::Engine { action: EngineAction::Soak { soak_ms, .. }, .. } = &mut step.action {
                *soak_ms = SOAK_MS;
            }
        }
        let (runtime, watch) = watched(&place, Place::timing());
        place.deploy(&runtime, 0, Side::Blue, place.old).await;
        let executor = executor(OwnNode::default(), runtime.clone());
        Engine { executor, runtime, planned, _watch: watch, _place: place }
    };
    Box::pin(thrice(Service::Engine, fresh)).await;
}
