//! SSH signatures (`sshsig`, PROTOCOL.sshsig of OpenSSH): what `ssh-keygen -Y verify` checks.

use crate::SignedError;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey, PublicKey, SshSig, private::Ed25519Keypair};

/// The namespace all our SSH signatures carry (`ssh-keygen -Y sign -n countersign`).
pub const NAMESPACE: &str = "countersign";

/// A public key in OpenSSH form, normalised to `ssh-ed25519 BASE64` without comment.
///
/// # Errors
/// When it is no key, or not an ed25519 key.
pub fn normalise(openssh: &str) -> Result<String, SignedError> {
    let mut key = parse(openssh)?;
    key.set_comment("");
    key.to_openssh().map(|text| text.trim_end().to_owned()).map_err(|_| SignedError::Key(openssh.to_owned()))
}

fn parse(openssh: &str) -> Result<PublicKey, SignedError> {
    let key =
        PublicKey::from_openssh(openssh.trim()).map_err(|_| SignedError::Key(openssh.chars().take(80).collect()))?;
    if key.algorithm() == Algorithm::Ed25519 { Ok(key) } else { Err(SignedError::Key(key.algorithm().to_string())) }
}

/// Refuses a key that nobody, or more than one, can sign with: where it enters a roster.
///
/// # Errors
/// When it is no ed25519 key, or one that must not be listed; it is then called `holder`'s.
pub fn check_key(openssh: &str, holder: &str) -> Result<(), SignedError> {
    let key = parse(openssh)?;
    let bytes = key.key_data().ed25519().ok_or_else(|| SignedError::Key(openssh.to_owned()))?;
    let unsafe_key = |fault| SignedError::UnsafeKey { holder: holder.to_owned(), fault };
    model::ed25519_key(&bytes.0).map(|_| ()).map_err(unsafe_key)
}

/// The key's id: SHA-256 of its public blob, the digest inside OpenSSH's own fingerprint.
///
/// # Errors
/// When it is no ed25519 key.
pub fn key_id(openssh: &str) -> Result<model::Digest, SignedError> {
    let print = parse(openssh)?.fingerprint(HashAlg::Sha256);
    let bytes = print.sha256().ok_or_else(|| SignedError::Key(openssh.to_owned()))?;
    Ok(model::Digest(bytes))
}

/// A private key from 32 random bytes: generation without a source of randomness in this crate.
pub fn private_key(seed: &[u8; 32]) -> PrivateKey {
    PrivateKey::from(Ed25519Keypair::from_seed(seed))
}

/// Signs `message`; the answer is the signature blob in base64, one line.
///
/// # Errors
/// When the key cannot sign (encrypted, or not ed25519).
pub fn sign(key: &PrivateKey, message: &[u8]) -> Result<String, SignedError> {
    let sig =
        SshSig::sign(key, NAMESPACE, HashAlg::Sha512, message).map_err(|e| SignedError::Signature(e.to_string()))?;
    from_armour(&sig.to_pem(LineEnding::LF).map_err(|e| SignedError::Signature(e.to_string()))?)
}

/// Checks a signature made by [`sign`], `ssh-keygen -Y sign` or an agent.
///
/// # Errors
/// When it is malformed, of another namespace, by another key or over other bytes.
pub fn verify(openssh: &str, message: &[u8], signature: &str) -> Result<(), SignedError> {
    let key = parse(openssh)?;
    let sig = SshSig::from_pem(to_armour(signature)).map_err(|e| SignedError::Signature(e.to_string()))?;
    if sig.namespace() != NAMESPACE {
        return Err(SignedError::Signature(format!("it is of `{}`", sig.namespace())));
    }
    // One signature has one spelling, so a statement cannot be re-submitted under another one.
    let again = sig.to_pem(LineEnding::LF).map_err(|e| SignedError::Signature(e.to_string()))?;
    if from_armour(&again)? != signature {
        return Err(SignedError::Signature("not in its one canonical spelling".to_owned()));
    }
    if key.key_data() != sig.public_key() {
        return Err(SignedError::Mismatch);
    }
    let signed = SshSig::signed_data(NAMESPACE, sig.hash_alg(), message);
    strictly(&key, &signed.map_err(|e| SignedError::Signature(e.to_string()))?, sig.signature_bytes())
}

/// Strict verification (no key and no R of small order, one spelling of S): the crate that reads SSH
/// signatures is content with a key under which one constant signature fits every message.
fn strictly(key: &PublicKey, signed: &[u8], signature: &[u8]) -> Result<(), SignedError> {
    let mismatch = |_| SignedError::Mismatch;
    let bytes = key.key_data().ed25519().ok_or(SignedError::Mismatch)?;
    let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes.0).map_err(mismatch)?;
    let signature = ed25519_dalek::Signature::from_slice(signature).map_err(mismatch)?;
    key.verify_strict(signed, &signature).map_err(mismatch)
}

/// Armoured form (`-----BEGIN SSH SIGNATURE-----`) to the one-line form of leaves.
///
/// # Errors
/// When the text is not an armoured signature.
pub fn from_armour(pem: &str) -> Result<String, SignedError> {
    let bad = || SignedError::Signature("no SSH SIGNATURE block".to_owned());
    let inner = pem
        .trim()
        .strip_prefix("-----BEGIN SSH SIGNATURE-----")
        .and_then(|t| t.strip_suffix("-----END SSH SIGNATURE-----"))
        .ok_or_else(bad)?;
    let joined: String = inner.split_ascii_whitespace().collect();
    STANDARD.decode(&joined).map_err(|_| bad())?;
    Ok(joined)
}

/// One-line form to the armoured form that `ssh-keygen -Y verify -s` reads.
pub fn to_armour(signature: &str) -> String {
    let mut pem = String::from("-----BEGIN SSH SIGNATURE-----\n");
    for line in signature.as_bytes().chunks(70) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END SSH SIGNATURE-----\n");
    pem
}
