//! What one process gets beside its program: the variables of its config, the secrets it names, ports it may connect to, a
//! theme, and the credential by which it uses its engine's lease.

use crate::{EngineError, Setup, Vault, credential::Credential};
use confine::Masked;
use model::{Bundle, Digest, TenantId, Token};
use std::fmt;

/// Holds the credential by which the engine's lease is used.
pub(crate) const LEASE_TOKEN: &str = "COUNTERSIGN_LEASE_TOKEN";

/// What one start gets. Values may be secrets: they are in no record, no log line and no command line.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Given {
    /// Variables of its environment.
    pub(crate) variables: Vec<(Token, String)>,
    /// Which of them are secrets.
    pub(crate) secrets: Vec<Token>,
    /// TCP ports of other hosts that it may connect to.
    pub(crate) connect: Vec<u16>,
    /// The host names that it answers under beside its address, sorted.
    pub(crate) hosts: Vec<Token>,
    /// The config that says all this.
    pub(crate) config: Option<Digest>,
    /// The theme it wears: an artifact that the node keeps.
    pub(crate) theme: Option<Digest>,
    /// By what it uses the lease that its engine is bound to, where it is bound to one.
    pub(crate) lease: Option<GivenLease>,
}

/// By what a process uses its engine's lease.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct GivenLease {
    pub(crate) credential: Credential,
    /// Where Platform Services answers, and on which port.
    pub(crate) url: String,
    pub(crate) port: u16,
}

impl Given {
    /// What a bundle's process of this tenant gets; its lease is used at `platform`.
    ///
    /// # Errors
    /// [`EngineError::SecretMissing`], of another tenant's too, or when a secret cannot be read.
    pub(crate) fn of(
        (tenant, bundle): (&TenantId, &Bundle),
        setup: &Setup,
        credential: Option<&Credential>,
        platform: Option<&(String, u16)>,
        vault: &Vault,
    ) -> Result<Self, EngineError> {
        let mut given = Self { config: bundle.config, theme: bundle.theme, ..Self::default() };
        if let Some(config) = &setup.config {
            given.variables.extend(config.values.iter().map(|value| (value.key.clone(), value.value.clone())));
            for secret in &config.secrets {
                given.secrets.push(secret.key.clone());
                given.variables.push((secret.key.clone(), vault.open_secret(tenant, &secret.secret)?));
            }
            given.connect.extend(&config.outbound);
            given.hosts.clone_from(&config.hosts);
        }
        let lease = credential.filter(|_| bundle.lease.is_some()).zip(platform);
        given.lease = lease.map(|(credential, (url, port))| GivenLease {
            credential: credential.clone(),
            url: url.clone(),
            port: *port,
        });
        given.connect.extend(given.lease.as_ref().map(|lease| lease.port));
        Ok(given)
    }

    /// What is not written down when the process prints it.
    pub(crate) fn masked(&self) -> Vec<Masked> {
        let masked = |key: &str, value: &str| Masked { key: key.to_owned(), value: value.to_owned() };
        let secrets = self.variables.iter().filter(|(key, _)| self.secrets.contains(key));
        let secrets = secrets.map(|(key, value)| masked(key.as_str(), value));
        let lease = self.lease.iter().map(|lease| masked(LEASE_TOKEN, lease.credential.secret()));
        secrets.chain(lease).collect()
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variables: Vec<_> = self.variables.iter().map(|(key, _)| key.as_str()).collect();
        let Self { connect, hosts, config, theme, lease, .. } = self;
        f.debug_struct("Given")
            .field("variables", &variables)
            .field("connect", connect)
            .field("hosts", hosts)
            .field("config", config)
            .field("theme", theme)
            .field("lease", &lease.is_some())
            .finish_non_exhaustive()
    }
}
