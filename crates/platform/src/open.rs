//! Bodies as files and files as bodies, a piece at a time.

use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;
use http_body_util::channel::Channel;
use std::io::{self, Read};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Pieces that wait between the network and the disk.
const PIECES: usize = 8;
/// Size of a piece read from a file, bytes.
const PIECE_BYTES: usize = 64 << 10;

/// A request's body did not come to its end.
#[derive(Debug, thiserror::Error)]
#[error("the body broke off: {0}")]
pub(crate) struct BrokenOff(String);

/// Longest that is waited, in all, for [`LEAST_BYTES`] of a body. What this service itself is slow at is not counted.
const STRETCH: Duration = Duration::from_secs(30);
/// Least bytes of each stretch: 64 KiB a second.
const LEAST_BYTES: u64 = 30 * (64 << 10);

/// A request's body came so slowly that it held its place for nothing.
#[derive(Debug, thiserror::Error)]
#[error("less than 64 KiB a second of the body came for 30 s")]
pub(crate) struct TooSlow;

/// A request body as it arrives: how long was waited for it, and how many bytes came, in the stretch of time that runs.
struct Arriving {
    body: Body,
    waited: Duration,
    bytes: u64,
}

impl Arriving {
    /// The next piece; none at its end.
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            let since = Instant::now();
            match tokio::time::timeout(STRETCH.saturating_sub(self.waited), self.body.frame()).await {
                Ok(frame) => {
                    self.waited += since.elapsed();
                    let piece = match frame? {
                        Ok(frame) => frame.into_data().map_err(|_| broken_off("it has trailers".to_owned())),
                        Err(error) => Err(broken_off(error.to_string())),
                    };
                    self.bytes += piece.as_ref().map_or(0, |piece| piece.len() as u64);
                    return Some(piece);
                }
                Err(_) if self.bytes < LEAST_BYTES => return Some(Err(io::Error::other(TooSlow))),
                Err(_) => (self.waited, self.bytes) = (Duration::ZERO, 0),
            }
        }
    }
}

/// A request's body as a reader for a thread that may block.
pub(crate) struct BodyReader {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    rest: Bytes,
}

impl Read for BodyReader {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.rest = piece?,
                None => return Ok(0),
            }
        }
        let length = to.len().min(self.rest.len());
        to[..length].copy_from_slice(&self.rest.split_to(length));
        Ok(length)
    }
}

/// The reader, and the work that feeds it. A body that breaks off is an error of the reader, so
/// that half an archive is never taken for a whole one.
pub(crate) fn reader(body: Body) -> (BodyReader, impl Future<Output = ()>) {
    let (sender, pieces) = mpsc::channel(PIECES);
    let feed = async move {
        let mut arriving = Arriving { body, waited: Duration::ZERO, bytes: 0 };
        while let Some(piece) = arriving.next().await {
            let last = piece.is_err();
            if sender.send(piece).await.is_err() || last {
                return;
            }
        }
    };
    (BodyReader { pieces, rest: Bytes::new() }, feed)
}

pub(crate) fn broken_off(why: String) -> io::Error {
    io::Error::other(BrokenOff(why))
}

/// A file as a body; read as fast as it is sent.
pub(crate) fn body(file: std::fs::File) -> Body {
    let (mut sender, body) = Channel::<Bytes, io::Error>::new(PIECES);
    tokio::spawn(async move {
        let mut file = tokio::fs::File::from_std(file);
        loop {
            let mut piece = vec![0; PIECE_BYTES];
            match tokio::io::AsyncReadExt::read(&mut file, &mut piece).await {
                Ok(0) => return,
                Ok(length) => {
                    piece.truncate(length);
                    // Whoever hung up needs no more.
                    if sender.send_data(piece.into()).await.is_err() {
                        return;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "platform: an artifact cannot be read on");
                    return sender.abort(error);
                }
            }
        }
    });
    Body::new(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of a body that sends so many bytes every second, for so many seconds.
    async fn arrives(bytes: usize, seconds: u64) -> Result<u64, String> {
        let (mut sender, body) = Channel::<Bytes, io::Error>::new(1);
        tokio::spawn(async move {
            for _ in 0..seconds {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if sender.send_data(vec![0; bytes].into()).await.is_err() {
                    return;
                }
            }
        });
        let (mut reader, feed) = reader(Body::new(body));
        let read = async {
            let mut all = 0;
            while let Some(piece) = reader.pieces.recv().await {
                all += piece.map_err(|error| error.to_string())?.len() as u64;
            }
            Ok(all)
        };
        tokio::join!(feed, read).1
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_is_broken_off_and_one_that_is_slow_is_not() {
        assert_eq!(arrives(10, 600).await.unwrap_err(), TooSlow.to_string());
        assert_eq!(arrives(80 << 10, 600).await.unwrap(), 600 * (80 << 10));
        assert_eq!(arrives(10, 20).await.unwrap(), 200, "a small one may take its while");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_read_on_here_is_nobodys_slowness() {
        let (mut sender, body) = Channel::<Bytes, io::Error>::new(1);
        tokio::spawn(async move {
            for _ in 0..100 {
                sender.send_data(vec![0; 1].into()).await.unwrap();
            }
        });
        let (mut reader, feed) = reader(Body::new(body));
        let read = async {
            let mut all = 0;
            while let Some(piece) = reader.pieces.recv().await {
                tokio::time::sleep(Duration::from_secs(60)).await;
                all += piece.unwrap().len();
            }
            all
        };
        assert_eq!(tokio::join!(feed, read).1, 100);
    }
}
