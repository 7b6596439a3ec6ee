//! What a process gets beside its bundle.

use crate::EngineError;
use control::{Config, Merged, State};
use model::{Bundle, Profile};
use serde::{Deserialize, Serialize};

/// What the program's profile and the config come to, and the config itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// Memory it may use, MiB.
    pub memory_mib: u32,
    /// From its start until it must be healthy, milliseconds.
    pub start_within_ms: u32,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub config: Option<Config>,
}

impl Setup {
    /// Whether it is what the program needs and allows.
    ///
    /// # Errors
    /// What is missing or not allowed, and what to do.
    pub(crate) fn check(&self, profile: &Profile) -> Result<(), String> {
        let config = self.config.as_ref();
        let merged = Merged::of(profile, config).map_err(|refusal| {
            let (what, next) = refusal.message(&|person| person.to_string());
            format!("{what}; {next}")
        })?;
        if merged.memory_mib == self.memory_mib && merged.start_within_ms == self.start_within_ms {
            return Ok(());
        }
        Err("its memory or its time to start is not what its release and its config come to".to_owned())
    }

    /// Whether its config is the one that a bundle names: what lies on this disk is believed no further.
    ///
    /// # Errors
    /// [`EngineError::SetupChanged`].
    pub(crate) fn is_of(&self, bundle: &Bundle) -> Result<(), EngineError> {
        let own = self.config.as_ref().map(Config::digest).transpose();
        if own.is_ok_and(|own| own == bundle.config) { Ok(()) } else { Err(EngineError::SetupChanged) }
    }

    /// What the verified state says of a bundle; none where it does not know the bundle's parts.
    pub fn of(state: &State, bundle: Bundle) -> Option<Self> {
        let config = bundle.config.map(|digest| state.config(&digest).cloned());
        let config = match config {
            Some(None) => return None,
            Some(config) => config,
            None => None,
        };
        let merged = Merged::of(state.resources.get(&bundle.artifact)?.profile()?, config.as_ref()).ok()?;
        Some(Self { memory_mib: merged.memory_mib, start_within_ms: merged.start_within_ms, config })
    }
}
