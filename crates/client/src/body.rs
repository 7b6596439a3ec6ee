//! Bodies of requests and answers: whole ones, and files a piece at a time.

use http_body_util::channel::Channel;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use std::io;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::AbortHandle;

/// What a request carries.
pub(crate) type Body = BoxBody<Bytes, io::Error>;

/// Pieces that wait between the disk and the network.
const PIECES: usize = 8;
/// Size of a piece read from a file, bytes.
const PIECE_BYTES: usize = 64 << 10;

/// All of it at once.
pub(crate) fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed()
}

/// Until it is dropped, a file is read and sent on.
pub(crate) struct Sending(AbortHandle);

impl Drop for Sending {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A file, read as fast as it is sent. Who has the answer before all of it was sent drops what comes with it, and the body
/// breaks off there.
pub(crate) fn of_file(mut file: File) -> (Body, Sending) {
    let (mut sender, body) = Channel::<Bytes, io::Error>::new(PIECES);
    let reading = tokio::spawn(async move {
        loop {
            let mut piece = vec![0; PIECE_BYTES];
            match file.read(&mut piece).await {
                Ok(0) => return,
                Ok(length) => {
                    piece.truncate(length);
                    // Whoever hung up needs no more.
                    if sender.send_data(piece.into()).await.is_err() {
                        return;
                    }
                }
                Err(error) => return sender.abort(error),
            }
        }
    });
    (body.boxed(), Sending(reading.abort_handle()))
}

/// Why an answer is not in a file.
pub(crate) enum NotKept {
    /// It is longer than is taken, or broke off.
    Answer(String),
    /// It cannot be written.
    Disk(io::Error),
}

/// Writes an answer of at most `most` bytes into a file, as it comes.
pub(crate) async fn into_file(mut answer: Incoming, to: &mut File, most: usize) -> Result<(), NotKept> {
    let mut left = most;
    while let Some(frame) = answer.frame().await {
        let frame = frame.map_err(|error| NotKept::Answer(error.to_string()))?;
        let Ok(piece) = frame.into_data() else { continue };
        left = left.checked_sub(piece.len()).ok_or_else(|| NotKept::Answer(format!("it is above {most} bytes")))?;
        to.write_all(&piece).await.map_err(NotKept::Disk)?;
    }
    to.flush().await.map_err(NotKept::Disk)
}
