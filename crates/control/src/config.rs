//! What one engine gets beside its program: a document of its own, bound by digest.

use crate::refusal::{Allowed, MissingVariable};
use crate::{Blobs, Refusal, Unsound, blobs};
use model::{Bounds, Digest, Need, Profile, Range, Token, canon, is_variable};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most variables, hosts or outbound ports of one config.
const MOST: usize = 64;
/// Longest value of a variable, in characters.
const VALUE_MAX: usize = 1_024;
/// Longest time that a config may have a release soak, milliseconds (a day).
const SOAK_MAX_MS: i64 = 86_400_000;

/// Most missing variables that a refusal names.
const MISSING_MOST: usize = 8;

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
    /// TCP ports that it may connect to, sorted, of any host: what confines a process knows no hosts.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub outbound: Vec<u16>,
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
        demand(few.iter().all(|length| *length <= MOST), "it has more than 64 variables, hosts or outbound ports")?;
        let sorted = self.values.is_sorted_by(|a, b| a.key < b.key) && self.secrets.is_sorted_by(|a, b| a.key < b.key);
        demand(sorted, "its variables are not sorted by name, or one is there twice")?;
        let keys: BTreeSet<&Token> = self.keys().collect();
        demand(keys.len() == self.values.len() + self.secrets.len(), "a variable is a value and a secret")?;
        demand(self.keys().all(is_variable), "a variable has a name that is not possible: use A-Z, 0-9 and _")?;
        demand(
            self.values.iter().all(|value| is_value(&value.value)),
            "a value is longer than 1,024 characters, or not printable ASCII",
        )?;
        demand(self.outbound.is_sorted_by(|a, b| a < b), "its outbound ports are not sorted, or one is there twice")?;
        demand(!self.outbound.contains(&0), "there is no outbound port 0")?;
        demand(self.hosts.is_sorted_by(|a, b| a < b), "its hosts are not sorted, or one is there twice")?;
        demand(self.hosts.iter().all(is_host), "a host is not a name in lower case, as `shop.example.com`")?;
        demand(self.soak_ms.is_none_or(|ms| (0..=SOAK_MAX_MS).contains(&ms)), "its soak is longer than a day")
    }

    fn keys(&self) -> impl Iterator<Item = &Token> {
        let values = self.values.iter().map(|value| &value.key);
        values.chain(self.secrets.iter().map(|secret| &secret.key))
    }

    fn value(&self, key: &Token) -> Option<&Value> {
        self.values.iter().find(|value| value.key == *key)
    }

    fn has_secret(&self, key: &Token) -> bool {
        self.secrets.iter().any(|secret| secret.key == *key)
    }

    /// A secret of the program that stands in the open: everybody can read it from now on.
    fn in_the_open(&self, needs: &[Need]) -> Result<(), Refusal> {
        let open = needs.iter().find(|need| need.secret && self.value(&need.key).is_some());
        open.map_or(Ok(()), |need| Err(Refusal::SecretInTheOpen { key: need.key.clone() }))
    }

    /// What the program requires, and nothing sets.
    fn lacks(&self, needs: &[Need]) -> Vec<MissingVariable> {
        let unset = |need: &&Need| need.required && self.value(&need.key).is_none() && !self.has_secret(&need.key);
        let missing = |need: &Need| MissingVariable { key: need.key.clone(), secret: need.secret };
        needs.iter().filter(unset).map(missing).collect()
    }

    fn fits_need(&self, need: &Need) -> Result<(), Refusal> {
        let outside = |allowed| Err(Refusal::ConfigOutside { what: need.key.clone(), allowed });
        if let (Some(Bounds { least, most }), Some(value)) = (need.bounds, self.value(&need.key)) {
            let number = value.value.parse::<i64>();
            if !number.is_ok_and(|number| (least..=most).contains(&number)) {
                return outside(Allowed::Number { least, most });
            }
        }
        // A digest in place of a value is as wrong as a value that nobody could compare.
        if !need.secret && self.has_secret(&need.key) {
            return outside(Allowed::Value {});
        }
        Ok(())
    }

    /// Memory or time: what the config sets, else what is usual.
    fn within(what: &str, set: Option<u32>, range: Range) -> Result<u32, Refusal> {
        let number = set.unwrap_or(range.usual);
        if range.holds(number) {
            return Ok(number);
        }
        Err(outside(what, Allowed::Number { least: range.least.into(), most: range.most.into() }))
    }
}

fn outside(what: &str, allowed: Allowed) -> Refusal {
    what.parse().map_or(Refusal::DocumentUnsound {}, |what| Refusal::ConfigOutside { what, allowed })
}

/// Whether a text can be the value of a variable: printable ASCII, and not too long.
pub fn is_value(text: &str) -> bool {
    text.len() <= VALUE_MAX && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
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
        let (none, bound) = (Config::default(), config.is_some());
        let config = config.unwrap_or(&none);
        config.in_the_open(&profile.needs)?;
        let mut missing = config.lacks(&profile.needs);
        if !missing.is_empty() {
            let more = u32::try_from(missing.len().saturating_sub(MISSING_MOST)).unwrap_or(u32::MAX);
            missing.truncate(MISSING_MOST);
            return Err(Refusal::ConfigIncomplete { missing, more, bound });
        }
        profile.needs.iter().try_for_each(|need| config.fits_need(need))?;
        if let Some(unread) = config.keys().find(|key| !profile.needs.iter().any(|need| need.key == **key)) {
            return Err(Refusal::ConfigOutside { what: unread.clone(), allowed: Allowed::Nothing {} });
        }
        if config.outbound.iter().any(|port| !profile.outbound.contains(port)) {
            return Err(outside("outbound", Allowed::Ports { ports: profile.outbound.clone() }));
        }
        let memory_mib = Config::within("memory_mib", config.memory_mib, profile.memory_mib)?;
        let start_within_ms = Config::within("start_within_ms", config.start_within_ms, profile.start_within_ms)?;
        let soak_ms = config.soak_ms.unwrap_or(0);
        Ok(Self { memory_mib, storage_mib: profile.storage_mib, start_within_ms, soak_ms })
    }
}

/// The config under a digest, whole and of its shape; whether it holds together is [`Config::check`]'s.
pub(crate) fn stored(store: &dyn Blobs, digest: &Digest) -> Option<Config> {
    canon::from_slice(&blobs::whole(store, "config", digest)?).ok()
}
