//! Tells an archive that is broken from a disk that does not read.

use crate::ArtifactError;
use std::cell::RefCell;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;

/// A reader whose failures are known afterwards, whatever its caller made of them: a tar reader tells both a disk that
/// fails and an archive that ends too early as an archive that is broken.
pub(crate) struct WatchedRead<R> {
    from: R,
    failure: Failure,
}

/// The first failure of a [`WatchedRead`], if there was one.
#[derive(Clone, Default)]
pub(crate) struct Failure(Rc<RefCell<Option<io::Error>>>);

impl Failure {
    pub(crate) fn watch<R: Read>(&self, from: R) -> WatchedRead<R> {
        WatchedRead { from, failure: self.clone() }
    }

    /// The result of reading `archive`; where a read failed, that failure in its place.
    pub(crate) fn or<T>(&self, archive: &Path, read: Result<T, ArtifactError>) -> Result<T, ArtifactError> {
        self.0.take().map_or(read, |failure| Err(ArtifactError::io(archive)(failure)))
    }
}

impl<R: Read> Read for WatchedRead<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into);
        if let Err(error) = &read
            && error.kind() != io::ErrorKind::Interrupted
        {
            let copy = error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error);
            self.failure.0.borrow_mut().get_or_insert(copy);
        }
        read
    }
}
