//! What one process gets beside its program: the variables of its config, the secrets it names, ports it may connect to, a
//! theme, and the credential by which it uses its engine's lease.

use crate::{EngineError, Setup, Vault, credential::Credential};
use model::{Bundle, ChangeId, Digest, Token};
use std::fmt;

/// What one start gets. Values may be secrets: they are in no record, no log line and no command line.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Given {
    /// Variables of its environment.
    pub(crate) variables: Vec<(Token, String)>,
    /// TCP ports of other hosts that it may connect to.
    pub(crate) connect: Vec<u16>,
    /// The config that says all this.
    pub(crate) config: Option<Digest>,
    /// The theme it wears: an artifact that the node keeps.
    pub(crate) theme: Option<Digest>,
    /// The lease that it may use, the credential for it, and where it is used.
    pub(crate) lease: Option<GivenLease>,
}

/// By what a process uses its engine's lease.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct GivenLease {
    pub(crate) lease: ChangeId,
    pub(crate) credential: Credential,
    /// Where Platform Services answers, and on which port.
    pub(crate) url: String,
    pub(crate) port: u16,
}

impl Given {
    /// What a bundle's process gets; its lease is used at `platform`.
    ///
    /// # Errors
    /// [`EngineError::SecretMissing`], or when a secret cannot be read.
    pub(crate) fn of(
        bundle: &Bundle,
        setup: &Setup,
        credential: Option<&Credential>,
        platform: Option<&(String, u16)>,
        vault: &Vault,
    ) -> Result<Self, EngineError> {
        let mut given = Self { config: bundle.config, theme: bundle.theme, ..Self::default() };
        if let Some(config) = &setup.config {
            given.variables.extend(config.values.iter().map(|value| (value.key.clone(), value.value.clone())));
            for secret in &config.secrets {
                given.variables.push((secret.key.clone(), vault.open_secret(&secret.secret)?));
            }
            given.connect.extend(config.outbound.iter().map(|place| place.port));
        }
        let lease = bundle.lease.zip(credential).zip(platform);
        given.lease = lease.map(|((lease, credential), (url, port))| GivenLease {
            lease,
            credential: credential.clone(),
            url: url.clone(),
            port: *port,
        });
        given.connect.extend(given.lease.as_ref().map(|lease| lease.port));
        Ok(given)
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variables: Vec<_> = self.variables.iter().map(|(key, _)| key.as_str()).collect();
        let Self { connect, config, theme, lease, .. } = self;
        f.debug_struct("Given")
            .field("variables", &variables)
            .field("connect", connect)
            .field("config", config)
            .field("theme", theme)
            .field("lease", &lease.as_ref().map(|lease| lease.lease))
            .finish()
    }
}
