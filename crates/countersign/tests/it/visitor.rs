//! A visitor who shops all the time and forgives nothing: no second try, no answer but a whole one.

use crate::shop::unchunk;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Between two requests: a busy visitor, not a flood.
const PACE: Duration = Duration::from_millis(4);
/// Every so many requests one changes the cart.
const CART_EVERY: u64 = 12;
/// Pieces at which the cart is emptied again; a cart holds at most 99 of one thing.
const CART_FULL: u32 = 40;
/// What is bought: both releases sell it.
const SKU: &str = "stone-mug";

/// What a visitor has seen.
#[derive(Debug, Default, Clone)]
pub struct Seen {
    /// Pages, each whole.
    pub pages: u64,
    /// Changes of the cart, each kept.
    pub changes: u64,
    /// The longest wait for an answer.
    pub slowest: Duration,
    /// What went wrong: when, and what.
    pub failures: Vec<String>,
}

/// A visitor at work; goes home when dropped.
pub struct Visitor {
    stop: Arc<AtomicBool>,
    seen: Arc<Mutex<Seen>>,
    work: Option<JoinHandle<()>>,
}

impl Visitor {
    /// Begins to shop, one request after the other, each on a connection of its own.
    pub fn of(port: u16) -> Self {
        let (stop, seen) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Seen::default())));
        let (stopped, shared) = (Arc::clone(&stop), Arc::clone(&seen));
        let work = std::thread::spawn(move || {
            let (mut basket, mut turn) = (Basket { port, cookie: None, pieces: 0 }, 0);
            while !stopped.load(Ordering::Relaxed) {
                let began = Instant::now();
                let changes = turn % CART_EVERY == 0;
                let came = if changes { basket.change() } else { basket.page() };
                let mut seen = shared.lock().unwrap();
                seen.slowest = seen.slowest.max(began.elapsed());
                match came {
                    Ok(()) if changes => seen.changes += 1,
                    Ok(()) => seen.pages += 1,
                    Err(why) => seen.failures.push(format!("request {turn} after {:?}: {why}", began.elapsed())),
                }
                drop(seen);
                turn += 1;
                std::thread::sleep(PACE);
            }
        });
        Self { stop, seen, work: Some(work) }
    }

    /// What was seen until now.
    pub fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    /// Demands that every request until now was answered as it should be.
    pub fn content(&self, when: &str) {
        let seen = self.seen();
        assert!(seen.failures.is_empty(), "{when}: {} requests failed: {:#?}", seen.failures.len(), seen.failures);
    }

    /// Waits for `more` further requests.
    pub fn shops_on(&self, more: u64) {
        let count = || {
            let seen = self.seen();
            seen.pages + seen.changes + seen.failures.len() as u64
        };
        let begun = count();
        crate::plane::until("the visitor to go on", || count() >= begun + more);
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(work) = self.work.take() {
            // Its own panic is no reason to hide the test's.
            let _ = work.join();
        }
    }
}

/// A cart at one shop, and how much must be in it.
pub struct Basket {
    pub port: u16,
    pub cookie: Option<String>,
    pub pieces: u32,
}

impl Basket {
    /// Puts one piece in, or all out of a full cart.
    pub fn change(&mut self) -> Result<(), String> {
        let full = self.pieces >= CART_FULL;
        let path = if full { "/cart/remove" } else { "/cart/add" };
        let (status, head, _) = self.ask("POST", path, &format!("sku={SKU}"))?;
        if status != 303 {
            return Err(format!("POST {path}: status {status}"));
        }
        self.pieces = if full { 0 } else { self.pieces + 1 };
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
        self.cookie = cookie.map(str::to_owned).or(self.cookie.take());
        Ok(())
    }

    /// The catalogue, whole, with the cart as it was left.
    pub fn page(&self) -> Result<(), String> {
        let (status, _, body) = self.ask("GET", "/", "")?;
        let cart = format!("Cart <b>{}</b>", self.pieces);
        match status {
            200 if !body.ends_with("</body></html>\n") => Err(format!("half a page: {} bytes", body.len())),
            200 if !body.contains(&cart) => Err(format!("another cart than `{cart}`")),
            200 => Ok(()),
            status => Err(format!("GET /: status {status}")),
        }
    }

    /// One exchange: status, head, body as long as was promised.
    fn ask(&self, method: &str, path: &str, form: &str) -> Result<(u16, String, String), String> {
        let port = self.port;
        let say = |what: &'static str| move |error: std::io::Error| format!("{what}: {error}");
        let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(say("connect"))?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).map_err(say("timeout"))?;
        let cookie = self.cookie.as_ref().map(|cookie| format!("cookie: {cookie}\r\n")).unwrap_or_default();
        let length = form.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n{cookie}\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}"
        );
        stream.write_all(request.as_bytes()).map_err(say("send"))?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(say("receive"))?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| format!("no head in {} bytes", answer.len()))?;
        let head = head.to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("no status")?;
        let promised = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        let whole = match promised {
            Some(promised) => (promised == body.len()).then(|| body.to_owned()),
            None => unchunk(body),
        };
        Ok((status, head, whole.ok_or("the body is cut off")?))
    }
}
