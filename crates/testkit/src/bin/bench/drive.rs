//! Callers that ask again as soon as they are answered.

use crate::args::Pace;
use crate::error::Error;
use crate::figures::Run;
use std::time::Instant;
use tokio::task::JoinSet;

/// Somebody who asks and waits for the answer.
pub trait Caller: Send + 'static {
    /// One call, until it is answered.
    fn call(&mut self) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Lets all of them call for the time of one run; what is answered after the warm-up and before the end counts.
///
/// # Errors
/// The first that a caller meets.
pub async fn drive<C: Caller>(callers: Vec<C>, per_call: u32, pace: Pace) -> Result<Run, Error> {
    let from = Instant::now() + pace.warm_up;
    let until = from + pace.measured;
    let mut calling = JoinSet::new();
    for mut caller in callers {
        calling.spawn(async move {
            let mut latencies = vec![];
            loop {
                let began = Instant::now();
                if began >= until {
                    return Ok::<_, Error>(latencies);
                }
                caller.call().await?;
                let ended = Instant::now();
                if (from..until).contains(&ended) {
                    latencies.push(ended - began);
                }
            }
        });
    }
    let mut latencies = vec![];
    while let Some(ended) = calling.join_next().await {
        latencies.extend(ended??);
    }
    Run::of(latencies, per_call, pace.measured).ok_or(Error::Nothing(pace.measured.as_millis()))
}
