//! The ledger: durable tail, blobs, recovery, subject keys and the one writer.
//!
//! The only room that flushes the log. It is generic over [`Machine`] and knows nothing of what
//! the leaves mean; what it promises is that an answer is given only after its leaf is on disk, at
//! an index that never changes, and that every other state of the disk is found and named.

pub mod blob;
mod clock;
mod disk;
mod error;
#[cfg(feature = "faults")]
mod fault;
mod file_tail;
mod frame;
mod index;
mod keys;
mod lanes;
mod ledger;
mod log;
mod machine;
mod options;
mod payload;
mod publisher;
pub mod read;
mod recover;
mod scan;
mod segments;
pub mod subject;
mod submit;
mod tail;
mod tiles;
mod wakeup;
mod writer;

pub use clock::{Clock, SystemClock};
pub use error::{Damage, LedgerError};
#[cfg(feature = "faults")]
pub use fault::{FaultTail, Faults};
pub use file_tail::FileTail;
pub use frame::{Frame, LEAF_MAX, PAYLOAD_MAX};
pub use keys::LogKeys;
pub use lanes::Lane;
pub use ledger::Ledger;
pub use log::{Entry, Log};
pub use machine::{Decision, Machine};
pub use options::{LaneLimits, Options};
pub use payload::{PARTS_MAX, Payload, SealedPart, TOTAL_MAX, sealing_context};
pub use submit::{Ack, Answered, Recorded, SubmitError};
pub use tail::{Appended, Place, PutCheckpoint, Recovered, Reserve, Tail, Visit};
