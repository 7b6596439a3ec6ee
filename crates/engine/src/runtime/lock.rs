//! What several tasks change.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Every change under these locks is complete in itself, so a panic elsewhere leaves nothing half done.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
