//! The people of a plane at their desks, each with a replica of their own.

use crate::error::Error;
use crate::plane::{FOUNDERS, Plane};
use client::{GovernanceClient, Http, PlatformClient, Signer};
use desk::Desk;
use follower::Follower;
use model::Instant;
use signed::Trust;
use std::time::{SystemTime, UNIX_EPOCH};

/// Those who deploy.
pub struct People {
    /// Opens and seals.
    pub ada: Desk,
    /// Approves and runs.
    pub ben: Desk,
    /// Approves.
    pub cy: Desk,
}

impl People {
    /// Sits them down and signs them in.
    ///
    /// # Errors
    /// When Governance does not answer or the ledger does not verify.
    pub async fn open(plane: &Plane) -> Result<Self, Error> {
        let trust = std::fs::read(plane.data().join("trust.json")).map_err(Error::io("read trust.json"))?;
        let trust: Trust = serde_json::from_slice(&trust)?;
        let [(ada, _), (ben, _), (cy, _), _] = FOUNDERS;
        Ok(Self {
            ada: open(plane, &trust, ada).await?,
            ben: open(plane, &trust, ben).await?,
            cy: open(plane, &trust, cy).await?,
        })
    }
}

async fn open(plane: &Plane, trust: &Trust, name: &str) -> Result<Desk, Error> {
    let governance = GovernanceClient::new(Http::new(plane.url("governance")));
    let platform = PlatformClient::new(Http::new(plane.url("platform")));
    let replica = plane.scratch().join(format!("replica-{name}"));
    std::fs::create_dir_all(&replica).map_err(Error::io("make a replica's directory"))?;
    let follower = Follower::open(&replica, trust, governance.clone())?;
    let signer = Signer::from_file(&plane.key(name))?;
    Ok(Desk::open(governance, platform, follower, signer, now).await?.sign_in().await?)
}

fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
