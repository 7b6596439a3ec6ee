//! What one engine gets beside its program: a document of its own, bound by digest.

use crate::{Blobs, Refusal, Unsound, blobs};
use model::{Digest, Need, Profile, Token, canon, is_variable};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most variables, hosts or outbound places of one config.
const MOST: usize = 64;
/// Longest value of a variable, in characters.
const VALUE_MAX: usize = 1_024;
/// Longest time that a config may have a release soak, milliseconds (a day).
const SOAK_MAX_MS: i64 = 86_400_000;

/// A config. Everything in it may be read by whoever reads the ledger: no secret, no personal data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Variables of the engine's environment, sorted by name.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub values: Vec<Value>,
    /// Variables whose values are secrets, sorted by name.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub secrets: Vec<SecretValue>,
    /// Where it may connect to, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub outbound: Vec<Outbound>,
    /// The host names it answers under beside its address, sorted; each one that the engine is registered for.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub hosts: Vec<Token>,
    /// Memory, MiB; absent: what the program usually takes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub memory_mib: Option<u32>,
    /// From start until healthy, milliseconds; absent: what the program usually takes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub start_within_ms: Option<u32>,
    /// How long it must stay healthy before it is certified, milliseconds, where that is longer than its kind of change
    /// asks for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub soak_ms: Option<i64>,
}

/// A variable and its value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Value {
    pub key: Token,
    /// Printable ASCII.
    pub value: String,
}

/// A variable whose value somebody has deposited on the engine's node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretValue {
    pub key: Token,
    /// The keyed digest that the deposit answered.
    pub secret: Digest,
}

/// A place that an engine may connect to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbound {
    /// Name or address.
    pub host: Token,
    pub port: u16,
}

/// What the program's profile and the config come to together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merged {
    pub memory_mib: u32,
    pub storage_mib: u32,
    pub start_within_ms: u32,
    /// The soak that the config asks for, milliseconds.
    pub soak_ms: i64,
}

impl Config {
    /// Its identity.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn digest(&self) -> Result<Digest, canon::CanonError> {
        canon::digest("config", self)
    }

    /// Whether it holds together by itself.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check(&self) -> Result<(), Unsound> {
        let demand = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(Unsound::from(why)) };
        let few = [self.values.len() + self.secrets.len(), self.outbound.len(), self.hosts.len()];
        demand(few.iter().all(|length| *length <= MOST), "it has more than 64 variables, hosts or outbound places")?;
        let sorted = self.values.is_sorted_by(|a, b| a.key < b.key) && self.secrets.is_sorted_by(|a, b| a.key < b.key);
        demand(sorted, "its variables are not sorted by name, or one is there twice")?;
        let keys: BTreeSet<&Token> = self.keys().collect();
        demand(keys.len() == self.values.len() + self.secrets.len(), "a variable is a value and a secret")?;
        demand(self.keys().all(is_variable), "a variable has a name that is not possible: use A-Z, 0-9 and _")?;
        let plain = |value: &Value| {
            value.value.len() <= VALUE_MAX && value.value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        };
        demand(self.values.iter().all(plain), "a value is longer than 1,024 characters, or not printable ASCII")?;
        demand(self.outbound.is_sorted_by(|a, b| a < b), "its outbound places are not sorted, or one is there twice")?;
        demand(self.outbound.iter().all(|place| place.port != 0), "an outbound place has port 0")?;
        demand(self.hosts.is_sorted_by(|a, b| a < b), "its hosts are not sorted, or one is there twice")?;
        demand(self.hosts.iter().all(is_host), "a host is not a name in lower case, as `shop.example.com`")?;
        demand(self.soak_ms.is_none_or(|ms| (0..=SOAK_MAX_MS).contains(&ms)), "its soak is longer than a day")
    }

    fn keys(&self) -> impl Iterator<Item = &Token> {
        let values = self.values.iter().map(|value| &value.key);
        values.chain(self.secrets.iter().map(|secret| &secret.key))
    }

    fn fits_need(&self, need: &Need) -> Result<(), Refusal> {
        let value = self.values.iter().find(|value| value.key == need.key);
        let secret = self.secrets.iter().any(|secret| secret.key == need.key);
        if value.is_none() && !secret {
            let missing = Refusal::ConfigIncomplete { key: need.key.clone() };
            return if need.required { Err(missing) } else { Ok(()) };
        }
        let bounded = match (need.bounds, value) {
            (Some(bounds), Some(value)) => {
                value.value.parse::<i64>().is_ok_and(|number| (bounds.least..=bounds.most).contains(&number))
            }
            _ => true,
        };
        // A secret in the open is as wrong as a value that nobody could compare.
        if secret == need.secret && bounded { Ok(()) } else { Err(Refusal::ConfigOutside { what: need.key.clone() }) }
    }
}

/// Whether a host name is as registrations and configs write it: lower case, labels of letters, digits and hyphens.
pub fn is_host(host: &Token) -> bool {
    let label = |label: &str| {
        let inner = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        (1..=63).contains(&label.len()) && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    let text = host.as_str();
    let address = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.contains('.') && text.split('.').all(label) && !address
}

impl Merged {
    /// What a program and a config come to.
    ///
    /// # Errors
    /// A variable that the program needs and the config lacks; something outside what the manifest allows.
    pub fn of(profile: &Profile, config: Option<&Config>) -> Result<Self, Refusal> {
        let none = Config::default();
        let config = config.unwrap_or(&none);
        profile.needs.iter().try_for_each(|need| config.fits_need(need))?;
        let outside =
            |what: &str| what.parse().map_or(Refusal::DocumentUnsound {}, |what| Refusal::ConfigOutside { what });
        if let Some(unread) = config.keys().find(|key| !profile.needs.iter().any(|need| need.key == **key)) {
            return Err(Refusal::ConfigOutside { what: unread.clone() });
        }
        if config.outbound.iter().any(|place| !profile.outbound.contains(&place.port)) {
            return Err(outside("outbound"));
        }
        let memory_mib = config.memory_mib.unwrap_or(profile.memory_mib.usual);
        if !profile.memory_mib.holds(memory_mib) {
            return Err(outside("memory_mib"));
        }
        let start_within_ms = config.start_within_ms.unwrap_or(profile.start_within_ms.usual);
        if !profile.start_within_ms.holds(start_within_ms) {
            return Err(outside("start_within_ms"));
        }
        let soak_ms = config.soak_ms.unwrap_or(0);
        Ok(Self { memory_mib, storage_mib: profile.storage_mib, start_within_ms, soak_ms })
    }
}

/// The config under a digest, whole and of its shape; whether it holds together is [`Config::check`]'s.
pub(crate) fn stored(store: &dyn Blobs, digest: &Digest) -> Option<Config> {
    canon::from_slice(&blobs::whole(store, "config", digest)?).ok()
}
