//! Generated tests: few cases by default, many with `COUNTERSIGN_SOAK=1`; the seed is said when one
//! fails, and `COUNTERSIGN_SEED` repeats it.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::hash::{BuildHasher, RandomState};

/// `COUNTERSIGN_SEED`, else another number each time.
pub fn seed() -> u64 {
    match std::env::var("COUNTERSIGN_SEED") {
        Ok(text) => text.parse().expect("COUNTERSIGN_SEED is a decimal number"),
        Err(_) => RandomState::new().hash_one("seed"),
    }
}

/// Whether the long loops are to make all their rounds.
pub fn soaking() -> bool {
    std::env::var_os("COUNTERSIGN_SOAK").is_some()
}

/// Runs `cases` of a strategy, a hundred times as many when soaking.
pub fn check<S: Strategy>(cases: u32, strategy: S, test: impl Fn(S::Value)) {
    run(if soaking() { cases * 100 } else { cases }, strategy, test);
}

/// Runs `cases` of a strategy.
pub fn run<S: Strategy>(cases: u32, strategy: S, test: impl Fn(S::Value)) {
    run_from(seed(), cases, strategy, test);
}

/// Runs `cases` of a strategy, the same ones for the same seed.
pub fn run_from<S: Strategy>(seed: u64, cases: u32, strategy: S, test: impl Fn(S::Value)) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    println!("COUNTERSIGN_SEED={seed}");
    let bytes = model::Digest::of_bytes(&seed.to_be_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, bytes.as_bytes());
    let outcome = TestRunner::new_with_rng(config, rng).run(&strategy, |value| {
        test(value);
        Ok::<(), TestCaseError>(())
    });
    if let Err(failure) = outcome {
        panic!("COUNTERSIGN_SEED={seed}: {failure}");
    }
}
