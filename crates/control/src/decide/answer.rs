//! What is answered to a receipt.

use crate::{Effect, Refusal};
use model::TenantId;

/// Effects or a refusal, and the tenants concerned.
pub(super) type Answer = (Result<Vec<Effect>, Refusal>, Vec<TenantId>);
