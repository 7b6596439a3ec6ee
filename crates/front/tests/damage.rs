//! What was applied last, and is damaged: it is set aside and told, and the shops are served on.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use front::{Front, FrontClient, Route, Routes, write_routes};
use model::EngineId;
use std::{fs, net::TcpListener};

fn routes(generation: u64) -> Routes {
    let held = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let [listen, upstream] = [0, 1].map(|n: usize| held[n].local_addr().unwrap());
    let host = listen.to_string().parse().unwrap();
    let (engine, side) = (EngineId([1; 16]), "blue".parse().unwrap());
    Routes {
        generation,
        routes: vec![Route {
            engine,
            generation: 1,
            listen,
            host,
            hosts: vec![],
            upstream,
            side,
            bundle: model::Digest::ZERO,
            limits: None,
        }],
    }
}

#[tokio::test]
async fn a_damaged_record_of_what_was_applied_keeps_nobody_from_the_shops() {
    let dir = tempfile::tempdir().unwrap();
    let table = routes(3);
    write_routes(dir.path(), &table).unwrap();
    Front::open(dir.path()).await.unwrap().stop().await;
    let (client, applied) = (FrontClient::new(dir.path()), dir.path().join("applied.json"));
    let whole = fs::read(&applied).unwrap();
    let twice = Routes { generation: 9, routes: [table.routes.clone(), table.routes.clone()].concat() };
    let beyond = Routes { generation: u64::MAX, ..table.clone() };
    let [twice, beyond] = [twice, beyond].map(|routes| serde_json::to_vec(&routes).unwrap());
    for damaged in [vec![], whole[..whole.len() / 2].to_vec(), b"[]".to_vec(), twice, beyond] {
        fs::write(&applied, &damaged).unwrap();
        let front = Front::open(dir.path()).await.unwrap();
        let status = client.status().await.unwrap();
        assert_eq!((status.generation, &status.routes), (3, &table.routes));
        let told = status.damaged.unwrap();
        assert!(told.contains("applied.json") && told.contains("set aside"), "{told}");
        assert_eq!(fs::read(&applied).unwrap(), whole, "it is written again");
        front.stop().await;
    }
}

#[tokio::test]
async fn with_both_files_damaged_it_waits_for_its_owner_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["applied.json", "routes.json"] {
        fs::write(dir.path().join(name), "{").unwrap();
    }
    let front = Front::open(dir.path()).await.unwrap();
    let client = FrontClient::new(dir.path());
    let status = client.status().await.unwrap();
    assert_eq!((status.generation, status.routes), (0, vec![]));
    assert!(status.damaged.unwrap().contains("applied.json"));
    assert!(status.refused.unwrap().contains("routes.json"));
    front.stop().await;
}
