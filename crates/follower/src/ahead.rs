//! The signatures of the next leaves, looked at on all cores ahead of the fold: each strictly and by itself, never as
//! a batch. What is not found here is verified in the fold, so no verdict rests on how many threads there are.

use control::{Signatures, State};
use std::thread;

/// Leaves whose signatures are looked at together.
const LEAVES_AHEAD: usize = 512;
/// Fewer leaves than these are not worth another thread.
const LEAVES_A_THREAD: usize = 16;

/// What is read behind so many leaves, in order, some at a time. Leaf 0 comes alone: before it is folded nobody's key
/// is known, and nothing can be looked at.
pub fn batches<T>(mut items: impl Iterator<Item = T>, behind: u64) -> impl Iterator<Item = Vec<T>> {
    let mut size = if behind == 0 { 1 } else { LEAVES_AHEAD };
    std::iter::from_fn(move || {
        let batch: Vec<_> = items.by_ref().take(size).collect();
        size = LEAVES_AHEAD;
        (!batch.is_empty()).then_some(batch)
    })
}

/// Looks at the signatures of the next leaves on all cores. Nothing is found of few leaves, on one core, or where no
/// thread is to be had.
pub fn look_ahead<L: AsRef<[u8]> + Sync>(state: &State, leaves: &[L]) -> Signatures {
    look_ahead_on(thread::available_parallelism().map_or(1, std::num::NonZero::get), state, leaves)
}

fn look_ahead_on<L: AsRef<[u8]> + Sync>(cores: usize, state: &State, leaves: &[L]) -> Signatures {
    let mut found = Signatures::default();
    if cores == 1 || leaves.len() < 2 * LEAVES_A_THREAD || !state.is_founded() {
        return found;
    }
    let share = leaves.len().div_ceil(cores).max(LEAVES_A_THREAD);
    thread::scope(|scope| {
        let one = |leaves| thread::Builder::new().spawn_scoped(scope, move || Signatures::of(state, leaves)).ok();
        let shares: Vec<_> = leaves.chunks(share).map_while(one).collect();
        shares.into_iter().filter_map(|share| share.join().ok()).for_each(|share| found.extend(share));
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::Double;

    #[tokio::test]
    async fn what_is_found_on_many_cores_is_what_is_found_on_one_and_few_leaves_are_left_to_the_fold() {
        let double = Double::start().await;
        double.register(model::Digest::of_bytes(b"a release"), 64);
        for _ in 0..40 {
            double.draft(model::Digest::of_bytes(b"a release"));
        }
        let (state, leaves) = (double.decided(), double.leaves());
        let all = Signatures::of(&state, &leaves);
        assert_ne!(all, Signatures::default());
        for cores in [2, 3, 64] {
            assert_eq!(look_ahead_on(cores, &state, &leaves), all);
        }
        for (cores, leaves) in [(1, &leaves[..]), (8, &leaves[..31])] {
            assert_eq!(look_ahead_on(cores, &state, leaves), Signatures::default());
        }
    }

    #[test]
    fn leaf_0_comes_alone() {
        let sizes = |behind| batches(0..1_100, behind).map(|batch| batch.len()).collect::<Vec<_>>();
        assert_eq!(sizes(0), [1, 512, 512, 75]);
        assert_eq!(sizes(1), [512, 512, 76]);
    }
}
