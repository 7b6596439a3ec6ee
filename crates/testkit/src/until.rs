//! Waiting for what a test is about, and no longer than a minute.

use std::time::Duration;

/// Longest wait: far above what anything here takes on a loaded machine.
const MOST: Duration = Duration::from_secs(60);
/// Between two looks, so that who waits leaves the processor to what it waits for.
const BETWEEN: Duration = Duration::from_millis(5);

/// Waits until there is an answer, and gives it; a minute later the test fails and says what it waited for.
pub async fn until<T>(what: &str, answer: impl AsyncFn() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(answer) = answer().await {
                return answer;
            }
            tokio::time::sleep(BETWEEN).await;
        }
    };
    tokio::time::timeout(MOST, waiting).await.unwrap_or_else(|_| panic!("waited a minute until {what}"))
}
