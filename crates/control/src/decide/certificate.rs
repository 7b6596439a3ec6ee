//! What Platform Services found that something published is.

use super::answer::Answer;
use super::reporting::trusted;
use crate::{Effect, Inadmissible, Refusal, State};
use model::{Digest, Resource, Service};
use signed::{Certificate, Receipt, Report};

/// A certificate, or the word that there will be none, counts once. The publisher's word is compared with it.
pub(super) fn decide(state: &State, receipt: &Receipt, digest: &Digest) -> Result<Answer, Inadmissible> {
    let known = state.resources.get(digest).ok_or(Inadmissible::UnknownObject)?;
    if !state.uncertified.contains(digest) {
        return Err(Inadmissible::NoChange);
    }
    let tags = known.whose.tenants();
    if receipt.service != Service::Platform {
        return Ok((Err(Refusal::ReceiptForeign {}), tags));
    }
    if let Err(refusal) = trusted(state, receipt) {
        return Ok((Err(refusal), tags));
    }
    if receipt.seen.size <= known.index {
        return Ok((Err(Refusal::ReceiptTooEarly { needed: known.index }), tags));
    }
    let (resource, digest) = (known.content.resource(), *digest);
    let answer = match &receipt.report {
        Report::NotCertified { code, .. } => Ok(Effect::ResourceRefused { resource, digest, code: code.clone() }),
        Report::Certified { certificate, .. } => {
            let (found, product, version) = match certificate {
                Certificate::Artifact { product, version, profile } => {
                    profile
                        .check()
                        .map_err(|_| Inadmissible::Bounds("a certificate's profile does not hold together"))?;
                    (Resource::Artifact, product, version)
                }
                Certificate::Theme { product, version } => (Resource::Theme, product, version),
            };
            let same = (found, product, version) == (resource, &known.product, &known.version);
            if same { Ok(Effect::ResourceCertified { resource, digest }) } else { Err(Refusal::CertificateOther {}) }
        }
        _ => Err(Refusal::ReceiptForeign {}),
    };
    Ok((answer.map(|effect| vec![effect]), tags))
}
