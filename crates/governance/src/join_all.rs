//! Waiting for several answers at once.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Starts all futures in their order and waits for every one; answers in the same order.
pub(crate) async fn join_all<F: Future>(futures: Vec<Pin<Box<F>>>) -> Vec<F::Output> {
    let mut answers: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    let mut waiting: Vec<(usize, Pin<Box<F>>)> = futures.into_iter().enumerate().collect();
    poll_fn(|context| {
        waiting.retain_mut(|(position, future)| match future.as_mut().poll(context) {
            Poll::Ready(answer) => {
                answers[*position] = Some(answer);
                false
            }
            Poll::Pending => true,
        });
        if waiting.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    answers.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_come_in_the_order_of_the_questions() {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let first: Pin<Box<dyn Future<Output = u8> + Send>> = Box::pin(async { receiver.await.unwrap() });
        let second: Pin<Box<dyn Future<Output = u8> + Send>> = Box::pin(async move {
            sender.send(1).unwrap();
            2
        });
        assert_eq!(join_all(vec![Box::pin(first), Box::pin(second)]).await, [1, 2]);
        assert_eq!(join_all(Vec::<Pin<Box<std::future::Ready<u8>>>>::new()).await, [0; 0]);
    }
}
