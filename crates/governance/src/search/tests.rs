use super::*;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

fn person(n: u8) -> Viewer {
    Viewer::Person(model::PersonId([n; 16]))
}

fn until_gone(asker: &Asker) {
    while !asker.is_gone() {
        std::thread::yield_now();
    }
}

/// A search that runs until its request is dropped.
async fn running(searches: &Arc<Searches>, who: Viewer) -> JoinHandle<Result<(), Problem>> {
    let (begun, runs) = oneshot::channel();
    let searches = Arc::clone(searches);
    let work = |asker: &Asker| {
        begun.send(()).unwrap();
        until_gone(asker);
        Ok(())
    };
    let request = tokio::spawn(async move { searches.run(Some(who), work).await });
    runs.await.unwrap();
    request
}

/// A search that stands in line.
async fn waiting(searches: &Arc<Searches>, who: Viewer) -> JoinHandle<Result<(), Problem>> {
    let stand = |searches: &Searches| searches.line.lock().unwrap().values().sum::<usize>();
    let (before, line) = (stand(searches), Arc::clone(searches));
    let request = tokio::spawn(async move { line.run(Some(who), |_| Ok(())).await });
    while stand(searches) == before {
        tokio::task::yield_now().await;
    }
    request
}

fn is_busy<T: std::fmt::Debug>(answer: Result<T, Problem>) {
    let problem = answer.unwrap_err();
    assert_eq!((problem.code(), problem.status().as_u16()), ("search.busy", 429));
    assert!(problem.body().error.next.contains("ask again"));
}

#[tokio::test]
async fn a_dropped_request_stops_its_search_and_gives_the_turn_on() {
    let searches = Arc::new(Searches::default());
    let first = running(&searches, person(1)).await;
    let next = waiting(&searches, person(2)).await;
    first.abort();
    next.await.unwrap().unwrap();
    assert!(searches.line.lock().unwrap().is_empty(), "who left stands in no line");
}

#[tokio::test]
async fn a_dropped_request_leaves_the_line() {
    let searches = Arc::new(Searches::default());
    let first = running(&searches, person(1)).await;
    for _ in 0..20 {
        let request = waiting(&searches, person(2)).await;
        request.abort();
        request.await.unwrap_err();
    }
    first.abort();
}

#[tokio::test]
async fn one_reader_and_all_together_wait_in_a_short_line_only() {
    let searches = Arc::new(Searches::default());
    let mut requests = vec![running(&searches, person(1)).await];
    for n in 1..OWN_MAX {
        requests.push(waiting(&searches, person(1)).await);
        assert_eq!(requests.len(), n + 1);
    }
    is_busy(searches.run(Some(person(1)), |_| Ok(())).await);
    for n in 0..ALL_MAX - OWN_MAX {
        requests.push(waiting(&searches, person(10 + u8::try_from(n).unwrap())).await);
    }
    is_busy(searches.run(None, |_| Ok(())).await);
    requests.remove(0).abort();
    for request in requests {
        request.await.unwrap().unwrap();
    }
    searches.run(Some(person(1)), |_| Ok(())).await.unwrap();
}

#[tokio::test]
async fn a_crowd_of_demo_visitors_stands_in_a_line_of_its_own_and_not_in_the_consoles() {
    let searches = Arc::new(Searches::default());
    let mut requests = vec![running(&searches, Viewer::DemoVisitor).await];
    for _ in 1..OWN_MAX {
        requests.push(waiting(&searches, Viewer::DemoVisitor).await);
    }
    is_busy(searches.run(Some(Viewer::DemoVisitor), |_| Ok(())).await);
    assert!(searches.place(None).is_ok(), "the console may still ask");
    requests.iter().for_each(JoinHandle::abort);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_five_seconds() {
    let searches = Searches::default();
    let _held = Arc::clone(&searches.turn).acquire_owned().await.unwrap();
    let began = tokio::time::Instant::now();
    is_busy(searches.run(None, |_| Ok(())).await);
    assert_eq!(began.elapsed().as_secs(), WAIT.as_secs());
}
