//! Views: what a person reads, computed from a state and the names they may see.

mod change;
mod engine;
mod entry;
mod person;

pub use change::{BlockedView, ChangeView, Explained, HoldView, SlotState, StepView, VerbView, explained};
pub use engine::{ArtifactView, EngineView};
pub use entry::{EntryPage, EntryRow, EntryView, rows};
pub use person::PersonView;
