//! Knows when a request is in progress: from its head to the last byte of its answer.

use crate::places::{InProgress, Place};
use hyper::body::{Body, Frame, SizeHint};
use hyper::service::Service;
use hyper::{Request, Response, body::Incoming};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A service whose requests count as in progress in one place.
pub(crate) struct CountedService<S> {
    pub(crate) service: S,
    pub(crate) place: Arc<Place>,
}

impl<S, B> Service<Request<Incoming>> for CountedService<S>
where
    S: Service<Request<Incoming>, Response = Response<B>>,
    S::Future: Send + 'static,
{
    type Response = Response<Answer<B>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let in_progress = self.place.begin();
        let answer = self.service.call(request);
        Box::pin(async move { Ok(answer.await?.map(|body| Answer { body, _in_progress: in_progress })) })
    }
}

/// An answer's body; the request is in progress until it is dropped.
pub(crate) struct Answer<B> {
    body: B,
    _in_progress: InProgress,
}

impl<B: Body + Unpin> Body for Answer<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
