//! Whose turn it is to search: one search at a time in the whole service. A search reads, unseals
//! and words thousands of entries; a crowd of them would take the processors from the writer.

use axum::http::StatusCode;
use control::Viewer;
use service_shell::Problem;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Longest wait for one's turn.
const WAIT: Duration = Duration::from_secs(5);
/// Most searches of one reader that run or wait.
const OWN_MAX: usize = 3;
/// Most searches of all readers that run or wait.
const ALL_MAX: usize = 16;

/// Whose search it is; none: the console's own.
type Asks = Option<Viewer>;

/// The one turn, and who stands in line for it.
pub(crate) struct Searches {
    turn: Arc<Semaphore>,
    line: Mutex<HashMap<Asks, usize>>,
}

/// Whether whoever asked still waits for the answer.
#[derive(Clone)]
pub(crate) struct Asker(Weak<()>);

/// A place in the line; dropped with the request.
struct Place<'a> {
    searches: &'a Searches,
    asks: Asks,
}

impl Asker {
    /// Whether nobody waits any more: the work is to be left where it is.
    pub(crate) fn is_gone(&self) -> bool {
        self.0.strong_count() == 0
    }
}

impl Default for Searches {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), line: Mutex::default() }
    }
}

fn busy(message: impl Into<String>) -> Problem {
    let next = "wait until a search of yours has ended, then ask again; filters by time, category, severity, engine \
                or change are answered at any time";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "search.busy", message, next).retry_after_s(2)
}

impl Searches {
    /// Does blocking work when it is its turn. The work looks at its [`Asker`] now and then: the turn
    /// is given on only when it ends, and a request that is dropped asks it to.
    ///
    /// # Errors
    /// `search.busy` when too many stand in line or the turn does not come in time; else the work's.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        asks: Asks,
        work: impl FnOnce(&Asker) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let _place = self.place(asks)?;
        let turn = tokio::time::timeout(WAIT, Arc::clone(&self.turn).acquire_owned()).await;
        let turn = turn.map_err(|_| busy("other searches took longer than 5 s"))?.map_err(|_| Problem::internal())?;
        // Lives as long as this future does: the work outlives it and must see that it is gone.
        let here = Arc::new(());
        let asker = Asker(Arc::downgrade(&here));
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work(&asker)
        });
        let done = done.await;
        drop(here);
        done.unwrap_or_else(|_| Err(Problem::internal()))
    }

    fn place(&self, asks: Asks) -> Result<Place<'_>, Problem> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if line.values().sum::<usize>() >= ALL_MAX {
            return Err(busy("too many people search at this moment"));
        }
        let own = line.entry(asks).or_default();
        if *own >= OWN_MAX {
            return Err(busy("3 searches of yours run or wait already"));
        }
        *own += 1;
        Ok(Place { searches: self, asks })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut line = self.searches.line.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = line.get_mut(&self.asks) {
            *own -= 1;
            if *own == 0 {
                line.remove(&self.asks);
            }
        }
    }
}

#[cfg(test)]
mod tests;
