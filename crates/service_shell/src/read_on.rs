//! Reading on: who is refused before all was sent reads why, and not that the connection broke.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::timeout;

/// Most bytes that are read of a body that nobody wants.
const BYTES_MAX: usize = 64 << 20;
/// Longest time that one is read for.
const WITHIN: Duration = Duration::from_secs(10);
/// Longest wait for its next piece.
const QUIET_MAX: Duration = Duration::from_secs(1);

/// A body that is let go before its end is read to its end all the same, within bounds, while the answer is sent: a
/// connection that is closed with something unread in it is reset, and the answer lost with it.
pub(crate) async fn read_on(request: Request, next: Next) -> Response {
    // Who waits to be asked for the body sends none unless asked.
    let nothing_comes = request.headers().contains_key(header::EXPECT) || request.body().is_end_stream();
    let request = if nothing_comes { request } else { request.map(|body| Body::new(ReadOn(body))) };
    next.run(request).await
}

struct ReadOn(Body);

impl HttpBody for ReadOn {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl Drop for ReadOn {
    fn drop(&mut self) {
        if !self.0.is_end_stream()
            && let Ok(runtime) = Handle::try_current()
        {
            let rest = std::mem::take(&mut self.0);
            // Whether it came to its end matters to nobody.
            runtime.spawn(async move { drop(timeout(WITHIN, to_end(rest)).await) });
        }
    }
}

async fn to_end(mut rest: Body) {
    let mut left = BYTES_MAX;
    while let Ok(Some(Ok(frame))) = timeout(QUIET_MAX, rest.frame()).await {
        let read = frame.data_ref().map_or(0, Bytes::len);
        let Some(less) = left.checked_sub(read) else { return };
        left = less;
    }
}
