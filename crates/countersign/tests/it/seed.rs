//! The one number a run's choices come from.

/// A small generator of our own (SplitMix64), so that a printed seed repeats a run's choices.
pub struct Seed(u64);

impl Seed {
    /// `COUNTERSIGN_SEED`, or a new one; printed either way.
    pub fn of_run() -> Self {
        let given = std::env::var("COUNTERSIGN_SEED").ok();
        let given = given.map(|seed| seed.parse().expect("COUNTERSIGN_SEED is a whole number"));
        let seed = given.unwrap_or_else(|| u64::from_be_bytes(client::random_bytes()));
        println!("COUNTERSIGN_SEED={seed}");
        Self(seed)
    }

    /// A number from 0 and below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }
}

impl From<usize> for Seed {
    /// One of its own, from a number of another's.
    fn from(number: usize) -> Self {
        Self(number as u64)
    }
}

/// Rounds of a long loop: all of them when `COUNTERSIGN_SOAK=1`, else 3.
pub fn rounds(all: usize) -> usize {
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() { all } else { 3 }
}
