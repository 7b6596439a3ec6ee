//! Where a node gets releases from: Platform Services, which hands them out to whom its own verified state shows them.

use client::{ClientError, PlatformClient};
use follower::{Clock, Follower};
use model::{Digest, Service};
use signed::{ServiceAsk, ServiceKey};
use tokio::fs::File;

/// Platform Services, asked in this node's own name.
#[derive(Clone)]
pub(crate) struct Archives {
    pub(crate) platform: PlatformClient,
    pub(crate) follower: Follower,
    pub(crate) key: ServiceKey,
    pub(crate) clock: Clock,
}

impl Archives {
    /// Writes what is handed out under a digest into a file, as it comes; it is believed by its digest alone.
    ///
    /// # Errors
    /// As [`PlatformClient::download_file`].
    pub(crate) async fn download(&self, digest: &Digest, to: &mut File) -> Result<(), ClientError> {
        let request = PlatformClient::download_request(digest);
        let (ledger, at) = (self.follower.state().ledger, self.follower.latest((self.clock)()));
        let ask = ServiceAsk { ledger, key: self.key.public(), service: Service::Platform, request, at };
        match ask.header(&self.key) {
            Ok(header) => self.platform.signed_by_service(header).download_file(digest, to).await,
            // Without a signature it is refused, and why stands in that refusal.
            Err(_) => self.platform.download_file(digest, to).await,
        }
    }
}
