use super::*;
use crate::intake;
use crate::scene::{FINANCE, OPERATOR, TENANT, World};
use ledger::{Ack, Lane};
use model::{Category, Severity};
use signed::Act;
use tokio::sync::oneshot;
use wire::Event;

const EVENTS: usize = 450;

/// A ledger with more rows than two pages hold.
async fn furnished() -> World {
    let world = World::new().await;
    let event = |n: usize| Event {
        id: n.to_string(),
        source: "ci.build".parse().unwrap(),
        kind: "pipeline.finished".parse().unwrap(),
        category: Category::Reported,
        severity: Severity::Low,
        occurred: None,
        tenant: None,
        title: format!("pipeline {n}"),
        description: None,
    };
    let service = &world.service;
    let checked = service.with_state(|state| {
        (0..EVENTS).map(|n| intake::event(state, OPERATOR, n, &event(n)).unwrap()).collect::<Vec<_>>()
    });
    let submit = |(event, _)| {
        let event = crate::event_machine::NewEvent { event, unlike: vec![] };
        Box::pin(service.events.submit(Lane::Normal, OPERATOR.into(), event, Ack::Durable))
    };
    let submissions = service.seal(checked).await.unwrap().into_iter().map(submit).collect();
    for answered in crate::join_all::join_all(submissions).await {
        answered.unwrap();
    }
    world
}

fn words(text: &str) -> Words {
    Words { actor: String::new(), text: text.to_owned() }
}

fn everything() -> Ask {
    Ask { all: true, limit: 50, sight: ReadScope::Everything, ..Ask::default() }
}

#[tokio::test]
async fn a_search_that_nobody_waits_for_stops_within_two_hundred_rows() {
    let world = furnished().await;
    let asker = world.service.searches.run(None, |asker| Ok(asker.clone())).await.unwrap();
    assert!(asker.is_gone());
    let page = answer(&world.service, &everything(), Some((&words("no such words"), &asker))).unwrap();
    assert!(page.searched <= 200 && page.next.is_some(), "{}", page.searched);
    let service = Arc::clone(&world.service);
    let whole = move |asker: &Asker| answer(&service, &everything(), Some((&words("no such words"), asker)));
    let page = world.service.searches.run(None, whole).await.unwrap();
    assert_eq!((page.searched, page.total, page.next), (EVENTS as u64 + 1, EVENTS as u64 + 1, None));
}

#[tokio::test]
async fn the_writer_writes_while_a_search_runs() {
    let world = furnished().await;
    let (begun, runs) = oneshot::channel();
    let service = Arc::clone(&world.service);
    let work = move |asker: &Asker| {
        begun.send(()).unwrap();
        while !asker.is_gone() {
            answer(&service, &everything(), Some((&words("no such words"), asker)))?;
        }
        Ok(())
    };
    let service = Arc::clone(&world.service);
    let request = tokio::spawn(async move { service.searches.run(Some(FINANCE.into()), work).await });
    runs.await.unwrap();
    let before = world.size();
    world.sign_and_submit(OPERATOR, Act::RegisterTenant { tenant: TENANT }).await.unwrap();
    assert_eq!(world.size(), before + 1);
    assert!(!request.is_finished(), "it was written beside the search, not after it");
    request.abort();
    world.service.searches.run(Some(FINANCE.into()), |_| Ok(())).await.unwrap();
}
