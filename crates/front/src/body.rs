//! Bodies on their way through: never collected, limited in size and in silence.

use crate::shared::InFlight;
use http_body_util::{Either, Full};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep};

/// A body that goes to either side: one of our own, or one that is passed on.
pub(crate) type ProxyBody = Either<Full<Bytes>, Streamed>;
/// Silence after which a body is given up.
const IDLE: Duration = Duration::from_secs(60);

/// Why a body was cut off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error(transparent)]
    Broken(#[from] hyper::Error),
    #[error("the body is above the limit")]
    TooLarge,
    #[error("nothing was sent for 60 s")]
    Idle,
}

/// A body passed on frame by frame. Holds its request in flight until its end.
pub(crate) struct Streamed {
    inner: Incoming,
    left_bytes: u64,
    idle: Pin<Box<Sleep>>,
    request: Option<InFlight>,
}

impl Streamed {
    pub(crate) fn new(inner: Incoming, limit_bytes: u64, request: Option<InFlight>) -> Self {
        Self { inner, left_bytes: limit_bytes, idle: Box::pin(tokio::time::sleep(IDLE)), request }
    }
}

impl Body for Streamed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        match Pin::new(&mut this.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let size = frame.data_ref().map_or(0, |data| data.len() as u64);
                let Some(left) = this.left_bytes.checked_sub(size) else {
                    return Poll::Ready(Some(Err(BodyError::TooLarge)));
                };
                this.left_bytes = left;
                this.idle.as_mut().reset(Instant::now() + IDLE);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => {
                this.request = None;
                Poll::Ready(None)
            }
            Poll::Pending => this.idle.as_mut().poll(cx).map(|()| Some(Err(BodyError::Idle))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
