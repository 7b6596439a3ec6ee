//! A handler that panics answers `internal` and takes nobody with it.

use crate::Problem;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

pub(crate) async fn contain(request: Request, next: Next) -> Response {
    let mut handler = Box::pin(next.run(request));
    let outcome = std::future::poll_fn(|context| {
        // The future is dropped after a panic and never polled again, so nothing sees it half done.
        match catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(response)) => Poll::Ready(Some(response)),
            Err(_) => Poll::Ready(None),
        }
    })
    .await;
    outcome.unwrap_or_else(|| {
        // The payload may quote a person's text: the panic hook's place is the only trace kept.
        tracing::error!("http: a request handler panicked");
        Problem::internal().into_response()
    })
}
