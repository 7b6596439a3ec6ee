//! What a program is, what it needs and what it allows.

use crate::Token;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most needs of one program.
pub const MAX_NEEDS: usize = 64;
/// Most ports that a program may be let out to.
pub const MAX_OUTBOUND: usize = 16;
/// Longest name of an environment variable, in characters.
pub const MAX_VARIABLE: usize = 64;
const MAX_MEMORY_MIB: u32 = 1 << 20;
const MAX_STORAGE_MIB: u32 = 1 << 24;
/// Longest time a program may ask for until it is healthy, milliseconds.
const MAX_START_MS: u32 = 600_000;

/// Between which values something may be set, and what it is where nobody sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    pub least: u32,
    /// Where nobody says otherwise.
    pub usual: u32,
    pub most: u32,
}

/// An environment variable that a program reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Its name, as `DATABASE_URL`.
    pub key: Token,
    /// Whether the program does not start without it.
    pub required: bool,
    /// Whether it is a secret: then a config holds a reference to it, and never its value.
    pub secret: bool,
    /// Where it is a whole number: between which values.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bounds: Option<Bounds>,
}

/// The least and the greatest value of a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    pub least: i64,
    pub most: i64,
}

/// What a program needs and allows, as its manifest says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// What sort of engine it is made for, as `storefront` or `web`.
    pub runtime: Token,
    /// Memory that one process may use, MiB.
    pub memory_mib: Range,
    /// What it keeps in its data directory at most, MiB.
    pub storage_mib: u32,
    /// From its start until it must be healthy, milliseconds.
    pub start_within_ms: Range,
    /// The variables that it reads, sorted by name.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub needs: Vec<Need>,
    /// TCP ports of other hosts that a config may let it connect to, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub outbound: Vec<u16>,
}

impl Range {
    /// One value and no other.
    pub fn only(value: u32) -> Self {
        Self { least: value, usual: value, most: value }
    }

    /// Whether a value lies in it.
    pub fn holds(&self, value: u32) -> bool {
        (self.least..=self.most).contains(&value)
    }

    fn is_sound(&self, least: u32, most: u32) -> bool {
        least <= self.least && self.least <= self.usual && self.usual <= self.most && self.most <= most
    }
}

/// Whether a program may be given a variable of this name: `A-Z 0-9 _`, not beginning with a digit, and none that the
/// runtime sets itself or that would change how a program is loaded.
pub fn is_variable(key: &Token) -> bool {
    const OURS: [&str; 8] = ["PORT", "PATH", "LANG", "TZ", "HOME", "TMPDIR", "IFS", "ENV"];
    let text = key.as_str();
    let letters = text.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'_');
    let taken = OURS.contains(&text) || ["COUNTERSIGN_", "LD_", "BASH_"].iter().any(|begin| text.starts_with(begin));
    letters && text.len() <= MAX_VARIABLE && !text.starts_with(|c: char| c.is_ascii_digit()) && !taken
}

impl Profile {
    /// Whether it holds together.
    ///
    /// # Errors
    /// What does not hold, as a clause that begins with `its`.
    pub fn check(&self) -> Result<(), String> {
        let demand = |holds: bool, why: &str| if holds { Ok(()) } else { Err(why.to_owned()) };
        demand(
            self.memory_mib.is_sound(1, MAX_MEMORY_MIB),
            "its memory is not `least` <= `usual` <= `most`, between 1 and 1048576 MiB",
        )?;
        demand(self.storage_mib <= MAX_STORAGE_MIB, "its storage is above 16777216 MiB")?;
        demand(
            self.start_within_ms.is_sound(1_000, MAX_START_MS),
            "its time to start is not `least` <= `usual` <= `most`, between 1,000 and 600,000 ms",
        )?;
        demand(self.needs.len() <= MAX_NEEDS, "its variables are more than 64")?;
        demand(
            self.needs.is_sorted_by(|a, b| a.key < b.key),
            "its variables are not sorted by name, or one is there twice",
        )?;
        for need in &self.needs {
            let why = format!("its variable `{}` may not have that name", need.key);
            demand(is_variable(&need.key), &why)?;
            let why = format!("its variable `{}` has bounds that no value keeps, or is a secret with bounds", need.key);
            demand(need.bounds.is_none_or(|bounds| bounds.least <= bounds.most && !need.secret), &why)?;
        }
        let ports: BTreeSet<u16> = self.outbound.iter().copied().collect();
        let sorted = self.outbound.is_sorted() && ports.len() == self.outbound.len() && !ports.contains(&0);
        demand(
            sorted && ports.len() <= MAX_OUTBOUND,
            "its outbound ports are not sorted, one is there twice or 0, or they are more than 16",
        )
    }
}
