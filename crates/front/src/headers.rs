//! What is not passed on, and what is added.

use hyper::{
    HeaderMap,
    header::{self, HeaderName, HeaderValue},
};
use model::Digest;
use std::net::IpAddr;

/// Fields that speak to the next hop only (RFC 9110 §7.6.1, RFC 9112 §6), and those that our own
/// connections decide: `expect` is answered by this hop already.
const HOP: [HeaderName; 9] = [
    header::CONNECTION,
    header::EXPECT,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Removes the fields of this hop, and those that `Connection` names.
pub(crate) fn strip_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    // `Connection: host` or `content-length` would change what the engine reads; they are never of one hop.
    let kept = [header::HOST, header::CONTENT_LENGTH];
    for name in named.iter().filter(|name| !kept.contains(name)).chain(&HOP) {
        headers.remove(name);
    }
    headers.remove("proxy-connection");
}

/// Says who really asked. Nothing stands before this front, so what a visitor claims is replaced.
pub(crate) fn forward(headers: &mut HeaderMap, peer: IpAddr) {
    let claimed: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with("x-forwarded-")).cloned().collect();
    for name in claimed.iter().chain([&header::FORWARDED]) {
        headers.remove(name);
    }
    if let Ok(peer) = HeaderValue::from_str(&peer.to_string()) {
        headers.insert(FORWARDED_FOR, peer);
    }
    if let Some(host) = headers.get(header::HOST).cloned() {
        headers.insert(FORWARDED_HOST, host);
    }
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static("http"));
}

/// Whether a request is the owner's own probe. What says so is for this front alone, and goes no further.
pub(crate) fn take_probe(headers: &mut HeaderMap, probe: &str) -> bool {
    let named = |value: &HeaderValue| value.to_str().ok().and_then(|text| text.strip_prefix("Bearer ")).map(digest);
    // Digests are compared, so that the time it takes says nothing about the word.
    let is_it = headers.get(header::AUTHORIZATION).and_then(named) == Some(digest(probe));
    if is_it {
        headers.remove(header::AUTHORIZATION);
    }
    is_it
}

fn digest(word: &str) -> Digest {
    Digest::of_bytes(word.as_bytes())
}

/// The one Host of a request; none when it is missing, twice, or not text.
pub(crate) fn host(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::HOST).iter();
    match (all.next(), all.next()) {
        (Some(one), None) => one.to_str().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        fields.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn fields_of_one_hop_stay_on_it() {
        let mut headers = map(&[
            ("connection", "close, x-private, content-length"),
            ("x-private", "1"),
            ("content-length", "3"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("te", "trailers"),
            ("proxy-connection", "keep-alive"),
            ("accept", "*/*"),
        ]);
        strip_hop(&mut headers);
        assert_eq!(headers, map(&[("content-length", "3"), ("accept", "*/*")]));
    }

    #[test]
    fn what_a_visitor_claims_about_itself_is_replaced() {
        let mut headers = map(&[
            ("host", "127.0.0.1:8101"),
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-port", "1"),
            ("forwarded", "for=1.2.3.4"),
        ]);
        forward(&mut headers, "127.0.0.9".parse().unwrap());
        let expected = map(&[
            ("host", "127.0.0.1:8101"),
            ("x-forwarded-for", "127.0.0.9"),
            ("x-forwarded-host", "127.0.0.1:8101"),
            ("x-forwarded-proto", "http"),
        ]);
        assert_eq!(headers, expected);
    }

    #[test]
    fn a_probe_is_known_by_its_word_and_the_word_goes_no_further() {
        let mut probe = map(&[("authorization", "Bearer abc")]);
        assert!(take_probe(&mut probe, "abc"));
        assert!(probe.is_empty());
        for other in [map(&[("authorization", "Bearer abd")]), map(&[("authorization", "abc")]), map(&[])] {
            let mut headers = other.clone();
            assert!(!take_probe(&mut headers, "abc"));
            assert_eq!(headers, other, "a visitor's own word reaches the engine");
        }
    }

    #[test]
    fn two_hosts_are_none() {
        let mut headers = map(&[("host", "a")]);
        assert_eq!(host(&headers), Some("a"));
        headers.append(header::HOST, HeaderValue::from_static("b"));
        assert_eq!((host(&headers), host(&HeaderMap::new())), (None, None));
    }
}
