//! What a person reads, computed from a state and the names they may see: by the same functions in a
//! service, which has the state, and in a client, which has its own verified replica.

mod bound;
mod change;
mod ending;
mod engine;
mod entry;
mod names;
mod openings;
mod outcome;
mod pairs;
mod past;
mod person;
mod required;
mod warrant;
mod ways;

pub use bound::{Against, BoundThing};
pub use change::{BlockedView, ChangeList, ChangeView, Explained, HoldView, SlotState, StepView, VerbView, explained};
pub use ending::EndingText;
pub use engine::{ArtifactView, EngineView};
pub use entry::{CauseText, EntryPage, EntryRow, EntryText, EntryView, rows};
pub use names::Names;
pub use openings::DIFFERS;
pub use outcome::WordOutcome;
pub use past::{PastRow, PastView};
pub use person::PersonView;
pub use required::{CaseView, RequiredView};
pub use warrant::WarrantView;
pub use ways::{AskedView, Way, is_said_in};
