//! Everything a page is computed from: one instant, one viewer.

use crate::history::{History, Rule, Total};
use crate::readings::Readings;
use crate::snapshot::{Freshness, Snapshot};
use crate::sources::{Health, Source};
use control::{Change, EndedChanges, NoRecord, ReadScope, Setting, State};
use model::{ChangeId, EngineId, Instant, PersonId, Role, Service};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use view::Names;
use view::{ChangeList, ChangeView, EntryRow, PastView, rows};

/// Code of what is refused because nobody is signed in.
pub(crate) const UNKNOWN: &str = "viewer.unknown";

/// Who looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Whose eyes.
    pub who: control::Viewer,
    pub name: String,
    pub roles: Vec<Role>,
    /// Whether this console holds their key: in a demonstration only.
    pub has_key: bool,
}

impl Viewer {
    /// Who looks at a demonstration without having signed in.
    pub fn demo_visitor() -> Self {
        Self { who: control::Viewer::DemoVisitor, name: "Demo visitor".to_owned(), roles: vec![], has_key: false }
    }

    /// The person who is signed in; none: the demo visitor, who signs nothing.
    pub fn person(&self) -> Option<&PersonId> {
        self.who.person()
    }
}

/// One instant as one viewer may see it.
pub struct Scene {
    pub now: Instant,
    pub sources: Vec<Source>,
    /// The last good data; nothing for who is not signed in.
    pub snapshot: Arc<Snapshot>,
    /// What is decided; nothing for who is not signed in.
    pub state: Arc<State>,
    /// Who looks.
    pub viewer: Option<Viewer>,
    /// Whether this is a demonstration.
    pub demo: bool,
    /// Why the ledger is not followed any more, if it is not.
    pub stopped: Option<String>,
    /// What is being hashed again on somebody's word.
    pub readings: Readings,
    /// What of it may be seen.
    sight: ReadScope,
    /// Notes of every leaf that is verified here, of what the snapshot keeps no rows of any more.
    history: Arc<History>,
    /// Where the records of changes that have ended are.
    ended: Arc<dyn EndedChanges + Send + Sync>,
    dates: BTreeMap<Service, Instant>,
    names: Names,
}

impl Scene {
    /// As this viewer may see it, by [`control::visible`]: who is not signed in gets health, dates and
    /// fixed words only.
    #[allow(clippy::too_many_arguments, reason = "one line a part; each is of another type")]
    pub fn new(
        now: Instant,
        sources: Vec<Source>,
        snapshot: Arc<Snapshot>,
        state: Arc<State>,
        viewer: Option<Viewer>,
        demo: bool,
        stopped: Option<String>,
    ) -> Self {
        let dated = |service: &Service| snapshot.at(*service).map(|at| (*service, at));
        let dates = Service::ALL.iter().filter_map(dated).collect();
        let sight = viewer.as_ref().map_or(ReadScope::Nothing, |viewer| ReadScope::of_viewer(&state, &viewer.who));
        let (snapshot, state) = match &sight {
            ReadScope::Everything => (snapshot, state),
            sight => (Arc::new(snapshot.narrowed(&state, sight)), Arc::new(sight.narrow(&state))),
        };
        let names = snapshot.governance.as_ref().map(|dated| dated.data.names.clone()).unwrap_or_default();
        let (history, ended, readings) = (Arc::default(), Arc::new(()), Readings::default());
        Self { now, sources, snapshot, state, viewer, demo, stopped, readings, sight, history, ended, dates, names }
    }

    /// The same with notes of every leaf.
    #[must_use]
    pub fn with_history(self, history: Arc<History>) -> Self {
        Self { history, ..self }
    }

    /// The same with what is being hashed again.
    #[must_use]
    pub(crate) fn with_readings(self, readings: Readings) -> Self {
        Self { readings, ..self }
    }

    /// The same with the records of changes that have ended.
    #[must_use]
    pub fn with_ended(self, ended: Arc<dyn EndedChanges + Send + Sync>) -> Self {
        Self { ended, ..self }
    }

