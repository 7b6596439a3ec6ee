//! What a service shows the console, asked for with the console's own signature: nothing of it is left in the ledger, and
//! Governance may be gone.

use crate::plane::Plane;
use crate::shop;
use model::{Digest, Instant, Service};
use serde_json::Value;
use signed::{CONSOLE_ASK, ConsoleAsk, ServiceKey};
use std::time::{SystemTime, UNIX_EPOCH};

/// One GET as the console with this key sends it; none when nobody answers.
pub fn asked(url: &str, service: &str, key: &ServiceKey, ledger: Digest) -> Option<(u16, String)> {
    let path = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("a path").1;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let ask = ConsoleAsk {
        ledger,
        key: key.public(),
        service: *Service::ALL.iter().find(|known| known.word() == service).expect("a service"),
        request: format!("GET /{path}"),
        viewer: None,
        at: Instant::from_millis(i64::try_from(now).unwrap()),
    };
    shop::get_with(url, &format!("{CONSOLE_ASK}: {}\r\n", ask.header(key).unwrap()))
}

impl Plane {
    /// What a service shows the console.
    pub fn seen(&self, service: &str, path: &str) -> Option<(u16, String)> {
        let secret = std::fs::read_to_string(self.dir().join("keys/console.key")).unwrap();
        let key = ServiceKey::from_secret(secret.trim().parse::<Digest>().unwrap().as_bytes());
        let ledger = self.trust()["genesis"].as_str().unwrap().parse().unwrap();
        asked(&format!("{}{path}", self.url(service)), service, &key, ledger)
    }

    /// The same, which is there.
    pub fn page(&self, service: &str, path: &str) -> Value {
        let (status, body) = self.seen(service, path).expect("the service answers");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }
}
