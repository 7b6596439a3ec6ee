//! The journal as a service of its process: opens it, asks it, voids what is past its time.

use crate::{
    Ask, Cap, Command, Committed, Ending, Head, HeadFault, JournalError, LeaseMachine, OpenError, Period, PeriodKind,
    Refusal, Reservation, ReservationKey, Reserve, Told, Usage, judge::repeated, key, period_of,
};
use ledger::{Ack, Clock, Lane, LaneLimits, Ledger, Log, Options, SystemClock};
use model::{ChangeId, Id, Instant};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

/// How often the clock is asked whether the time of a reservation is over. Nobody can post one in between; only its
/// cycles are free again that much later, unless somebody asks for them before.
const TICK: Duration = Duration::from_secs(1);
/// Least time between two checkpoints.
const CHECKPOINT_GAP: Duration = Duration::from_millis(100);
/// How often a reservation that meets the turn of its period is asked for again.
const TURNS: usize = 3;
/// Whose commands the expiry and the totals are, among the engines.
const OWN: Id = Id([0; 16]);

/// How a journal is opened.
pub struct JournalOptions {
    /// The origin line of its checkpoints (C2SP tlog-checkpoint).
    pub origin: String,
    /// The writer's clock.
    pub clock: Arc<dyn Clock>,
    /// A person has looked at a clock that was refused: believe it.
    pub accept_clock: bool,
    /// Bounds of the queue before the writer; a principal is an engine.
    pub lanes: LaneLimits,
}

impl JournalOptions {
    /// The defaults: the machine's clock, 8,192 commands in all and 1,024 of one engine.
    pub fn new(origin: impl Into<String>) -> Self {
        Self {
            origin: origin.into(),
            clock: Arc::new(SystemClock::new()),
            accept_clock: false,
            lanes: LaneLimits::default(),
        }
    }
}

/// What a lease allows its engine now, as read in the service's own verified state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    /// The cap in force.
    pub cap: Cap,
    /// Time zone in whose days or months the lease counts.
    pub zone: String,
    /// Days or months.
    pub kind: PeriodKind,
}

/// An open journal; clones share it. Dropping the last one blocks until the writer has ended.
#[derive(Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    ledger: Ledger<LeaseMachine>,
    clock: Arc<dyn Clock>,
    /// Why nothing may be written here, if so.
    fault: RwLock<Option<HeadFault>>,
    /// The period that was last asked for, by zone and kind.
    periods: Mutex<HashMap<(String, PeriodKind), Period>>,
}

impl Journal {
    /// Opens the journal in `dir` (made if missing) and replays it; blocks until that is done.
    ///
    /// # Errors
    /// When its files or its key cannot be used, or another process has it open.
    pub fn open(dir: &Path, options: JournalOptions) -> Result<Self, OpenError> {
        let JournalOptions { origin, clock, accept_clock, lanes } = options;
        let signer = key::open(dir, &origin)?;
        let options = Options { clock: Arc::clone(&clock), accept_clock, lanes, ..Options::new(origin, signer) };
        // Thousands of entries a second: a copy of each, as files that nobody serves, would be half of what is written,
        // and a checkpoint for each batch half of the flushes. No answer waits for one.
        let options = Options { tile_files: false, checkpoint_gap: CHECKPOINT_GAP, ..options };
        let ledger = Ledger::open(dir, options, LeaseMachine::default(), LeaseMachine::default())?;
        Ok(Self(Arc::new(Inner { ledger, clock, fault: RwLock::default(), periods: Mutex::default() })))
    }

