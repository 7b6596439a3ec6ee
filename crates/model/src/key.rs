//! Ed25519 public keys (RFC 8032) that exactly one holder of a secret can sign with.

use ed25519_dalek::VerifyingKey;

/// Why 32 bytes are no public key that may be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Not the encoding of a point of the curve.
    #[error("these bytes are no Ed25519 public key")]
    NoPoint,
    /// A point of order 1, 2, 4 or 8: one signature that anybody can write fits every message.
    #[error("nobody holds this key: it is of small order, and anybody can sign with it")]
    SmallOrder,
    /// A proper key plus a point of small order: verifiers disagree about its signatures.
    #[error("this key was altered: it is not of prime order, as every key that was made from a secret is")]
    MixedOrder,
    /// The same point in other bytes than those RFC 8032 (5.1.2) writes.
    #[error("this key is not in its one canonical encoding")]
    Spelling,
}

/// The key of these bytes. It costs a multiplication on the curve: ask where a key enters a roster
/// or a trust file, not at each of its signatures.
///
/// # Errors
/// What is wrong with it.
pub fn ed25519_key(bytes: &[u8; 32]) -> Result<VerifyingKey, KeyFault> {
    let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyFault::NoPoint)?;
    let point = key.to_edwards();
    if key.is_weak() {
        return Err(KeyFault::SmallOrder);
    }
    if point.compress().to_bytes() != *bytes {
        return Err(KeyFault::Spelling);
    }
    if point.is_torsion_free() { Ok(key) } else { Err(KeyFault::MixedOrder) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::SigningKey;

    /// Every encoding of a point of small order that decompresses, the non-canonical ones included
    /// ("Taming the many EdDSAs", Chalkias et al. 2020, table 2 and section 5).
    const SMALL: [&str; 13] = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ];

    fn bytes(hex: &str) -> [u8; 32] {
        hex.parse::<crate::Digest>().unwrap().0
    }

    #[test]
    fn keys_of_small_order_are_refused_in_every_encoding() {
        for hex in SMALL {
            assert_eq!(ed25519_key(&bytes(hex)), Err(KeyFault::SmallOrder), "{hex}");
        }
    }

    #[test]
    fn a_key_made_from_a_secret_is_taken_and_one_with_a_small_part_added_is_not() {
        let key = SigningKey::from_bytes(&[7; 32]).verifying_key();
        assert_eq!(ed25519_key(key.as_bytes()), Ok(key));
        for hex in &SMALL[1..10] {
            let small = VerifyingKey::from_bytes(&bytes(hex)).unwrap().to_edwards();
            let mixed = (key.to_edwards() + small).compress().to_bytes();
            let refused = if mixed == key.to_bytes() { Ok(key) } else { Err(KeyFault::MixedOrder) };
            assert_eq!(ed25519_key(&mixed), refused, "{hex}");
        }
    }

    #[test]
    fn other_encodings_and_other_bytes_are_refused() {
        // y = p + 3: the point of y = 3 in bytes that RFC 8032 does not write.
        let mut beyond = bytes("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
        beyond[0] = 0xf0;
        assert_eq!(ed25519_key(&beyond), Err(KeyFault::Spelling));
        let no_point = (0..=255).map(|n| [n; 32]).filter(|bytes| ed25519_key(bytes) == Err(KeyFault::NoPoint));
        assert!(no_point.count() > 50, "about half of all bytes are no point");
    }
}
