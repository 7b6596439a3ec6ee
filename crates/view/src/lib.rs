//! What a person reads, computed from a state and the names they may see: by the same functions in a
//! service, which has the state, and in a client, which has its own verified replica.

mod bound;
mod change;
mod done_by;
mod ending;
mod engine;
mod entry;
mod lease;
mod lease_use;
mod names;
mod openings;
mod outcome;
mod pairs;
mod past;
mod person;
mod quota;
mod readiness;
mod rehearsed;
mod required;
mod silence;
mod stage;
mod warrant;
mod ways;

pub use bound::{Against, BoundThing};
pub use change::{BlockedView, ChangeList, ChangeView, Explained, HoldView, SlotState, StepView, VerbView, explained};
pub use done_by::DoneBy;
pub use ending::EndingText;
pub use engine::{ArtifactView, EngineView};
pub use entry::{CauseText, EntryPage, EntryRow, EntryText, EntryView, rows};
pub use lease::{LeaseView, OverrideView, envelope_text, grants_nothing, lease_asked, outside_envelope, was_granted};
pub use lease_use::{JOURNAL_SHORTER, LeaseUse, PeriodUse};
pub use names::{NamedFor, Names};
pub use openings::DIFFERS;
pub use outcome::WordOutcome;
pub use past::{PastRow, PastView};
pub use person::PersonView;
pub use quota::{ExceptionView, LimitView, QuotaView, STORAGE_DECLARED};
pub use readiness::{
    AskedService, CheckState, EngineSaid, Hashed, NodeSaid, Observed, Readiness, ReadinessCheck, StandByView,
    TargetView,
};
pub use rehearsed::RehearsedView;
pub use required::{CaseView, RequiredView};
pub use silence::{executors_left, waits_for_silent};
pub use stage::{EngineStage, ORDER_NOTE};
pub use warrant::WarrantView;
pub use ways::{AskedView, Way, is_said_in};
