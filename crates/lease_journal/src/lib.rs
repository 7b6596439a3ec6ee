//! The journal of what is used of AI leases: reserve, post, void, on a ledger of its own.
//!
//! What a lease allows is decided elsewhere, by people; this crate is told the cap in force with each reservation and
//! answers one question exactly: in each period of a lease, what was posted and what is reserved never exceed the cap.
//! A caller reserves before it works, posts what it used, and voids what it did not need; what it does neither with is
//! void when its time is over. [`LeaseMachine`] decides and is pure; [`Journal`] runs it on [`ledger::Ledger`], so an
//! answer is given only after its entry is on disk.
//!
//! Start-up reads every entry there ever was, as any ledger does, and keeps about 100 bytes of memory for each (its
//! hash, the nodes above it, its place); segments are not dropped, because the ledger proves the newest entry by all
//! that came before it.

mod answer;
mod book;
mod command;
mod entry;
mod error;
mod head;
mod journal;
mod judge;
mod key;
mod known;
mod machine;
mod period;
mod refusal;

pub use ledger::{Clock, SubmitError, SystemClock};

pub use answer::{Committed, Ending, How, Reservation, Told, Usage};
pub use command::{Ask, CYCLES_MAX, Cap, Command, HOLD_MAX_MS, OPEN_MAX, ReservationKey, Reserve};
pub use entry::{Entry, EntryError, Fact};
pub use error::{JournalError, OpenError};
pub use head::{Head, HeadFault};
pub use journal::{Journal, JournalOptions, Right};
pub use known::{KNOWN_IN_ALL, KNOWN_MAX, KNOWN_MS};
pub use machine::LeaseMachine;
pub use period::{Period, PeriodError, PeriodKind, is_zone, period_of};
pub use refusal::Refusal;
