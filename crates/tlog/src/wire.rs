//! The small notations all text formats share: strict decimals and Base64 (RFC 4648, section 4).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::Digest;

/// An ASCII decimal without sign or leading zeros that fits 64 bits.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let minimal = text == "0" || !text.starts_with('0');
    if digits && minimal { text.parse().ok() } else { None }
}

/// Padded standard Base64 of anything.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Bytes from padded standard Base64. Unused trailing bits must be zero, so that no two texts mean the same.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A hash from its Base64.
pub(crate) fn hash(text: &str) -> Option<Digest> {
    Some(Digest(from_base64(text)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_one_notation() {
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
        for bad in ["", "00", "01", "+1", "-1", " 1", "1 ", "1_0", "١", "18446744073709551616"] {
            assert_eq!(decimal(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn one_value_has_one_base64() {
        assert_eq!(from_base64("AA=="), Some(vec![0]));
        for bad in ["AB==", "AA", "AA=", "AA==\n", "-_==", " AA=="] {
            assert_eq!(from_base64(bad), None, "{bad:?}");
        }
        assert_eq!(hash("AA=="), None);
    }
}
