//! The timeline up to what is durable by now.

use super::{Inner, Known, Row, Timeline, is_headline};
use crate::event::EventEntry;
use crate::log_name::LogName;
use crate::record_names::parts;
use crate::service::Service;
use control::Leaf;
use model::TenantId;
use std::sync::{Arc, PoisonError};
use view::{Names, rows};

impl Service {
    /// What ids are called, up to the newest leaf.
    pub(crate) fn names(&self) -> Arc<Names> {
        self.timeline.catch_up(self);
        self.timeline.names()
    }
}

impl Timeline {
    /// Takes in what became durable since.
    pub(crate) fn catch_up(&self, service: &Service) {
        let (control, events) = (service.control.log(), service.events.log());
        let behind = |inner: &Inner| inner.control.size < control.size() || inner.events.size < events.size();
        if !behind(&self.read()) {
            return;
        }
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Inner { names, control: of_control, events: of_events } = &mut *inner;
        of_control.read(&control, |known, index, entry| {
            let Ok(leaf) = Leaf::decode(&entry.leaf) else { return LogName::Control.undecoded(index) };
            let parts = parts(&service.blobs, &leaf.command);
            names.record(&service.blobs, &leaf, &parts, &service.openings.unseal(&parts, &entry.payload));
            // Whom it concerns is not known where that is not to be read (which is logged there): then
            // nobody is shown it.
            if let Ok(tags) = service.tags(&leaf) {
                control_rows(known, index, &leaf, &tags);
            }
        });
        of_events.read(&events, |known, index, entry| {
            let Ok(event) = EventEntry::decode(&entry.leaf) else { return LogName::Events.undecoded(index) };
            known.push(Row {
                at: event.now,
                log: LogName::Events,
                index,
                effect: 0,
                headline: is_headline(event.severity),
                category: event.category,
                severity: event.severity,
                change: None,
                tags: event.tags(),
                headlines: 0,
            });
        });
    }
}

/// A control leaf's rows, by the one function that also words them.
fn control_rows(known: &mut Known, index: u64, leaf: &Leaf, tags: &[TenantId]) {
    for row in rows(&Names::default(), index, leaf) {
        known.push(Row {
            at: row.at,
            log: LogName::Control,
            index,
            effect: row.effect,
            headline: row.headline,
            category: row.category,
            severity: row.severity,
            change: row.change,
            tags: tags.to_vec(),
            headlines: 0,
        });
    }
}
