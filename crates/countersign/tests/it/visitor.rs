//! A visitor who shops all the time and forgives nothing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A visitor at work.
pub struct Visitor {
    stop: Arc<AtomicBool>,
    pages: Arc<AtomicU64>,
    work: Option<JoinHandle<Result<(), String>>>,
}

impl Visitor {
    /// Begins to fetch the shop's pages, one after the other, each on a connection of its own.
    pub fn of(port: u16) -> Self {
        let (stop, pages) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (stopped, counted) = (stop.clone(), pages.clone());
        let work = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                page(port).map_err(|error| format!("page {}: {error}", counted.load(Ordering::Relaxed)))?;
                counted.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        });
        Self { stop, pages, work: Some(work) }
    }

    /// Whether nothing has failed so far.
    pub fn is_content(&self) -> bool {
        self.work.as_ref().is_some_and(|work| !work.is_finished())
    }

    /// Goes home; answers how many pages were seen, all of them whole.
    pub fn home(mut self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        let work = self.work.take().expect("a visitor goes home once");
        work.join().expect("the visitor does not panic").unwrap_or_else(|error| panic!("a request failed: {error}"));
        self.pages.load(Ordering::Relaxed)
    }
}

/// The front page, whole or an error: a status of 200 and as many bytes as were promised.
fn page(port: u16) -> Result<(), String> {
    let say = |what: &'static str| move |error: std::io::Error| format!("{what}: {error}");
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(say("connect"))?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).map_err(say("timeout"))?;
    write!(stream, "GET / HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n").map_err(say("send"))?;
    let mut reader = BufReader::new(stream);
    let mut status = String::new();
    reader.read_line(&mut status).map_err(say("status"))?;
    if !status.starts_with("HTTP/1.1 200 ") {
        return Err(format!("status {status:?}"));
    }
    let mut promised = None;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).map_err(say("header"))?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(length) = line.strip_prefix("content-length:") {
            promised = length.trim().parse::<usize>().ok();
        }
    }
    let mut body = Vec::new();
    reader.read_to_end(&mut body).map_err(say("body"))?;
    let whole = promised.map_or_else(|| body.ends_with(b"0\r\n\r\n"), |promised| promised == body.len());
    if whole { Ok(()) } else { Err(format!("{} bytes of {promised:?}", body.len())) }
}
