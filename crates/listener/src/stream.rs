//! A connection's bytes, with the two deadlines that the HTTP library does not keep: a head must be complete soon
//! after it has begun, and an answer must be taken.

use crate::Limits;
use crate::places::Place;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

type Deadline = Option<Pin<Box<Sleep>>>;

/// The stream of one connection.
pub(crate) struct Watched<T> {
    inner: T,
    limits: Limits,
    place: Arc<Place>,
    /// While a head is on its way, that of the request with this number.
    head: Deadline,
    request: u64,
    /// While bytes of an answer are not taken.
    stalled: Deadline,
}

impl<T> Watched<T> {
    /// The first head is due from now on.
    pub(crate) fn new(inner: T, limits: Limits, place: Arc<Place>) -> Self {
        Self { inner, limits, place, head: Some(Box::pin(sleep(limits.head_within))), request: 0, stalled: None }
    }

    fn wrote<R>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        let within = self.limits.stalled_within;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(within)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer does not take its answer")))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Watched<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let outcome = Pin::new(&mut self.inner).poll_read(cx, buf);
        let begun = self.place.requests();
        if begun != self.request {
            (self.request, self.head) = (begun, None);
        }
        if buf.filled().len() > before && self.head.is_none() && self.place.is_waiting() {
            self.head = Some(Box::pin(sleep(self.limits.head_within)));
        }
        if outcome.is_pending()
            && let Some(head) = &mut self.head
            && head.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the request's head did not come in time",
            )));
        }
        outcome
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Watched<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.wrote(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write_vectored(cx, bytes);
        self.wrote(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
