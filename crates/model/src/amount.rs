//! Money.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A sum in the minor unit of its currency (cents), as a decimal string wherever it is written: a number there would
/// lose digits in some readers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Amount(pub u64);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let amount = text.parse().map(Self).map_err(serde::de::Error::custom)?;
        // One sum has one form: no sign, no leading zero.
        if amount.to_string() == text {
            Ok(amount)
        } else {
            Err(serde::de::Error::custom("a sum is written in digits"))
        }
    }
}
