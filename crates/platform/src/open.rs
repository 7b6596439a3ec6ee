//! Bodies as files and files as bodies, a piece at a time.

use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;
use http_body_util::channel::Channel;
use std::io::{self, Read};
use tokio::sync::mpsc;

/// Pieces that wait between the network and the disk.
const PIECES: usize = 8;
/// Size of a piece read from a file, bytes.
const PIECE_BYTES: usize = 64 << 10;

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
pub(crate) fn reader(mut body: Body) -> (BodyReader, impl Future<Output = ()>) {
    let (sender, pieces) = mpsc::channel(PIECES);
    let feed = async move {
        while let Some(frame) = body.frame().await {
            let piece = match frame {
                Ok(frame) => frame.into_data().map_err(|_| io::Error::other("it has trailers")),
                Err(error) => Err(io::Error::other(error)),
            };
            let last = piece.is_err();
            if sender.send(piece).await.is_err() || last {
                return;
            }
        }
    };
    (BodyReader { pieces, rest: Bytes::new() }, feed)
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
