//! The five services as the console sees them: a small state machine fed by probes.

use model::{Instant, Service};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{PoisonError, RwLock};

/// Probes that are kept for the sparkline.
pub const PROBES_KEPT: usize = 20;
/// From here on an answer counts as slow, milliseconds.
pub const SLOW_MS: u32 = 500;

/// How a source stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Not asked yet.
    Awaiting,
    /// Answers.
    Live,
    /// Answers, but takes longer than [`SLOW_MS`].
    Slow,
    /// Does not answer.
    Offline,
}

impl Health {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Awaiting => "awaiting",
            Self::Live => "live",
            Self::Slow => "slow",
            Self::Offline => "offline",
        }
    }

    /// Whether it answers, slowly or not.
    pub fn answers(self) -> bool {
        matches!(self, Self::Live | Self::Slow)
    }
}

/// One question and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// When it was asked.
    pub at: Instant,
    /// How long the answer took, milliseconds.
    pub latency_ms: u32,
    /// What was answered: the checks that do not hold, or why nobody answered.
    pub answer: Result<Vec<String>, String>,
}

/// One source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub service: Service,
    /// Its base URL.
    pub url: String,
    /// How it stands.
    pub health: Health,
    /// The last answer's time, milliseconds.
    pub latency_ms: Option<u32>,
    /// Why it does not answer, in words.
    pub error: Option<String>,
    /// Readiness checks that do not hold, although it answers.
    pub not_ready: Vec<String>,
    /// When it last answered.
    pub last_good: Option<Instant>,
    /// Since when it stands as it stands.
    pub since: Option<Instant>,
    /// The newest probes, oldest first: latency in milliseconds, none where nobody answered.
    pub probes: VecDeque<Option<u32>>,
}

impl Source {
    /// Not asked yet.
    pub fn new(service: Service, url: String) -> Self {
        Self {
            service,
            url,
            health: Health::Awaiting,
            latency_ms: None,
            error: None,
            not_ready: vec![],
            last_good: None,
            since: None,
            probes: VecDeque::with_capacity(PROBES_KEPT),
        }
    }

    /// Takes a probe in; true when how it stands, or why, is another now.
    pub fn record(&mut self, probe: Probe) -> bool {
        let before = (self.health, self.error.clone(), self.not_ready.clone());
        match probe.answer {
            Ok(not_ready) => {
                self.health = if probe.latency_ms > SLOW_MS { Health::Slow } else { Health::Live };
                self.latency_ms = Some(probe.latency_ms);
                self.error = None;
                self.not_ready = not_ready;
                self.last_good = Some(probe.at);
            }
            Err(why) => {
                self.health = Health::Offline;
                self.latency_ms = None;
                self.error = Some(why);
                self.not_ready.clear();
            }
        }
        if self.health != before.0 {
            self.since = Some(probe.at);
        }
        if self.probes.len() == PROBES_KEPT {
            self.probes.pop_front();
        }
        self.probes.push_back(self.latency_ms);
        before != (self.health, self.error.clone(), self.not_ready.clone())
    }
}

/// All of them.
#[derive(Debug)]
pub struct Sources(RwLock<BTreeMap<Service, Source>>);

impl Sources {
    /// None asked yet. A service without URL is not a source.
    pub fn new(urls: &[(Service, String)]) -> Self {
        let source = |(service, url): &(Service, String)| (*service, Source::new(*service, url.clone()));
        Self(RwLock::new(urls.iter().map(source).collect()))
    }

    /// As they stand now.
    pub fn all(&self) -> Vec<Source> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Those that were never asked.
    pub fn awaiting(&self) -> Vec<&'static str> {
        let sources = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let awaiting = sources.values().filter(|source| source.health == Health::Awaiting);
        awaiting.map(|source| source.service.title()).collect()
    }

    /// Whether one answers.
    pub fn answers(&self, service: Service) -> bool {
        let sources = self.0.read().unwrap_or_else(PoisonError::into_inner);
        sources.get(&service).is_some_and(|source| source.health.answers())
    }

    /// Takes a probe of one in; true when a page would show it otherwise now.
    pub fn record(&self, service: Service, probe: Probe) -> bool {
        let mut sources = self.0.write().unwrap_or_else(PoisonError::into_inner);
        sources.get_mut(&service).is_some_and(|source| source.record(probe))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(ms: i64, latency_ms: u32, answer: Result<Vec<String>, String>) -> Probe {
        Probe { at: Instant::from_millis(ms), latency_ms, answer }
    }

    #[test]
    fn a_source_awaits_then_follows_its_probes() {
        let mut source = Source::new(Service::Node, "http://127.0.0.1:1".to_owned());
        assert_eq!((source.health, source.latency_ms, source.last_good), (Health::Awaiting, None, None));
        assert!(source.record(probe(1, 3, Err("connection refused".to_owned()))));
        assert_eq!((source.health, source.error.as_deref()), (Health::Offline, Some("connection refused")));
        assert_eq!(source.last_good, None, "a failed probe is no good answer");
        assert!(!source.record(probe(2, 3, Err("connection refused".to_owned()))), "nothing new to show");
        assert_eq!(source.since, Some(Instant::from_millis(1)));
        assert!(source.record(probe(3, SLOW_MS, Ok(vec![]))));
        assert_eq!((source.health, source.error.clone()), (Health::Live, None));
        assert!(source.record(probe(4, SLOW_MS + 1, Ok(vec![]))));
        assert_eq!(source.health, Health::Slow);
        assert!(source.record(probe(5, 1, Ok(vec!["ledger: behind".to_owned()]))));
        assert_eq!((source.health, source.not_ready.len()), (Health::Live, 1), "it answers, and says what fails");
        assert!(source.record(probe(6, 1, Err("no route".to_owned()))));
        assert_eq!((source.latency_ms, source.last_good), (None, Some(Instant::from_millis(5))));
        assert!(source.not_ready.is_empty());
    }

    #[test]
    fn the_sparkline_keeps_the_newest_probes() {
        let mut source = Source::new(Service::Node, String::new());
        for latency_ms in 0..30 {
            source.record(probe(0, latency_ms, Ok(vec![])));
        }
        assert_eq!(source.probes.len(), PROBES_KEPT);
        assert_eq!((source.probes.front(), source.probes.back()), (Some(&Some(10)), Some(&Some(29))));
    }

    #[test]
    fn only_known_services_are_sources() {
        let sources = Sources::new(&[(Service::Governance, "http://127.0.0.1:1".to_owned())]);
        assert!(!sources.record(Service::Node, probe(1, 1, Ok(vec![]))));
        assert_eq!(sources.awaiting(), ["Governance"]);
        assert!(sources.record(Service::Governance, probe(1, 1, Ok(vec![]))));
        assert_eq!(sources.awaiting(), [""; 0]);
        assert!(sources.answers(Service::Governance) && !sources.answers(Service::Node));
    }
}
