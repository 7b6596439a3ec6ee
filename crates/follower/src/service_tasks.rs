//! A service's standing duties as tasks: following, carrying out what is due, and the brakes it was handed.

use crate::executor::{Executor, ExecutorError, ExecutorOptions, Journal, run_executor};
use crate::{Follower, system_clock};
use client::GovernanceClient;
use signed::{Report, ServiceKey};
use std::path::Path;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// How long they may take to end, once asked.
const STOP_WITHIN: Duration = Duration::from_secs(3);

/// The running tasks. Dropped without [`ServiceTasks::stop`] they end at their next wait.
pub struct ServiceTasks {
    stop: watch::Sender<bool>,
    follow: JoinHandle<()>,
    execute: JoinHandle<()>,
    brakes: JoinHandle<()>,
    follower: Follower,
}

impl ServiceTasks {
    /// Starts them. Intents are kept in `dir/intents`.
    ///
    /// # Errors
    /// When the intents of an earlier run cannot be read.
    pub fn start<E: Executor>(
        dir: &Path,
        follower: &Follower,
        governance: GovernanceClient,
        key: ServiceKey,
        executor: E,
    ) -> Result<Self, ExecutorError> {
        Self::start_with(dir, follower, governance, key, executor, None)
    }

    /// The same, with what the service has to say unasked.
    ///
    /// # Errors
    /// As [`ServiceTasks::start`].
    pub fn start_with<E: Executor>(
        dir: &Path,
        follower: &Follower,
        governance: GovernanceClient,
        key: ServiceKey,
        executor: E,
        reports: Option<mpsc::Receiver<Report>>,
    ) -> Result<Self, ExecutorError> {
        let journal = Journal::open(&dir.join("intents"), follower.files())?;
        let (stop, stopped) = watch::channel(false);
        let options =
            ExecutorOptions { journal, clock: system_clock(), retry: crate::executor::RetryPolicy::default(), reports };
        let follow = tokio::spawn(follower.clone().run(stop_of(stopped.clone())));
        let brakes = tokio::spawn(keep_brakes(follower.clone(), governance.clone(), stop_of(stopped.clone())));
        let execute = run_executor(follower.clone(), governance, key, options, executor, stop_of(stopped));
        Ok(Self { stop, follow, execute: tokio::spawn(execute), brakes, follower: follower.clone() })
    }

    /// Ends them and waits for that, at most three seconds: what is cut off resumes at the next start.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        // A task that panicked has said so on its own; what it was doing resumes at the next start too.
        let ended = async {
            drop(tokio::join!(self.follow, self.execute, self.brakes));
            // What was being verified when they ended is finished on a thread of its own, and holds the replica.
            self.follower.idle().await;
        };
        if tokio::time::timeout(STOP_WITHIN, ended).await.is_err() {
            tracing::warn!("follower: what is being done is left to the next start");
        }
    }
}

/// Passes on and ends the brakes that were handed to this service.
async fn keep_brakes(follower: Follower, governance: GovernanceClient, shutdown: impl Future<Output = ()>) {
    let keep = async {
        match follower.brakes() {
            Some(brakes) => brakes.run(&follower, &governance).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = shutdown => {}
        () = keep => {}
    }
}

async fn stop_of(mut stopped: watch::Receiver<bool>) {
    // A sender that is gone is a service that is gone.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
