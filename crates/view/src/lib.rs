//! What a person reads, computed from a state and the names they may see: by the same functions in a
//! service, which has the state, and in a client, which has its own verified replica.

mod change;
mod engine;
mod entry;
mod names;
mod openings;
mod person;
mod warrant;

pub use change::{BlockedView, ChangeView, Explained, HoldView, SlotState, StepView, VerbView, explained};
pub use engine::{ArtifactView, EngineView};
pub use entry::{EntryPage, EntryRow, EntryText, EntryView, rows};
pub use names::Names;
pub use openings::DIFFERS;
pub use person::PersonView;
pub use warrant::WarrantView;
