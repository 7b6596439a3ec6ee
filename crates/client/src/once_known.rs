//! A service learns who has signed in from its own copy of the ledger, a moment after Governance has recorded it.

use crate::ClientError;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long it may take to read that.
const KNOWN_WITHIN: Duration = Duration::from_secs(10);
/// Between two looks whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Asks again for as long as the service does not know the credential, ten seconds at most; the last answer.
///
/// # Errors
/// As what is asked.
pub async fn once_known<T, E, F: Future<Output = Result<T, E>>>(
    ask: impl Fn() -> F,
    refusal: impl Fn(&E) -> Option<&ClientError>,
) -> Result<T, E> {
    let begun = Instant::now();
    let is_unknown = |error: &E| refusal(error).is_some_and(|refusal| refusal.code() == Some("token.unknown"));
    loop {
        match ask().await {
            Err(error) if is_unknown(&error) && begun.elapsed() < KNOWN_WITHIN => sleep(LOOK_EVERY).await,
            answer => return answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use wire::ProblemDetail;

    fn refused(code: &str) -> ClientError {
        let [message, next] = [String::new(), String::new()];
        let detail = ProblemDetail { code: code.to_owned(), message, next, entry: None, see_entry: None };
        ClientError::Problem(Box::new(detail), 401)
    }

    /// What comes of asking when so many answers are refused with this code, and how often was asked.
    async fn asked(refusals: u32, code: &str) -> (Result<(), ClientError>, u32) {
        let asked = Cell::new(0);
        let ask = || {
            asked.set(asked.get() + 1);
            std::future::ready(if asked.get() > refusals { Ok(()) } else { Err(refused(code)) })
        };
        let answer = once_known(ask, |error| Some(error));
        (answer.await, asked.get())
    }

    #[tokio::test(start_paused = true)]
    async fn who_signed_in_a_moment_ago_is_waited_for_and_nobody_else() {
        let (answer, times) = asked(3, "token.unknown").await;
        assert!(answer.is_ok() && times == 4);
        let (answer, times) = asked(u32::MAX, "token.unknown").await;
        assert!(answer.unwrap_err().code() == Some("token.unknown") && (100..=102).contains(&times), "{times}");
        let (answer, times) = asked(3, "role.missing").await;
        assert!(answer.is_err() && times == 1);
    }
}