    /// A change, whether or not it has ended.
    ///
    /// # Errors
    /// When this viewer may see none of this id, or there is no record of it.
    pub fn change(&self, id: &ChangeId) -> Result<Cow<'_, Change>, NoRecord> {
        self.state.record(self.ended.as_ref(), id)
    }

    /// Changes, newest first: the open ones, and of those that have ended at most so many, or those that had
    /// before a leaf.
    pub fn changes(&self, ended_most: usize, ended_before: Option<u64>) -> Vec<ChangeView> {
        // The state is what this viewer may see already.
        let list = ChangeList { ended_before, ended_most, sight: &ReadScope::Everything };
        ChangeView::listed(&self.state, self.ended.as_ref(), self.names(), self.now, &list)
    }

    /// The same of one engine.
    pub fn changes_on(&self, engine: &EngineId, ended_most: usize) -> Vec<ChangeView> {
        let state = &self.state;
        let open = state.changes.values().filter(|change| change.subject.engine.as_ref() == Some(engine));
        let open = open.map(|change| ChangeView::of(state, self.names(), change, self.now));
        let ended = state.ended_on(engine).take(ended_most).map(|(id, closed)| match self.change(id) {
            Ok(change) => ChangeView::of(state, self.names(), &change, self.now),
            Err(_) => ChangeView::lost(self.names(), id, closed),
        });
        let mut views: Vec<_> = open.chain(ended).collect();
        views.sort_by_key(|view| (view.ended.is_some(), Reverse(view.ended), Reverse(view.opened)));
        views
    }

    /// When a leaf of the control log was recorded; none: this console has not read that far.
    pub fn recorded(&self, index: u64) -> Option<Instant> {
        self.history.at(index)
    }

    /// What was used of an AI lease in its periods that are over, the newest first; of one that this viewer may see.
    pub fn totals(&self, lease: &ChangeId) -> Vec<Total> {
        if self.state.grants.contains_key(lease) { self.history.totals(lease) } else { vec![] }
    }

    /// How past decisions would have come out under another document of this name; none: it rules nothing.
    pub fn past(&self, setting: &Setting) -> Option<PastView> {
        PastView::of(&self.state, self.ended.as_ref(), self.names(), setting, &self.history.past_words())
    }

    /// What a rule decided last, of what this viewer may see.
    pub fn last_decided(&self, rule: Rule) -> LastDecided {
        if let Some(decision) = self.history.last(rule, |tags| self.sight.covers(tags)) {
            let rows = rows(self.names(), decision.index, &decision.leaf);
            let row = rows.into_iter().find(|row| row.effect == decision.effect);
            return row.map_or(LastDecided::Unknown, |row| LastDecided::Row(Box::new(row)));
        }
        let size = self.snapshot.governance.as_ref().map(|dated| dated.data.ledger.control_size);
        match size {
            Some(size) if self.history.size() >= size => LastDecided::Never,
            _ => LastDecided::Unknown,
        }
    }

    /// Entries folded, the newest row read, and how fresh each source's data is: a page that was computed
    /// from other ones is behind. Texts come with the rows, a moment after the entries; buttons refuse by
    /// the freshness of what is behind them.
    pub fn seen(&self) -> String {
        let newest = self.snapshot.governance.as_ref().and_then(|dated| dated.data.all.rows.first());
        let newest = newest.map(|row| format!("{}.{}.{}", row.log, row.index, row.effect)).unwrap_or_default();
        let fresh: Vec<_> = Service::ALL.iter().map(|service| self.freshness(*service).word()).collect();
        format!("{}/{newest}/{}", self.state.size, fresh.join(","))
    }

    /// Who looks, as a word that a page compares: an id, `demo-visitor`, or nothing.
    pub fn who(&self) -> String {
        self.viewer.as_ref().map(|viewer| viewer.who.to_string()).unwrap_or_default()
    }

    /// Whether this viewer may see a part only: what is kept then has no place in a view of Governance's.
    pub fn is_narrowed(&self) -> bool {
        self.sight != ReadScope::Everything
    }

    /// What ids are called.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// A source's health.
    pub fn health(&self, service: Service) -> Health {
        let source = self.sources.iter().find(|source| source.service == service);
        source.map_or(Health::Awaiting, |source| source.health)
    }

    /// What a source's data is now.
    pub fn freshness(&self, service: Service) -> Freshness {
        Freshness::of(self.health(service), self.dates.get(&service).copied(), self.now)
    }

    /// How many sources answer.
    pub fn live(&self) -> usize {
        self.sources.iter().filter(|source| source.health.answers()).count()
    }

    /// Why somebody who looks may only look; none: a person of the roster is signed in.
    pub fn not_signed_in(&self) -> Option<Blocked> {
        let person = self.viewer.as_ref().and_then(Viewer::person);
        person.is_none().then(|| Blocked::new(UNKNOWN, "sign in first".to_owned()))
    }

    /// Why no privileged act can be done from this page now; none: it can. `needs` are the sources
    /// whose data the act rests on.
    pub fn blocked(&self, needs: &[Service]) -> Option<Blocked> {
        if let Some(stopped) = &self.stopped {
            return Some(Blocked::new("ledger.stopped", format!("the ledger does not verify: {stopped}")));
        }
        // Whoever may read nothing signs in first, whatever has been read.
        if self.viewer.is_none() {
            return self.not_signed_in();
        }
        for service in needs {
            let title = service.title();
            match self.freshness(*service) {
                Freshness::Live(_) | Freshness::Stale(_) => {}
                Freshness::Fallback(at) => {
                    let age = crate::page::age(self.now.millis_since(at));
                    return Some(Blocked::new(
                        "data.fallback",
                        format!("{title} is offline, its data is a fallback snapshot, {age} old"),
                    ));
                }
                Freshness::Loading => {
                    return Some(Blocked::new("data.loading", format!("awaiting the first snapshot of {title}")));
                }
                Freshness::Unavailable => {
                    return Some(Blocked::new("data.unavailable", format!("{title} is offline")));
                }
            }
        }
        match &self.viewer {
            Some(viewer) if viewer.has_key => None,
            Some(viewer) if viewer.person().is_some() => Some(Blocked::new(
                "key.elsewhere",
                "only you hold your key: sign with the command line shown".to_owned(),
            )),
            _ => Some(Blocked::new(UNKNOWN, "sign in first".to_owned())),
        }
    }
}

/// What a rule decided last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LastDecided {
    /// The row that shows it.
    Row(Box<EntryRow>),
    /// Nothing, in the whole ledger, that this viewer may see.
    Never,
    /// Not known: this console has not read the whole ledger.
    Unknown,
}

/// Why a button refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// Stable code.
    pub code: &'static str,
    /// In words.
    pub why: String,
}

impl Blocked {
    fn new(code: &'static str, why: String) -> Self {
        Self { code, why }
    }
}

#[cfg(test)]
mod tests;