    /// A recorded receipt shows this head of the journal. Unless it goes through it, nothing is written here from now on:
    /// what was granted in the lost part would be granted again.
    ///
    /// # Errors
    /// `RolledBack` when the journal is shorter, `Other` when it holds other entries.
    pub fn shown(&self, head: Head) -> Result<(), HeadFault> {
        let checked = head.check(&self.log());
        if let Err(fault) = checked {
            tracing::error!(%fault, "lease journal: nothing is written to it any more");
            self.0.fault.write().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault);
        }
        checked
    }

    /// Sets cycles aside; answered once that is on disk. Asked again with the same content, the answer is the same.
    ///
    /// # Errors
    /// `Refused`; `Period` when the right's zone is not known; `Head`; `Submit`: of these only `Unknown` leaves open
    /// whether it was recorded.
    pub async fn reserve(&self, ask: Ask, right: &Right) -> Result<Reservation, JournalError> {
        self.writable()?;
        let mut now = self.now();
        self.expire_due(now).await?;
        for _ in 0..TURNS {
            let period = self.period(right, now)?;
            let command = Command::Reserve(Reserve { ask, period, cap: right.cap });
            match self.submit(Lane::Normal, ask.key.engine.into(), command).await {
                // The writer's instant counts, and the period has turned between ours and its.
                Err(JournalError::Refused(Refusal::PeriodTurned { now: then })) => now = then,
                told => return told.and_then(granted),
            }
        }
        Err(Refusal::PeriodTurned { now }.into())
    }

    /// The lease under which this key was granted cycles, for as long as that is known.
    pub fn lease_of(&self, key: &ReservationKey) -> Option<ChangeId> {
        self.machine().granted(key).map(|granted| granted.ask.lease)
    }

    /// The answer to a question that was asked before, whatever the lease allows by now; none when it is a new one.
    ///
    /// # Errors
    /// `Refused` when the id stands for another content; `Head`.
    pub fn answered(&self, ask: &Ask) -> Result<Option<Reservation>, JournalError> {
        self.writable()?;
        let granted = self.machine().granted(&ask.key);
        Ok(granted.map(|granted| repeated(granted, ask)).transpose()?)
    }

    /// So many of the reserved cycles were used; the rest is free again.
    ///
    /// # Errors
    /// As [`Journal::reserve`], but for `Period`.
    pub async fn post(&self, lease: ChangeId, key: ReservationKey, cycles: u64) -> Result<Ending, JournalError> {
        self.writable()?;
        let command = Command::Post { lease, key, cycles };
        self.submit(Lane::Urgent, key.engine.into(), command).await.and_then(ended)
    }

    /// None of the reserved cycles were used.
    ///
    /// # Errors
    /// As [`Journal::reserve`], but for `Period`.
    pub async fn void(&self, lease: ChangeId, key: ReservationKey) -> Result<Ending, JournalError> {
        self.writable()?;
        self.submit(Lane::Urgent, key.engine.into(), Command::Void { lease, key }).await.and_then(ended)
    }

    /// Makes a period's total final, once it is over and nothing of it is open, for the period's receipt. Asked again,
    /// the answer is the same.
    ///
    /// # Errors
    /// As [`Journal::reserve`], but for `Period`.
    pub async fn commit(&self, lease: ChangeId, period: Period) -> Result<Committed, JournalError> {
        self.writable()?;
        self.expire_due(self.now()).await?;
        self.total(lease, Command::Commit { lease, period }).await
    }

    /// Makes every total of a lease that is over final, that of the period which still runs too: nothing more is granted
    /// of it. What is open is waited for: the caller asks again.
    ///
    /// # Errors
    /// As [`Journal::reserve`], but for `Period`.
    pub async fn close(&self, lease: ChangeId) -> Result<(), JournalError> {
        self.writable()?;
        self.expire_due(self.now()).await?;
        while let Some(period) = self.closable(&lease) {
            self.total(lease, Command::Close { lease, period }).await?;
        }
        Ok(())
    }

    /// Whether [`Journal::close`] has something to make final.
    fn closable(&self, lease: &ChangeId) -> Option<Period> {
        self.machine().closable(lease)
    }

    async fn total(&self, lease: ChangeId, command: Command) -> Result<Committed, JournalError> {
        match self.submit(Lane::Urgent, OWN, command).await? {
            Told::Final { period, posted, entry } => {
                let head = self.head(entry).ok_or(Refusal::Internal)?;
                Ok(Committed { lease, period, posted, head })
            }
            _ => Err(Refusal::Internal.into()),
        }
    }

    /// The first final total whose head lies beyond `size`, of those that are `wanted`. Given the size of the newest head
    /// that a receipt shows, it is the receipt that is owed next, after a crash between the two as well: told in this
    /// order, each receipt shows that the journal has come further.
    pub fn committed_beyond(&self, size: u64, wanted: impl Fn(&ChangeId, &Period) -> bool) -> Option<Committed> {
        let (entry, lease, period, posted) =
            self.machine().finals(size).find(|(_, lease, period, _)| wanted(lease, period))?;
        Some(Committed { lease, period, posted, head: self.head(entry)? })
    }

    /// The journal as it is on disk now; none while it is empty.
    pub fn newest(&self) -> Option<Head> {
        self.head(self.log().size().checked_sub(1)?)
    }

    /// The journal up to an entry, that one included.
    fn head(&self, entry: u64) -> Option<Head> {
        let size = entry + 1;
        Some(Head { size, root: self.log().root_at(size)? })
    }

    /// The periods that are over, hold nothing open, and have no final total yet: [`Journal::commit`] each.
    pub fn committable(&self) -> Vec<(ChangeId, Period)> {
        self.machine().committable(self.now())
    }

    /// What was used of a lease in each of its last periods, the newest first.
    pub fn usage(&self, lease: &ChangeId, most: usize) -> Vec<Usage> {
        self.machine().usage(lease, most)
    }

    /// Voids every reservation whose time is over.
    ///
    /// # Errors
    /// `Head` and `Submit`.
    pub async fn expire(&self) -> Result<(), JournalError> {
        self.writable()?;
        self.expire_due(self.now()).await
    }

    /// Voids what is past its time, again and again, for as long as it is polled.
    pub async fn keep_expiring(&self) {
        let mut tick = tokio::time::interval(TICK);
        loop {
            tick.tick().await;
            if let Err(error) = self.expire().await {
                tracing::warn!(%error, "lease journal: what is past its time could not be voided");
            }
        }
    }

    /// The reader's side: size, root, checkpoints, tiles.
    pub fn log(&self) -> Log {
        self.0.ledger.log()
    }

    /// What readiness says of it.
    ///
    /// # Errors
    /// Why nothing is written: the head that others were shown, or a clock that is not believed.
    pub fn standing(&self) -> Result<String, String> {
        self.writable().map_err(|fault| format!("{fault}; {}", fault.next()))?;
        self.0.ledger.clock()
    }

    /// Resolves, with the reason, when the journal can no longer be written; the process must then end.
    pub fn failed(&self) -> impl Future<Output = String> + Send + use<> {
        self.0.ledger.failed()
    }

    /// The instant by which ends are reached: a clock that was set back brings nothing back.
    fn now(&self) -> Instant {
        let wall = self.0.clock.wall();
        self.0.clock.passed().map_or(wall, |passed| passed.max(wall))
    }

    fn machine(&self) -> RwLockReadGuard<'_, LeaseMachine> {
        self.0.ledger.state().read().unwrap_or_else(PoisonError::into_inner)
    }

    fn writable(&self) -> Result<(), HeadFault> {
        self.0.fault.read().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    async fn submit(&self, lane: Lane, principal: Id, command: Command) -> Result<Told, JournalError> {
        Ok(self.0.ledger.submit(lane, principal, command, Ack::Durable).await?.answer?)
    }

    async fn expire_due(&self, now: Instant) -> Result<(), JournalError> {
        while self.machine().is_due(now) {
            // What this does not find due by the writer's clock is not due yet.
            let Told::Expired { more: true, .. } = self.submit(Lane::Urgent, OWN, Command::Expire).await? else {
                break;
            };
        }
        Ok(())
    }

    fn period(&self, right: &Right, at: Instant) -> Result<Period, JournalError> {
        let mut periods = self.0.periods.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (right.zone.clone(), right.kind);
        if let Some(period) = periods.get(&name).filter(|period| period.contains(at)) {
            return Ok(*period);
        }
        let period = period_of(&right.zone, right.kind, at)?;
        // No more names than there are zones: what is no zone does not come here.
        periods.insert(name, period);
        Ok(period)
    }
}

fn granted(told: Told) -> Result<Reservation, JournalError> {
    if let Told::Granted(reservation) = told { Ok(reservation) } else { Err(Refusal::Internal.into()) }
}

fn ended(told: Told) -> Result<Ending, JournalError> {
    if let Told::Ended(ending) = told { Ok(ending) } else { Err(Refusal::Internal.into()) }
}
