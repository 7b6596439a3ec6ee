//! A map as a list of pairs: its keys are no strings.

use control::Named;
use serde::{Deserialize, Deserializer, Serializer};
use signed::Opening;
use std::collections::BTreeMap;

pub(crate) fn serialize<S: Serializer>(map: &BTreeMap<Named, Opening>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(map.iter())
}

pub(crate) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<BTreeMap<Named, Opening>, D::Error> {
    Ok(Vec::<(Named, Opening)>::deserialize(from)?.into_iter().collect())
}
