//! Who is refused in the middle of sending a file.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up its world has failed")]

use client::{ClientError, Http, PlatformClient};
use model::Digest;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

/// Large enough that no buffer between the two holds it.
const LENGTH: u64 = 256 << 20;

#[tokio::test]
async fn a_refusal_that_comes_first_is_read_and_no_more_is_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let http = Http::new(format!("http://{}", listener.local_addr().unwrap()));
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut piece = vec![0; 1 << 16];
        let mut read = stream.read(&mut piece).unwrap() as u64;
        let body = r#"{"error":{"code":"token.missing","message":"no token","next":"sign in"}}"#;
        write!(stream, "HTTP/1.1 401 Unauthorized\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        // Time to hear it; then all that comes is read.
        thread::sleep(Duration::from_millis(500));
        while read < LENGTH
            && let Ok(length @ 1..) = stream.read(&mut piece)
        {
            read += length as u64;
        }
        read
    });
    let file = tempfile::tempfile().unwrap();
    file.set_len(LENGTH).unwrap();
    let client = PlatformClient::new(http);
    match client.upload_file(&Digest::ZERO, file.into(), LENGTH).await {
        Err(ClientError::Problem(detail, 401)) => assert_eq!(detail.code, "token.missing"),
        other => panic!("{other:?}"),
    }
    let read = tokio::task::spawn_blocking(|| server.join().unwrap()).await.unwrap();
    assert!(read < LENGTH / 4, "{read} bytes were sent");
}
