//! Looking again, on a person's word, at every byte of what is kept: one look at a time, and few a minute.

use crate::Pace;
use service_shell::Problem;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

/// Most looks a minute: each reads up to 2 GiB.
const PER_MINUTE: usize = 20;

/// Says whether one more look may begin.
#[derive(Debug, Clone, Default)]
pub struct LookAgain {
    one: Arc<tokio::sync::Mutex<()>>,
    begun: Arc<Mutex<Pace>>,
}

impl LookAgain {
    /// Looks, to the end: whoever asked may have given up long before, and no other look begins meanwhile.
    ///
    /// # Errors
    /// When another one is in progress, or enough were begun within this minute.
    pub async fn run<T: Send + 'static>(&self, look: impl Future<Output = T> + Send + 'static) -> Result<T, Problem> {
        let one = self.begin_at(Instant::now())?;
        let looked = tokio::spawn(async move {
            let _one = one;
            look.await
        });
        looked.await.map_err(|error| {
            tracing::error!(%error, "follower: a look at what is kept broke off");
            Problem::internal()
        })
    }

    /// Begins one; it lasts as long as what is answered is kept.
    fn begin_at(&self, now: Instant) -> Result<OwnedMutexGuard<()>, Problem> {
        let busy = |_| {
            let what = "something that is kept here is being hashed already, one at a time";
            Problem::unavailable("verify.busy", what, "ask again in a moment", 1)
        };
        let one = Arc::clone(&self.one).try_lock_owned().map_err(busy)?;
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.step(PER_MINUTE, now).map_err(|wait| {
            let what = format!("{PER_MINUTE} times within a minute is the most that what is kept is hashed again");
            Problem::too_many("verify.too_often", what, wait)
        })?;
        Ok(one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_look_that_nobody_waits_for_any_more_goes_on_and_is_the_only_one() {
        let (looks, (go, gone)) = (LookAgain::default(), tokio::sync::oneshot::channel::<()>());
        let noted = Arc::new(Mutex::new(false));
        let note = Arc::clone(&noted);
        let look = async move {
            gone.await.unwrap();
            *note.lock().unwrap() = true;
        };
        assert!(tokio::time::timeout(Duration::from_millis(20), looks.run(look)).await.is_err(), "it was given up");
        assert_eq!(looks.run(async {}).await.unwrap_err().code(), "verify.busy");
        go.send(()).unwrap();
        while looks.run(async {}).await.is_err() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(*noted.lock().unwrap(), "what it found is noted");
    }

    #[test]
    fn one_at_a_time_and_so_many_a_minute() {
        let (looks, now) = (LookAgain::default(), Instant::now());
        let first = looks.begin_at(now).unwrap();
        assert_eq!(looks.begin_at(now).unwrap_err().code(), "verify.busy");
        drop(first);
        for _ in 1..PER_MINUTE {
            drop(looks.begin_at(now).unwrap());
        }
        assert_eq!(looks.begin_at(now).unwrap_err().code(), "verify.too_often");
        assert!(looks.begin_at(now + Duration::from_secs(60)).is_ok());
    }
}
