//! What a page with filters is told of new rows.

use super::*;
use crate::scene::Viewer;
use crate::snapshot::{Dated, GovernanceData, Rows, Snapshot};
use model::{Category, Digest, Instant, Severity};
use std::sync::Arc;
use testkit::{Double, World};
use wire::LedgerInfo;

fn row(log: &str, index: u64, category: Category) -> EntryRow {
    EntryRow {
        log: log.to_owned(),
        index,
        effect: 0,
        at: Instant::from_millis(1),
        headline: true,
        category,
        severity: Severity::High,
        title: format!("row {index}"),
        sentence: String::new(),
        actor: String::new(),
        change: None,
        refused: None,
        tags: vec![],
    }
}

/// A scene whose snapshot has these rows of 1,000, newest first, in logs of 400 and 600 entries.
async fn scene(rows: Vec<EntryRow>) -> Scene {
    let state = Double::start().await.state();
    let ledger = LedgerInfo {
        origin: String::new(),
        genesis: Digest::ZERO,
        control_vkey: String::new(),
        events_vkey: String::new(),
        control_size: 400,
        events_size: 600,
        demo: true,
    };
    let mut rows = Rows { rows, ..Rows::default() };
    rows.measure(Sizes { control: 400, events: 600 }, 1_000);
    let data = GovernanceData {
        ledger,
        names: view::Names::default(),
        headlines: rows.clone(),
        all: rows,
        headlines_total: 1_000,
        rows_total: 1_000,
    };
    let at = Instant::from_millis(2);
    let snapshot = Arc::new(Snapshot { governance: Some(Dated { at, data }), ..Snapshot::default() });
    let viewer = Viewer { who: World::AUDITOR.into(), name: String::new(), roles: vec![], has_key: true };
    Scene::new(at, vec![], snapshot, Arc::new(state), Some(viewer), true, None)
}

fn of(category: &str) -> Query {
    Query { category: category.to_owned(), ..Query::default() }
}

#[tokio::test]
async fn a_page_hears_of_the_rows_that_pass_its_filters_and_of_no_others() {
    let (rollback, service) = (Category::Rollback, Category::Service);
    let rows = vec![row("events", 599, service), row("control", 399, rollback), row("events", 598, service)];
    let scene = scene(rows).await;
    let all = fresh(&scene, &of(""));
    assert_eq!((all.control, all.events), (vec![399], vec![599, 598]));
    let some = fresh(&scene, &of("rollback"));
    assert_eq!((some.control, some.events), (vec![399], vec![]));
    assert_eq!(some.from, Sizes { control: 400, events: 599 }, "what lies below the newest rows is not known");
    assert_eq!(fresh(&scene, &of("no such category")), Fresh::default());
    assert_eq!(fresh(&scene, &Query { q: "ROW 598".to_owned(), ..Query::default() }).events, [598]);
}

#[tokio::test]
async fn a_page_hears_of_a_hundred_rows_and_that_there_may_be_more() {
    let rows = (0..300).map(|n| row("events", 599 - n, Category::Service)).collect();
    let all = fresh(&scene(rows).await, &of("service"));
    assert_eq!((all.events.len(), all.from), (100, Sizes { control: 400, events: 501 }));
}

#[tokio::test]
async fn who_may_see_nothing_hears_of_nothing() {
    let mut scene = scene(vec![row("events", 599, Category::Service)]).await;
    scene.snapshot = Arc::default();
    assert_eq!(fresh(&scene, &of("")), Fresh::default());
}
