//! A visitor of a shop: plain HTTP/1.1, one connection a request.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Status and body; none when nobody answers whole.
pub fn get(url: &str) -> Option<(u16, String)> {
    let host = url.strip_prefix("http://")?.split('/').next()?;
    get_at(url, host)
}

/// The same, asking for another name than the address.
pub fn get_at(url: &str, name: &str) -> Option<(u16, String)> {
    exchange(url, name, "")
}

/// The same with these lines in the head.
pub fn get_with(url: &str, lines: &str) -> Option<(u16, String)> {
    exchange(url, url.strip_prefix("http://")?.split('/').next()?, lines)
}

fn exchange(url: &str, name: &str, lines: &str) -> Option<(u16, String)> {
    let rest = url.strip_prefix("http://")?;
    let (host, path) = rest.split_once('/').map_or((rest, String::new()), |(host, path)| (host, path.to_owned()));
    let mut stream = TcpStream::connect_timeout(&host.parse().ok()?, Duration::from_secs(2)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(35))).ok()?;
    write!(stream, "GET /{path} HTTP/1.1\r\nhost: {name}\r\nconnection: close\r\n{lines}\r\n").ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    Some((status, if chunked { unchunk(body)? } else { body.to_owned() }))
}

/// The body of chunks; none when it is cut off.
pub fn unchunk(mut body: &str) -> Option<String> {
    let mut out = String::new();
    loop {
        let (size, rest) = body.split_once("\r\n")?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            return Some(out);
        }
        out.push_str(rest.get(..size)?);
        body = rest.get(size..)?.strip_prefix("\r\n")?;
    }
}

/// The release a shop says it is, through its front.
pub fn release(port: u16) -> Option<String> {
    let (status, body) = get(&format!("http://127.0.0.1:{port}/healthz"))?;
    let health: serde_json::Value = serde_json::from_str(&body).ok()?;
    (status == 200).then(|| health["release"].as_str().map(str::to_owned))?
}
