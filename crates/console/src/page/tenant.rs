//! Tenants: what each may use beside what it uses, its engines and its AI leases.

use super::engine::{self, EngineRow};
use super::lease::{self, LeaseRow};
use super::lease_use;
use super::panel::{Notice, Panel};
use super::quota::{self, ExceptionRow, LimitRow};
use super::{kinds, link};
use crate::scene::Scene;
use control::{State, lease_kind};
use model::{Service, SettingName, TenantId};
use std::cmp::Reverse;
use view::{EngineView, QuotaView, envelope_text};

/// A tenant in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRow {
    pub id: String,
    pub href: String,
    pub name: String,
    /// Engines that are registered for it.
    pub engines: usize,
    pub limits: Vec<LimitRow>,
    pub leases: Vec<LeaseRow>,
    /// Leases that are not among these.
    pub more_leases: usize,
}

/// The list.
pub struct Listed {
    pub decided: Panel,
    /// State of what is used of leases.
    pub observed: Panel,
    pub notice: Option<Notice>,
    pub rows: Vec<TenantRow>,
    /// Tenants that are not among these.
    pub more: usize,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantPage {
    pub row: TenantRow,
    pub decided: Panel,
    pub observed: Panel,
    pub exceptions: Vec<ExceptionRow>,
    pub engines: Vec<EngineRow>,
    /// What leases it may have without a finance review, in sentences.
    pub envelope: Vec<String>,
    /// The entry that registered it.
    pub registered: String,
    /// Where an exception is asked for.
    pub ask_quota: String,
    /// Where a lease is asked for.
    pub ask_lease: String,
    /// Where its terms are changed.
    pub ask_terms: Option<String>,
}

/// Most tenants in the list.
const LISTED_MAX: usize = 100;
/// Most leases of a tenant that are granted, and that are asked for, in the list.
const LEASES_LISTED_MAX: usize = 5;
/// The same on its own page.
const LEASES_MAX: usize = 100;

fn engines_of<'a>(state: &'a State, tenant: &'a TenantId) -> impl Iterator<Item = &'a model::EngineId> {
    state.engines.iter().filter(|(_, engine)| engine.tenant == *tenant).map(|(id, _)| id)
}

fn row(scene: &Scene, id: &TenantId, most_leases: usize) -> TenantRow {
    let quota = QuotaView::of(&scene.state, id, scene.now);
    let (leases, more_leases) = lease::rows_of(scene, id, most_leases);
    TenantRow {
        id: id.to_string(),
        href: link::tenant(id),
        name: scene.names().tenant(id),
        engines: engines_of(&scene.state, id).count(),
        limits: quota::limits(&quota),
        leases,
        more_leases,
    }
}

/// The tenants that the viewer may see; of very many, those that were registered last.
pub fn list(scene: &Scene) -> Listed {
    let tenants = &scene.state.tenants;
    let mut newest: Vec<_> = tenants.iter().map(|(id, known)| (Reverse(known.index), id)).collect();
    newest.sort_unstable();
    newest.truncate(LISTED_MAX);
    let mut listed: Vec<_> = newest.into_iter().map(|(_, id)| id).collect();
    listed.sort_unstable();
    let rows: Vec<_> = listed.into_iter().map(|id| row(scene, id, LEASES_LISTED_MAX)).collect();
    let more = tenants.len().saturating_sub(rows.len());
    let notice = Notice::of(scene, Service::Governance)
        .or_else(|| rows.is_empty().then(|| Notice::new("empty", "No tenant is registered.")));
    Listed { decided: Panel::of(scene, Service::Governance), observed: lease_use::panel(scene), notice, rows, more }
}

/// The page of one; none: there is no such tenant that the viewer may see.
pub fn of(scene: &Scene, id: &TenantId) -> Option<TenantPage> {
    let (state, names) = (&scene.state, scene.names());
    let known = state.tenants.get(id)?;
    let quota = QuotaView::of(state, id, scene.now);
    let text = id.to_string();
    let engines = engines_of(state, id).filter_map(|engine| EngineView::of(state, names, engine));
    let terms = state.terms.tenants.iter().find(|terms| terms.tenant == *id);
    let terms_name = SettingName::TenantTerms.word();
    Some(TenantPage {
        row: row(scene, id, LEASES_MAX),
        decided: Panel::of(scene, Service::Governance),
        observed: lease_use::panel(scene),
        exceptions: quota::exceptions(&quota),
        engines: engines.map(|view| engine::row(scene, &view)).collect(),
        envelope: terms.map(|terms| terms.envelope.iter().map(envelope_text).collect()).unwrap_or_default(),
        registered: link::control(known.index),
        ask_quota: quota::ask(id, &[]),
        ask_lease: link::ask(lease_kind(), &[("tenant", &text)]),
        // Who sees a part only would write a document that leaves the rest out.
        ask_terms: kinds::of_settings()
            .filter(|_| !scene.is_narrowed())
            .map(|kind| link::ask(kind, &[("name", terms_name)])),
    })
}
